import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {RequestRecord} from '../../src/metrics/records.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {ONE_GPU, plan, scenario, sessions, source, tier} from './fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

interface Row {
  readonly turn: number;
  readonly outcome: string;
  readonly reason: string;
  readonly ttftNs: number;
  readonly e2eNs: number;
  readonly statesNs: number;
  readonly hits: number[];
  readonly preemptions: number;
}

function run(given: Scenario, plans: readonly SessionPlan[]): {summary: ReturnType<typeof simulate>; rows: Row[]} {
  const rows: Row[] = [];
  const summary = simulate(given, source(plans), {
    request: (r: RequestRecord) =>
      rows.push({
        turn: r.turn,
        outcome: r.outcome,
        reason: r.reason,
        ttftNs: r.firstTokenNs - r.arrivalNs,
        e2eNs: r.endNs - r.arrivalNs,
        statesNs: r.e2eNs.reduce((sum, ns) => sum + ns, 0),
        hits: [...r.hitBlocks],
        preemptions: r.preemptions,
      }),
  });
  return {summary, rows};
}

describe('simulate()', () => {
  test('ends every request, and its states sum to its time', () => {
    const {rows} = run(scenario(), sessions(30, 6));
    expect(rows).toHaveLength(180);
    for (const row of rows) {
      expect(row.outcome).toBe('completed');
      expect(row.ttftNs).toBeGreaterThan(0);
      expect(row.statesNs).toBeCloseTo(row.e2eNs, 0);
    }
  });

  test('gives the same digest twice', () => {
    const first = run(scenario(), sessions(20, 5)).summary;
    const second = run(scenario(), sessions(20, 5)).summary;
    expect(first.digest).toBe(second.digest);
    expect(first.eventDigest).toBe(second.eventDigest);
  });

  test('finds later turns in the tiers that can still hold them', () => {
    const {rows} = run(scenario({tiers: [tier('hbm', 'hbm', 'instance', 700), tier('dram', 'dram', 'server', 20000)]}), sessions(40, 6));
    const hits = rows.filter((row) => row.turn > 0).map((row) => row.hits);
    expect(hits.some(([, dram]) => dram > 0)).toBe(true);
    expect(hits.filter((tiers) => tiers[0] + tiers[1] > 0).length / hits.length).toBeGreaterThan(0.95);
  });

  test('refuses what can never fit and goes on with the session', () => {
    const long: SessionPlan = {
      name: 'long',
      tenant: 't',
      startNs: null,
      requests: [
        plan({turn: 0, inputTokens: 200_000}),
        plan({turn: 1, inputTokens: 15_000, after: [0, 1e9]}),
        plan({turn: 2, inputTokens: 500, after: [1, 1e9]}),
      ],
    };
    const {rows} = run(scenario(), [long]);
    expect(rows.map((row) => [row.outcome, row.reason])).toEqual([
      ['rejected', 'overlength'],
      ['rejected', 'neverFits'],
      ['completed', ''],
    ]);
  });

  test('requests too large to coexist preempt each other and still end', () => {
    const pair = [0, 1].map((s) => ({
      name: `s${s}`,
      tenant: 't',
      startNs: null,
      requests: [plan({turn: 0, inputTokens: 5000, outputTokens: 3000})],
    }));
    const {rows} = run(
      scenario({instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}], tiers: [tier('hbm', 'hbm', 'instance', 750)]}),
      pair,
    );
    expect(rows.map((row) => row.outcome)).toEqual(['completed', 'completed']);
    expect(rows.some((row) => row.preemptions > 0)).toBe(true);
    expect(rows.reduce((sum, row) => sum + row.preemptions, 0)).toBeLessThan(5);
  });

  test('hands prompts from prefill to decode instances', () => {
    const {rows} = run(
      scenario({
        instances: [
          {role: 'prefill', count: 1, gpus: 1, parallel: ONE_GPU},
          {role: 'decode', count: 1, gpus: 1, parallel: ONE_GPU},
        ],
      }),
      sessions(20, 5),
    );
    expect(rows.every((row) => row.outcome === 'completed')).toBe(true);
  });

  test('fills tiers without time while it warms, and measures only afterwards', () => {
    const cold = run(scenario(), sessions(60, 4));
    const warm = run(scenario({warm: {replayNs: 15e9}}), sessions(60, 4));
    expect(warm.rows.length).toBeLessThan(cold.rows.length);
    expect(warm.rows.length).toBeGreaterThan(50);
  });
});

describe('decode in spans equals decode step by step', () => {
  const cases = fc.record({
    sessions: fc.integer({min: 2, max: 14}),
    turns: fc.integer({min: 1, max: 4}),
    hbm: fc.integer({min: 260, max: 900}),
    dram: fc.integer({min: 300, max: 3000}),
    shape: fc.constantFrom('mixed', 'two', 'apart'),
    write: fc.constantFrom('back' as const, 'through' as const),
    rate: fc.constantFrom(0.5, 5, 100),
    output: fc.integer({min: 1, max: 600}),
    chunk: fc.constantFrom(512, 2048),
    low: fc.constantFrom(0, 0.02, 0.1),
    window: fc.constantFrom(0, 1800, 2600),
    asyncScheduling: fc.boolean(),
    loading: fc.constantFrom('async' as const, 'sync' as const, 'layered' as const),
    seed: fc.nat(1000),
  });
  test('digest included, with preemption, chunked prefill, disaggregation, windows, late scheduling and every way to load', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const base = scenario({
          seed: c.seed,
          model: {...scenario().model, attentionLayers: c.window > 0 ? 16 : 32, window: c.window},
          instances:
            c.shape === 'mixed'
              ? [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}]
              : c.shape === 'two'
                ? [{role: 'mixed', count: 2, gpus: 1, parallel: ONE_GPU}]
                : [
                    {role: 'prefill', count: 1, gpus: 1, parallel: ONE_GPU},
                    {role: 'decode', count: 1, gpus: 1, parallel: ONE_GPU},
                  ],
          tiers: [
            tier('hbm', 'hbm', 'instance', c.hbm, {reserve: {low: c.low, high: c.low * 2}}),
            tier('dram', 'dram', 'server', c.dram, {write: c.write}),
            tier('nvme', 'nvme', 'server', 20000),
          ],
        });
        const rule = {...base.workload, sessions: {...base.workload.sessions!, perSecond: c.rate}};
        const plans = sessions(c.sessions, c.turns, {output: c.output});
        const [span, step] = (['span', 'step'] as const).map((decode) =>
          run(
            {
              ...base,
              workload: rule,
              serving: {...base.serving, batchedTokensMax: c.chunk, asyncScheduling: c.asyncScheduling, loading: c.loading, decode},
            },
            plans,
          ),
        );
        expect(step.rows).toEqual(span.rows);
        expect(step.summary.digest).toBe(span.summary.digest);
      }),
      {numRuns: Number(process.env['SPAN_RUNS'] ?? 150), seed: 11},
    );
  });
});
