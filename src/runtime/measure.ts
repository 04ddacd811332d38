/** One load on one target, measured: a closed loop that keeps `depth` requests in flight, or an open one with Poisson arrivals, whole in C. */
import {setTimeout as sleep} from 'node:timers/promises';
import {faultOfCreate, faultOfResult, Fault, type FaultCode} from './faults.ts';
import {bucketOf, FIO_BUCKETS} from './fioBuckets.ts';
import {FsRing} from './fsRing.ts';
import {KIND_POOL, KIND_URING, loadAddon} from './native.ts';
import {flagsOf} from './nativeRing.ts';
import {OP_READ, OP_WRITE, type EngineInfo, type EngineName} from './ring.ts';

export interface Load {
  readonly engine: EngineName | 'auto';
  readonly descriptor: number;
  /** Bytes of a request. */
  readonly sizeBytes: number;
  /** Requests fall on multiples of their size in [startBytes, endBytes). */
  readonly startBytes: number;
  readonly endBytes: number;
  readonly depth: number;
  /** Share of reads, 0 to 1. */
  readonly readShare: number;
  /** Runs this long before anything counts, then for `seconds`. */
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Poisson arrivals a second; null: a closed loop. */
  readonly perSecond: number | null;
  /** Offsets and mix; a fresh one every run, or a host's cache answers. */
  readonly seed: number;
  /** Core to run on; null: any. */
  readonly core: number | null;
  /** Requests that touch no device: the price of the path. */
  readonly nop?: boolean;
  /** Default true. */
  readonly hugePages?: boolean;
}

export interface Measured {
  readonly engine: EngineInfo;
  readonly seconds: number;
  readonly requests: number;
  readonly bytes: number;
  /** CPU time of the loop's thread (of the process, for a pool). */
  readonly cpuNs: number;
  /** Requests in the second half over those in the first; far from 1 is not steady. */
  readonly drift: number;
  /** Requests that failed or came short, warm-up included, and how the first of them failed. */
  readonly failed: number;
  readonly failure: FaultCode | null;
  /** Times at which an open loop had no place left for an arrival. */
  readonly delayed: number;
  readonly meanNs: number;
  /** Counts by fio's buckets. */
  readonly reads: Float64Array;
  readonly writes: Float64Array;
}

/** Runs a load on the best engine that can be had, or the one asked for. Throws Fault where that one cannot be had. */
export async function measure(load: Load): Promise<Measured> {
  const refused: string[] = [];
  const addon = loadAddon();
  if (typeof addon === 'string') {
    if (load.engine !== 'auto' && load.engine !== 'fs') throw new Fault('URING_UNSUPPORTED', `${load.engine}: ${addon}`);
    if (load.engine === 'auto') refused.push(`io_uring: ${addon}`);
    return measureFs(load, refused);
  }
  for (const [name, kind] of [
    ['io_uring', KIND_URING],
    ['native-pool', KIND_POOL],
  ] as const) {
    if (load.engine !== 'auto' && load.engine !== name) continue;
    const out = await addon.measure(describe(load, kind));
    if (out[0] === 0) return read(out, name, name === 'io_uring' ? 0 : load.depth, refused);
    const fault = out[1] === 0 ? new Fault('DEVICE_ERROR', `${name}: errno ${out[0]}`) : faultOfCreate(out[0]!, out[1]!);
    if (load.engine === name || out[1] === 0) throw fault;
    refused.push(`${name}: ${fault.message}`);
  }
  return measureFs(load, refused);
}

/** struct load of native/loop.h. */
function describe(load: Load, kind: number): Float64Array {
  const first = Math.ceil(load.startBytes / load.sizeBytes);
  const blocks = Math.floor(load.endBytes / load.sizeBytes) - first;
  if (blocks < 1) throw new Fault('NOT_A_TARGET', `the target is too small for requests of ${load.sizeBytes} bytes`, true);
  return Float64Array.from([
    kind,
    load.descriptor,
    load.depth,
    load.depth,
    load.sizeBytes,
    first * load.sizeBytes,
    blocks,
    load.readShare,
    load.warmSeconds * 1e9,
    load.seconds * 1e9,
    load.perSecond ?? 0,
    load.seed,
    load.core ?? -1,
    load.nop ? 1 : 0,
    load.hugePages === false ? 0 : 1,
  ]);
}

