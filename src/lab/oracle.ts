/**
 * What a predictor of a stated quality would be worth: an oracle that is wrong about a share of the requests. It reads the future, so it exists for
 * traces only, as Belady does; it is a bound by error rate, not a policy that could be run.
 *
 * At every reference it says when the block is wanted next. Of the blocks of a request about which it is wrong (of a reference, where those stand
 * alone) what it says is worth no more than chance, until they are used again. At each eviction one of all that may leave is drawn: if it is one of
 * those, it leaves; else, of what is foretold rightly, whatever is wanted last. Without errors that is Belady's choice, victim by victim; with
 * nothing but errors it is the choice by chance.
 */
import type {Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';
import {grownFloats} from '../placement/eviction/columns.ts';
import {Residents} from '../placement/eviction/residents.ts';
import {SlotHeap} from '../placement/eviction/slotHeap.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../placement/ports.ts';
import {nextReferences} from './belady.ts';
import {requestsIn, requestStart, type LabTrace} from './trace.ts';

const params = {
  error: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.2,
    meaning: 'Share of the requests about whose blocks it is wrong; 0: Belady, 1: by chance.',
    source: 'a choice',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the errors.'},
} as const satisfies Params;

export type OracleValues = ValuesOf<typeof params>;

export const oracle = {
  name: 'oracle',
  summary: 'Belady with errors: reads the future, and is wrong about a share of the requests.',
  source: 'after LPC, learned prefix caching, NeurIPS 2025',
  params,
} as const;

/** Of each reference, when its block is wanted next; Infinity: never; NaN: about that it is wrong, as it is with every larger share of errors. */
export function foretold(trace: LabTrace, {error, seed}: OracleValues): Float64Array {
  const said = nextReferences(trace.blocks, trace.distinct);
  const stream = new Stream(seed, 'lab/oracle');
  for (let request = 0; request < requestsIn(trace); request++)
    if (stream.uniform() < error) said.fill(NaN, requestStart(trace, request), requestStart(trace, request + 1));
  return said;
}

/** Counts the references itself: every miss(), touch() and hold() is the trace's next one. */
export class Oracle implements EvictionPolicy {
  private readonly said: Float64Array;
  private readonly stream: Stream;
  /** All that may leave, and of those whose next use is known, the last wanted first. */
  private readonly residents: Residents;
  private readonly known: SlotHeap;
  private due: Float64Array;
  private now = -1;

  constructor(said: Float64Array, {seed}: OracleValues, {slots}: PolicySpace) {
    this.said = said;
    this.stream = new Stream(seed, 'lab/oracle/draws');
    this.residents = new Residents(slots);
    this.known = new SlotHeap(slots);
    this.due = new Float64Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    this.now++;
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.due[slot] = this.said[this.now];
  }

  hold(slot: Slot): void {
    this.due[slot] = this.said[++this.now];
    this.remove(slot);
  }

  release(slot: Slot): void {
    this.residents.add(slot);
    if (!Number.isNaN(this.due[slot])) this.known.set(slot, -this.due[slot]);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.residents.has(slot)) this.residents.remove(slot);
    if (this.known.stands(slot)) this.known.remove(slot);
  }

  evict(guards: Int32Array): Slot {
    const drawn = this.residents.least(1, this.stream, guards, () => 0);
    if (drawn === NONE) return NONE;
    const slot = this.known.stands(drawn) ? this.known.take(guards) : drawn;
    this.remove(slot);
    return slot;
  }

  grow(slots: number): void {
    this.residents.grow(slots);
    this.known.grow(slots);
    this.due = grownFloats(this.due, slots);
  }
}
