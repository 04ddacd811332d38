/** Estimates from a part of a trace: exact where the part is the whole, near where it is not, and never of half a prompt. */
import {describe, expect, test} from 'vitest';
import {lruCurve} from '../../src/lab/lruCurve.ts';
import {sampled, type SampleRule} from '../../src/lab/sampling.ts';
import {runStudy, type LabRow, type Study} from '../../src/lab/study.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {creatorOf, traceOf, zipf} from './support.ts';

function study(trace: LabTrace, policy: string, capacities: readonly number[], rule: SampleRule | null, seed = 1): LabRow[] {
  const part = rule === null ? null : sampled(trace, rule, seed)!;
  const plain: Study = {
    trace: part?.trace ?? trace,
    policy,
    oracle: null,
    capacities,
    prefix: trace.requests === null ? null : 'tail',
    windows: null,
    bootstrapSeed: null,
    sample: part?.sample ?? null,
  };
  return runStudy(plain, creatorOf(policy, plain.trace));
}

const blocks = (rate: number): SampleRule => ({rate, unit: 'blocks'});
const sessions = (rate: number): SampleRule => ({rate, unit: 'sessions'});

/** Sessions of prompts that grow by a block or more a request, blocks of their own, taking turns. */
function talks(count: number, turns: number): LabTrace {
  const ids: number[] = [];
  const requests = [0];
  const sessionOf: number[] = [];
  for (let turn = 1; turn <= turns; turn++)
    for (let session = 0; session < count; session++) {
      for (let i = 0; i < turn * (1 + (session % 3)); i++) ids.push(session * 1000 + i);
      requests.push(ids.length);
      sessionOf.push(session);
    }
  return {
    ...traceOf(ids),
    requests: Int32Array.from(requests),
    sessions: Int32Array.from(sessionOf),
    times: Float64Array.from(sessionOf, (_, i) => i * 1e9),
    endings: Uint8Array.from(sessionOf, (_, i) => i % 3),
  };
}

describe('a sample of all', () => {
  const rows = (trace: LabTrace, policy: string, rule: SampleRule | null): object[] =>
    study(trace, policy, [3, 50, 700], rule).map((row) => ({...row, sampleRate: null, sampleUnit: null, sampledReferences: null}));

  test.each(['lru', 'sieve', 'arc', 'random', 'belady'])('%s: the very counts', (policy) => {
    const trace = zipf(20_000, 2000);
    expect(rows(trace, policy, blocks(1))).toEqual(rows(trace, policy, null));
    const sized = {...trace, sizes: Uint32Array.from(trace.blocks, (block) => 1 + (block % 7))};
    expect(rows(sized, policy, blocks(1))).toEqual(rows(sized, policy, null));
  });

  test('of sessions', () => {
    const trace = talks(20, 9);
    expect(rows(trace, 'lru', sessions(1))).toEqual(rows(trace, 'lru', null));
  });
});

test('a sampled block keeps all of its references, in order', () => {
  const trace = zipf(5000, 1000);
  const part = sampled(trace, blocks(0.2), 3)!.trace;
  const counts = (column: Int32Array): number[] => column.reduce<number[]>((all, block) => ((all[block] = (all[block] ?? 0) + 1), all), []);
  // Which block of the whole each of the part is: by first sight both stand in the same order, so the counts must be a subsequence that fits.
  const whole = counts(trace.blocks);
  let at = 0;
  for (const count of counts(part.blocks)) {
    while (at < whole.length && whole[at] !== count) at++;
    expect(at++).toBeLessThan(whole.length);
  }
  expect(part.distinct / trace.distinct).toBeCloseTo(0.2, 1);
  expect(sampled(trace, blocks(0.2), 3)!.trace.blocks).toEqual(part.blocks);
  expect(sampled(trace, blocks(0.2), 4)!.trace.blocks).not.toEqual(part.blocks);
  expect(sampled(trace, blocks(1e-9), 3)).toBeNull();
});

