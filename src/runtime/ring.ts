/**
 * A ring moves batches: rows of request columns are handed over by count, rows of completion columns come back. The columns are the very
 * memory that the engine reads, so a batch costs one call and no allocation.
 */
import {Fault, faultOfCreate} from './faults.ts';
import {FsRing} from './fsRing.ts';
import {KIND_POOL, KIND_URING, loadAddon, type Addon} from './native.ts';
import {NativeRing} from './nativeRing.ts';

export const OP_NOP = 0;
export const OP_READ = 1;
export const OP_WRITE = 2;
/** fdatasync. */
export const OP_SYNC = 3;

/** Requests: fill the first rows, then submit(). */
export interface Requests {
  readonly op: Int32Array;
  /** Index into the descriptors given to setFiles(). */
  readonly file: Int32Array;
  /** Bytes. */
  readonly length: Int32Array;
  /** Comes back with the completion. */
  readonly tag: Int32Array;
  /** Bytes from the start of the file. */
  readonly offset: Float64Array;
  /** Bytes from the start of the arena. */
  readonly buffer: Float64Array;
}

export interface Completions {
  readonly tag: Int32Array;
  /** Bytes moved, or -errno. Less than asked for is a failure, too. */
  readonly result: Int32Array;
  /** CLOCK_MONOTONIC (process.hrtime's clock) when the batch was handed over, and when the completion was seen. */
  readonly submittedNs: Float64Array;
  readonly completedNs: Float64Array;
}

export type EngineName = 'io_uring' | 'native-pool' | 'fs';

/** What does the work; every report names it. */
export interface EngineInfo {
  readonly name: EngineName;
  /** io_uring's setup flags, shortest names. */
  readonly flags: readonly string[];
  /** Whether the kernel holds the buffers' pages for good. */
  readonly fixedBuffers: boolean;
  readonly hugePages: boolean;
  /** Threads of a pool; 0 for io_uring. */
  readonly threads: number;
  /** Better engines that could not be had, and why. */
  readonly refused: readonly string[];
}

export interface Ring {
  readonly engine: EngineInfo;
  /** Requests in flight at most, and rows of the columns. */
  readonly depth: number;
  readonly inFlight: number;
  readonly arena: Uint8Array;
  readonly requests: Requests;
  readonly completions: Completions;
  /** The files that requests name by index. Nothing may be in flight. */
  setFiles(descriptors: readonly number[]): void;
  /** Hands over the first `count` rows. Throws RangeError if that is more than depth allows, or a row lies outside arena or files. */
  submit(count: number): void;
  /** `handle` is called from the event loop, never inside submit, when completions fill the first `count` rows. Once a ring. */
  onComplete(handle: (count: number) => void): void;
  /** Ends what can be ended and waits for the rest; nothing completes after it. */
  close(): void;
}

export interface RingOptions {
  /** 1 to 4096. */
  readonly depth: number;
  /** Up to 1 GiB, rounded up to 2 MiB. */
  readonly arenaBytes: number;
  /** auto: the best that can be had. */
  readonly engine?: EngineName | 'auto';
  /** Of a native pool; default 16, at most depth. */
  readonly threads?: number;
  /** Default true: large requests are up to three times as fast with them (docs/model/io-uring.md). */
  readonly hugePages?: boolean;
}

const POOL_THREADS = 16;

/** Opens the best ring that this machine allows, or the one asked for. Throws Fault where that one cannot be had. */
export function openRing(options: RingOptions): Ring {
  const wanted = options.engine ?? 'auto';
  const refused: string[] = [];
  if (wanted !== 'fs') {
    const ring = openNative(options, refused);
    if (ring !== null) return ring;
  }
  return new FsRing(options.depth, options.arenaBytes, refused);
}

/** A ring of the addon, for those who wait in a worker thread (NativeRing.enter). Throws Fault where there is none. */
export function openBlockingRing(options: RingOptions): NativeRing {
  const refused: string[] = [];
  const ring = openNative(options, refused);
  if (ring === null) throw new Fault('URING_UNSUPPORTED', refused.join('; '));
  return ring;
}

function openNative(options: RingOptions, refused: string[]): NativeRing | null {
  const addon = loadAddon();
  const wanted = options.engine ?? 'auto';
  if (typeof addon === 'string') {
    if (wanted !== 'auto') throw new Fault('URING_UNSUPPORTED', `${wanted}: ${addon}`);
    refused.push(`io_uring: ${addon}`);
    return null;
  }
  if (wanted !== 'native-pool') {
    const ring = create(addon, KIND_URING, options, refused);
    if (!(ring instanceof Fault)) return ring;
    if (wanted === 'io_uring') throw ring;
    refused.push(`io_uring: ${ring.message}`);
  }
  const ring = create(addon, KIND_POOL, options, refused);
  if (!(ring instanceof Fault)) return ring;
  if (wanted === 'native-pool') throw ring;
  refused.push(`native-pool: ${ring.message}`);
  return null;
}

function create(
  addon: Addon,
  kind: number,
  {depth, arenaBytes, threads = POOL_THREADS, hugePages = true}: RingOptions,
  refused: readonly string[],
): NativeRing | Fault {
  const created = addon.create(kind, depth, arenaBytes, threads, hugePages ? 1 : 0);
  if (!('handle' in created)) return faultOfCreate(created.error, created.step);
  return new NativeRing(addon, created, kind, depth, refused);
}
