/** What a policy costs: bytes for each entry of a cache, and time for each reference. Bytes are equal in equal replays; time is a measurement. */
import type {EvictionPolicy, PolicySpace} from '../placement/ports.ts';
import {Belady} from './belady.ts';
import {PluginPolicy} from './pluginPolicy.ts';

/** Nanoseconds since some instant. */
export type Clock = () => number;

export interface Costs {
  /** Of its state when the replay has ended, for each slot that it was made for; null of a clairvoyant, which reads the trace, and of a plug-in. */
  readonly bytesPerEntry: number | null;
  readonly nanoseconds: number;
}

/** Replays of which the median is told, as in `npm run bench:policies`. */
const REPLAYS = 3;

/** @param run one replay, the same each time, of a policy that it makes once by what it is handed @returns what the last one gave, and the costs */
export function measured<T>(
  clock: Clock,
  create: (space: PolicySpace) => EvictionPolicy,
  run: (create: (space: PolicySpace) => EvictionPolicy) => T,
): {readonly result: T; readonly costs: Costs} {
  const times: number[] = [];
  for (;;) {
    let bytesPerEntry = (): number | null => null;
    const began = clock();
    const result = run((space) => {
      const policy = create(space);
      if (!(policy instanceof Belady || policy instanceof PluginPolicy)) bytesPerEntry = () => stateBytesOf(policy) / space.slots;
      return policy;
    });
    times.push(clock() - began);
    if (times.length < REPLAYS) continue;
    return {result, costs: {bytesPerEntry: bytesPerEntry(), nanoseconds: times.sort((a, b) => a - b)[REPLAYS >> 1]}};
  }
}

/** Bytes of an entry, measured with Node 20 at 10^6 and 10^7 of them: of a Map from number to number, from number to object, and of an array. */
const MAP_ENTRY = 45;
const MAP_OBJECT_ENTRY = 125;
const ELEMENT = 8;

/**
 * Bytes that a policy's state takes, shared objects counted once: of columns what they hold, of the entries of a Map and of an array about what V8
 * takes for one (above); functions and single numbers count nothing.
 */
export function stateBytesOf(policy: object): number {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [policy];
  let bytes = 0;
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    if (ArrayBuffer.isView(one)) waiting.push(one.buffer);
    else if (one instanceof ArrayBuffer || one instanceof SharedArrayBuffer) bytes += one.byteLength;
    else if (one instanceof Map)
      for (const value of one.values()) {
        bytes += typeof value === 'object' ? MAP_OBJECT_ENTRY : MAP_ENTRY;
        waiting.push(value);
      }
    else {
      if (Array.isArray(one)) bytes += ELEMENT * one.length;
      for (const value of Object.values(one)) if (typeof value === 'object') waiting.push(value);
    }
  }
  return bytes;
}
