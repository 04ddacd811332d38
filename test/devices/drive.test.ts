import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {Drive, READ, TRIM, WRITE} from '../../src/devices/drive/drive.ts';
import {Ftl} from '../../src/devices/drive/ftl.ts';
import {dieTicks, readAloneTicks, type DriveModel} from '../../src/devices/drive/model.ts';
import type {QueueOptions} from '../../src/devices/drive/submissionQueues.ts';
import {Engine} from '../../src/engine/engine.ts';
import {curve, type CurveOptions} from '../../src/experiments/curve.ts';
import {Histogram} from '../../src/metrics/histogram.ts';
import {dieBound, preset} from './support.ts';

const reads: CurveOptions = {ioBytes: [4096], depths: [1], readShare: 1, pattern: 'random', commands: 60_000, seed: 1};

describe('Samsung 970 PRO 512 GB', () => {
  const model = preset('samsung-970-pro-512gb');

  test.each([
    [1, 15_800],
    [16, 195_000],
    [32, 283_000],
    [128, 368_000],
  ])('gives at depth %i the published %i IOPS within 2 %%', (depth, iops) => {
    const [point] = curve(model, {...reads, depths: [depth]});
    expect(Math.abs(point!.iops / iops - 1)).toBeLessThan(0.02);
  });

  test('reads 3.52 GB/s in sequence and writes 2.34, each within 1 %', () => {
    const options: CurveOptions = {...reads, ioBytes: [131072], depths: [32], pattern: 'sequential'};
    expect(Math.abs(curve(model, options)[0]!.bytesPerSecond / 3.52e9 - 1)).toBeLessThan(0.01);
    expect(Math.abs(curve(model, {...options, readShare: 0})[0]!.bytesPerSecond / 2.34e9 - 1)).toBeLessThan(0.01);
  });
});

test('a read alone takes controller, firmware, sensing, channel and link, to the nanosecond', () => {
  const engine = new Engine();
  const model = preset('samsung-970-pro-512gb');
  const drive = new Drive(engine, {name: 'd', model, queues: [{depth: 1}], ftl: null});
  const seen: number[] = [];
  const done = engine.on('done', () => seen.push(drive.latencyTicks));
  // The first page of each die is of the first type, the next of the second.
  drive.submit(0, READ, 0, 4096, done, 0);
  engine.run();
  drive.submit(0, READ, 32768 * 16, 4096, done, 0);
  engine.run();
  const mean = readAloneTicks(model, 4096);
  const half = (model.senseTicks[1]! - model.senseTicks[0]!) / 2;
  expect(Math.abs(seen[0]! - (mean - half))).toBeLessThanOrEqual(2);
  expect(Math.abs(seen[1]! - (mean + half))).toBeLessThanOrEqual(2);
});

/** Exact mean value analysis of D equal exponential stations of total demand s and a delay Z: throughput per tick at population n. */
function meanValue(dies: number, service: number, delay: number, population: number): number {
  let queue = 0;
  let throughput = 0;
  for (let n = 1; n <= population; n++) {
    const response = service * (1 + queue / dies);
    throughput = n / (delay + response);
    queue = throughput * response;
  }
  return throughput;
}

test('where dies bind, throughput lies between mean value analysis and min(N / L1, Xmax) within 4 standard errors, for any geometry', () => {
  const geometry = fc.record({
    dies: fc.integer({min: 1, max: 64}),
    sense: fc.integer({min: 5000, max: 100_000}),
    spread: fc.double({min: 0, max: 0.5, noNaN: true}),
    firmwareTicks: fc.integer({min: 0, max: 60_000}),
    depth: fc.constantFrom(1, 2, 5, 16, 64, 256),
    seed: fc.integer({min: 1, max: 1e6}),
  });
  fc.assert(
    fc.property(geometry, ({dies, sense, spread, firmwareTicks, depth, seed}) => {
      const senseTicks = [Math.round(sense * (1 - spread)), Math.round(sense * (1 + spread))];
      const model = dieBound({dies, senseTicks, firmwareTicks});
      const [point] = curve(model, {...reads, depths: [depth], commands: 20_000, seed});
      const service = dieTicks(model, 4096);
      const lower = meanValue(dies, service, readAloneTicks(model, 4096) - service, depth) * 1e9;
      // A tick of rounding at each of the stations, and page types drawn in a finite run.
      const slack = 4 * point!.iopsError + point!.iops * (4 / service + (4 * spread) / Math.sqrt(20_000));
      expect(point!.iops).toBeGreaterThan(lower - slack);
      expect(point!.iops).toBeLessThan(point!.limit!.iops + slack);
    }),
    {numRuns: 60},
  );
});

