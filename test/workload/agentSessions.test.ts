/** Generated agent sessions against the recorded ones: `npm run bench:workload` prints the same comparison with more sets. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ksDistance, mean, sorted} from '../../bench/workload/distance.ts';
import {LruStack} from '../../bench/workload/lruStack.ts';
import {samplesOf} from '../../bench/workload/sessionStatistics.ts';
import {blockTokens, capacitiesGib, generatedSet, hitRatios, range, recordedSet, shuffled} from '../../bench/workload/sets.ts';
import {agentSessions} from '../../src/workload/agentSessions.ts';
import {createSource, idsOf, publicTraces, sessionsOf} from './support.ts';

const files = publicTraces('agentic-coding');
const setCount = 24;
const orderCount = 6;

describe.skipIf(files.length === 0)('generated and recorded sessions (skipped where ../shared/traces is absent)', () => {
  const recorded = recordedSet(files);
  const generated = range(setCount).map((seed) => generatedSet(seed, recorded.length));

  test('an LRU hits alike at five capacities, 32 sessions at a time, to 3 points', () => {
    const real = range(orderCount).map((seed) => hitRatios(shuffled(recorded, seed), 32));
    const drawn = generated.map((plans) => hitRatios(plans, 32));
    const differences = capacitiesGib.map((_, index) => mean(drawn.map((row) => row[index])) - mean(real.map((row) => row[index])));
    expect(differences).toHaveLength(5);
    for (const difference of differences) expect(Math.abs(difference)).toBeLessThan(3);
  });

  /** Of a perfect generator the 95th percentile is 0.02 to 0.05 where every turn counts, and 0.08 to 0.13 where sessions do. */
  const bounds: {readonly [statistic: string]: number} = {
    'growth a turn, tokens': 0.04,
    'output, tokens': 0.04,
    'think time, s': 0.05,
    'new blocks a turn': 0.04,
    'prompt, tokens': 0.08,
    'sub-agent requests': 0.07,
  };
  const drawn = samplesOf(generated.flat(), blockTokens);
  test.each([...samplesOf(recorded, blockTokens)])('Kolmogorov-Smirnov distance of %s', (name, lists) => {
    expect(ksDistance(sorted(lists.flat()), sorted((drawn.get(name) ?? []).flat()))).toBeLessThan(bounds[name] ?? 0.14);
  });
});

test('a context is compacted before it exceeds its limit, and rewritten as often as the scenario says', () => {
  const values = {
    rewrites: 0.2,
    rewritesAtSecond: 0.2,
    rewritesAfterCompaction: 0.2,
    longShare: 0,
    longWindowShare: 0,
    subagentLaunches: 0,
  };
  const sessions = sessionsOf(createSource(agentSessions, {...values, sessionCount: 200, sharedPrefix: 'none'}, {blockTokens: 64}));
  let [turns, rewritten] = [0, 0];
  for (const {requests} of sessions) {
    requests.slice(1).forEach(({inputTokens, infiniteHitBlocks}, index) => {
      const before = requests[index];
      expect(inputTokens).toBeLessThanOrEqual(1.1 * 155_000);
      if (inputTokens < before.inputTokens) return;
      turns++;
      if (infiniteHitBlocks < Math.floor(before.inputTokens / 64)) rewritten++;
    });
  }
  expect(Math.abs(rewritten / turns - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / turns));
});

test('timeScale stretches pauses, and growthScale what turns add', () => {
  const read = (values: object): ReturnType<typeof sessionsOf> =>
    sessionsOf(createSource(agentSessions, {sessionCount: 20, ...values}, {}));
  const requests = read({}).flatMap((session) => session.requests);
  const slow = read({timeScale: 3}).flatMap((session) => session.requests);
  expect(slow.map(({inputTokens}) => inputTokens)).toEqual(requests.map(({inputTokens}) => inputTokens));
  const pauses = slow.filter(({after, subagent}) => after.length === 2 && !subagent).map(({after}) => after[1]);
  const before = requests.filter(({after, subagent}) => after.length === 2 && !subagent).map(({after}) => after[1]);
  for (const [index, pause] of pauses.entries()) expect(Math.abs(pause - 3 * before[index])).toBeLessThanOrEqual(2);
  const steps = (plans: ReturnType<typeof sessionsOf>): number[] =>
    plans.map((session) => session.requests[1].inputTokens - session.requests[0].inputTokens);
  const [single, double] = [steps(read({})), steps(read({growthScale: 2}))];
  for (const [index, step] of double.entries())
    if (single[index] > 0 && step > 0) expect(Math.abs(step - 2 * single[index])).toBeLessThanOrEqual(1);
});

test('hits at many capacities in one pass are those of a plain LRU at each', () => {
  const runs = fc.array(fc.tuple(fc.nat(5), fc.integer({min: 1, max: 6})), {minLength: 1, maxLength: 4});
  fc.assert(
    fc.property(fc.array(runs, {minLength: 1, maxLength: 12}), (prompts) => {
      const capacities = [1, 3, 8, 20];
      const stack = new LruStack(capacities);
      const naive = capacities.map(() => ({held: [] as number[], hits: 0}));
      for (const gaps of prompts) {
        let next = 0;
        const prompt = gaps.flatMap(([gap, count]) => {
          const first = next + gap;
          next = first + count;
          return [first, count];
        });
        stack.prompt(prompt);
        naive.forEach((cache, index) => {
          const ids = idsOf(prompt);
          cache.hits += ids.filter((id) => cache.held.includes(id)).length;
          cache.held = [...ids, ...cache.held.filter((id) => !ids.includes(id))].slice(0, capacities[index]);
        });
      }
      expect(stack.hits).toEqual(naive.map(({hits}) => hits));
    }),
  );
});
