/** Arrivals of traces of independent requests: what asIs, spread and poisson make of them, scaling, and cuts. */
import {expect, test} from 'vitest';
import {mooncakeTrace} from '../../src/workload/mooncakeTrace.ts';
import {createSource, memoryFile, sessionsOf} from './support.ts';

const at = (...milliseconds: number[]): string =>
  milliseconds.map((timestamp) => `{"timestamp": ${timestamp}, "input_length": 9, "output_length": 1, "hash_ids": []}`).join('\n');
const starts = (text: string, values: object, seed = 1): number[] =>
  sessionsOf(createSource(mooncakeTrace, values, {files: [memoryFile('a', text)], seed})).map(({startNs}) => startNs! / 1e6);

const bursts = at(5, 5, 5, 11, 15, 15);

test('asIs: as recorded, from the first request on', () => {
  expect(starts(bursts, {})).toEqual([0, 0, 0, 6, 10, 10]);
});

test('spread: those of one instant are spaced evenly up to the next, the last ones by the gap before', () => {
  expect(starts(bursts, {arrivals: 'spread'})).toEqual([0, 2, 4, 6, 10, 12]);
});

test('poisson: exponential gaps whose mean is the recorded one, by the seed', () => {
  const text = at(...Array.from({length: 4001}, (_, index) => 10 * Math.floor(index / 10)));
  const times = starts(text, {arrivals: 'poisson'});
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(4000)); // a mean of n exponentials deviates by 1/sqrt(n)
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(8 / 4000)); // and their variance by sqrt(8/n)
  expect(starts(text, {arrivals: 'poisson'})).toEqual(times);
  expect(starts(text, {arrivals: 'poisson'}, 2)).not.toEqual(times);
});

test('a single request arrives at 0, whatever the rule', () => {
  for (const arrivals of ['asIs', 'spread', 'poisson']) expect(starts(at(77), {arrivals})).toEqual([0]);
});

test('timeScale multiplies times after the rule', () => {
  for (const arrivals of ['asIs', 'spread', 'poisson']) {
    const halved = starts(bursts, {arrivals, timeScale: 0.5});
    const full = starts(bursts, {arrivals});
    halved.forEach((time, index) => expect(Math.abs(time - full[index] / 2)).toBeLessThanOrEqual(1e-6)); // rounded to a nanosecond
  }
});

test('durationMax ends the stream before the first request that comes later, after scaling; requestsMax after so many', () => {
  expect(starts(bursts, {durationMax: '6 ms'})).toEqual([0, 0, 0, 6]);
  expect(starts(bursts, {durationMax: '5999 us'})).toEqual([0, 0, 0]);
  expect(starts(bursts, {durationMax: '6 ms', timeScale: 2})).toEqual([0, 0, 0]);
  expect(starts(bursts, {requestsMax: 4})).toEqual([0, 0, 0, 6]);
});

test('sessions.order: shuffled says that it does not apply', () => {
  const source = createSource(mooncakeTrace, {}, {files: [memoryFile('a', bursts)], shuffle: true});
  sessionsOf(source);
  expect(source.warnings).toContain('sessions.order: shuffled does not apply to a trace with arrival times');
});
