import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Digest} from '../../src/base/digest.ts';

function digest(words: readonly number[]): string {
  const digest = new Digest();
  for (const word of words) digest.add(word);
  return digest.hex();
}

const word = fc.nat(Number.MAX_SAFE_INTEGER);

describe('a digest', () => {
  test('of these words is this in every engine', () => {
    expect(digest([0, 1, 2 ** 32, 2 ** 52 + 3])).toBe('ea0865a049ec831f');
  });

  test('changes with any one bit of any word', () => {
    fc.assert(
      fc.property(fc.array(word, {minLength: 1, maxLength: 20}), fc.nat(), fc.nat(52), (words, at, bit) => {
        const changed = [...words];
        const i = at % words.length;
        const flip = 2 ** bit;
        changed[i] = Math.floor(words[i]! / flip) % 2 === 1 ? words[i]! - flip : words[i]! + flip;
        expect(digest(changed)).not.toBe(digest(words));
      }),
      {numRuns: 3000, seed: 1},
    );
  });

  test('changes with the order of words, and with words of zero before and behind', () => {
    fc.assert(
      fc.property(fc.array(word, {minLength: 2, maxLength: 20}), fc.nat(), (words, at) => {
        const i = at % (words.length - 1);
        fc.pre(words[i] !== words[i + 1]);
        const swapped = [...words];
        [swapped[i], swapped[i + 1]] = [words[i + 1]!, words[i]!];
        expect(new Set([words, swapped, [...words, 0], [0, ...words]].map(digest)).size).toBe(4);
      }),
      {numRuns: 2000, seed: 1},
    );
  });

  test('spreads a difference of one bit over all 64: half of them differ', () => {
    let differing = 0;
    for (let i = 0; i < 2000; i++) {
      const tail = [7, 7, 7];
      const x = BigInt(`0x${digest([i, ...tail])}`) ^ BigInt(`0x${digest([i ^ 1, ...tail])}`);
      differing += [...x.toString(2)].filter((bit) => bit === '1').length;
    }
    expect(differing / 2000 / 64).toBeGreaterThan(0.45);
    expect(differing / 2000 / 64).toBeLessThan(0.55);
  });
});
