/**
 * accesses.bin of a run: what each of its pools was asked for (placement/accessLog.ts), a trace a pool. An access is a request of the trace: its
 * blocks are one chain's, head first.
 */
import {wordFileOf, wordHeader} from '../../base/wordFile.ts';
import {TraceError} from '../../workload/ports.ts';
import {numberWords} from '../numbering.ts';
import type {LabTrace} from '../trace.ts';

const FORMAT = 'tierscape accesses';

/** What stands in the file's first line. */
export interface AccessesHeader {
  /** By index. `capacityBlocks` null: unlimited. */
  readonly pools: readonly {readonly name: string; readonly capacityBlocks: number | null}[];
  readonly blockBytes: number;
  readonly ticksPerSecond: number;
}

export function accessesHeader(header: AccessesHeader): Uint8Array {
  return wordHeader({format: FORMAT, version: 1, ...header});
}

export function isAccesses(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 99)).startsWith(`{"format":"${FORMAT}","version":1,`);
}

/** One trace for each pool that was asked for anything. @throws TraceError where the file is another or cut short */
export function readAccesses(name: string, bytes: Uint8Array): LabTrace[] {
  const file = isAccesses(bytes) ? wordFileOf(bytes) : null;
  if (file === null) throw new TraceError(name, 1, 'expected the accesses.bin that `tierscape run --out DIR --accesses` writes');
  const header = file.header as unknown as AccessesHeader;
  const places = placesOf(name, file.words, header.pools.length);
  const traces = header.pools.flatMap((_, pool) =>
    places[pool].length === 0 ? [] : [traceOf(name, header, pool, file.words, places[pool])],
  );
  if (traces.length === 0) throw new TraceError(name, 1, 'no pool was asked for anything');
  return traces;
}

const HEAD_WORDS = 5;

/** Where the accesses of each pool begin. */
function placesOf(name: string, words: Float64Array, pools: number): number[][] {
  const places = Array.from({length: pools}, (): number[] => []);
  let accesses = 0;
  for (let at = 0, end = 0; at + 1 < words.length; at = end, accesses++) {
    if (words[at] === -1 && words[at + 1] === accesses && at + 2 === words.length) return places;
    const runs = words[at + HEAD_WORDS - 1];
    end = at + HEAD_WORDS + 2 * runs;
    const place = places[words[at]];
    if (place === undefined || !(runs >= 1 && end < words.length)) break;
    place.push(at);
  }
  throw new TraceError(name, accesses + 1, `access ${accesses + 1}: the file is cut short or damaged`);
}

function traceOf(name: string, header: AccessesHeader, pool: number, words: Float64Array, places: readonly number[]): LabTrace {
  const {ticksPerSecond, blockBytes, pools} = header;
  const requests = new Int32Array(places.length + 1);
  places.forEach((at, i) => (requests[i + 1] = requests[i] + lengthOf(words, at)));
  const count = requests[places.length];
  const ids = new Uint32Array(2 * count);
  let to = 0;
  for (const at of places)
    for (let run = 0, from = at + HEAD_WORDS; run < words[at + HEAD_WORDS - 1]; run++, from += 2)
      for (let i = 0; i < words[from + 1]; i++, to += 2) {
        ids[to] = words[from] + i;
        ids[to + 1] = (words[from] + i) / 2 ** 32;
      }
  const ofSessions = places.every((at) => words[at + 2] >= 0);
  const found = places.reduce((sum, at) => sum + words[at + 3], 0);
  const {name: poolName, capacityBlocks} = pools[pool];
  return {
    name: `${name} ${poolName}`,
    merging: `as the pool saw them in its run, which found ${found} of them with ${capacityBlocks ?? 'unlimited'} blocks of room`,
    ...numberWords(ids, count, 0, 2),
    sizes: null,
    requests,
    times: Float64Array.from(places, (at) => Math.round(((words[at + 1] - words[places[0] + 1]) * 1e9) / ticksPerSecond)),
    sessions: ofSessions ? Int32Array.from(places, (at) => words[at + 2]) : null,
    endings: null,
    prefill: null,
    blockBytes,
  };
}

function lengthOf(words: Float64Array, at: number): number {
  let length = 0;
  for (let run = 0; run < words[at + HEAD_WORDS - 1]; run++) length += words[at + HEAD_WORDS + 2 * run + 1];
  return length;
}
