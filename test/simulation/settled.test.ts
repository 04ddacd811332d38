/** `warmup: auto`: the same run again, without its start. */
import {expect, test} from 'vitest';
import {simulateSettled} from '../../src/simulation/settled.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {scenario, sessions, source} from './fixture.ts';

/** All sessions begin together: a crowd at the start, and then turns that find the instances idle. */
const crowded = scenario({
  workload: {...scenario().workload, sessions: {start: 'together', everyNs: null, perSecond: null, profile: null, keep: Infinity, order: 'recorded'}},
});
const open = () => source(sessions(150, 8, {thinkNs: 60e9, first: 8000, growth: 100, output: 20}));

test('leaves out of every figure what one run shows to be its start, and gives the same run', () => {
  const whole = simulate(crowded, open());
  const {requests, seconds} = whole.intervals.warmup;
  expect(requests).toBeGreaterThan(0);
  expect(whole.warnings.join()).toContain('warmup: auto');
  const settled = simulateSettled({...crowded, warmupAuto: true}, open);
  expect([settled.digest, settled.requests.offered]).toEqual([whole.digest, 1200]);
  expect(settled.ttft.count).toBe(1200 - requests);
  expect(settled).toEqual(simulate({...crowded, warmupAuto: true, warmupNs: Math.floor(seconds * 1e9) + 1}, open()));
  expect(settled.ttft.mean!).toBeLessThan(whole.ttft.mean! / 1.5);
});

test('is one run where it is not asked for', () => {
  let opened = 0;
  simulateSettled(crowded, () => (opened++, open()));
  expect(opened).toBe(1);
});
