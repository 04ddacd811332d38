/** Most recently used leaves first: right for a loop that is larger than the cache, wrong for nearly everything else. */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

class Mru implements EvictionPolicy {
  private readonly rings: Rings;

  constructor(space: PolicySpace) {
    this.rings = new Rings(1, space.slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(_slot: Slot, _key: number, _size: number): void {}

  hold(slot: Slot): void {
    this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    this.rings.push(0, slot);
  }

  touch(slot: Slot): boolean {
    this.rings.unlink(slot);
    this.rings.push(0, slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  evict(guards: Int32Array): Slot {
    let slot = this.rings.newest(0);
    while (slot !== NONE && guards[slot] > 0) slot = this.rings.older(slot);
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
  }
}

export const mru = {
  name: 'mru',
  summary: 'Most recently used leaves first.',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Mru(space),
} as const satisfies Kind;
