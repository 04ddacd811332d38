/** A latency over all requests and by class, in seconds. */
import {Histogram} from './histogram.ts';
import type {ByClass, Distribution} from './summary.ts';

export class Latencies {
  readonly all = new Histogram();
  private readonly classes = new Map<string, Histogram>();

  record(nanoseconds: number, latencyClass: string): void {
    let histogram = this.classes.get(latencyClass);
    if (histogram === undefined) this.classes.set(latencyClass, (histogram = new Histogram()));
    this.all.record(nanoseconds);
    histogram.record(nanoseconds);
  }

  ofClass(latencyClass: string): Histogram | undefined {
    return this.classes.get(latencyClass);
  }

  result(): Distribution & {readonly byClass: ByClass} {
    const byClass = Object.fromEntries([...this.classes.keys()].sort().map((name) => [name, distribution(this.classes.get(name)!)]));
    return {...distribution(this.all), byClass};
  }
}

/** Nanoseconds in, seconds out. */
export function distribution(histogram: Histogram): Distribution {
  const seconds = (nanoseconds: number): number | null => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : null);
  const at = (share: number): number | null => seconds(histogram.percentile(share));
  return {
    count: histogram.count,
    mean: seconds(histogram.mean),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
    max: seconds(histogram.max),
  };
}
