/** Misses over time: a trace cut into windows of so many requests, or of so much of its own time. */
import {requestsIn, requestStart, type LabTrace} from './trace.ts';

export interface WindowRule {
  readonly unit: 'requests' | 'time';
  /** Requests, or nanoseconds; > 0. The last window may be shorter. */
  readonly length: number;
}

export interface Window {
  /** Where it begins: requests before it, or seconds since the trace's first request. */
  readonly from: number;
  readonly references: number;
  readonly misses: number;
  readonly missRatio: number;
  /** null where sizes are not honoured. */
  readonly byteMissRatio: number | null;
}

/** Windows without a reference are left out. @param trace with times where the rule is of time @param misses of each request */
export function windowsOf(trace: LabTrace, {unit, length}: WindowRule, misses: Uint32Array): Window[] {
  const windows: Window[] = [];
  const numberOf = (request: number): number => Math.floor((unit === 'time' ? trace.times![request] : request) / length);
  for (let first = 0, last = 0; first < requestsIn(trace); first = last) {
    const number = numberOf(first);
    while (last < requestsIn(trace) && numberOf(last) === number) last++;
    if (requestStart(trace, first) < requestStart(trace, last))
      windows.push(windowOf(trace, first, last, misses, (number * length) / (unit === 'time' ? 1e9 : 1)));
  }
  return windows;
}

/** Requests [first, last). */
function windowOf(trace: LabTrace, first: number, last: number, misses: Uint32Array, from: number): Window {
  const references = requestStart(trace, last) - requestStart(trace, first);
  let missed = 0;
  for (let request = first; request < last; request++) missed += misses[request];
  return {from, references, misses: missed, missRatio: missed / references, byteMissRatio: byteMissRatio(trace, first, last, misses)};
}

function byteMissRatio({sizes}: LabTrace, first: number, last: number, misses: Uint32Array): number | null {
  if (sizes === null) return null;
  let bytes = 0;
  let missBytes = 0;
  for (let i = first; i < last; i++) {
    bytes += sizes[i];
    missBytes += misses[i] * sizes[i];
  }
  return missBytes / bytes;
}
