/**
 * The loop closed through the kernel: a drive of the simulator answers over FUSE in real time, `device bench` measures it through io_uring as it would any drive,
 * and the fit finds the constants that it was given; a replay on it takes as long as the simulation of that drive says (the last two on a quiet machine only).
 */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test, type TestContext} from 'vitest';
import {driveModel} from '../../src/devices/drive/model.ts';
import {driveParams, type DriveValues} from '../../src/devices/drive/params.ts';
import {curve} from '../../src/experiments/curve.ts';
import {fitDrive, type ReadPoint} from '../../src/experiments/driveFit.ts';
import {nvme} from '../../src/devices/nvme.ts';
import type {Distribution, Summary} from '../../src/metrics/summary.ts';
import {replay} from '../../src/placement/journal.ts';
import type {BenchResult} from '../../src/runtime/bench.ts';
import {runReal} from '../../src/runtime/realRun.ts';
import {SlotStore} from '../../src/runtime/slotStore.ts';
import {createFile} from '../../src/runtime/target.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {blueprintOf, simulate} from '../../src/simulation/simulate.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {quiet} from '../quiet.ts';
import {ahead, mountDrive, withoutFuse} from './fuse/mount.ts';
import {scenario, sessions, source, tier} from '../simulation/fixture.ts';
import {hasUring, scratch} from './support.ts';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const MIB = 2 ** 20;
const missing = withoutFuse() ?? (fs.existsSync(main) ? (hasUring ? null : 'io_uring is not allowed here') : 'dist is not built');
const skipped = missing === null ? '' : ` (skipped: ${missing})`;

/**
 * Answers later than this at the 99th percentile are the machine's doing: what was measured is not the model. Blocks come in bursts whose copies alone take
 * milliseconds, beside first tokens that take more than a second.
 */
const LATE_NS = 300e3;
const LATE_IN_BURSTS_NS = 5e6;

/** Slow enough that what FUSE adds is small beside it; dies and link both limit. */
const slow = drive({
  driveBytes: '64 MiB',
  readBytesPerSecond: '200 MB/s',
  writeBytesPerSecond: '100 MB/s',
  readLatency: '3 ms',
  firmwareTime: '1.2 ms',
  writeLatency: '500 us',
  dies: 8,
  channelBytesPerSecond: '100 MB/s',
  page: '64 KiB',
  eraseTime: '0 s',
});
/** Every read takes a millisecond: what is more is the path's own. */
const fixed = drive({
  driveBytes: '64 MiB',
  readBytesPerSecond: '1000 GB/s',
  writeBytesPerSecond: '1000 GB/s',
  readLatency: '1 ms',
  firmwareTime: '999 us',
  channelBytesPerSecond: '1000 GB/s',
  page: '1 MiB',
  programUnit: '1 MiB',
});

function drive(given: {readonly [name: string]: unknown}): DriveValues {
  return valuesOf(driveParams, given, undefined, []) as unknown as DriveValues;
}

/** Mounts, benches and unmounts; skips the test where the machine spoilt it. */
async function measured(
  context: TestContext,
  values: DriveValues,
  sizes: readonly number[],
  depths: readonly number[],
  seconds: number,
): Promise<ReadPoint[]> {
  const directory = scratch();
  const backing = path.join(directory, 'backing');
  fs.writeFileSync(backing, Buffer.alloc(64 * MIB, 0x5a));
  const mounted = await mountDrive(directory, backing, values, LATE_NS);
  if (typeof mounted === 'string') return context.skip(mounted);
  const out = path.join(directory, 'bench.json');
  const args = [
    '--sizes',
    sizes.map((size) => `${size} B`).join(),
    '--depths',
    depths.join(),
    '--seconds',
    `${seconds} s`,
    '--warm',
    '150ms',
  ];
  const [command, ...rest] = [...ahead, process.execPath, main, 'device', 'bench', mounted.file, ...args, '--repeat', '1', '--out', out];
  const ran = spawnSync(command!, rest, {encoding: 'utf8'});
  const spoilt = await mounted.close();
  expect([ran.status, ran.stderr]).toEqual([0, expect.any(String)]);
  if (spoilt !== null) return context.skip(spoilt);
  const {points, engine} = JSON.parse(fs.readFileSync(out, 'utf8')) as BenchResult;
  expect(engine.name).toBe('io_uring');
  return points.map(({sizeBytes, depth, iops, p50Ns, p99Ns}) => ({
    sizeBytes,
    depth,
    meanNs: (depth / iops) * 1e9,
    p50Ns: p50Ns!,
    p99Ns: p99Ns!,
  }));
}

