/**
 * LRU in which the context of a request that called a tool is kept for a time, since the tool's reply brings it back soon; then it is as old as it is. Where
 * it is unsaid how a request ended, nothing is kept longer.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, TOOL_CALLED, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  keep: {
    type: 'quantity',
    dimension: 'time',
    default: '60 s',
    meaning: 'How long after a tool call its context is kept before all others.',
    source: 'a choice; Continuum (arXiv 2511.02230) learns it for each tool',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const ORDINARY = 0;
const KEPT = 1;

class ToolPin implements EvictionPolicy {
  private readonly keepNs: number;
  private readonly occasion: Occasion | null;
  private readonly rings: Rings;
  /** When the slot was let go. */
  private since: Float64Array;

  constructor({keep}: Values, {slots, occasion}: PolicySpace) {
    this.keepNs = keep;
    this.occasion = occasion ?? null;
    this.rings = new Rings(2, slots);
    this.since = new Float64Array(slots);
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
    this.since[slot] = this.occasion?.now ?? 0;
    this.rings.push(this.occasion?.ending === TOOL_CALLED ? KEPT : ORDINARY, slot);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
  }

  /** Of the ordinary and of those kept too long, the one let go first; where there is neither, of those kept. */
  evict(guards: Int32Array): Slot {
    const ordinary = this.rings.oldestFree(ORDINARY, guards);
    const kept = this.rings.oldestFree(KEPT, guards);
    const isKept = kept !== NONE && (ordinary === NONE || (this.isOver(kept) && this.since[kept] < this.since[ordinary]));
    const slot = isKept ? kept : ordinary;
    if (slot !== NONE) this.rings.unlink(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.since = grownFloats(this.since, slots);
  }

  private isOver(slot: Slot): boolean {
    return this.occasion !== null && this.occasion.now - this.since[slot] >= this.keepNs;
  }
}

export const toolPin = {
  name: 'toolPin',
  summary: 'LRU that keeps the context of a tool call for a time.',
  source: 'Continuum, arXiv 2511.02230',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new ToolPin(values, space),
} as const satisfies Kind<typeof params>;
