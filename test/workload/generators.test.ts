/** Arrivals, conversations, retrieval, swarms and mixtures: against what their parameters say. */
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {Stream} from '../../src/base/random.ts';
import {Arrivals, gamma} from '../../src/workload/arrivals.ts';
import {mixture} from '../../src/workload/mixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {createSource, idsOf, requestsOf, sessionsOf} from './support.ts';

const kind = (name: string) => catalogue.workloads.find((one) => one.name === name)!;
const values = (over: object): ConstructorParameters<typeof Arrivals>[0] => ({
  process: 'poisson',
  rate: 10,
  variation: 2,
  burst: 10,
  profile: '1',
  period: 86400e9,
  ...over,
});
function gapsOf(over: object, count = 40_000): number[] {
  const arrivals = new Arrivals(values(over), 1);
  const times = Array.from({length: count}, () => arrivals.next());
  return times.map((at, i) => (at - (times[i - 1] ?? 0)) / 1e9);
}
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const variation = (numbers: readonly number[]): number => Math.sqrt(mean(numbers.map((one) => (one - mean(numbers)) ** 2))) / mean(numbers);

describe('arrivals', () => {
  test.each([
    ['poisson', {}, 1],
    ['gamma, bursty', {process: 'gamma', variation: 3}, 3],
    ['gamma, regular', {process: 'gamma', variation: 0.4}, 0.4],
    ['constant', {process: 'constant'}, 0],
  ] as const)('%s has its rate and its variation', (_, over, expected) => {
    const gaps = gapsOf(over).slice(1);
    expect(mean(gaps)).toBeCloseTo(0.1, 2);
    expect(variation(gaps)).toBeCloseTo(expected, expected > 2 ? 0 : 1);
  });

  test('bursts come at once, at the same mean rate', () => {
    const gaps = gapsOf({process: 'burst', burst: 20});
    expect(gaps.filter((gap) => gap === 0)).toHaveLength(40_000 - 2000);
    expect(mean(gaps)).toBeCloseTo(0.1, 2);
  });

  test('a profile gives each part of the period its share', () => {
    const arrivals = new Arrivals(values({profile: '0, 1, 3', period: 30e9}), 3);
    const parts = [0, 0, 0];
    for (let i = 0; i < 40_000; i++) parts[Math.floor((arrivals.next() % 30e9) / 10e9)]!++;
    expect(parts[0]).toBe(0);
    expect(parts[2]! / parts[1]!).toBeCloseTo(3, 0);
  });

  test('a gamma has its mean and variance, below and above shape 1', () => {
    const stream = new Stream(1, 'gamma');
    for (const shape of [0.2, 1, 7]) {
      const draws = Array.from({length: 40_000}, () => gamma(stream, shape));
      expect(mean(draws) / shape).toBeCloseTo(1, 1);
      expect(variation(draws) * Math.sqrt(shape)).toBeCloseTo(1, 1);
    }
  });
});

