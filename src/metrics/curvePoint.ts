import type {DriveWear} from './summary.ts';

/** One point of a device's curve: what it gives at one size of I/O and one queue depth. */
export interface CurvePoint {
  readonly ioBytes: number;
  readonly depth: number;
  readonly iops: number;
  /** Standard error of iops, from 20 batches. */
  readonly iopsError: number;
  readonly bytesPerSecond: number;
  /** Seconds; null where there were none. */
  readonly read: LatencySummary | null;
  readonly write: LatencySummary | null;
  /** What no device of these constants exceeds, and by what; null where the bound is not known in closed form. */
  readonly limit: {readonly iops: number; readonly by: string} | null;
  /** Of writes at this rate; null where nothing is written. */
  readonly wear: DriveWear | null;
}

/** Seconds. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}
