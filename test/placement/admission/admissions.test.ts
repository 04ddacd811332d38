/** Each admission by itself, against a closed form or a naive model. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../../src/base/random.ts';
import {BLOCK_BYTES, made, offerOf} from './support.ts';

describe('probabilistic', () => {
  test.each([0, 0.1, 0.5, 0.9, 1])('a share of %d is admitted, within four standard errors', (share) => {
    const admission = made('probabilistic', {share});
    const draws = 20_000;
    let admitted = 0;
    for (let i = 0; i < draws; i++) admitted += admission.admit(offerOf([i, i + 1, i + 2])) / 3;
    expect(Math.abs(admitted / draws - share)).toBeLessThanOrEqual(4 * Math.sqrt((share * (1 - share)) / draws));
  });

  test('an offer is admitted whole or not at all, and what continues one follows it', () => {
    const admission = made('probabilistic', {share: 0.5});
    for (let i = 0; i < 100; i++) expect([0, 5]).toContain(admission.admit(offerOf([1, 2, 3, 4, 5])));
    for (let i = 0; i < 100; i++) expect(admission.admit(offerOf([1, 2], 5, true))).toBe(2);
  });

  test('each pool draws for itself', () => {
    const drawn = (name: string, seed: number): number[] => {
      const admission = made('probabilistic', {share: 0.5}, {name, seed});
      return Array.from({length: 64}, () => admission.admit(offerOf([1])));
    };
    expect(drawn('nvme0', 1)).toEqual(drawn('nvme0', 1));
    expect(drawn('nvme0', 1)).not.toEqual(drawn('nvme1', 1));
    expect(drawn('nvme0', 1)).not.toEqual(drawn('nvme0', 2));
  });
});

describe('secondSighting', () => {
  test('agrees with a list of the last blocks offered', () => {
    const offers = fc.array(fc.array(fc.nat(60), {minLength: 1, maxLength: 8}), {maxLength: 150});
    fc.assert(
      fc.property(offers, fc.integer({min: 1, max: 40}), (script, capacity) => {
        const admission = made('secondSighting', {}, {capacity});
        let seen: number[] = [];
        for (const keys of script) {
          let known = 0;
          keys.forEach((key, i) => {
            if (known === i && seen.includes(key)) known++;
            seen = [...seen.filter((one) => one !== key), key];
          });
          seen = seen.slice(-capacity);
          expect(admission.admit(offerOf(keys))).toBe(known);
        }
      }),
      {numRuns: 100, seed: 2},
    );
  });

  test('a chain is admitted as far as it was seen before', () => {
    const admission = made('secondSighting');
    expect(admission.admit(offerOf([1, 2, 3]))).toBe(0);
    expect(admission.admit(offerOf([1, 2, 3, 4, 5]))).toBe(3);
    expect(admission.admit(offerOf([9, 2, 3]))).toBe(0);
  });

  test('remembers as many blocks as it says, and no more', () => {
    for (const [between, admitted] of [
      [1999, 1],
      [2000, 0],
    ]) {
      const admission = made('secondSighting', {remember: 2});
      admission.admit(offerOf([-1]));
      for (let i = 0; i < between!; i++) admission.admit(offerOf([i]));
      expect(admission.admit(offerOf([-1]))).toBe(admitted);
    }
  });
});

/** Blocks 0 .. count, offered round after round: those admitted in the last round. */
function rounds(values: object, count: number, times: number): number {
  const admission = made('frequency', values, {capacity: 1000});
  let admitted = 0;
  for (let round = 1; round <= times; round++) {
    admitted = 0;
    for (let key = 0; key < count; key++) admitted += admission.admit(offerOf([key]));
  }
  return admitted;
}

