/** DRAM under load, as ramulator2 checks a memory: a probe beside a load of growing weight shows idle latency, a curve that only rises, and the peak. */
import {expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {dram} from '../../src/devices/dram.ts';
import {Engine} from '../../src/engine/engine.ts';

const RATE = 614e9;
const SETUP = 10_000;
const BYTES = 2 ** 20;
const serviceNs = (BYTES / RATE) * 1e9;

function memory(engine: Engine) {
  return dram.create(
    {share: 0.8},
    {
      engine,
      name: 'dram',
      server: {dramBytesPerSecond: RATE, dramLatency: SETUP, dramBytes: 2e12} as never,
      servers: 1,
      per: 'server',
      ticksPerSecond: 1e9,
      seed: 1,
    },
  ).read[0]!;
}

/** Mean latency and its standard error, nanoseconds, of copies of a mebibyte that come by themselves and load the memory to `load`. */
function latency(load: number, count = 40_000): {mean: number; error: number} {
  const engine = new Engine();
  const station = memory(engine);
  const stream = new Stream(2, 'load');
  const began: number[] = [];
  const taken: number[] = [];
  const done = engine.on('done', (i) => taken.push(engine.now - began[i]!));
  const come = engine.on('come', (i) => {
    began.push(engine.now);
    station.submit(BYTES, done, i);
    if (i + 1 < count) engine.after(Math.max(1, Math.round((serviceNs / load) * stream.exponential())), come, i + 1);
  });
  engine.at(0, come, 0);
  engine.run();
  const batches = Array.from({length: 20}, (_, b) => {
    const part = taken.slice((b * count) / 20, ((b + 1) * count) / 20);
    return part.reduce((sum, ns) => sum + ns, 0) / part.length;
  });
  const mean = batches.reduce((sum, ns) => sum + ns, 0) / 20;
  return {mean, error: Math.sqrt(batches.reduce((sum, ns) => sum + (ns - mean) ** 2, 0) / 19 / 20)};
}

test('idle, a copy takes its set-up and its bytes over the rate', () => {
  const engine = new Engine();
  const station = memory(engine);
  station.submit(
    BYTES,
    engine.on('done', () => {}),
    0,
  );
  engine.run();
  expect(engine.now).toBe(Math.ceil(serviceNs) + SETUP);
});

test('loaded, it rises with the load as M/D/1 does: rho S / (2 (1 - rho)), within 4 standard errors', () => {
  let before = 0;
  for (const load of [0.1, 0.3, 0.5, 0.7, 0.8]) {
    const {mean, error} = latency(load);
    const expected = SETUP + serviceNs + (load * serviceNs) / (2 * (1 - load));
    // Arrivals and ends are whole nanoseconds: up to one more on average.
    expect(Math.abs(mean - expected), `load ${load}`).toBeLessThan(4 * error + 1);
    expect(mean).toBeGreaterThan(before);
    before = mean;
  }
});

test('never idle, it moves its peak', () => {
  const engine = new Engine();
  const station = memory(engine);
  const done = engine.on('done', () => {});
  for (let i = 0; i < 1000; i++) station.submit(BYTES, done, i);
  engine.run();
  expect((1000 * BYTES) / ((engine.now - SETUP) / 1e9) / RATE).toBeCloseTo(1, 6);
});
