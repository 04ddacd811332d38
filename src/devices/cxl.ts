/**
 * CXL memory: expander cards in a server, or a pool behind CXL switches that all servers of the cluster share. A copy moves at the cards' links, each way its
 * own, after the latency of a load and of the switches between; of a copy of a mebibyte that latency is below 1 %, so what matters is the rate. Where
 * switches have a rate, each direction of it is shared by all that the pool's servers read or write, whichever cards it is on.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import type {Stage} from '../engine/stage.ts';
import {memoryStation} from './memoryStation.ts';
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
  switchBytesPerSecond: {
    type: 'quantity',
    dimension: 'bytesPerSecond',
    optional: true,
    meaning:
      'What the switches pass, each way, of all servers and cards together. Default no limit: every port at its rate. With switches.',
  },
  loadedExtra: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    optional: true,
    meaning:
      'How much later a card answers at the utilisation loadedAt than idle; it grows as u / (1 - u), up to 0.95. Default: it answers as idle; no vendor says it.',
  },
  loadedAt: {
    type: 'number',
    min: 0.05,
    max: 0.95,
    fraction: true,
    default: 0.75,
    meaning: 'The utilisation at which a card is so much later.',
    source: 'a choice',
  },
  gigabytePrice: {
    type: 'quantity',
    dimension: 'money',
    zero: true,
    optional: true,
    meaning:
      'Price of a gigabyte of this memory; of lent DRAM what its lender asks. No default: 0.5 to 3 times DDR5 in two texts that contradict each other.',
  },
  switchPortPrice: {
    type: 'quantity',
    dimension: 'money',
    zero: true,
    optional: true,
    meaning:
      'Price of a port of the switches: each server and each card takes one, each card two more from switch to switch. With switches.',
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
  free: {
    readBytesPerSecond: '1 EB/s',
    writeBytesPerSecond: '1 EB/s',
    latency: '1 ns',
    switchLatency: '1 ns',
    loadedExtra: '0 s',
    setup: '0 s',
  },
  check: ({switches, switchBytesPerSecond, switchPortPrice}: ValuesOf<typeof params>): {field: string; message: string} | null => {
    if (switches > 0 || (switchBytesPerSecond ?? switchPortPrice) === undefined) return null;
    const field = switchBytesPerSecond === undefined ? 'switchPortPrice' : 'switchBytesPerSecond';
    return {field, message: 'there is no switch on the way: write "switches: 1", or leave it out'};
  },
  create: (values: ValuesOf<typeof params>, {engine, name, per, ticksPerSecond, requests}: DeviceContext): TierDevice => {
    const {switches, switchLatency, switchBytesPerSecond = Infinity} = values;
    const switchNs = switches * switchLatency;
    const memoryNs = values.setup + values.latency;
    const shared = switchBytesPerSecond < Infinity;
    const ticks = (ns: number): number => Math.round((ns * ticksPerSecond) / NS_PER_SECOND);
    const memory = (suffix: string, bytesPerSecond: number): Stage => {
      const latencyTicks = ticks(shared ? memoryNs : memoryNs + switchNs);
      const loaded = {extraNs: values.loadedExtra, at: values.loadedAt};
      const station = memoryStation(engine, {name: `${name}.${suffix}`, bytesPerSecond, ticksPerSecond, latencyTicks}, loaded, requests);
      return requests === undefined ? station : requests.join(station, 'cxl');
    };
    const crossed = (suffix: string): Stage[] => {
      const options = {
        name: `${name}.switch.${suffix}`,
        bytesPerSecond: switchBytesPerSecond,
        ticksPerSecond,
        latencyTicks: ticks(switchNs),
      };
      return shared ? [new BandwidthStation(engine, options)] : [];
    };
    const readBytesPerSecond = values.readBytesPerSecond * values.cards;
    const writeBytesPerSecond = values.writeBytesPerSecond * values.cards;
    const out = crossed('read');
    const into = crossed('write');
    return {
      capacityBytes: values.cardBytes * values.cards,
      read: [memory('read', readBytesPerSecond), ...out],
      write: [...into, memory('write', writeBytesPerSecond)],
      readNs: memoryNs + switchNs,
      readBytesPerSecond: Math.min(readBytesPerSecond, switchBytesPerSecond),
      writeNs: memoryNs + switchNs,
      writeBytesPerSecond: Math.min(writeBytesPerSecond, switchBytesPerSecond),
      switches: [...out, ...into],
      ...(per === 'cluster' ? {attachment: 'fabric'} : {}),
    };
  },
} as const satisfies Kind;
