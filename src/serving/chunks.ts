/** The prefill chunks of a step: which requests compute how many tokens, after how many that are there. */
import {BATCHING, LOAD, PREFILL} from '../metrics/records.ts';
import type {LiveRequest} from './liveRequest.ts';
import type {Ticks} from './ports.ts';

/** Most prefill chunks in one step. */
const CHUNKS_MAX = 256;

export class Chunks {
  readonly requests: LiveRequest[] = [];
  /** By request: its tokens, and those before them. Flat, as StepModel.mixed takes them. */
  readonly pairs = new Float64Array(2 * CHUNKS_MAX);

  get count(): number {
    return this.requests.length;
  }

  /** Tokens of the request at `i`. */
  tokensOf(i: number): number {
    return this.pairs[2 * i];
  }

  get tokens(): number {
    let tokens = 0;
    for (let i = 0; i < this.count; i++) tokens += this.tokensOf(i);
    return tokens;
  }

  /**
   * Takes of these requests, in order, what the step has room for beside `decoding` tokens of others. What came too late for a step that was put
   * together while the one before it ran (`fresh`) waits for the next, unless the step would be empty. Requests that load layer by layer stay in that state.
   */
  compose(computing: readonly LiveRequest[], decoding: number, tokensMax: number, now: Ticks): void {
    const {requests, pairs} = this;
    let budget = tokensMax - decoding;
    const inTime = decoding === 0 && computing.every((request) => request.fresh);
    for (const request of computing) {
      const late = request.fresh && !inTime;
      request.fresh = false;
      if (late) continue;
      const tokens = Math.min(budget, request.pieceEnd - request.prefilled);
      if (tokens <= 0 || requests.length === CHUNKS_MAX) {
        if (request.state === PREFILL) request.enter(BATCHING, now);
        continue;
      }
      pairs[2 * requests.length] = tokens;
      pairs[2 * requests.length + 1] = request.prefilled;
      requests.push(request);
      budget -= tokens;
      if (request.state < LOAD && request.state !== PREFILL) request.enter(PREFILL, now);
    }
  }

  /** The step computes it in vain. */
  remove(request: LiveRequest): void {
    const at = this.requests.indexOf(request);
    this.requests.splice(at, 1);
    this.pairs.copyWithin(2 * at, 2 * at + 2);
  }

  clear(): void {
    this.requests.length = 0;
  }
}
