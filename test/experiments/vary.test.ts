import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {grid, zip} from '../../src/experiments/vary.ts';
import {AxisError, parseAxis} from '../../src/scenario/axis.ts';

const valuesOf = (text: string): readonly string[] => parseAxis(text).values;

describe('parseAxis()', () => {
  test('takes lists as they stand', () => {
    expect(parseAxis('tiers.dram.policy=lru, sieve,arc')).toEqual({path: 'tiers.dram.policy', values: ['lru', 'sieve', 'arc']});
  });

  test('counts every whole number of a range', () => {
    expect(valuesOf('n=1..5')).toEqual(['1', '2', '3', '4', '5']);
  });

  test('spaces n values evenly, or in ratio, and keeps the unit', () => {
    expect(valuesOf('x=0.5..2:4')).toEqual(['0.5', '1', '1.5', '2']);
    expect(valuesOf('x=4 MiB..64 MiB:5 log')).toEqual(['4 MiB', '8 MiB', '16 MiB', '32 MiB', '64 MiB']);
    expect(valuesOf('x=1..4 TB:4')).toEqual(['1 TB', '2 TB', '3 TB', '4 TB']);
    expect(valuesOf('poisson=0.1 /s..0.3 /s:3')).toEqual(['0.1 /s', '0.2 /s', '0.3 /s']);
  });

  test('keeps whole numbers whole, and names none twice', () => {
    expect(valuesOf('n=1..64:7 log')).toEqual(['1', '2', '4', '8', '16', '32', '64']);
    expect(valuesOf('n=1..4:9')).toEqual(['1', '2', '3', '4']);
  });

  test.each([
    ['n', 'write path='],
    ['n=', 'write path='],
    ['n=5..1', 'must grow'],
    ['n=1 GB..2 TB:3', 'one unit'],
    ['n=1 GB..2 GB', 'say how many'],
    ['n=0..8:4 log', 'above 0'],
    ['n=1..8:1', '2 to'],
    ['n=a,,b', 'empty value'],
    ['n=a,a', 'twice'],
  ])('refuses %s, saying why', (text, why) => {
    expect(() => parseAxis(text)).toThrow(AxisError);
    expect(() => parseAxis(text)).toThrow(why);
  });

  test('any range has its ends, grows, and has as many values as asked for', () => {
    const ranges = fc.record({
      low: fc.integer({min: 1, max: 1000}),
      span: fc.integer({min: 1, max: 1000}),
      n: fc.integer({min: 2, max: 50}),
      log: fc.boolean(),
    });
    fc.assert(
      fc.property(ranges, ({low, span, n, log}) => {
        const numbers = valuesOf(`x=${low + 0.5}..${low + span + 0.5} GB:${n}${log ? ' log' : ''}`).map(Number.parseFloat);
        expect(numbers).toHaveLength(n);
        expect(numbers[0]).toBe(low + 0.5);
        expect(numbers.at(-1)).toBe(low + span + 0.5);
        for (let i = 1; i < n; i++) expect(numbers[i]!).toBeGreaterThan(numbers[i - 1]!);
      }),
    );
  });
});

describe('axes together', () => {
  const axes = [parseAxis('a=1,2'), parseAxis('b=x,y,z')];

  test('grid() crosses them, the last fastest', () => {
    expect(grid(axes).map((row) => row.map(({value}) => value).join(''))).toEqual(['1x', '1y', '1z', '2x', '2y', '2z']);
  });

  test('zip() takes them side by side, and refuses different lengths', () => {
    expect(zip([parseAxis('a=1,2'), parseAxis('b=x,y')]).map((row) => row.map(({value}) => value).join(''))).toEqual(['1x', '2y']);
    expect(() => zip(axes)).toThrow('2 and 3');
  });
});
