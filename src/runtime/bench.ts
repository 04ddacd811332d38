/** A sweep over sizes, depths and shares of reads: each point the median of some runs, with what would make it worth less beside it. */
import {randomInt} from 'node:crypto';
import type {FaultCode} from './faults.ts';
import {FIO_BUCKETS, percentileNs} from './fioBuckets.ts';
import {identifyDevice, identifyMachine, warningsFor, type DeviceIdentity, type MachineIdentity} from './machine.ts';
import {measure, type Measured} from './measure.ts';
import type {EngineInfo, EngineName} from './ring.ts';
import {MARK_BYTES, type Target} from './target.ts';

export interface BenchOptions {
  readonly engine: EngineName | 'auto';
  readonly sizesBytes: readonly number[];
  readonly depths: readonly number[];
  /** Each 0 to 1. */
  readonly readShares: readonly number[];
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Runs of each point. */
  readonly repeat: number;
  readonly core: number | null;
}

export interface BenchPoint {
  readonly sizeBytes: number;
  readonly depth: number;
  readonly readShare: number;
  readonly iops: number;
  readonly bytesPerSecond: number;
  /** (most - least) / median of the runs' IOPS. */
  readonly spread: number;
  readonly meanNs: number;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  readonly cpuNsPerRequest: number;
  readonly failed: number;
  readonly failure: FaultCode | null;
  /** False: the halves of a run, or the runs, differ by more than STEADY. */
  readonly steady: boolean;
  /** Counts by fio's buckets, all runs together: [bucket, count] where not 0. */
  readonly reads: readonly (readonly [number, number])[];
  readonly writes: readonly (readonly [number, number])[];
}

export interface BenchResult {
  readonly date: string;
  readonly device: DeviceIdentity;
  readonly machine: MachineIdentity;
  readonly engine: EngineInfo;
  readonly options: BenchOptions;
  readonly warnings: readonly string[];
  readonly points: readonly BenchPoint[];
}

/** More than this between halves of a run, or between runs, and a point is not steady (io-uring figures: two quiet sweeps differ by 6 %). */
const STEADY = 0.15;
/** A ring's arena may have a gigabyte. */
const ARENA_BYTES = 2 ** 30;

/** Runs the sweep; `told` hears of every point. Writes only where the target allows it (openTarget). */
export async function bench(target: Target, options: BenchOptions, told: (point: BenchPoint) => void): Promise<BenchResult> {
  const points: BenchPoint[] = [];
  const warnings = warningsFor(target);
  const device = identifyDevice(target);
  const machine = identifyMachine();
  let engine: EngineInfo | null = null;
  for (const readShare of options.readShares)
    for (const sizeBytes of options.sizesBytes)
      for (const depth of options.depths) {
        if (sizeBytes * depth > ARENA_BYTES) continue;
        const runs: Measured[] = [];
        for (let i = 0; i < options.repeat; i++) {
          runs.push(
            await measure({
              ...options,
              descriptor: target.descriptor,
              sizeBytes,
              depth,
              readShare,
              startBytes: MARK_BYTES,
              endBytes: target.bytes,
              perSecond: null,
              seed: randomInt(2 ** 47), // fresh offsets: the same ones again would find them in a host's cache
            }),
          );
        }
        engine ??= runs[0]!.engine;
        const point = pointOf(sizeBytes, depth, readShare, runs);
        points.push(point);
        told(point);
      }
  const unsteady = points.filter(({steady}) => !steady).length;
  if (unsteady > 0)
    warnings.push(`${unsteady} of ${points.length} points were not steady (runs or halves apart by more than ${STEADY * 100} %)`);
  return {date: new Date().toISOString(), device, machine, engine: engine!, options, warnings, points};
}

function pointOf(sizeBytes: number, depth: number, readShare: number, runs: readonly Measured[]): BenchPoint {
  const rates = runs.map(({requests, seconds}) => requests / seconds).sort((a, b) => a - b);
  const iops = rates[rates.length >> 1]!;
  const reads = sum(runs.map((run) => run.reads));
  const writes = sum(runs.map((run) => run.writes));
  const both = sum([reads, writes]);
  const requests = runs.reduce((total, run) => total + run.requests, 0);
  const spread = iops > 0 ? (rates.at(-1)! - rates[0]!) / iops : 0;
  return {
    sizeBytes,
    depth,
    readShare,
    iops,
    bytesPerSecond: iops * sizeBytes,
    spread,
    meanNs: runs.reduce((total, run) => total + (run.requests > 0 ? run.meanNs * run.requests : 0), 0) / requests,
    p50Ns: percentileNs(both, 0.5),
    p90Ns: percentileNs(both, 0.9),
    p99Ns: percentileNs(both, 0.99),
    p999Ns: percentileNs(both, 0.999),
    cpuNsPerRequest: runs.reduce((total, run) => total + run.cpuNs, 0) / requests,
    failed: runs.reduce((total, run) => total + run.failed, 0),
    failure: runs.find(({failure}) => failure !== null)?.failure ?? null,
    steady: spread <= STEADY && runs.every(({drift}) => Math.abs(drift - 1) <= STEADY),
    reads: sparse(reads),
    writes: sparse(writes),
  };
}

function sum(histograms: readonly Float64Array[]): Float64Array {
  const total = new Float64Array(FIO_BUCKETS);
  for (const histogram of histograms) histogram.forEach((count, bucket) => (total[bucket]! += count));
  return total;
}

function sparse(histogram: Float64Array): [number, number][] {
  const pairs: [number, number][] = [];
  histogram.forEach((count, bucket) => count > 0 && pairs.push([bucket, count]));
  return pairs;
}
