/** Tier kinds that are stations alone: HBF, CXL, hard disks; and what all kinds have in common. */
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {stackReadRate} from '../../src/devices/hbf.ts';
import {hdd, positioningNs} from '../../src/devices/hdd.ts';
import type {DeviceContext, TierDevice} from '../../src/devices/ports.ts';
import {Engine} from '../../src/engine/engine.ts';
import {Histogram} from '../../src/metrics/histogram.ts';
import {named} from '../../src/scenario/catalogue.ts';
import {loadScenario, ScenarioError, simulate, openSource} from '../../src/index.ts';
import {valuesOf, type Input} from '../../src/scenario/values.ts';

/** What a scenario must say of kinds that no default or preset completes. */
const required: {readonly [kind: string]: Input} = {
  hbf: {stacks: 8, senseTime: '10 us', pagesInFlight: 4000, writeBytesPerSecond: '50 GB/s'},
};

function device(engine: Engine, kind: string, input: Input = {}, per: DeviceContext['per'] = 'server'): TierDevice {
  const {params, create} = named(catalogue.tiers, kind)!;
  const missing: string[] = [];
  const values = valuesOf(params, {...required[kind], ...input}, catalogue.devices[kind]?.[0], missing);
  expect(missing).toEqual([]);
  const server = {dramBytes: 2e12, dramBytesPerSecond: 500e9, dramLatency: 10_000};
  return (create as (values: object, context: object) => TierDevice)(values, {
    engine,
    name: kind,
    server,
    servers: 1,
    per,
    ticksPerSecond: 1e9,
    seed: 1,
  });
}

describe.each(catalogue.tiers.map(({name}) => name).filter((name) => name !== 'hbm'))('%s', (kind) => {
  test.each(['read', 'write'] as const)('never %ss more bytes than rate x time, and ends every job once', (side) => {
    const engine = new Engine();
    const made = device(engine, kind);
    const jobs = 60;
    const bytes = 48 * 2 ** 20;
    const ends = new Uint8Array(jobs);
    const done = engine.on('done', (job) => void ends[job]!++);
    const [station] = made[side];
    for (let job = 0; job < jobs; job++) station!.submit(bytes, done, job);
    engine.run();
    expect(ends.every((count) => count === 1)).toBe(true);
    const rate = side === 'read' ? made.readBytesPerSecond : made.writeBytesPerSecond;
    expect(engine.now).toBeGreaterThanOrEqual(Math.floor(((jobs * bytes) / rate) * 1e9 * (1 - 1e-6)));
    expect(station!.meter().bytes).toBe(jobs * bytes);
  });

  test('says what an idle one takes: a small read is no faster, and of its order', () => {
    const made = device(new Engine(), kind);
    const latencies = new Histogram();
    for (let seed = 0; seed < 200; seed++) {
      const engine = new Engine();
      const {read} = device(engine, kind, kind === 'hdd' ? {disks: 1} : kind === 'nvme' ? {drives: 1} : {});
      let skipped = 0;
      const done = engine.on('done', () => {
        if (++skipped <= seed) read[0]!.submit(4096, done, 0);
      });
      const before = engine.now;
      read[0]!.submit(4096, done, 0);
      engine.run();
      latencies.record((engine.now - before) / (seed + 1));
    }
    expect(latencies.mean).toBeGreaterThan(made.readNs * 0.85);
    expect(latencies.mean).toBeLessThan(made.readNs * 2 + 1000);
  });
});

describe('high-bandwidth flash', () => {
  const values = {stacks: 1, stackBytes: 512e9, readBytesPerSecond: 1.6e12, senseTime: 10_000, page: 4096, writeBytesPerSecond: 5e10};

  test('1.6 TB/s with 4 KiB pages and 10 us needs 3,906 pages in flight; fewer give proportionally less', () => {
    expect(stackReadRate({...values, pagesInFlight: 3907})).toBe(1.6e12);
    expect(stackReadRate({...values, pagesInFlight: 3906})).toBeLessThan(1.6e12);
    for (const pagesInFlight of [100, 1000, 2000, 3000])
      expect(stackReadRate({...values, pagesInFlight})).toBeCloseTo((pagesInFlight / 3906.25) * 1.6e12, -3);
  });

  test('reads a gigabyte at that rate', () => {
    const engine = new Engine();
    const {read} = device(engine, 'hbf', {stacks: 1, pagesInFlight: 1000});
    const done = engine.on('done', () => {});
    read[0]!.submit(1e9, done, 0);
    engine.run();
    expect(engine.now / (1e9 / (1000 * 4096 * 1e5) / 1e-9 + 10_000)).toBeCloseTo(1, 4);
  });
});

