/**
 * Tail-optimised LRU: what a conversation can lose without breaking the objective for its next first token leaves first. Of a history of H blocks
 * and a next prompt of Q more, xi can be computed in time, so H + Q - xi must stay; what lies behind is safe to evict. Safe blocks leave in
 * order of last use, then all others do. A conversation's H is its last prompt.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownIntegers} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  nextBlocks: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 8,
    meaning: 'Blocks that the next prompt of a conversation is expected to add (Q).',
    source: 'a choice: 512 tokens in blocks of 64',
  },
  computedBlocks: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 32,
    meaning: 'Blocks that can be computed within the objective for the first token (xi).',
    source: 'a choice: 2,048 tokens in blocks of 64, 200 ms at 10,000 tokens a second',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const SAFE = 0;
const NEEDED = 1;

class TailLru implements EvictionPolicy {
  private readonly slack: number;
  private readonly occasion: Occasion | null;
  private readonly rings: Rings;
  private depth: Int32Array;

  constructor({nextBlocks, computedBlocks}: Values, {slots, occasion}: PolicySpace) {
    this.slack = nextBlocks - computedBlocks;
    this.occasion = occasion ?? null;
    this.rings = new Rings(2, slots);
    this.depth = new Int32Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.depth[slot] = this.occasion?.depth ?? 0;
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    const needed = Math.max(0, (this.occasion?.length ?? 0) + this.slack);
    this.rings.push(this.depth[slot] >= needed ? SAFE : NEEDED, slot);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  evict(guards: Int32Array): Slot {
    let slot = this.rings.oldestFree(SAFE, guards);
    if (slot === NONE) slot = this.rings.oldestFree(NEEDED, guards);
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.depth = grownIntegers(this.depth, slots);
  }
}

export const tailLru = {
  name: 'tailLru',
  summary: 'Tail-optimised LRU: ends of conversations that can be computed again in time leave first.',
  source: 'Tail-Optimized LRU, arXiv 2510.15152',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new TailLru(values, space),
} as const satisfies Kind<typeof params>;
