/**
 * ARC: blocks used once since they came and blocks used more often, each with ghosts; a miss that a ghost would have spared shifts the border
 * between the two. The border moves, and its ghost is forgotten, before the eviction in the newcomer's favour.
 */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownIntegers, SizeColumn} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

const ONCE = 0;
const OFTEN = 1;

class Arc implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly sizes: SizeColumn;
  private readonly onceGhosts = new Ghosts();
  private readonly oftenGhosts = new Ghosts();
  private readonly capacity: number;
  private keys: Int32Array;
  private list: Uint8Array;
  private once = 0;
  private often = 0;
  /** Share of the capacity that blocks used once may keep: p of the paper. */
  private border = 0;
  /** Where the newcomer was remembered. */
  private recalledOnce = false;
  private recalledOften = false;
  private incoming = 1;

  constructor({slots, capacity}: PolicySpace) {
    this.rings = new Rings(2, slots);
    this.sizes = new SizeColumn(slots);
    this.keys = new Int32Array(slots);
    this.list = new Uint8Array(slots);
    this.capacity = capacity;
  }

  miss(key: number, size: number): boolean {
    const {onceGhosts, oftenGhosts} = this;
    this.incoming = size;
    this.recalledOften = false;
    this.recalledOnce = onceGhosts.has(key);
    if (this.recalledOnce) {
      this.border = Math.min(this.capacity, this.border + Math.max(1, oftenGhosts.size / onceGhosts.size));
      onceGhosts.take(key);
      return true;
    }
    this.recalledOften = oftenGhosts.has(key);
    if (this.recalledOften) {
      this.border = Math.max(0, this.border - Math.max(1, onceGhosts.size / oftenGhosts.size));
      oftenGhosts.take(key);
    }
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, size: number): void {
    this.keys[slot] = key;
    this.sizes.set(slot, size);
    this.list[slot] = this.recalledOnce || this.recalledOften ? OFTEN : ONCE;
    this.recalledOnce = this.recalledOften = false;
    this.count(slot, 1);
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
    this.promote(slot);
  }

  release(slot: Slot): void {
    this.rings.push(this.list[slot], slot);
  }

  touch(slot: Slot): boolean {
    this.rings.unlink(slot);
    this.promote(slot);
    this.rings.push(OFTEN, slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
    this.count(slot, -1);
  }

  evict(guards: Int32Array): Slot {
    const {rings} = this;
    const slots = [rings.oldestFree(ONCE, guards), rings.oldestFree(OFTEN, guards)];
    const remembers = this.trim();
    const first =
      this.once > 0 && (!remembers || this.once > this.border || (this.recalledOften && this.once === this.border)) ? ONCE : OFTEN;
    const slot = slots[first] === NONE ? slots[1 - first] : slots[first];
    if (slot === NONE) return NONE;
    rings.unlink(slot);
    this.count(slot, -1);
    const ghosts = this.list[slot] === ONCE ? this.onceGhosts : this.oftenGhosts;
    if (remembers) ghosts.add(this.keys[slot], this.sizes.get(slot));
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.sizes.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.list = grownBytes(this.list, slots);
  }

  /** Keeps the directory within bounds. @returns whether the victim is to be remembered */
  private trim(): boolean {
    if (this.recalledOnce || this.recalledOften) return true;
    const {onceGhosts, oftenGhosts, capacity} = this;
    if (this.once + onceGhosts.size + this.incoming > capacity) {
      if (onceGhosts.count === 0) return false;
      onceGhosts.dropOldest();
    } else if (this.once + onceGhosts.size + this.often + oftenGhosts.size >= 2 * capacity) oftenGhosts.dropOldest();
    return true;
  }

  private promote(slot: Slot): void {
    if (this.list[slot] === OFTEN) return;
    this.count(slot, -1);
    this.list[slot] = OFTEN;
    this.count(slot, 1);
  }

  private count(slot: Slot, sign: number): void {
    if (this.list[slot] === ONCE) this.once += sign * this.sizes.get(slot);
    else this.often += sign * this.sizes.get(slot);
  }
}

export const arc = {
  name: 'arc',
  summary: 'ARC: recency and frequency, with a border that ghosts move.',
  source: 'Megiddo and Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Arc(space),
} as const satisfies Kind;
