/** The answer in one sentence: how long, why, and what is nearest to its limit. */
import {formatQuantity} from '../base/units.ts';
import type {Summary} from './summary.ts';

const words: {readonly [state: string]: string} = {
  queued: 'waiting to be admitted',
  evicting: 'waiting for room in HBM',
  shared: 'waiting for blocks that another request computes',
  batching: 'waiting for a step',
  prefill: 'prefill',
  handOff: 'moving KV to decode',
  decode: 'decode',
  preempted: 'starting again after preemption',
};

export function wordsOf(state: string): string {
  return words[state] ?? state.replace(/^load:/, 'loading from ');
}

export function answerOf(summary: Omit<Summary, 'answer' | 'expect'>): string {
  const {ttft, attribution, bottleneck, cache, requests} = summary;
  if (ttft.p99 === null) return `No request got a first token: ${requests.offered} offered, ${requests.rejected} rejected.`;
  const [state, seconds] = Object.entries(attribution.ttft.p99).reduce((worst, entry) => (entry[1] > worst[1] ? entry : worst));
  const total = Object.values(attribution.ttft.p99).reduce((sum, part) => sum + part, 0);
  const share = total > 0 ? Math.round((seconds / total) * 100) : 0;
  const hit = cache.hitRatio === null ? '' : ` ${percent(cache.hitRatio)} of prompt blocks are found again.`;
  return `p99 TTFT is ${formatQuantity(ttft.p99 * 1e9, 'time')} (median ${formatQuantity(ttft.p50! * 1e9, 'time')}), ${share} % of it ${wordsOf(state)}.${hit} ${bottleneck.resource} is the busiest resource, ${percent(bottleneck.utilisation)} of the time.`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
