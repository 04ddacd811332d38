/** Any block, each as likely; or of two drawn, the one used longer ago. */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats} from './columns.ts';
import {Residents} from './residents.ts';

const params = {
  draws: {
    type: 'number',
    min: 1,
    max: 1000,
    default: 1,
    meaning: 'Blocks drawn, of which the one used longest ago leaves.',
    source: '1 is random, 2 the power of two choices (randomTwo of libCacheSim); Redis draws 5',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the draws.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Random implements EvictionPolicy {
  private readonly draws: number;
  private readonly stream: Stream;
  private readonly residents: Residents;
  private used: Float64Array;
  private clock = 0;

  constructor({draws, seed}: Values, {slots}: PolicySpace) {
    this.draws = draws;
    this.stream = new Stream(seed, 'eviction/random');
    this.residents = new Residents(slots);
    this.used = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(_slot: Slot, _key: number, _size: number): void {}

  hold(slot: Slot): void {
    this.residents.remove(slot);
  }

  release(slot: Slot): void {
    this.used[slot] = ++this.clock;
    this.residents.add(slot);
  }

  touch(slot: Slot): boolean {
    this.used[slot] = ++this.clock;
    return false;
  }

  remove(slot: Slot): void {
    if (this.residents.has(slot)) this.residents.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    const slot = this.residents.least(this.draws, this.stream, guards, (one) => this.used[one]);
    if (slot !== NONE) this.residents.remove(slot);
    return slot;
  }

  grow(slots: number): void {
    this.residents.grow(slots);
    this.used = grownFloats(this.used, slots);
  }
}

export const random = {
  name: 'random',
  summary: 'Any block; or of some drawn the one used longest ago.',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Random(values, space),
} as const satisfies Kind<typeof params>;
