/** Runs whatever of a plan is still open and keeps it; the one way in which every command that makes many runs makes them. */
import type {Store} from './store.ts';
import type {Executor, PlannedJob} from './sweep.ts';

/** @param ended called after each run has been kept */
export async function runAll(jobs: readonly PlannedJob[], executor: Executor, store: Store, ended: () => void): Promise<void> {
  if (jobs.length === 0) return;
  await executor.run(jobs, ({runId}, outcome) => {
    store.write(runId, outcome);
    ended();
  });
}
