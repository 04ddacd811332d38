/**
 * The smallest (or largest) of ordered candidates for which a condition holds: bisection, and then a check of what bisection takes for
 * granted, that beyond the first candidate that holds all hold. Where that fails, every candidate is tried.
 */

export interface Found {
  /** Index of the answer; null where no candidate holds (or none holds for good). */
  readonly index: number | null;
  /** Indices that were tried, with whether they held, in order of index. */
  readonly tried: readonly (readonly [number, boolean])[];
  /** Two candidates that contradict monotony: the first holds, the second, farther on, does not. */
  readonly contradiction: readonly [number, number] | null;
}

/** Candidates tried beyond those of the bisection, spread over the range, to check monotony. */
const CHECKS = 4;

/** @param holds whether candidate i holds; candidates are ordered so that later ones are expected to hold sooner */
export async function searchFirst(count: number, holds: (index: number) => Promise<boolean>): Promise<Found> {
  const known = new Map<number, boolean>();
  const ask = async (index: number): Promise<boolean> => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const answer = await holds(index);
    known.set(index, answer);
    return answer;
  };
  let low = -1; // does not hold, or before the first
  let high = count; // holds, or behind the last
  if (await ask(count - 1)) high = count - 1;
  while (high < count && high - low > 1) {
    const middle = (low + high) >> 1;
    if (await ask(middle)) high = middle;
    else low = middle;
  }
  for (let check = 0; check < CHECKS; check++) await ask(Math.floor(((check + 0.5) * count) / CHECKS));
  let contradiction = contradictionIn(known);
  if (contradiction !== null) for (let index = 0; index < count; index++) await ask(index);
  contradiction = contradictionIn(known);
  const tried = [...known].sort(([a], [b]) => a - b);
  const lastFailure = tried.findLast(([, answer]) => !answer)?.[0] ?? -1;
  const index = contradiction === null ? (high < count ? high : null) : lastFailure + 1 < count ? lastFailure + 1 : null;
  return {index, tried, contradiction};
}

function contradictionIn(known: ReadonlyMap<number, boolean>): [number, number] | null {
  const sorted = [...known].sort(([a], [b]) => a - b);
  const firstHeld = sorted.find(([, answer]) => answer);
  const laterFailure = firstHeld && sorted.find(([index, answer]) => !answer && index > firstHeld[0]);
  return firstHeld && laterFailure ? [firstHeld[0], laterFailure[0]] : null;
}
