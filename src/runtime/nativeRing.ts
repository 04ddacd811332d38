/** A ring of the addon: io_uring, or a pool of threads behind the same columns. */
import {markAsUntransferable} from 'node:worker_threads';
import {Fault, errnoName} from './faults.ts';
import {KIND_URING, type Addon, type Created, type Handle} from './native.ts';
import type {Completions, EngineInfo, Requests, Ring} from './ring.ts';

/** IORING_SETUP flags that the addon asks for. */
const flagNames: readonly [number, string][] = [
  [1 << 3, 'CQSIZE'],
  [1 << 8, 'COOP_TASKRUN'],
  [1 << 12, 'SINGLE_ISSUER'],
  [1 << 13, 'DEFER_TASKRUN'],
];
const EINVAL = 22;
const ENOSPC = 28;

export class NativeRing implements Ring {
  readonly engine: EngineInfo;
  readonly depth: number;
  readonly arena: Uint8Array;
  readonly requests: Requests;
  readonly completions: Completions;
  inFlight = 0;
  private readonly addon: Addon;
  private readonly handle: Handle;

  constructor(addon: Addon, created: Created, kind: number, depth: number, refused: readonly string[]) {
    this.addon = addon;
    this.handle = created.handle;
    this.depth = depth;
    this.engine = {
      name: kind === KIND_URING ? 'io_uring' : 'native-pool',
      flags: flagsOf(created.flags),
      fixedBuffers: created.fixedBuffers === 1,
      hugePages: created.hugePages === 1,
      threads: created.threads,
      refused,
    };
    // The kernel writes to this memory: another thread must never own it.
    markAsUntransferable(created.arena);
    markAsUntransferable(created.control);
    this.arena = new Uint8Array(created.arena);
    // The order of map_columns in native/engine.c.
    const numbers = (column: number): Float64Array => new Float64Array(created.control, column * depth * 8, depth);
    const integers = (column: number): Int32Array => new Int32Array(created.control, (4 * 8 + column * 4) * depth, depth);
    this.requests = {offset: numbers(0), buffer: numbers(1), op: integers(0), file: integers(1), length: integers(2), tag: integers(3)};
    this.completions = {submittedNs: numbers(2), completedNs: numbers(3), tag: integers(4), result: integers(5)};
  }

  setFiles(descriptors: readonly number[]): void {
    this.check(this.addon.files(this.handle, Int32Array.from(descriptors)));
  }

  submit(count: number): void {
    this.check(this.addon.submit(this.handle, count));
    this.inFlight += count;
  }

  /**
   * Hands over `count` rows and waits, in this thread, until `min` of all in flight are complete or the time is over (negative: no limit).
   * Returns how many rows of completions there are. For worker threads; wait with a limit there, or terminate() waits, too.
   */
  enter(count: number, min: number, timeoutNs: number): number {
    const done = this.check(this.addon.enter(this.handle, count, min, timeoutNs));
    this.inFlight += count - done;
    return done;
  }

  onComplete(handle: (count: number) => void): void {
    this.check(
      this.addon.listen(this.handle, () => {
        const done = this.check(this.addon.complete(this.handle, 0, 0));
        this.inFlight -= done;
        if (done > 0) handle(done);
      }),
    );
  }

  close(): void {
    this.addon.close(this.handle);
    this.inFlight = 0;
  }

  private check(result: number): number {
    if (result >= 0) return result;
    if (result === -EINVAL) throw new RangeError('a request lies outside the arena, or names a file that the ring does not have');
    if (result === -ENOSPC) throw new RangeError(`more than ${this.depth} requests in flight`);
    throw new Fault('DEVICE_ERROR', `${this.engine.name}: ${errnoName(-result)}`);
  }
}

/** Names of the setup flags in force. */
export function flagsOf(flags: number): string[] {
  return flagNames.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name);
}
