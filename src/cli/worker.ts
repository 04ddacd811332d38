/** tierscape worker --queue redis://HOST: takes runs of sweeps from a queue until it is stopped. */
import os from 'node:os';
import {fileURLToPath} from 'node:url';
import type {Command} from 'commander';
import {Tinypool} from 'tinypool';
import type {Outcome} from '../experiments/job.ts';
import {runIdOf, scenarioOf} from '../experiments/job.ts';
import {workerOn} from '../experiments/queue.ts';
import type {PlannedJob} from '../experiments/sweep.ts';
import {wholeNumber} from './manyRuns.ts';
import {parseQueue} from './queueOption.ts';
import {openWorkload} from './scenarioFile.ts';
import {UserError} from './userError.ts';
import {build} from './version.ts';

interface WorkerFlags {
  readonly queue: string;
  readonly threads: number;
  readonly quiet?: boolean;
}

export function register(program: Command): void {
  program
    .command('worker')
    .description('take runs from a queue that sweep --queue fills')
    .requiredOption('--queue <url>', 'redis://HOST[:PORT]', parseQueue)
    .option('--threads <n>', 'runs at a time', wholeNumber('--threads', 1), os.availableParallelism())
    .option('--quiet', 'say nothing')
    .action(work);
}

/** Ends at SIGTERM or SIGINT, its runs finished. */
async function work({queue, threads, quiet}: WorkerFlags): Promise<void> {
  const pool = new Tinypool({filename: fileURLToPath(new URL('jobThread.js', import.meta.url)), minThreads: threads, maxThreads: threads});
  const worker = workerOn(queue, threads, async (job) => {
    checkSame(job);
    const outcome = (await pool.run(job)) as Outcome;
    if (!quiet) process.stderr.write(`${job.runId} ${outcome.summary.digest}\n`);
    return outcome;
  });
  process.removeAllListeners('SIGINT');
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await worker.stop();
  await pool.destroy();
}

/** A worker that would make another run than the one that was asked for refuses: other sources, or other traces. */
function checkSame(job: PlannedJob): void {
  const scenario = scenarioOf(job);
  const own = runIdOf(scenario, openWorkload(scenario, job.file), build);
  if (own !== job.runId) throw new UserError(`this worker's tierscape or traces differ from the sweep's (${own}, not ${job.runId})`);
}
