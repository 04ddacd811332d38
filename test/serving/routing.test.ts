/** Where requests go, and what it is worth to know where blocks are. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Harness, ladder} from '../placement/harness.ts';
import {BlockIndex} from '../../src/serving/blockIndex.ts';
import type {RequestRecord} from '../../src/metrics/records.ts';
import type {RoutingRule, Scenario, ServingParams} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, sessions, source, tier} from '../simulation/fixture.ts';

const four = (serving: Partial<ServingParams>, over: Partial<Scenario> = {}): Scenario => ({
  ...scenario({
    instances: [{role: 'mixed', count: 4, gpus: 1, parallel: ONE_GPU}],
    tiers: [tier('hbm', 'hbm', 'instance', 3000)],
    ...over,
  }),
  serving: {...scenario().serving, ...serving},
});

function placesOf(
  given: Scenario,
  plans = sessions(24, 6, {shared: 0}),
): {places: Map<number, number[]>; summary: ReturnType<typeof simulate>} {
  const places = new Map<number, number[]>();
  const summary = simulate(given, source(plans), {
    request: ({session, prefillInstance}: RequestRecord) => places.set(session, [...(places.get(session) ?? []), prefillInstance]),
  });
  return {places, summary};
}

describe('routing', () => {
  test('sessionSticky keeps a session where it was, over all instances', () => {
    const {places} = placesOf(four({routing: 'sessionSticky'}));
    for (const of of places.values()) expect(new Set(of).size).toBe(1);
    expect(new Set([...places.values()].flat()).size).toBe(4);
  });

  test('sessionSticky leaves an instance that fails, and stays away', () => {
    const faults = [{on: 'instance2', atNs: 5e9, forNs: 2e9, rate: 0, loses: 1}];
    const {places} = placesOf(four({routing: 'sessionSticky'}, {faults}));
    for (const of of places.values()) expect(new Set(of).size).toBeLessThanOrEqual(2);
  });

  test.each(['roundRobin', 'leastLoaded', 'sessionSticky', 'prefixAware', 'tierAware', 'scored'] as const)(
    '%s serves everything',
    (routing) => {
      expect(placesOf(four({routing})).summary.requests.completed).toBe(144);
    },
  );

  test('knowing where blocks are finds more of them than not knowing', () => {
    const hits = (routing: RoutingRule): number => placesOf(four({routing})).summary.cache.hitRatio!;
    for (const aware of ['sessionSticky', 'prefixAware', 'tierAware', 'scored'] as const)
      expect(hits(aware), aware).toBeGreaterThan(hits('roundRobin') + 0.2);
  });

  test('tierAware goes where the prompt need not be loaded from far away', () => {
    const far = [tier('hbm', 'hbm', 'instance', 3000), tier('dram', 'dram', 'server', 3000, {write: 'through'})];
    const slow = {...scenario().servers.server, gpu: {...scenario().servers.server.gpu, hostBytesPerSecond: 2e9}};
    const loaded = (routing: RoutingRule): number =>
      placesOf(four({routing}, {tiers: far, servers: {count: 1, server: slow}, placement: {reload: 'always', hit: 'prefix'}})).summary
        .tiers['dram']!.readBytes;
    expect(loaded('tierAware')).toBeLessThan(loaded('prefixAware'));
  });

  test('what is known late is worth less, and nothing once it is older than the run', () => {
    const hits = (indexAge: number): number => placesOf(four({indexAge})).summary.cache.hitRatio!;
    const ages = [0, 3e9, 3600e9].map(hits);
    expect(ages[0]).toBeGreaterThan(ages[1]!);
    expect(ages[1]).toBeGreaterThan(ages[2]!);
  });

  test('loads known late send a burst to one instance', () => {
    const burst = Array.from({length: 40}, (_, s) => ({
      name: `s${s}`,
      tenant: 't',
      startNs: s * 1e6,
      requests: [plan({turn: 0, inputTokens: 1500})],
    }));
    const most = (loadAge: number): number => {
      const {places} = placesOf(four({routing: 'leastLoaded', loadAge}), burst);
      const counts = [0, 0, 0, 0];
      for (const [of] of places.values()) counts[of!]!++;
      return Math.max(...counts);
    };
    expect(most(0)).toBeLessThanOrEqual(12);
    expect(most(1e9)).toBe(40);
  });
});

test('a late index knows what the exact one knows once nothing has changed for its age', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer({min: 1, max: 12})), {minLength: 1, maxLength: 40}), (lives) => {
      const harness = new Harness(ladder([20, 30]));
      const {placement} = harness.loop;
      let now = 0;
      const late = new BlockIndex(placement.core, 10, () => now);
      lives.forEach(([family, blocks], request) => {
        now = request * 5;
        harness.loop.open(request, [family * 100, blocks], blocks);
        if (harness.loop.demand(now, request, 0, blocks, 1)) {
          harness.finishAll();
          harness.loop.computed(now, request, blocks);
          harness.loop.release(now, request, 0);
          harness.finishAll();
        }
        harness.loop.close(request);
      });
      // a request for the longest chain, asked when nothing has changed for longer than the age
      now += 11;
      for (const family of [0, 1, 2, 3]) {
        const request = lives.length + family;
        harness.loop.open(request, [family * 100, 12], 12);
        harness.loop.reach.measure(request);
        late.measure(request);
        expect(late.here[0]).toBe(harness.loop.reach.here[0]);
        expect(late.reachable[0]).toBe(harness.loop.reach.reachable[0]);
      }
    }),
    {numRuns: 100},
  );
});
