/** Quantities: written as people write them, read exactly or not at all. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Dimension} from '../../src/base/params.ts';
import {examples, formatQuantity, parseQuantity, quantityFault, quantityPattern} from '../../src/base/units.ts';

const dimensions = Object.keys(examples) as Dimension[];

test.each([
  ['64 GiB', 'bytes', 64 * 2 ** 30],
  ['64 GB', 'bytes', 64e9],
  ['64GB', 'bytes', 64e9],
  ['64 Gb', 'bytes', 8e9],
  ['64 Gib', 'bytes', 8 * 2 ** 30],
  ['7.68 TB', 'bytes', 7.68e12],
  ['1 PB', 'bytes', 1e15],
  ['400 Gb/s', 'bytesPerSecond', 50e9],
  ['400 GB/s', 'bytesPerSecond', 400e9],
  ['1 GiB/s', 'bytesPerSecond', 2 ** 30],
  ['80 us', 'time', 80e3],
  ['1.5 h', 'time', 5400e9],
  ['250 ps', 'time', 0.25],
  ['1.5 MIOPS', 'rate', 1.5e6],
  ['30 /min', 'rate', 0.5],
  ['128 k tokens', 'tokens', 128000],
  ['128 Ki tokens', 'tokens', 131072],
  ['2.35 USD', 'money', 2.35],
  ['989 TFLOP/s', 'flops', 989e12],
  ['1 kWh', 'energy', 3.6e6],
] as const)('%s of %s is %d', (text, dimension, value) => expect(parseQuantity(text, dimension)).toBe(value));

describe('what is no quantity', () => {
  test.each([
    ['64', 'bytes', 'needs a unit: write "64 GB" or "64 GiB"'],
    ['14 GB', 'bytesPerSecond', 'is no rate: write "14 GB/s"'],
    ['14 GB/s', 'bytes', 'is no size: write "14 GB"'],
    ['400 Gbps', 'bytesPerSecond', 'is no rate: write "400 Gb/s"'],
    ['400 GBps', 'bytesPerSecond', 'is no rate: write "400 GB/s"'],
    ['400 Gbit/s', 'bytesPerSecond', 'is no rate: write "400 Gb/s"'],
    ['64 gib', 'bytes', 'is no size: write "64 GiB"'],
    ['80 µs', 'time', 'is no time: write "80 us"'],
    ['2 seconds', 'time', 'is no time: write "2 s"'],
    ['5 m', 'time', 'is no time: write "5 min"'],
    ['-5 GB', 'bytes', 'must not be negative'],
    ['0 GB', 'bytes', 'must be more than zero'],
    ['many', 'bytes', 'is not a quantity'],
    ['3 parsecs', 'time', '(ps, ns, us, ms, s, min, h, d)'],
  ] as const)('%s of %s: %s', (text, dimension, message) => {
    expect(new RegExp(quantityPattern(dimension)).test(text)).toBe(false);
    expect(quantityFault(text, dimension)).toContain(message);
  });

  test('what a message says to write can be read', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...dimensions),
        fc.constantFrom(...dimensions),
        fc.integer({min: 1, max: 999}),
        (wanted, given, number) => {
          const text = examples[given].replace(/^[\d.]+/, String(number));
          if (!Number.isNaN(parseQuantity(text, wanted))) return;
          for (const [, suggestion] of quantityFault(text, wanted).matchAll(/"([^"]+)"/g))
            expect(parseQuantity(suggestion!, wanted)).not.toBeNaN();
        },
      ),
    );
  });
});

test('the pattern accepts exactly what is read as more than zero', () => {
  const number = fc.oneof(
    fc.nat().map(String),
    fc.double({min: 0, max: 1e6, noNaN: true}).map(String),
    fc.constantFrom('0', '0.0', '.5', '1e3', '-1', ''),
  );
  const unit = fc.constantFrom(
    '',
    ' ',
    'B',
    'b',
    'GB',
    'Gb',
    'GiB',
    'GB/s',
    'us',
    's',
    'min',
    '/s',
    'k tokens',
    'W',
    'kWh',
    'USD',
    'TFLOP/s',
    'm',
    'foo',
    'GB ',
  );
  fc.assert(
    fc.property(fc.constantFrom(...dimensions), number, fc.constantFrom('', ' ', '  '), unit, (dimension, digits, gap, name) => {
      const text = `${digits}${gap}${name}`;
      const written = Number(digits);
      const accepted = new RegExp(quantityPattern(dimension)).test(text);
      expect(accepted).toBe(!Number.isNaN(parseQuantity(text, dimension)) && written > 0);
      expect(new RegExp(quantityPattern(dimension, true)).test(text)).toBe(!Number.isNaN(parseQuantity(text, dimension)));
    }),
    {numRuns: 2000},
  );
});

test('parse(format(x)) is x to four digits', () => {
  fc.assert(
    fc.property(fc.constantFrom(...dimensions), fc.double({min: 1, max: 1e18, noNaN: true}), (dimension, value) => {
      const again = parseQuantity(formatQuantity(value, dimension), dimension);
      expect(Math.abs(again - value)).toBeLessThanOrEqual(value * 5.1e-4 + (dimension === 'bytes' || dimension === 'tokens' ? 0.5 : 0));
    }),
    {numRuns: 2000},
  );
});
