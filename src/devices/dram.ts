/**
 * Host DRAM: one station that reads and writes share, at the server's bandwidth; a copy starts with a set-up time, and under load answers later where
 * the server says by how much.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {memoryStation} from './memoryStation.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  share: {
    type: 'number',
    min: 0.01,
    max: 1,
    fraction: true,
    default: 0.8,
    meaning: "Share of the server's DRAM that holds KV cache, where no capacity is given.",
    source: 'SGLang HiCache keeps 0.8 of what is free',
  },
} as const satisfies Params;

export const dram = {
  name: 'dram',
  summary: 'Host DRAM of a server, over the host link of its GPUs; or, per cluster, the DRAM of all servers as one pool.',
  params,
  create: (values: ValuesOf<typeof params>, {engine, name, server, servers, per, ticksPerSecond, requests}: DeviceContext): TierDevice => {
    const pooled = per === 'cluster' ? servers : 1;
    const bytesPerSecond = server.dramBytesPerSecond * pooled;
    const latencyTicks = Math.round((server.dramLatency * ticksPerSecond) / NS_PER_SECOND);
    const loaded = {extraNs: server.dramLoadedExtra, at: server.dramLoadedAt};
    const memory = memoryStation(engine, {name, bytesPerSecond, ticksPerSecond, latencyTicks}, loaded, requests);
    const station = requests === undefined ? memory : requests.join(memory, 'dram');
    return {
      capacityBytes: server.dramBytes * values.share * pooled,
      read: [station],
      write: [station],
      readNs: server.dramLatency,
      readBytesPerSecond: bytesPerSecond,
      writeNs: server.dramLatency,
      writeBytesPerSecond: bytesPerSecond,
    };
  },
} as const satisfies Kind;
