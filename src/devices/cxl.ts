/**
 * CXL memory: expander cards in a server, or a pool behind CXL switches that all servers of the cluster share. A copy moves at the cards' links, each way its
 * own, after the latency of a load and of the switches between; of a copy of a mebibyte that latency is below 1 %, so what matters is the rate.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import type {Stage} from '../engine/stage.ts';
import {leaving} from './requestPool.ts';
import {NS_PER_SECOND, type DeviceContext, type TierDevice} from './ports.ts';

const params = {
  cards: {
    type: 'number',
    min: 1,
    max: 1024,
    default: 4,
    meaning: 'Cards of each pool.',
    source: 'LLMServingSim configuration',
  },
  cardBytes: {type: 'quantity', dimension: 'bytes', default: '256 GB', meaning: 'Memory of a card.', source: 'LLMServingSim: 1 TB over 4'},
  readBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '24 GB/s',
    meaning: 'Read rate of a card.',
    source: 'x8 Gen5: peak 32, usable 24 to 28 GB/s (remembered); Melody, ASPLOS 2025: cards of 18 to 52',
  },
  writeBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    default: '24 GB/s',
    meaning: 'Write rate of a card.',
    source: 'as reads; the link is full duplex',
  },
  latency: {
    type: 'quantity',
    dimension: 'time',
    default: '250 ns',
    meaning: 'A load of an idle card, without switches.',
    source: 'Melody, arXiv:2409.14317: 214 to 394 ns measured; LLMServingSim 250',
  },
  switches: {type: 'number', min: 0, max: 8, default: 0, meaning: 'CXL switches on the way.'},
  switchLatency: {
    type: 'quantity',
    dimension: 'time',
    default: '70 ns',
    meaning: 'Latency of a switch, there and back.',
    source: 'estimates of 50 to 100 ns a hop in three texts',
  },
  setup: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '10 us',
    meaning: 'Set-up of a copy between GPU and host memory.',
    source: 'hardware survey: small cudaMemcpyAsync 5-15 us (remembered)',
  },
} as const satisfies Params;

export const cxl = {
  name: 'cxl',
  summary: 'CXL expander cards of a server; or, per cluster, one switched pool that all servers share.',
  params,
  free: {readBytesPerSecond: '1 EB/s', writeBytesPerSecond: '1 EB/s', latency: '1 ns', switchLatency: '1 ns', setup: '0 s'},
  create: (values: ValuesOf<typeof params>, {engine, name, per, ticksPerSecond, requests}: DeviceContext): TierDevice => {
    const idleNs = values.setup + values.latency + values.switches * values.switchLatency;
    const latencyTicks = Math.round((idleNs * ticksPerSecond) / NS_PER_SECOND);
    const side = (suffix: string, bytesPerSecond: number): Stage => {
      const options = {name: `${name}.${suffix}`, bytesPerSecond, ticksPerSecond, latencyTicks, ...leaving(requests)};
      const memory = new BandwidthStation(engine, options);
      return requests === undefined ? memory : requests.join(memory, 'cxl');
    };
    const readBytesPerSecond = values.readBytesPerSecond * values.cards;
    const writeBytesPerSecond = values.writeBytesPerSecond * values.cards;
    return {
      capacityBytes: values.cardBytes * values.cards,
      read: [side('read', readBytesPerSecond)],
      write: [side('write', writeBytesPerSecond)],
      readNs: idleNs,
      readBytesPerSecond,
      writeNs: idleNs,
      writeBytesPerSecond,
      ...(per === 'cluster' ? {attachment: 'fabric'} : {}),
    };
  },
} as const satisfies Kind;
