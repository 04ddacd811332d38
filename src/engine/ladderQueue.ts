/**
 * A ladder queue after Tang, Goh and Thng (ACM TOMACS 15(3), 2005): far events lie unsorted, nearer ones in buckets of equal width, a crowded bucket
 * becomes a rung of narrower ones when its turn comes, and only the nearest bucket is put in order. An event is moved a few times however many are
 * pending. What is scheduled into the nearest bucket after that, and a crowd at one instant, go to a heap, so that no pattern of events costs more
 * than a heap does. 8 + 8 + 2 + 4 + 4 = 26 bytes a pending event, and 2 of buckets; times are integers.
 *
 * Not the default: it is twice as fast as the heap at 10,000 pending events and level at 100, but whole runs keep 40 to 60 pending (one a station or
 * instance, whatever waits there) and take the same time with either, and at two pending the heap is faster (docs/model/engine.md).
 */
import {HeapQueue} from './heapQueue.ts';
import type {EventQueue} from './queue.ts';

/** Events that a bucket holds on average when its rung is made, and above which it becomes a rung itself: measured, flat around the optimum. */
const BUCKET_EVENTS = 2;
const BUCKET_EVENTS_MAX = 48;
const NONE = -1;

/** Buckets of equal width over a range of time; those before `next` are empty for good. */
class Rung {
  start = 0;
  width = 0;
  next = 0;
  buckets = 0;
  /** By bucket, the first row of its list. */
  heads = new Int32Array(64);

  span(first: number, last: number, events: number): void {
    this.start = first;
    this.width = Math.max(1, Math.ceil((last - first + 1) / Math.ceil(events / BUCKET_EVENTS)));
    this.buckets = Math.floor((last - first) / this.width) + 1;
    this.next = 0;
    let length = this.heads.length;
    while (length < this.buckets) length *= 2;
    if (length > this.heads.length) this.heads = new Int32Array(length);
    this.heads.fill(NONE, 0, this.buckets);
  }
}

export class LadderQueue implements EventQueue {
  time = 0;
  order = 0;
  op = 0;
  argument = 0;
  size = 0;
  /** The nearest bucket's rows in order, those from `at` to `end` still pending. */
  private readonly sorted = new Int32Array(BUCKET_EVENTS_MAX);
  private at = 0;
  private end = 0;
  /** Events before every bucket that came after the nearest was put in order, or that are too many of one instant to be put in order there. */
  private readonly stragglers = new HeapQueue();
  /** From the widest buckets to the narrowest; the first `depth` are in use, each within one bucket of the rung before. */
  private readonly rungs: Rung[] = [];
  private depth = 0;
  /** Events later than `topAfter`, unsorted: a list of rows. */
  private top = NONE;
  private topEvents = 0;
  private topAfter = -Infinity;
  private topFirst = Infinity;
  private topLast = -Infinity;
  /** By row; `next` is the list that the row is in, the free rows' at last. */
  private times = new Float64Array(256);
  private orders = new Float64Array(256);
  private ops = new Uint16Array(256);
  private args = new Int32Array(256);
  private next = new Int32Array(256);
  private rows = 0;
  private free = NONE;

  push(time: number, order: number, op: number, argument: number): void {
    this.size++;
    if (time > this.topAfter) {
      this.top = this.add(time, order, op, argument, this.top);
      this.topEvents++;
      if (time < this.topFirst) this.topFirst = time;
      if (time > this.topLast) this.topLast = time;
      return;
    }
    for (let i = 0; i < this.depth; i++) {
      const rung = this.rungs[i];
      const bucket = Math.floor((time - rung.start) / rung.width);
      if (bucket < rung.next) continue;
      rung.heads[bucket] = this.add(time, order, op, argument, rung.heads[bucket]);
      return;
    }
    this.stragglers.push(time, order, op, argument);
  }

  pop(time: number, order: number): boolean {
    if (this.at === this.end && this.stragglers.size === 0 && !this.refill()) return false;
    if (this.at === this.end) return this.popStraggler(time, order);
    const row = this.sorted[this.at];
    const first = this.times[row];
    const firstOrder = this.orders[row];
    const beyond = first > time || (first === time && firstOrder >= order);
    if (this.stragglers.size > 0 && (beyond ? this.popStraggler(time, order) : this.popStraggler(first, firstOrder))) return true;
    if (beyond) return false;
    this.time = first;
    this.order = firstOrder;
    this.op = this.ops[row];
    this.argument = this.args[row];
    this.release(row);
    this.at++;
    this.size--;
    return true;
  }