/** struct outcome of native/loop.h. */
function read(out: Float64Array, name: EngineName, threads: number, refused: readonly string[]): Measured {
  const [, , flags, fixed, huge, elapsedNs, cpuNs, requests, bytes, first, second, failed, failure, short, readNs, writeNs, delayed] =
    out as unknown as number[];
  return {
    engine: {name, flags: flagsOf(flags!), fixedBuffers: fixed === 1, hugePages: huge === 1, threads, refused},
    seconds: elapsedNs! / 1e9,
    requests: requests!,
    bytes: bytes!,
    cpuNs: cpuNs!,
    drift: second! / first!,
    failed: failed! + short!,
    failure: failed! > 0 ? faultOfResult(-failure!, 1) : short! > 0 ? 'SHORT_IO' : null,
    delayed: delayed!,
    meanNs: (readNs! + writeNs!) / requests!,
    reads: out.slice(17, 17 + FIO_BUCKETS),
    writes: out.slice(17 + FIO_BUCKETS),
  };
}

/** The same closed loop over fs.read, for machines without the addon. */
async function measureFs(load: Load, refused: readonly string[]): Promise<Measured> {
  if (load.perSecond !== null) throw new Fault('URING_UNSUPPORTED', 'open loops need the addon', true);
  const ring = new FsRing(load.depth, load.depth * load.sizeBytes, refused);
  ring.setFiles([load.descriptor]);
  const [, , , , , startBytes, blocks] = describe(load, 0) as unknown as number[];
  const {requests, completions} = ring;
  const tally = {requests: 0, readNs: 0, first: 0, failed: 0, failure: null as FaultCode | null};
  const reads = new Float64Array(FIO_BUCKETS);
  const writes = new Float64Array(FIO_BUCKETS);
  const isWrite = new Uint8Array(load.depth);
  const begin = performance.now() + load.warmSeconds * 1e3;
  const end = begin + load.seconds * 1e3;
  const submit = (places: readonly number[]): void => {
    places.forEach((place, row) => {
      isWrite[place] = Math.random() < load.readShare ? 0 : 1;
      requests.op[row] = isWrite[place] ? OP_WRITE : OP_READ;
      requests.length[row] = load.sizeBytes;
      requests.tag[row] = place;
      requests.offset[row] = startBytes! + Math.floor(Math.random() * blocks!) * load.sizeBytes;
      requests.buffer[row] = place * load.sizeBytes;
    });
    ring.submit(places.length);
  };
  let idle: () => void = () => {};
  ring.onComplete((count) => {
    const now = performance.now();
    const places: number[] = [];
    for (let row = 0; row < count; row++) {
      const place = completions.tag[row]!;
      const fault = faultOfResult(completions.result[row]!, load.sizeBytes);
      places.push(place);
      if (fault !== null) {
        tally.failed++;
        tally.failure ??= fault;
      } else if (now >= begin && now < end) {
        const latency = completions.completedNs[row]! - completions.submittedNs[row]!;
        tally.requests++;
        tally.readNs += latency;
        if (now < (begin + end) / 2) tally.first++;
        (isWrite[place] ? writes : reads)[bucketOf(latency)]!++;
      }
    }
    if (now < end && tally.failed < 1000) submit(places);
    else if (ring.inFlight === 0) idle();
  });
  const drained = new Promise<void>((resolve) => (idle = resolve));
  submit(Array.from({length: load.depth}, (_, place) => place));
  await sleep(load.warmSeconds * 1e3);
  const cpu = process.cpuUsage();
  await drained;
  const used = process.cpuUsage(cpu);
  return {
    engine: ring.engine,
    seconds: load.seconds,
    requests: tally.requests,
    bytes: tally.requests * load.sizeBytes,
    cpuNs: (used.user + used.system) * 1e3,
    drift: (tally.requests - tally.first) / tally.first,
    failed: tally.failed,
    failure: tally.failure,
    delayed: 0,
    meanNs: tally.readNs / tally.requests,
    reads,
    writes,
  };
}
