/** What computing tokens a to b of a prompt costs: perTokenNs (b - a) + perTokenSquaredNs (b^2 - a^2) nanoseconds of GPU time. */
export interface PrefillCost {
  readonly blockTokens: number;
  readonly perTokenNs: number;
  readonly perTokenSquaredNs: number;
}

/** Nanoseconds to compute blocks first to last (excluded) of a chain. */
export function prefillNs({blockTokens, perTokenNs, perTokenSquaredNs}: PrefillCost, first: number, last: number): number {
  return blockTokens * (last - first) * (perTokenNs + perTokenSquaredNs * blockTokens * (last + first));
}

/** A trace of block references as the laboratory replays it: columns by reference, blocks numbered 0 .. distinct-1 in order of first sight. */
export interface LabTrace {
  readonly name: string;
  /** How it came about: the rule by which sessions were merged, where they were. Printed with every figure; '' for a recorded order. */
  readonly merging: string;
  /** Block of each reference. */
  readonly blocks: Int32Array;
  readonly distinct: number;
  /** Bytes of the object at each reference; null where every block counts as one. */
  readonly sizes: Uint32Array | null;
  /** Where each request's blocks begin, head of the chain first, and the end of the last; null where references stand alone. */
  readonly requests: Int32Array | null;
  /** When each request came (each reference, where they stand alone), in nanoseconds since the first, never falling; null where that is unknown. */
  readonly times: Float64Array | null;
  /** Session of each request, 0 .. sessions-1; null where that is unknown. */
  readonly sessions: Int32Array | null;
  /** How each request ended (Occasion.ending); null where that is unknown. */
  readonly endings: Uint8Array | null;
  /** null where it is unknown what computing costs. */
  readonly prefill: PrefillCost | null;
  /** Bytes of a block, where all have the same; null where unknown. */
  readonly blockBytes: number | null;
}

/** Requests of a trace; where references stand alone each is one. */
export function requestsIn({blocks, requests}: LabTrace): number {
  return requests === null ? blocks.length : requests.length - 1;
}

/** Reference at which a request begins; of the request behind the last, where the trace ends. */
export function requestStart({requests}: LabTrace, request: number): number {
  return requests === null ? request : requests[request];
}
