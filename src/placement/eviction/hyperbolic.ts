/** Hyperbolic caching: of some drawn, the one with the fewest uses for the time that it has been here, counted in references. */
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
    default: 64,
    meaning: 'Blocks drawn at each eviction.',
    source: 'Blankstein et al., USENIX ATC 2017',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the draws.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Hyperbolic implements EvictionPolicy {
  private readonly draws: number;
  private readonly stream: Stream;
  private readonly residents: Residents;
  private uses: Float64Array;
  private came: Float64Array;
  private clock = 0;

  constructor({draws, seed}: Values, {slots}: PolicySpace) {
    this.draws = draws;
    this.stream = new Stream(seed, 'eviction/hyperbolic');
    this.residents = new Residents(slots);
    this.uses = new Float64Array(slots);
    this.came = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    this.clock++;
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.uses[slot] = 0;
    this.came[slot] = this.clock;
  }

  hold(slot: Slot): void {
    this.clock++;
    this.residents.remove(slot);
  }

  release(slot: Slot): void {
    this.uses[slot]++;
    this.residents.add(slot);
  }

  touch(slot: Slot): boolean {
    this.clock++;
    this.uses[slot]++;
    return false;
  }

  remove(slot: Slot): void {
    if (this.residents.has(slot)) this.residents.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    const slot = this.residents.least(this.draws, this.stream, guards, (one) => this.uses[one] / (this.clock - this.came[one]));
    if (slot !== NONE) this.residents.remove(slot);
    return slot;
  }

  grow(slots: number): void {
    this.residents.grow(slots);
    this.uses = grownFloats(this.uses, slots);
    this.came = grownFloats(this.came, slots);
  }
}

export const hyperbolic = {
  name: 'hyperbolic',
  summary: 'Hyperbolic caching: fewest uses for the time here, of some drawn.',
  source: 'Blankstein, Sen and Freedman, Hyperbolic caching: flexible caching for web applications, USENIX ATC 2017',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Hyperbolic(values, space),
} as const satisfies Kind<typeof params>;
