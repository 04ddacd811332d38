import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../../src/base/random.ts';
import {Lanes} from '../../../src/placement/lanes.ts';
import {routeChoices} from '../../../src/placement/paths/choices.ts';
import type {Run, Ways} from '../../../src/placement/paths/ways.ts';
import {placementParams} from '../../../src/scenario/parts.ts';
import {ladder} from '../harness.ts';

const BLOCK = 1000;

function ways(of: readonly {rate: number; latencyNs?: number; known?: number}[]): Ways {
  return {
    count: of.length,
    bytesPerSecond: Float64Array.from(of, ({rate}) => rate),
    latencyNs: Float64Array.from(of, ({latencyNs = 0}) => latencyNs),
    knownBytes: Float64Array.from(of, ({known = 0}) => known),
  };
}
const run = (blocks: number, key = 7): Run => ({blocks, blockBytes: BLOCK, bytes: blocks * BLOCK, key});

function divided(name: string, of: Ways, one: Run): number[] {
  const share = new Int32Array(16).fill(-1);
  routeChoices[name]!(new Stream(1, 'test')).divide(of, one, share);
  return [...share.subarray(0, of.count)];
}

const anyWays = fc
  .array(fc.record({rate: fc.integer({min: 1e6, max: 1e9}), latencyNs: fc.nat(1e6), known: fc.nat(1e6)}), {minLength: 1, maxLength: 6})
  .map(ways);

test('scenarios name all of them and no other', () => {
  expect(Object.keys(routeChoices)).toEqual([...placementParams.route.choices]);
});

describe.each(Object.keys(routeChoices))('%s', (name) => {
  test('gives every block of a run to one way, and expects no nonsense', () => {
    fc.assert(
      fc.property(anyWays, fc.nat(200), fc.integer(), (of, blocks, key) => {
        const share = divided(name, of, run(blocks, key));
        expect(share.every((count) => count >= 0)).toBe(true);
        expect(share.reduce((sum, count) => sum + count, 0)).toBe(blocks);
        const ns = routeChoices[name]!(new Stream(1, 'test')).expectedNs(of, blocks * BLOCK);
        expect(ns).toBeGreaterThanOrEqual(0);
        expect(ns).toBeLessThan(Infinity);
      }),
      {numRuns: 100},
    );
  });
});

describe('whole runs', () => {
  const three = ways([
    {rate: 1e9, known: 9000},
    {rate: 2e9, known: 12_000},
    {rate: 1e9, latencyNs: 5000},
  ]);

  test('fixed takes the first, leastBytes the one with the fewest out, soonest the one that would be done first', () => {
    expect(divided('fixed', three, run(4))).toEqual([4, 0, 0]);
    expect(divided('leastBytes', three, run(4))).toEqual([0, 0, 4]);
    // 13 us, 8 us, 9 us; and with 20 blocks 29, 16 and 25.
    expect(divided('soonest', three, run(4))).toEqual([0, 4, 0]);
    expect(divided('soonest', ways([{rate: 1e9, latencyNs: 100}, {rate: 1e9}]), run(1))).toEqual([0, 1]);
  });

  test('hashed depends on the content alone, and spreads contents evenly', () => {
    const counts = [0, 0, 0];
    for (let key = 0; key < 30_000; key++) {
      const share = divided('hashed', three, run(1, key));
      expect(share).toEqual(divided('hashed', ways([{rate: 1}, {rate: 5}, {rate: 1}]), run(1, key)));
      counts[share.indexOf(1)]!++;
    }
    // Four standard deviations of a binomial: sqrt(30000 x 2/9) = 82.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * 82);
  });

  test('twoChoices never takes the worst, and takes the others as often as chance has them together', () => {
    const share = new Int32Array(16);
    const choice = routeChoices['twoChoices']!(new Stream(3, 'test'));
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      choice.divide(three, run(4), share);
      counts[share.indexOf(4)]!++;
    }
    // The best of all wins two of the three pairs, the middle one the third.
    expect(counts[0]).toBe(0);
    expect(Math.abs(counts[1]! - 20_000)).toBeLessThan(4 * 82);
  });
});

