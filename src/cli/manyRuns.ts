/** What every command that makes many runs shares: where they are kept, where they run, what is said meanwhile and on Ctrl-C. */
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Command} from 'commander';
import {inProcess, inThreads} from '../experiments/executors.ts';
import {runAll} from '../experiments/runAll.ts';
import {Store} from '../experiments/store.ts';
import {gather, planSweep, type Executor, type PlannedJob, type SweepRow} from '../experiments/sweep.ts';
import type {Override} from '../scenario/overrides.ts';
import {SweepProgress} from './sweepProgress.ts';
import {parseQueue} from './queueOption.ts';
import {openWorkload} from './scenarioFile.ts';
import {UserError} from './userError.ts';
import {build, version} from './version.ts';

export interface ManyRunsFlags {
  readonly replications: number;
  readonly threads: number;
  readonly queue?: string;
  readonly out?: string;
}

/** `--replications`, `--threads`, `--out`. */
export function manyRunsOptions(command: Command, replications: number): Command {
  return command
    .option(
      '--replications <n>',
      'runs a point, each with its own seed; the same seeds at every point',
      wholeNumber('--replications', 1),
      replications,
    )
    .option('--threads <n>', 'worker threads; 0: none', wholeNumber('--threads', 0), os.availableParallelism())
    .option('--queue <url>', 'make the runs on the workers of a queue, redis://HOST[:PORT] (tierscape worker)', parseQueue)
    .option('--out <dir>', 'where the results and every run are kept');
}

export class ManyRuns {
  readonly directory: string;
  readonly store: Store;
  private readonly threads: number;
  private readonly queue: string | undefined;
  private readonly replications: number;

  constructor(directory: string, flags: ManyRunsFlags) {
    this.directory = path.resolve(directory);
    this.store = new Store(path.join(this.directory, 'runs'));
    this.threads = flags.threads;
    this.queue = flags.queue;
    this.replications = flags.replications;
  }

  /** Rows of every point x replication, in that order; what has been run before is not run again. */
  async rows(scenario: {readonly file: string; readonly text: string}, points: readonly (readonly Override[])[]): Promise<SweepRow[]> {
    const plan = this.plan(scenario, points);
    await this.run(plan.open, plan.jobs.length);
    return gather(plan, this.store)!;
  }

  plan(scenario: {readonly file: string; readonly text: string}, points: readonly (readonly Override[])[]): ReturnType<typeof planSweep> {
    const absolute = {...scenario, file: path.resolve(scenario.file)};
    return planSweep(absolute, points, this.replications, {open: openWorkload, build, store: this.store});
  }

  /** @param total runs in all, those that are there already included */
  async run(open: readonly PlannedJob[], total: number): Promise<void> {
    const threads = Math.min(this.threads, open.length);
    const executor = await this.executor(threads);
    const progress = new SweepProgress(total, total - open.length, Math.max(1, threads));
    let done = 0;
    const interrupted = (): void => {
      progress.clear();
      const place = path.relative('.', this.directory) || '.';
      process.stderr.write(`interrupted: ${done} of ${open.length} runs are kept in ${place}; the same command goes on\n`);
    };
    process.prependListener('SIGINT', interrupted);
    try {
      await runAll(open, executor, this.store, () => {
        done++;
        progress.step();
      });
    } finally {
      process.removeListener('SIGINT', interrupted);
      progress.clear();
    }
  }

  private async executor(threads: number): Promise<Executor> {
    if (this.queue !== undefined) return (await import('../experiments/queue.ts')).onQueue(this.queue);
    if (threads <= 1) return inProcess(openWorkload, version);
    return inThreads(threads, fileURLToPath(new URL('jobThread.js', import.meta.url)));
  }
}

/** Reads a whole number of at least `least`, for an option. */
export function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,6}$/.test(text) || Number(text) < least) throw new UserError(`${flag} ${text}: write a whole number of at least ${least}`);
    return Number(text);
  };
}

/** results/NAME.KIND beside the place where the command runs. */
export function defaultDirectory(file: string, kind: string): string {
  return path.join('results', `${path.basename(file).replace(/\.ya?ml$/, '')}.${kind}`);
}
