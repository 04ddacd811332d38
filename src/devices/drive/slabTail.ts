/**
 * What a slab striped over a group of drives takes beyond its bytes at the group's rate. A drive's share of a slab is read as consecutive commands of
 * 128 KiB; how much longer than bytes / rate that takes (firmware, sensing, the stragglers behind programs) is measured once for each kind of
 * drive, by its own model command by command, with and without programs at the drive's write rate, and in the company of other slabs or not. The slab ends with the slowest of k
 * drives, whose quantile at u is one drive's at u^(1/k): one draw a slab, whatever its commands, with the tail of all of them.
 */
import {pow} from '../../base/mathematics.ts';
import {Stream} from '../../base/random.ts';
import {Engine} from '../../engine/engine.ts';
import {Drive, READ, WRITE} from './drive.ts';
import {sequentialReadRate, type DriveModel} from './model.ts';

/** Shares are measured at powers of four: small ones may miss the dies that program, of large ones only the end counts. */
const SHARE_BYTES_MIN = 131072;
const SHARE_BYTES_MAX = 8 * 2 ** 20;
const SHARE_STEP = 4;
/** Slabs of a measurement, and their bytes over all drives, at most: beside programs 96 Ki pages of 16 KiB, some 100 ms; reads alone vary less. */
const MEASURED_BYTES = 2 ** 28;
const MEASURED_BYTES_WRITING = 1.5 * 2 ** 30;
const MEASURED_SLABS = 400;
const MEASURED_LOAD = 0.4;
/** Drives measured side by side: what follows a slab follows it on all of them, so its effects are not independent. */
const MEASURED_DRIVES = 8;
/** A command, and how many are outstanding. */
const COMMAND_BYTES = 131072;
const DEPTH = 64;

/**
 * How a slab met others: 0 alone; 1 another came behind it before it ended; 2 it came behind one that had not ended; 3 both. Stragglers of one are
 * overtaken by pages of the next, and delay them.
 */
type Company = 0 | 1 | 2 | 3;

export function companyOf(preceded: boolean, followed: boolean): Company {
  return ((preceded ? 2 : 0) + (followed ? 1 : 0)) as Company;
}

/** Sorted ticks beyond bytes / rate, by company. */
type Tails = readonly Float64Array[];

/** By drive, size of share and whether it writes. Measuring is a function of these, so any two runs find the same. */
const measured = new Map<string, Tails>();

export class SlabTail {
  private readonly model: DriveModel;
  private readonly drives: number;
  private readonly measuredDrives: number;
  private readonly stream: Stream;
  /** By step of the share, twice that plus one where the drive writes. */
  private readonly tails: (Tails | undefined)[] = [];

  /** `drives`: over how many a slab is striped. */
  constructor(model: DriveModel, drives: number, stream: Stream) {
    this.model = model;
    this.drives = drives;
    this.measuredDrives = Math.min(drives, MEASURED_DRIVES);
    this.stream = stream;
  }

  /** Ticks beyond bytes / rate of one slab, while the drives write or not. */
  sample(bytes: number, writing: boolean, company: Company): number {
    let shareBytes = SHARE_BYTES_MIN;
    let slot = writing ? 1 : 0;
    for (; shareBytes < SHARE_BYTES_MAX && shareBytes * Math.sqrt(SHARE_STEP) < bytes / this.drives; shareBytes *= SHARE_STEP) slot += 2;
    const tail = (this.tails[slot] ??= tailsOf(this.model, this.measuredDrives, shareBytes, writing))[company];
    const at = pow(1 - this.stream.uniform(), this.measuredDrives / this.drives) * (tail.length - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, tail.length - 1);
    return Math.round(tail[low] + (at - low) * (tail[high] - tail[low]));
  }
}

function tailsOf(model: DriveModel, drives: number, shareBytes: number, writing: boolean): Tails {
  const key = `${writing} ${drives} ${shareBytes} ${JSON.stringify(model)}`;
  const known = measured.get(key);
  if (known !== undefined) return known;
  const tails = new Measurement(model, drives, shareBytes, writing).run();
  measured.set(key, tails);
  return tails;
}

