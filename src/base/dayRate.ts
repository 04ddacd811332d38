/** A rate that follows the time of day. */

/** Factors of a rate over a period, in equal parts, again and again. */
export interface DayProfile {
  readonly factors: readonly number[];
  readonly periodNs: number;
}

/** "0.3, 0.2, 1, 1.5" are the quarters of a day. */
export function factorsOf(profile: string): number[] {
  return profile.split(',').map((factor) => (factor.trim() === '' ? NaN : Number(factor)));
}

/** What is wrong with the factors of a profile; null where nothing is. */
export function factorsFault(factors: readonly number[]): string | null {
  if (factors.every((factor) => factor >= 0 && factor < Infinity) && factors.some((factor) => factor > 0)) return null;
  return 'a profile is a list of factors, none below 0 and one at least above it: write "0.3, 1, 1.5"';
}

/**
 * When the rate, integrated from `from` on, comes to `events`. @param from nanoseconds since the first period began @param perSecond where the factor is 1
 * @returns nanoseconds since then, not rounded
 */
export function instantAfter(from: number, events: number, perSecond: number, {factors, periodNs}: DayProfile): number {
  const partNs = periodNs / factors.length;
  for (let now = from, left = events; ;) {
    if (left <= 0) return now;
    const part = Math.floor(now / partNs);
    const perNs = (perSecond * factors[part % factors.length]) / 1e9;
    const end = (part + 1) * partNs;
    if (left <= perNs * (end - now)) return now + left / perNs;
    left -= perNs * (end - now);
    now = end;
  }
}
