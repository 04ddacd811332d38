/** Classes of service, tenants, versions of the model, and who is let in. */
import {describe, expect, test} from 'vitest';
import {Salts, salted} from '../../src/serving/salts.ts';
import type {Scenario, ServingParams} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, source, tier} from '../simulation/fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

const one = (serving: Partial<ServingParams> = {}, over: Partial<Scenario> = {}): Scenario => ({
  ...scenario({
    instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}],
    tiers: [tier('hbm', 'hbm', 'instance', 3000)],
    ...over,
  }),
  serving: {...scenario().serving, ...serving},
});

/** The same prompt, again and again, from two tenants and classes in turn. */
const repeated = (count: number, gapNs: number): SessionPlan[] =>
  Array.from({length: count}, (_, s) => ({
    name: `s${s}`,
    tenant: `t${s % 2}`,
    startNs: s * gapNs,
    requests: [plan({turn: 0, inputTokens: 1600, promptRuns: [0, 100], serviceClass: s % 2 === 0 ? 'first' : 'second'})],
  }));

describe('salts', () => {
  test('tenants do not find what others have computed', () => {
    const hits = (isolation: 'none' | 'tenant'): number => simulate(one({isolation}), source(repeated(10, 1e9))).tiers['hbm']!.hitBlocks;
    expect(hits('none')).toBe(9 * 99);
    expect(hits('tenant')).toBe(8 * 99);
  });

  test('a new version of the model finds nothing of the old one', () => {
    const hits = (updateEveryNs: number | null): number =>
      simulate(one({updateEveryNs}), source(repeated(12, 1e9))).tiers['hbm']!.hitBlocks;
    expect(hits(null)).toBe(11 * 99);
    expect(hits(4e9)).toBe(9 * 99);
  });

  test('are numbers from 0, and leave private names alone', () => {
    const salts = new Salts();
    expect([salts.of('a', 0), salts.of('b', 0), salts.of('a', 0), salts.of('a', 1)]).toEqual([0, 1, 0, 2]);
    expect(salted([5, 2, 2 ** 52 + 3, 1], 0)).toEqual([5, 2, 2 ** 52 + 3, 1]);
    expect(salted([5, 2, 2 ** 52 + 3, 1], 2)).toEqual([5 + 2 ** 39, 2, 2 ** 52 + 3, 1]);
  });
});

describe('classes', () => {
  const crowd = (): SessionPlan[] =>
    Array.from({length: 60}, (_, s) => ({
      name: `s${s}`,
      tenant: 't',
      startNs: s * 1e6,
      requests: [plan({turn: 0, inputTokens: 4000, outputTokens: 50, serviceClass: s % 2 === 0 ? 'first' : 'second'})],
    }));
  const none = {ttftNs: null, tpotNs: null, e2eNs: null};

  test('of a higher priority go first', () => {
    const ttft = (priority: number): number[] => {
      const classes = {first: {...none, priority}, second: {...none, priority: 0}};
      const told = simulate(one({requestsMax: 4}, {classes}), source(crowd())).classes;
      return [told['first']!.ttft.mean!, told['second']!.ttft.mean!];
    };
    const [first, second] = ttft(1);
    expect(first! * 2).toBeLessThan(second!);
    const [even, odd] = ttft(0);
    expect(Math.abs(even! / odd! - 1)).toBeLessThan(0.1);
  });

  test('have objectives of their own', () => {
    const classes = {first: {...none, ttftNs: 1, priority: 0}, second: {...none, ttftNs: 1e15, priority: 0}};
    const {goodput, fairness} = simulate(one({}, {classes}), source(crowd()));
    expect(goodput.byServiceClass).toEqual({first: 0, second: 1});
    expect(goodput.share).toBe(0.5);
    expect(fairness).toEqual({tenants: 1, jain: 1, worst: {tenant: 't', goodShare: 0.5}});
  });

  test('fairness is half where one of two tenants has everything', () => {
    const classes = {first: {...none, ttftNs: 1, priority: 0}, second: {...none, ttftNs: 1e15, priority: 0}};
    expect(simulate(one({}, {classes}), source(repeated(20, 1e9))).fairness).toEqual({
      tenants: 2,
      jain: 0.5,
      worst: {tenant: 't0', goodShare: 0},
    });
  });

  test('admission refuses what would wait too long, or behind too many', () => {
    const {requests} = simulate(one({requestsMax: 4, admission: {queueMax: 8, waitMaxNs: null}}), source(crowd()));
    expect(requests.byReason['queueFull']).toBeGreaterThan(30);
    expect(requests.completed + requests.rejected).toBe(60);
    const late = simulate(one({requestsMax: 4, admission: {queueMax: null, waitMaxNs: 1e9}}), source(crowd()));
    expect(late.requests.byReason['tooLate']).toBeGreaterThan(5);
    expect(late.ttft.max!).toBeLessThan(simulate(one({requestsMax: 4}), source(crowd())).ttft.max!);
  });
});
