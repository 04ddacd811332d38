/** Intervals over sessions: what they must be where that is known, and how often they hold the truth. */
import {expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {bootstrapInterval, countsBySession, type SessionCounts} from '../../src/lab/bootstrap.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {traceOf} from './support.ts';

test('counts of each session, those without a reference left out', () => {
  const trace: LabTrace = {
    ...traceOf([1, 2, 3, 1, 2, 4]),
    requests: Int32Array.of(0, 2, 3, 3, 6),
    sessions: Int32Array.of(4, 0, 2, 4),
  };
  expect(countsBySession(trace, Uint32Array.of(2, 1, 0, 1))).toEqual({references: [5, 1], misses: [3, 1]});
});

test('sessions that are all alike leave no doubt', () => {
  expect(bootstrapInterval({references: [8, 8, 8], misses: [2, 2, 2]}, 1)).toEqual({low: 0.25, high: 0.25});
});

test('a session that misses all and one that misses nothing: anything is possible', () => {
  expect(bootstrapInterval({references: [10, 10], misses: [0, 10]}, 1)).toEqual({low: 0, high: 1});
});

test('a session counts by its references: drawn of 30 and 10 they are 0, 1/4 or 1', () => {
  const {low, high} = bootstrapInterval({references: [30, ...Array<number>(7).fill(10)], misses: [0, ...Array<number>(7).fill(10)]}, 1);
  // Eight draws: the long session never (34 %), once (39 %: 70 of 100), twice (20 %: 60 of 120), three times (5.6 %: 50 of 140), four (1 %).
  expect([low, high]).toEqual([50 / 140, 1]);
});

test('equal seeds give equal intervals, and policies draw the same sessions', () => {
  const counts = sessionsOf(new Stream(3, 'test/bootstrap'), 40);
  const first = bootstrapInterval(counts, 7);
  expect(bootstrapInterval(counts, 7)).toEqual(first);
  expect(bootstrapInterval(counts, 8)).not.toEqual(first);
  // A policy that misses one more of each session's references than another: every resample moves alike.
  const references = counts.references.map(() => 200);
  const one = bootstrapInterval({references, misses: counts.misses}, 7);
  const other = bootstrapInterval({references, misses: counts.misses.map((misses) => misses + 1)}, 7);
  expect(other.low - one.low).toBeCloseTo(1 / 200, 12);
  expect(other.high - one.high).toBeCloseTo(1 / 200, 12);
});

/** Sessions of 1 to 199 references, of which each misses a share of its own, from 0 to 1. */
function sessionsOf(stream: Stream, sessions: number): SessionCounts {
  const references = Array.from({length: sessions}, () => 1 + stream.below(199));
  const misses = references.map((count) => {
    const chance = stream.uniform();
    return Array.from({length: count}, () => (stream.uniform() < chance ? 1 : 0)).reduce((sum: number, miss) => sum + miss, 0);
  });
  return {references, misses};
}

test('95 of 100 intervals hold the true ratio, where those from single requests hold it less than every other time', () => {
  const stream = new Stream(1, 'test/coverage');
  let held = 0;
  let narrow = 0;
  for (let trial = 0; trial < 400; trial++) {
    const counts = sessionsOf(stream, 60);
    const {low, high} = bootstrapInterval(counts, trial);
    if (low <= 0.5 && 0.5 <= high) held++;
    const references = counts.references.reduce((sum, count) => sum + count, 0);
    const ratio = counts.misses.reduce((sum, count) => sum + count, 0) / references;
    if (Math.abs(ratio - 0.5) <= 1.96 * Math.sqrt((ratio * (1 - ratio)) / references)) narrow++;
  }
  // Standard error of a coverage of 95 % in 400 trials: 1.1 points; percentiles of 60 sessions fall short by about one.
  expect(held / 400).toBeGreaterThan(0.91);
  expect(held / 400).toBeLessThan(0.98);
  expect(narrow / 400).toBeLessThan(0.5);
});
