import {describe, expect, test} from 'vitest';
import {kneeOf} from '../../src/experiments/knee.ts';

describe('kneeOf()', () => {
  test('finds where a hockey stick bends, and none on a straight line', () => {
    expect(kneeOf([1, 2, 3, 4, 5, 6].map((x) => [x, x < 4 ? 1 : (x - 3) * 10]))).toBe(2);
    expect(kneeOf([1, 2, 3, 4].map((x) => [x, 2 * x]))).toBeNull();
    expect(kneeOf([[1, 1]])).toBeNull();
  });
});
