import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exp, ln, powerOfTwo} from '../../src/base/mathematics.ts';

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

function bitsOf(x: number): bigint {
  float[0] = x;
  return bits[0]!;
}

/** Distance in units of the last place, for numbers of one sign. */
const ulps = (x: number, y: number): bigint => (bitsOf(x) > bitsOf(y) ? bitsOf(x) - bitsOf(y) : bitsOf(y) - bitsOf(x));
const hex = (x: number): string => BigInt.asUintN(64, bitsOf(x)).toString(16).padStart(16, '0');

describe('ln()', () => {
  test('is within one unit in the last place of Math.log, over all positive numbers', () => {
    fc.assert(
      fc.property(fc.double({min: 5e-324, noNaN: true, noDefaultInfinity: true}), (x) => {
        expect(ulps(ln(x), Math.log(x))).toBeLessThanOrEqual(1n);
      }),
      {numRuns: 20000, seed: 1},
    );
  });

  test('is as close near 1, where the result vanishes', () => {
    for (let i = -5000; i <= 5000; i++) expect(ulps(ln(1 + i / 2 ** 20), Math.log(1 + i / 2 ** 20))).toBeLessThanOrEqual(1n);
  });

  test('has these bits in every engine', () => {
    const golden: [number, string][] = [
      [2, '3fe62e42fefa39ef'],
      [10, '40026bb1bbb55516'],
      [0.1, 'c0026bb1bbb55515'],
      [1.5, '3fd9f323ecbf984c'],
      [Math.SQRT2, '3fd62e42fefa39f0'],
      [1 + 2 ** -52, '3cafffffffffffff'],
      [1 - 2 ** -53, 'bca0000000000000'],
      [1e-300, 'c085963447f87fb5'],
      [5e-324, 'c0874385446d71c3'],
      [Number.MAX_VALUE, '40862e42fefa39ef'],
    ];
    expect(golden.map(([x]) => hex(ln(x)))).toEqual(golden.map(([, word]) => word));
  });

  test('takes its limits: 0, infinity, and nothing below 0', () => {
    expect([ln(0), ln(1), ln(Infinity), ln(-1), ln(NaN)]).toEqual([-Infinity, 0, Infinity, NaN, NaN]);
  });
});

describe('exp()', () => {
  test('is within one unit in the last place of Math.exp, over all that neither overflows nor vanishes', () => {
    fc.assert(
      fc.property(fc.double({min: -745.1, max: 709.7, noNaN: true}), (x) => {
        expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(1n);
      }),
      {numRuns: 20000, seed: 1},
    );
  });

  test('has these bits in every engine', () => {
    const golden: [number, string][] = [
      [1, '4005bf0a8b14576a'],
      [-1, '3fd78b56362cef38'],
      [0.5, '3ffa61298e1e069c'],
      [10, '40d5829dcf950560'],
      [-10, '3f07cd79b5647c9a'],
      [1e-9, '3ff000000044b830'],
      [-700, '00d14f2b0fb9307f'],
      [-745, '0000000000000001'],
      [709, '7fdd422d2be5dc9b'],
    ];
    expect(golden.map(([x]) => hex(exp(x)))).toEqual(golden.map(([, word]) => word));
  });

  test('takes its limits: overflow, underflow, 0', () => {
    expect([exp(0), exp(710), exp(Infinity), exp(-746), exp(-Infinity), exp(NaN)]).toEqual([1, Infinity, Infinity, 0, 0, NaN]);
  });
});

test('powerOfTwo() is exact over all normal exponents', () => {
  for (let k = -1022; k <= 1023; k++) expect(powerOfTwo(k)).toBe(2 ** k);
});
