/**
 * A binary heap. Only times and row numbers move in it: order, handler and argument stay in their row, and behind the heap's end its column of rows
 * lists the free ones. 8 + 4 + 8 + 2 + 4 = 26 bytes a pending event, no object, no allocation but when it doubles.
 *
 * Two things make it as fast as C++'s std::priority_queue (docs/model/engine.md has the figures). A pop leaves the root empty: most handlers schedule an
 * event, and the first takes the empty place and sinks from there, which spares one way through the heap of two. And the smaller
 * child is chosen by arithmetic on a comparison, not by a branch that the processor would guess wrong every other time.
 */
import type {EventQueue} from './queue.ts';

const CACHED = 65536;

export class HeapQueue implements EventQueue {
  time = 0;
  order = 0;
  op = 0;
  argument = 0;
  size = 0;
  /** The heap: times, and the row of each. */
  private times = new Float64Array(256);
  private rows = Int32Array.from({length: 256}, (_, row) => row);
  /** By row. */
  private orders = new Float64Array(256);
  private ops = new Uint16Array(256);
  private args = new Int32Array(256);
  /** 1 while the root is empty: the heap then reaches to size + 1. */
  private hole = 0;

  push(time: number, order: number, op: number, argument: number): void {
    const at = this.hole === 1 ? 0 : this.size;
    if (at === this.times.length) this.grow();
    const row = this.rows[at];
    this.times[at] = time;
    this.orders[row] = order;
    this.ops[row] = op;
    this.args[row] = argument;
    this.size++;
    if (this.hole === 0) return this.rise(at);
    this.hole = 0;
    this.sink();
  }

  pop(time: number, order: number): boolean {
    if (this.hole === 1) this.fill();
    if (this.size === 0) return false;
    const first = this.times[0];
    const row = this.rows[0];
    if (first > time || (first === time && this.orders[row] >= order)) return false;
    this.time = first;
    this.order = this.orders[row];
    this.op = this.ops[row];
    this.argument = this.args[row];
    this.size--;
    this.hole = 1;
    return true;
  }

  /** Time of the first event; Infinity where there is none. */
  first(): number {
    if (this.hole === 1) this.fill();
    return this.size === 0 ? Infinity : this.times[0];
  }

  /** The last event takes the empty root and sinks; the root's row becomes free behind the end. */
  private fill(): void {
    const {size, times, rows} = this;
    this.hole = 0;
    if (size === 0) return;
    const row = rows[size];
    rows[size] = rows[0];
    rows[0] = row;
    times[0] = times[size];
    this.sink();
  }

  /** The event at the heap's end goes up to its place. */
  private rise(at: number): void {
    const {times, rows, orders} = this;
    const time = times[at];
    const row = rows[at];
    const order = orders[row];
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = times[parent];
      if (above < time || (above === time && orders[rows[parent]] <= order)) break;
      times[at] = above;
      rows[at] = rows[parent];
      at = parent;
    }
    times[at] = time;
    rows[at] = row;
  }

  /** The event at the root goes down to its place. */
  private sink(): void {
    const {times, rows, orders, size} = this;
    const time = times[0];
    const row = rows[0];
    const order = orders[row];
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < size) {
        const left = times[child];
        const other = times[right];
        if (left === other) child += Number(orders[rows[right]] < orders[rows[child]]);
        else if (size < CACHED) child += Number(other < left);
        else if (other < left) child = right;
      }
      const least = times[child];
      if (time < least || (time === least && order <= orders[rows[child]])) break;
      times[at] = least;
      rows[at] = rows[child];
      at = child;
    }
    times[at] = time;
    rows[at] = row;
  }

  private grow(): void {
    const {times, rows, orders, ops, args} = this;
    const capacity = times.length * 2;
    (this.times = new Float64Array(capacity)).set(times);
    this.rows = new Int32Array(capacity);
    for (let row = times.length; row < capacity; row++) this.rows[row] = row;
    this.rows.set(rows);
    (this.orders = new Float64Array(capacity)).set(orders);
    (this.ops = new Uint16Array(capacity)).set(ops);
    (this.args = new Int32Array(capacity)).set(args);
  }
}
