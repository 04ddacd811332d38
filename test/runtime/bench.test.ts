import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {bench} from '../../src/runtime/bench.ts';
import {bucketNs, bucketOf, FIO_BUCKETS, percentileNs} from '../../src/runtime/fioBuckets.ts';
import {measure, type Load} from '../../src/runtime/measure.ts';
import {createFile, openTarget} from '../../src/runtime/target.ts';
import {engines, hasUring, scratch} from './support.ts';

const file = path.join(scratch(), 'target');
createFile(file, 32 * 2 ** 20, 'bench');

const quick = {warmSeconds: 0.02, seconds: 0.15, repeat: 1, core: null};

test("fio's buckets: exact below 128 ns, at most 1/64 wide above, in order", () => {
  for (let ns = 0; ns < 128; ns++) expect(bucketNs(bucketOf(ns))).toBe(ns);
  let last = 0;
  for (let ns = 128; ns < 2 ** 34; ns = Math.ceil(ns * 1.003)) {
    const bucket = bucketOf(ns);
    expect(bucket).toBeGreaterThanOrEqual(last);
    expect(bucket).toBeLessThan(FIO_BUCKETS);
    expect(Math.abs(bucketNs(bucket) / ns - 1)).toBeLessThan(1 / 64);
    last = bucket;
  }
  expect(percentileNs(new Float64Array(FIO_BUCKETS), 0.5)).toBeNull();
});

test.each(engines)('a sweep on %s: every point ran, nothing failed, and mean, IOPS and depth obey Little', async (engine) => {
  const target = openTarget(file, {write: false, purpose: 'bench', direct: engine !== 'fs'});
  const told: number[] = [];
  const options = {...quick, engine, sizesBytes: [4096, 65536], depths: [1, 8], readShares: [1]};
  const result = await bench(target, options, (point) => told.push(point.depth));
  target.close();
  expect(told).toEqual([1, 8, 1, 8]);
  expect(result.engine.name).toBe(engine);
  for (const point of result.points) {
    expect(point).toMatchObject({failed: 0, failure: null, writes: []});
    const counted = point.reads.reduce((sum, [, count]) => sum + count, 0);
    expect(counted).toBeCloseTo(point.iops * options.seconds, 5);
    const mean = point.reads.reduce((sum, [bucket, count]) => sum + bucketNs(bucket) * count, 0) / counted;
    expect(Math.abs(mean / point.meanNs - 1)).toBeLessThan(1 / 64);
    // What completes within T was in flight within T, but for what it had waited before T began: at most the longest latency, depth times.
    const longest = bucketNs(point.reads.at(-1)![0]) / 1e9;
    expect((point.meanNs / 1e9) * point.iops * options.seconds).toBeLessThan(point.depth * (options.seconds + longest * (1 + 1 / 64)));
  }
});

test.skipIf(!hasUring)('reads and writes come in the share asked for, each in its histogram', async () => {
  const target = openTarget(file, {write: true, purpose: 'bench'});
  const before = fs.readFileSync(file).subarray(0, 4096);
  const {points} = await bench(target, {...quick, engine: 'io_uring', sizesBytes: [4096], depths: [8], readShares: [0.7]}, () => {});
  target.close();
  const [reads, writes] = [points[0]!.reads, points[0]!.writes].map((pairs) => pairs.reduce((sum, [, count]) => sum + count, 0));
  const total = reads! + writes!;
  expect(points[0]!.failed).toBe(0);
  expect(Math.abs(reads! / total - 0.7)).toBeLessThan(6 * Math.sqrt((0.7 * 0.3) / total));
  expect(fs.readFileSync(file).subarray(0, 4096)).toEqual(before);
});

test.skipIf(!hasUring)('an open loop offers its rate, and counts latency from when a request was due', async () => {
  const target = openTarget(file, {write: false, purpose: 'bench'});
  const load: Load = {
    ...quick,
    seconds: 0.5,
    engine: 'io_uring',
    descriptor: target.descriptor,
    sizeBytes: 4096,
    startBytes: 4096,
    endBytes: target.bytes,
    depth: 64,
    readShare: 1,
    perSecond: 1000,
    seed: 7,
  };
  const measured = await measure(load);
  target.close();
  // A Poisson count of 500: six standard deviations.
  expect(Math.abs(measured.requests - 500)).toBeLessThan(6 * Math.sqrt(500));
  expect(measured.failed).toBe(0);
});

test.skipIf(!hasUring)('a device that fails is counted and named, and the loop ends early', async () => {
  const target = openTarget(file, {write: false, purpose: 'bench'});
  const measured = await measure({
    ...quick,
    seconds: 30,
    engine: 'io_uring',
    descriptor: target.descriptor,
    sizeBytes: 4096,
    startBytes: target.bytes + 4096,
    endBytes: target.bytes * 2,
    depth: 4,
    readShare: 0,
    perSecond: null,
    seed: 7,
  });
  target.close();
  expect(measured.failed).toBeGreaterThan(1000);
  expect(measured.failure).toBe('WRITES_NOT_ALLOWED');
  expect(measured.requests).toBe(0);
});
