/**
 * Greedy-Dual-Size-Frequency: priority = age + uses x cost / size, where age is the priority of the last victim. The cost is 10^6 a miss, which makes it a
 * policy for the request miss ratio, or the time to compute the block again, which is more the deeper it lies in its chain. Of equals, the least recently used leaves.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats, SizeColumn} from './columns.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  cost: {
    type: 'choice',
    choices: ['miss', 'recompute'],
    default: 'miss',
    meaning: 'What a miss costs: one, or the time to compute the block at its depth (one where the owner does not know it).',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

/** Of a miss; keeps small differences apart from a large age. */
const COST = 1e6;

class Gdsf implements EvictionPolicy {
  private readonly heap: SlotHeap;
  private readonly sizes: SizeColumn;
  private uses: Float64Array;
  private readonly occasion: Occasion | null;
  private readonly recomputeNs: ((depth: number) => number) | null;
  private cost: Float64Array | null;
  private age = 0;

  constructor({cost}: Values, {slots, occasion, recomputeNs}: PolicySpace) {
    this.occasion = occasion ?? null;
    this.recomputeNs = cost === 'miss' ? null : (recomputeNs ?? null);
    this.cost = this.recomputeNs === null ? null : new Float64Array(slots);
    this.heap = new SlotHeap(slots);
    this.sizes = new SizeColumn(slots);
    this.uses = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, size: number): void {
    this.uses[slot] = 0;
    this.sizes.set(slot, size);
    if (this.cost !== null) this.cost[slot] = this.recomputeNs!(this.occasion?.depth ?? 0);
  }

  hold(slot: Slot): void {
    this.heap.remove(slot);
  }

  release(slot: Slot): void {
    this.heap.set(slot, this.age + (++this.uses[slot] * (this.cost === null ? COST : this.cost[slot])) / this.sizes.get(slot));
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
    if (slot !== NONE) this.age = this.heap.priorityOf(slot);
    return slot;
  }

  grow(slots: number): void {
    this.heap.grow(slots);
    this.sizes.grow(slots);
    this.uses = grownFloats(this.uses, slots);
    if (this.cost !== null) this.cost = grownFloats(this.cost, slots);
  }
}

export const gdsf = {
  name: 'gdsf',
  summary: 'Greedy-Dual-Size-Frequency: uses by size, aged by the priority of the last victim.',
  source: 'Cherkasova, Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy, HP Labs 1998',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Gdsf(values, space),
} as const satisfies Kind<typeof params>;
