/**
 * Quantities as people write them: "400 Gb/s", "80 us", "7.68 TB", "64 GiB". Bits are b and bytes B; k M G T P are decimal, Ki Mi Gi Ti Pi binary.
 * One regular expression a dimension serves the loader and the JSON Schema, so that both accept the same texts. Nothing is coerced: a
 * number without its unit is refused.
 */
import type {Dimension} from './params.ts';

const decimal = {'': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18} as const;
const binary = {Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50} as const;

interface Unit {
  readonly text: string;
  readonly factor: number;
}

/** Units of a dimension, with the factor to the unit used inside src: bytes, bytes per second, nanoseconds, per second, tokens, watts, joules, US dollars, operations per second, metres. */
const units: {readonly [D in Dimension]: readonly Unit[]} = {
  bytes: prefixed('B', 1).concat(prefixed('b', 1 / 8)),
  bytesPerSecond: prefixed('B/s', 1).concat(prefixed('b/s', 1 / 8)),
  time: [
    {text: 'ps', factor: 1e-3},
    {text: 'ns', factor: 1},
    {text: 'us', factor: 1e3},
    {text: 'ms', factor: 1e6},
    {text: 's', factor: 1e9},
    {text: 'min', factor: 60e9},
    {text: 'h', factor: 3600e9},
    {text: 'd', factor: 86400e9},
  ],
  rate: [
    {text: '/s', factor: 1},
    {text: '/min', factor: 1 / 60},
    {text: '/h', factor: 1 / 3600},
    {text: 'IOPS', factor: 1},
    {text: 'kIOPS', factor: 1e3},
    {text: 'MIOPS', factor: 1e6},
  ],
  tokens: [
    {text: 'tokens', factor: 1},
    {text: 'k tokens', factor: 1e3},
    {text: 'M tokens', factor: 1e6},
    {text: 'Ki tokens', factor: 1024},
    {text: 'Mi tokens', factor: 2 ** 20},
  ],
  power: [
    {text: 'W', factor: 1},
    {text: 'kW', factor: 1e3},
    {text: 'MW', factor: 1e6},
  ],
  energy: [
    {text: 'J', factor: 1},
    {text: 'kJ', factor: 1e3},
    {text: 'MJ', factor: 1e6},
    {text: 'Wh', factor: 3600},
    {text: 'kWh', factor: 3.6e6},
  ],
  money: [
    {text: 'USD', factor: 1},
    {text: 'kUSD', factor: 1e3},
    {text: 'MUSD', factor: 1e6},
  ],
  flops: [
    {text: 'GFLOP/s', factor: 1e9},
    {text: 'TFLOP/s', factor: 1e12},
    {text: 'PFLOP/s', factor: 1e15},
  ],
  distance: [
    {text: 'm', factor: 1},
    {text: 'km', factor: 1e3},
  ],
};

/** What to write, by dimension: for messages. */
export const examples: {readonly [D in Dimension]: string} = {
  bytes: '64 GiB',
  bytesPerSecond: '14 GB/s',
  time: '80 us',
  rate: '2.5 /s',
  tokens: '128 k tokens',
  power: '700 W',
  energy: '2 kWh',
  money: '2.35 USD',
  flops: '989 TFLOP/s',
  distance: '5 m',
};

const NUMBER = String.raw`(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`;
/** Refuses a number that is all zeros. */
const NOT_ZERO = String.raw`(?!0*\.?0*(?:e[+-]?\d+)?\s*[a-zA-Z/])`;