describe('stripes', () => {
  test('by weight: each way has its share of a run to within a block, and of many runs of one block exactly that on average', () => {
    const of = ways([{rate: 100e9}, {rate: 400e9, known: 1e12}, {rate: 300e9}]);
    fc.assert(
      fc.property(fc.integer({min: 1, max: 500}), fc.integer(), (blocks, key) => {
        divided('striped', of, run(blocks, key)).forEach((count, way) =>
          expect(Math.abs(count - (blocks * [1, 4, 3][way]!) / 8)).toBeLessThan(1),
        );
      }),
    );
    const counts = [0, 0, 0];
    for (let key = 0; key < 16_000; key++) counts[divided('striped', of, run(1, key)).indexOf(1)]!++;
    [2000, 8000, 6000].forEach((mean, way) => expect(Math.abs(counts[way]! - mean)).toBeLessThan(4 * 65));
  });

  test('adaptive: all ways are done within a block of each other, where none is behind without having any', () => {
    fc.assert(
      fc.property(anyWays, fc.integer({min: 1, max: 400}), (of, blocks) => {
        const share = divided('adaptive', of, run(blocks));
        const start = (way: number): number => of.latencyNs[way]! + (of.knownBytes[way]! / of.bytesPerSecond[way]!) * 1e9;
        const blockNs = (way: number): number => (BLOCK / of.bytesPerSecond[way]!) * 1e9;
        const ends = share.map((count, way) => start(way) + count * blockNs(way));
        const last = Math.max(...ends.filter((_, way) => share[way]! > 0));
        // No block could have been done sooner elsewhere.
        ends.forEach((end, way) => expect(end + blockNs(way)).toBeGreaterThanOrEqual(last * (1 - 1e-12)));
      }),
      {numRuns: 200},
    );
  });
});

describe('knowledge', () => {
  const config = (count: number, reportTicks: number, name: string) => ({
    ...ladder([10]),
    routes: Array.from({length: count}, (_, lane) => ({source: 1, target: 0, latencyNs: 0, bytesPerSecond: 1e9, lane})),
    lanes: {count, reportTicks, choice: () => routeChoices[name]!(new Stream(5, 'test'))},
  });

  test('is of the last report: what has come and gone since is not seen', () => {
    const lanes = new Lanes(config(2, 1000, 'leastBytes'));
    const pick = (now: number): number => {
      lanes.divide(now, 0, 2, run(1));
      return lanes.share.indexOf(1);
    };
    lanes.add(100, 0, 5000);
    expect(pick(900)).toBe(0);
    expect(pick(1000)).toBe(1);
    lanes.add(1500, 0, -5000);
    lanes.add(1500, 1, 10);
    expect(pick(1999)).toBe(1);
    expect(pick(2000)).toBe(0);
    const fresh = new Lanes(config(2, 0, 'leastBytes'));
    fresh.add(100, 0, 5000);
    fresh.divide(100, 0, 2, run(1));
    expect(fresh.share.indexOf(1)).toBe(1);
  });

  /** Mean wait, in service times, of runs of one block that come at 70 % of what eight lanes can do. */
  function meanWait(name: string, reportTicks: number): number {
    const lanes = new Lanes(config(8, reportTicks, name));
    const arrivals = new Stream(11, 'arrivals');
    const free = new Float64Array(8);
    const leaving: {at: number; lane: number}[] = [];
    let now = 0;
    let waits = 0;
    for (let i = 0; i < 20_000; i++) {
      now += (1000 / 8 / 0.7) * arrivals.exponential();
      leaving.sort((a, b) => a.at - b.at);
      while (leaving.length > 0 && leaving[0]!.at <= now) {
        const {at, lane} = leaving.shift()!;
        lanes.add(at, lane, -BLOCK);
      }
      lanes.divide(now, 0, 8, run(1, i));
      const lane = lanes.share.indexOf(1);
      lanes.add(now, lane, BLOCK);
      const begin = Math.max(now, free[lane]!);
      free[lane] = begin + 1000;
      waits += (begin - now) / 1000;
      leaving.push({at: free[lane]!, lane});
    }
    return waits / 20_000;
  }

  test('that is fresh makes the best choice best; that is old makes it a herd, and two drawn at random are better', () => {
    const fresh = Object.fromEntries(['soonest', 'twoChoices', 'hashed'].map((name) => [name, meanWait(name, 0)]));
    expect(fresh['soonest']).toBeLessThan(fresh['twoChoices']!);
    expect(fresh['twoChoices']).toBeLessThan(fresh['hashed']!);
    const old = Object.fromEntries(['soonest', 'twoChoices', 'hashed'].map((name) => [name, meanWait(name, 5000)]));
    expect(old['soonest']).toBeGreaterThan(2 * old['twoChoices']!);
    expect(old['hashed']).toBe(fresh['hashed']);
    // Eight queues of which each has an eighth, at random: M/D/1 of load 0.7 waits 0.7 / (2 x 0.3).
    expect(Math.abs(old['hashed']! - 0.7 / 0.6)).toBeLessThan(0.15);
  });
});
