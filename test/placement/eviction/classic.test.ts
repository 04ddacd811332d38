/** The policies whose published counts depend on a generator or a sketch: against theorems and models kept by hand. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {FrequencySketch} from '../../../src/placement/eviction/frequencySketch.ts';
import {replayWith, traceOf, zipf} from '../../lab/support.ts';

const ids = fc.array(fc.nat(30), {minLength: 1, maxLength: 300});

test('random: where references are independent it misses as often as FIFO (Gelenbe 1973)', () => {
  const trace = zipf(60_000, 2000);
  const fifo = replayWith('fifo', trace, 200).misses;
  const runs = Array.from({length: 12}, (_, seed) => replayWith('random', trace, 200, {seed}).misses);
  const mean = runs.reduce((sum, misses) => sum + misses) / runs.length;
  const error = Math.sqrt(runs.reduce((sum, misses) => sum + (misses - mean) ** 2, 0) / (runs.length - 1));
  expect(Math.abs(mean - fifo)).toBeLessThan(3 * error * Math.SQRT2); // FIFO's count is one draw of the trace, too
});

test('random of as many draws as there can be is LRU', () => {
  const trace = zipf(3000, 200);
  expect(Math.abs(replayWith('random', trace, 10, {draws: 1000}).misses - replayWith('lru', trace, 10).misses)).toBeLessThan(5);
});

test('LRU-2 equals histories kept by hand', () => {
  const byHand = (references: readonly number[], capacity: number): number => {
    const history = new Map<number, number[]>(); // the latest first, of what is here and of what is remembered
    let here: number[] = [];
    let gone: number[] = [];
    let misses = 0;
    references.forEach((id, at) => {
      if (!here.includes(id)) {
        misses++;
        if (here.length === capacity) {
          const worth = (one: number): number => history.get(one)![1] ?? history.get(one)![0] - 1e9;
          const victim = here.reduce((a, b) => (worth(b) < worth(a) ? b : a));
          here = here.filter((one) => one !== victim);
          gone = [...gone, victim];
          if (gone.length > capacity) history.delete(gone.shift()!);
        }
        if (!gone.includes(id)) history.delete(id);
        gone = gone.filter((one) => one !== id);
        here.push(id);
      }
      history.set(id, [at, ...(history.get(id) ?? [])].slice(0, 2));
    });
    return misses;
  };
  fc.assert(
    fc.property(ids, fc.integer({min: 1, max: 20}), (references, capacity) => {
      expect(replayWith('lruk', traceOf(references), capacity).misses).toBe(byHand(references, capacity));
    }),
  );
});

test('a time to live longer than the trace is LRU, or FIFO from arrival', () => {
  fc.assert(
    fc.property(ids, fc.integer({min: 1, max: 20}), (references, capacity) => {
      const trace = traceOf(references);
      const missesOf = (policy: string, values = {}): number => replayWith(policy, trace, capacity, values).misses;
      expect(missesOf('ttl', {life: 1e15})).toBe(missesOf('lru'));
      expect(missesOf('ttl', {life: 1e15, from: 'arrival'})).toBe(missesOf('fifo'));
    }),
  );
});

test('the sketch never counts too little, below its most and between halvings', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), {maxLength: 60}), (keys) => {
      const sketch = new FrequencySketch(1000);
      for (const key of keys) sketch.add(key);
      for (const key of keys) expect(sketch.count(key)).toBeGreaterThanOrEqual(Math.min(15, keys.filter((other) => other === key).length));
    }),
  );
});

describe.each(['cacheus', 'car', 'lecar', 'lhd', 'wtinylfu', 'hyperbolic', 'lruk'])('%s', (policy) => {
  test('keeps what is popular better than LRU does where popularity is all there is', () => {
    const trace = zipf(60_000, 5000, 3);
    expect(replayWith(policy, trace, 250).misses).toBeLessThan(replayWith('lru', trace, 250).misses);
  });
});
