/** Times of a real run beside simulated ones. */

/** A line of requests.jsonl: seconds; arrival by one clock, the others by another. */
export interface RealRequest {
  readonly request_id: string;
  readonly input_toks: number;
  readonly output_toks: number;
  readonly arrival_time: number;
  readonly queued_ts: number;
  readonly scheduled_ts: number;
  readonly first_token_ts: number;
  readonly last_token_ts: number;
}

/** What the simulator said of a request, nanoseconds. */
export interface Times {
  readonly arrivalNs: number;
  readonly admittedNs: number;
  readonly firstTokenNs: number;
  readonly endNs: number;
  readonly outputTokens: number;
}

/** Requests that arrive in this many first seconds may be fitted on. */
const FIT_SECONDS = 10;

interface Measure {
  readonly name: string;
  real(request: RealRequest): number;
  simulated(times: Times): number;
}

/** Milliseconds. */
const measures: readonly Measure[] = [
  {
    name: 'ttft',
    real: (r) => (r.first_token_ts - r.queued_ts) * 1e3,
    simulated: (t) => (t.firstTokenNs - t.arrivalNs) / 1e6,
  },
  {
    name: 'tpot',
    real: (r) => ((r.last_token_ts - r.first_token_ts) * 1e3) / (r.output_toks - 1),
    simulated: (t) => (t.endNs - t.firstTokenNs) / 1e6 / (t.outputTokens - 1),
  },
  {
    name: 'e2e',
    real: (r) => (r.last_token_ts - r.queued_ts) * 1e3,
    simulated: (t) => (t.endNs - t.arrivalNs) / 1e6,
  },
];

export function* compare(real: readonly RealRequest[], simulated: readonly Times[]): Generator<string> {
  const first = real[0]!.arrival_time;
  const rest = real.map((request) => request.arrival_time - first >= FIT_SECONDS);
  yield* rows('all requests', real, simulated, () => true);
  yield* rows(`requests after the first ${FIT_SECONDS} s`, real, simulated, (index) => rest[index]!);
}

/** A line of timeseries.csv. */
export interface RunningSample {
  readonly seconds: number;
  readonly running: number;
}

/** Requests held at once, at the instants of the real server's samples. */
export function runningOver(samples: readonly RunningSample[], simulated: readonly Times[]): string {
  const held = (seconds: number): number =>
    simulated.filter(({admittedNs, endNs}) => admittedNs / 1e9 <= seconds && endNs / 1e9 > seconds).length;
  const differences = samples.map(({seconds, running}) => held(seconds) - running);
  const worst = differences.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return `running requests at ${samples.length} samples: mean difference ${mean(differences).toFixed(2)}, mean size ${mean(differences.map(Math.abs)).toFixed(2)}, worst ${worst} (real mean ${mean(samples.map(({running}) => running)).toFixed(1)})`;
}

function* rows(
  title: string,
  real: readonly RealRequest[],
  simulated: readonly Times[],
  wanted: (index: number) => boolean,
): Generator<string> {
  const chosen = real.map((_, index) => index).filter(wanted);
  yield `${title} (${chosen.length}), ms`;
  yield `${''.padEnd(14)}${['real', 'simulated', 'error'].map((head) => head.padStart(12)).join('')}`;
  for (const {name, real: realOf, simulated: simulatedOf} of measures) {
    const there = chosen.map((index) => realOf(real[index]!));
    const here = chosen.map((index) => simulatedOf(simulated[index]!));
    for (const [statistic, of] of statistics) yield row(`${name} ${statistic}`, of(there), of(here));
    const errors = chosen.map((_, i) => Math.abs(here[i]! / there[i]! - 1));
    yield `${`${name} request`.padEnd(14)}${''.padStart(24)}${`${(percentile(errors, 0.5) * 100).toFixed(1)} %`.padStart(12)} median, largest shift of the CDF ${shift(there, here).toFixed(3)}`;
  }
}

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const statistics: readonly [string, (list: readonly number[]) => number][] = [
  ['mean', mean],
  ['median', (list) => percentile(list, 0.5)],
  ['p99', (list) => percentile(list, 0.99)],
];

function row(name: string, real: number, simulated: number): string {
  const error = `${((simulated / real - 1) * 100).toFixed(2)} %`;
  return `${name.padEnd(14)}${[real.toFixed(2), simulated.toFixed(2), error].map((cell) => cell.padStart(12)).join('')}`;
}

/** Nearest rank. */
function percentile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Kolmogorov-Smirnov distance. */
function shift(a: readonly number[], b: readonly number[]): number {
  const below = (list: readonly number[], value: number): number => list.filter((one) => one <= value).length / list.length;
  return Math.max(...[...a, ...b].map((value) => Math.abs(below(a, value) - below(b, value))));
}

/** Scheduled as soon as it was queued: its time to the first token is that of its own steps, and of the one in flight. */
const AT_ONCE_SECONDS = 1e-3;

/**
 * Prints the two host constants that fit the requests of the first ten seconds best: time of every step, and more of it in a step with prefill.
 * What is fitted: each one's time per output token and, where it did not queue, its time from being scheduled to its first token.
 */
export function fitHost(real: readonly RealRequest[], replay: (stepUs: number, prefillUs: number) => readonly Times[]): void {
  const first = real[0]!.arrival_time;
  const early = real.map((_, index) => index).filter((index) => real[index]!.arrival_time - first < FIT_SECONDS);
  const atOnce = early.filter((index) => real[index]!.scheduled_ts - real[index]!.queued_ts < AT_ONCE_SECONDS);
  const tpot = measures[1]!;
  const square = (x: number): number => x * x;
  const loss = (step: number, prefill: number): number => {
    const times = replay(step, prefill);
    const decode = mean(early.map((i) => square(Math.log(tpot.simulated(times[i]!) / tpot.real(real[i]!)))));
    const start = mean(
      atOnce.map((i) =>
        Math.log((times[i]!.firstTokenNs - times[i]!.admittedNs) / 1e9 / (real[i]!.first_token_ts - real[i]!.scheduled_ts)),
      ),
    );
    return decode + square(start);
  };
  const best = {step: 0, prefill: 0, loss: Infinity};
  const search = (center: {step: number; prefill: number}, width: number, grain: number): void => {
    for (let step = Math.max(0, center.step - width); step <= center.step + width; step += grain)
      for (let prefill = Math.max(0, center.prefill - 8 * width); prefill <= center.prefill + 8 * width; prefill += 5 * grain) {
        const there = loss(step, prefill);
        if (there < best.loss) Object.assign(best, {step, prefill, loss: there});
      }
  };
  search({step: 500, prefill: 4000}, 500, 250);
  search({...best}, 150, 50);
  console.log(
    `stepOverhead ${best.step} us, prefillStepOverhead ${best.prefill} us: root of the loss ${(Math.sqrt(best.loss) * 100).toFixed(2)} %`,
  );
}
