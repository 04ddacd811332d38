/**
 * LHD: of some drawn, the one leaves that is expected to give the fewest hits for the space and time that it takes up (hitDensity.ts). Classes are
 * by the references between a block's last three uses; a block used once is in the class of the rarest.
 *
 * What differs from the paper: one application; 4096 steps of age that reach over 100 times the references that there are blocks, fitted to the
 * number of blocks at every interval instead of twice; the last newcomers compete with those drawn whatever they are worth. As in the authors'
 * simulator, a block in 32 is spared, at most a hundredth of the capacity, so that ages at which nothing survives are learned about, too.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownFloats, SizeColumn} from './columns.ts';
import {HitDensity} from './hitDensity.ts';
import {Residents} from './residents.ts';

const params = {
  draws: {
    type: 'number',
    min: 1,
    max: 1000,
    default: 64,
    meaning: 'Blocks drawn at each eviction.',
    source: 'Beckmann, Chen and Cidon, NSDI 2018',
  },
  interval: {
    type: 'number',
    min: 1,
    max: 2 ** 31,
    default: 2 ** 15,
    meaning: 'References after which it learns from those counted.',
    source: 'a choice; the paper takes a million, of traces of hundreds of millions',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the draws.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

/** The last so many newcomers compete at every eviction. */
const NEWCOMERS = 8;
/** One in so many is spared, and at most this share of the capacity. */
const SPARED_IN = 32;
const SPARED_SHARE = 0.01;

class Lhd implements EvictionPolicy {
  private readonly draws: number;
  private readonly interval: number;
  private readonly stream: Stream;
  private readonly residents: Residents;
  private readonly sizes: SizeColumn;
  private readonly model: HitDensity;
  private readonly newcomers = new Int32Array(NEWCOMERS).fill(NONE);
  private newest = 0;
  /** By slot: last use, references between the last two (0 after one), class, and whether it is spared. */
  private used: Float64Array;
  private gap: Float64Array;
  private kind: Uint8Array;
  private spared: Uint8Array;
  private readonly score = (slot: Slot): number => this.worth(slot);
  private budget: number;
  private clock = 0;
  /** Blocks that were here at the last eviction. */
  private blocks = 0;

  constructor({draws, interval, seed}: Values, {slots, capacity}: PolicySpace) {
    this.draws = draws;
    this.interval = interval;
    this.stream = new Stream(seed, 'eviction/lhd');
    this.residents = new Residents(slots);
    this.sizes = new SizeColumn(slots);
    this.model = new HitDensity(Math.min(capacity, slots));
    this.used = new Float64Array(slots);
    this.gap = new Float64Array(slots);
    this.kind = new Uint8Array(slots);
    this.spared = new Uint8Array(slots);
    this.budget = SPARED_SHARE * capacity;
  }

  miss(_key: number, _size: number): boolean {
    this.tick();
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, size: number): void {
    this.sizes.set(slot, size);
    this.used[slot] = this.clock;
    this.gap[slot] = 0;
    this.kind[slot] = this.model.classOf(Infinity);
    this.newcomers[this.newest++ % NEWCOMERS] = slot;
    this.spare(slot);
  }

  hold(slot: Slot): void {
    this.hit(slot);
    this.residents.remove(slot);
  }

  release(slot: Slot): void {
    this.residents.add(slot);
  }

  touch(slot: Slot): boolean {
    this.hit(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.residents.has(slot)) this.residents.remove(slot);
    this.unspare(slot);
  }

  evict(guards: Int32Array): Slot {
    let slot = this.residents.least(this.draws, this.stream, guards, this.score);
    if (slot === NONE) return NONE;
    for (const one of this.newcomers)
      if (one !== NONE && this.residents.has(one) && guards[one] === 0 && this.worth(one) < this.worth(slot)) slot = one;
    this.blocks = this.residents.count;
    this.residents.remove(slot);
    this.unspare(slot);
    this.model.evicted(this.kind[slot], this.clock - this.used[slot]);
    return slot;
  }

  grow(slots: number): void {
    this.residents.grow(slots);
    this.sizes.grow(slots);
    this.used = grownFloats(this.used, slots);
    this.gap = grownFloats(this.gap, slots);
    this.kind = grownBytes(this.kind, slots);
    this.spared = grownBytes(this.spared, slots);
  }

  private tick(): void {
    if (++this.clock % this.interval === 0) this.model.learn(this.blocks);
  }

  private hit(slot: Slot): void {
    this.tick();
    const age = this.clock - this.used[slot];
    this.model.hit(this.kind[slot], age);
    this.kind[slot] = this.model.classOf(age + this.gap[slot]);
    this.gap[slot] = age;
    this.used[slot] = this.clock;
    this.unspare(slot);
    this.spare(slot);
  }

  /** Spared blocks are worth more than all others, but for those past all ages. */
  private worth(slot: Slot): number {
    return this.model.of(this.kind[slot], this.clock - this.used[slot]) / this.sizes.get(slot) + this.spared[slot];
  }

  private spare(slot: Slot): void {
    if (this.stream.below(SPARED_IN) > 0 || this.budget <= 0) return;
    this.spared[slot] = 1;
    this.budget -= this.sizes.get(slot);
  }

  private unspare(slot: Slot): void {
    this.budget += this.spared[slot] * this.sizes.get(slot);
    this.spared[slot] = 0;
  }
}

export const lhd = {
  name: 'lhd',
  summary: 'LHD: fewest hits expected for the space and time taken, of some drawn.',
  source: 'Beckmann, Chen and Cidon, LHD: improving cache hit rate by maximizing hit density, NSDI 2018',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Lhd(values, space),
} as const satisfies Kind<typeof params>;
