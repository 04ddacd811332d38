/**
 * The leaf policies of a radix cache: of the blocks without a child here, the one with the least key leaves, and then its parent may. SGLang
 * evicts whole nodes by these keys; here a node is trimmed from its end, block by block, as far as room is needed. LRU and LFU are `lru` and `lfu`,
 * whose order keeps to leaves by itself.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  key: {
    type: 'choice',
    choices: ['slru', 'fifo', 'mru', 'filo', 'long', 'lengthAware'],
    default: 'slru',
    meaning:
      'slru: used at least twice, then last use. fifo, filo: by arrival. mru: last used first. long: at least `longBlocks` deep, then last use. lengthAware: uses, and of equals the later in its chain.',
    source: 'SGLang srt/mem_cache/evict_policy.py; lengthAware: Mooncake, FAST 2025',
  },
  longBlocks: {
    type: 'number',
    min: 1,
    max: 1e6,
    default: 64,
    meaning: 'Depth from which a block is kept before all shorter ones, with key: long.',
    source: 'an SGLang fork: 4,096 tokens, which is 64 blocks of 64',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

/** What a class of keys is worth more than any order within it. */
const CLASS = 2 ** 40;

class Radix implements EvictionPolicy {
  private readonly values: Values;
  private readonly occasion: Occasion | null;
  private readonly heap: SlotHeap;
  private uses: Int32Array;
  private depth: Int32Array;
  private came: Float64Array;
  private clock = 0;

  constructor(values: Values, {slots, occasion}: PolicySpace) {
    this.values = values;
    this.occasion = occasion ?? null;
    this.heap = new SlotHeap(slots);
    this.uses = new Int32Array(slots);
    this.depth = new Int32Array(slots);
    this.came = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.uses[slot] = 0;
    this.depth[slot] = this.occasion?.depth ?? 0;
    this.came[slot] = ++this.clock;
  }

  hold(slot: Slot): void {
    this.heap.remove(slot);
  }

  release(slot: Slot): void {
    this.uses[slot]++;
    this.heap.set(slot, this.keyOf(slot, ++this.clock));
  }

  touch(slot: Slot): boolean {
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.heap.stands(slot)) this.heap.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    return this.heap.take(guards);
  }

  grow(slots: number): void {
    this.heap.grow(slots);
    this.uses = grownIntegers(this.uses, slots);
    this.depth = grownIntegers(this.depth, slots);
    this.came = grownFloats(this.came, slots);
  }

  private keyOf(slot: Slot, lastUse: number): number {
    const {key, longBlocks} = this.values;
    if (key === 'slru') return (this.uses[slot] >= 2 ? CLASS : 0) + lastUse;
    if (key === 'fifo') return this.came[slot];
    if (key === 'filo') return -this.came[slot];
    if (key === 'mru') return -lastUse;
    if (key === 'long') return (this.depth[slot] >= longBlocks ? CLASS : 0) + lastUse;
    return this.uses[slot] * CLASS - this.depth[slot];
  }
}

export const radix = {
  name: 'radix',
  summary: 'A radix cache: the leaf with the least key leaves, by one of several keys; Mooncake length-aware among them.',
  source: 'SGLang srt/mem_cache/evict_policy.py',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Radix(values, space),
} as const satisfies Kind<typeof params>;
