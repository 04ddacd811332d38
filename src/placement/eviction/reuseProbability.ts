/**
 * Workload-aware: the block least likely to be used again within the life it has left. Reuse times are exponential within a category (how the request
 * ended, and its turn): P = exp(-rate x idle) (1 - exp(-rate x life)), with the rate learned online as the category's reuses by the time that its blocks
 * have been idle, and life the age at which blocks were lately evicted. Of equals the later in its chain leaves. A block's turn is how often it was used.
 */
import {exp} from '../../base/mathematics.ts';
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownFloats} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  weight: {
    type: 'number',
    min: 1e-4,
    max: 1,
    fraction: true,
    default: 0.01,
    meaning: 'Weight of the latest reuse, and of the latest eviction, in what is smoothed.',
    source: "a choice; the paper's window is longer than a day",
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const ENDINGS = 3;
/** Turns 1 to 7, and more. */
const TURNS = 8;
const CATEGORIES = ENDINGS * TURNS;

class ReuseProbability implements EvictionPolicy {
  private readonly weight: number;
  private readonly occasion: Occasion | null;
  private readonly rings: Rings;
  private turn: Uint8Array;
  private category: Uint8Array;
  private since: Float64Array;
  /** Of each category, smoothed: share of blocks that were reused before they were evicted, and how long blocks were idle until either. */
  private readonly reused = new Float64Array(CATEGORIES).fill(0.5);
  private readonly idleNs = new Float64Array(CATEGORIES).fill(60e9);
  private lifeNs = 60e9;
  private clock = 0;

  constructor({weight}: Values, {slots, occasion}: PolicySpace) {
    this.weight = weight;
    this.occasion = occasion ?? null;
    this.rings = new Rings(CATEGORIES, slots);
    this.turn = new Uint8Array(slots);
    this.category = new Uint8Array(slots);
    this.since = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    this.tick();
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.turn[slot] = 0;
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
    this.learn(slot, 1);
  }

  release(slot: Slot): void {
    if (this.turn[slot] < TURNS) this.turn[slot]++;
    this.category[slot] = (this.occasion?.ending ?? 0) * TURNS + this.turn[slot] - 1;
    this.since[slot] = this.now();
    this.rings.push(this.category[slot], slot);
  }

  touch(slot: Slot): boolean {
    this.tick();
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  evict(guards: Int32Array): Slot {
    let victim: Slot = NONE;
    let least = Infinity;
    for (let category = 0; category < CATEGORIES; category++) {
      const slot = this.rings.oldestFree(category, guards);
      if (slot === NONE) continue;
      const chance = this.chanceOf(slot);
      if (chance < least || (chance === least && this.since[slot] < this.since[victim])) {
        victim = slot;
        least = chance;
      }
    }
    if (victim === NONE) return NONE;
    this.rings.unlink(victim);
    this.learn(victim, 0);
    this.lifeNs += this.weight * (this.now() - this.since[victim] - this.lifeNs);
    return victim;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.turn = grownBytes(this.turn, slots);
    this.category = grownBytes(this.category, slots);
    this.since = grownFloats(this.since, slots);
  }

  private chanceOf(slot: Slot): number {
    const category = this.category[slot];
    const rate = this.reused[category] / Math.max(1, this.idleNs[category]);
    return exp(-rate * (this.now() - this.since[slot])) * (1 - exp(-rate * Math.max(1, this.lifeNs)));
  }

  private learn(slot: Slot, reused: number): void {
    const category = this.category[slot];
    this.reused[category] += this.weight * (reused - this.reused[category]);
    this.idleNs[category] += this.weight * (this.now() - this.since[slot] - this.idleNs[category]);
  }

  /** Where references stand alone, each is a second. */
  private tick(): void {
    if (this.occasion === null) this.clock += 1e9;
  }

  private now(): number {
    return this.occasion === null ? this.clock : this.occasion.now;
  }
}

export const reuseProbability = {
  name: 'reuseProbability',
  summary: 'Workload-aware: least likely to be used again in the life it has left, by kind of request and turn.',
  source: 'KVCache in the wild, USENIX ATC 2025, arXiv 2506.02634',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new ReuseProbability(values, space),
} as const satisfies Kind<typeof params>;
