/**
 * LRU that spares what requests in line will use: who waits to be admitted has said which blocks he wants. Only where all that may leave is wanted
 * does a wanted block go, that of the last in line first. What has not come yet is not known to it.
 *
 * vLLM's proposal does so before evicting from its pool (RFC 48485); CachedAttention's eviction window, within sessions in the scheduler's queue, in
 * memory and on disk (USENIX ATC 2024). In no time but their own order, references have nobody in line, and it is LRU.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot, type Waiting} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  requests: {
    type: 'number',
    min: 1,
    max: 1_000_000,
    default: 32,
    meaning: 'Requests at the head of the line whose blocks are spared.',
    source: 'a choice; the proposal takes as many as may run at once',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class LookAhead implements EvictionPolicy {
  private readonly requests: number;
  private readonly waiting: Waiting | null;
  /** By last use; and those that were found wanted when it was their turn, by place in line. */
  private readonly idle: SlotHeap;
  private readonly spared: SlotHeap;
  private readonly places = new Map<number, number>();
  private keys: Int32Array;
  private used: Float64Array;
  private clock = 0;
  private version = NONE;

  constructor({requests}: Values, {slots, waiting}: PolicySpace) {
    this.requests = requests;
    this.waiting = waiting ?? null;
    this.idle = new SlotHeap(slots);
    this.spared = new SlotHeap(slots);
    this.keys = new Int32Array(slots);
    this.used = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, _size: number): void {
    this.keys[slot] = key;
  }

  hold(slot: Slot): void {
    this.remove(slot);
  }

  release(slot: Slot): void {
    this.used[slot] = this.clock++;
    this.idle.set(slot, this.used[slot]);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.idle.stands(slot)) this.idle.remove(slot);
    else if (this.spared.stands(slot)) this.spared.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    this.look();
    for (;;) {
      const slot = this.idle.take(guards);
      if (slot === NONE) return this.spared.take(guards);
      const place = this.places.get(this.keys[slot]);
      if (place === undefined) return slot;
      this.spared.set(slot, -place, this.used[slot]);
    }
  }

  grow(slots: number): void {
    this.idle.grow(slots);
    this.spared.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.used = grownFloats(this.used, slots);
  }

  /** The line may be another: who wants what, and all that was spared takes its turn again. */
  private look(): void {
    const {waiting, places, spared} = this;
    if (waiting === null || waiting.version === this.version) return;
    this.version = waiting.version;
    places.clear();
    waiting.visit(this.requests, (key, place) => {
      if (!places.has(key)) places.set(key, place);
    });
    for (let slot = spared.least(); slot !== NONE; slot = spared.least()) {
      spared.remove(slot);
      this.idle.set(slot, this.used[slot]);
    }
  }
}

export const lookAhead = {
  name: 'lookAhead',
  summary: 'LRU that spares the blocks of requests in line.',
  source: 'vLLM RFC 48485; CachedAttention, USENIX ATC 2024',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new LookAhead(values, space),
} as const satisfies Kind<typeof params>;
