/** Memory lent over a CXL switch: its price and its ports are counted once and named where they are missing; its switch is crossed by all, and contends. */
import {describe, expect, test} from 'vitest';
import {catalogue, loadScenario, openSource, ScenarioError, simulate, type Summary} from '../../src/index.ts';
import {resourcesOf} from '../../src/experiments/resources.ts';
import {stepsOf} from '../../src/experiments/steps.ts';
import {plain, table} from '../../src/reports/table.ts';

const YEAR = 365 * 86400;
const text = `
version: 1
name: lent
question: what does lent memory cost?
model: llama-3.1-8b
servers: {preset: dgx-h100, count: 2}
instances: {mixed: {count: 4, gpus: 1}}
serving: {overlength: truncate, routing: leastLoaded}
tiers:
  hbm: {kind: hbm, capacity: 8 GB}
  dram: {kind: dram, capacity: 8 GB}
  lent: {kind: cxl, per: cluster, capacity: 500 GB, cards: 8, switches: 1, promote: copy}
placement: {reload: always}
workload: {kind: agentSessions, sessions: {start: poisson 2 /s, keep: 12}}
limits: {requests: 60}
economics: {ownership: own, server: 283 kUSD, dramGigabyte: 18 USD, pricesDated: "2026-09"}
`;
const load = (values: {readonly [path: string]: string}) =>
  loadScenario(text, {file: 'lent', overrides: Object.entries(values).map(([path, value]) => ({path, value}))}, catalogue);
function run(values: {readonly [path: string]: string}): Summary {
  const scenario = load(values);
  return simulate(scenario, openSource(scenario, []));
}
const PRICED = {'tiers.lent.gigabytePrice': '6 USD', 'tiers.lent.switchPortPrice': '400 USD'};

describe('price', () => {
  const bare = run({});
  const priced = run(PRICED);

  test('changes nothing but money', () => {
    expect(priced.digest).toBe(bare.digest);
    expect(priced.ttft).toEqual(bare.ttft);
  });

  test('a tier is bought for its gigabytes, and for a port a server and a card', () => {
    expect(priced.tiers['hbm']!.price).toBeNull();
    const [dram, lent] = ['dram', 'lent'].map((name) => priced.tiers[name]!.capacityBytes! / 1e9);
    expect(priced.tiers['dram']!.price).toBeCloseTo(dram! * 18, 6);
    expect(priced.tiers['lent']!.price).toBeCloseTo(lent! * 6 + (2 + 8) * 400, 6);
    const twice = run({...PRICED, 'tiers.lent.switches': '2'});
    expect(twice.tiers['lent']!.price).toBeCloseTo(lent! * 6 + (2 + 8 + 2 * 8) * 400, 6);
  });

  test('what is found is paid with the tiers, and what is owned has the pool beside servers and networks', () => {
    const {cost, cache, fabrics, energy, tiers} = priced;
    expect(cost.missing).toEqual([]);
    const life = 4 * YEAR;
    const seconds = priced.simulatedSeconds;
    const networks = Object.values(fabrics).reduce((sum, {price}) => sum + price, 0);
    const owned = ((2 * 283e3 + networks + tiers['lent']!.price!) * seconds) / life + (energy.joules / 3.6e6) * 0.08;
    expect(cost.total! / owned).toBeCloseTo(1, 9);
    expect(cache.tokenHitRatio).toBeGreaterThan(0);
    const more = run({...PRICED, 'tiers.lent.gigabytePrice': '12 USD'}).cost;
    const tiersCost = tiers['dram']!.price! + tiers['lent']!.price!;
    const dearer = (tiers['lent']!.capacityBytes! / 1e9) * 6;
    expect(more.perMillionCachedTokens! / cost.perMillionCachedTokens!).toBeCloseTo((tiersCost + dearer) / tiersCost, 9);
  });

  test('stands beside what each tier holds, where any is known', () => {
    const rows = (summary: Summary): string[] => [...table(summary, plain)].join('').split('\n');
    expect(rows(priced).find((line) => line.startsWith('tier '))).toMatch(/price$/);
    expect(rows(priced).find((line) => line.startsWith('hbm '))).toMatch(/-$/);
    expect(rows(priced).find((line) => line.startsWith('lent '))).toMatch(/\$\d+$/);
    const unpriced = run({'economics.dramGigabyte': '18 USD', 'tiers.lent': '{kind: nvme, preset: samsung-pm9a3-3.84tb, drives: 8}'});
    expect(rows(unpriced).find((line) => line.startsWith('lent '))).toMatch(/-$/);
  });

  test('a price that is missing is named, and amounts that need it are null; memory and ports may be free', () => {
    expect(bare.cost).toMatchObject({total: null, perMillionCachedTokens: null});
    expect(bare.cost.missing).toEqual(['tiers.lent.gigabytePrice', 'tiers.lent.switchPortPrice']);
    expect(run({'tiers.lent.gigabytePrice': '6 USD'}).cost.missing).toEqual(['tiers.lent.switchPortPrice']);
    const free = run({'tiers.lent.gigabytePrice': '0 USD', 'tiers.lent.switchPortPrice': '0 USD'});
    expect(free.tiers['lent']!.price).toBe(0);
    expect(free.cost.missing).toEqual([]);
  });

  test('who decides by price must say it', () => {
    expect(() => load({'placement.reload': 'leastPrice'})).toThrow(ScenarioError);
    expect(() => load({'placement.reload': 'leastPrice'})).toThrow(/what this memory costs/);
    expect(() => load({'placement.reload': 'leastPrice', ...PRICED})).not.toThrow();
  });

  test('the next gigabytes are priced as lent, not as bought', () => {
    const step = (values: {readonly [path: string]: string}) => stepsOf(load(values)).find(({name}) => name === 'lent: +64 GB')!;
    expect(step(PRICED).dollarsPerHour).toBeCloseTo((64 * 6) / (4 * 8760), 9);
    expect(step({})).toMatchObject({dollarsPerHour: null, missing: 'tiers.lent.gigabytePrice'});
  });
});

