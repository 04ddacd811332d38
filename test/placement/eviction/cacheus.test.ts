/** Cacheus against lists kept by hand, and its learning rate along paths whose ends are known. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {exp} from '../../../src/base/mathematics.ts';
import {Stream} from '../../../src/base/random.ts';
import {LearningRate} from '../../../src/placement/eviction/learningRate.ts';
import {replayWith, traceOf} from '../../lab/support.ts';

interface Block {
  readonly id: number;
  uses: number;
  time: number;
  isNew: boolean;
  demoted: boolean;
}

/** Misses, with both parts and both histories as plain lists, oldest first. */
function byHand(references: readonly number[], capacity: number): number {
  const stream = new Stream(1, 'eviction/cacheus');
  const learning = new LearningRate(capacity, stream);
  let single: Block[] = [];
  let reused: Block[] = [];
  const history: Block[][] = [[], []];
  let reusedMax = capacity - Math.max(1, Math.round(capacity / 2));
  let recency = 0.5;
  let full = false;
  let misses = 0;
  const demotedCount = (): number => single.filter(({demoted}) => demoted).length;
  const newGhosts = (): number => history[0]!.filter(({isNew}) => isNew).length;
  const resize = (by: number): void => void (reusedMax = Math.max(1, Math.min(capacity - 1, reusedMax + by)));
  const demote = (room: number): void => {
    while (reused.length > 0 && reused.length + room > reusedMax) single.push({...reused.shift()!, demoted: true});
  };
  const evict = (): void => {
    const oldest = single[0] ?? reused[0]!;
    const rarest = [...single, ...reused].reduce((a, b) => (b.uses < a.uses || (b.uses === a.uses && b.time > a.time) ? b : a));
    const expert = stream.uniform() < recency ? 0 : 1;
    const victim = expert === 0 ? oldest : rarest;
    single = single.filter((block) => block !== victim);
    reused = reused.filter((block) => block !== victim);
    if (oldest !== rarest) history[expert]!.push(victim);
    if (history[expert]!.length > capacity / 2) history[expert]!.shift();
    full = true;
  };
  references.forEach((id, time) => {
    const here = [...single, ...reused].find((block) => block.id === id);
    learning.request(here !== undefined);
    if (here !== undefined) {
      if (reused.includes(here)) reused = reused.filter((block) => block !== here);
      else {
        if (here.demoted) resize(Math.max(1, Math.round(newGhosts() / Math.max(1, demotedCount()))));
        single = single.filter((block) => block !== here);
        demote(1);
      }
      reused.push({...here, uses: here.uses + 1, time, isNew: false, demoted: false});
      return;
    }
    misses++;
    const expert = history.findIndex((list) => list.some((block) => block.id === id));
    const ghost = expert < 0 ? undefined : history[expert]!.find((block) => block.id === id)!;
    if (ghost !== undefined) {
      history[expert] = history[expert]!.filter((block) => block !== ghost);
      const loser = exp(-learning.rate);
      const weights = expert === 0 ? [recency * loser, 1 - recency] : [recency, (1 - recency) * loser];
      recency = Math.min(0.99, Math.max(0.01, weights[0]! / (weights[0]! + weights[1]!)));
      if (expert === 0 && ghost.isNew) resize(-Math.max(1, Math.round(demotedCount() / Math.max(1, newGhosts()))));
    }
    if (single.length + reused.length === capacity) evict();
    const fills = single.length === 0 && reused.length + 1 <= reusedMax;
    const block = {id, uses: (ghost?.uses ?? 0) + 1, time, isNew: ghost === undefined && full && !fills, demoted: false};
    if (ghost !== undefined) demote(1);
    if (ghost !== undefined || fills) reused.push(block);
    else {
      demote(0);
      single.push(block);
    }
  });
  return misses;
}

test('equals lists kept by hand', () => {
  const ids = fc.array(fc.nat(30), {minLength: 1, maxLength: 400});
  fc.assert(
    fc.property(ids, fc.integer({min: 1, max: 20}), (references, capacity) => {
      expect(replayWith('cacheus', traceOf(references), capacity).misses).toBe(byHand(references, capacity));
    }),
    {numRuns: 300},
  );
});

/** A working set that is used over and over, and a scan of what never returns past it. */
test('a scan does not drive out what is reused', () => {
  const references = Array.from({length: 30_000}, (_, i) => (i % 3 === 0 ? (i / 3) % 60 : 1000 + i));
  const misses = (policy: string): number => replayWith(policy, traceOf(references), 100).misses;
  expect(misses('lru')).toBe(30_000);
  expect(misses('cacheus') - 20_000).toBeLessThan(1000);
});

const PERIOD = 1000;

function period(learning: LearningRate, hits: number): number {
  for (let i = 0; i < PERIOD; i++) learning.request(i < hits);
  return learning.rate;
}

test('the learning rate goes on while hits follow it, and back when they do not', () => {
  const learning = new LearningRate(PERIOD, new Stream(1, 'test'));
  const first = Math.sqrt((2 * Math.LN2) / PERIOD);
  expect(learning.rate).toBeCloseTo(first, 12);
  const risen = period(learning, 500); // from nothing to the first rate, from no hits to 500
  expect(risen).toBeCloseTo(first * (1 + 0.037), 12);
  expect(period(learning, 400)).toBeCloseTo(risen * (1 - 0.002), 12); // from 0.037 to 0.039, and hits fell
});

test('the learning rate begins anew after ten periods without a hit', () => {
  const learning = new LearningRate(PERIOD, new Stream(1, 'test'));
  const first = learning.rate;
  const rates = Array.from({length: 40}, (_, i) => period(learning, i === 0 ? 900 : 0));
  expect(rates[0]).not.toBe(first);
  expect(rates.at(-1)).toBe(first);
});

test('the learning rate stays between its ends', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10), {maxLength: 300}), fc.nat(100), (hits, seed) => {
      const learning = new LearningRate(10, new Stream(seed, 'test'));
      for (const count of hits) {
        for (let i = 0; i < 10; i++) learning.request(i < count);
        expect(learning.rate).toBeGreaterThanOrEqual(0.001);
        expect(learning.rate).toBeLessThanOrEqual(1);
      }
    }),
  );
});
