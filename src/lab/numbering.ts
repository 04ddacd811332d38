/**
 * Ids of 64 bits to numbers 0 .. n-1 in order of first sight. Where the largest id is small beside the count of references, a direct table does
 * it (25 ns a reference); else an open table of [low, high, number] (75 ns).
 */
export interface Numbered {
  readonly blocks: Int32Array;
  readonly distinct: number;
}

/** @param words of the reference i: words[first + i x step] low, the next one high */
export function numberWords(words: Uint32Array, count: number, first: number, step: number): Numbered {
  let highMax = 0;
  let lowMax = 0;
  for (let i = 0, at = first; i < count; i++, at += step) {
    if (words[at + 1] > highMax) highMax = words[at + 1];
    if (words[at] > lowMax) lowMax = words[at];
  }
  return highMax === 0 && lowMax < 8 * count ? numberDirectly(words, count, first, step, lowMax) : numberByHash(words, count, first, step);
}

function numberDirectly(words: Uint32Array, count: number, first: number, step: number, lowMax: number): Numbered {
  const numbers = new Int32Array(lowMax + 1);
  const blocks = new Int32Array(count);
  let distinct = 0;
  for (let i = 0, at = first; i < count; i++, at += step) {
    const id = words[at];
    let number = numbers[id];
    if (number === 0) number = numbers[id] = ++distinct;
    blocks[i] = number - 1;
  }
  return {blocks, distinct};
}

/** Entries of four words, a cache line for four: low, high, number + 1, unused. */
function numberByHash(words: Uint32Array, count: number, first: number, step: number): Numbered {
  const blocks = new Int32Array(count);
  let bits = 12;
  let table = new Uint32Array(4 << bits);
  let distinct = 0;
  for (let i = 0, at = first; i < count; i++, at += step) {
    if (2 * distinct >= 1 << bits) {
      const before = table;
      bits += 2;
      table = new Uint32Array(4 << bits);
      for (let from = 0; from < before.length; from += 4)
        if (before[from + 2] !== 0) table.set(before.subarray(from, from + 3), placeOf(table, bits, before[from], before[from + 1]));
    }
    const place = placeOf(table, bits, words[at], words[at + 1]);
    if (table[place + 2] === 0) {
      table[place] = words[at];
      table[place + 1] = words[at + 1];
      table[place + 2] = ++distinct;
    }
    blocks[i] = table[place + 2] - 1;
  }
  return {blocks, distinct};
}

/** Where the id is, or would be. */
function placeOf(table: Uint32Array, bits: number, low: number, high: number): number {
  const mask = table.length - 1;
  let place = ((Math.imul(Math.imul(high, 0x85ebca6b) ^ low, 0x9e3779b1) >>> (32 - bits)) << 2) & mask;
  while (table[place + 2] !== 0 && (table[place] !== low || table[place + 1] !== high)) place = (place + 4) & mask;
  return place;
}

/** Numbers texts or numbers as they come. */
export class Names {
  private readonly numbers = new Map<string | number, number>();

  numberOf(name: string | number): number {
    let number = this.numbers.get(name);
    if (number === undefined) this.numbers.set(name, (number = this.numbers.size));
    return number;
  }

  get distinct(): number {
    return this.numbers.size;
  }
}