describe('frequency', () => {
  test.each([1, 2, 5, 15])('writes at offer %d where that is asked for, and not before', (atLeast) => {
    expect(rounds({atLeast, halveAfter: 1000}, 50, atLeast)).toBe(50);
    if (atLeast > 1) expect(rounds({atLeast, halveAfter: 1000}, 50, atLeast - 1)).toBe(0);
  });

  test('a threshold that counts cannot reach before they are halved starves the tier, however often blocks return', () => {
    // twice as many blocks as fit, each offered once a round: halved every 2.5 rounds a count never comes to 9, every eighth not to 2
    expect(rounds({atLeast: 9}, 2000, 60)).toBe(0);
    expect(rounds({atLeast: 2, halveAfter: 0.5}, 2000, 60)).toBeLessThan(20); // a few share counters
    expect(rounds({atLeast: 2}, 2000, 60)).toBeGreaterThan(1900);
  });
});

describe('dynamicRandom', () => {
  const DAY_NS = 86400e9;

  /** Bytes a day written over so many days in which so much is offered, in chains of 1 to 20 blocks at random instants. */
  function written(budget: number, offered: number, days: number, over: {ticksPerSecond?: number; ratedBytesPerDay?: number} = {}): number {
    const occasion = {now: 0};
    const values = over.ratedBytesPerDay === undefined ? {bytesPerDay: budget} : {};
    const admission = made('dynamicRandom', values, {occasion, ...over});
    const draw = new Stream(7, 'test/offers');
    const gapNs = (DAY_NS * 10.5 * BLOCK_BYTES) / offered;
    let blocks = 0;
    for (let now = 0; ;) {
      now += gapNs * draw.exponential();
      if (now > days * DAY_NS) return (blocks * BLOCK_BYTES) / days;
      occasion.now = Math.round((now / 1e9) * (over.ticksPerSecond ?? 1e9));
      const admitted = admission.admit(offerOf(Array.from({length: 1 + draw.below(20)}, (_, i) => i)));
      blocks += admitted;
      for (let i = 0; i < admitted; i++) admission.wrote();
    }
  }

  test.each([2, 10, 50])('meets its budget within a twentieth where %d times as much is offered', (times) => {
    const budget = 20e9;
    expect(Math.abs(written(budget, times * budget, 10) / budget - 1)).toBeLessThan(0.05);
  });

  test('takes what drives are rated for where no budget is said, and seconds for what they are', () => {
    const budget = 20e9;
    const rated = written(budget, 5 * budget, 10);
    expect(written(NaN, 5 * budget, 10, {ratedBytesPerDay: budget})).toBe(rated);
    expect(written(budget, 5 * budget, 10, {ticksPerSecond: 1e12})).toBe(rated);
  });

  test('admits all but what comes in bursts where half the budget is offered', () => {
    const all = written(Infinity, 10e9, 5);
    expect(written(20e9, 10e9, 5)).toBeLessThan(all);
    expect(written(20e9, 10e9, 5)).toBeGreaterThan(0.98 * all);
  });
});

describe('savedSeconds', () => {
  // block d takes 1 + d ms (support.ts): n blocks from depth d on, 1 + d + (n - 1) / 2 in the mean, for 10^-3 GB
  test.each([
    [1, 0, 1],
    [9, 0, 5],
    [9, 100, 105],
    [4, 3, 5.5],
  ])('%d blocks behind %d others save %d seconds a gigabyte in the mean', (count, depth, seconds) => {
    const keys = Array.from({length: count}, (_, i) => i);
    expect(made('savedSeconds', {atLeast: seconds}).admit(offerOf(keys, depth))).toBe(count);
    expect(made('savedSeconds', {atLeast: seconds * 1.0001}).admit(offerOf(keys, depth))).toBe(0);
  });

  test('on eight GPUs a block saves eight times as much', () => {
    expect(made('savedSeconds', {atLeast: 8}, {gpus: 8}).admit(offerOf([1]))).toBe(1);
    expect(made('savedSeconds', {atLeast: 8.001}, {gpus: 8}).admit(offerOf([1]))).toBe(0);
  });
});
