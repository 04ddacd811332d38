/** A tier's curve: idle latency, what N accesses in flight of a loaded memory settle at, and the peak; a switch that is slower than its cards. */
import {expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {loadedExtraNs} from '../../src/devices/loadedLatency.ts';
import {tierCurve} from '../../src/experiments/tierCurve.ts';
import {loadScenario} from '../../src/scenario/load.ts';

const [RATE, IDLE, EXTRA, AT] = [216.6e9, 81.4, 40.5, 0.74];
const text = `
version: 1
name: memory
question: how does a memory answer under load?
timebase: ps
model: llama-3.1-8b
servers: {preset: dgx-h100, count: 2, dramLatency: ${IDLE} ns, dramBytesPerSecond: 216.6 GB/s, dramLoadedExtra: ${EXTRA} ns}
tiers:
  hbm: {kind: hbm}
  dram: {kind: dram}
  lent: {kind: cxl, per: cluster, cards: 4, switches: 1, switchBytesPerSecond: 60 GB/s, setup: 0 s}
workload: {kind: agentSessions}
limits: {requests: 10}
`;
const scenario = loadScenario(text, {file: 'memory'}, catalogue);
const points = (tier: number, depths: readonly number[], ioBytes: number, readShare = 1) =>
  tierCurve(scenario, scenario.tiers[tier]!, {ioBytes: [ioBytes], depths, readShare, commands: 20_000, seed: 1});

/** Lines a second of `depth` in flight: depth = X (idle + line + extra(u)), u = X line, solved by halving. */
function settled(depth: number, lineNs: number): number {
  let [low, high] = [0, 1 / lineNs];
  for (let i = 0; i < 60; i++) {
    const x = (low + high) / 2;
    if (x * (IDLE + lineNs + loadedExtraNs(x * lineNs, EXTRA, AT)) < depth) low = x;
    else high = x;
  }
  return low * 1e9;
}

test('DRAM: idle latency, the fixed point of latency and utilisation, a monotone curve and the peak', () => {
  const curve = points(1, [1, 16, 64, 128, 256, 512, 2048, 8192], 64);
  expect(curve[0]!.read!.p50 * 1e9).toBeCloseTo(IDLE + (64 / RATE) * 1e9, 0);
  for (const {depth, iops} of curve.slice(0, 6)) {
    const expected = settled(depth, (64 / RATE) * 1e9);
    expect(Math.abs(iops - expected) / expected, `${depth} in flight`).toBeLessThan(0.02);
  }
  for (let i = 1; i < curve.length; i++) {
    expect(curve[i]!.read!.mean).toBeGreaterThan(curve[i - 1]!.read!.mean);
    expect(curve[i]!.iops).toBeGreaterThanOrEqual(curve[i - 1]!.iops * 0.9999);
  }
  expect(curve.at(-1)!.bytesPerSecond / RATE).toBeCloseTo(1, 3);
  for (const {iops, limit} of curve) expect(iops).toBeLessThanOrEqual(limit!.iops * 1.001);
});

test('a pool behind a switch: its latency, and its rate each way', () => {
  const [alone, many] = points(2, [1, 64], 65536);
  expect(alone!.read!.mean * 1e9).toBeCloseTo(250 + 70 + (65536 / 96e9) * 1e9 + (65536 / 60e9) * 1e9, 0);
  expect(many!.bytesPerSecond).toBeCloseTo(60e9, -8);
  const both = points(2, [256], 65536, 0.5)[0]!;
  expect(both.bytesPerSecond).toBeGreaterThan(100e9);
  expect(both.bytesPerSecond).toBeLessThan(120.1e9);
});
