/** Output analysis against processes whose truth is known. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {Batch, Batches} from '../../src/metrics/batches.ts';
import {Certainty} from '../../src/metrics/certainty.ts';
import {meanBounds, quantileBounds, startOf, steadyOf, type Bounds} from '../../src/metrics/steady.ts';

const groupsOf = (values: readonly number[]): readonly Batch[] => {
  const batches = new Batches(['x']);
  values.forEach((value, i) => batches.record('x', i, value));
  return batches.groups('x');
};

describe('Batches', () => {
  test('keep every observation, in order, in at most 256 groups, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({min: 0, max: 1e12, noNaN: true}), {minLength: 1, maxLength: 6000}),
        fc.boolean(),
        (values, backwards) => {
          const batches = new Batches(['x', 'y']);
          const order = values.map((_, i) => i);
          if (backwards) order.reverse();
          for (const i of order) batches.record('x', i, values[i]!);
          const groups = batches.groups('x');
          expect(groups.length).toBeLessThanOrEqual(256);
          const size = groups.length === 1 ? values.length : groups[0]!.count;
          groups.forEach((group, g) => {
            const own = values.slice(g * size, (g + 1) * size);
            expect([group.count, group.max]).toEqual([own.length, Math.max(...own)]);
          });
          expect(Batch.of(groups).count).toBe(values.length);
          expect(batches.groups('y').every(({count}) => count === 0)).toBe(true);
        },
      ),
    );
  });

  test('find a quantile within a bucket, 1.6 % of the value, and its share again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({min: 1, max: 1e12, noNaN: true}), {minLength: 1, maxLength: 300}),
        fc.double({min: 0.01, max: 0.99, noNaN: true}),
        (values, share) => {
          const all = Batch.of(groupsOf(values));
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)]!;
          const found = all.quantile(share);
          expect(Math.abs(found - exact) / exact).toBeLessThan(1 / 64);
          expect(Math.abs(all.shareUpTo(found) - share)).toBeLessThan(1e-9);
        },
      ),
    );
  });
});

describe('startOf()', () => {
  const noise = new Stream(1, 'noise');
  const steady = (count: number, mean: number): number[] => Array.from({length: count}, () => mean + noise.uniform());

  test('finds where a run that begins ten times as slow settles, to a group', () => {
    expect(startOf(groupsOf([...steady(150, 10), ...steady(850, 1)]))).toBe(30);
  });

  test('says that a run that goes on growing is too short', () => {
    expect(steadyOf(groupsOf(Array.from({length: 1000}, (_, i) => i * i)))).toBeNull();
    expect(steadyOf(groupsOf(steady(60, 1)))).toBeNull();
  });

  test('leaves out no start that makes no difference', () => {
    expect(steadyOf(groupsOf(steady(2000, 1)))!.start).toBe(0);
  });
});

/** Waits and services by Lindley's recursion: the sojourn of M/M/1 is exponential with mean 1 / (1 - load). */
function sojourns(load: number, customers: number, stream: Stream): number[] {
  let wait = 0;
  return Array.from({length: customers}, () => {
    const service = stream.exponential();
    const sojourn = wait + service;
    wait = Math.max(0, sojourn - stream.exponential() / load);
    return sojourn;
  });
}

test('95 % bounds of one run of M/M/1 cover the truth in 91 to 98 of 100 cases: mean, median, p90 and p99, over 200 runs each', () => {
  const load = 0.5;
  const truth = {mean: 1, p50: Math.log(2), p90: Math.log(10), p99: Math.log(100)};
  const covered = {mean: 0, p50: 0, p90: 0, p99: 0};
  let given = 0;
  for (let run = 0; run < 200; run++) {
    const steady = steadyOf(groupsOf(sojourns(load, 8000, new Stream(run, 'mm1'))));
    if (steady === null) continue;
    given++;
    const {batches} = steady;
    const bounds = {
      mean: meanBounds(batches),
      p50: quantileBounds(batches, 0.5),
      p90: quantileBounds(batches, 0.9),
      p99: quantileBounds(batches, 0.99),
    };
    for (const key of ['mean', 'p50', 'p90', 'p99'] as const) if (within(bounds[key], truth[key] / (1 - load))) covered[key]++;
  }
  expect(given).toBeGreaterThan(180);
  for (const share of Object.values(covered).map((count) => count / given)) {
    expect(share).toBeGreaterThanOrEqual(0.91);
    expect(share).toBeLessThanOrEqual(0.98);
  }
});

function within({low, high}: Bounds, value: number): boolean {
  return (low ?? 0) <= value && value <= (high ?? Infinity);
}

describe('Certainty', () => {
  const filled = (count: number, from = 0): Certainty => {
    const certainty = new Certainty();
    const stream = new Stream(3, 'requests');
    for (let order = from; order < from + count; order++) {
      certainty.request(order, order * 1e9, order % 10 > 0);
      certainty.latency('ttft', order, order < 200 ? 50e9 : 1e9 + stream.exponential() * 1e9);
      certainty.latency('e2e', order, 5e9 + stream.exponential() * 1e9);
    }
    return certainty;
  };

  test('leaves the start out of all bounds, and says when it ended', () => {
    const {basis, batches, warmup, ttft, tpot, goodput} = filled(2000).result(false);
    expect([basis, batches, warmup.seconds]).toEqual(['batches', 10, warmup.requests - 1]);
    expect(warmup.requests).toBeGreaterThanOrEqual(200);
    expect(warmup.requests).toBeLessThan(400);
    expect(within(ttft.mean, 2)).toBe(true);
    expect(ttft.mean.high! - ttft.mean.low!).toBeLessThan(0.3);
    expect(tpot.mean).toEqual({low: null, high: null});
    expect(within(goodput.share, 0.9)).toBe(true);
  });

  test('begins where a scenario has left requests out already', () => {
    expect(filled(2000, 400).result(false).warmup).toEqual({requests: 0, seconds: 0});
  });

  test('gives no bounds to a recorded trace, nor to a short run', () => {
    expect(filled(2000).result(true)).toMatchObject({basis: 'trace', batches: 0, ttft: {p99: {low: null, high: null}}});
    expect(filled(100).result(false)).toMatchObject({basis: 'tooShort', batches: 0, ttft: {mean: {low: null, high: null}}});
  });
});
