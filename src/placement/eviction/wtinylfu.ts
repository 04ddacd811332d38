/**
 * W-TinyLFU: newcomers pass a small LRU window; who leaves that stays only if it was used more often, by a sketch, than whom the main part would give up.
 * The main part is an SLRU of a probation and a protected list. The sketch has four rows of 4-bit counters, and halves all once it has counted ten uses for each
 * block that fits. Sizes are not looked at.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownIntegers} from './columns.ts';
import {FrequencySketch} from './frequencySketch.ts';
import {Rings} from './rings.ts';

const params = {
  window: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.01,
    meaning: 'Share of the blocks that is the window.',
    source: 'Einziger, Friedman and Manes, ACM TOS 13(4), 2017',
  },
  protected: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.8,
    meaning: 'Share of the main part that is protected.',
    source: 'Einziger, Friedman and Manes, ACM TOS 13(4), 2017',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;

class WTinyLfu implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly sketch: FrequencySketch;
  private readonly windowMost: number;
  private readonly mainMost: number;
  private readonly protectedMost: number;
  private keys: Int32Array;
  private list: Uint8Array;
  private fresh: Uint8Array;
  private readonly counts = new Int32Array(3);

  constructor(values: Values, {slots, capacity}: PolicySpace) {
    const blocks = Math.min(capacity, slots);
    this.rings = new Rings(3, slots);
    this.sketch = new FrequencySketch(blocks);
    this.windowMost = Math.max(1, Math.floor(values.window * blocks));
    this.mainMost = blocks - this.windowMost;
    this.protectedMost = Math.floor(values.protected * this.mainMost);
    this.keys = new Int32Array(slots);
    this.list = new Uint8Array(slots);
    this.fresh = new Uint8Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, _size: number): void {
    this.keys[slot] = key;
    this.list[slot] = WINDOW;
    this.fresh[slot] = 1;
    this.counts[WINDOW]++;
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    this.sketch.add(this.keys[slot]);
    if (this.fresh[slot] === 0 && this.list[slot] === PROBATION) this.move(slot, PROTECTED);
    this.fresh[slot] = 0;
    this.rings.push(this.list[slot], slot);
    while (this.counts[PROTECTED] > this.protectedMost && this.demote(PROTECTED));
    while (this.counts[WINDOW] > this.windowMost && this.counts[PROBATION] + this.counts[PROTECTED] < this.mainMost && this.demote(WINDOW));
  }

  touch(slot: Slot): boolean {
    this.rings.unlink(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
    this.counts[this.list[slot]]--;
  }

  /** What the window holds too much goes over to the main part, and the loser of the two leaves. */
  evict(guards: Int32Array): Slot {
    const {rings, counts} = this;
    const candidate = counts[WINDOW] >= this.windowMost ? rings.oldestFree(WINDOW, guards) : NONE;
    const settled = this.firstFree(guards, PROBATION, PROTECTED);
    if (candidate === NONE && settled === NONE) return this.take(rings.oldestFree(WINDOW, guards));
    if (candidate === NONE || settled === NONE) return this.take(candidate === NONE ? settled : candidate);
    if (this.sketch.count(this.keys[candidate]) <= this.sketch.count(this.keys[settled])) return this.take(candidate);
    rings.unlink(candidate);
    this.move(candidate, PROBATION);
    rings.push(PROBATION, candidate);
    return this.take(settled);
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.list = grownBytes(this.list, slots);
    this.fresh = grownBytes(this.fresh, slots);
  }

  /** The oldest of the list goes to probation. @returns false where all of the list are pinned */
  private demote(list: number): boolean {
    const slot = this.rings.oldest(list);
    if (slot === NONE) return false;
    this.rings.unlink(slot);
    this.move(slot, PROBATION);
    this.rings.push(PROBATION, slot);
    return true;
  }

  private firstFree(guards: Int32Array, first: number, second: number): Slot {
    const slot = this.rings.oldestFree(first, guards);
    return slot === NONE ? this.rings.oldestFree(second, guards) : slot;
  }

  private take(slot: Slot): Slot {
    if (slot === NONE) return NONE;
    this.rings.unlink(slot);
    this.counts[this.list[slot]]--;
    return slot;
  }

  private move(slot: Slot, list: number): void {
    this.counts[this.list[slot]]--;
    this.list[slot] = list;
    this.counts[list]++;
  }
}

export const wtinylfu = {
  name: 'wtinylfu',
  summary: 'W-TinyLFU: a window, and a frequency sketch that guards the rest.',
  source: 'Einziger, Friedman and Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new WTinyLfu(values, space),
} as const satisfies Kind<typeof params>;
