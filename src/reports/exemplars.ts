/** Requests worth a closer look: the slowest, and one of each stretch of TTFT, half an octave wide, so that there is one near every percentile. */
import {powerOfTwo} from '../base/mathematics.ts';
import type {RequestRecord} from '../metrics/records.ts';

/** A request as its timeline is drawn. Seconds since the run began. */
export interface Exemplar {
  readonly session: number;
  readonly turn: number;
  readonly latencyClass: string;
  readonly instance: number;
  readonly arrival: number;
  readonly firstToken: number;
  readonly end: number;
  readonly inputTokens: number;
  readonly hitTokens: number;
  readonly outputTokens: number;
  readonly preemptions: number;
  /** Blocks of the prompt, and of these found by tier. */
  readonly blocks: number;
  readonly hitBlocks: readonly number[];
  /** [state, since, until], in order. */
  readonly path: readonly (readonly [number, number, number])[];
}

const SLOWEST = 10;
const STRETCHES = 2;
/** Stays shorter than this share of a request's life are drawn with the one before. */
const SHORTEST = 1 / 300;

export class Exemplars {
  private readonly slowest: Exemplar[] = [];
  /** The one kept of each stretch, and how many it has had. */
  private readonly stretches = new Map<number, {exemplar: Exemplar; seen: number}>();

  record(record: RequestRecord): void {
    const ttft = record.firstTokenNs - record.arrivalNs;
    if (!(ttft >= 0)) return;
    const last = this.slowest.at(-1);
    if (this.slowest.length < SLOWEST || ttftOf(last!) < ttft / 1e9) this.insert(exemplarOf(record));
    else this.keepInStretch(stretchOf(ttft), record);
  }

  /** The first, the second, the fourth, the eighth...: one from anywhere in the run, for little work. */
  private keepInStretch(stretch: number, record: RequestRecord): void {
    const kept = this.stretches.get(stretch);
    if (kept === undefined) this.stretches.set(stretch, {exemplar: exemplarOf(record), seen: 1});
    else if (((kept.seen + 1) & kept.seen++) === 0) kept.exemplar = exemplarOf(record);
  }

  /** The slowest first, then the others. */
  list(): Exemplar[] {
    const others = [...this.stretches.values()].map(({exemplar}) => exemplar).sort((a, b) => ttftOf(b) - ttftOf(a));
    return [...new Set([...this.slowest, ...others])];
  }

  private insert(exemplar: Exemplar): void {
    let at = this.slowest.length;
    while (at > 0 && ttftOf(this.slowest[at - 1]!) < ttftOf(exemplar)) at--;
    this.slowest.splice(at, 0, exemplar);
    if (this.slowest.length > SLOWEST) this.slowest.pop();
  }
}

export function ttftOf({arrival, firstToken}: Exemplar): number {
  return firstToken - arrival;
}

/** Two a doubling. */
function stretchOf(nanoseconds: number): number {
  let octave = 0;
  for (let value = nanoseconds; value >= 2; value /= 2) octave++;
  return octave * STRETCHES + Math.floor((nanoseconds / powerOfTwo(octave) - 1) * STRETCHES);
}

function exemplarOf(record: RequestRecord): Exemplar {
  return {
    session: record.session,
    turn: record.turn,
    latencyClass: record.latencyClass,
    instance: record.prefillInstance,
    arrival: record.arrivalNs / 1e9,
    firstToken: record.firstTokenNs / 1e9,
    end: record.endNs / 1e9,
    inputTokens: record.inputTokens,
    hitTokens: record.hitTokens,
    outputTokens: record.outputTokens,
    preemptions: record.preemptions,
    blocks: record.blocks,
    hitBlocks: Array.from(record.hitBlocks),
    path: pathOf(record),
  };
}

/** The first stays whatever its length; short ones are part of what came before. */
function pathOf({path, arrivalNs, endNs}: RequestRecord): [number, number, number][] {
  const stays: [number, number, number][] = [];
  for (let i = 0; i < path.count; i++) {
    const until = i + 1 < path.count ? path.since[i + 1]! : endNs;
    const before = stays.at(-1);
    const state = path.states[i]!;
    const short = until - path.since[i]! < (endNs - arrivalNs) * SHORTEST;
    if (before !== undefined && (short || before[0] === state)) before[2] = until / 1e9;
    else stays.push([state, path.since[i]! / 1e9, until / 1e9]);
  }
  return stays;
}
