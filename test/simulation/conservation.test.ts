/** What no run may do, whatever its scenario: move more than hardware can, lose a request, or spend time twice. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {RunInfo} from '../../src/metrics/records.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, scenario, sessions, source, tier} from './fixture.ts';

const cases = fc.record({
  sessions: fc.integer({min: 2, max: 16}),
  turns: fc.integer({min: 1, max: 5}),
  hbm: fc.integer({min: 300, max: 900}),
  dram: fc.integer({min: 200, max: 3000}),
  apart: fc.boolean(),
  write: fc.constantFrom('back' as const, 'through' as const),
  reload: fc.constantFrom('always' as const, 'faster' as const, 'never' as const, 'split' as const, 'leastEnergy' as const),
  hit: fc.constantFrom('prefix' as const, 'fillHoles' as const),
  promote: fc.constantFrom('copy' as const, 'move' as const),
  promoteOn: fc.nat(2),
  ttlNs: fc.constantFrom(null, 1e9),
  rate: fc.constantFrom(0.5, 20, 200),
  slabBytes: fc.constantFrom(2 ** 20, 64 * 2 ** 20),
  peers: fc.constantFrom([], [], ['scaleUp'] as const, ['eastWest', 'scaleUp'] as const),
  hostTree: fc.boolean(),
  seed: fc.nat(1000),
});

function given(c: typeof cases extends fc.Arbitrary<infer T> ? T : never): Scenario {
  const plain = scenario();
  // With peers each instance has a server of its own.
  const servers = c.peers.length === 0 ? {count: 1, gpus: 8, scaleUpGpus: undefined} : {count: 2, gpus: 1, scaleUpGpus: 2};
  const tree = {hostTree: c.hostTree, sockets: 2, socketBytesPerSecond: 20e9, switches: 4, uplinkBytesPerSecond: 10e9};
  const base = scenario({
    servers: {count: servers.count, server: {...plain.servers.server, ...servers, ...tree}},
    seed: c.seed,
    kv: {blockTokens: 16, slabBytes: c.slabBytes},
    placement: {reload: c.reload, hit: c.hit, route: 'adaptive'},
    timelineNs: 1e9,
    instances: c.apart
      ? [
          {role: 'prefill', count: 1, gpus: 1, parallel: ONE_GPU},
          {role: 'decode', count: 1, gpus: 1, parallel: ONE_GPU},
        ]
      : [{role: 'mixed', count: 2, gpus: 1, parallel: ONE_GPU}],
    tiers: [
      tier('hbm', 'hbm', 'instance', c.hbm),
      tier('dram', 'dram', 'server', c.dram, {write: c.write, promote: c.promote, promoteOn: c.promoteOn, ttlNs: c.ttlNs, peers: c.peers}),
      tier('nvme', 'nvme', 'server', 20000, {write: c.write, peers: c.peers}),
    ],
  });
  return {...base, workload: {...base.workload, sessions: {...base.workload.sessions!, perSecond: c.rate}}};
}

describe('conservation', () => {
  test('no device, link or direction moves more than its rate in any interval, or is busy longer than the time', () => {
    let moved = 0;
    fc.assert(
      fc.property(cases, (c) => {
        let info!: RunInfo;
        let lastNs = 0;
        let last: Float64Array | null = null;
        simulate(given(c), source(sessions(c.sessions, c.turns)), {
          begin: (run) => (info = run),
          interval: ({endNs, resourceBytes, resourceBusyNs}) => {
            info.resources.forEach(({bytesPerSecond}, i) => {
              const bytes = resourceBytes[i] - (last?.[i] ?? 0);
              moved += bytes;
              // A slab counts when it leaves: one may have entered before the interval began.
              expect(bytes).toBeLessThanOrEqual((bytesPerSecond * (endNs - lastNs)) / 1e9 + c.slabBytes + 1);
              expect(resourceBytes[i]).toBeLessThanOrEqual((bytesPerSecond * resourceBusyNs[i]) / 1e9 + 1);
              expect(resourceBusyNs[i]).toBeLessThanOrEqual(endNs + 1);
            });
            last = resourceBytes.slice();
            lastNs = endNs;
          },
        });
      }),
      {numRuns: 60, seed: 3},
    );
    expect(moved).toBeGreaterThan(1e11); // the cases were not idle
  });

  test('bytes out equal bytes in: what transfers read from one tier they write to another', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const {tiers} = simulate(given(c), source(sessions(c.sessions, c.turns)));
        const all = Object.values(tiers);
        const read = all.reduce((sum, {readBytes}) => sum + readBytes, 0);
        const written = all.reduce((sum, {writtenBytes}) => sum + writtenBytes, 0);
        expect(read).toBe(written);
        if (c.reload === 'never' && !c.apart) expect(tiers['hbm']!.writtenBytes).toBe(0);
      }),
      {numRuns: 40, seed: 4},
    );
  });

  test('every offered request is completed, rejected or failed, and its states sum to its time', () => {
    fc.assert(
      fc.property(cases, (c) => {
        let records = 0;
        const {requests} = simulate(given(c), source(sessions(c.sessions, c.turns)), {
          request: (r) => {
            records++;
            const sum = r.e2eNs.reduce((a, b) => a + b, 0);
            expect(sum).toBeCloseTo(r.endNs - r.arrivalNs, 3);
            const untilFirst = r.ttftNs.reduce((a, b) => a + b, 0);
            if (r.outcome === 'completed') expect(untilFirst).toBeCloseTo(r.firstTokenNs - r.arrivalNs, 3);
            const hits = r.hitBlocks.reduce((a, b) => a + b, 0);
            expect(hits + r.missPartial + r.missLast + r.missAbsent + r.missRecomputed).toBeGreaterThanOrEqual(r.infiniteHitBlocks);
          },
        });
        expect(records).toBe(c.sessions * c.turns);
        expect(requests.completed + requests.rejected + requests.failed).toBe(requests.offered);
        expect(requests.offered).toBe(records);
      }),
      {numRuns: 40, seed: 5},
    );
  });
});

describe('more memory', () => {
  const crowded = (dram: number): ReturnType<typeof simulate> =>
    simulate(
      scenario({
        instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}],
        tiers: [tier('hbm', 'hbm', 'instance', 600), tier('dram', 'dram', 'server', dram)],
        placement: {reload: 'always', hit: 'prefix'},
      }),
      source(sessions(30, 6, {thinkNs: 20e9})),
    );

  test('a larger pool moves TTFT when it moves the hit rate', () => {
    const [small, large] = [crowded(60), crowded(6000)];
    expect(large.cache.hitRatio!).toBeGreaterThan(small.cache.hitRatio! + 0.2);
    expect(large.ttft.mean!).toBeLessThan(small.ttft.mean! * 0.8);
    expect(large.ttft.byClass['warm']!.p50!).toBeLessThan(small.ttft.byClass['warm']!.p50!);
  });

  test('a pool beyond what the run can fill changes nothing at all', () => {
    expect(crowded(60_000).digest).toBe(crowded(20_000).digest);
  });
});

describe('slabs', () => {
  test('of 64 MiB give the answer of 4 MiB ones, tail included, over replications', () => {
    const tiers = [tier('hbm', 'hbm', 'instance', 600), tier('dram', 'dram', 'server', 500), tier('nvme', 'nvme', 'server', 20000)];
    const replications = 40;
    const pooled = (slabBytes: number): {ttftsNs: number[]; events: number} => {
      const ttftsNs: number[] = [];
      let events = 0;
      for (let seed = 0; seed < replications; seed++) {
        const run = scenario({seed, kv: {blockTokens: 16, slabBytes}, tiers, placement: {reload: 'always', hit: 'prefix'}});
        const plans = source(sessions(40, 6, {thinkNs: 20e9}));
        events += simulate(run, plans, {request: (r) => ttftsNs.push(r.firstTokenNs - r.arrivalNs)}).events;
      }
      return {ttftsNs: ttftsNs.sort((a, b) => a - b), events};
    };
    const [coarse, fine] = [pooled(64 * 2 ** 20), pooled(4 * 2 ** 20)];
    expect(fine.events).toBeGreaterThan(coarse.events * 1.5);
    for (const share of [0.5, 0.9, 0.99]) {
      const at = Math.floor(share * coarse.ttftsNs.length);
      // 0.3, 0.3 and 3.6 % apart; the standard error of such a p99 over 40 replications is 1 to 2 %.
      expect(Math.abs(coarse.ttftsNs[at]! / fine.ttftsNs[at]! - 1), `p${share * 100}`).toBeLessThan(0.05);
    }
  });
});
