/**
 * Time to live: a block leaves when it has been here, or unused, for so long, whether there is room or not; where room is needed before, the one that
 * would be the first to. Those that are over leave with the next miss. Where references stand alone, each is a second.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  life: {
    type: 'quantity',
    dimension: 'time',
    default: '300 s',
    meaning: 'Time to live.',
    source: "the default life of a provider's prompt cache",
  },
  from: {type: 'choice', choices: ['use', 'arrival'], default: 'use', meaning: 'Since when it runs.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Ttl implements EvictionPolicy {
  private readonly values: Values;
  private readonly occasion: Occasion | null;
  private readonly rings: Rings;
  private since: Float64Array;
  private clock = 0;

  constructor(values: Values, {slots, occasion}: PolicySpace) {
    this.values = values;
    this.occasion = occasion ?? null;
    this.rings = new Rings(1, slots);
    this.since = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    this.clock += 1e9;
    return true;
  }

  crowded(_size: number): boolean {
    const slot = this.rings.oldest(0);
    return slot !== NONE && this.now() - this.since[slot] >= this.values.life;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.since[slot] = this.now();
  }

  hold(slot: Slot): void {
    this.clock += 1e9;
    this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    if (this.values.from === 'use') this.since[slot] = this.now();
    this.rings.push(0, slot);
  }

  touch(slot: Slot): boolean {
    this.clock += 1e9;
    if (this.values.from === 'use') {
      this.rings.unlink(slot);
      this.release(slot);
    }
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  evict(guards: Int32Array): Slot {
    const slot = this.rings.oldestFree(0, guards);
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.since = grownFloats(this.since, slots);
  }

  private now(): number {
    return this.occasion === null ? this.clock : this.occasion.now;
  }
}

export const ttl = {
  name: 'ttl',
  summary: 'Time to live, from the last use or from arrival.',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Ttl(values, space),
} as const satisfies Kind<typeof params>;
