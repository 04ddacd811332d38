/** Where the runs of a sweep are made: in this thread, or in worker threads on every core. */
import {Tinypool} from 'tinypool';
import {runJob, type OpenWorkload, type Outcome} from './job.ts';
import type {Executor, PlannedJob} from './sweep.ts';

/** One after another, in this thread. */
export function inProcess(open: OpenWorkload, version: string): Executor {
  return {
    async run(jobs, ended) {
      for (const job of jobs) {
        ended(job, runJob(job, open, version));
        await new Promise((resolve) => setImmediate(resolve)); // lets an interrupt in
      }
    },
  };
}

/** In `threads` worker threads; `entry` is a module whose default export runs a Job. */
export function inThreads(threads: number, entry: string): Executor {
  return {
    async run(jobs, ended) {
      const pool = new Tinypool({filename: entry, minThreads: Math.min(threads, jobs.length), maxThreads: threads});
      try {
        await Promise.all(jobs.map(async (job: PlannedJob) => ended(job, (await pool.run(job)) as Outcome)));
      } finally {
        await pool.destroy();
      }
    },
  };
}
