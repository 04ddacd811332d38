/**
 * LRU-K: the block whose K-th last use is longest ago leaves; those used less often go first, of these the one used longest ago. What has left is
 * remembered, for as many blocks as are here. Uses are never taken for one because they are close.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  uses: {
    type: 'number',
    min: 2,
    max: 16,
    default: 2,
    meaning: 'K: the use from the last that counts.',
    source: "O'Neil, O'Neil and Weikum, SIGMOD 1993",
  },
} as const satisfies Params;

/** Less than any time of a use. */
const SELDOM = -(2 ** 52);

class LruK implements EvictionPolicy {
  private readonly uses: number;
  private readonly heap: SlotHeap;
  private readonly ghosts = new Ghosts();
  private readonly capacity: number;
  private keys: Int32Array;
  /** Times of the last K uses of slot s at s x K, the latest first; 0: none. */
  private times: Float64Array;
  /** Times of the last K - 1 uses, by ghost. */
  private readonly remembered = new Map<number, Float64Array>();
  private clock = 0;

  constructor({uses}: ValuesOf<typeof params>, {slots, capacity}: PolicySpace) {
    this.uses = uses;
    this.heap = new SlotHeap(slots);
    this.capacity = capacity;
    this.keys = new Int32Array(slots);
    this.times = new Float64Array(slots * uses);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, _size: number): void {
    const {uses, times} = this;
    const past = this.ghosts.take(key) === 0 ? undefined : this.remembered.get(key);
    for (let use = 0; use < uses; use++) times[slot * uses + use] = past?.[use] ?? 0;
    this.remembered.delete(key);
    this.keys[slot] = key;
  }

  hold(slot: Slot): void {
    this.heap.remove(slot);
  }

  release(slot: Slot): void {
    const {uses, times} = this;
    const at = slot * uses;
    times.copyWithin(at + 1, at, at + uses - 1);
    times[at] = ++this.clock;
    const kth = times[at + uses - 1];
    this.heap.set(slot, kth > 0 ? kth : SELDOM + times[at]);
  }

  touch(slot: Slot): boolean {
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.heap.stands(slot)) this.heap.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    const slot = this.heap.take(guards);
    if (slot === NONE) return NONE;
    const {uses, ghosts, remembered} = this;
    const key = this.keys[slot];
    ghosts.add(key, 1);
    remembered.set(key, this.times.slice(slot * uses, slot * uses + uses - 1));
    while (ghosts.count > this.capacity) remembered.delete(ghosts.dropOldest());
    return slot;
  }

  grow(slots: number): void {
    this.heap.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.times = grownFloats(this.times, slots * this.uses);
  }
}

export const lruk = {
  name: 'lruk',
  summary: 'LRU-K: by the K-th last use.',
  source: "O'Neil, O'Neil and Weikum, The LRU-K page replacement algorithm for database disk buffering, SIGMOD 1993",
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new LruK(values, space),
} as const satisfies Kind<typeof params>;
