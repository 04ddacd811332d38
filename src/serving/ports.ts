/** What serving needs from whoever runs it: a clock that can wake it, and the time of a GPU step. Types only. */

export type Ticks = number;

/** The simulated or the real world. It calls back `handle(kind, argument)` at the instant, never inside wake itself. */
export interface World {
  now(): Ticks;
  /** kind: a small integer of serving's own; argument: integer below 2^31. */
  wake(at: Ticks, kind: number, argument: number): void;
  /** The same, after everything else of that instant, in order of `argument`: step ends, so that a span and its steps meet the rest of the world in one order. */
  wakeLast(at: Ticks, kind: number, argument: number): void;
}

/**
 * Time of a GPU step of one instance, in fixed point: integers of 2^-fractionBits ticks. While the batch keeps its size, decode is linear
 * in the KV tokens that it reads, and in those of them that lie in the window of layers that see no further, so that a span of steps has
 * an exact sum (docs/model.md, decode spans). A span ends where a context outgrows the window.
 */
export interface StepModel {
  readonly fractionBits: number;
  /** Keys that windowed layers see at most; 0: there are no such layers. */
  readonly window: number;
  /** Fixed-point time of a decode step of `batch` requests, before KV reads. */
  decodeBase(batch: number): number;
  /** Fixed-point time to read one KV token in a decode step of `batch` requests: layers that see the whole context. */
  kvTokenCost(batch: number): number;
  /** The same for one token of min(context, window), in windowed layers. */
  windowTokenCost(batch: number): number;
  /**
   * Fixed-point time of a mixed step: `chunks` prefill chunks, given as flat pairs [tokens, cached tokens before them] of which the
   * first `count` pairs hold, beside `batch` decoding requests over `kvTokens` tokens of context, `windowTokens` of them in windows.
   */
  mixed(chunks: Float64Array, count: number, batch: number, kvTokens: number, windowTokens: number): number;
  /** Nanoseconds to prefill tokens [from, to) of one prompt alone, in full chunks: the price of recomputing. */
  prefillNs(from: number, to: number): number;
}
