/** What a buyer pays for a run's tokens at list prices, by how long the seller keeps their KV cache. */
import type {ListPrices} from '../scenario/scenario.ts';
import type {Summary} from './summary.ts';

export interface BillLine {
  readonly retention: string;
  readonly tokenHitRatio: number;
  readonly computedTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly dollars: number;
}

/** Tokens of a run, from its summary. */
export type Billed = Pick<Summary, 'cache' | 'throughput' | 'simulatedSeconds'>;

/** `inputPrice`: of a million input tokens that are computed, and so written to the cache; `cachedPrice`: of those found. */
export function billLine(retention: string, tokens: Billed, inputPrice: number, cachedPrice: number, outputPrice: number): BillLine {
  const seconds = tokens.simulatedSeconds;
  const inputTokens = Math.round(tokens.throughput.inputTokensPerSecond! * seconds);
  const outputTokens = Math.round(tokens.throughput.outputTokensPerSecond! * seconds);
  const tokenHitRatio = tokens.cache.tokenHitRatio ?? 0;
  const cachedTokens = Math.round(inputTokens * tokenHitRatio);
  const computedTokens = inputTokens - cachedTokens;
  const dollars = (computedTokens * inputPrice + cachedTokens * cachedPrice + outputTokens * outputPrice) / 1e6;
  return {retention, tokenHitRatio, computedTokens, cachedTokens, outputTokens, dollars};
}

/** Retentions that are sold, with the time to live and what writing costs. */
export function retentionsOf({
  input,
  write,
  writeHour,
}: ListPrices): {readonly name: string; readonly ttl: string | null; readonly inputPrice: number}[] {
  const short = write ?? input ?? 0;
  return [
    {name: '5 minutes', ttl: '5 min', inputPrice: short},
    {name: '1 hour', ttl: '1 h', inputPrice: writeHour ?? short},
    {name: 'unlimited', ttl: null, inputPrice: short},
  ];
}