/** Slabs that arrive at Poisson times, on each drive at a random address, beside writes that keep the programs going: no rhythm of the dies is met in step. */
class Measurement {
  private readonly engine = new Engine();
  private readonly drives: Drive[];
  private readonly stream = new Stream(1, 'slabTail');
  /** Of a drive's share. */
  private readonly commands: number;
  private readonly slabs: number;
  /** Ticks of a share at the drive's rate. */
  private readonly ideal: number;
  private readonly arriveOp: number;
  private readonly readOps: number[];
  /** By slab: when it came, its commands that have not ended, and when it had ended. */
  private readonly arrived: number[] = [];
  private readonly left: number[] = [];
  private readonly ended: number[] = [];
  /** By drive: first addresses of its shares, and commands submitted of all slabs in order. */
  private readonly bases: number[][];
  private readonly submitted: number[];
  private done = 0;

  constructor(model: DriveModel, drives: number, shareBytes: number, writing: boolean) {
    const {engine} = this;
    this.commands = shareBytes / COMMAND_BYTES;
    const bytes = writing ? MEASURED_BYTES_WRITING : MEASURED_BYTES;
    this.slabs = Math.max(1, Math.min(MEASURED_SLABS, Math.floor(bytes / shareBytes / drives)));
    this.ideal = (shareBytes / sequentialReadRate(model)) * model.ticksPerSecond;
    const queues = [{depth: DEPTH}, {depth: DEPTH}];
    this.drives = Array.from({length: drives}, (_, i) => new Drive(engine, {name: `drive${i}`, model, queues, ftl: null}));
    this.bases = this.drives.map(() => []);
    this.submitted = this.drives.map(() => 0);
    this.arriveOp = engine.on('arrive', () => this.arrive());
    this.readOps = this.drives.map((_, i) => engine.on(`read${i}`, (slab) => this.readEnded(i, slab)));
    const writeOp = engine.on('write', (i) => this.write(i, writeOp));
    if (writing) this.fillBuffers(model, writeOp);
  }

  run(): Tails {
    this.arrive();
    this.engine.run();
    const tails: number[][] = [[], [], [], []];
    // The end of each slab where bytes flow at the drives' rate, first come first served.
    let fluid = 0;
    let ended = 0;
    for (let slab = 0; slab < this.slabs; slab++) {
      const preceded = this.arrived[slab] < ended;
      fluid = Math.max(fluid, this.arrived[slab]) + this.ideal;
      tails[companyOf(preceded, this.arrived[slab + 1] < Math.max(fluid, this.ended[slab]))].push(Math.max(0, this.ended[slab] - fluid));
      ended = Math.max(ended, this.ended[slab]);
    }
    // A company that a short measurement did not meet is rare in use too: any other stands for it.
    const met = tails.find((tail) => tail.length > 0)!;
    return tails.map((tail) => Float64Array.from(tail.length > 0 ? tail : met).sort());
  }

  /** Programs have met their own rate once the buffer is full; a random while more apart, so that no two drives program in step. */
  private fillBuffers(model: DriveModel, writeOp: number): void {
    const full = Math.ceil((3 * model.bufferBytes * model.programSpacingTicks) / model.programBytes);
    this.drives.forEach((_, i) => {
      for (let n = 0; n < DEPTH; n++) this.engine.at(this.stream.below(full), writeOp, i);
    });
    this.engine.run(2 * full);
  }

  private arrive(): void {
    this.arrived.push(this.engine.now);
    this.left.push(this.commands * this.drives.length);
    this.drives.forEach((_, i) => {
      this.bases[i].push(this.stream.below(1 << 24) * COMMAND_BYTES);
      this.submitAll(i);
    });
    this.engine.after(Math.ceil((this.stream.exponential() * this.ideal) / MEASURED_LOAD), this.arriveOp, 0);
  }

  private submitAll(i: number): void {
    for (;;) {
      const slab = Math.floor(this.submitted[i] / this.commands);
      if (slab >= this.arrived.length) return;
      const address = this.bases[i][slab] + (this.submitted[i] % this.commands) * COMMAND_BYTES;
      if (!this.drives[i].submit(0, READ, address, COMMAND_BYTES, this.readOps[i], slab)) return;
      this.submitted[i]++;
    }
  }

  private readEnded(i: number, slab: number): void {
    if (--this.left[slab] === 0) {
      this.ended[slab] = this.engine.now;
      // One more than is measured, so that it is known of each whether another followed.
      if (++this.done > this.slabs && this.arrived.length > this.slabs) this.engine.stop();
    }
    this.submitAll(i);
  }

  private write(i: number, writeOp: number): void {
    this.drives[i].submit(1, WRITE, 0, COMMAND_BYTES, writeOp, i);
  }
}