describe('switch', () => {
  const wide = {'tiers.lent.switchBytesPerSecond': '400 GB/s'};
  const narrow = {'tiers.lent.switchBytesPerSecond': '3 GB/s'};

  test('all that the pool moves crosses it, each way', () => {
    const {networks, tiers, devices} = run(wide);
    const crossed = networks['cxl-switch']!;
    expect(crossed.count).toBe(2);
    expect(crossed.bytes).toBe(devices['lent']!.bytes);
    expect(crossed.bytes).toBe(tiers['lent']!.readBytes + tiers['lent']!.writtenBytes);
    expect(tiers['lent']!.readBytes).toBeGreaterThan(1e9);
    expect(run({}).networks['cxl-switch']).toBeUndefined();
  });

  test('it is no faster than its rate, and those who share it wait', () => {
    const [fast, slow] = [run(wide), run(narrow)];
    expect(slow.networks['cxl-switch']!.queue.mean).toBeGreaterThan(3 * fast.networks['cxl-switch']!.queue.mean);
    expect(slow.attribution.ttft.mean['load:lent']!).toBeGreaterThan(2 * fast.attribution.ttft.mean['load:lent']!);
    for (const {networks, simulatedSeconds} of [fast, slow])
      expect(networks['cxl-switch']!.bytes).toBeLessThanOrEqual(networks['cxl-switch']!.bytesPerSecond * simulatedSeconds);
  });

  test('it can be made free, and can fail without what the pool holds being lost', () => {
    const free = resourcesOf(load(narrow)).find(({name}) => name === 'lent switches')!;
    expect(free.free).toEqual([{path: 'tiers.lent.switchBytesPerSecond', value: '1 EB/s'}]);
    expect(resourcesOf(load({})).some(({name}) => name === 'lent switches')).toBe(false);
    const {faults} = run({...wide, faults: '[{on: lent.switch, at: 10 s, for: 10 s}]'});
    expect(faults[0]).toMatchObject({on: 'lent.switch', lostBlocks: 0});
    expect(() => load({faults: '[{on: lent.switch, at: 20 s}]'})).toThrow(ScenarioError);
  });

  test('there must be one', () => {
    expect(() => load({...wide, 'tiers.lent.switches': '0'})).toThrow(/switches: 1/);
    expect(() => load({...PRICED, 'tiers.lent.switches': '0'})).toThrow(/switches: 1/);
  });
});
