/**
 * The software between a tier's device and its user: threads that submit, each I/O of so many bytes costing so much of one of them, and round trips
 * to a metadata server before the first byte of a transfer. T = round trips x their time + bytes / min(device, submitters x ioBytes / perIo).
 */
import type {Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import type {Stage} from '../engine/stage.ts';
import {NS_PER_SECOND, type DeviceContext} from './ports.ts';

export const softwareParams = {
  software: {
    type: 'choice',
    choices: ['none', 'posix', 'gpuDirect', 'ioUring', 'userSpace', 'nfs', 'lustre'],
    default: 'none',
    meaning:
      'What submits: nothing that takes time; a file system through host memory (posix) or past it (gpuDirect); raw blocks through the kernel (ioUring) or ' +
      'without it (userSpace); a client of NFS over RDMA or of a Lustre-like file system, which asks a metadata server first.',
    source:
      'a MiB a submitter: nixlbench, 16 MiB reads, POSIX 21.6 and GPUDirect Storage 12.6 GiB/s; an I/O: Photon, io_uring 433 thousand of 4 KiB a second, SPDK 13.85 ' +
      'million a core; NFS over RDMA and Lustre: 2 round trips of 20 and 50 us (remembered), an I/O as io_uring',
  },
  submitters: {
    type: 'number',
    min: 1,
    max: 1024,
    default: 1,
    meaning: 'Threads of each pool that submit; with software.',
    source: 'a choice',
  },
} as const satisfies Params;

interface SoftwarePath {
  readonly ioBytes: number;
  /** Nanoseconds of a submitter for one I/O. */
  readonly perIoNs: number;
  readonly roundTrips: number;
  readonly roundTripNs: number;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const local = {roundTrips: 0, roundTripNs: 0};

const paths: {readonly [name: string]: SoftwarePath} = {
  posix: {ioBytes: MIB, perIoNs: (MIB / (21.6 * GIB)) * 1e9, ...local},
  gpuDirect: {ioBytes: MIB, perIoNs: (MIB / (12.6 * GIB)) * 1e9, ...local},
  ioUring: {ioBytes: 131_072, perIoNs: 2310, ...local},
  userSpace: {ioBytes: 131_072, perIoNs: 72, ...local},
  nfs: {ioBytes: MIB, perIoNs: 2310, roundTrips: 2, roundTripNs: 20_000},
  lustre: {ioBytes: 4 * MIB, perIoNs: 2310, roundTrips: 2, roundTripNs: 50_000},
};

/** The station that both directions pass (none without software), and the nanoseconds before a transfer's first byte. */
export function softwareOf(
  {software, submitters}: ValuesOf<typeof softwareParams>,
  {engine, name, ticksPerSecond}: DeviceContext,
): {readonly stages: readonly Stage[]; readonly startUpNs: number} {
  const path = paths[software];
  if (path === undefined) return {stages: [], startUpNs: 0};
  const bytesPerSecond = (submitters * path.ioBytes * NS_PER_SECOND) / path.perIoNs;
  const station = new BandwidthStation(engine, {name: `${name}.software`, bytesPerSecond, ticksPerSecond});
  return {stages: [station], startUpNs: path.roundTrips * path.roundTripNs};
}
