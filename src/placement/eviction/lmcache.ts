/**
 * LMCache's cost-aware policy: the least recompute / (1 + age / 60 s) leaves, where recompute is smoothed over uses: how much of the request lay at and
 * behind the block. All blocks have the same bytes. Scores change with time, so the order is made anew when time has gone on since the last
 * eviction: O(n) then, and O(log n) for each victim.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import {Rings} from './rings.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  weight: {
    type: 'number',
    min: 0.001,
    max: 1,
    fraction: true,
    default: 0.2,
    meaning: 'Weight of the latest use in the smoothed recompute.',
    source: 'LMCache storage_backend/cache_policy',
  },
  halvedAfter: {
    type: 'quantity',
    dimension: 'time',
    default: '60 s',
    meaning: 'Age at which a score is half.',
    source: 'LMCache storage_backend/cache_policy',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class LmCache implements EvictionPolicy {
  private readonly values: Values;
  private readonly occasion: Occasion | null;
  /** Slots that may be evicted, and of them in the order of the last eviction those that have not been used since. */
  private readonly rings: Rings;
  private readonly order: SlotHeap;
  private orderedAt = -1;
  private recompute: Float64Array;
  private since: Float64Array;
  private depth: Int32Array;

  constructor(values: Values, {slots, occasion}: PolicySpace) {
    this.values = values;
    this.occasion = occasion ?? null;
    this.rings = new Rings(1, slots);
    this.order = new SlotHeap(slots);
    this.recompute = new Float64Array(slots);
    this.since = new Float64Array(slots);
    this.depth = new Int32Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.recompute[slot] = 0;
    this.depth[slot] = this.occasion?.depth ?? 0;
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
    if (this.order.stands(slot)) this.order.remove(slot);
  }

  release(slot: Slot): void {
    const behind = Math.max(1, (this.occasion?.length ?? 1) - this.depth[slot]);
    const before = this.recompute[slot];
    this.recompute[slot] = before === 0 ? behind : before + this.values.weight * (behind - before);
    this.since[slot] = this.now();
    this.rings.push(0, slot);
    if (this.orderedAt === this.now()) this.order.set(slot, this.scoreOf(slot));
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.hold(slot);
  }

  evict(guards: Int32Array): Slot {
    if (this.orderedAt !== this.now()) this.sort();
    const slot = this.order.take(guards);
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.order.grow(slots);
    this.recompute = grownFloats(this.recompute, slots);
    this.since = grownFloats(this.since, slots);
    this.depth = grownIntegers(this.depth, slots);
  }

  /** References that stand alone have no ages: all scores are of one time. */
  private now(): number {
    return this.occasion === null ? 0 : this.occasion.now;
  }

  private scoreOf(slot: Slot): number {
    return this.recompute[slot] / (1 + (this.now() - this.since[slot]) / this.values.halvedAfter);
  }

  private sort(): void {
    this.orderedAt = this.now();
    for (let slot = this.rings.oldest(0); slot !== NONE; slot = this.rings.newer(slot)) this.order.set(slot, this.scoreOf(slot));
  }
}

export const lmcache = {
  name: 'lmcache',
  summary: "LMCache's cost-aware: what would be computed again, by age.",
  source: 'LMCache, lmcache/v1/storage_backend/cache_policy',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new LmCache(values, space),
} as const satisfies Kind<typeof params>;
