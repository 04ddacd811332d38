/** Runs the latest task and no other: a newer one ends the worker of the one before it, which has nothing left to say. */
import type {Task, Told} from './worker.ts';

export class Runner {
  private worker: Worker | null = null;
  private busy = false;
  private started = 0;
  private readonly told: (message: Told, milliseconds: number) => void;

  constructor(told: (message: Told, milliseconds: number) => void) {
    this.told = told;
  }

  run(task: Task): void {
    if (this.busy) this.end();
    this.worker ??= this.begin();
    this.started = performance.now();
    this.busy = true;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    this.worker.postMessage(task);
  }

  private begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {type: 'module'});
    worker.addEventListener('message', ({data}: MessageEvent<Told>) => {
      if (worker !== this.worker) return;
      if (data.kind !== 'progress') this.busy = false;
      this.told(data, performance.now() - this.started);
    });
    worker.addEventListener('error', ({message}) => {
      if (worker !== this.worker) return;
      this.end();
      this.told({kind: 'failed', message}, 0);
    });
    return worker;
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
    this.busy = false;
  }
}
