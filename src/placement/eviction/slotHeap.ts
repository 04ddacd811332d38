/** A binary heap over slots, least (priority, order) first; order settles ties, by default whoever came first. 20 bytes a slot. */
import {NONE, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';

export class SlotHeap {
  count = 0;
  private heap: Int32Array;
  /** Place in the heap, plus 1; 0: outside. */
  private place: Int32Array;
  private priority: Float64Array;
  private order: Float64Array;
  private nextOrder = 0;
  private readonly passed: Slot[] = [];

  constructor(slots: number) {
    this.heap = new Int32Array(slots);
    this.place = new Int32Array(slots);
    this.priority = new Float64Array(slots);
    this.order = new Float64Array(slots);
  }

  stands(slot: Slot): boolean {
    return this.place[slot] > 0;
  }

  priorityOf(slot: Slot): number {
    return this.priority[slot];
  }

  orderOf(slot: Slot): number {
    return this.order[slot];
  }

  /** In, or to its new place; last among equals unless `order` says otherwise. */
  set(slot: Slot, priority: number, order = this.nextOrder++): void {
    const at = this.place[slot] > 0 ? this.place[slot] - 1 : this.count++;
    this.priority[slot] = priority;
    this.order[slot] = order;
    this.sink(this.rise(at, slot), slot);
  }

  /** Out. The slot stands in the heap. */
  remove(slot: Slot): void {
    const at = this.place[slot] - 1;
    this.place[slot] = 0;
    const last = this.heap[--this.count];
    if (last !== slot) this.sink(this.rise(at, last), last);
  }

  least(): Slot {
    return this.count > 0 ? this.heap[0] : NONE;
  }

  /** Takes out the least that nothing guards, or returns NONE. */
  take(guards: Int32Array): Slot {
    const {passed} = this;
    let slot = this.least();
    while (slot !== NONE && guards[slot] > 0) {
      this.remove(slot);
      passed.push(slot);
      slot = this.least();
    }
    if (slot !== NONE) this.remove(slot);
    for (const one of passed) this.set(one, this.priority[one], this.order[one]);
    passed.length = 0;
    return slot;
  }

  grow(slots: number): void {
    this.heap = grownIntegers(this.heap, slots);
    this.place = grownIntegers(this.place, slots);
    this.priority = grownFloats(this.priority, slots);
    this.order = grownFloats(this.order, slots);
  }

  private before(a: Slot, b: Slot): boolean {
    const {priority, order} = this;
    return priority[a] < priority[b] || (priority[a] === priority[b] && order[a] < order[b]);
  }

  /** @returns where the slot may come to stand, as far as those above it are concerned */
  private rise(at: number, slot: Slot): number {
    const {heap, place} = this;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above];
      if (!this.before(slot, other)) break;
      heap[at] = other;
      place[other] = at + 1;
      at = above;
    }
    return at;
  }

  private sink(at: number, slot: Slot): void {
    const {heap, place, count} = this;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && this.before(heap[below + 1], heap[below])) below++;
      const other = heap[below];
      if (!this.before(other, slot)) break;
      heap[at] = other;
      place[other] = at + 1;
      at = below;
    }
    heap[at] = slot;
    place[slot] = at + 1;
  }
}
