/**
 * A log-linear histogram of non-negative numbers: 2^10 buckets an octave, so that a bucket is at most 0.1 % wide and its middle at most 0.05 %
 * from any of its values. Counts are integers, so merging is exact and depends on no order. Pages of an octave are made as they are
 * needed: an empty histogram is small.
 */
const BITS = 10;
const BUCKETS = 1 << BITS;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

export class Histogram {
  count = 0;
  min = Infinity;
  max = -Infinity;
  private sum = 0;
  private compensation = 0;
  private zeros = 0;
  /** By exponent, the counts of that octave's buckets. */
  private readonly octaves: (Float64Array | undefined)[] = [];

  /** Mean of the values themselves, not of their buckets; NaN where there are none. */
  get mean(): number {
    return this.count === 0 ? NaN : (this.sum + this.compensation) / this.count;
  }

  record(value: number): void {
    this.recordMany(value, 1);
  }

  /** The value, `weight` times. */
  recordMany(value: number, weight: number): void {
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.count += weight;
    this.add(value * weight);
    if (value <= 0) {
      this.zeros += weight;
      return;
    }
    float[0] = value;
    const high = words[HIGH]!;
    const octave = high >>> 20;
    const page = this.octaves[octave] ?? (this.octaves[octave] = new Float64Array(BUCKETS));
    page[(high >>> (20 - BITS)) & (BUCKETS - 1)]! += weight;
  }

  /** first, first + increment, ... `count` values, each `weight` times; the work grows with the buckets they cross. */
  recordLinear(first: number, increment: number, count: number, weight: number): void {
    for (let done = 0; done < count;) {
      const value = first + done * increment;
      const fit =
        increment <= 0 || value <= 0 ? (increment === 0 ? count : 1) : Math.max(1, Math.floor((upperEdge(value) - value) / increment) + 1);
      const steps = Math.min(count - done, fit);
      const middle = value + ((steps - 1) * increment) / 2;
      if (steps > 1) {
        this.recordMany(value, weight);
        this.recordMany(value + (steps - 1) * increment, weight);
        if (steps > 2) this.recordMany(middle, weight * (steps - 2));
      } else this.recordMany(value, weight);
      done += steps;
    }
  }

  /** Nearest rank: the smallest value that at least this share of all do not exceed, as its bucket's middle; NaN without values. */
  percentile(share: number): number {
    if (this.count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(share * this.count - 1e-9));
    if (rank >= this.count) return this.max;
    if (rank <= 1) return this.min;
    let seen = this.zeros;
    if (seen >= rank) return this.min;
    for (let octave = 0; octave < this.octaves.length; octave++) {
      const page = this.octaves[octave];
      if (page === undefined) continue;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        seen += page[bucket]!;
        if (seen >= rank) return Math.min(this.max, Math.max(this.min, middleOf(octave, bucket)));
      }
    }
    return this.max;
  }

  merge(other: Histogram): void {
    this.count += other.count;
    this.zeros += other.zeros;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.add(other.sum);
    this.add(other.compensation);
    other.octaves.forEach((page, octave) => {
      if (page === undefined) return;
      const mine = this.octaves[octave] ?? (this.octaves[octave] = new Float64Array(BUCKETS));
      for (let bucket = 0; bucket < BUCKETS; bucket++) mine[bucket]! += page[bucket]!;
    });
  }

  /** [value, share of all that do not exceed it], one a bucket that holds anything: the CDF. */
  cumulative(): [number, number][] {
    const points: [number, number][] = [];
    let seen = this.zeros;
    if (seen > 0) points.push([0, seen / this.count]);
    this.octaves.forEach((page, octave) => {
      if (page === undefined) return;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        if (page[bucket] === 0) continue;
        seen += page[bucket]!;
        points.push([middleOf(octave, bucket), seen / this.count]);
      }
    });
    return points;
  }

  /** Neumaier's sum: the last bit does not depend on how many small values follow a large one. */
  private add(value: number): void {
    const total = this.sum + value;
    this.compensation += Math.abs(this.sum) >= Math.abs(value) ? this.sum - total + value : value - total + this.sum;
    this.sum = total;
  }
}

function edge(octave: number, bucket: number): number {
  words[1 - HIGH] = 0;
  words[HIGH] = (octave << 20) | (bucket << (20 - BITS));
  return float[0]!;
}

function middleOf(octave: number, bucket: number): number {
  const low = edge(octave, bucket);
  const high = bucket + 1 < BUCKETS ? edge(octave, bucket + 1) : edge(octave + 1, 0);
  return (low + high) / 2;
}

/** Where the value's bucket ends. */
function upperEdge(value: number): number {
  float[0] = value;
  const next = (words[HIGH]! >>> (20 - BITS)) + 1;
  words[1 - HIGH] = 0;
  words[HIGH] = next << (20 - BITS);
  return float[0]!;
}
