/**
 * CAR: ARC with clocks. Blocks used once and often stand in a clock each; the hand of the first moves those used since to the second, that of the second
 * spares those used since once. Ghosts of both move the border, as in ARC; a use only sets a bit.
 */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownIntegers, SizeColumn} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

const ONCE = 0;
const OFTEN = 1;

class Car implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly sizes: SizeColumn;
  private readonly onceGhosts = new Ghosts();
  private readonly oftenGhosts = new Ghosts();
  private readonly capacity: number;
  private keys: Int32Array;
  private list: Uint8Array;
  /** Used since it came or was last passed by the hand; and whether it has been let go at all. */
  private used: Uint8Array;
  private fresh: Uint8Array;
  private once = 0;
  private often = 0;
  private border = 0;

  constructor({slots, capacity}: PolicySpace) {
    this.rings = new Rings(2, slots);
    this.sizes = new SizeColumn(slots);
    this.capacity = capacity;
    this.keys = new Int32Array(slots);
    this.list = new Uint8Array(slots);
    this.used = new Uint8Array(slots);
    this.fresh = new Uint8Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  /** The victim has left: what the ghosts say of the newcomer moves the border, and an unknown one makes the directory forget. */
  insert(slot: Slot, key: number, size: number): void {
    const {onceGhosts, oftenGhosts, capacity} = this;
    this.list[slot] = OFTEN;
    if (onceGhosts.has(key)) {
      this.border = Math.min(capacity, this.border + Math.max(1, oftenGhosts.size / onceGhosts.size));
      onceGhosts.take(key);
    } else if (oftenGhosts.has(key)) {
      this.border = Math.max(0, this.border - Math.max(1, onceGhosts.size / oftenGhosts.size));
      oftenGhosts.take(key);
    } else {
      this.list[slot] = ONCE;
      if (this.once + size + onceGhosts.size > capacity) onceGhosts.dropOldest();
      else if (this.once + this.often + size + onceGhosts.size + oftenGhosts.size > 2 * capacity) oftenGhosts.dropOldest();
    }
    this.keys[slot] = key;
    this.sizes.set(slot, size);
    this.used[slot] = 0;
    this.fresh[slot] = 1;
    this.count(slot, 1);
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    this.used[slot] = 1 - this.fresh[slot];
    this.fresh[slot] = 0;
    this.rings.push(this.list[slot], slot);
  }

  touch(slot: Slot): boolean {
    this.used[slot] = 1;
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
    this.count(slot, -1);
  }

  evict(guards: Int32Array): Slot {
    const {rings} = this;
    if (rings.oldestFree(ONCE, guards) === NONE && rings.oldestFree(OFTEN, guards) === NONE) return NONE;
    for (;;) {
      const wished = this.once >= Math.max(1, this.border) ? ONCE : OFTEN;
      const list = rings.oldestFree(wished, guards) === NONE ? 1 - wished : wished;
      const slot = rings.oldestFree(list, guards);
      rings.unlink(slot);
      this.count(slot, -1);
      if (this.used[slot] === 0) {
        (list === ONCE ? this.onceGhosts : this.oftenGhosts).add(this.keys[slot], this.sizes.get(slot));
        return slot;
      }
      this.used[slot] = 0;
      this.list[slot] = OFTEN;
      this.count(slot, 1);
      rings.push(OFTEN, slot);
    }
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.sizes.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.list = grownBytes(this.list, slots);
    this.used = grownBytes(this.used, slots);
    this.fresh = grownBytes(this.fresh, slots);
  }

  private count(slot: Slot, sign: number): void {
    if (this.list[slot] === OFTEN) this.often += sign * this.sizes.get(slot);
    else this.once += sign * this.sizes.get(slot);
  }
}

export const car = {
  name: 'car',
  summary: 'CAR: the recency and frequency of ARC, with clocks.',
  source: 'Bansal and Modha, CAR: clock with adaptive replacement, FAST 2004',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Car(space),
} as const satisfies Kind;