test('a hard disk gives what its seek, its turn and its rate make of random reads, within 4 standard errors', () => {
  const engine = new Engine();
  const {read} = device(engine, 'hdd', {disks: 1});
  const count = 20_000;
  const ends: number[] = [];
  const done = engine.on('done', () => void ends.push(engine.now));
  for (let job = 0; job < count; job++) read[0]!.submit(4096, done, 0);
  engine.run();
  const values = valuesOf(hdd.params, {}, undefined, []) as unknown as Parameters<typeof positioningNs>[0] & {bytesPerSecond: number};
  const expected = positioningNs(values) + (4096 / values.bytesPerSecond) * 1e9;
  const services = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  const mean = engine.now / count;
  const deviation = Math.sqrt(services.reduce((sum, service) => sum + (service - mean) ** 2, 0) / count);
  expect(Math.abs(mean - expected)).toBeLessThan((4 * deviation) / Math.sqrt(count));
  expect(1e9 / mean).toBeGreaterThan(75);
  expect(1e9 / mean).toBeLessThan(82);
});

test('a slab over k disks waits for the slowest arm', () => {
  const mean = (disks: number): number => {
    const engine = new Engine();
    const {read} = device(engine, 'hdd', {disks});
    const done = engine.on('done', () => {});
    for (let job = 0; job < 3000; job++) read[0]!.submit(4096, done, 0);
    engine.run();
    return engine.now / 3000;
  };
  // Seek of at most 0.5 + 15 ms and a turn of 8.33: the slowest of many nears their sum.
  expect(mean(64)).toBeGreaterThan(1.4 * mean(1));
  expect(mean(64)).toBeLessThan(0.5e6 + 15e6 + 8.34e6);
});

const tiers = (extra: string): string => `
version: 1
name: kinds
question: Do they run?
model: llama-3.1-8b
servers: {preset: dgx-h100, count: 1}
tiers:
  hbm: {kind: hbm, capacity: 20 GB}
${extra}
serving: {overlength: truncate}
workload: {kind: agentSessions}
limits: {requests: 120}
`;

describe('a scenario', () => {
  test('must say what is not published of HBF', () => {
    try {
      loadScenario(tiers('  hbf: {kind: hbf, per: instance}'), {file: 's.yaml'}, catalogue);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      for (const field of ['stacks', 'senseTime', 'pagesInFlight', 'writeBytesPerSecond'])
        expect((error as Error).message).toContain(field);
    }
  });

  test('is told which parameter of a drive does not fit', () => {
    const text = tiers('  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, readLatency: 3 us}');
    expect(() => loadScenario(text, {file: 's.yaml'}, catalogue)).toThrow(/readLatency.*\n?.*sensing/s);
  });

  test.each([
    [
      'HBF on the package',
      '  hbf: {kind: hbf, per: instance, capacity: 200 GB, stacks: 8, senseTime: 10 us, pagesInFlight: 4000, writeBytesPerSecond: 50 GB/s}',
      'host.down',
    ],
    ['CXL pool on a fabric', '  cxl: {kind: cxl, per: cluster, capacity: 200 GB}', 'storage.in'],
  ])('with %s sends its bytes past the links that it does not use', (_, extra, absent) => {
    const scenario = loadScenario(tiers(extra), {file: 's.yaml'}, catalogue);
    const summary = simulate(scenario, openSource(scenario, []));
    const stations = JSON.stringify({networks: summary.networks, devices: summary.devices});
    expect(stations).not.toContain(absent);
    expect(summary.requests.completed).toBe(120);
    expect(summary.tiers[scenario.tiers[1]!.name]!.writtenBytes).toBeGreaterThan(0);
  });

  test('with hard disks below drives runs', () => {
    const scenario = loadScenario(
      tiers('  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, capacity: 20 GB}\n  disks: {kind: hdd}'),
      {file: 's.yaml'},
      catalogue,
    );
    const summary = simulate(scenario, openSource(scenario, []));
    expect(summary.requests.completed).toBe(120);
  });
});
