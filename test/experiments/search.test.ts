import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {searchFirst} from '../../src/experiments/search.ts';

describe('searchFirst()', () => {
  test('finds the first that holds where all beyond it hold, and tries few', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({min: 1, max: 2000}), fc.nat(2100), async (count, first) => {
        const found = await searchFirst(count, async (index) => index >= first);
        expect(found.index).toBe(first < count ? first : null);
        expect(found.contradiction).toBeNull();
        expect(found.tried.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count + 1)) + 6);
      }),
    );
  });

  test('of what is not monotone, says so where it sees it, and then gives the first beyond which all hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), {minLength: 1, maxLength: 24}), async (truth) => {
        const {index, contradiction, tried} = await searchFirst(truth.length, async (i) => truth[i]!);
        for (const [i, answer] of tried) expect(answer).toBe(truth[i]);
        if (contradiction === null) return;
        expect(truth[contradiction[0]]).toBe(true);
        expect(truth[contradiction[1]]).toBe(false);
        expect(contradiction[0]).toBeLessThan(contradiction[1]);
        const last = truth.lastIndexOf(false);
        expect(index).toBe(last + 1 < truth.length ? last + 1 : null);
      }),
    );
  });

  test('sees a dip in the middle of the range', async () => {
    const found = await searchFirst(40, async (index) => index > 5 && !(index > 12 && index < 18));
    expect(found.contradiction).not.toBeNull();
    expect(found.index).toBe(18);
  });
});
