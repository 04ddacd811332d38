/** Lengths in tokens, lognormal, given by their median and 95th percentile. */
import {exp, ln} from '../base/mathematics.ts';
import type {Stream} from '../base/random.ts';

export interface Length {
  readonly median: number;
  readonly p95: number;
}

/** The 95th percentile of a standard normal. */
const SCORE_95 = 1.6449;

/** Declares a length; `source` of both numbers. */
export function lengthParam<Median extends number, P95 extends number>(median: Median, p95: P95, meaning: string, source: string) {
  const tokens = {type: 'number', min: 1, max: 1e7, source} as const;
  return {
    type: 'group',
    meaning,
    params: {
      median: {...tokens, default: median, meaning: 'Half are shorter.'},
      p95: {...tokens, default: p95, meaning: 'All but a twentieth are shorter.'},
    },
  } as const;
}

export function drawLength(stream: Stream, {median, p95}: Length): number {
  return Math.max(1, Math.round(median * exp((ln(p95 / median) / SCORE_95) * stream.normal())));
}

/** The name of a length that does not rise; null where all do. */
export function lengthFault(lengths: {readonly [name: string]: Length}): {field: string; message: string} | null {
  const bad = Object.entries(lengths).find(([, {median, p95}]) => p95 < median);
  return bad === undefined ? null : {field: bad[0], message: `p95 ${bad[1].p95} lies below the median ${bad[1].median}`};
}
