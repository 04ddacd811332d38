/**
 * Has a latency curve moved? A baseline is what a scenario gave when somebody looked: at each point of its load curve the digest, a few metrics
 * and whole CDFs. Equal digests are equal runs and pass at once; otherwise every curve and metric is held against its tolerance.
 */
import type {ByState, Summary} from '../metrics/summary.ts';
import type {Curve} from './job.ts';
import {intervalOf} from '../metrics/interval.ts';

/** Shares at which a baseline keeps its CDFs. */
export const CURVE_SHARES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1] as const;
/** Shares between which a shift counts: beyond them a single request moves the curve. */
const JUDGED_FROM = 0.05;
const JUDGED_TO = 0.99;

export const CURVES = ['ttft', 'tpot', 'e2e'] as const;
export type CurveName = (typeof CURVES)[number];

/** Share of mean TTFT from which a state of it is judged. */
const STATE_LEAST = 0.001;

/** Metrics that are judged beside the curves. */
export const METRICS = [
  'ttft.mean',
  'tpot.mean',
  'e2e.mean',
  'cache.hitRatio',
  'goodput.share',
  'throughput.outputTokensPerSecond',
  'energy.joules',
] as const;

/** One run of a baseline. */
export interface BaselineRun {
  readonly digest: string;
  readonly metrics: {readonly [metric: string]: number | null};
  /** Seconds at CURVE_SHARES. */
  readonly curves: {readonly [curve in CurveName]: readonly number[]};
  /** Mean seconds of TTFT by state. */
  readonly attribution: ByState;
}

/** One point of the load curve: a run for each seed. */
export interface BaselinePoint {
  readonly values: readonly string[];
  readonly runs: readonly BaselineRun[];
}

export interface Baseline {
  readonly version: 1;
  /** Of the scenario's text: a changed scenario is another question, not a regression. */
  readonly scenarioSha256: string;
  /** The axes of the load curve, as `--vary` takes them. */
  readonly vary: readonly string[];
  readonly replications: number;
  /** Relative change that is let pass, for curves and metrics. */
  readonly tolerance: number;
  /** Why the baseline is what it is; the latest last. */
  readonly reasons: readonly string[];
  readonly points: readonly BaselinePoint[];
}

/** Something that moved beyond its tolerance, or how far something moved that did not. */
export interface Change {
  readonly values: readonly string[];
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** Relative: after / before - 1; the mean over seeds. */
  readonly shift: number;
  /** Half width of its 95 % interval over seeds, paired; 0 with one seed: the run is deterministic. */
  readonly half: number;
  readonly failed: boolean;
}

export interface Verdict {
  readonly passed: boolean;
  /** Every digest is that of the baseline. */
  readonly identical: boolean;
  readonly changes: readonly Change[];
  /** The smallest relative shift that would have failed: tolerance and noise together. */
  readonly detectable: number;
}

export function runOf(
  summary: Summary,
  curves: {readonly [curve in CurveName]: Curve},
  metrics: ReadonlyMap<string, number | null>,
): BaselineRun {
  return {
    digest: summary.digest,
    metrics: Object.fromEntries(METRICS.map((name) => [name, rounded(metrics.get(name) ?? null)])),
    curves: {ttft: atShares(curves.ttft), tpot: atShares(curves.tpot), e2e: atShares(curves.e2e)},
    attribution: Object.fromEntries(Object.entries(summary.attribution.ttft.mean).map(([state, seconds]) => [state, rounded(seconds)!])),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(9));
}

function atShares(curve: Curve): number[] {
  return curve.length === 0 ? [] : CURVE_SHARES.map((share) => curve.find(([, reached]) => reached >= share - 1e-9)![0]);
}

/** Judges points of one load curve, in the baseline's order. */
export function judgeRuns(baseline: Baseline, points: readonly BaselinePoint[]): Verdict {
  const changes = baseline.points.flatMap((before, i) => judgePoint(before, points[i]!, baseline.tolerance));
  const identical = baseline.points.every((before, i) => before.runs.every(({digest}, r) => digest === points[i]!.runs[r]!.digest));
  return {
    passed: identical || changes.every(({failed}) => !failed),
    identical,
    changes: identical ? [] : changes.filter(({shift}) => shift !== 0),
    detectable: baseline.tolerance + changes.reduce((most, {half}) => Math.max(most, half), 0),
  };
}

function judgePoint(before: BaselinePoint, after: BaselinePoint, tolerance: number): Change[] {
  const pairs = before.runs.map((run, i) => [run, after.runs[i]!] as const);
  const change = (name: string, of: (run: BaselineRun) => number | null | undefined): Change[] => {
    const known = pairs.flatMap(([a, b]) => {
      const [was, is] = [of(a) ?? null, of(b) ?? null];
      return was === null && is === null ? [] : [[was ?? NaN, is ?? NaN] as const];
    });
    if (known.length === 0) return [];
    const {mean, half} = intervalOf(known.map(([was, is]) => (was === is ? 0 : was === 0 ? Infinity : is / was - 1)));
    const noise = half ?? 0;
    const failed = !(Math.abs(mean) - noise <= tolerance);
    return [
      {
        values: before.values,
        name,
        before: intervalOf(known.map(([was]) => was)).mean,
        after: intervalOf(known.map(([, is]) => is)).mean,
        shift: mean,
        half: noise,
        failed,
      },
    ];
  };
  return [
    ...METRICS.flatMap((name) => change(name, (run) => run.metrics[name])),
    ...statesOf(before).flatMap((state) => change(`ttft in ${state}`, (run) => run.attribution[state])),
    ...CURVES.flatMap((curve) =>
      largestShift(
        CURVE_SHARES.flatMap((share, at) =>
          share < JUDGED_FROM || share > JUDGED_TO ? [] : change(`${curve} at ${percentile(share)}`, (run) => run.curves[curve][at]),
        ),
      ),
    ),
  ];
}

/** States that mean TTFT is made of: a resource that few requests wait for moves its own state long before it moves the sum. */
function statesOf({runs}: BaselinePoint): string[] {
  const parts = (run: BaselineRun): [string, number][] => Object.entries(run.attribution);
  const most = Math.max(...runs.map((run) => parts(run).reduce((sum, [, seconds]) => sum + seconds, 0)));
  return [...new Set(runs.flatMap((run) => parts(run).flatMap(([state, seconds]) => (seconds > STATE_LEAST * most ? [state] : []))))];
}

function percentile(share: number): string {
  return `p${Number((share * 100).toFixed(1))}`;
}

/** Of a curve's shifts, the one that counts. */
function largestShift(changes: readonly Change[]): Change[] {
  const score = ({shift, half}: Change): number => (Number.isNaN(shift) ? Infinity : Math.abs(shift) - half);
  return changes.length === 0 ? [] : [changes.reduce((worst, one) => (score(one) > score(worst) ? one : worst))];
}
