/** The group of drives that serving uses against the same drives command by command. */
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {catalogue} from '../../src/catalogue.ts';
import type {DeviceContext, TierDevice} from '../../src/devices/ports.ts';
import {Drive, READ, WRITE} from '../../src/devices/drive/drive.ts';
import {driveModel, sequentialReadRate} from '../../src/devices/drive/model.ts';
import {nvme} from '../../src/devices/nvme.ts';
import {Engine} from '../../src/engine/engine.ts';
import {Histogram} from '../../src/metrics/histogram.ts';
import {named} from '../../src/scenario/catalogue.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {presetValues} from './support.ts';

interface Load {
  readonly drives: number;
  readonly slabBytes: number;
  /** Of the group's read rate, slabs at Poisson times; null: so far apart that each finds the drives idle. */
  readonly load: number | null;
  readonly writing: boolean;
  readonly slabs: number;
  readonly seed: number;
}

const COMMAND_BYTES = 131072;
const DEPTH = 64;

/** Latencies of slabs that arrive at Poisson times, each striped over all drives in commands of 128 KiB. */
function perCommand(name: string, {drives, slabBytes, load, writing, slabs, seed}: Load): Histogram {
  const engine = new Engine();
  const model = driveModel(presetValues(name), 1e9);
  const stream = new Stream(seed, 'slabs');
  const starts = new Stream(seed, 'writes');
  const group = Array.from(
    {length: drives},
    (_, i) => new Drive(engine, {name: `d${i}`, model, queues: [{depth: DEPTH}, {depth: DEPTH}], ftl: null}),
  );
  const shareCommands = slabBytes / drives / COMMAND_BYTES;
  const latencies = new Histogram();
  const arrived: number[] = [];
  const left: number[] = [];
  const backlog = group.map((): [number, number][] => []);
  const pump = (i: number): void => {
    for (
      let next = backlog[i]![0];
      next !== undefined && group[i]!.submit(0, READ, next[1], COMMAND_BYTES, done[i]!, next[0]);
      next = backlog[i]![0]
    )
      backlog[i]!.shift();
  };
  const done = group.map((_, i) =>
    engine.on(`done${i}`, (slab) => {
      if (--left[slab]! === 0 && slab > slabs / 10) latencies.record(engine.now - arrived[slab]!);
      if (left[slab] === 0 && slab === slabs - 1) engine.stop();
      pump(i);
    }),
  );
  const write = group.map((drive, i) =>
    engine.on(`write${i}`, (n) => void drive.submit(1, WRITE, n * COMMAND_BYTES, COMMAND_BYTES, write[i]!, (n + DEPTH) % 1e6)),
  );
  if (writing) group.forEach((_, i) => Array.from({length: DEPTH}, (__, n) => engine.at(starts.below(1e7), write[i]!, n)));
  const spacing = (slabBytes / drives / sequentialReadRate(model) / (load ?? 1)) * 1e9;
  const gap = (): number => (load === null ? 2e6 + 4 * spacing * stream.uniform() : stream.exponential() * spacing);
  const arrive = engine.on('arrive', (slab) => {
    arrived.push(engine.now);
    left.push(shareCommands * drives);
    // Where a drive keeps what it was given is its own affair.
    group.forEach((_, i) => {
      const base = stream.below(1e7) * COMMAND_BYTES;
      for (let c = 0; c < shareCommands; c++) backlog[i]!.push([slab, base + c * COMMAND_BYTES]);
      pump(i);
    });
    if (slab + 1 < slabs) engine.after(Math.ceil(gap()), arrive, slab + 1);
  });
  // Programs have met their own rate once the buffers are full.
  engine.at(writing ? Math.ceil((3 * model.bufferBytes * model.programSpacingTicks) / model.programBytes) : 0, arrive, 0);
  engine.run();
  return latencies;
}

function perSlab(name: string, {drives, slabBytes, load, writing, slabs, seed}: Load): Histogram {
  const engine = new Engine();
  const values = {...valuesOf(nvme.params, {}, named(catalogue.devices['nvme']!, name)!, []), drives};
  const context = {engine, name: 'group', servers: 1, per: 'server', ticksPerSecond: 1e9, seed} as unknown as DeviceContext;
  const device: TierDevice = (nvme.create as (values: object, context: DeviceContext) => TierDevice)(values, context);
  const stream = new Stream(seed, 'slabs');
  const latencies = new Histogram();
  const arrived: number[] = [];
  const done = engine.on('done', (slab) => {
    if (slab > slabs / 10) latencies.record(engine.now - arrived[slab]!);
    if (slab === slabs - 1) engine.stop();
  });
  const write = engine.on('write', () => device.write[0]!.submit(slabBytes, write, 0));
  if (writing) for (let i = 0; i < 2; i++) device.write[0]!.submit(slabBytes, write, 0);
  const spacing = (slabBytes / device.readBytesPerSecond / (load ?? 1)) * 1e9;
  const gap = (): number => (load === null ? 2e6 + 4 * spacing * stream.uniform() : stream.exponential() * spacing);
  const arrive = engine.on('arrive', (slab) => {
    arrived.push(engine.now);
    for (let i = 0; i < drives; i++) stream.below(1e7);
    device.read[0]!.submit(slabBytes, done, slab);
    if (slab + 1 < slabs) engine.after(Math.ceil(gap()), arrive, slab + 1);
  });
  engine.at(0, arrive, 0);
  engine.run();
  return latencies;
}

const groups = [
  ['samsung-pm9a3-3.84tb', {drives: 4, slabBytes: 8 << 20}],
  ['samsung-pm1743-15.36tb', {drives: 16, slabBytes: 32 << 20}],
  ['solidigm-d5-p5336-61.44tb', {drives: 4, slabBytes: 16 << 20}],
] as const;

/** [command by command, by slabs], seeds together. */
function both(name: string, load: Omit<Load, 'seed'>): [Histogram, Histogram] {
  const pair: [Histogram, Histogram] = [new Histogram(), new Histogram()];
  for (const seed of [3, 11, 12, 13, 14, 15]) {
    pair[0].merge(perCommand(name, {...load, seed}));
    pair[1].merge(perSlab(name, {...load, seed}));
  }
  return pair;
}

describe.each(groups)('a slab striped over %s %o', (name, group) => {
  test.each(['beside programs', 'without programs'])(
    'alone, takes what its slowest drive takes command by command: p50, p95 and p99 within 5 %%, %s',
    (programs) => {
      const [one, other] = both(name, {...group, load: null, writing: programs === 'beside programs', slabs: 150});
      for (const share of [0.5, 0.95, 0.99]) expect(Math.abs(other.percentile(share) / one.percentile(share) - 1)).toBeLessThan(0.05);
    },
  );

  test.each([0.3, 0.6])('at load %f beside programs, has the same mean within 5 %%', (load) => {
    const [one, other] = both(name, {...group, load, writing: true, slabs: 300});
    expect(Math.abs(other.mean / one.mean - 1)).toBeLessThan(0.05);
  });
});
