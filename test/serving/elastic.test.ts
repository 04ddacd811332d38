/** Mixed instances beside prefill and decode, and instances that move between the two. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {InstanceGroup, Scenario, ServingParams} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, sessions, source, tier} from '../simulation/fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

const group = (role: InstanceGroup['role'], count: number): InstanceGroup => ({role, count, gpus: 1, parallel: ONE_GPU});

const apart = (serving: Partial<ServingParams>, instances: readonly InstanceGroup[], over: Partial<Scenario> = {}): Scenario => ({
  ...scenario({instances, tiers: [tier('hbm', 'hbm', 'instance', 3000), tier('dram', 'dram', 'server', 20000)], ...over}),
  serving: {...scenario().serving, ...serving},
});

/** Long prompts with short replies for a while, then short prompts with long replies. */
function turning(): SessionPlan[] {
  return Array.from({length: 600}, (_, s) => {
    const early = s < 300;
    const request = plan({
      turn: 0,
      inputTokens: early ? 8000 : 200,
      outputTokens: early ? 10 : 1500,
      serviceClass: early ? 'early' : 'late',
    });
    return {name: `s${s}`, tenant: 't', startNs: early ? s * 60e6 : 60e9 + (s - 300) * 50e6, requests: [request]};
  });
}

test('instances go where the work is, and come back', () => {
  const halves = [group('prefill', 3), group('decode', 3)];
  const [fixed, moving] = [null, 1e9].map((elasticEveryNs) =>
    simulate(apart({elasticEveryNs, requestsMax: 64}, halves), source(turning())),
  );
  expect(fixed!.gpus.roleMoves).toBe(0);
  expect(moving!.gpus.roleMoves).toBeGreaterThan(1);
  expect(moving!.requests.completed).toBe(600);
  expect(moving!.classes['early']!.ttft.mean!).toBeLessThan(fixed!.classes['early']!.ttft.mean! / 2);
  expect(moving!.classes['late']!.e2e.max!).toBeLessThan(fixed!.classes['late']!.e2e.max! * 0.9);
  expect(moving!.simulatedSeconds).toBeLessThan(fixed!.simulatedSeconds);
});

test('mixed instances decode for prefill instances, and prefill themselves', () => {
  const roles = new Set<string>();
  const summary = simulate(apart({}, [group('mixed', 2), group('prefill', 1)]), source(sessions(40, 5, {shared: 0})), {
    request: ({prefillInstance, decodeInstance}) => roles.add(`${prefillInstance}>${decodeInstance}`),
  });
  expect(summary.requests.completed).toBe(200);
  expect([...roles].filter((way) => way.startsWith('2>')).length).toBeGreaterThan(0);
  expect([...roles].some((way) => way.startsWith('0>'))).toBe(true);
});

test('spans equal steps while roles change, instances fail and requests are swapped', () => {
  let moves = 0;
  let preemptions = 0;
  const cases = fc.record({
    prefill: fc.integer({min: 1, max: 3}),
    decode: fc.integer({min: 1, max: 3}),
    mixed: fc.integer({min: 0, max: 2}),
    hbm: fc.integer({min: 260, max: 900}),
    every: fc.constantFrom(2e8, 1e9),
    preemption: fc.constantFrom('recompute' as const, 'swap' as const),
    loading: fc.constantFrom('async' as const, 'sync' as const),
    failing: fc.option(fc.nat(3)),
    rate: fc.constantFrom(5, 100),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(cases, (c) => {
      const instances = [group('mixed', c.mixed), group('prefill', c.prefill), group('decode', c.decode)].filter(({count}) => count > 0);
      const tiers = [tier('hbm', 'hbm', 'instance', c.hbm), tier('dram', 'dram', 'server', 3000)];
      const faults =
        c.failing === null ? [] : [{on: `instance${c.failing % (c.prefill + c.decode)}`, atNs: 3e9 + 7, forNs: 4e9, rate: 0, loses: 1}];
      const {preemption, loading} = c;
      const base = apart({elasticEveryNs: c.every, preemption, loading}, instances, {tiers, seed: c.seed, faults});
      const workload = {...base.workload, sessions: {...base.workload.sessions!, perSecond: c.rate}};
      const [span, step] = (['span', 'step'] as const).map((decode) =>
        simulate({...base, workload, serving: {...base.serving, decode}}, source(sessions(16, 4, {output: 400}))),
      );
      expect(step!.digest).toBe(span!.digest);
      expect(span!.requests.completed + span!.requests.rejected).toBe(64);
      moves += span!.gpus.roleMoves;
      preemptions += span!.requests.preemptions;
    }),
    {numRuns: 15, seed: 5},
  );
  expect(moves).toBeGreaterThan(5);
  expect(preemptions).toBeGreaterThan(10);
});
