/**
 * CLOCK, or second chance: a queue in which a used block, when its turn to leave comes, goes round once more for each use that its counter
 * holds. One bit is the classic.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  bits: {type: 'number', min: 1, max: 8, default: 1, meaning: 'Width of the counter of uses.', source: 'Corbato 1968: one'},
} as const satisfies Params;

class Clock implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly usesMax: number;
  private uses: Uint8Array;
  private count = 0;

  constructor(bits: number, space: PolicySpace) {
    this.rings = new Rings(1, space.slots);
    this.uses = new Uint8Array(space.slots);
    this.usesMax = (1 << bits) - 1;
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.uses[slot] = 0;
  }

  hold(slot: Slot): void {
    this.touch(slot);
  }

  release(slot: Slot): void {
    if (this.rings.stands(slot)) return;
    this.rings.push(0, slot);
    this.count++;
  }

  touch(slot: Slot): boolean {
    if (this.uses[slot] < this.usesMax) this.uses[slot]++;
    return false;
  }

  remove(slot: Slot): void {
    if (!this.rings.stands(slot)) return;
    this.rings.unlink(slot);
    this.count--;
  }

  evict(guards: Int32Array): Slot {
    const {rings, uses} = this;
    for (let steps = this.count * (this.usesMax + 1); steps > 0; steps--) {
      const slot = rings.oldest(0);
      rings.unlink(slot);
      if (uses[slot] === 0 && guards[slot] === 0) {
        this.count--;
        return slot;
      }
      if (uses[slot] > 0) uses[slot]--;
      rings.push(0, slot);
    }
    return NONE;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.uses = grownBytes(this.uses, slots);
  }
}

export const clock = {
  name: 'clock',
  summary: 'CLOCK: a queue with a second chance for what was used.',
  source: 'Corbato, A paging experiment with the Multics system, 1968',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new Clock(values.bits, space),
} as const satisfies Kind<typeof params>;
