/**
 * How far a miss ratio would be off with other sessions of the same kind: the cluster bootstrap (Field and Welsh, J. R. Statist. Soc. B 69, 2007; Efron and
 * Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 for percentiles). Whole sessions are drawn with replacement, as many as there are, and
 * misses are set against references of what was drawn. Requests of one session are alike, so that resampling them one by one would promise too much.
 *
 * The counts are those of one replay: what sessions did to each other in the cache is not drawn again.
 */
import {Stream} from '../base/random.ts';
import {requestsIn, requestStart, type LabTrace} from './trace.ts';

export interface RatioInterval {
  readonly low: number;
  readonly high: number;
}

/** So many that the 2.5th and 97.5th percentiles are the 50th of them from either end. */
const RESAMPLES = 1999;
const OUTSIDE = 50;

/** References and misses of each session that has any. */
export interface SessionCounts {
  readonly references: readonly number[];
  readonly misses: readonly number[];
}

/** @param trace with sessions @param missesOf of each request */
export function countsBySession(trace: LabTrace, missesOf: Uint32Array): SessionCounts {
  const references: number[] = [];
  const misses: number[] = [];
  const places = new Map<number, number>();
  for (let request = 0; request < requestsIn(trace); request++) {
    const length = requestStart(trace, request + 1) - requestStart(trace, request);
    if (length === 0) continue;
    const session = trace.sessions![request];
    let place = places.get(session);
    if (place === undefined) {
      places.set(session, (place = references.push(0) - 1));
      misses.push(0);
    }
    references[place] += length;
    misses[place] += missesOf[request];
  }
  return {references, misses};
}

/** Of 95 %. Equal seeds draw the same sessions, whatever was counted of them: policies are resampled alike. @param counts of at least one session */
export function bootstrapInterval({references, misses}: SessionCounts, seed: number): RatioInterval {
  const stream = new Stream(seed, 'lab/bootstrap');
  const ratios = new Float64Array(RESAMPLES);
  for (let sample = 0; sample < RESAMPLES; sample++) {
    let missed = 0;
    let referenced = 0;
    for (let draw = 0; draw < references.length; draw++) {
      const session = stream.below(references.length);
      missed += misses[session];
      referenced += references[session];
    }
    ratios[sample] = missed / referenced;
  }
  ratios.sort();
  return {low: ratios[OUTSIDE - 1], high: ratios[RESAMPLES - OUTSIDE]};
}
