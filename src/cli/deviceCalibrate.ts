/** tierscape device calibrate PATH: a bench, the simulator's own drive fitted to it, and the YAML that a scenario's `calibration:` names. */
import type {Command} from 'commander';
import {fitDrive, type PointErrors, type ReadPoint} from '../experiments/driveFit.ts';
import {bench, type BenchOptions, type BenchPoint, type BenchResult} from '../runtime/bench.ts';
import type {EngineName} from '../runtime/ring.ts';
import {openTarget} from '../runtime/target.ts';
import {calibrationYaml, errorsLine, type WritesFound} from './calibrationFile.ts';
import {parseCore, parseCount, parseDepths, parseEngine, parseSeconds, parseSizes} from './deviceOptions.ts';
import {benchHeader, benchRow, engineLine} from './deviceReport.ts';
import {writeWhole} from './files.ts';
import {DeviceError, UserError} from './userError.ts';

interface CalibrateFlags {
  readonly sizes: number[];
  readonly depths: number[];
  readonly seconds: number;
  readonly warm: number;
  readonly repeat: number;
  readonly refits: number;
  readonly engine: EngineName | 'auto';
  readonly core?: number;
  readonly write?: boolean;
  readonly out?: string;
}

/** Writes fill a drive's buffer at any depth: few tell all. */
const WRITE_DEPTHS = [1, 16];
const SEED = 1;

export function register(device: Command): void {
  device
    .command('calibrate')
    .argument('<path>', 'a file or block device')
    .description("bench a drive and fit the simulator's own drive to it, for `kind: nvme, calibration: FILE` in a scenario")
    .option('--sizes <list>', 'sizes of requests', parseSizes, parseSizes('4k,16k,64k,256k,1m'))
    .option(
      '--depths <list>',
      'requests in flight; every second is fitted, the others judge',
      parseDepths,
      [1, 2, 4, 8, 16, 32, 64, 128, 256],
    )
    .option('--seconds <time>', 'length of a run', parseSeconds, 0.5)
    .option('--warm <time>', 'time before anything counts', parseSeconds, 0.1)
    .option('--repeat <n>', 'runs of each point; the median counts', parseCount, 3)
    .option('--refits <n>', 'fits of resampled points, which give the ranges', parseCount, 8)
    .option('--engine <name>', 'auto, io_uring, native-pool or fs', parseEngine, 'auto')
    .option('--core <n>', 'run on this core', parseCore)
    .option('--write', 'measure writes, too, on what device prepare made; else they are taken to be as fast as reads')
    .option('--out <file>', 'write the calibration there; else it is printed')
    .action(run);
}

async function run(path: string, flags: CalibrateFlags): Promise<void> {
  if (new Set(flags.sizes).size < 2) throw new UserError('--sizes: a fit needs two sizes or more');
  if (new Set(flags.depths).size < 3) throw new UserError('--depths: a fit needs three depths or more');
  const {reads, writes} = await measure(path, flags);
  const points = reads.points.map(readPoint);
  const fit = fitDrive(points, {refits: flags.refits, seed: SEED, told: progress});
  process.stderr.write(process.stderr.isTTY ? '\r\x1b[2K' : '');
  const yaml = calibrationYaml(reads, fit, writes);
  if (flags.out === undefined) process.stdout.write(yaml);
  else writeWhole(flags.out, yaml);
  for (const warning of reads.warnings) process.stderr.write(`warning: ${warning}\n`);
  say(engineLine(reads.engine));
  say(`fitted    ${errorsLine(fit.fitted)}\n`);
  say(`held out  ${errorsLine(fit.heldOut)}\n`);
  worst(fit.heldOut).forEach((error) => say(`  furthest: ${error}\n`));
  if (writes === null) say('writes were not measured (--write does): the file takes them to be as fast as reads\n');
}

/** Reads at every point, and writes at a few where they are allowed. Throws DeviceError where requests fail. */
async function measure(path: string, flags: CalibrateFlags): Promise<{reads: BenchResult; writes: WritesFound | null}> {
  const write = flags.write === true;
  const target = openTarget(path, {write, purpose: 'bench', direct: flags.engine !== 'fs'});
  const options: BenchOptions = {
    engine: flags.engine,
    sizesBytes: flags.sizes,
    depths: flags.depths,
    readShares: [1],
    warmSeconds: flags.warm,
    seconds: flags.seconds,
    repeat: flags.repeat,
    core: flags.core ?? null,
  };
  const told = (point: BenchPoint): void => say(benchRow(point));
  try {
    say(benchHeader());
    const reads = await bench(target, options, told);
    refuseFailed(reads);
    if (!write) return {reads, writes: null};
    const ends = [Math.min(...flags.sizes), Math.max(...flags.sizes)];
    const writes = await bench(target, {...options, sizesBytes: ends, depths: WRITE_DEPTHS, readShares: [0]}, told);
    refuseFailed(writes);
    return {reads, writes: writesFound(writes.points)};
  } finally {
    target.close();
  }
}

function refuseFailed({points}: BenchResult): void {
  const broken = points.filter(({failed}) => failed > 0);
  if (broken.length > 0) throw new DeviceError(`requests failed at ${broken.length} of ${points.length} points (${broken[0]!.failure})`);
  if (points.some(({p50Ns}) => p50Ns === null)) throw new DeviceError('no request ended within --seconds: give it longer');
}

/** The mean by Little's law from the median run, which one stalled run does not move. */
function readPoint({sizeBytes, depth, iops, p50Ns, p99Ns}: BenchPoint): ReadPoint {
  return {sizeBytes, depth, meanNs: (depth / iops) * 1e9, p50Ns: p50Ns!, p99Ns: p99Ns!};
}

function writesFound(points: readonly BenchPoint[]): WritesFound {
  const smallest = Math.min(...points.map(({sizeBytes}) => sizeBytes));
  const small = points.filter(({sizeBytes}) => sizeBytes === smallest);
  return {
    latencyNs: 1e9 / small.find(({depth}) => depth === 1)!.iops,
    bytesPerSecond: Math.max(...points.map(({bytesPerSecond}) => bytesPerSecond)),
    perSecond: smallest === 4096 ? Math.max(...small.map(({iops}) => iops)) : null,
  };
}

/** The two points that the model misses most, in words. */
function worst(errors: readonly PointErrors[]): string[] {
  return [...errors]
    .sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean))
    .slice(0, 2)
    .map(
      ({point, mean}) => `${point.sizeBytes / 1024} KiB at depth ${point.depth}, mean ${mean > 0 ? '+' : ''}${(100 * mean).toFixed(0)} %`,
    );
}

function progress(share: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2Kfitting: ${Math.round(100 * share)} %`);
}

/** To stderr, as the calibration itself may go to stdout. */
function say(line: string): void {
  process.stderr.write(line);
}
