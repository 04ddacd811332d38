/**
 * Dies and channels of a drive. A die does one thing at a time, in order of arrival. A read senses, then waits for its die's channel and holds
 * the die until its bytes are out; a program takes its bytes over the channel, then programs; an erase needs no channel. A channel moves
 * slices in order of arrival, so that a large program does not keep small reads from it. Where the die can suspend, a read that arrives
 * during a program or an erase has it go on to a point where it can stop, a latency later, and resume after the read; and reads go before waiting
 * programs. Each program or erase yields so often at most.
 *
 * Columns of 25 bytes an operation and 29 a die; three events a read, nothing allocated in steady state.
 */
import type {Engine} from '../../engine/engine.ts';

export interface FlashModel {
  readonly dies: number;
  readonly channels: number;
  readonly channelTicksPerByte: number;
  /** Largest piece that a channel moves before it serves the next die. */
  readonly sliceBytes: number;
  readonly programTicks: number;
  readonly eraseTicks: number;
  /** null: programs and erases run to their end. */
  readonly suspend: {readonly latencyTicks: number; readonly yieldsMax: number} | null;
}

const NONE = -1;
const READ = 0;
const PROGRAM = 1;
const ERASE = 2;

/** Told when an operation's work on the array is over. */
export interface FlashUser {
  readEnded(bytes: number, argument: number): void;
  programEnded(argument: number): void;
}

export class FlashArray {
  /** Ticks that dies were held, over all dies; bytes over the channels; operations. */
  dieTicks = 0;
  channelBytes = 0;
  reads = 0;
  programs = 0;
  erases = 0;
  suspensions = 0;
  private readonly engine: Engine;
  private readonly model: FlashModel;
  private readonly user: FlashUser;
  private readonly sensedOp: number;
  private readonly movedOp: number;
  private readonly workedOp: number;
  private readonly stoppedOp: number;
  /** By operation. `left`: bytes still to move. `ticks`: of sensing, or what a suspended program still needs. */
  private kind = new Uint8Array(64);
  private die = new Int32Array(64);
  private bytes = new Int32Array(64);
  private left = new Int32Array(64);
  private ticks = new Float64Array(64);
  private argument = new Int32Array(64);
  private next = new Int32Array(64);
  private free = NONE;
  private operations = 0;
  /** By die: queues of operations (all in the first, or reads in it and the others in the second where it suspends), what holds it, since and until when. */
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  private readonly current: Int32Array;
  private readonly since: Float64Array;
  private readonly workEnd: Float64Array;
  private readonly suspended: Int32Array;
  private readonly yields: Int32Array;
  private readonly channelFree: Float64Array;

  constructor(engine: Engine, name: string, model: FlashModel, user: FlashUser) {
    this.engine = engine;
    this.model = model;
    this.user = user;
    this.sensedOp = engine.on(`${name}.sensed`, (operation) => this.move(operation));
    this.movedOp = engine.on(`${name}.moved`, (operation) => this.moved(operation));
    this.workedOp = engine.on(`${name}.worked`, (operation) => this.worked(operation));
    this.stoppedOp = engine.on(`${name}.stopped`, (die) => this.serveNext(die));
    const {dies, channels} = model;
    this.head = new Int32Array(dies * 2).fill(NONE);
    this.tail = new Int32Array(dies * 2).fill(NONE);
    this.current = new Int32Array(dies).fill(NONE);
    this.since = new Float64Array(dies);
    this.workEnd = new Float64Array(dies).fill(Infinity);
    this.suspended = new Int32Array(dies).fill(NONE);
    this.yields = new Int32Array(dies);
    this.channelFree = new Float64Array(channels);
  }

  read(die: number, bytes: number, senseTicks: number, argument: number): void {
    this.reads++;
    this.arrive(this.add(READ, die, bytes, senseTicks, argument));
  }

  program(die: number, bytes: number, argument: number): void {
    this.programs++;
    this.arrive(this.add(PROGRAM, die, bytes, this.model.programTicks, argument));
  }

  erase(die: number): void {
    this.erases++;
    this.arrive(this.add(ERASE, die, 0, this.model.eraseTicks, 0));
  }

  private arrive(operation: number): void {
    const die = this.die[operation];
    if (this.current[die] === NONE && this.suspended[die] === NONE) return this.begin(operation, die);
    const list = die * 2 + (this.model.suspend === null || this.kind[operation] === READ ? 0 : 1);
    this.next[operation] = NONE;
    if (this.head[list] === NONE) this.head[list] = operation;
    else this.next[this.tail[list]] = operation;
    this.tail[list] = operation;
    if (this.model.suspend !== null && this.kind[operation] === READ) this.suspend(die);
  }

