/**
 * Where latency goes, for the mean and for the tail: sums of each state's time by bucket of latency, 128 buckets an octave. The tail's table
 * is that of the requests ranked p98.5 to p99.5, the buckets at either end counted in part; memory does not grow with requests.
 */
import type {Attribution, ByState} from './summary.ts';

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

interface Bucket {
  count: number;
  readonly sums: Float64Array;
}

export class AttributionTable {
  private readonly states: readonly string[];
  private readonly buckets = new Map<number, Bucket>();
  private readonly totals: Float64Array;
  private count = 0;
  private hiddenNs = 0;

  constructor(states: readonly string[]) {
    this.states = states;
    this.totals = new Float64Array(states.length);
  }

  record(latencyNs: number, statesNs: Float64Array, hiddenNs: number): void {
    float[0] = Math.max(0, latencyNs);
    const key = words[HIGH]! >>> 13;
    let bucket = this.buckets.get(key);
    if (bucket === undefined) this.buckets.set(key, (bucket = {count: 0, sums: new Float64Array(this.states.length)}));
    bucket.count++;
    this.count++;
    this.hiddenNs += hiddenNs;
    for (let state = 0; state < statesNs.length; state++) {
      bucket.sums[state]! += statesNs[state]!;
      this.totals[state]! += statesNs[state]!;
    }
  }

  /** Seconds by state. */
  result(): Attribution {
    return {
      mean: this.named(this.totals, this.count),
      p99: this.between(0.985, 0.995),
      hiddenSeconds: this.count === 0 ? 0 : this.hiddenNs / this.count / 1e9,
    };
  }

  private between(low: number, high: number): ByState {
    const sums = new Float64Array(this.states.length);
    const first = low * this.count;
    const last = Math.max(high * this.count, Math.min(this.count, first + 1));
    let seen = 0;
    for (const key of [...this.buckets.keys()].sort((a, b) => a - b)) {
      const bucket = this.buckets.get(key)!;
      const share = Math.max(0, Math.min(last, seen + bucket.count) - Math.max(first, seen)) / bucket.count;
      for (let state = 0; state < sums.length; state++) sums[state]! += bucket.sums[state]! * share;
      seen += bucket.count;
    }
    return this.named(sums, last - first);
  }

  private named(sums: Float64Array, count: number): ByState {
    return Object.fromEntries(this.states.map((state, i) => [state, count === 0 ? 0 : sums[i]! / count / 1e9]));
  }
}
