/** How far two samples lie apart, and how far apart chance alone puts them. */
import {Stream} from '../../src/base/random.ts';

/** Kolmogorov-Smirnov: the largest distance between two empirical distribution functions, 0 to 1. Both sorted. */
export function ksDistance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let distance = 0;
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i], right[j]);
    while (i < left.length && left[i] <= value) i++;
    while (j < right.length && right[j] <= value) j++;
    distance = Math.max(distance, Math.abs(i / left.length - j / right.length));
  }
  return distance;
}

/**
 * Distances of as many sessions, drawn from the recorded ones with replacement, from the recorded ones: what a perfect generator, from whose
 * sessions these are a sample, would show. Whole sessions are drawn, because the turns of one are alike.
 * @param bySession values of one statistic, a list a session
 * @returns the median and the 95th percentile of `rounds` draws
 */
export function bootstrapDistances(bySession: readonly (readonly number[])[], rounds: number): {median: number; high: number} {
  const stream = new Stream(1, 'bench/bootstrap');
  const all = sorted(bySession.flat());
  const distances = Array.from({length: rounds}, () => {
    const drawn = bySession.map(() => bySession[stream.below(bySession.length)]);
    return ksDistance(all, sorted(drawn.flat()));
  });
  const ordered = sorted(distances);
  return {median: ordered[Math.floor(rounds / 2)], high: ordered[Math.floor(rounds * 0.95)]};
}

export function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