  private begin(operation: number, die: number): void {
    this.current[die] = operation;
    this.since[die] = this.engine.now;
    if (this.kind[operation] === READ) this.engine.after(this.ticks[operation], this.sensedOp, operation);
    else if (this.kind[operation] === PROGRAM) this.move(operation);
    else this.work(operation, die);
  }

  /** The next slice of an operation joins the queue of its channel. */
  private move(operation: number): void {
    const {model, channelFree, engine} = this;
    const channel = this.die[operation] % model.channels;
    const slice = Math.min(this.left[operation], model.sliceBytes);
    const end = Math.max(channelFree[channel], engine.now) + slice * model.channelTicksPerByte;
    channelFree[channel] = end;
    this.left[operation] -= slice;
    this.channelBytes += slice;
    engine.at(Math.ceil(end), this.movedOp, operation);
  }

  private moved(operation: number): void {
    if (this.left[operation] > 0) return this.move(operation);
    const die = this.die[operation];
    if (this.kind[operation] === PROGRAM) return this.work(operation, die);
    this.user.readEnded(this.bytes[operation], this.argument[operation]);
    this.end(operation, die);
  }

  /** Programs or erases, or goes on doing so. */
  private work(operation: number, die: number): void {
    this.workEnd[die] = this.engine.now + this.ticks[operation];
    this.engine.at(this.workEnd[die], this.workedOp, operation);
    if (this.head[die * 2] !== NONE) this.suspend(die);
  }

  private worked(operation: number): void {
    const die = this.die[operation];
    if (this.current[die] !== operation || this.workEnd[die] !== this.engine.now) return this.engine.stale();
    this.workEnd[die] = Infinity;
    this.yields[die] = 0;
    if (this.kind[operation] === PROGRAM) this.user.programEnded(this.argument[operation]);
    this.end(operation, die);
  }

  /** Stops the program or erase of a die for the reads that wait, unless it is nearly done or has yielded often enough. */
  private suspend(die: number): void {
    const {suspend} = this.model;
    const operation = this.current[die];
    if (suspend === null || operation === NONE || this.workEnd[die] === Infinity || this.yields[die] >= suspend.yieldsMax) return;
    const left = this.workEnd[die] - this.engine.now;
    if (left <= suspend.latencyTicks) return;
    this.suspensions++;
    this.dieTicks += this.engine.now + suspend.latencyTicks - this.since[die];
    this.ticks[operation] = left - suspend.latencyTicks;
    this.workEnd[die] = Infinity;
    this.current[die] = NONE;
    this.suspended[die] = operation;
    this.engine.after(suspend.latencyTicks, this.stoppedOp, die);
  }

  private end(operation: number, die: number): void {
    this.next[operation] = this.free;
    this.free = operation;
    this.dieTicks += this.engine.now - this.since[die];
    this.current[die] = NONE;
    this.serveNext(die);
  }

  private serveNext(die: number): void {
    const {model, head, suspended, yields} = this;
    const first = die * 2;
    const waiting = suspended[die] !== NONE || head[first + 1] !== NONE;
    if (head[first] !== NONE && (model.suspend === null || !waiting || yields[die] < model.suspend.yieldsMax)) {
      if (waiting) yields[die]++;
      return this.begin(this.take(first), die);
    }
    const resumed = suspended[die];
    if (resumed !== NONE) {
      suspended[die] = NONE;
      this.current[die] = resumed;
      this.since[die] = this.engine.now;
      return this.work(resumed, die);
    }
    if (head[first + 1] !== NONE) this.begin(this.take(first + 1), die);
  }

  private take(list: number): number {
    const operation = this.head[list];
    this.head[list] = this.next[operation];
    return operation;
  }

  private add(kind: number, die: number, bytes: number, ticks: number, argument: number): number {
    let operation = this.free;
    if (operation === NONE) {
      operation = this.operations++;
      if (operation === this.kind.length) this.grow();
    } else this.free = this.next[operation];
    this.kind[operation] = kind;
    this.die[operation] = die;
    this.bytes[operation] = bytes;
    this.left[operation] = bytes;
    this.ticks[operation] = ticks;
    this.argument[operation] = argument;
    return operation;
  }

  private grow(): void {
    const size = this.kind.length * 2;
    const wider = <T extends Uint8Array | Int32Array | Float64Array>(column: T, wide: T): T => (wide.set(column), wide);
    this.kind = wider(this.kind, new Uint8Array(size));
    this.die = wider(this.die, new Int32Array(size));
    this.bytes = wider(this.bytes, new Int32Array(size));
    this.left = wider(this.left, new Int32Array(size));
    this.ticks = wider(this.ticks, new Float64Array(size));
    this.argument = wider(this.argument, new Int32Array(size));
    this.next = wider(this.next, new Int32Array(size));
  }
}
