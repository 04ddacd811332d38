/** Things fail and come back: nothing is lost that was not there, every request ends, and the report shows the dip. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {replay} from '../../src/placement/journal.ts';
import type {RequestRecord, RunInfo} from '../../src/metrics/records.ts';
import type {Fault} from '../../src/scenario/faults.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {placementOf, simulate} from '../../src/simulation/simulate.ts';
import {network, ONE_GPU, scenario, sessions, source, tier} from './fixture.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';

const second = 1e9;

function fault(on: string, at: number, lasts: number | null, over: Partial<Fault> = {}): Fault {
  return {on, atNs: at * second, forNs: lasts === null ? null : lasts * second, rate: 0, loses: over.rate ? 0 : 1, ...over};
}

interface Row {
  readonly session: number;
  readonly turn: number;
  readonly outcome: string;
  readonly reason: string;
  readonly arrivalNs: number;
  readonly ttftNs: number;
  readonly endNs: number;
  readonly restarts: number;
  readonly recomputedTokens: number;
  readonly statesNs: number;
}

function run(given: Scenario, plans: readonly SessionPlan[]): {summary: ReturnType<typeof simulate>; rows: Row[]} {
  const rows: Row[] = [];
  const summary = simulate(given, source(plans), {
    request: (r: RequestRecord) =>
      rows.push({
        session: r.session,
        turn: r.turn,
        outcome: r.outcome,
        reason: r.reason,
        arrivalNs: r.arrivalNs,
        ttftNs: r.firstTokenNs - r.arrivalNs,
        endNs: r.endNs,
        restarts: r.restarts,
        recomputedTokens: r.recomputedTokens,
        statesNs: r.e2eNs.reduce((sum, ns) => sum + ns, 0),
      }),
  });
  return {summary, rows};
}

const plans = (): SessionPlan[] => sessions(40, 6, {output: 200});
const completed = (rows: readonly Row[]): number => rows.filter(({outcome}) => outcome === 'completed').length;

describe('an instance', () => {
  test('that stops hands its requests to the other, and takes its share again when it is back', () => {
    const whole = run(scenario(), plans());
    const {summary, rows} = run(scenario({faults: [fault('instance0', 5, 10)]}), plans());
    const [told] = summary.faults;
    expect(completed(rows)).toBe(240);
    expect(summary.requests.restarts).toBeGreaterThan(0);
    expect(told!.restarts).toBe(rows.reduce((sum, {restarts}) => sum + restarts, 0));
    expect(told!.lostTokens).toBeGreaterThan(0);
    expect(told!.lostBlocks).toBeGreaterThan(0);
    expect(told!.gpuSecondsDown).toBe(10);
    expect(told!.rent).toBeCloseTo((10 / 3600) * 2.35, 9);
    expect(told!.during.ttft.mean!).toBeGreaterThan(told!.before.ttft.mean!);
    expect(summary.ttft.mean!).toBeGreaterThan(whole.summary.ttft.mean!);
    for (const row of rows) expect(row.statesNs).toBeCloseTo(row.endNs - row.arrivalNs, 0);
  });

  test('that stops for good leaves the others to do everything', () => {
    const {rows} = run(scenario({faults: [fault('instance0', 5, null)]}), plans());
    expect(completed(rows)).toBe(240);
  });

  test('the last of them: requests wait for one that returns, and fail where none will', () => {
    const both = (lasts: number | null): ReturnType<typeof run> =>
      run(scenario({faults: [fault('instance0', 5, lasts), fault('instance1', 6, lasts)]}), plans());
    expect(completed(both(20).rows)).toBe(240);
    const {rows, summary} = both(null);
    expect(rows).toHaveLength(240);
    expect(new Set(rows.filter(({outcome}) => outcome !== 'completed').map(({reason}) => reason))).toEqual(new Set(['noInstance']));
    expect(summary.requests.failed).toBeGreaterThan(100);
    for (const row of rows) if (row.outcome === 'failed') expect(row.endNs).toBeGreaterThanOrEqual(5e9);
  });

  test('at half its rate takes twice as long for a step', () => {
    const alone = scenario({instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}]});
    const one = sessions(1, 1, {output: 500});
    const [full, half] = [[], [fault('instance0', 0, null, {rate: 0.5})]].map((faults) => run({...alone, faults}, one).rows[0]!);
    expect(half!.endNs / full!.endNs).toBeCloseTo(2, 2);
  });
});

describe('a pool', () => {
  const tiers = [tier('hbm', 'hbm', 'instance', 600), tier('dram', 'dram', 'server', 300), tier('nvme', 'nvme', 'server', 20000)];
  const busy = (): SessionPlan[] => sessions(40, 6, {thinkNs: 20e9});

  test('that fails loses what it holds, its loads are computed again, and it fills anew', () => {
    const whole = run(scenario({tiers}), busy());
    const {rows, summary} = run(scenario({tiers, faults: [fault('server0.nvme', 60, 20)]}), busy());
    expect(completed(rows)).toBe(240);
    expect(summary.faults[0]!.lostBlocks).toBeGreaterThan(1000);
    expect(summary.cache.byTier['nvme']!).toBeLessThan(whole.summary.cache.byTier['nvme']! - 0.02);
    expect(summary.tiers['nvme']!.usedBytes.max).toBeGreaterThan(0);
  });

  test('that loses one of eight drives loses an eighth of its blocks', () => {
    const whole = run(scenario({tiers, faults: [fault('server0.nvme', 60, 20)]}), busy()).summary.faults[0]!.lostBlocks;
    const part = run(scenario({tiers, faults: [fault('server0.nvme', 60, 20, {rate: 0.875, loses: 0.125})]}), busy());
    expect(part.summary.faults[0]!.lostBlocks / whole).toBeGreaterThan(0.1);
    expect(part.summary.faults[0]!.lostBlocks / whole).toBeLessThan(0.15);
    expect(completed(part.rows)).toBe(240);
  });

  test('between others is passed by: what it would have taken goes further down', () => {
    const {summary} = run(scenario({tiers, faults: [fault('server0.dram', 0, null)]}), busy());
    expect(summary.tiers['dram']!.writtenBytes).toBe(0);
    expect(summary.tiers['nvme']!.hitBlocks).toBeGreaterThan(1000);
  });
});

describe('a link', () => {
  const tiers = [tier('hbm', 'hbm', 'instance', 600), tier('flash', 'nvme', 'cluster', 20000)];
  const busy = (): SessionPlan[] => sessions(40, 6, {thinkNs: 20e9});

  test('that is cut takes nothing away: what lies behind it is found again afterwards', () => {
    const whole = run(scenario({tiers, placement: {reload: 'always', hit: 'prefix'}}), busy()).summary;
    const {rows, summary} = run(
      scenario({tiers, placement: {reload: 'always', hit: 'prefix'}, faults: [fault('server0.northSouth', 60, 20, {loses: 0})]}),
      busy(),
    );
    expect(completed(rows)).toBe(240);
    expect(summary.faults[0]!.lostBlocks).toBe(0);
    const found = summary.cache.byTier['flash']!;
    expect(found).toBeLessThan(whole.cache.byTier['flash']!);
    expect(found).toBeGreaterThan(whole.cache.byTier['flash']! * 0.6);
  });

  test('at a thousandth of its rate makes loads not worth their while, and no byte goes faster', () => {
    let info!: RunInfo;
    const slow = fault('server0.northSouth', 0, null, {rate: 0.001});
    const {cache} = simulate(scenario({tiers, faults: [slow], timelineNs: second}), source(busy()), {
      begin: (told) => (info = told),
      interval: ({endNs, resourceBytes}) =>
        info.resources.forEach(({name, bytesPerSecond}, i) => {
          if (name.startsWith('server0.northSouth'))
            expect(resourceBytes[i]).toBeLessThanOrEqual((bytesPerSecond * 0.001 * endNs) / 1e9 + 1);
        }),
    });
    expect(cache.missed.recomputed).toBeGreaterThan(1000);
  });
});

describe('whatever fails', () => {
  const names = [
    'instance0',
    'instance1',
    'server0',
    'server1',
    'server0.dram',
    'server0.nvme',
    'server1.nvme',
    'instance0.host',
    'flash',
    'server1.eastWest',
    'server0.northSouth',
  ];
  const faults = fc.array(
    fc.record({
      on: fc.constantFrom(...names),
      at: fc.integer({min: 0, max: 400}),
      lasts: fc.option(fc.integer({min: 1, max: 300})),
      rate: fc.constantFrom(0, 0, 0, 0.5),
      loses: fc.constantFrom(0, 0.3, 1),
    }),
    {minLength: 1, maxLength: 5},
  );
  const cases = fc.record({
    faults,
    sessions: fc.integer({min: 4, max: 14}),
    apart: fc.boolean(),
    hbm: fc.integer({min: 300, max: 900}),
    dram: fc.integer({min: 200, max: 2000}),
    write: fc.constantFrom('back' as const, 'through' as const),
    reload: fc.constantFrom('always' as const, 'faster' as const),
    seed: fc.nat(1000),
  });

  test('every request ends, a replayed journal gives the same commands, and spans equal steps', () => {
    let restarts = 0;
    let cut = 0;
    fc.assert(
      fc.property(cases, (c) => {
        const base = scenario({
          seed: c.seed,
          servers: {
            count: 2,
            server: {...scenario().servers.server, gpus: 1, gpu: {...scenario().servers.server.gpu, hostBytesPerSecond: 1e9}},
          },
          networks: {northSouth: network(2, 0.1e9), eastWest: network(2, 0.05e9), contextMemory: network(0, 1e9)},
          instances: c.apart
            ? [
                {role: 'prefill', count: 1, gpus: 1, parallel: ONE_GPU},
                {role: 'decode', count: 1, gpus: 1, parallel: ONE_GPU},
              ]
            : [{role: 'mixed', count: 2, gpus: 1, parallel: ONE_GPU}],
          tiers: [
            tier('hbm', 'hbm', 'instance', c.hbm),
            tier('dram', 'dram', 'server', c.dram, {write: c.write}),
            tier('nvme', 'nvme', 'server', 4000, {write: c.write}),
            tier('flash', 'nvme', 'cluster', 20000),
          ],
          placement: {reload: c.reload, hit: 'prefix'},
          faults: c.faults.map(({on, at, lasts, rate, loses}) => ({
            on,
            atNs: at * 1e8 + 1,
            forNs: lasts === null ? null : lasts * 1e8,
            rate,
            loses: on.includes('host') || on.includes('South') || on.includes('West') ? 0 : loses,
          })),
        });
        const words: number[] = [];
        let digest = '';
        const rows: string[] = [];
        const span = simulate(base, source(sessions(c.sessions, 5)), {
          journal: (chunk, count) => words.push(...chunk.subarray(0, count)),
          journalEnd: (commands) => (digest = commands),
          request: (r) => rows.push(r.outcome),
        });
        expect(rows).toHaveLength(c.sessions * 5);
        expect(replay(Float64Array.from(words), placementOf(base))).toBe(digest);
        const step = simulate({...base, serving: {...base.serving, decode: 'step'}}, source(sessions(c.sessions, 5)));
        expect(step.digest).toBe(span.digest);
        restarts += span.requests.restarts;
        cut += span.faults.reduce((sum, {transfersCut}) => sum + transfersCut, 0);
      }),
      {numRuns: 50, seed: 21},
    );
    expect(restarts).toBeGreaterThan(50);
    expect(cut).toBeGreaterThan(20);
  });
});

describe('an instance that starts', () => {
  const tiers = [tier('hbm', 'hbm', 'instance', 3000), tier('nvme', 'nvme', 'server', 20000)];
  const cold = (over: object, faults: Fault[] = []): Scenario => {
    const base = scenario({tiers, faults});
    return {...base, serving: {...base.serving, coldStart: {weightsFrom: 'nvme', overheadNs: 3e9, atBegin: false, ...over}}};
  };
  /** 16 GB of weights over a drive group of 7 GB/s. */
  const alone = 16e9 / 7e9 + 3;

  test('takes what its weights take over the slowest station, and the overhead', () => {
    const {summary, rows} = run(cold({}, [fault('instance0', 5, 10)]), plans());
    expect(summary.coldStartSeconds.count).toBe(1);
    expect(summary.coldStartSeconds.mean!).toBeGreaterThanOrEqual(alone);
    expect(summary.coldStartSeconds.mean!).toBeLessThan(alone * 1.05);
    expect(completed(rows)).toBe(240);
  });

  test('two at once share what their weights come over, and nobody is served before', () => {
    const {summary, rows} = run(cold({atBegin: true}), plans());
    expect(summary.coldStartSeconds.count).toBe(2);
    expect(summary.coldStartSeconds.max!).toBeCloseTo((2 * 16e9) / 7e9 + 3, 1);
    for (const row of rows) expect(row.arrivalNs + row.ttftNs).toBeGreaterThan(alone * second);
    expect(completed(rows)).toBe(240);
  });

  test('begins again where its tier was away', () => {
    const {summary, rows} = run(cold({atBegin: true}, [fault('server0.nvme', 1, 20, {loses: 0})]), plans());
    expect(summary.coldStartSeconds.mean!).toBeGreaterThan(20);
    expect(completed(rows)).toBe(240);
  });
});