test.skipIf(missing !== null)(
  `the constants of a drive behind the kernel come back within 10 %, its saturation within 2 %${skipped}`,
  async (context) => {
    const sizes = [4096, 65_536, 262_144];
    const depths = [1, 2, 4, 8, 16, 32, 64];
    const ofPath = await measured(context, fixed, sizes, [1], 1);
    const points = await measured(context, slow, sizes, depths, 1);
    const saturated = await measured(context, slow, sizes, [64], 4);
    const options = {ioBytes: sizes, depths, readShare: 1, pattern: 'random', commands: 100_000, seed: 7} as const;
    const expected = curve(driveModel(slow, 1e9), options);
    const modelled = ({sizeBytes, depth}: ReadPoint): number =>
      expected.find((one) => one.ioBytes === sizeBytes && one.depth === depth)!.read!.mean * 1e9;
    // what system calls, FUSE and copies add to every read is no part of the drive
    const withoutPath = (point: ReadPoint): ReadPoint => {
      const pathNs = ofPath[sizes.indexOf(point.sizeBytes)]!.meanNs - fixed.readLatency;
      return {...point, meanNs: point.meanNs - pathNs, p50Ns: point.p50Ns - pathNs, p99Ns: point.p99Ns - pathNs};
    };
    const alone = points.map(withoutPath);
    // a delay may be longer by the machine's doing, never shorter; a burst that waited for a window to begin adds a little
    for (const point of [...points, ...saturated]) expect(point.meanNs).toBeGreaterThan(0.85 * modelled(point));
    if (!quiet) return;
    const check = (point: ReadPoint, limit: number): void => {
      const apart = point.meanNs / modelled(point) - 1;
      expect([point.sizeBytes, point.depth, apart.toFixed(3), Math.abs(apart) < limit]).toEqual([
        point.sizeBytes,
        point.depth,
        expect.any(String),
        true,
      ]);
    };
    alone.forEach((point) => check(point, 0.1));
    saturated.map(withoutPath).forEach((point) => check(point, 0.02));
    const {drive: found} = fitDrive(alone, {refits: 0, seed: 1});
    for (const name of ['readLatency', 'firmwareTime', 'readBytesPerSecond', 'dies', 'channelBytesPerSecond', 'page'] as const) {
      const apart = found[name] / slow[name]! - 1;
      expect([name, apart.toFixed(3), Math.abs(apart) < 0.1]).toEqual([name, expect.any(String), true]);
    }
  },
  600_000,
);

/** 16 tokens of 8192 elements in bf16. */
const BLOCK = MIB / 4;
const BLOCKS = 500;

/** Sessions whose turns find their context on the drive alone. */
function reloading(): Scenario {
  const base = scenario();
  const of = (name: string, per: 'instance' | 'server', blocks: number) => tier(name, name, per, 0, {capacityBytes: blocks * BLOCK});
  const params = {...valuesOf(nvme.params, {}, undefined, []), ...slow, drives: 1, driveBytes: BLOCKS * BLOCK};
  return scenario({
    model: {...base.model, kvElementsPerToken: 8192},
    instances: [{...base.instances[0]!, count: 1}],
    tiers: [of('hbm', 'instance', 130), {...of('nvme', 'server', BLOCKS), kind: nvme, params}],
    placement: {...base.placement, reload: 'always'},
  });
}

/** This process before others, or as it was. Where that is not allowed the drive's own lateness tells. */
function prefer(on: boolean): void {
  if (ahead.length > 0) spawnSync('chrt', [...(on ? ['-f', '-a', '-p', '9'] : ['-o', '-a', '-p', '0']), String(process.pid)]);
}

test.skipIf(missing !== null)(
  `a replay on it takes as long as the simulation says: mean and p50 within 10 %, p99 within 20 %${skipped}`,
  async (context) => {
    const directory = scratch();
    const backing = path.join(directory, 'backing');
    createFile(backing, 160 * MIB, 'store');
    const mounted = await mountDrive(directory, backing, slow, LATE_IN_BURSTS_NS);
    if (typeof mounted === 'string') return context.skip(mounted);
    const given = reloading();
    const blueprint = blueprintOf(given);
    const plans = sessions(8, 4, {first: 480, growth: 160, output: 20, shared: 0, thinkNs: 1e9});
    const store = new SlotStore({paths: [mounted.file], blockBytes: BLOCK, depth: 64});
    const words: number[] = [];
    const nobody = {begin: () => {}, request: () => {}, session: () => {}, interval: () => {}, journalEnd: () => {}};
    const journal = (chunk: Float64Array, count: number): void => void words.push(...chunk.subarray(0, count));
    prefer(true);
    const real = await runReal(given, blueprint, source(plans), [{kind: 'gpu'}, {kind: 'store', store}], 'skip', {...nobody, journal}, '');
    prefer(false);
    store.close();
    const spoilt = await mounted.close();
    const simulated = simulate(given, source(plans), {}, {version: ''});
    expect(real.wrong).toBe(0);
    expect([...store.faults]).toEqual([]);
    expect(store.reads).toBeGreaterThan(300);
    expect(replay(Float64Array.from(words), blueprintOf(given).placement)).toBe(real.commandDigest);
    if (!quiet) return;
    if (spoilt !== null) return context.skip(spoilt);
    for (const of of ['ttft', 'e2e'] as const)
      for (const [part, limit] of [
        ['mean', 0.1],
        ['p50', 0.1],
        ['p99', 0.2],
      ] as const) {
        const apart = valueOf(real.summary, of, part) / valueOf(simulated, of, part) - 1;
        expect([of, part, apart.toFixed(3), Math.abs(apart) < limit]).toEqual([of, part, expect.any(String), true]);
      }
  },
  600_000,
);

function valueOf(summary: Summary, of: 'ttft' | 'e2e', part: 'mean' | 'p50' | 'p99'): number {
  return (summary[of] as Distribution)[part]!;
}
