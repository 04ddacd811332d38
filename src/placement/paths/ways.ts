/** What a choice between several ways sees of them, and what all choices do with it. */

/** The ways from one pool to another, as columns; each goes over another lane. */
export interface Ways {
  count: number;
  /** Bytes per second, and nanoseconds before the first byte, when idle. */
  readonly bytesPerSecond: Float64Array;
  readonly latencyNs: Float64Array;
  /** Bytes that are out on the lane of each, as last reported. */
  readonly knownBytes: Float64Array;
}

/** A run of blocks that has to go. */
export interface Run {
  /** Without any (what a hand-off moves beyond its blocks) it goes the first way. */
  readonly blocks: number;
  readonly blockBytes: number;
  readonly bytes: number;
  /** Names its content. */
  readonly key: number;
}

/** Over which ways runs go. One file a choice. */
export interface RouteChoice {
  /** How many of the run's blocks go each way, into share[0 .. ways.count). A run that stays whole has all of them on one. */
  divide(ways: Ways, run: Run, share: Int32Array): void;
  /** Nanoseconds that a run of so many bytes would take now. */
  expectedNs(ways: Ways, bytes: number): number;
}

/** Nanoseconds until `bytes` more would have come this way, behind what is known to be out there. */
export function wayNs({latencyNs, knownBytes, bytesPerSecond}: Ways, way: number, bytes: number): number {
  return latencyNs[way] + ((knownBytes[way] + bytes) / bytesPerSecond[way]) * 1e9;
}

/** The same for a run that all ways carry, full until all of it is there. */
export function togetherNs({count, latencyNs, knownBytes, bytesPerSecond}: Ways, bytes: number): number {
  let rate = 0;
  let ahead = bytes;
  for (let way = 0; way < count; way++) {
    rate += bytesPerSecond[way];
    ahead += knownBytes[way] + (latencyNs[way] * bytesPerSecond[way]) / 1e9;
  }
  return (ahead / rate) * 1e9;
}

/** A content's 32 bits, each of which depends on all of the key's: the finaliser of MurmurHash3 (Austin Appleby, public domain). */
export function mixed(key: number): number {
  let h = key | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** All of a run on one way. */
export function whole(ways: Ways, run: Run, way: number, share: Int32Array): void {
  share.fill(0, 0, ways.count);
  share[way] = run.blocks;
}

/** The way with the least of `cost`, the first of equals. */
export function least(count: number, cost: (way: number) => number): number {
  let best = 0;
  for (let way = 1; way < count; way++) if (cost(way) < cost(best)) best = way;
  return best;
}
