/** A loaded memory answers later: the curve itself, what was measured of one, and that a device's accesses follow it at the utilisation they find. */
import {describe, expect, test} from 'vitest';
import {cxl} from '../../src/devices/cxl.ts';
import {dram} from '../../src/devices/dram.ts';
import {LoadedLatency, loadedExtraNs, UTILISATION_MAX} from '../../src/devices/loadedLatency.ts';
import {RequestPool} from '../../src/devices/requestPool.ts';
import {Engine} from '../../src/engine/engine.ts';
import type {Stage} from '../../src/engine/stage.ts';
import {valuesOf} from '../../src/scenario/values.ts';

/** Two Skylake sockets: nanoseconds idle, read GB/s at most, and the point that the curve is fitted to (Intel MLC 3.5, FD.io CSIT). */
const [IDLE, PEAK, EXTRA, AT] = [81.4, 216.6, 40.5, 0.74];
/** GB/s, ns. */
const MEASURED = [
  [2.5, 81.4],
  [4.7, 81.5],
  [10.7, 89.0],
  [14.7, 90.2],
  [27.4, 90.1],
  [49.7, 92.3],
  [68.7, 94.5],
  [85.0, 95.5],
  [111.6, 101.2],
  [160.2, 121.9],
] as const;

describe('the curve', () => {
  test('is nothing idle, what was measured where it was measured, only rises, and ends at its ceiling', () => {
    expect(loadedExtraNs(0, EXTRA, AT)).toBe(0);
    expect(loadedExtraNs(AT, EXTRA, AT)).toBeCloseTo(EXTRA, 9);
    const points = Array.from({length: 96}, (_, percent) => loadedExtraNs(percent / 100, EXTRA, AT));
    for (let i = 1; i < points.length; i++) expect(points[i]).toBeGreaterThan(points[i - 1]!);
    expect(loadedExtraNs(1, EXTRA, AT)).toBe(loadedExtraNs(UTILISATION_MAX, EXTRA, AT));
    expect(loadedExtraNs(1, EXTRA, AT)).toBeCloseTo((EXTRA * 19 * 0.26) / 0.74, 9);
  });

  test('is within 9 % of every load that was measured below its own point', () => {
    for (const [rate, latency] of MEASURED)
      expect(Math.abs(IDLE + loadedExtraNs(rate / PEAK, EXTRA, AT) - latency) / latency, `${rate} GB/s`).toBeLessThan(0.09);
  });
});

describe('the utilisation of an instant', () => {
  const BUSY = 1e6;
  const WINDOW = 1e6;

  test('after k accesses without a pause is that of an exponential window, which was idle before', () => {
    const memory = new LoadedLatency(0, AT, 1e12);
    for (let k = 1; k <= 100; k++) {
      memory.left(k * BUSY, k * BUSY);
      const old = (31 / 32) ** k;
      expect(memory.utilisation).toBeCloseTo((32 * BUSY * (1 - old)) / (32 * BUSY * (1 - old) + WINDOW * old), 9);
    }
  });

  test('falls with a pause as busy / (busy + pause), the older less', () => {
    const memory = new LoadedLatency(0, AT, 1e12);
    for (let k = 1; k <= 1000; k++) memory.left(k * BUSY, k * BUSY);
    memory.left(1001 * BUSY + 40 * BUSY, 1001 * BUSY);
    expect(memory.utilisation).toBeCloseTo(32 / (32 + 40), 6);
  });
});

/** One picosecond a tick, so that rounding does not hide the curve. */
const TICKS = 1e12;
const RATE = 100e9;
const BYTES = 4096;
const SERVICE = (BYTES / RATE) * TICKS;
const SETUP_NS = 100;

interface Loading {
  readonly extra: number | undefined;
  readonly requests?: RequestPool;
}

const context = (engine: Engine, {extra, requests}: Loading) => ({
  engine,
  name: 'memory',
  server: {dramBytesPerSecond: RATE, dramLatency: SETUP_NS, dramBytes: 1e12, dramLoadedExtra: extra, dramLoadedAt: AT} as never,
  servers: 1,
  per: 'server' as const,
  ticksPerSecond: TICKS,
  seed: 1,
  requests,
});
const memories: {readonly [kind: string]: (engine: Engine, loading: Loading) => Stage} = {
  dram: (engine, loading) => dram.create({share: 0.8}, context(engine, loading)).read[0]!,
  cxl: (engine, loading) => {
    const given = {cards: 1, loadedAt: AT, loadedExtra: loading.extra === undefined ? undefined : `${loading.extra} ns`};
    const rates = {readBytesPerSecond: '100 GB/s', latency: '100 ns', setup: '0 s'};
    return cxl.create(valuesOf(cxl.params, {...given, ...rates}, undefined, []) as never, context(engine, loading)).read[0]!;
  },
};

/** Ticks that each of 600 accesses takes, one a period. */
function taken(memory: (engine: Engine, loading: Loading) => Stage, period: number, loading: Loading): number[] {
  const engine = new Engine();
  const stage = memory(engine, loading);
  const times: number[] = [];
  const done = engine.on('done', (i) => times.push(engine.now - i * period));
  const come = engine.on('come', (i) => {
    stage.submit(BYTES, done, i);
    if (i < 599) engine.after(period, come, i + 1);
  });
  engine.at(0, come, 0);
  engine.run();
  return times;
}

describe.each(Object.keys(memories))('an access of %s', (kind) => {
  const memory = memories[kind]!;
  const alone = SERVICE + SETUP_NS * 1000;

  test('to an idle memory takes its set-up and its bytes over the rate, with a curve or without', () => {
    expect(taken(memory, 1e9, {extra: EXTRA})[0]).toBeCloseTo(alone, -1);
    expect(taken(memory, 1e9, {extra: undefined})[0]).toBeCloseTo(alone, -1);
  });

  test('is later by the curve at the utilisation of a steady load', () => {
    for (const load of [0.1, 0.25, 0.5, 0.74, 0.9]) {
      const times = taken(memory, Math.round(SERVICE / load), {extra: EXTRA});
      expect(times.at(-1)! - alone, `load ${load}`).toBeCloseTo(loadedExtraNs(load, EXTRA, AT) * 1000, -2);
    }
  });

  test('is never later than the ceiling, and just so where the memory is never idle', () => {
    const times = taken(memory, SERVICE, {extra: EXTRA});
    const ceiling = loadedExtraNs(UTILISATION_MAX, EXTRA, AT) * 1000;
    expect(Math.max(...times) - alone).toBeLessThan(ceiling + 2);
    expect(times.at(-1)! - alone).toBeCloseTo(ceiling, -1);
  });

  test('without a curve takes the same at every load', () => {
    expect(new Set(taken(memory, Math.round(SERVICE / 0.9), {extra: undefined}).map((ticks) => Math.round(ticks / 10))).size).toBe(1);
  });

  test('follows it too behind a host whose requests are limited', () => {
    const loading = {extra: EXTRA, requests: new RequestPool(1024, 64)};
    expect(taken(memory, SERVICE * 2, loading)).toEqual(taken(memory, SERVICE * 2, {extra: EXTRA}));
  });
});
