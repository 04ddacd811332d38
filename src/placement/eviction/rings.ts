/**
 * Doubly linked lists over slots, oldest first; a slot stands in one of them or in none. All share one column, 8 bytes a slot: the two links
 * of a node lie side by side, and every list closes in a ring over a node of its own, so that linking never asks for an end.
 */
import {NONE, type Slot} from '../ports.ts';

/** Links that a fresh column is full of: the slot stands outside. */
const OUTSIDE = 0;

export class Rings {
  /** Node n's older neighbour at 2n, its newer one at 2n + 1. Node 0 is nowhere, 1 .. lists close the rings, then come the slots. */
  private links: Int32Array;
  private readonly base: number;

  constructor(lists: number, slots: number) {
    this.base = lists + 1;
    this.links = new Int32Array(2 * (slots + this.base));
    for (let end = 1; end <= lists; end++) this.links[2 * end] = this.links[2 * end + 1] = end;
  }

  /** In as the newest. The slot stands in no list. */
  push(list: number, slot: Slot): void {
    const {links} = this;
    const node = slot + this.base;
    const end = list + 1;
    const newest = links[2 * end];
    links[2 * node] = newest;
    links[2 * node + 1] = end;
    links[2 * newest + 1] = node;
    links[2 * end] = node;
  }

  /** In as the oldest. The slot stands in no list. */
  pushOldest(list: number, slot: Slot): void {
    const {links} = this;
    const node = slot + this.base;
    const end = list + 1;
    const oldest = links[2 * end + 1];
    links[2 * node] = end;
    links[2 * node + 1] = oldest;
    links[2 * oldest] = node;
    links[2 * end + 1] = node;
  }

  /** Out of its list. The slot stands in one. */
  unlink(slot: Slot): void {
    const {links} = this;
    const at = 2 * (slot + this.base);
    const older = links[at];
    const newer = links[at + 1];
    links[2 * older + 1] = newer;
    links[2 * newer] = older;
    links[at] = OUTSIDE;
  }

  stands(slot: Slot): boolean {
    return this.links[2 * (slot + this.base)] !== OUTSIDE;
  }

  /** The oldest of the list, or NONE. */
  oldest(list: number): Slot {
    const node = this.links[2 * (list + 1) + 1];
    return node < this.base ? NONE : node - this.base;
  }

  newest(list: number): Slot {
    const node = this.links[2 * (list + 1)];
    return node < this.base ? NONE : node - this.base;
  }

  /** The next newer in the slot's list, or NONE. */
  newer(slot: Slot): Slot {
    const node = this.links[2 * (slot + this.base) + 1];
    return node < this.base ? NONE : node - this.base;
  }

  older(slot: Slot): Slot {
    const node = this.links[2 * (slot + this.base)];
    return node < this.base ? NONE : node - this.base;
  }

  /** The oldest that nothing guards, or NONE; it stays where it is. */
  oldestFree(list: number, guards: Int32Array): Slot {
    let slot = this.oldest(list);
    while (slot !== NONE && guards[slot] > 0) slot = this.newer(slot);
    return slot;
  }

  /**
   * Takes out the oldest that nothing guards, or returns NONE. Guarded ones met on the way go round to the newest end: a queue that met
   * the same guarded slots at every eviction would walk over them for ever.
   */
  takeRound(list: number, guards: Int32Array): Slot {
    let firstPassed = NONE;
    for (let slot = this.oldest(list); slot !== firstPassed; slot = this.oldest(list)) {
      this.unlink(slot);
      if (guards[slot] === 0) return slot;
      this.push(list, slot);
      if (firstPassed === NONE) firstPassed = slot;
    }
    return NONE;
  }

  grow(slots: number): void {
    const {links} = this;
    this.links = new Int32Array(2 * (slots + this.base));
    this.links.set(links);
  }
}
