/**
 * Segmented LRU: a newcomer enters the lowest segment that has room, a use lifts a block by one segment, and a segment that overflows lets its
 * oldest down by one.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, SizeColumn} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  segments: {
    type: 'number',
    min: 2,
    max: 16,
    default: 4,
    meaning: 'Segments, of equal size.',
    source: 'libCacheSim: four; Karedla et al. 1994: two',
  },
} as const satisfies Params;

class Slru implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly sizes: SizeColumn;
  private readonly segmentMax: number;
  private readonly occupied: Float64Array;
  private segment: Uint8Array;
  /** A block was let down into the lowest segment, beyond what that holds. */
  private overflows = false;

  constructor(segments: number, {slots, capacity}: PolicySpace) {
    this.rings = new Rings(segments, slots);
    this.sizes = new SizeColumn(slots);
    this.segment = new Uint8Array(slots);
    this.occupied = new Float64Array(segments);
    this.segmentMax = Math.floor(capacity / segments);
  }

  miss(_key: number, size: number): boolean {
    return size <= this.segmentMax;
  }

  crowded(_size: number): boolean {
    return this.overflows && this.occupied[0] > this.segmentMax && this.rings.oldest(0) !== NONE;
  }

  insert(slot: Slot, _key: number, size: number): void {
    this.sizes.set(slot, size);
    this.overflows = false;
    this.enter(slot, this.lowestWithRoom(size), size);
  }

  hold(slot: Slot): void {
    this.rings.unlink(slot);
    this.lift(slot);
  }

  release(slot: Slot): void {
    this.rings.push(this.segment[slot], slot);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return this.overflows;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
    this.leave(slot);
  }

  evict(guards: Int32Array): Slot {
    for (let segment = 0; segment < this.occupied.length; segment++) {
      const slot = this.rings.oldestFree(segment, guards);
      if (slot === NONE) continue;
      this.rings.unlink(slot);
      this.leave(slot);
      return slot;
    }
    return NONE;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.sizes.grow(slots);
    this.segment = grownBytes(this.segment, slots);
  }

  /** Where there is none, the lowest of all takes what the whole cache has room for. */
  private lowestWithRoom(size: number): number {
    for (let segment = 0; segment < this.occupied.length; segment++) if (this.occupied[segment] + size <= this.segmentMax) return segment;
    return 0;
  }

  /** Counts the slot, which stands nowhere, in the next higher segment, once that has room. */
  private lift(slot: Slot): void {
    const from = this.segment[slot];
    const to = from + 1;
    this.overflows = false;
    if (to === this.occupied.length) return;
    const size = this.sizes.get(slot);
    this.occupied[from] -= size;
    while (this.occupied[to] + size > this.segmentMax && this.letDown(to));
    this.enter(slot, to, size);
  }

  /** Moves a segment's oldest to the one below, once that has room. @returns false where all of the segment is pinned */
  private letDown(segment: number): boolean {
    const slot = this.rings.oldest(segment);
    if (slot === NONE) return false;
    const size = this.sizes.get(slot);
    this.rings.unlink(slot);
    this.occupied[segment] -= size;
    const below = segment - 1;
    if (below > 0) while (this.occupied[below] + size > this.segmentMax && this.letDown(below));
    else if (this.occupied[0] + size > this.segmentMax) this.overflows = true;
    this.enter(slot, below, size);
    this.rings.push(below, slot);
    return true;
  }

  private enter(slot: Slot, segment: number, size: number): void {
    this.segment[slot] = segment;
    this.occupied[segment] += size;
  }

  private leave(slot: Slot): void {
    this.occupied[this.segment[slot]] -= this.sizes.get(slot);
  }
}

export const slru = {
  name: 'slru',
  summary: 'Segmented LRU: every use lifts a block by one segment.',
  source: 'Karedla, Love and Wherry, Caching strategies to improve disk system performance, IEEE Computer 27(3), 1994',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new Slru(values.segments, space),
} as const satisfies Kind<typeof params>;
