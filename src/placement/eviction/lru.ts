/**
 * Least recently used. Chains are released deepest block first, so that this is the tail-first LRU of vLLM's block pool: of one prompt the
 * last block leaves first, and no child outlives its parent.
 */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {Rings} from './rings.ts';

const params = {} as const satisfies Params;

/** One list, of the slots that are not pinned. */
class Lru implements EvictionPolicy {
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
    const slot = this.rings.oldestFree(0, guards);
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
  }
}

export const lru = {
  name: 'lru',
  summary: 'Least recently used, the tail of a chain first.',
  source: 'vLLM v1 block pool: freed blocks are appended to the queue in reverse order of their chain',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Lru(space),
} as const satisfies Kind;
