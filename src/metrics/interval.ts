/** Means of independent values, with the interval that their own spread supports. */

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom (Abramowitz & Stegun, table 26.10). */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
/** Two-sided 95 % quantile of the normal distribution. */
export const Z95 = 1.959964;

/** Two-sided 95 % quantile of Student's t; beyond 30 degrees of freedom by the expansion of Abramowitz & Stegun 26.7.5, to 1e-4. */
export function t95(degrees: number): number {
  if (degrees < 1) return Infinity;
  if (degrees <= 30) return T95[degrees - 1]!;
  const z = Z95;
  const z3 = z * z * z;
  const z5 = z3 * z * z;
  return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees);
}

export interface Interval {
  readonly mean: number;
  /** Half width at 95 %; null for a single value, which has no spread. */
  readonly half: number | null;
  readonly count: number;
}

/** Mean of independent values and its 95 % interval. */
export function intervalOf(values: readonly number[]): Interval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return {mean, half: null, count};
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (count - 1);
  return {mean, half: t95(count - 1) * Math.sqrt(variance / count), count};
}

/** Of paired values, the mean difference (second less first) and its interval: what common random numbers are for. */
export function pairedDifference(first: readonly number[], second: readonly number[]): Interval {
  return intervalOf(first.map((value, i) => second[i]! - value));
}

/** Correlation of neighbours in a sequence, -1 to 1; 0 where it does not vary. */
export function lagOneCorrelation(values: readonly number[]): number {
  const {mean} = intervalOf(values);
  const spread = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const product = values.slice(1).reduce((sum, value, i) => sum + (value - mean) * (values[i]! - mean), 0);
  return spread === 0 ? 0 : product / spread;
}