test('channels, link and controller bind where they are scarce', () => {
  const {flash, ...rest} = dieBound({dies: 256, senseTicks: [20_000]});
  const deep: CurveOptions = {...reads, depths: [2048], commands: 40_000};
  for (const [by, model] of [
    ['channels', {...rest, flash: {...flash, channels: 4, channelTicksPerByte: 2}}],
    ['link', {...rest, flash, linkTicksPerByte: 0.5}],
    ['controller', {...rest, flash, controllerTicks: 1000}],
  ] as const) {
    const [point] = curve(model, deep);
    expect(point!.limit!.by).toBe(by);
    expect(point!.iops).toBeLessThan(point!.limit!.iops * 1.001);
    expect(point!.iops).toBeGreaterThan(point!.limit!.iops * 0.95);
  }
});

/** Closed loops, one a queue; mean read latency and count of each in the second half. */
function race(model: DriveModel, queues: readonly QueueOptions[], commands: number): {mean: number; count: number}[] {
  const engine = new Engine();
  const drive = new Drive(engine, {name: 'd', model, queues, ftl: null});
  const stream = new Stream(5, 'race');
  const seen = queues.map(() => new Histogram());
  let ended = 0;
  const submit = (queue: number) => drive.submit(queue, READ, stream.below(1e8) * 4096, 4096, done, queue);
  const done = engine.on('done', (queue) => {
    if (++ended > commands / 2) seen[queue]!.record(drive.latencyTicks);
    if (ended >= commands) engine.stop();
    else submit(queue);
  });
  queues.forEach(({depth}, queue) => {
    for (let i = 0; i < depth; i++) expect(submit(queue)).toBe(true);
    expect(submit(queue)).toBe(false);
  });
  engine.run();
  return seen.map(({mean, count}) => ({mean, count}));
}

describe('submission queues', () => {
  const model = dieBound({dies: 16, senseTicks: [50_000]});
  const alone = readAloneTicks(model, 4096);

  test('a queue of depth 1 beside one of depth 256 keeps its latency with a small fetch window, and loses it without', () => {
    const [small] = race({...model, fetchWindow: 8}, [{depth: 1}, {depth: 256}], 60_000);
    const [unlimited] = race(model, [{depth: 1}, {depth: 256}], 60_000);
    expect(small!.mean).toBeLessThan(1.5 * alone);
    expect(unlimited!.mean).toBeGreaterThan(8 * alone);
  });

  test('backlogged queues share in proportion to their weights', () => {
    const [a, b, c] = race({...model, fetchWindow: 16}, [{depth: 64, weight: 4}, {depth: 64, weight: 2}, {depth: 64}], 70_000);
    expect(Math.abs(a!.count / c!.count - 4)).toBeLessThan(0.05);
    expect(Math.abs(b!.count / c!.count - 2)).toBeLessThan(0.05);
  });

  test('an urgent queue goes before all others', () => {
    const [urgent, other] = race(
      {...model, fetchWindow: 16},
      [
        {depth: 64, urgent: true},
        {depth: 64, weight: 64},
      ],
      30_000,
    );
    expect(urgent!.count).toBeGreaterThan(14_900);
    expect(other!.count).toBeLessThan(100);
  });

  test('many queues of little depth give what one deep queue gives', () => {
    const many = race(
      model,
      Array.from({length: 32}, () => ({depth: 4})),
      40_000,
    );
    const [one] = race(model, [{depth: 128}], 40_000);
    const mean = many.reduce((sum, queue) => sum + queue.mean * queue.count, 0) / many.reduce((sum, queue) => sum + queue.count, 0);
    expect(Math.abs(mean / one!.mean - 1)).toBeLessThan(0.02);
  });
});

