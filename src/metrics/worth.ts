/** What a run's tokens are worth: at list prices, and what keeping their KV cache saved. Prices are inputs; where one is missing, what needs it is null. */
import type {ListPrices} from '../scenario/scenario.ts';
import type {Worth} from './summary.ts';

export interface WorthOf {
  readonly seconds: number;
  readonly computedTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Of the cached ones, those that came from below HBM. */
  readonly cachedBelowTokens: number;
  /** GPU-seconds in prefill. */
  readonly prefillGpuSeconds: number;
  /** Kept below HBM, mean over the run. */
  readonly retainedBytes: number;
  readonly totalCost: number | null;
  readonly perMillionInputTokens: number | null;
  readonly perMillionCachedTokens: number | null;
}

const SECONDS_PER_DAY = 86400;

/**
 * breakEvenRatio: cost of a cached token over that of a computed one, the ratio of prices at which both earn alike.
 * income: what the run's tokens are sold for. grossMargin: 1 - cost / income.
 * gpusFreed: GPUs that prefill would have kept busy with the tokens that were found, at what a computed token took (steps that decode as well count whole, and later tokens of a prompt take longer than its first).
 * perRetainedTerabyteDay: what a terabyte kept below HBM for a day saved: cost of computing the tokens that came from there, at the run's cost of a computed one.
 */
export function worthOf(of: WorthOf, list: ListPrices): Worth {
  const {computedTokens, cachedTokens, seconds} = of;
  const income = incomeOf(of, list);
  const terabyteDays = (of.retainedBytes / 1e12) * (seconds / SECONDS_PER_DAY);
  const saved = of.perMillionInputTokens === null ? null : (of.cachedBelowTokens * of.perMillionInputTokens) / 1e6;
  return {
    breakEvenRatio:
      of.perMillionCachedTokens === null || of.perMillionInputTokens === null || of.perMillionInputTokens === 0
        ? null
        : of.perMillionCachedTokens / of.perMillionInputTokens,
    income,
    grossMargin: income === null || income === 0 || of.totalCost === null ? null : 1 - of.totalCost / income,
    gpusFreed: computedTokens > 0 && seconds > 0 ? (cachedTokens * (of.prefillGpuSeconds / computedTokens)) / seconds : null,
    perRetainedTerabyteDay: saved === null || terabyteDays === 0 ? null : saved / terabyteDays,
  };
}

function incomeOf({computedTokens, cachedTokens, outputTokens}: WorthOf, {input, cached, output}: ListPrices): number | null {
  if (input === null || output === null) return null;
  return (computedTokens * input + cachedTokens * (cached ?? input) + outputTokens * output) / 1e6;
}
