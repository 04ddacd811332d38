/** The last rung: the same columns over fs.read and fs.write, for machines without the addon. libuv's pool does the work; no O_DIRECT, because its buffers are not aligned. */
import fs from 'node:fs';
import os from 'node:os';
import {OP_NOP, OP_READ, OP_WRITE, type Completions, type EngineInfo, type Requests, type Ring} from './ring.ts';

/** libuv's default (UV_THREADPOOL_SIZE). */
const POOL_THREADS = 4;
const {errno} = os.constants;

export class FsRing implements Ring {
  readonly engine: EngineInfo;
  readonly depth: number;
  readonly arena: Uint8Array;
  readonly requests: Requests;
  readonly completions: Completions;
  inFlight = 0;
  private files: readonly number[] = [];
  private handle: (count: number) => void = () => {};
  private done = 0;
  private closed = false;

  constructor(depth: number, arenaBytes: number, refused: readonly string[]) {
    const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? POOL_THREADS);
    this.engine = {name: 'fs', flags: [], fixedBuffers: false, hugePages: false, threads, refused};
    this.depth = depth;
    this.arena = new Uint8Array(arenaBytes);
    const integers = (): Int32Array => new Int32Array(depth);
    const numbers = (): Float64Array => new Float64Array(depth);
    this.requests = {op: integers(), file: integers(), length: integers(), tag: integers(), offset: numbers(), buffer: numbers()};
    this.completions = {tag: integers(), result: integers(), submittedNs: numbers(), completedNs: numbers()};
  }

  setFiles(descriptors: readonly number[]): void {
    this.files = [...descriptors];
  }

  submit(count: number): void {
    if (this.inFlight + count > this.depth) throw new RangeError(`more than ${this.depth} requests in flight`);
    const now = monotonicNs();
    for (let row = 0; row < count; row++) this.checkRow(row);
    this.inFlight += count;
    for (let row = 0; row < count; row++) this.start(row, now);
  }

  onComplete(handle: (count: number) => void): void {
    this.handle = handle;
  }

  close(): void {
    this.closed = true;
    this.inFlight = 0;
  }

  private checkRow(row: number): void {
    const {op, file, length, buffer} = this.requests;
    if (op[row] === OP_NOP) return;
    const outside = op[row] <= OP_WRITE && (buffer[row] < 0 || buffer[row] + length[row] > this.arena.length);
    if (outside || this.files[file[row]] === undefined)
      throw new RangeError('a request lies outside the arena, or names a file that the ring does not have');
  }

  private start(row: number, submittedNs: number): void {
    const {op, file, length, tag, offset, buffer} = this.requests;
    const own = tag[row];
    const ended = (error: NodeJS.ErrnoException | null, bytes = 0): void =>
      this.end(own, error === null ? bytes : (error.errno ?? -errno.EIO), submittedNs);
    const descriptor = this.files[file[row]];
    if (op[row] === OP_NOP) setImmediate(ended, null);
    else if (op[row] === OP_READ) fs.read(descriptor, this.arena, buffer[row], length[row], offset[row], ended);
    else if (op[row] === OP_WRITE) fs.write(descriptor, this.arena, buffer[row], length[row], offset[row], ended);
    else fs.fdatasync(descriptor, ended);
  }

  /** Completions of one turn of the event loop go out together. */
  private end(tag: number, result: number, submittedNs: number): void {
    if (this.closed) return;
    const {completions} = this;
    const row = this.done++;
    completions.tag[row] = tag;
    completions.result[row] = result;
    completions.submittedNs[row] = submittedNs;
    completions.completedNs[row] = monotonicNs();
    if (row === 0) queueMicrotask(() => this.deliver());
  }

  private deliver(): void {
    const count = this.done;
    this.done = 0;
    this.inFlight -= count;
    this.handle(count);
  }
}

/** CLOCK_MONOTONIC in nanoseconds. */
function monotonicNs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e9 + nanoseconds;
}
