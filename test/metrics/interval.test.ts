import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {intervalOf, lagOneCorrelation, pairedDifference, t95} from '../../src/metrics/interval.ts';

describe('t95()', () => {
  test('has the tabled values, before and after the table ends', () => {
    expect([1, 10, 30, 40, 60, 120].map((degrees) => Number(t95(degrees).toFixed(3)))).toEqual([12.706, 2.228, 2.042, 2.021, 2, 1.98]);
  });
});

describe('intervalOf()', () => {
  test('has no half width for one value', () => {
    expect(intervalOf([3])).toEqual({mean: 3, half: null, count: 1});
  });

  test('is the textbook interval', () => {
    const {mean, half} = intervalOf([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(half!).toBeCloseTo(2.776 * Math.sqrt(2.5 / 5), 9);
  });

  test('covers the mean wait of M/M/1 in 91 to 98 of 100 cases, over 200 intervals of 10 replications', () => {
    const load = 0.7;
    const truth = load / (1 - load); // mean wait in units of the mean service time
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const means = Array.from({length: 10}, (_, replication) => meanWait(load, new Stream(trial * 10 + replication, 'coverage')));
      const {mean, half} = intervalOf(means);
      if (Math.abs(mean - truth) <= half!) covered++;
    }
    expect(covered / 200).toBeGreaterThanOrEqual(0.91);
    expect(covered / 200).toBeLessThanOrEqual(0.98);
  });
});

/** By Lindley's recursion, the first tenth left out. */
function meanWait(load: number, stream: Stream): number {
  let wait = 0;
  let sum = 0;
  const customers = 5000;
  for (let i = 0; i < customers * 1.1; i++) {
    if (i >= customers * 0.1) sum += wait;
    wait = Math.max(0, wait + stream.exponential() - stream.exponential() / load);
  }
  return sum / customers;
}

describe('pairedDifference()', () => {
  test('of runs that differ by a constant has no width, however far they spread', () => {
    const {mean, half} = pairedDifference([1, 100, 7], [3, 102, 9]);
    expect(mean).toBe(2);
    expect(half).toBe(0);
  });
});

describe('lagOneCorrelation()', () => {
  test('is the textbook value, and 0 of a constant', () => {
    expect(lagOneCorrelation([1, 2, 3, 4])).toBeCloseTo(0.25, 12); // (-1.5 x -0.5 - 0.5 x 0.5 + 0.5 x 1.5) / 5
    expect(lagOneCorrelation([2, 2, 2])).toBe(0);
  });
});
