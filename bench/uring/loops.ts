/** Closed loops written in JavaScript: batches over the ring, and fs.read. */
import fs from 'node:fs';
import {openBlockingRing, OP_NOP, OP_READ} from '../../src/runtime/ring.ts';
import {MARK_BYTES, type Target} from '../../src/runtime/target.ts';
import type {Rate} from './run.ts';

/** Random reads, `depth` in flight, in this thread: what has come is asked for again, elsewhere, in one call. */
export function jsReads(target: Target, size: number, depth: number, seconds: number, warmSeconds: number, hugePages: boolean): Rate {
  const ring = openBlockingRing({depth, arenaBytes: depth * size, engine: 'io_uring', hugePages});
  ring.setFiles([target.descriptor]);
  const {requests, completions} = ring;
  requests.op.fill(OP_READ);
  requests.length.fill(size);
  const first = Math.ceil(MARK_BYTES / size);
  const blocks = Math.floor(target.bytes / size) - first;
  const put = (row: number, place: number): void => {
    requests.tag[row] = place;
    requests.buffer[row] = place * size;
    requests.offset[row] = (first + Math.floor(Math.random() * blocks)) * size;
  };
  for (let place = 0; place < depth; place++) put(place, place);
  const begin = performance.now() + warmSeconds * 1e3;
  const end = begin + seconds * 1e3;
  let done = ring.enter(depth, 1, -1);
  let reads = 0;
  let cpu = process.cpuUsage();
  let started = false;
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (now >= begin) {
      if (!started) cpu = process.cpuUsage();
      started = true;
      reads += done;
    }
    for (let row = 0; row < done; row++) put(row, completions.tag[row]!);
    done = ring.enter(done, 1, -1);
  }
  const {user, system} = process.cpuUsage(cpu);
  ring.close();
  return {iops: reads / seconds, cpuNs: ((user + system) * 1e3) / reads};
}

/** Nanoseconds a request of the bare path, in batches. */
export function jsNops(batch: number, seconds: number): number {
  const ring = openBlockingRing({depth: batch, arenaBytes: 0, engine: 'io_uring'});
  const {requests, completions} = ring;
  requests.op.fill(OP_NOP);
  const begin = performance.now();
  let count = 0;
  let sum = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1e3) {
    for (let turn = 0; turn < 64; turn++) {
      // As much work in JavaScript as a read would be.
      for (let row = 0; row < batch; row++) {
        requests.tag[row] = row;
        requests.buffer[row] = row * 4096;
        requests.offset[row] = Math.floor(Math.random() * 1e6) * 4096;
      }
      const done = ring.enter(batch, batch, -1);
      for (let row = 0; row < done; row++) sum += completions.tag[row]! + completions.result[row]!;
      count += done;
    }
    elapsed = performance.now() - begin;
  }
  ring.close();
  if (sum < 0) throw new Error('a NOP failed');
  return (elapsed * 1e6) / count;
}

/** The same reads with fs.read. */
export function fsReads(target: Target, size: number, depth: number, seconds: number, warmSeconds: number): Promise<Rate> {
  const ring = openBlockingRing({depth, arenaBytes: depth * size, engine: 'io_uring', hugePages: false}); // for its aligned memory
  const first = Math.ceil(MARK_BYTES / size);
  const blocks = Math.floor(target.bytes / size) - first;
  const begin = performance.now() + warmSeconds * 1e3;
  const end = begin + seconds * 1e3;
  let reads = 0;
  let inFlight = depth;
  let cpu: NodeJS.CpuUsage | null = null;
  return new Promise((resolve, reject) => {
    const read = (place: number): void => {
      fs.read(target.descriptor, ring.arena, place * size, size, (first + Math.floor(Math.random() * blocks)) * size, (error) => {
        if (error !== null) return reject(error);
        const now = performance.now();
        if (now >= begin) {
          cpu ??= process.cpuUsage();
          if (now < end) reads++;
        }
        if (now < end) return read(place);
        if (--inFlight > 0) return;
        const {user, system} = process.cpuUsage(cpu!);
        ring.close();
        resolve({iops: reads / seconds, cpuNs: ((user + system) * 1e3) / reads});
      });
    };
    for (let place = 0; place < depth; place++) read(place);
  });
}
