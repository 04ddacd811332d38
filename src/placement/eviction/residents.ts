/** The slots that may be evicted, in no order, so that one can be drawn by chance. 8 bytes a slot. */
import type {Stream} from '../../base/random.ts';
import {NONE, type Slot} from '../ports.ts';
import {grownIntegers} from './columns.ts';

export class Residents {
  count = 0;
  private slots: Int32Array;
  /** Place, plus 1; 0: not here. */
  private place: Int32Array;

  constructor(slots: number) {
    this.slots = new Int32Array(slots);
    this.place = new Int32Array(slots);
  }

  has(slot: Slot): boolean {
    return this.place[slot] > 0;
  }

  add(slot: Slot): void {
    this.slots[this.count] = slot;
    this.place[slot] = ++this.count;
  }

  remove(slot: Slot): void {
    const at = this.place[slot] - 1;
    const last = this.slots[--this.count];
    this.slots[at] = last;
    this.place[last] = at + 1;
    this.place[slot] = 0;
  }

  /**
   * Of so many drawn with replacement the one of least score among those that nothing guards; where all drawn are guarded, the first from a drawn
   * place on that is not; NONE where there is none.
   */
  least(draws: number, stream: Stream, guards: Int32Array, score: (slot: Slot) => number): Slot {
    if (this.count === 0) return NONE;
    let found: Slot = NONE;
    let foundScore = Infinity;
    for (let draw = 0; draw < draws; draw++) {
      const slot = this.slots[stream.below(this.count)];
      if (guards[slot] > 0) continue;
      const value = score(slot);
      if (found !== NONE && value >= foundScore) continue;
      found = slot;
      foundScore = value;
    }
    if (found !== NONE) return found;
    const first = stream.below(this.count);
    for (let i = 0; i < this.count; i++) {
      const slot = this.slots[(first + i) % this.count];
      if (guards[slot] === 0) return slot;
    }
    return NONE;
  }

  grow(slots: number): void {
    this.slots = grownIntegers(this.slots, slots);
    this.place = grownIntegers(this.place, slots);
  }
}
