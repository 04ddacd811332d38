/**
 * What keeping a block is worth, by class and age: the model of LHD. Ages are references since the last use, in steps of a power of two. Of each
 * class it counts at which ages blocks were hit and at which evicted, the past fading; the hit density of an age is then
 *
 *     hits at that age or later / steps that all who reach the age yet stay, hit or evicted at their end
 *
 * which one sweep from the oldest age gives for all (Beckmann et al., NSDI 2018, section 4). 24 bytes an age and class, 1.4 MB in all.
 */
import {powerOfTwo} from '../../base/mathematics.ts';

/** By powers of two of the ages, and one for what came back within a step. */
export const CLASSES = 14;
/** A block of this age or more is worth nothing. */
export const AGES = 4096;
/** What a count is worth an interval later. */
const FADING = 0.9;
/** Ages reach as far as so many times the references that there are blocks. */
const REACH = 100;
/** Fewer events than this say nothing. */
const EVENTS_MIN = 1e-5;

export class HitDensity {
  private hits: Float64Array = new Float64Array(CLASSES * AGES);
  private evictions: Float64Array = new Float64Array(CLASSES * AGES);
  private readonly density = new Float64Array(CLASSES * AGES);
  /** References a step: 2^shift; and steps a reference. */
  private shift: number;
  private steps: number;

  /** @param blocks that are here at once, about */
  constructor(blocks: number) {
    this.shift = shiftFor(blocks);
    this.steps = powerOfTwo(-this.shift);
    // Before anything is known: the sooner a block came back and the less long ago, the better.
    for (let i = 0; i < CLASSES * AGES; i++) this.density[i] = (Math.floor(i / AGES) + 1) / ((i % AGES) + 1);
  }

  /** Class of blocks between whose last uses lay so many references: 0 for the longest. */
  classOf(references: number): number {
    const steps = Math.floor(references * this.steps);
    return steps >= AGES ? 0 : Math.clz32(steps) - Math.clz32(AGES);
  }

  hit(kind: number, references: number): void {
    this.hits[this.at(kind, references)]++;
  }

  evicted(kind: number, references: number): void {
    this.evictions[this.at(kind, references)]++;
  }

  /** Hits a step; below 0 at the oldest age. */
  of(kind: number, references: number): number {
    const step = references * this.steps;
    return step >= AGES - 1 ? -1 : this.density[kind * AGES + (step | 0)];
  }

  /** An interval is over: learns from it. @param blocks that are here at once; 0 where it is not known */
  learn(blocks: number): void {
    for (let i = 0; i < CLASSES * AGES; i++) {
      this.hits[i] *= FADING;
      this.evictions[i] *= FADING;
    }
    if (blocks > 0) this.fit(shiftFor(blocks));
    for (let kind = 0; kind < CLASSES; kind++) this.sweep(kind * AGES);
  }

  private at(kind: number, references: number): number {
    return kind * AGES + Math.min(AGES - 1, Math.floor(references * this.steps));
  }

  private sweep(first: number): void {
    const {hits, evictions, density} = this;
    let hitsLater = 0;
    let events = 0;
    let stay = 0;
    for (let at = first + AGES - 1; at >= first; at--) {
      hitsLater += hits[at];
      events += hits[at] + evictions[at];
      stay += events;
      density[at] = events > EVENTS_MIN ? hitsLater / stay : 0;
    }
  }

  /** Coarser steps at once, finer ones where they would be so by four: a number of blocks at a power of two would waver. */
  private fit(shift: number): void {
    const from = this.shift;
    if (shift <= from && shift > from - 2) return;
    this.shift = shift;
    this.steps = powerOfTwo(-shift);
    this.hits = scaled(this.hits, shift - from);
    this.evictions = scaled(this.evictions, shift - from);
  }
}

/** Steps that reach far enough. */
function shiftFor(blocks: number): number {
  let shift = 0;
  while (powerOfTwo(shift) * AGES < REACH * blocks) shift++;
  return shift;
}

/** Counts by age in steps 2^by times as long. Finer steps share what they were counted in together. */
function scaled(counts: Float64Array, by: number): Float64Array {
  const to = new Float64Array(counts.length);
  const parts = Math.max(1, powerOfTwo(-by));
  for (let from = 0; from < counts.length; from++) {
    if (counts[from] === 0) continue;
    const first = from - (from % AGES);
    const age = (from % AGES) / powerOfTwo(by);
    for (let part = 0; part < parts; part++) to[first + Math.min(AGES - 1, Math.floor(age) + part)] += counts[from] / parts;
  }
  return to;
}
