/**
 * High-bandwidth flash on the GPU's package: stacks of flash dies, each cut into many sub-arrays that sense on their own, without a PCIe link or firmware
 * between. By Little's law a stack that has n pages in flight, of a sense time t, gives n x page / t, and never more than its interface: 1.6 TB/s
 * with 4 KiB pages and 10 us needs 3,900. Latency, writes and parallelism are not published, so the scenario must say them.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  stacks: {type: 'number', min: 1, max: 64, meaning: 'Stacks of each pool: those of all GPUs of an instance, where it is one an instance.'},
  stackBytes: {
    type: 'quantity',
    dimension: 'bytes',
    default: '512 GB',
    meaning: 'Capacity of a stack.',
    source: 'first generation, 16 dies: semiengineering.com, 2026-05',
  },
  readBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '1.6 TB/s',
    meaning: "Read rate of a stack's interface.",
    source: 'target of the first generation: semiengineering.com, 2026-05',
  },
  senseTime: {
    type: 'quantity',
    dimension: 'time',
    meaning: 'Time in which a sub-array reads a page; not published (guesses run from 1 to 20 us).',
  },
  pagesInFlight: {
    type: 'number',
    min: 1,
    max: 1e6,
    meaning: 'Pages that a stack senses at once: its sub-arrays, or what is outstanding; not published.',
  },
  page: {
    type: 'quantity',
    dimension: 'bytes',
    default: '4 KiB',
    meaning: 'Bytes that a sub-array reads at once.',
    source: "devices of other flash; devices.md's check by Little's law",
  },
  writeBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    meaning: 'Write rate of a stack; not published (a tenth to a fiftieth of reads is guessed).',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

/** Bytes a second that one stack reads. */
export function stackReadRate({readBytesPerSecond, senseTime, pagesInFlight, page}: Values): number {
  return Math.min(readBytesPerSecond, (pagesInFlight * page * NS_PER_SECOND) / senseTime);
}

export const hbf = {
  name: 'hbf',
  summary: 'High-bandwidth flash: per instance beside its GPUs, per server behind the host link, per cluster behind the storage ports.',
  params,
  free: {readBytesPerSecond: '1 EB/s', writeBytesPerSecond: '1 EB/s', senseTime: '1 ns', pagesInFlight: 1e6},
  create: (values: Values, {engine, name, per, ticksPerSecond}: DeviceContext): TierDevice => {
    const {stacks, senseTime} = values;
    const readBytesPerSecond = stackReadRate(values) * stacks;
    const writeBytesPerSecond = values.writeBytesPerSecond * stacks;
    const latencyTicks = Math.round((senseTime * ticksPerSecond) / NS_PER_SECOND);
    return {
      capacityBytes: values.stackBytes * stacks,
      read: [new BandwidthStation(engine, {name: `${name}.read`, bytesPerSecond: readBytesPerSecond, ticksPerSecond, latencyTicks})],
      write: [new BandwidthStation(engine, {name: `${name}.write`, bytesPerSecond: writeBytesPerSecond, ticksPerSecond})],
      readNs: senseTime,
      readBytesPerSecond,
      writeNs: 0,
      writeBytesPerSecond,
      ...(per === 'instance' ? {attachment: 'package'} : {}),
    };
  },
} as const satisfies Kind;
