/** The oracle with errors: Belady at one end, chance at the other, and what lies between. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {nextReferences} from '../../src/lab/belady.ts';
import {foretold} from '../../src/lab/oracle.ts';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {creatorOf, replayWith, traceOf, zipf} from './support.ts';

const ids = fc.array(fc.nat(30), {minLength: 1, maxLength: 300});

/** Prompts as paths of a random tree. */
const prompts = fc.array(fc.array(fc.nat(2), {minLength: 1, maxLength: 6}), {minLength: 1, maxLength: 60}).map((paths): LabTrace => {
  const path = (steps: readonly number[]): number => steps.reduce((id, step) => 4 * id + step + 1, 0);
  const trace = traceOf(paths.flatMap((steps) => steps.map((_, depth) => path(steps.slice(0, depth + 1)))));
  let end = 0;
  return {...trace, requests: Int32Array.from([0, ...paths.map((steps) => (end += steps.length))])};
});

test('without errors it is Belady, reference by reference and by prefix', () => {
  fc.assert(
    fc.property(ids, fc.integer({min: 1, max: 20}), (references, capacity) => {
      const trace = traceOf(references);
      expect(replayWith('oracle', trace, capacity, {error: 0}).misses).toBe(replayWith('belady', trace, capacity).misses);
    }),
  );
  fc.assert(
    fc.property(prompts, fc.integer({min: 1, max: 30}), (trace, capacity) => {
      const [own, belady] = ['oracle', 'belady'].map(
        (name) => replayPrefixes(trace, capacity, 'tail', creatorOf(name, trace, {error: 0})).misses,
      );
      expect(own).toBe(belady);
    }),
  );
});

function spread(runs: readonly number[]): {readonly mean: number; readonly variance: number} {
  const mean = runs.reduce((sum, misses) => sum + misses) / runs.length;
  return {mean, variance: runs.reduce((sum, misses) => sum + (misses - mean) ** 2, 0) / (runs.length - 1)};
}

test('with nothing but errors it is chance, within three standard errors; between, the more errors the more misses', () => {
  const trace = zipf(20_000, 1000);
  const runs = (policy: string, error: number): number[] =>
    Array.from({length: 8}, (_, seed) => replayWith(policy, trace, 100, {error, seed}).misses);
  const [chance, blind] = [spread(runs('random', 0)), spread(runs('oracle', 1))];
  expect(Math.abs(chance.mean - blind.mean)).toBeLessThan(3 * Math.sqrt((chance.variance + blind.variance) / 8));
  const means = [0, 0.1, 0.25, 0.5, 0.75, 1].map((error) => spread(runs('oracle', error)).mean);
  for (let i = 1; i < means.length; i++) expect(means[i]).toBeGreaterThan(means[i - 1]!);
});

test('it is wrong about whole requests, about the stated share of them, and about more of them with every error more', () => {
  const blocks = zipf(40_000, 500).blocks;
  const requests = Int32Array.from({length: 10_001}, (_, i) => 4 * i);
  const trace = {...traceOf([...blocks]), requests};
  const next = nextReferences(trace.blocks, trace.distinct);
  let before = new Set<number>();
  for (const error of [0, 0.1, 0.5, 1]) {
    const said = foretold(trace, {error, seed: 7});
    const wrong = new Set<number>();
    for (let request = 0; request < 10_000; request++) {
      const of = [...said.subarray(4 * request, 4 * request + 4)];
      if (Number.isNaN(of[0])) {
        expect(of.every(Number.isNaN)).toBe(true);
        wrong.add(request);
      } else expect(of).toEqual([...next.subarray(4 * request, 4 * request + 4)]);
    }
    expect(Math.abs(wrong.size / 10_000 - error)).toBeLessThanOrEqual(3 * Math.sqrt((error * (1 - error)) / 10_000));
    for (const request of before) expect(wrong.has(request)).toBe(true);
    before = wrong;
  }
});

test('never evicts a guarded block, and drains to empty', () => {
  const moves = fc.array(fc.tuple(fc.boolean(), fc.nat(5)), {maxLength: 60});
  fc.assert(
    fc.property(ids, moves, fc.constantFrom(0, 0.5, 1), (references, steps, error) => {
      const trace = traceOf(references);
      const policy = creatorOf('oracle', trace, {error})({slots: 6, capacity: 6});
      const guards = new Int32Array(6);
      const here = new Set<number>();
      for (const [isGuard, slot] of steps.slice(0, references.length)) {
        if (isGuard) guards[slot] = 1 - guards[slot]!;
        else if (here.has(slot)) policy.touch(slot);
        else {
          policy.miss(slot, 1);
          policy.insert(slot, slot, 1);
          policy.release(slot);
          here.add(slot);
        }
      }
      for (let left = [...here].filter((slot) => guards[slot] === 0); left.length > 0; left = left.filter((slot) => here.has(slot))) {
        const victim = policy.evict(guards);
        expect(left).toContain(victim);
        here.delete(victim);
      }
      expect(policy.evict(guards)).toBe(-1);
    }),
  );
});