/** The texts that are a quantity of this dimension. `zero`: whether nothing is a quantity too. `word`: one that may stand for it. */
export function quantityPattern(dimension: Dimension, zero = false, word: 'unlimited' | 'auto' | null = null): string {
  const names = [...units[dimension]].sort((a, b) => b.text.length - a.text.length).map((unit) => unit.text.replace(/\//g, String.raw`\/`));
  const quantity = `${zero ? '' : NOT_ZERO}${NUMBER}\\s*(?:${names.join('|')})`;
  return word === null ? `^${quantity}$` : `^(?:${word}|${quantity})$`;
}

/** Value of a quantity in the unit used inside src, rounded to an integer for bytes and tokens; NaN where the text is none. */
export function parseQuantity(text: string, dimension: Dimension): number {
  if (text === 'unlimited') return Infinity;
  const match = new RegExp(`^(${NUMBER})\\s*(\\S.*)$`).exec(text);
  const unit = match === null ? undefined : units[dimension].find((candidate) => candidate.text === match[2]);
  if (match === null || unit === undefined) return NaN;
  const value = Number(match[1]) * unit.factor;
  return dimension === 'bytes' || dimension === 'tokens' ? Math.round(value) : value;
}

/** Why a text is no quantity of this dimension, and what to write instead. */
export function quantityFault(text: string | number, dimension: Dimension): string {
  const example = examples[dimension];
  if (typeof text === 'number' || /^[\d.]+$/.test(text)) return `needs a unit: write ${likelyUnits(String(text), dimension)}`;
  if (text.startsWith('-')) return `must not be negative: write a quantity such as "${example}"`;
  const match = new RegExp(`^(${NUMBER})\\s*(\\S.*)$`).exec(text);
  if (match === null) return `is not a quantity: write a number and a unit, such as "${example}"`;
  const [, number, unit] = match;
  if (units[dimension].some((candidate) => candidate.text === unit)) return `must be more than zero, such as "${example}"`;
  const meant = meantUnit(unit!, dimension);
  return meant === null
    ? `has no unit of ${nameOf(dimension)}: write a quantity such as "${example}" (${unitsOf(dimension)})`
    : `is no ${nameOf(dimension)}: write "${number} ${meant}"`;
}

/** Units that people write, in the form that is read here; bits stay bits, and bytes bytes. */
const habits: readonly (readonly [RegExp, string])[] = [
  [/^([kKMGTPE]?i?)([bB])ps$/, '$1$2/s'],
  [/^([kKMGTPE]?i?)bits?\/s(?:ec)?$/i, '$1b/s'],
  [/^([kKMGTPE]?i?)bytes?\/s(?:ec)?$/i, '$1B/s'],
  [/^([kKMGTPE]?i?[bB])\/sec$/, '$1/s'],
  [/^([kKMGTPE]?i?)bytes?$/i, '$1B'],
  [/^([kKMGTPE]?i?)bits?$/i, '$1b'],
  [/^[µμ]s$|^usecs?$|^microseconds?$/i, 'us'],
  [/^msecs?$|^milliseconds?$/i, 'ms'],
  [/^secs?$|^seconds?$/i, 's'],
  [/^m$|^mins?$|^minutes?$/i, 'min'],
  [/^hrs?$|^hours?$/i, 'h'],
  [/^days?$/i, 'd'],
  [/^hz$|^per second$|^1\/s$/i, '/s'],
  [/^token$/, 'tokens'],
  [/^([kM])$/, '$1 tokens'],
  [/^([GTP])FLOPS?$/i, '$1FLOP/s'],
  [/^\$|^dollars?$/i, 'USD'],
];

function meantUnit(unit: string, dimension: Dimension): string | null {
  const known = units[dimension].map(({text}) => text);
  const near = (text: string): string | undefined =>
    known.find((one) => one === text) ??
    known.find((one) => one === `${text}/s` || `${one}/s` === text) ??
    known.find((one) => one.toLowerCase() === text.toLowerCase());
  for (const [form, written] of habits) {
    const found = form.test(unit) ? near(unit.replace(form, written)) : undefined;
    if (found !== undefined) return found;
  }
  return near(unit) ?? null;
}

/** The units of a dimension in a few words. */
export function unitsOf(dimension: Dimension): string {
  if (dimension === 'bytes') return 'B or b, with k M G T P E or Ki Mi Gi Ti Pi';
  if (dimension === 'bytesPerSecond') return 'B/s or b/s, with k M G T P E or Ki Mi Gi Ti Pi';
  return units[dimension].map(({text}) => text).join(', ');
}

/** A quantity in the unit that makes its number readable: 3 or 4 significant digits. */
export function formatQuantity(value: number, dimension: Dimension, base: 'decimal' | 'binary' = 'decimal'): string {
  if (value === Infinity) return 'unlimited';
  const candidates = units[dimension].filter(
    (unit) =>
      /^b|^.b|^..b/.test(unit.text) === false &&
      (dimension !== 'bytes' && dimension !== 'bytesPerSecond'
        ? true
        : (/i/.test(unit.text) ? base === 'binary' : base === 'decimal') || unit.text.startsWith('B')),
  );
  const sorted = [...candidates].sort((a, b) => a.factor - b.factor);
  const unit = sorted.findLast((candidate) => Math.abs(value) >= candidate.factor) ?? sorted[0]!;
  return `${shortNumber(value / unit.factor)} ${unit.text}`;
}

/** A quantity that reads as exactly this value, in the unit used inside src (operations in billions). */
export function exactQuantity(value: number, dimension: Dimension): string {
  const unit = units[dimension].find(({factor}) => factor === 1) ?? units[dimension][0]!;
  return `${value / unit.factor} ${unit.text}`;
}

/** At most four significant digits, no exponent for ordinary sizes. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toPrecision(4);
  return text.includes('e') ? String(Number(text)) : text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A count in full, its digits in groups of three: 1,295,004. */
export function wholeNumber(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',') : value === Infinity ? 'unlimited' : '-';
}

function likelyUnits(number: string, dimension: Dimension): string {
  const common: {readonly [D in Dimension]: readonly string[]} = {
    bytes: ['GB', 'GiB'],
    bytesPerSecond: ['GB/s', 'Gb/s'],
    time: ['us', 's'],
    rate: ['/s'],
    tokens: ['tokens', 'k tokens'],
    power: ['W'],
    energy: ['kWh'],
    money: ['USD'],
    flops: ['TFLOP/s'],
    distance: ['m'],
  };
  return common[dimension].map((unit) => `"${number} ${unit}"`).join(' or ');
}

function nameOf(dimension: Dimension): string {
  return {
    bytes: 'size',
    bytesPerSecond: 'rate',
    time: 'time',
    rate: 'frequency',
    tokens: 'number of tokens',
    power: 'power',
    energy: 'energy',
    money: 'amount',
    flops: 'speed',
    distance: 'distance',
  }[dimension];
}

function prefixed(unit: string, factor: number): Unit[] {
  return Object.entries({...decimal, ...binary}).map(([prefix, scale]) => ({text: prefix + unit, factor: scale * factor}));
}
