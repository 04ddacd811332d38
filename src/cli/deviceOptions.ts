/** How the device commands read sizes and lists. */
import {parseQuantity} from '../base/units.ts';
import type {EngineName} from '../runtime/ring.ts';
import {UserError} from './userError.ts';

const powers: {readonly [suffix: string]: number} = {k: 1024, m: 1024 ** 2, g: 1024 ** 3};

/** 4KiB, 2 MiB, or 4k and 2m as fio writes them (powers of 1024). */
export function parseBytes(text: string): number {
  const short = /^(\d+)([kmg])$/i.exec(text);
  const bytes = short === null ? parseQuantity(text, 'bytes') : Number(short[1]) * powers[short[2]!.toLowerCase()]!;
  if (!Number.isInteger(bytes) || bytes <= 0 || bytes % 512 !== 0)
    throw new UserError(`${text}: write a size, a multiple of 512 bytes, such as 4KiB`);
  return bytes;
}

export function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(parseBytes);
  const large = sizes.find((size) => size > 2 ** 30);
  if (large !== undefined) throw new UserError(`--sizes: ${large} bytes: a request has at most 1 GiB`);
  return sizes;
}

export function parseDepths(text: string): number[] {
  return parseNumbers('--depths', text, 1, 4096, 'whole numbers from 1 to 4096');
}

/** Percent to shares. */
export function parseReads(text: string): number[] {
  return parseNumbers('--reads', text, 0, 100, 'percentages, such as 100,70').map((share) => share / 100);
}

export function parseCount(text: string): number {
  return parseNumbers('--repeat', text, 1, 1000, 'a whole number')[0]!;
}

export function parseCore(text: string): number {
  return parseNumbers('--core', text, 0, 1023, 'the number of a core')[0]!;
}

/** 2s, 500 ms. */
export function parseSeconds(text: string): number {
  const ns = parseQuantity(text, 'time');
  if (!(ns > 0)) throw new UserError(`${text}: write a time, such as 2s or 500ms`);
  return ns / 1e9;
}

export function parseEngine(text: string): EngineName | 'auto' {
  if (text === 'auto' || text === 'io_uring' || text === 'native-pool' || text === 'fs') return text;
  throw new UserError(`--engine ${text}: write auto, io_uring, native-pool or fs`);
}

function parseNumbers(option: string, text: string, min: number, max: number, expected: string): number[] {
  return text.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || !Number.isInteger(value) || value < min || value > max)
      throw new UserError(`${option} ${text}: write ${expected}`);
    return value;
  });
}
