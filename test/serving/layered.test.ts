/** Loading behind computing, layer by layer: a lone request against its closed form, and crowds in which loads come late, break off or share a batch. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {EVICTING, LOAD, PREFILL, type RequestRecord} from '../../src/metrics/records.ts';
import type {Summary} from '../../src/metrics/summary.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, sessions, source, tier} from '../simulation/fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

const LAYERS = scenario().model.layers;

interface Setting {
  readonly loading: Scenario['serving']['loading'];
  readonly hostBytesPerSecond?: number;
  readonly over?: Partial<Scenario>;
  readonly serving?: Partial<Scenario['serving']>;
}

function settled({loading, hostBytesPerSecond = 20e9, over = {}, serving = {}}: Setting): Scenario {
  const {server, ...rest} = scenario().servers;
  const base = scenario({
    instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}],
    tiers: [tier('hbm', 'hbm', 'instance', 1250), tier('dram', 'dram', 'server', 20_000)],
    placement: {reload: 'always', hit: 'prefix'},
    ...over,
    servers: {...rest, count: 1, server: {...server, gpu: {...server.gpu, hostBytesPerSecond}}},
  });
  return {...base, serving: {...base.serving, ...serving, loading}};
}

interface Row {
  /** Since there is room for what it loads. */
  readonly ttftNs: number;
  readonly loadNs: number;
  readonly prefillNs: number;
  readonly hiddenNs: number;
  readonly outcome: string;
}

function run(setting: Setting, plans: readonly SessionPlan[]): {summary: Summary; rows: Map<string, Row>} {
  const rows = new Map<string, Row>();
  const request = (r: RequestRecord): void => {
    const row = {
      ttftNs: r.firstTokenNs - r.arrivalNs - r.ttftNs[EVICTING]!,
      loadNs: r.ttftNs[LOAD]!,
      prefillNs: r.ttftNs[PREFILL]!,
      hiddenNs: r.hiddenNs,
      outcome: r.outcome,
    };
    rows.set(`${r.session}.${r.turn}`, row);
  };
  return {summary: simulate(settled(setting), source(plans), {request}), rows};
}

/** Its second turn finds 1,000 blocks in DRAM, where the second session has pushed them, and computes `fresh` tokens. */
const evicted = (fresh: number): SessionPlan[] => [
  {
    name: 'a',
    tenant: 't',
    startNs: 0,
    requests: [
      plan({turn: 0, inputTokens: 16_000, promptRuns: [0, 1000]}),
      plan({turn: 1, inputTokens: 16_000 + fresh, outputTokens: 1, promptRuns: [0, 1000, 5000, fresh >> 4], after: [0, 120e9]}),
    ],
  },
  {name: 'b', tenant: 't', startNs: 60e9, requests: [plan({turn: 0, inputTokens: 19_000})]},
];

describe('a lone request', () => {
  test.each([
    [64e9, 1500],
    [20e9, 1500],
    [4e9, 1500],
    [20e9, 40],
  ])('of a host link of %d B/s and %d new tokens ends when its last layer can', (hostBytesPerSecond, fresh) => {
    const apart = run({loading: 'async', hostBytesPerSecond}, evicted(fresh)).rows.get('0.1')!;
    const layered = run({loading: 'layered', hostBytesPerSecond}, evicted(fresh)).rows.get('0.1')!;
    const {loadNs, prefillNs} = apart;
    expect(loadNs).toBeGreaterThan(0);
    expect(apart.ttftNs).toBe(loadNs + prefillNs);
    expect(layered.ttftNs).toBe(Math.max(prefillNs, loadNs + Math.ceil(prefillNs / LAYERS)));
    expect(layered.hiddenNs).toBe(apart.ttftNs - layered.ttftNs);
    expect(apart.hiddenNs).toBe(0);
  });

  test('whose new tokens are more than a step takes computes the first chunk behind its load', () => {
    const [apart, layered] = (['async', 'layered'] as const).map((loading) =>
      run({loading, serving: {batchedTokensMax: 1024}}, evicted(1500)).rows.get('0.1')!,
    );
    expect(layered!.ttftNs).toBe(apart!.ttftNs - layered!.hiddenNs);
    expect(layered!.hiddenNs).toBeGreaterThan(0);
  });
});

const crowd = (): SessionPlan[] => sessions(20, 5, {first: 3000, growth: 700, output: 60, thinkNs: 3e9});

test('in a crowd it beats an engine that waits for loads; where loads are slow, the batch waits with them', () => {
  const of = (loading: Setting['loading'], hostBytesPerSecond: number) => run({loading, hostBytesPerSecond}, crowd()).summary;
  const fast = (['layered', 'sync'] as const).map((loading) => of(loading, 20e9));
  for (const summary of fast) expect(summary.requests.completed).toBe(100);
  expect(fast[0]!.ttft.mean!).toBeLessThan(fast[1]!.ttft.mean!);
  const slow = (['layered', 'async'] as const).map((loading) => of(loading, 1e9));
  expect(slow[0]!.tpot.mean!).toBeGreaterThan(slow[1]!.tpot.mean! * 1.05);
});

test('every request ends, spans equal steps, and a feature of no use changes nothing', () => {
  fc.assert(
    fc.property(
      fc.record({
        hostBytesPerSecond: fc.constantFrom(0.5e9, 3e9, 20e9, 200e9),
        blocks: fc.integer({min: 700, max: 2500}),
        batchedTokensMax: fc.constantFrom(512, 2048, 8192),
        asyncScheduling: fc.boolean(),
        preemption: fc.constantFrom('recompute' as const, 'swap' as const),
        shared: fc.integer({min: 0, max: 120}),
        at: fc.integer({min: 1, max: 40}),
      }),
      ({hostBytesPerSecond, blocks, shared, at, ...serving}) => {
        const tiers = [tier('hbm', 'hbm', 'instance', blocks), tier('dram', 'dram', 'server', 20_000)];
        const faults = [{on: 'server0.dram', atNs: at * 1e9, forNs: 2e9, rate: 0, loses: 1}];
        const plans = sessions(12, 4, {first: 2500, growth: 600, output: 200, shared, thinkNs: 1e9});
        const ran = (decode: 'span' | 'step', over: Partial<Scenario>): Summary =>
          run({loading: 'layered', hostBytesPerSecond, over, serving: {...serving, decode}}, plans).summary;
        for (const over of [{tiers}, {tiers, faults}]) {
          const [spans, steps] = [ran('span', over), ran('step', over)];
          expect(spans.requests.completed).toBe(48);
          expect(steps.digest).toBe(spans.digest);
        }
        const alone = {tiers: [tier('hbm', 'hbm', 'instance', blocks)]};
        const without = run({loading: 'async', hostBytesPerSecond, over: alone, serving}, plans).summary;
        expect(ran('span', alone).digest).toBe(without.digest);
      },
    ),
    {numRuns: 25},
  );
});
