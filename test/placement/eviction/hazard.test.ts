/** Our own policy: its estimates against closed forms, and what it makes of streams that LRU cannot tell apart. */
import {describe, expect, test} from 'vitest';
import {replayPrefixes} from '../../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../../src/lab/trace.ts';
import {ReturnHazards} from '../../../src/placement/eviction/returnHazards.ts';
import {creatorOf} from '../../lab/support.ts';

const settings = {ageRatio: 2, strength: 1e-6, belief: 0.1};
const oneClass = (fallsFrom: number): ReturnHazards =>
  new ReturnHazards({parents: Int32Array.of(-1), fallsFrom: Float64Array.of(fallsFrom)}, settings);

/** `returned` of `count` return in the bin. */
function watch(hazards: ReturnHazards, bin: number, returned: number, count: number): void {
  for (let i = 0; i < count; i++) hazards.observe(0, bin, i < returned ? 1 : 0);
}

describe('the index', () => {
  test('with nothing learned falls as 1/age: doubling the age halves it', () => {
    const hazards = oneClass(0);
    hazards.refresh();
    for (let bin = 2; bin < 20; bin++) expect(hazards.rank(0, bin) / hazards.rank(0, bin + 1)).toBeCloseTo(2, 6);
  });

  test('of a hazard that falls is that of waiting one bin: p / (width (1 - p/2))', () => {
    const hazards = oneClass(0);
    for (let bin = 0; bin < hazards.bins - 1; bin++) watch(hazards, bin, 20, 100);
    hazards.refresh();
    for (const bin of [1, 5, 9]) {
      const width = hazards.ends[bin] - hazards.ends[bin - 1];
      expect(hazards.rank(0, bin) * width).toBeCloseTo(0.2 / 0.9, 4);
    }
  });

  test('looks ahead to a time of return: before it, the whole wait counts', () => {
    const hazards = oneClass(Infinity);
    watch(hazards, 0, 0, 1000);
    watch(hazards, 1, 0, 1000);
    watch(hazards, 2, 1000, 1000);
    hazards.refresh();
    // Nobody returns for two bins, all do within the third: 1 / (its beginning + half its width).
    expect(hazards.rank(0, 0) * (hazards.ends[1] + (hazards.ends[2] - hazards.ends[1]) / 2)).toBeCloseTo(1, 2);
  });

  test('a class that has seen little borrows from its parent', () => {
    const hazards = new ReturnHazards({parents: Int32Array.of(-1, 0), fallsFrom: Float64Array.of(0, 0)}, {...settings, strength: 16});
    for (let bin = 0; bin < hazards.bins - 1; bin++) watch(hazards, bin, 30, 100);
    hazards.refresh();
    expect(hazards.rank(1, 4) / hazards.rank(0, 4)).toBeCloseTo(1, 6);
  });
});

/** Streams that come back every `period` seconds, each with one block more, and requests that never do; 10 blocks each at first. */
function streams(periods: readonly number[], oneOffEvery: number, seconds: number): LabTrace {
  const blocks: number[] = [];
  const requests = [0];
  const times: number[] = [];
  const chains = periods.map(() => [] as number[]);
  let distinct = 0;
  const visit = (second: number, chain: number[], blocksMore: number): void => {
    for (let i = 0; i < blocksMore; i++) chain.push(distinct++);
    blocks.push(...chain);
    requests.push(blocks.length);
    times.push(second * 1e9);
  };
  for (let second = 0; second < seconds; second++) {
    periods.forEach((period, i) => {
      if (second % period === i % period) visit(second, chains[i], chains[i].length === 0 ? 10 : 1);
    });
    if (second % oneOffEvery === 0) visit(second, [], 10);
  }
  return {
    name: 'streams',
    merging: '',
    blocks: Int32Array.from(blocks),
    distinct,
    sizes: null,
    requests: Int32Array.from(requests),
    times: Float64Array.from(times),
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

const missesOf = (policy: string, trace: LabTrace, capacity: number): number =>
  replayPrefixes(trace, capacity, 'tail', creatorOf(policy, trace)).misses;

test('prompts that never return do not drive out streams that do', () => {
  const trace = streams([50, 50, 50, 50], 2, 3000);
  const capacity = 400; // LRU loses a stream of some 40 blocks between two turns to 250 blocks of one-offs and the other streams
  const [lru, own, optimum] = ['lru', 'hazard', 'belady'].map((policy) => missesOf(policy, trace, capacity));
  expect(optimum).toBeLessThan(lru);
  expect(own).toBeLessThan(lru - 0.8 * (lru - optimum));
});

test('the order of references alone, without times or requests, is enough to run', () => {
  const trace = {...streams([5, 7, 11], 3, 500), times: null};
  expect(missesOf('hazard', trace, 60)).toBeGreaterThanOrEqual(missesOf('belady-bypass', trace, 60));
});
