/** First in, first out: a use changes nothing. A block enters when its first use ends, so that the tail of a chain stands before its head. */
import type {Kind, Params} from '../../base/params.ts';
import type {EvictionPolicy, PolicySpace, Slot} from '../ports.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

class Fifo implements EvictionPolicy {
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

  hold(_slot: Slot): void {}

  release(slot: Slot): void {
    if (!this.rings.stands(slot)) this.rings.push(0, slot);
  }

  touch(_slot: Slot): boolean {
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  evict(guards: Int32Array): Slot {
    return this.rings.takeRound(0, guards);
  }

  grow(slots: number): void {
    this.rings.grow(slots);
  }
}

export const fifo = {
  name: 'fifo',
  summary: 'First in, first out.',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Fifo(space),
} as const satisfies Kind;
