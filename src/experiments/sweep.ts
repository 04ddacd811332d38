/** A sweep: many runs of one scenario, those already made taken from the store. Results are in the order of the jobs, whoever ran them when. */
import type {Override} from '../scenario/overrides.ts';
import {runIdOf, scenarioOf, type Job, type OpenWorkload, type Outcome} from './job.ts';
import type {Store} from './store.ts';

/** Runs jobs somewhere, in any order, and tells of each that ends. */
export interface Executor {
  run(jobs: readonly PlannedJob[], ended: (job: PlannedJob, outcome: Outcome) => void): Promise<void>;
}

export interface PlannedJob extends Job {
  readonly index: number;
  readonly runId: string;
}

export interface Plan {
  readonly jobs: readonly PlannedJob[];
  /** Of those, the ones that have not been run. */
  readonly open: readonly PlannedJob[];
}

/** One row of a sweep's results. */
export interface SweepRow {
  readonly job: PlannedJob;
  readonly outcome: Outcome;
}

/** Names every run before any is made: a mistake in one of them is found at once. @throws ScenarioError */
export function planSweep(
  scenario: {readonly file: string; readonly text: string},
  points: readonly (readonly Override[])[],
  replications: number,
  context: {readonly open: OpenWorkload; readonly build: string; readonly store: Store},
): Plan {
  const jobs: PlannedJob[] = [];
  for (const overrides of points) {
    for (let replication = 0; replication < replications; replication++) {
      const job = {...scenario, overrides, replication};
      const read = scenarioOf(job);
      jobs.push({...job, index: jobs.length, runId: runIdOf(read, context.open(read, job.file), context.build)});
    }
  }
  const seen = new Set<string>();
  const open = jobs.filter(({runId}) => !context.store.has(runId) && !seen.has(runId) && seen.add(runId));
  return {jobs, open};
}

/** The part of the open jobs that shard k of n makes (k from 1): by run id, so that neighbours, which cost alike, are spread. */
export function shardOf(open: readonly PlannedJob[], k: number, n: number): PlannedJob[] {
  return open.filter(({runId}) => Number.parseInt(runId.slice(0, 8), 16) % n === k - 1);
}

/** Every row, in order; null where a run is still missing. */
export function gather(plan: Plan, store: Store): SweepRow[] | null {
  const rows: SweepRow[] = [];
  for (const job of plan.jobs) {
    const outcome = store.read(job.runId);
    if (outcome === null) return null;
    rows.push({job, outcome});
  }
  return rows;
}
