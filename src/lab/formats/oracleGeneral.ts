/**
 * libCacheSim's oracleGeneral: records of 24 bytes, little-endian: u32 time, u64 object id, u32 size, i64 index of the next access to the object (-1:
 * none, in some files the largest i64). The next access is never believed, only used to tell the format from others.
 */
import {TraceError} from '../../workload/ports.ts';
import {numberWords} from '../numbering.ts';
import type {LabTrace} from '../trace.ts';

const RECORD_BYTES = 24;
const WORDS = RECORD_BYTES / 4;
/** Records looked at to recognise the format. */
const PROBE = 1000;

/** Whether the first records can be oracleGeneral: a next access is none or later. */
export function isOracleGeneral(bytes: Uint8Array): boolean {
  return bytes.length >= RECORD_BYTES && faultyRecord(bytes) < 0;
}

/** @param timed whether times are wanted @throws TraceError where a record is cut off, or the file is of another format */
export function readOracleGeneral(name: string, bytes: Uint8Array, timed = false): LabTrace {
  const count = Math.floor(bytes.length / RECORD_BYTES);
  if (count * RECORD_BYTES !== bytes.length)
    throw new TraceError(
      name,
      count + 1,
      `record ${count + 1} is cut off: expected ${RECORD_BYTES} bytes, found ${bytes.length % RECORD_BYTES}`,
    );
  if (count === 0) throw new TraceError(name, 1, 'expected records of 24 bytes, found nothing');
  const fault = faultyRecord(bytes);
  if (fault >= 0)
    throw new TraceError(name, fault + 1, `record ${fault + 1}: expected a next access after it or -1: is this an oracleGeneral trace?`);
  const words = wordsOf(bytes);
  const {blocks, distinct} = numberWords(words, count, 1, WORDS);
  const sizes = new Uint32Array(count);
  for (let i = 0, at = 3; i < count; i++, at += WORDS) sizes[i] = words[at];
  const times = timed ? timesOf(words, count) : null;
  return {
    name,
    merging: '',
    blocks,
    distinct,
    sizes,
    requests: null,
    times,
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

/** Nanoseconds since the first record; one that is recorded late came no earlier than the one before it. */
function timesOf(words: Uint32Array, count: number): Float64Array {
  const times = new Float64Array(count);
  for (let i = 1; i < count; i++) times[i] = Math.max(times[i - 1], (words[i * WORDS] - words[0]) * 1e9);
  return times;
}

/** The first of the probed records that cannot be one, or -1. */
function faultyRecord(bytes: Uint8Array): number {
  const count = Math.floor(bytes.length / RECORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < Math.min(count, PROBE); i++) {
    const low = view.getUint32(i * RECORD_BYTES + 16, true);
    const high = view.getInt32(i * RECORD_BYTES + 20, true);
    const none = (high === -1 && low === 0xffffffff) || high === 0x7fffffff;
    if (!none && (high < 0 || high * 4294967296 + low <= i)) return i;
  }
  return -1;
}

/** The bytes as little-endian words, in place where they are aligned. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2);
}