/** Poisson reads beside programs at Poisson times, on every die; read latencies in ticks. */
function mixed(model: DriveModel, readLoad: number, programLoad: number, count: number, seed: number): Histogram {
  const engine = new Engine();
  const drive = new Drive(engine, {name: 'd', model, queues: [{depth: 1e6}], ftl: null});
  const {dies, programTicks, channelTicksPerByte} = model.flash;
  const service = dieTicks(model, 4096);
  const programService = programTicks + model.programBytes * channelTicksPerByte;
  const stream = new Stream(seed, 'mixed');
  const latencies = new Histogram();
  let submitted = 0;
  const done = engine.on('done', () => latencies.record(drive.latencyTicks));
  const read = engine.on('read', () => {
    drive.submit(0, READ, stream.below(1e8) * 4096, 4096, done, 0);
    if (++submitted < count) engine.after(Math.ceil((stream.exponential() * service) / readLoad / dies), read, 0);
  });
  const program = engine.on('program', () => {
    drive.flash.program(stream.below(dies), model.programBytes, 0);
    if (submitted < count) engine.after(Math.ceil((stream.exponential() * programService) / programLoad / dies), program, 0);
  });
  engine.at(0, read, 0);
  engine.at(0, program, 0);
  engine.run();
  return latencies;
}

describe('reads behind programs', () => {
  const model = dieBound({dies: 8, senseTicks: [50_000], programBytes: 4096});

  test('wait as the mixed-service formula says, within 4 standard errors of ten seeds', () => {
    const service = dieTicks(model, 4096);
    const programService = model.flash.programTicks + 4096 * model.flash.channelTicksPerByte;
    for (const [readLoad, programLoad] of [
      [0.3, 0.1],
      [0.5, 0.2],
    ] as const) {
      // Pollaczek-Khinchine: sum of lambda E[S^2] / (2 (1 - rho)).
      const expected = (readLoad * service + programLoad * programService) / (2 * (1 - readLoad - programLoad));
      const waits = Array.from(
        {length: 10},
        (_, seed) => mixed(model, readLoad, programLoad, 20_000, seed + 1).mean - readAloneTicks(model, 4096),
      );
      const mean = waits.reduce((sum, wait) => sum + wait, 0) / 10;
      const error = Math.sqrt(waits.reduce((sum, wait) => sum + (wait - mean) ** 2, 0) / 90);
      expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
      expect(error / expected).toBeLessThan(0.05);
    }
  });

  test('suspension takes the program out of their tail, and every program still ends', () => {
    const suspend = {latencyTicks: 20_000, yieldsMax: 16};
    const without = mixed(model, 0.2, 0.1, 30_000, 1);
    const suspending = {...model, flash: {...model.flash, suspend}};
    const withIt = mixed(suspending, 0.2, 0.1, 30_000, 1);
    expect(without.percentile(0.99)).toBeGreaterThan(400_000);
    expect(withIt.percentile(0.99)).toBeLessThan(250_000);
    expect(withIt.mean).toBeLessThan(without.mean);
  });
});