/** Mean absolute errors of a curve of 10 sizes, over seeds. */
function errors(trace: LabTrace, policy: string, rate: number, seeds: number, corrected = true): number[] {
  const capacities = Array.from({length: 10}, (_, i) => Math.round((trace.distinct * (i + 1)) / 10));
  const exact = study(trace, policy, capacities, null);
  return Array.from({length: seeds}, (_, seed) => {
    const {weight} = sampled(trace, blocks(rate), seed + 1)!.sample;
    const rows = study(trace, policy, capacities, blocks(rate), seed + 1);
    const sum = rows.reduce((all, row, i) => all + Math.abs(row.missRatio / (corrected ? 1 : weight) - exact[i]!.missRatio), 0);
    return sum / rows.length;
  });
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('errors on a Zipf trace', () => {
  const trace = zipf(300_000, 300_000);

  test.each([
    ['lru', 0.1, 0.01],
    ['lru', 0.01, 0.02],
    ['sieve', 0.1, 0.01],
    ['sieve', 0.01, 0.02],
  ] as const)('%s at %d: below %d', (policy, rate, most) => {
    expect(mean(errors(trace, policy, rate, 4))).toBeLessThan(most);
  });

  test('without the correction they are several times as large', () => {
    expect(mean(errors(trace, 'lru', 0.01, 4, false))).toBeGreaterThan(3 * mean(errors(trace, 'lru', 0.01, 4)));
  });

  test("the miniature of LRU is LRU's curve at scaled distances", () => {
    const {trace: part, sample} = sampled(trace, blocks(0.1), 1)!;
    const {hits, references} = lruCurve(part.blocks, part.distinct);
    const [row] = study(trace, 'lru', [50_000], blocks(0.1));
    expect(row!.missRatio).toBeCloseTo((references - hits[5000]!) / (0.1 * 300_000), 12);
    expect([row!.references, row!.sampledReferences, row!.sampleRate]).toEqual([300_000, references, 0.1]);
    expect(row!.misses).toBe(Math.round(row!.missRatio * 300_000));
    expect(sample.weight).toBeCloseTo(references / 30_000, 12);
  });
});

describe('sessions', () => {
  test('are whole: the prompts of the sample are prompts of the trace, with their times and endings', () => {
    const trace = talks(30, 5);
    const part = sampled(trace, sessions(0.4), 2)!.trace;
    const names = new Map<number, number>();
    let from = 0;
    for (let request = 0; request + 1 < part.requests!.length; request++) {
      while (trace.times![from] !== part.times![request]) from++;
      expect([part.sessions![request], part.endings![request]]).toEqual([trace.sessions![from], trace.endings![from]]);
      const of = trace.blocks.subarray(trace.requests![from], trace.requests![from + 1]);
      const here = part.blocks.subarray(part.requests![request], part.requests![request + 1]);
      expect(here).toHaveLength(of.length);
      here.forEach((block, i) => {
        if (!names.has(block)) names.set(block, of[i]!);
        expect(names.get(block)).toBe(of[i]);
      });
    }
    expect(new Set(part.sessions).size).toBeGreaterThan(5);
    expect(new Set(part.sessions).size).toBeLessThan(25);
  });

  test('stand for the whole, prefixes and all', () => {
    const trace = talks(300, 12);
    const capacities = [200, 500, 1000, 2000].map((tenths) => Math.round((trace.distinct * tenths) / 1000));
    const exact = study(trace, 'lru', capacities, null);
    const near = study(trace, 'lru', capacities, sessions(0.3));
    expect(exact.some(({missRatio}) => missRatio > 0.5) && exact.some(({missRatio}) => missRatio < 0.5)).toBe(true);
    near.forEach((row, i) => expect(Math.abs(row.missRatio - exact[i]!.missRatio)).toBeLessThan(0.03));
  });
});
