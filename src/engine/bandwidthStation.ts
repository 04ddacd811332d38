/**
 * One server, first come first served, of a rate in bytes per second: a link, a memory, a group of drives. The remainder below a tick is carried,
 * so that n jobs of b bytes end when one of n x b would, and a busy period is rounded up, so that no station beats its rate. A fixed latency follows
 * the bytes and does not occupy the server. One pending event a station, whatever waits; setRate(share) slows or stops the job in service and all
 * behind it.
 */
import {assert} from '../base/assert.ts';
import {powerOfTwo} from '../base/mathematics.ts';
import type {Engine} from './engine.ts';
import {JobRing} from './jobRing.ts';
import {Meter, type StationMeter} from './meter.ts';
import type {Stage} from './stage.ts';
import {WorkClock} from './workClock.ts';

export interface BandwidthOptions {
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly ticksPerSecond?: number;
  readonly latencyTicks?: number;
  /** Drawn for each job as it begins: time that the server is held before its bytes move (an arm that seeks). */
  readonly setupTicks?: () => number;
  /** Drawn for each job as it leaves, and added to its latency. */
  readonly extraTicks?: (bytes: number) => number;
}

const LOW_BYTES = 2 ** 20;

export class BandwidthStation implements Stage {
  readonly name: string;
  readonly bytesPerSecond: number;
  private readonly engine: Engine;
  private readonly latency: number;
  private readonly setup: (() => number) | undefined;
  private readonly extra: ((bytes: number) => number) | undefined;
  private readonly doneOp: number;
  /** Ticks of a byte are cost / one. The cost has 25 bits: a rate is met to one part in 2^24, and never exceeded. */
  private readonly cost: number;
  private readonly one: number;
  /** Fraction of a tick left over by the jobs before, in units of 1/one. */
  private carry = 0;
  /** Jobs in service and waiting. */
  private readonly jobs = new JobRing();
  private readonly meters = new Meter();
  /** Ticks at full rate since the busy period began; and its reading at the end of the job in service. */
  private readonly clock = new WorkClock(1);
  private due = 0;
  private share = 1;
  /** Of the one event that is not stale. */
  private generation = 0;

  constructor(engine: Engine, options: BandwidthOptions) {
    assert(options.bytesPerSecond > 0, `${options.name}: a rate of ${options.bytesPerSecond} B/s`);
    this.engine = engine;
    this.name = options.name;
    this.bytesPerSecond = options.bytesPerSecond;
    this.latency = options.latencyTicks ?? 0;
    this.setup = options.setupTicks;
    this.extra = options.extraTicks;
    this.doneOp = engine.on(`station.${options.name}`, (generation) => this.done(generation));
    const ticksPerByte = (options.ticksPerSecond ?? 1e9) / options.bytesPerSecond;
    let bits = 0;
    while (ticksPerByte * powerOfTwo(bits) < 2 ** 24) bits++;
    while (ticksPerByte * powerOfTwo(bits) >= 2 ** 25) bits--;
    this.one = powerOfTwo(bits);
    this.cost = Math.ceil(ticksPerByte * this.one);
  }

  /** Jobs waiting and in service now. */
  get queued(): number {
    return this.jobs.length;
  }

  /** Handler `op` is called with `argument` once these bytes, and all before them, have left (and the latency has passed). */
  submit(bytes: number, op: number, argument: number): void {
    this.count();
    this.jobs.push(bytes, op, argument);
    if (this.jobs.length > 1) return;
    this.clock.reset(this.engine.now);
    this.due = 0;
    this.carry = Math.max(0, this.one - 1); // rounds the busy period up
    this.begin();
  }

  /** From now on the station works at this share of its rate, 0 to 1 (or more). Work in flight slows with it. */
  setRate(share: number): void {
    assert(share >= 0 && share < Infinity, `${this.name}: a rate of ${share}`);
    if (share === this.share) return;
    this.share = share;
    this.clock.setRate(this.engine.now, share);
    this.generation = (this.generation + 1) | 0;
    if (this.jobs.length > 0) this.schedule();
  }

  meter(): StationMeter {
    this.count();
    return this.meters.read();
  }

  /** Puts the first job into service. */
  private begin(): void {
    this.due += this.serviceTicks(this.jobs.workAt(0)) + (this.setup === undefined ? 0 : this.setup());
    this.schedule();
  }

  private schedule(): void {
    const end = this.clock.when(this.due);
    if (end < Infinity) this.engine.at(end, this.doneOp, this.generation);
  }

  private done(generation: number): void {
    if (generation !== this.generation) return this.engine.stale();
    this.count();
    const {jobs, meters, engine} = this;
    const bytes = jobs.shift();
    meters.bytes += bytes;
    meters.operations++;
    const {op, argument} = jobs;
    if (jobs.length > 0) this.begin();
    const latency = this.extra === undefined ? this.latency : this.latency + this.extra(bytes);
    if (latency === 0) engine.call(op, argument);
    else engine.after(latency, op, argument);
  }

  /** Whole ticks of a job, the fraction kept for the next: exact for any number of bytes. */
  private serviceTicks(bytes: number): number {
    const low = bytes % LOW_BYTES;
    const high = (bytes - low) / LOW_BYTES;
    const {one} = this;
    const lowCost = low * this.cost + this.carry;
    const highCost = (high * this.cost) / (one / LOW_BYTES);
    const highTicks = Math.floor(highCost);
    const rest = lowCost + (highCost - highTicks) * one;
    const ticks = Math.floor(rest / one);
    this.carry = rest - ticks * one;
    return highTicks + ticks;
  }

  private count(): void {
    this.meters.advance(this.engine.now, this.jobs.length, this.jobs.length > 0 ? 1 : 0);
  }
}
