/** Computing from the front while loading from the back, in a whole run. */
import {describe, expect, test} from 'vitest';
import {simulate} from '../../src/simulation/simulate.ts';
import type {PlacementParams, Scenario} from '../../src/scenario/scenario.ts';
import {BandwidthStation} from '../../src/engine/bandwidthStation.ts';
import type {DeviceContext, TierDevice} from '../../src/devices/ports.ts';
import {BLOCK_BYTES, ONE_GPU, plan, scenario, sessions, source, tier} from './fixture.ts';

/** A tier that reads at this rate, and is written as fast as one likes. */
function reading(bytesPerSecond: number) {
  return (_params: object, {engine, name, ticksPerSecond}: DeviceContext): TierDevice => {
    const station = (kind: string, rate: number) =>
      new BandwidthStation(engine, {name: `${name}.${kind}`, bytesPerSecond: rate, ticksPerSecond, latencyTicks: 0});
    return {
      capacityBytes: 1e12,
      read: [station('read', bytesPerSecond)],
      write: [station('write', 1e12)],
      readNs: 0,
      readBytesPerSecond: bytesPerSecond,
      writeNs: 0,
      writeBytesPerSecond: 1e12,
    };
  };
}

function given(reload: PlacementParams['reload'], bytesPerSecond: number, over: Partial<Scenario> = {}): Scenario {
  const below = tier('below', 'below', 'server', 1e6);
  return scenario({
    instances: [{role: 'mixed', count: 1, gpus: 1, parallel: ONE_GPU}],
    placement: {reload, hit: 'prefix'},
    tiers: [
      tier('hbm', 'hbm', 'instance', 2200, {reserve: {low: 0, high: 0}}),
      {...below, write: 'through', kind: {...below.kind, create: reading(bytesPerSecond)}, reserve: {low: 0, high: 0}},
    ],
    ...over,
  });
}

/** A prompt of 32,000 tokens, another that drives it out of HBM, and the first again: its last time to first token, in seconds. */
function reloadSeconds(reload: PlacementParams['reload'], bytesPerSecond: number): number {
  const prompt = (turn: number, first: number) =>
    plan({turn, inputTokens: 32_001, outputTokens: 1, promptRuns: [first, 2001], after: turn === 0 ? [] : [turn - 1, 60e9]});
  let seconds = NaN;
  simulate(
    given(reload, bytesPerSecond),
    source([{name: 's', tenant: 't', startNs: 0, requests: [prompt(0, 1), prompt(1, 1e6), prompt(2, 1)]}]),
    {
      request: ({firstTokenNs, arrivalNs, turn}) => {
        if (turn === 2) seconds = (firstTokenNs - arrivalNs) / 1e9;
      },
    },
  );
  return seconds;
}

describe('reload: split', () => {
  test('where loading and computing alone take equal time it takes at most 0.60 of it', () => {
    const alone = reloadSeconds('never', 1e9);
    const first = (2000 * BLOCK_BYTES) / alone;
    const rate = (first * reloadSeconds('always', first)) / alone;
    expect(reloadSeconds('always', rate) / alone).toBeCloseTo(1, 1);
    expect(reloadSeconds('split', rate) / alone).toBeLessThan(0.6);
  });

  test('alone it never loses to always loading or always computing, whatever the bandwidth', () => {
    for (const rate of [1e8, 3e8, 1e9, 3e9, 1e10, 1e11]) {
      const split = reloadSeconds('split', rate);
      expect(split, `at ${rate} B/s`).toBeLessThan(1.02 * reloadSeconds('always', rate));
      expect(split, `at ${rate} B/s`).toBeLessThan(1.02 * reloadSeconds('never', rate));
    }
  });

  test('while the GPU keeps up it never loses by more than 2 % in mean and 5 % in p99', () => {
    for (const rate of [3e8, 2e9, 6e9, 2e10])
      for (const perSecond of [0.2, 0.5]) {
        const times = (reload: PlacementParams['reload']): {mean: number; p99: number} => {
          const base = given(reload, rate);
          const run = {...base, workload: {...base.workload, sessions: {...base.workload.sessions!, perSecond}}};
          const {ttft} = simulate(run, source(sessions(40, 6, {first: 4000, growth: 600})));
          return {mean: ttft.mean!, p99: ttft.p99!};
        };
        const [split, always, never] = [times('split'), times('always'), times('never')];
        expect(split.mean, `mean at ${rate} B/s, ${perSecond} /s`).toBeLessThan(1.02 * Math.min(always.mean, never.mean));
        expect(split.p99, `p99 at ${rate} B/s, ${perSecond} /s`).toBeLessThan(1.05 * Math.min(always.p99, never.p99));
      }
  });
});
