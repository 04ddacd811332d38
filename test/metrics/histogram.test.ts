import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Histogram} from '../../src/metrics/histogram.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Everything that can be read from a histogram. */
const contents = (h: Histogram): unknown[] => [
  h.count,
  h.min,
  h.max,
  h.mean,
  h.cumulative(),
  [0, 0.1, 0.5, 0.9, 0.99, 1].map((p) => h.percentile(p)),
];
const nearestRank = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)]!;

/** Whole numbers, whose sums are exact in any order; of all sizes. */
const value = fc.oneof(
  fc.nat(5),
  fc.nat(1e4),
  fc.nat(1e9),
  fc.maxSafeNat().map((x) => Math.floor(x / 2 ** 10)),
);
const values = fc.array(value, {minLength: 1, maxLength: 300});
const share = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1), fc.double({min: 0, max: 1, noNaN: true}));

describe('a histogram', () => {
  test('gives the nearest rank to within a part in 2^11', () => {
    fc.assert(
      fc.property(values, share, (all, p) => {
        const exact = nearestRank(all, p);
        expect(Math.abs(histogramOf(all).percentile(p) - exact)).toBeLessThanOrEqual(exact / 2048);
      }),
      {numRuns: 2000, seed: 1},
    );
  });

  test('gives the least and the greatest exactly, and never a value outside them', () => {
    fc.assert(
      fc.property(values, share, (all, p) => {
        const histogram = histogramOf(all);
        expect([histogram.percentile(0), histogram.percentile(1)]).toEqual([Math.min(...all), Math.max(...all)]);
        expect(histogram.percentile(p)).toBeGreaterThanOrEqual(histogram.min);
        expect(histogram.percentile(p)).toBeLessThanOrEqual(histogram.max);
      }),
      {numRuns: 500, seed: 1},
    );
  });

  test('is the same whatever the order of its values, and however they were parted and merged', () => {
    fc.assert(
      fc.property(values, fc.array(fc.nat(4), {minLength: 300, maxLength: 300}), (all, part) => {
        const parts = [0, 1, 2, 3, 4].map((k) => histogramOf(all.filter((_, i) => part[i] === k)));
        const [forwards, backwards] = [new Histogram(), new Histogram()];
        for (const p of parts) forwards.merge(p);
        for (const p of parts.toReversed()) backwards.merge(p);
        const whole = contents(histogramOf(all));
        expect(contents(histogramOf(all.toReversed()))).toEqual(whole);
        expect(contents(forwards)).toEqual(whole);
        expect(contents(backwards)).toEqual(whole);
      }),
      {numRuns: 300, seed: 1},
    );
  });

  test('takes a value with a weight, and a run of values, as so many records', () => {
    fc.assert(
      fc.property(
        fc.nat(1e7),
        fc.nat(1e5),
        fc.integer({min: 0, max: 400}),
        fc.integer({min: 1, max: 5}),
        (first, increment, count, weight) => {
          const [run, single] = [new Histogram(), new Histogram()];
          run.recordLinear(first, increment, count, weight);
          for (let i = 0; i < count; i++) for (let k = 0; k < weight; k++) single.record(first + i * increment);
          expect(run.cumulative()).toEqual(single.cumulative());
          expect([run.count, run.min, run.max]).toEqual([single.count, single.min, single.max]);
          if (count > 0) expect(Math.abs(run.mean - single.mean)).toBeLessThanOrEqual(single.mean * 1e-12);
        },
      ),
      {numRuns: 500, seed: 1},
    );
  });

  test('says that it is empty: no mean, no percentile, nothing to draw', () => {
    const empty = new Histogram();
    expect([empty.count, empty.mean, empty.percentile(0.5), empty.cumulative()]).toEqual([0, NaN, NaN, []]);
    const merged = histogramOf([3, 4]);
    merged.merge(empty);
    expect(contents(merged)).toEqual(contents(histogramOf([3, 4])));
  });

  test('keeps zeros apart: they are no bucket and count in every rank', () => {
    const histogram = histogramOf([0, 0, 0, 8]);
    expect([0.5, 0.75, 0.76].map((p) => histogram.percentile(p))).toEqual([0, 0, 8]);
    expect(histogram.cumulative()[0]).toEqual([0, 0.75]);
  });

  test('draws the whole distribution: shares rise to 1, a point a bucket', () => {
    fc.assert(
      fc.property(values, (all) => {
        const points = histogramOf(all).cumulative();
        for (let i = 1; i < points.length; i++) {
          expect(points[i]![0]).toBeGreaterThan(points[i - 1]![0]);
          expect(points[i]![1]).toBeGreaterThan(points[i - 1]![1]);
        }
        expect(points.at(-1)![1]).toBe(1);
      }),
      {numRuns: 300, seed: 1},
    );
  });
});
