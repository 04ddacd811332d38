/** Where the start of a run ends, and how sure its figures are: MSER-5 and batch means. docs/model/metrics.md has the equations. */
import {Batch} from './batches.ts';
import {intervalOf, lagOneCorrelation, Z95} from './interval.ts';

/** Batches that intervals are made of. */
export const BATCHES = 10;
/** Observations that a batch needs. */
const BATCH_MIN = 20;
/** Where neighbouring batches are more alike than this, they are far shorter than what is correlated in the run. */
const CORRELATION_MAX = 0.5;
/** Fewer means than these may agree by chance. */
const FEWEST = 5;

/** Where the true value lies with 95 % confidence; null where the observations do not say. */
export interface Bounds {
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * MSER-5 (White, 1997): leave out so much of the beginning that the mean of the rest has the least standard error.
 * @returns groups to leave out, null where there are too few to say. More than half of them is no start: the run is too short, or comes in bursts
 */
export function startOf(groups: readonly Batch[]): number | null {
  if (groups.length < 2 * BATCHES) return null;
  let best = 0;
  let least = Infinity;
  let left = 0;
  let sum = 0;
  let squares = 0;
  for (let from = groups.length - 1; from >= 0; from--) {
    const {count, mean} = groups[from]!;
    if (count === 0) continue;
    left++;
    sum += mean;
    squares += mean * mean;
    const error = (squares - (sum * sum) / left) / (left * left);
    if (left < FEWEST || error > least) continue;
    least = error;
    best = from;
  }
  return best;
}

/** A series as batches that may be taken for independent, its start left out. */
export interface Steady {
  readonly batches: readonly Batch[];
  /** Groups left out. */
  readonly start: number;
}

/**
 * The start is left out only where it matters: where the mean with it lies outside the interval of the rest. One that MSER finds by chance in a
 * steady run, and cuts with a bias, stays in.
 * @returns null where the run is too short: what matters is more than half of it, or batches are too few or too much alike
 */
export function steadyOf(groups: readonly Batch[]): Steady | null {
  const found = startOf(groups);
  if (found === null) return null;
  const half = Math.floor(groups.length / 2);
  const rest = batchesOf(groups.slice(Math.min(found, half)));
  const {low, high} = meanBounds(rest);
  const {mean} = Batch.of(groups);
  const matters = mean < low! || mean > high!;
  if (matters && found > half) return null;
  const batches = matters ? rest : batchesOf(groups);
  if (batches.some(({count}) => count < BATCH_MIN) || correlationOf(means(batches)) > CORRELATION_MAX) return null;
  return {batches, start: matters ? found : 0};
}

/** Neighbouring groups joined into batches of equal numbers of groups, as far as that goes. */
export function batchesOf(groups: readonly Batch[]): Batch[] {
  const at = (batch: number): number => Math.floor((batch * groups.length) / BATCHES);
  return Array.from({length: BATCHES}, (_, batch) => Batch.of(groups.slice(at(batch), at(batch + 1))));
}

/** Of the mean. */
export function meanBounds(batches: readonly Batch[]): Bounds {
  const {mean} = Batch.of(batches);
  const half = halfWidth(means(batches));
  return {low: Math.max(0, mean - half), high: mean + half};
}

/**
 * Of a quantile, without a guess at the density: how far the share of observations below it wanders between batches (and no less than it would
 * among independent observations), read off the distribution at both ends.
 */
export function quantileBounds(batches: readonly Batch[], share: number): Bounds {
  const all = Batch.of(batches);
  const value = all.quantile(share);
  const wandering = halfWidth(batches.map((batch) => batch.shareUpTo(value)));
  const half = Math.max(wandering, Z95 * Math.sqrt((share * (1 - share)) / all.count));
  return {low: share - half <= 0 ? null : all.quantile(share - half), high: share + half >= 1 ? null : all.quantile(share + half)};
}

/** Student's t over batches, widened by what is left of correlation between neighbours: (1 + r) / (1 - r) times the variance (N-Skart's correction). */
function halfWidth(values: readonly number[]): number {
  const r = Math.min(CORRELATION_MAX, correlationOf(values));
  return intervalOf(values).half! * Math.sqrt((1 + r) / (1 - r));
}

/** Of neighbouring batches, at least 0; the estimate is low by one in their number. */
function correlationOf(values: readonly number[]): number {
  return Math.max(0, lagOneCorrelation(values) + 1 / values.length);
}

function means(batches: readonly Batch[]): number[] {
  return batches.map(({mean}) => mean);
}
