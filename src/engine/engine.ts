/**
 * The clock and the order of events. Time is integer ticks in a float64; the order is (time, order), where ordinary events are numbered as they are
 * scheduled and late ones (atLast) come after every ordinary event of their instant. Events are columns in a queue: a handler's number
 * and one int32, which is a row in the handler's own columns. Nothing is allocated for an event.
 *
 * Every queue gives the same order. The default is the heap: whole runs take the same time with the ladder, small models take less with the heap.
 * Events for the very instant go through the queue as all others do: they are 0.3 % of a run's, so a ring of their own would not pay.
 */
import {assert} from '../base/assert.ts';
import {Digest} from '../base/digest.ts';
import {HeapQueue} from './heapQueue.ts';
import type {EventQueue} from './queue.ts';

export type Handler = (argument: number) => void;

const LATE = 2 ** 52;

export class Engine {
  /** Ticks. */
  now = 0;
  /** Events that ran, stale ones not counted. */
  events = 0;
  private readonly queue: EventQueue;
  private readonly handlers: Handler[] = [];
  private readonly names: string[] = [];
  private readonly digest = new Digest();
  private sequence = 0;
  private stopped = false;
  private wasStale = false;

  constructor(queue: EventQueue = new HeapQueue()) {
    this.queue = queue;
  }

  /** Registers a handler; the order of registration is part of the model. At most 65,536. */
  on(name: string, handler: Handler): number {
    assert(this.handlers.length < 65536, 'more than 65,536 event handlers');
    this.names.push(name);
    return this.handlers.push(handler) - 1;
  }

  /** Calls handler `op` with `argument` (int32) at `time`. @throws RangeError where that is no integer from now to 2^53 - 1. */
  at(time: number, op: number, argument: number): void {
    this.push(time, this.sequence++, op, argument);
  }

  /** As at(), `delay` ticks from now. */
  after(delay: number, op: number, argument: number): void {
    this.push(this.now + delay, this.sequence++, op, argument);
  }

  /** After every ordinary event of that instant, those scheduled during it included; among late events by rank. */
  atLast(time: number, rank: number, op: number, argument: number): void {
    this.push(time, LATE + rank, op, argument);
  }

  /** Events that are yet to come, stale ones included. */
  get pending(): number {
    return this.queue.size;
  }

  /** Runs until nothing is pending, until the next event lies beyond `until`, or until stop(). */
  run(until = Infinity): void {
    const {queue, handlers, digest} = this;
    this.stopped = false;
    while (!this.stopped && queue.pop(until, Infinity)) {
      const {time, op, argument} = queue;
      this.now = time;
      handlers[op](argument);
      if (this.wasStale) {
        this.wasStale = false;
        continue;
      }
      this.events++;
      digest.add(time);
      digest.add32(op ^ Math.imul(argument, 0x9e3779b1));
    }
    if (until !== Infinity && !this.stopped && this.now < until) this.now = until;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Called by a handler whose event had been cancelled by its owner: it enters neither the count nor the digest. */
  stale(): void {
    this.wasStale = true;
  }

  /** Calls a handler now, within the event that is running. */
  call(op: number, argument: number): void {
    this.handlers[op](argument);
  }

  /** Over (time, handler, argument) of every event that ran. */
  eventDigest(): string {
    return this.digest.hex();
  }

  private push(time: number, order: number, op: number, argument: number): void {
    if (!(time >= this.now && time <= Number.MAX_SAFE_INTEGER && Number.isInteger(time)))
      throw new RangeError(`${this.names[op]} scheduled at ${time}, now ${this.now}`);
    this.queue.push(time, order, op, argument);
  }
}