  private popStraggler(time: number, order: number): boolean {
    const {stragglers} = this;
    if (!stragglers.pop(time, order)) return false;
    this.time = stragglers.time;
    this.order = stragglers.order;
    this.op = stragglers.op;
    this.argument = stragglers.argument;
    this.size--;
    return true;
  }

  /** Puts the nearest bucket in order; false where nothing is pending. */
  private refill(): boolean {
    for (;;) {
      if (this.depth === 0) {
        if (this.topEvents === 0) return false;
        if (this.lower()) return true;
        continue;
      }
      const rung = this.rungs[this.depth - 1];
      const {heads, buckets, width} = rung;
      let bucket = rung.next;
      while (bucket < buckets && heads[bucket] === NONE) bucket++;
      rung.next = bucket + 1;
      if (bucket >= buckets) {
        this.depth--;
        continue;
      }
      const first = rung.start + bucket * width;
      if (this.settle(heads[bucket], first, first + width - 1, this.length(heads[bucket]))) return true;
    }
  }

  /** Settles all that lies at the top. */
  private lower(): boolean {
    const {top, topEvents, topFirst, topLast} = this;
    this.topAfter = topLast;
    this.top = NONE;
    this.topEvents = 0;
    this.topFirst = Infinity;
    this.topLast = -Infinity;
    return this.settle(top, topFirst, topLast, topEvents);
  }

  /** A list of rows with times in first .. last is put in order (true) or, if it is long, spread over a new rung. */
  private settle(row: number, first: number, last: number, events: number): boolean {
    if (events <= BUCKET_EVENTS_MAX) this.sort(row);
    else if (first === last) this.toStragglers(row);
    else this.spread(row, first, last, events);
    return events <= BUCKET_EVENTS_MAX || first === last;
  }

  /** Insertion sort. */
  private sort(row: number): void {
    const {sorted, times, orders} = this;
    let end = 0;
    for (; row !== NONE; row = this.next[row]) {
      const time = times[row];
      let at = end++;
      for (; at > 0; at--) {
        const before = sorted[at - 1];
        if (times[before] < time || (times[before] === time && orders[before] < orders[row])) break;
        sorted[at] = before;
      }
      sorted[at] = row;
    }
    this.at = 0;
    this.end = end;
  }

  private toStragglers(row: number): void {
    while (row !== NONE) {
      const following = this.next[row];
      this.stragglers.push(this.times[row], this.orders[row], this.ops[row], this.args[row]);
      this.release(row);
      row = following;
    }
  }

  private spread(row: number, first: number, last: number, events: number): void {
    if (this.rungs.length === this.depth) this.rungs.push(new Rung());
    const rung = this.rungs[this.depth++];
    rung.span(first, last, events);
    const {times, next} = this;
    const {heads} = rung;
    while (row !== NONE) {
      const following = next[row];
      const bucket = Math.floor((times[row] - rung.start) / rung.width);
      next[row] = heads[bucket];
      heads[bucket] = row;
      row = following;
    }
  }

  private length(row: number): number {
    let events = 0;
    for (; row !== NONE; row = this.next[row]) events++;
    return events;
  }

  /** A row for the event, ahead of the list that begins with `next`. */
  private add(time: number, order: number, op: number, argument: number, next: number): number {
    let row = this.free;
    if (row !== NONE) this.free = this.next[row];
    else {
      row = this.rows++;
      if (row === this.times.length) this.grow();
    }
    this.times[row] = time;
    this.orders[row] = order;
    this.ops[row] = op;
    this.args[row] = argument;
    this.next[row] = next;
    return row;
  }

  private release(row: number): void {
    this.next[row] = this.free;
    this.free = row;
  }

  private grow(): void {
    const {times, orders, ops, args, next} = this;
    const capacity = times.length * 2;
    (this.times = new Float64Array(capacity)).set(times);
    (this.orders = new Float64Array(capacity)).set(orders);
    (this.ops = new Uint16Array(capacity)).set(ops);
    (this.args = new Int32Array(capacity)).set(args);
    (this.next = new Int32Array(capacity)).set(next);
  }
}
