/** Takes a run's latencies request by request, and says at its end where its start ended and within which bounds its figures lie. */
import {Batch, Batches} from './batches.ts';
import {BATCHES, batchesOf, meanBounds, quantileBounds, steadyOf, type Bounds} from './steady.ts';
import type {IntervalBounds, Summary} from './summary.ts';

const LATENCIES = ['ttft', 'tpot', 'e2e'] as const;
type Latency = (typeof LATENCIES)[number];

const unknown: Bounds = {low: null, high: null};
const nothing: IntervalBounds = {mean: unknown, p50: unknown, p90: unknown, p99: unknown};

export class Certainty {
  private readonly batches = new Batches([...LATENCIES, 'good', 'arrival']);

  /** `order`: of arrival. */
  request(order: number, arrivalNs: number, good: boolean): void {
    this.batches.record('arrival', order, arrivalNs);
    this.batches.record('good', order, good ? 1 : 0);
  }

  /** Nanoseconds. */
  latency(name: Latency, order: number, nanoseconds: number): void {
    this.batches.record(name, order, nanoseconds);
  }

  /** @param recorded whether the run is one of a recorded trace: its requests are all there are, so figures have no bounds */
  result(recorded: boolean): Summary['intervals'] {
    const arrivals = this.batches.groups('arrival');
    const first = arrivals.findIndex(({count}) => count > 0); // what came before `warmup:` is not here
    const groups = (name: Latency | 'good' | 'arrival'): readonly Batch[] => this.batches.groups(name).slice(first);
    const steady = LATENCIES.map((name) => steadyOf(groups(name)));
    const start = Math.max(0, ...steady.map((one) => one?.start ?? 0));
    const left = groups('arrival').slice(0, start);
    const basis = recorded ? 'trace' : steady[0] === null ? 'tooShort' : 'batches';
    const bounds = (name: Latency, i: number): [Latency, IntervalBounds] => [
      name,
      basis !== 'batches' || steady[i] === null ? nothing : boundsOf(batchesOf(groups(name).slice(start))),
    ];
    return {
      basis,
      batches: basis === 'batches' ? BATCHES : 0,
      warmup: {
        requests: left.reduce((sum, {count}) => sum + count, 0),
        seconds: left.reduce((last, {max}) => Math.max(last, max), 0) / 1e9,
      },
      ...(Object.fromEntries(LATENCIES.map(bounds)) as {[L in Latency]: IntervalBounds}),
      goodput: {share: basis === 'batches' ? meanBounds(batchesOf(groups('good').slice(start))) : unknown},
    };
  }
}

function boundsOf(batches: readonly Batch[]): IntervalBounds {
  return {
    mean: inSeconds(meanBounds(batches)),
    p50: inSeconds(quantileBounds(batches, 0.5)),
    p90: inSeconds(quantileBounds(batches, 0.9)),
    p99: inSeconds(quantileBounds(batches, 0.99)),
  };
}

function inSeconds({low, high}: Bounds): Bounds {
  const seconds = (nanoseconds: number | null): number | null => (nanoseconds === null ? null : nanoseconds / 1e9);
  return {low: seconds(low), high: seconds(high)};
}
