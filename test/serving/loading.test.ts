/** Synchronous loading, offload of prompts alone, preemption by swap: what each is worth, and that nothing is lost by it. */
import {describe, expect, test} from 'vitest';
import type {Scenario, ServingParams} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, sessions, source, tier} from '../simulation/fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

const one = (serving: Partial<ServingParams>, over: Partial<Scenario> = {}): Scenario => ({
  ...scenario({
    instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}],
    tiers: [tier('hbm', 'hbm', 'instance', 600), tier('dram', 'dram', 'server', 6000), tier('nvme', 'nvme', 'server', 20000)],
    placement: {reload: 'always', hit: 'prefix'},
    ...over,
  }),
  serving: {...scenario().serving, ...serving},
});

test('an engine that waits for loads serves the same, later', () => {
  const slow = {count: 1, server: {...scenario().servers.server, gpu: {...scenario().servers.server.gpu, hostBytesPerSecond: 2e9}}};
  const [async, sync] = (['async', 'sync'] as const).map((loading) =>
    simulate(one({loading}, {servers: slow}), source(sessions(20, 5, {thinkNs: 5e9}))),
  );
  expect(sync!.requests.completed).toBe(100);
  expect(sync!.tpot.mean!).toBeGreaterThan(async!.tpot.mean! * 1.05);
});

describe('offload of prompts alone', () => {
  /** Replies are reused by the next turn; then long prompts of others push everything out of HBM. */
  const turns = (): SessionPlan[] => [
    {
      name: 'a',
      tenant: 't',
      startNs: 0,
      requests: [
        plan({turn: 0, inputTokens: 1600, outputTokens: 801, promptRuns: [0, 100], generatedRuns: [100, 50]}),
        plan({turn: 1, inputTokens: 2416, promptRuns: [0, 151], after: [0, 60e9]}),
      ],
    },
    ...Array.from({length: 3}, (_, s) => ({
      name: `b${s}`,
      tenant: 't',
      startNs: 30e9 + s * 5e9,
      requests: [plan({turn: 0, inputTokens: 8000})],
    })),
  ];

  test('leaves the blocks that decode has made behind, and no others', () => {
    const found = (offload: 'all' | 'prompts', write: 'back' | 'through'): number => {
      const tiers = [tier('hbm', 'hbm', 'instance', 600), tier('dram', 'dram', 'server', 6000, {write})];
      return simulate(one({offload}, {tiers}), source(turns())).tiers['dram']!.hitBlocks;
    };
    for (const write of ['back', 'through'] as const) {
      expect(found('all', write)).toBe(150);
      expect(found('prompts', write)).toBe(100);
    }
  });
});

describe('preemption', () => {
  /** Two that cannot end side by side, with something below to swap to. */
  const pair = (): SessionPlan[] =>
    [0, 1].map((s) => ({name: `s${s}`, tenant: 't', startNs: null, requests: [plan({turn: 0, inputTokens: 5000, outputTokens: 3000})]}));
  const run = (preemption: 'recompute' | 'swap'): {recomputed: number; dram: number; ended: number; preemptions: number} => {
    const tiers = [tier('hbm', 'hbm', 'instance', 750), tier('dram', 'dram', 'server', 6000)];
    const {cache, tiers: told, requests} = simulate(one({preemption}, {tiers}), source(pair()));
    return {
      recomputed: cache.recomputedTokens,
      dram: told['dram']!.readBytes,
      ended: requests.completed,
      preemptions: requests.preemptions,
    };
  };

  test('by swap computes next to nothing again, and moves the KV instead', () => {
    const [again, swapped] = [run('recompute'), run('swap')];
    expect([again.ended, swapped.ended]).toEqual([2, 2]);
    expect(again.preemptions).toBeGreaterThan(0);
    expect(again.recomputed).toBeGreaterThan(300);
    expect(swapped.recomputed).toBeLessThanOrEqual(32 * swapped.preemptions);
    expect(swapped.dram).toBeGreaterThan(again.dram);
  });

  test('by swap leaves replies to the next turn as they were', () => {
    const reused = (preemption: 'recompute' | 'swap'): number => {
      const tiers = [tier('hbm', 'hbm', 'instance', 750), tier('dram', 'dram', 'server', 6000)];
      const plans = [0, 1].map((s) => {
        const first = 1000 * s;
        return {
          name: `s${s}`,
          tenant: 't',
          startNs: null,
          requests: [
            plan({turn: 0, inputTokens: 4992, outputTokens: 3000, promptRuns: [first, 312], generatedRuns: [first + 312, 187]}),
            plan({turn: 1, inputTokens: 8000, promptRuns: [first, 500], after: [0, 1e9], infiniteHitBlocks: 499}),
          ],
        };
      });
      const summary = simulate(one({preemption}, {tiers}), source(plans));
      expect(summary.requests.preemptions).toBeGreaterThan(0);
      return summary.cache.hitRatio!;
    };
    expect(reused('swap')).toBeCloseTo(reused('recompute'), 2);
  });
});
