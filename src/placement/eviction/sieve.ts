/**
 * SIEVE: a queue that nobody moves in; a hand goes from the oldest to the newest, takes away the mark of what was used, and evicts the first
 * block that has none. It stays where it stopped.
 */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes} from './columns.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

class Sieve implements EvictionPolicy {
  private readonly rings: Rings;
  private used: Uint8Array;
  /** Where the search goes on; NONE: at the oldest. */
  private hand: Slot = NONE;
  private count = 0;

  constructor(space: PolicySpace) {
    this.rings = new Rings(1, space.slots);
    this.used = new Uint8Array(space.slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.used[slot] = 0;
  }

  hold(slot: Slot): void {
    this.used[slot] = 1;
  }

  release(slot: Slot): void {
    if (this.rings.stands(slot)) return;
    this.rings.push(0, slot);
    this.count++;
  }

  touch(slot: Slot): boolean {
    this.used[slot] = 1;
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.takeOut(slot);
  }

  evict(guards: Int32Array): Slot {
    const {rings, used} = this;
    let slot = this.hand;
    for (let steps = 2 * this.count; steps > 0; steps--) {
      if (slot === NONE) slot = rings.oldest(0);
      if (used[slot] === 0 && guards[slot] === 0) {
        this.hand = slot;
        this.takeOut(slot);
        return slot;
      }
      if (guards[slot] === 0) used[slot] = 0;
      slot = rings.newer(slot);
    }
    return NONE;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.used = grownBytes(this.used, slots);
  }

  private takeOut(slot: Slot): void {
    if (this.hand === slot) this.hand = this.rings.newer(slot);
    this.rings.unlink(slot);
    this.count--;
  }
}

export const sieve = {
  name: 'sieve',
  summary: 'SIEVE: a queue, a mark for what was used, and a hand that stays where it stopped.',
  source: 'Zhang et al., SIEVE is simpler than LRU, NSDI 2024',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Sieve(space),
} as const satisfies Kind;
