/**
 * Hard disks: one arm each, for reads and writes. An access seeks a random distance, waits for a random part of a turn, then moves its bytes; a slab striped
 * over the group waits for its slowest arm. Seek time grows with the root of the distance (acceleration-limited arms: Ruemmler and Wilkes,
 * "An introduction to disk drive modeling", IEEE Computer 1994), whose mean over random pairs of tracks is 8/15.
 */
import {Stream} from '../base/random.ts';
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  disks: {type: 'number', min: 1, max: 1024, default: 12, meaning: 'Disks of each pool.', source: 'a choice: one shelf of 3.5 inch bays'},
  path: {
    type: 'choice',
    choices: ['bounce', 'direct'],
    default: 'bounce',
    meaning: 'Whether bytes between HBM and the disks cross host DRAM twice (bounce) or not at all.',
  },
  diskBytes: {
    type: 'quantity',
    dimension: 'bytes',
    default: '20 TB',
    meaning: 'Capacity of a disk.',
    source: 'Seagate Exos X20 data sheet (remembered)',
  },
  bytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '210 MB/s',
    meaning: 'Sequential rate of a disk, averaged over its zones.',
    source: 'Seagate Exos X20: 285 MB/s on the outer tracks, about half on the inner (remembered)',
  },
  revolutionsPerMinute: {
    type: 'number',
    min: 1000,
    max: 20000,
    default: 7200,
    meaning: 'Speed of the platters.',
    source: 'Seagate Exos X20 data sheet (remembered)',
  },
  seekTrack: {type: 'quantity', dimension: 'time', zero: true, default: '0.5 ms', meaning: 'Seek to the next track.', source: 'remembered'},
  seekAverage: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '8.5 ms',
    meaning: 'Seek between two random tracks, on average.',
    source: 'nearline disks (remembered)',
  },
} as const satisfies Params;

/** Mean of the root of the distance between two random points of [0, 1]. */
const MEAN_ROOT_DISTANCE = 8 / 15;
const NS_PER_MINUTE = 60e9;

/** Mean nanoseconds of seek and rotation before a random access. */
export function positioningNs(values: {readonly seekAverage: number; readonly revolutionsPerMinute: number}): number {
  return values.seekAverage + NS_PER_MINUTE / values.revolutionsPerMinute / 2;
}

export const hdd = {
  name: 'hdd',
  summary: 'Hard disks in a server, or behind its storage ports where there is one pool for the cluster.',
  params,
  free: {bytesPerSecond: '1 EB/s', seekTrack: '0 s', seekAverage: '0 s', revolutionsPerMinute: 20000},
  check: ({seekTrack, seekAverage}: ValuesOf<typeof params>) =>
    seekTrack > seekAverage ? {field: 'seekTrack', message: 'the shortest seek takes longer than the average one'} : null,
  create: (values: ValuesOf<typeof params>, {engine, name, ticksPerSecond, seed}: DeviceContext): TierDevice => {
    const {disks, seekTrack, seekAverage, revolutionsPerMinute} = values;
    const bytesPerSecond = values.bytesPerSecond * disks;
    const perNs = ticksPerSecond / NS_PER_SECOND;
    const stream = new Stream(seed, `${name}.arm`);
    const turnNs = NS_PER_MINUTE / revolutionsPerMinute;
    const slopeNs = (seekAverage - seekTrack) / MEAN_ROOT_DISTANCE;
    const slowestArm = (): number => {
      let slowest = 0;
      for (let disk = 0; disk < disks; disk++) {
        const distance = Math.abs(stream.uniform() - stream.uniform());
        slowest = Math.max(slowest, seekTrack + slopeNs * Math.sqrt(distance) + turnNs * stream.uniform());
      }
      return Math.round(slowest * perNs);
    };
    const station = new BandwidthStation(engine, {name, bytesPerSecond, ticksPerSecond, setupTicks: slowestArm});
    const latencyNs = positioningNs(values);
    return {
      capacityBytes: values.diskBytes * disks,
      read: [station],
      write: [station],
      readNs: latencyNs,
      readBytesPerSecond: bytesPerSecond,
      writeNs: latencyNs,
      writeBytesPerSecond: bytesPerSecond,
    };
  },
} as const satisfies Kind;
