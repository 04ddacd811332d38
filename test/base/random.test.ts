import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';

const draws = 20000;
const uniforms = (seed: number, name: string, count = draws): number[] => {
  const stream = new Stream(seed, name);
  return Array.from({length: count}, () => stream.uniform());
};

/** Correlation of two samples of uniforms, in standard errors of independent ones. */
function correlation(x: readonly number[], y: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - 0.5) * (y[i]! - 0.5);
  return (sum / x.length) * 12 * Math.sqrt(x.length);
}

/** Chi-square of counts against equal shares, in standard deviations from its mean. */
function unevenness(counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  const chiSquare = Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

describe('a stream', () => {
  test('is the same integers in every engine', () => {
    const stream = new Stream(1, 'golden');
    expect([stream.uint32(), stream.uint32(), stream.uint32()]).toEqual([3161016121, 3259852762, 2862666081]);
    expect([stream.uniform(), stream.exponential(), stream.exponential(), stream.normal(), stream.below(1000)]).toEqual([
      0.38557467475586427, 0.38231815315958495, 1.1417818793687298, 0.29375088809711053, 521,
    ]);
  });

  test('has nothing in common with the streams of close seeds and close names', () => {
    const all: [number, string][] = [];
    for (const name of ['', 'a', 'b', 'ab', 'ba', 'a0', 'a1', 'drive1', 'drive2', 'drive11'])
      for (const seed of [0, 1, 2, 3, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52]) all.push([seed, name]);
    const samples = all.map(([seed, name]) => uniforms(seed, name, 1000));
    let worst = 0;
    let pairs = 0;
    for (let i = 0; i < samples.length; i++)
      for (let j = 0; j < i; j++, pairs++) worst = Math.max(worst, Math.abs(correlation(samples[i]!, samples[j]!)));
    expect(pairs).toBe(4005);
    expect(worst).toBeGreaterThan(2.5); // of 4,005 normal deviates the largest is 3.6 on average; 5 is beyond one in 400
    expect(worst).toBeLessThan(5);
  });

  test('begins anywhere: over successive seeds the first draws, their pairs and every bit are even', () => {
    const firsts = new Float64Array(1024);
    const pairs = new Float64Array(1024);
    const ones = new Float64Array(32);
    for (let seed = 0; seed < 65536; seed++) {
      const first = new Stream(seed, 'x').uint32();
      const second = new Stream(seed + 1, 'x').uint32();
      firsts[first >>> 22]!++;
      pairs[((first >>> 27) << 5) | (second >>> 27)]!++;
      for (let bit = 0; bit < 32; bit++) ones[bit]! += (first >>> bit) & 1;
    }
    expect(Math.abs(unevenness(firsts))).toBeLessThan(4);
    expect(Math.abs(unevenness(pairs))).toBeLessThan(4);
    for (const count of ones) expect(Math.abs(count - 32768) / 128).toBeLessThan(4.5);
  });

  test('never starts as another does, over seeds of 53 bits', () => {
    const starts = new Set<string>();
    for (let i = 0; i < 100000; i++) {
      const stream = new Stream(i * 90071992547, 'x');
      starts.add(`${stream.uint32()} ${stream.uint32()}`);
    }
    expect(starts.size).toBe(100000);
  });

  test('draws what it says: means and variances within four standard errors', () => {
    const stream = new Stream(5, 'moments');
    const count = 400000;
    const moments = (draw: () => number, mean: number, variance: number, fourth: number): void => {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < count; i++) {
        const deviation = draw() - mean;
        sum += deviation;
        squares += deviation * deviation;
      }
      expect(Math.abs(sum / count) / Math.sqrt(variance / count)).toBeLessThan(4);
      expect(Math.abs(squares / count - variance) / Math.sqrt((fourth - variance ** 2) / count)).toBeLessThan(4);
    };
    moments(() => stream.uniform(), 1 / 2, 1 / 12, 1 / 80);
    moments(() => stream.exponential(), 1, 1, 9);
    moments(() => stream.normal(), 0, 1, 3);
    moments(() => stream.below(10), 4.5, 8.25, 120.8625);
  });

  test('is exponential in every part of its range, where layers of the ziggurat meet and in its tail', () => {
    const stream = new Stream(3, 'shape');
    const cells = 256;
    const counts = new Float64Array(cells);
    let tail = 0;
    let least = Infinity;
    const count = 1000000;
    for (let i = 0; i < count; i++) {
      const x = stream.exponential();
      if (x < least) least = x;
      counts[Math.min(cells - 1, Math.floor((1 - Math.exp(-x)) * cells))]!++;
      if (x > 7.69711747013105) tail++;
    }
    expect(Math.abs(unevenness(counts))).toBeLessThan(4);
    expect(least).toBeGreaterThanOrEqual(0);
    const expected = count * Math.exp(-7.69711747013105);
    expect(Math.abs(tail - expected) / Math.sqrt(expected)).toBeLessThan(4);
  });

  test('shuffles into every order equally often', () => {
    const stream = new Stream(1, 'shuffle');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24000; i++) {
      const order = stream.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(unevenness([...counts.values()]))).toBeLessThan(4);
  });
});
