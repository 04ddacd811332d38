/** When each path's next flow departs: a binary heap by (tick, path) of the paths from which one does, which knows where each stands. 16 bytes a path. */
import {grown, NONE} from './columns.ts';

export class Departures {
  private paths = 0;
  /** By path; Infinity, and no place in the heap, where nothing departs. */
  private at = new Float64Array(16);
  private place = new Int32Array(16);
  private heap = new Int32Array(16);
  private size = 0;

  /** Paths are added in order, from 0. */
  add(): void {
    const path = this.paths++;
    if (path === this.at.length) {
      this.at = grown(this.at, new Float64Array(path * 2));
      this.heap = grown(this.heap, new Int32Array(path * 2));
      this.place = grown(this.place, new Int32Array(path * 2));
    }
    this.at[path] = Infinity;
    this.place[path] = NONE;
  }

  first(): number {
    return this.heap[0];
  }

  firstAt(): number {
    return this.size === 0 ? Infinity : this.at[this.heap[0]];
  }

  set(path: number, tick: number): void {
    const before = this.at[path];
    if (tick === before) return;
    this.at[path] = tick;
    if (tick === Infinity) this.remove(path);
    else if (before === Infinity) this.rise(this.size++, path);
    else if (tick < before) this.rise(this.place[path], path);
    else this.sink(this.place[path], path);
  }

  /** The last one of the heap takes its place. */
  private remove(path: number): void {
    const {heap, place} = this;
    const from = place[path];
    const last = heap[--this.size];
    place[path] = NONE;
    if (last === path) return;
    this.rise(from, last);
    this.sink(place[last], last);
  }

  private before(a: number, b: number): boolean {
    const {at} = this;
    return at[a] < at[b] || (at[a] === at[b] && a < b);
  }

  private rise(from: number, path: number): void {
    const {heap, place} = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(path, heap[parent])) break;
      heap[at] = heap[parent];
      place[heap[at]] = at;
      at = parent;
    }
    heap[at] = path;
    place[path] = at;
  }

  private sink(from: number, path: number): void {
    const {heap, place, size} = this;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.before(heap[child + 1], heap[child])) child++;
      if (!this.before(heap[child], path)) break;
      heap[at] = heap[child];
      place[heap[at]] = at;
      at = child;
    }
    heap[at] = path;
    place[path] = at;
  }
}
