/**
 * Processor sharing: all jobs at once, each at an equal part of a rate in bytes per second: a memory under many streams, a link whose flows are fair.
 * By virtual time: a clock counts the bytes that any one job has got, so a job ends when the clock reads what it read at the start plus its bytes, and
 * a change of their number touches no job. One pending event, whatever is under way; work per job grows with the logarithm of their number.
 */
import {assert} from '../base/assert.ts';
import type {Engine} from './engine.ts';
import {HeapQueue} from './heapQueue.ts';
import {Meter, type StationMeter} from './meter.ts';
import {WorkClock} from './workClock.ts';

export interface SharedOptions {
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly ticksPerSecond?: number;
}

export class SharedStation {
  readonly name: string;
  readonly bytesPerSecond: number;
  private readonly engine: Engine;
  private readonly wakeOp: number;
  private readonly bytesPerTick: number;
  private readonly meters = new Meter();
  /** Bytes that each job has got since the station was last idle. */
  private readonly clock = new WorkClock(0);
  private share = 1;
  /** Jobs by the clock's reading at their end, then by number; those cancelled stay until their turn. */
  private readonly ends = new HeapQueue();
  /** Bytes of every job under way, by its number, which is its ticket. Never walked: no order comes from it. */
  private readonly bytes = new Map<number, number>();
  private submitted = 0;
  /** When the one event that is not stale comes: at the first job's end, or before where others have joined since. */
  private wakeAt = Infinity;
  private generation = 0;

  constructor(engine: Engine, options: SharedOptions) {
    const {name, bytesPerSecond, ticksPerSecond = 1e9} = options;
    assert(bytesPerSecond > 0, `${name}: a rate of ${bytesPerSecond} B/s`);
    this.engine = engine;
    this.name = name;
    this.bytesPerSecond = bytesPerSecond;
    this.bytesPerTick = bytesPerSecond / ticksPerSecond;
    this.wakeOp = engine.on(`station.${name}`, (generation) => this.wake(generation));
  }

  /** Jobs under way now. */
  get queued(): number {
    return this.bytes.size;
  }

  /** Handler `op` is called with `argument` once these bytes have left. Returns a ticket for cancel(). */
  submit(bytes: number, op: number, argument: number): number {
    this.count();
    const ticket = this.submitted++;
    this.bytes.set(ticket, bytes);
    this.ends.push(this.clock.read(this.engine.now) + bytes, ticket, op, argument);
    this.change();
    return ticket;
  }

  /** Takes a job back: its handler is not called. False where it has ended or was cancelled before. */
  cancel(ticket: number): boolean {
    this.count();
    if (!this.bytes.delete(ticket)) return false;
    this.change();
    return true;
  }

  /** From now on the station works at this share of its rate, 0 to 1 (or more). */
  setRate(share: number): void {
    assert(share >= 0 && share < Infinity, `${this.name}: a rate of ${share}`);
    this.share = share;
    this.change();
  }

  meter(): StationMeter {
    this.count();
    return this.meters.read();
  }

  /** Jobs or share have changed: the clock runs at another rate, and the first end is at another time. */
  private change(): void {
    const {clock, ends, engine, queued} = this;
    clock.setRate(engine.now, queued === 0 ? 0 : (this.bytesPerTick * this.share) / queued);
    if (queued === 0) {
      while (ends.size > 0) ends.pop(Infinity, Infinity);
      clock.reset(engine.now);
    }
    this.schedule();
  }

  private schedule(): void {
    const end = this.firstEnd();
    if (end >= this.wakeAt) return;
    this.wakeAt = end;
    this.generation = (this.generation + 1) | 0;
    this.engine.at(end, this.wakeOp, this.generation);
  }

  /** When the first job ends, if nothing changes; jobs that were cancelled are jobs here. */
  private firstEnd(): number {
    return this.ends.size === 0 ? Infinity : Math.max(this.engine.now, this.clock.when(this.ends.first()));
  }

  /** One job leaves; another that ends at the same tick does so in an event of its own. */
  private wake(generation: number): void {
    if (generation !== this.generation) return this.engine.stale();
    this.wakeAt = Infinity;
    const due = this.firstEnd() === this.engine.now;
    if (due) this.ends.pop(Infinity, Infinity);
    const {order, op, argument} = this.ends;
    const bytes = due ? this.bytes.get(order) : undefined;
    if (bytes === undefined) {
      this.schedule();
      return this.engine.stale();
    }
    this.count();
    this.bytes.delete(order);
    this.meters.bytes += bytes;
    this.meters.operations++;
    this.change();
    this.engine.call(op, argument);
  }

  private count(): void {
    this.meters.advance(this.engine.now, this.queued, this.queued > 0 ? 1 : 0);
  }
}