describe('writes', () => {
  test('a drive that is full and written at random gives its sustained rate: the write rate over write amplification', () => {
    const model = preset('samsung-pm9a3-3.84tb');
    const [point] = curve(model, {...reads, readShare: 0, depths: [64], commands: 60_000});
    expect(Math.abs(point!.iops / 200_000 - 1)).toBeLessThan(0.05);
    expect(point!.wear!.writeAmplification).toBeGreaterThan(4.7);
  });

  test('a buffer takes writes at the speed of the link until it is full, then at that of the programs', () => {
    const engine = new Engine();
    const model = dieBound({dies: 4, senseTicks: [50_000]});
    const drive = new Drive(engine, {name: 'd', model, queues: [{depth: 1000}], ftl: null});
    const ends: number[] = [];
    const done = engine.on('done', () => ends.push(engine.now));
    for (let i = 0; i < 64; i++) drive.submit(0, WRITE, i * 16384, 16384, done, i);
    engine.run();
    // The buffer holds 8 programs of 4 pieces; the fifth write of each die's program must wait for a program of 500 us and its transfer.
    expect(ends[31]).toBeLessThan(10_000);
    expect(ends[32]).toBeGreaterThan(500_000);
    expect(drive.writtenBytes).toBe(64 * 16384);
    expect(drive.programmedBytes).toBe(16 * 65536);
  });

  test('a worn-out drive refuses writes and still reads', () => {
    const engine = new Engine();
    const model = {...dieBound({dies: 4, senseTicks: [50_000]}), enduranceBytes: 10 * 65536};
    const drive = new Drive(engine, {name: 'd', model, queues: [{depth: 4}], ftl: null});
    let good = 0;
    let bad = 0;
    const done = engine.on('done', (i) => {
      if (drive.failed) bad++;
      else good++;
      if (i < 100) drive.submit(0, i < 90 ? WRITE : READ, i * 65536, 65536, done, i + 1);
    });
    drive.submit(0, WRITE, 0, 65536, done, 0);
    engine.run();
    expect(drive.worn).toBe(true);
    expect(drive.programmedBytes).toBe(10 * 65536);
    expect(bad).toBe(91 - 10);
    expect(good).toBe(20);
  });

  test('a trimmed address is invalid in the flash translation layer', () => {
    const engine = new Engine();
    const ftl = new Ftl({blocks: 64, pagesPerBlock: 16, overProvisioning: 0.3});
    const drive = new Drive(engine, {name: 'd', model: dieBound({dies: 4, senseTicks: [50_000]}), queues: [{depth: 64}], ftl});
    const done = engine.on('done', () => {});
    for (let i = 0; i < 32; i++) drive.submit(0, WRITE, i * 4096, 4096, done, 0);
    engine.run();
    drive.submit(0, TRIM, 4096, 4096 * 10, done, 0);
    engine.run();
    expect(ftl.validPages()).toBe(22);
  });
});

test('every command ends once, and no link, channel or die is used beyond its time, whatever the mix', () => {
  const mix = fc.record({
    dies: fc.integer({min: 1, max: 24}),
    suspend: fc.boolean(),
    readShare: fc.double({min: 0, max: 1, noNaN: true}),
    ioBytes: fc.constantFrom(512, 4096, 20_000, 131072),
    depth: fc.integer({min: 1, max: 40}),
    seed: fc.integer({min: 1, max: 1e6}),
  });
  fc.assert(
    fc.property(mix, ({dies, suspend, readShare, ioBytes, depth, seed}) => {
      const engine = new Engine();
      const base = dieBound({dies, senseTicks: [30_000, 60_000], blockPrograms: 3});
      const flash = {
        ...base.flash,
        channels: Math.min(3, dies),
        eraseTicks: 900_000,
        suspend: suspend ? {latencyTicks: 9000, yieldsMax: 3} : null,
      };
      const drive = new Drive(engine, {
        name: 'd',
        model: {...base, flash, fetchWindow: 12},
        queues: [{depth}],
        ftl: new Ftl({blocks: 64, pagesPerBlock: 16, overProvisioning: 0.4}),
      });
      const stream = new Stream(seed, 'mix');
      const ends = new Uint8Array(600);
      let next = 0;
      const submit = (): void => {
        if (next < ends.length)
          drive.submit(0, stream.uniform() < readShare ? READ : WRITE, stream.below(1e6) * 512, ioBytes, done, next++);
      };
      const done = engine.on('done', (i) => {
        ends[i]!++;
        submit();
      });
      for (let i = 0; i < depth; i++) submit();
      engine.run();
      expect(ends.every((count) => count === 1)).toBe(true);
      expect(drive.readBytes + drive.writtenBytes).toBe(600 * ioBytes);
      expect(drive.flash.dieTicks).toBeLessThanOrEqual(engine.now * dies);
      expect(drive.readBytes * base.linkTicksPerByte).toBeLessThanOrEqual(engine.now);
    }),
    {numRuns: 60},
  );
});

test('equal seeds give equal curves', () => {
  const options: CurveOptions = {...reads, depths: [1, 8], readShare: 0.7, commands: 4000};
  const model = preset('solidigm-d5-p5336-61.44tb');
  expect(curve(model, options)).toEqual(curve(model, options));
  expect(curve(model, {...options, seed: 2})).not.toEqual(curve(model, options));
});
