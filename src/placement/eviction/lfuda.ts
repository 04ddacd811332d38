/**
 * LFU with dynamic ageing, so that what was once used often does not stay for ever. The age L is the least priority left after the last
 * eviction, 0 before the first. A newcomer enters with L + 1, a use adds L; of equals, whoever got there first leaves. The paper adds uses and L; this is
 * what libCacheSim counts, and what is compared with it: while nothing has been evicted, it is LRU.
 */
import type {Kind, Params} from '../../base/params.ts';
import type {EvictionPolicy, PolicySpace, Slot} from '../ports.ts';
import {grownFloats} from './columns.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {} as const satisfies Params;

class LfuDa implements EvictionPolicy {
  private readonly heap: SlotHeap;
  private priority: Float64Array;
  private age = 0;

  constructor({slots}: PolicySpace) {
    this.heap = new SlotHeap(slots);
    this.priority = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.priority[slot] = 0;
  }

  hold(slot: Slot): void {
    this.heap.remove(slot);
  }

  release(slot: Slot): void {
    const priority = this.priority[slot];
    this.priority[slot] = priority === 0 ? this.age + 1 : priority + this.age;
    this.heap.set(slot, this.priority[slot]);
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
    if (this.heap.count > 0) this.age = this.heap.priorityOf(this.heap.least());
    return slot;
  }

  grow(slots: number): void {
    this.heap.grow(slots);
    this.priority = grownFloats(this.priority, slots);
  }
}

export const lfuda = {
  name: 'lfuda',
  summary: 'LFU with dynamic ageing.',
  source: 'Arlitt et al., Evaluating content management techniques for web proxy caches, 2000',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new LfuDa(space),
} as const satisfies Kind;
