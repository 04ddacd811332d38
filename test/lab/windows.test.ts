/** Windows of a trace: counted by hand, and in sum the whole. */
import {expect, test} from 'vitest';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import {replay} from '../../src/lab/replay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {windowsOf, type Window} from '../../src/lab/windows.ts';
import {creatorOf, traceOf, zipf} from './support.ts';

const counts = (windows: readonly Window[]): number[][] => windows.map(({from, references, misses}) => [from, references, misses]);

test('windows of requests, the last one shorter; hits and misses of LRU by hand', () => {
  const trace = traceOf([1, 2, 1, 3, 1, 2, 2]);
  const missesOf = new Uint32Array(7);
  replay(trace, 2, creatorOf('lru', trace), missesOf);
  expect([...missesOf]).toEqual([1, 1, 0, 1, 0, 1, 0]);
  expect(counts(windowsOf(trace, {unit: 'requests', length: 3}, missesOf))).toEqual([
    [0, 3, 2],
    [3, 3, 2],
    [6, 1, 0],
  ]);
});

test('windows of time are left out where nothing came, and requests keep whole', () => {
  const trace: LabTrace = {
    ...traceOf([1, 2, 1, 3, 1, 2]),
    requests: Int32Array.of(0, 2, 2, 4, 6),
    times: Float64Array.of(0, 4e9, 4.5e9, 61e9),
  };
  for (const order of ['tail', 'head'] as const) {
    const missesOf = new Uint32Array(4);
    replayPrefixes(trace, 3, order, creatorOf('lru', trace), missesOf);
    expect([...missesOf]).toEqual([2, 0, 1, 0]);
    expect(counts(windowsOf(trace, {unit: 'time', length: 2e9}, missesOf))).toEqual([
      [0, 2, 2],
      [4, 2, 1],
      [60, 2, 0],
    ]);
  }
});

test('bytes of what is missed, where sizes are honoured', () => {
  const trace = traceOf([1, 2, 1, 2], Uint32Array.of(10, 30, 10, 30));
  const [window] = windowsOf(trace, {unit: 'requests', length: 4}, Uint32Array.of(1, 1, 0, 1));
  expect([window.missRatio, window.byteMissRatio]).toEqual([0.75, 70 / 80]);
});

test.each(['sieve', 'arc', 's3fifo', 'belady'])('%s: the windows sum to the whole, and asking for them changes nothing', (policy) => {
  const trace = zipf(5000, 300);
  const missesOf = new Uint32Array(5000);
  const whole = replay(trace, 40, creatorOf(policy, trace));
  const asked = replay(trace, 40, creatorOf(policy, trace), missesOf);
  expect([asked.misses, asked.evictions, asked.references]).toEqual([whole.misses, whole.evictions, whole.references]);
  const windows = windowsOf(trace, {unit: 'requests', length: 700}, missesOf);
  expect(windows.reduce((sum, {misses}) => sum + misses, 0)).toBe(whole.misses);
  expect(windows.reduce((sum, {references}) => sum + references, 0)).toBe(5000);
});