describe('conversations', () => {
  test('a context that is never edited is found again whole but for its last block', () => {
    for (const {requests} of sessionsOf(createSource(kind('chat'), {sessionCount: 30, generated: 'reusable'}, {})))
      for (const [i, {infiniteHitBlocks}] of requests.entries())
        if (i > 0) expect(infiniteHitBlocks).toBe(Math.floor((requests[i - 1]!.inputTokens + requests[i - 1]!.outputTokens - 1) / 16));
  });

  test('edits and compaction cut what is found', () => {
    const found = (given: object): number => {
      const later = requestsOf(createSource(kind('chat'), {sessionCount: 200, turns: 8, ...given}, {})).filter(({turn}) => turn > 0);
      return mean(later.map(({infiniteHitBlocks, inputTokens}) => (infiniteHitBlocks * 16) / inputTokens));
    };
    expect(found({edits: 1, editPosition: 0})).toBeLessThan(found({edits: 0.5}) - 0.1);
    expect(found({edits: 0.5})).toBeLessThan(found({}) - 0.05);
    const compacted = requestsOf(
      createSource(kind('chat'), {sessionCount: 200, turns: 20, compactAtTokens: 5000, compactToTokens: 500}, {}),
    );
    const longest = requestsOf(createSource(kind('chat'), {sessionCount: 200, turns: 20}, {})).reduce(
      (most, one) => Math.max(most, one.inputTokens),
      0,
    );
    expect(compacted.filter(({inputTokens}) => inputTokens > 5000).length / compacted.length).toBeLessThan(0.03);
    expect(longest).toBeGreaterThan(20_000);
  });

  test('tenants share the conversations', () => {
    const tenants = sessionsOf(createSource(kind('voice'), {sessionCount: 400, tenants: 4}, {})).map(({tenant}) => tenant);
    expect(new Set(tenants)).toEqual(new Set(['default0', 'default1', 'default2', 'default3']));
  });
});

describe('retrieval', () => {
  test('sharing grows with popularity, and with the order of documents', () => {
    const found = (given: object): number => {
      const requests = requestsOf(
        createSource(kind('retrieval'), {sessionCount: 2000, documents: 500, documentsPerRequest: 4, systemTokens: 0, ...given}, {}),
      );
      return mean(requests.map(({infiniteHitBlocks, inputTokens}) => (infiniteHitBlocks * 16) / inputTokens));
    };
    expect(found({popularity: 1.5})).toBeGreaterThan(found({popularity: 0}) + 0.2);
    expect(found({popularity: 1.5, order: 'popular'})).toBeGreaterThan(found({popularity: 1.5}) + 0.05);
  });
});

describe('swarms', () => {
  test('sub-agents start together over the whole context of their coordinator', () => {
    const [swarm] = sessionsOf(createSource(kind('swarm'), {sessionCount: 1, fanOut: 100, rounds: 1}, {blockTokens: 64}));
    const [plan] = swarm!.requests;
    const first = swarm!.requests.filter(({subagent, after}) => subagent && after[0] === 0);
    expect(first).toHaveLength(100);
    for (const {infiniteHitBlocks} of first) expect(infiniteHitBlocks).toBeGreaterThanOrEqual(Math.floor(plan!.inputTokens / 64));
    expect(swarm!.requests.at(-1)!.after).toHaveLength(200);
  });
});

describe('a mixture', () => {
  const part = (name: string, given: object) => ({
    kind: kind(name),
    params: valuesOf(kind(name).params, given as never, undefined, []),
    sessions: null,
  });
  const mixed = (): SessionPlan[] =>
    sessionsOf(
      mixture.create(
        {
          parts: [
            part('chat', {sessionCount: 200, serviceClass: 'chat'}),
            part('chat', {sessionCount: 200, serviceClass: 'other'}),
            part('retrieval', {sessionCount: 100, serviceClass: 'rag'}),
          ],
        },
        {blockTokens: 16, files: [], seed: 1, shuffle: false},
      ),
    );

  test('has all of its sessions in order of their start, and its parts are not alike', () => {
    const sessions = mixed();
    const starts = sessions.map(({startNs}) => startNs!);
    expect(sessions).toHaveLength(500);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    const of = (name: string): number[] => sessions.filter(({requests}) => requests[0]!.serviceClass === name).map(({startNs}) => startNs!);
    expect(of('chat')).toHaveLength(200);
    expect(of('chat')).not.toEqual(of('other'));
  });

  test('no part names a block that another has named', () => {
    const owners = new Map<number, string>();
    for (const {requests} of mixed())
      for (const {serviceClass, promptRuns, generatedRuns} of requests)
        for (const id of idsOf([...promptRuns, ...generatedRuns])) {
          expect(owners.get(id) ?? serviceClass).toBe(serviceClass);
          owners.set(id, serviceClass);
        }
  });
});
