/** Flash behind the storage network: one reader and one writer at the enclosure's rates, behind the latency of its protocol. */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import {softwareOf, softwareParams} from './software.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  flashBytes: {
    type: 'quantity',
    dimension: 'bytes',
    default: '1 PB',
    meaning: 'Capacity of the enclosures together, where the tier gives none.',
    source: 'a choice: ample for a cluster of hundreds of GPUs',
  },
  readBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '300 GB/s',
    meaning: 'Read rate of the enclosures together.',
    source: 'SemiAnalysis, AI Neocloud Playbook: 8 storage servers give 250 to 400 GB/s',
  },
  writeBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '150 GB/s',
    meaning: 'Write rate of the enclosures together.',
    source: 'half the reads, as NVMe drives (arithmetic)',
  },
  latency: {
    type: 'quantity',
    dimension: 'time',
    default: '200 us',
    meaning: 'A small read alone: flash, protocol and network.',
    source: 'user-space clients 150 to 300 us (remembered)',
  },
  path: {
    type: 'choice',
    choices: ['bounce', 'direct'],
    default: 'direct',
    meaning: 'Whether bytes cross host DRAM twice on their way (bounce) or not at all (GPUDirect RDMA).',
  },
  ...softwareParams,
} as const satisfies Params;

export const networkFlash = {
  name: 'networkFlash',
  summary: 'Flash enclosures that every server reaches over its storage ports.',
  params,
  free: {readBytesPerSecond: '1 EB/s', writeBytesPerSecond: '1 EB/s', latency: '1 ns'},
  create: (values: ValuesOf<typeof params>, context: DeviceContext): TierDevice => {
    const {engine, name, ticksPerSecond} = context;
    const {stages, startUpNs} = softwareOf(values, context);
    const latencyTicks = Math.round((values.latency * ticksPerSecond) / NS_PER_SECOND);
    const station = (side: string, bytesPerSecond: number): BandwidthStation =>
      new BandwidthStation(engine, {name: `${name}.${side}`, bytesPerSecond, ticksPerSecond, latencyTicks});
    return {
      capacityBytes: values.flashBytes,
      read: [station('read', values.readBytesPerSecond), ...stages],
      write: [...stages, station('write', values.writeBytesPerSecond)],
      startUpNs,
      readNs: values.latency,
      readBytesPerSecond: values.readBytesPerSecond,
      writeNs: values.latency,
      writeBytesPerSecond: values.writeBytesPerSecond,
    };
  },
} as const satisfies Kind;
