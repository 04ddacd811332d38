/** What the notebooks share: running a scenario in the page, and walking a generated workload without simulating it. */
import {catalogue, loadScenario, openSource, simulate, type Summary} from '../src/index.ts';

export interface Sets {
  readonly [path: string]: string | number;
}

/** Runs a scenario's text with some values changed, as `tierscape run --set` does. */
export function run(text: string, sets: Sets): Summary {
  const scenario = loadScenario(text, {file: 'scenario.yaml', overrides: overridesOf(sets)}, catalogue);
  return simulate(scenario, openSource(scenario, []));
}

/** Every request of a generated workload as [milliseconds, block, block, ...], in time order, as if answers took no time. */
export function requestsOf(text: string, sets: Sets, sessions: number, everyMs: number): number[][] {
  const scenario = loadScenario(text, {file: 'scenario.yaml', overrides: overridesOf(sets)}, catalogue);
  const source = openSource(scenario, []);
  const requests: number[][] = [];
  for (let ordinal = 0; ordinal < sessions; ordinal++) {
    const session = source.next();
    if (session === null) break;
    const at = new Map<number, number>();
    for (const {turn, after, offsetNs, promptRuns, inputTokens} of session.requests) {
      let ms = ordinal * everyMs + offsetNs / 1e6;
      for (let i = 0; i < after.length; i += 2) ms = Math.max(ms, at.get(after[i]!)! + after[i + 1]! / 1e6);
      at.set(turn, ms);
      requests.push([ms, ...blocksOf(promptRuns, Math.floor(inputTokens / scenario.kv.blockTokens))]);
    }
  }
  return requests.sort((a, b) => a[0]! - b[0]!);
}

function overridesOf(sets: Sets): {path: string; value: string}[] {
  return Object.entries(sets).map(([path, value]) => ({path, value: String(value)}));
}

function blocksOf(runs: readonly number[], most: number): number[] {
  const blocks: number[] = [];
  for (let i = 0; i < runs.length; i += 2) for (let k = 0; k < runs[i + 1]! && blocks.length < most; k++) blocks.push(runs[i]! + k);
  return blocks;
}

/** Numbers blocks from 0 in order of first use. */
export function numbered(blocks: readonly number[]): {blocks: Int32Array; distinct: number} {
  const names = new Map<number, number>();
  const column = Int32Array.from(blocks, (block) => {
    const known = names.get(block);
    if (known !== undefined) return known;
    names.set(block, names.size);
    return names.size - 1;
  });
  return {blocks: column, distinct: names.size};
}
