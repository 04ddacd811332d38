/**
 * Runs on other machines: a sweep puts its runs into a queue on Redis (BullMQ), workers anywhere take them. Runs are deterministic and named
 * by content, so at least once is enough: a run whose worker died is given to another, a run that two have made is the same twice. Results come
 * back through the queue; the sweep asks for them rather than waiting for an event, which a restart of Redis would lose.
 */
import {Queue, Worker, type ConnectionOptions} from 'bullmq';
import type {Outcome} from './job.ts';
import type {Executor, PlannedJob} from './sweep.ts';

const QUEUE = 'tierscape';
const POLL_MS = 200;
/** A worker that has not renewed its claim on a run for this long is taken for dead. */
const LOCK_MS = 10_000;
/** Runs may lose this many workers before they are given up. */
const DEATHS_MAX = 10;

/** The queue at a redis:// address could not do what was asked. */
export class QueueError extends Error {}

function connectionTo(url: string, patient: boolean): ConnectionOptions {
  const {hostname, port, username, password, pathname, protocol} = new URL(url);
  return {
    host: hostname,
    port: port === '' ? 6379 : Number(port),
    ...(username === '' ? {} : {username: decodeURIComponent(username)}),
    ...(password === '' ? {} : {password: decodeURIComponent(password)}),
    ...(/^\/\d+$/.test(pathname) ? {db: Number(pathname.slice(1))} : {}),
    ...(protocol === 'rediss:' ? {tls: {}} : {}),
    maxRetriesPerRequest: patient ? null : 20,
    retryStrategy: (tries: number) => Math.min(100 * tries, 1000),
  };
}

/** An executor that puts runs into the queue at `url` and collects what workers make of them. */
export function onQueue(url: string): Executor {
  return {
    async run(jobs, ended) {
      const queue = new Queue<PlannedJob, Outcome>(QUEUE, {connection: connectionTo(url, true)});
      queue.on('error', () => {}); // lost connections are retried; a poll that fails is tried again
      try {
        const open = new Map(jobs.map((job) => [job.runId, job]));
        await add(queue, [...open.values()]);
        while (open.size > 0) {
          await collect(queue, open, ended);
          if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
      } finally {
        await queue.close();
      }
    },
  };
}

async function add(queue: Queue<PlannedJob, Outcome>, jobs: readonly PlannedJob[]): Promise<void> {
  await queue.addBulk(jobs.map((job) => ({name: 'run', data: job, opts: {jobId: `run-${job.runId}`, attempts: 1}})));
}

/** Takes what has ended out of the queue; puts back what Redis has forgotten. */
async function collect(
  queue: Queue<PlannedJob, Outcome>,
  open: Map<string, PlannedJob>,
  ended: Parameters<Executor['run']>[1],
): Promise<void> {
  for (const done of await queue.getCompleted(0, 99)) {
    const job = open.get(done.data.runId);
    if (job === undefined) continue;
    ended(job, done.returnvalue);
    open.delete(job.runId);
    await done.remove();
  }
  for (const failed of await queue.getFailed(0, 99)) {
    if (!open.has(failed.data.runId)) continue;
    const reason = failed.failedReason;
    await failed.remove();
    throw new QueueError(`run ${failed.data.runId} failed on its worker: ${reason}`);
  }
  if (open.size === 0) return;
  const counts = await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed');
  if (Object.values(counts).every((count) => count === 0)) await add(queue, [...open.values()]);
}

/** A worker on the queue at `url`: takes up to `concurrency` runs at a time until stopped. `run` must leave this thread's event loop free. */
export function workerOn(url: string, concurrency: number, run: (job: PlannedJob) => Promise<Outcome>): {stop(): Promise<void>} {
  const worker = new Worker<PlannedJob, Outcome>(QUEUE, async ({data}) => run(data), {
    connection: connectionTo(url, true),
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS / 2,
    maxStalledCount: DEATHS_MAX,
  });
  worker.on('error', () => {}); // BullMQ reconnects; a run whose claim was lost meanwhile is given to another worker
  return {stop: async () => worker.close()};
}
