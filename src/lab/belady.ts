/**
 * Belady's MIN: who is wanted farthest in the future leaves. With all sizes equal no policy misses less where every missed block must come in; where a
 * block may also be passed by (`bypass`), still less can be. Where sizes differ it is the custom, not the optimum. In a chain a parent is never wanted
 * later than its child, so that prefixes are kept by themselves.
 *
 * It reads the future, so it exists for traces only, not for streams or tiers.
 */
import {grownFloats} from '../placement/eviction/columns.ts';
import {SlotHeap} from '../placement/eviction/slotHeap.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../placement/ports.ts';

/** Of each reference, the next to the same block; Infinity where there is none. */
export function nextReferences(blocks: Int32Array, distinct: number): Float64Array {
  const next = new Float64Array(blocks.length);
  const last = new Float64Array(distinct).fill(Infinity);
  for (let i = blocks.length - 1; i >= 0; i--) {
    next[i] = last[blocks[i]];
    last[blocks[i]] = i;
  }
  return next;
}

/** Counts the references itself: every miss(), touch() and hold() is the trace's next one. */
export class Belady implements EvictionPolicy {
  private readonly next: Float64Array;
  private readonly heap: SlotHeap;
  private readonly capacity: number;
  private readonly bypass: boolean;
  /** When each slot's block is wanted next, by its last reference. */
  private due: Float64Array;
  private now = -1;
  private resident = 0;

  constructor(next: Float64Array, {slots, capacity}: PolicySpace, bypass = false) {
    this.next = next;
    this.heap = new SlotHeap(slots);
    this.due = new Float64Array(slots);
    this.capacity = capacity;
    this.bypass = bypass;
  }

  miss(_key: number, _size: number): boolean {
    const due = this.next[++this.now];
    const last = this.heap.least();
    return !this.bypass || this.resident < this.capacity || (last !== NONE && due < this.due[last]);
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.due[slot] = this.next[this.now];
    this.resident++;
  }

  hold(slot: Slot): void {
    this.heap.remove(slot);
    this.due[slot] = this.next[++this.now];
  }

  release(slot: Slot): void {
    this.heap.set(slot, -this.due[slot]);
  }

  touch(slot: Slot): boolean {
    this.due[slot] = this.next[++this.now];
    this.heap.set(slot, -this.due[slot]);
    return false;
  }

  remove(slot: Slot): void {
    if (this.heap.stands(slot)) this.heap.remove(slot);
    this.resident--;
  }

  evict(guards: Int32Array): Slot {
    const slot = this.heap.take(guards);
    if (slot !== NONE) this.resident--;
    return slot;
  }

  grow(slots: number): void {
    this.heap.grow(slots);
    this.due = grownFloats(this.due, slots);
  }
}
