/**
 * Observations in the order in which they came, gathered in groups of neighbours: what output analysis needs, in memory that does not grow.
 * A group begins as five observations; whenever there would be more than GROUPS of them, neighbours are joined and groups hold twice as many.
 */

/** Groups at most. */
const GROUPS = 256;
/** Observations of a group at first (the 5 of MSER-5). */
const FIRST_SIZE = 5;
/** Buckets an octave: 1.6 % of the value. */
const BITS = 6;
const BUCKETS = 1 << BITS;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Neighbouring observations together: how many, their sum, and a coarse histogram. Values are at least 0. */
export class Batch {
  count = 0;
  sum = 0;
  max = -Infinity;
  private zeros = 0;
  /** Buckets by octave, which is the biased exponent: a few of two thousand. */
  private readonly octaves = new Map<number, Float64Array>();

  /** The observations of all these together. */
  static of(batches: readonly Batch[]): Batch {
    const all = new Batch();
    batches.forEach((batch) => all.add(batch));
    return all;
  }

  get mean(): number {
    return this.sum / this.count;
  }

  record(value: number): void {
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
    if (value <= 0) {
      this.zeros++;
      return;
    }
    float[0] = value;
    const high = words[HIGH]!;
    this.page(high >>> 20)[(high >>> (20 - BITS)) & (BUCKETS - 1)]!++;
  }

  add(other: Batch): void {
    this.count += other.count;
    this.sum += other.sum;
    this.max = Math.max(this.max, other.max);
    this.zeros += other.zeros;
    other.octaves.forEach((theirs, octave) => {
      const page = this.page(octave);
      for (let bucket = 0; bucket < BUCKETS; bucket++) page[bucket]! += theirs[bucket]!;
    });
  }

  /** Share of the observations that do not exceed `value`, even within a bucket. */
  shareUpTo(value: number): number {
    float[0] = Math.max(0, value);
    const high = words[HIGH]!;
    const at = high >>> (20 - BITS);
    let below = this.zeros;
    this.octaves.forEach((page, octave) => {
      if (octave > at >>> BITS) return;
      const buckets = octave < at >>> BITS ? BUCKETS : at & (BUCKETS - 1);
      for (let bucket = 0; bucket < buckets; bucket++) below += page[bucket]!;
    });
    const low = edge(at);
    const within = this.octaves.get(at >>> BITS)?.[at & (BUCKETS - 1)] ?? 0;
    return (below + (within * (value - low)) / (edge(at + 1) - low)) / this.count;
  }

  /** The value that this share of the observations does not exceed, even within a bucket: the inverse of shareUpTo. `share` from 0 to 1. */
  quantile(share: number): number {
    let left = share * this.count - this.zeros;
    if (left <= 0) return 0;
    let last = 0;
    for (const octave of [...this.octaves.keys()].sort((a, b) => a - b)) {
      const page = this.page(octave);
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const count = page[bucket]!;
        if (count === 0) continue;
        const at = (octave << BITS) | bucket;
        last = edge(at + 1);
        if (left <= count) return edge(at) + (left / count) * (last - edge(at));
        left -= count;
      }
    }
    return last;
  }

  private page(octave: number): Float64Array {
    let page = this.octaves.get(octave);
    if (page === undefined) this.octaves.set(octave, (page = new Float64Array(BUCKETS)));
    return page;
  }
}

/** The groups of several series over the same places. */
export class Batches<Series extends string> {
  private readonly lists: {readonly [S in Series]: Batch[]};
  private readonly series: readonly Series[];
  private size = FIRST_SIZE;
  private length = 0;

  constructor(series: readonly Series[]) {
    this.series = series;
    this.lists = Object.fromEntries(series.map((name) => [name, []])) as unknown as {[S in Series]: Batch[]};
  }

  /** `order`: place of the observation in its series, from 0; places may be left out, and come in any order. `value`: at least 0. */
  record(series: Series, order: number, value: number): void {
    while (Math.floor(order / this.size) >= GROUPS) this.fold();
    const group = Math.floor(order / this.size);
    for (; this.length <= group; this.length++) this.series.forEach((name) => this.lists[name].push(new Batch()));
    this.lists[series][group]!.record(value);
  }

  /** In order; groups without an observation are empty. */
  groups(series: Series): readonly Batch[] {
    return this.lists[series];
  }

  private fold(): void {
    for (const name of this.series) {
      const before = this.lists[name].splice(0);
      for (let i = 0; i < before.length; i += 2) {
        if (i + 1 < before.length) before[i]!.add(before[i + 1]!);
        this.lists[name].push(before[i]!);
      }
      this.length = this.lists[name].length;
    }
    this.size *= 2;
  }
}

/** Lower edge of a bucket, by octave and place in it. */
function edge(at: number): number {
  words[1 - HIGH] = 0;
  words[HIGH] = at << (20 - BITS);
  return float[0]!;
}
