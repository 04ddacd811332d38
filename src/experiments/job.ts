/** One run of many: plain data that a thread or another machine can be handed, and what comes back. */
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {catalogue} from '../catalogue.ts';
import {Histogram} from '../metrics/histogram.ts';
import type {Summary} from '../metrics/summary.ts';
import type {Override} from '../scenario/overrides.ts';
import {UnreadableError} from '../scenario/diagnostics.ts';
import {loadScenario} from '../scenario/load.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {simulateSettled} from '../simulation/settled.ts';
import type {WorkloadSource} from '../workload/ports.ts';

export interface Job {
  /** Names the scenario in messages; trace paths are relative to it. */
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly Override[];
  /** Added to the scenario's seed: 0 is the scenario as it stands. */
  readonly replication: number;
}

/** [seconds, share of requests that took no longer], thinned to CURVE_POINTS. */
export type Curve = readonly (readonly [number, number])[];

export interface Outcome {
  readonly summary: Summary;
  readonly curves: {readonly ttft: Curve; readonly tpot: Curve; readonly e2e: Curve};
}

/** Finds the trace files of a scenario; handed in, because only the command line reads files. */
export type OpenWorkload = (scenario: Scenario, file: string) => WorkloadSource;

/** Shares at which a curve is kept: every 1 %, and the tail to 99.9 %. */
const CURVE_SHARES = [...Array.from({length: 99}, (_, i) => (i + 1) / 100), 0.995, 0.999, 1];

/** @throws ScenarioError with all mistakes of the scenario under the job's overrides */
export function scenarioOf({file, text, overrides, replication}: Job): Scenario {
  const readBeside = (name: string): string => {
    try {
      return fs.readFileSync(path.resolve(path.dirname(file), name), 'utf8');
    } catch (error) {
      throw new UnreadableError(`cannot read ${name}: ${(error as Error).message}`);
    }
  };
  const scenario = loadScenario(text, {file, overrides, readBeside}, catalogue);
  return replication === 0 ? scenario : loadScenario(text, {file, overrides, readBeside, seed: scenario.seed + replication}, catalogue);
}

/**
 * What makes a run the run it is: the scenario as read (every default and override resolved), its traces, and the program. Equal ids give
 * equal results, so a run that is there need not be repeated. Twelve hexadecimal digits.
 */
export function runIdOf(scenario: Scenario, source: WorkloadSource, build: string): string {
  const text = JSON.stringify({build, scenario, traces: source.traces.map(({sha256}) => sha256)}, (_, value: unknown) =>
    value === Infinity ? 'unlimited' : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Runs the job in this thread. */
export function runJob(job: Job, open: OpenWorkload, version: string): Outcome {
  const scenario = scenarioOf(job);
  const ttft = new Histogram();
  const tpot = new Histogram();
  const e2e = new Histogram();
  let warmupNs = 0;
  const summary = simulateSettled(
    scenario,
    () => open(scenario, job.file),
    {
      begin: (info) => (warmupNs = info.warmupNs),
      request: (record) => {
        if (record.outcome !== 'completed' || record.arrivalNs < warmupNs) return;
        e2e.record(record.endNs - record.arrivalNs);
        if (Number.isNaN(record.firstTokenNs)) return;
        ttft.record(record.firstTokenNs - record.arrivalNs);
        if (record.outputTokens > 1) tpot.record((record.endNs - record.firstTokenNs) / (record.outputTokens - 1));
      },
    },
    {version},
  );
  return {summary, curves: {ttft: curveOf(ttft), tpot: curveOf(tpot), e2e: curveOf(e2e)}};
}

function curveOf(histogram: Histogram): Curve {
  if (histogram.count === 0) return [];
  return CURVE_SHARES.map((share) => [Number((histogram.percentile(share) / 1e9).toPrecision(6)), share] as const);
}
