/** The one seam between deciding and doing: what goes into the brain, what comes out, and who carries it out. Types and constants only. */
import type {RouteChoice} from './paths/ways.ts';

/** Nanoseconds or picoseconds since the run began, integer, below 2^53. */
export type Ticks = number;
/** Row of the block table. */
export type BlockRow = number;
/** Row of serving's request table. */
export type RequestRow = number;
export type PoolIndex = number;
/** A place in a pool; policies keep their state by it. */
export type Slot = number;
/** Transfer row + generation x 2^20: a late completion can never name a reused row. */
export type TransferId = number;

export const NONE = -1;

/** Commands.kind: bring blocks to the first tier for a request; keep blocks in a lower tier; move a request's blocks to the instance that will decode it. */
export const LOAD = 0;
export const STORE = 1;
export const MOVE = 2;

/** Outcome of a transfer. FAILED: its source cannot be read. CUT: the way broke off; what it read from is as good as before. */
export const DONE = 0;
export const FAILED = 1;
export const CUT = 2;

/**
 * Notices.kind. READY: all that the request waits for has come. RETRY: what it waited for was lost, it was released and must be demanded
 * again. WAITING: it now waits for `value` (a Wait). SPACE: blocks came free in pool `value`.
 */
export const READY = 0;
export const RETRY = 1;
export const WAITING = 2;
export const SPACE = 3;

/** What an admitted request waits for, worst first; LOADING + rank of the slowest tier still loading. */
export const WAIT_EVICTION = 0;
export const WAIT_SHARED = 1;
export const LOADING = 2;

/**
 * What one input decided: parallel columns, allocated once and refilled by every input; row order is issue order. A row is a run:
 * `count` consecutive blocks of one chain, the last of them `tip`, from one pool to one pool.
 */
export interface Commands {
  count: number;
  kind: Uint8Array;
  transfer: Float64Array;
  source: Int32Array;
  target: Int32Array;
  /** Which of the ways from source to target; 0 where there is one. */
  way: Uint8Array;
  tip: Int32Array;
  blocks: Int32Array;
  /** Bytes to move; a MOVE may carry a partial block beyond its run. */
  bytes: Float64Array;
}

export interface Notices {
  count: number;
  kind: Uint8Array;
  request: Int32Array;
  value: Int32Array;
}

/** Carries commands out. It must never complete inside submit(). */
export interface Carrier {
  submit(now: Ticks, commands: Commands, row: number): void;
  /** Once a drain, after the last submit. */
  flush(): void;
}

/** Occasion.ending: how a request ended, where that is known: with a word to a human, or with the call of a tool. */
export const UNSAID = 0;
export const TURN_ENDED = 1;
export const TOOL_CALLED = 2;

/**
 * What the calls to a policy are about, beyond the block. The owner fills it in before a call; a policy reads what it wants. Nothing in it is of the
 * future.
 */
export interface Occasion {
  now: Ticks;
  /** The request whose blocks these are: a small number, its own while it lasts. */
  use: number;
  /** release(): how the request ended. */
  ending: number;
  /** release(): full blocks of the request. */
  length: number;
  /** insert(): blocks before this one in its chain. */
  depth: number;
}

/** Requests that have come and wait to be admitted: what a scheduler knows of the future. A policy that asks pays for it, no other. */
export interface Waiting {
  /** Another number whenever the line may be another. */
  readonly version: number;
  /** Shows the blocks of the first so many requests in line by their keys; `place` counts requests from 0. */
  visit(requests: number, see: (key: number, place: number) => void): void;
}

/** What a policy is made for. */
export interface PolicySpace {
  /** null or absent: references stand alone, in no time but their own order. */
  readonly occasion?: Occasion | null;
  /** null or absent: nobody ever waits. */
  readonly waiting?: Waiting | null;
  /** Nanoseconds to compute a block that has `depth` blocks before it; absent: all cost the same. */
  readonly recomputeNs?: (depth: number) => number;
  /** Slots are 0 .. slots-1, until grow(). */
  readonly slots: number;
  /** What the owner holds at most, in the unit of insert()'s sizes: blocks where every size is 1, else bytes. Infinity: it never evicts. */
  readonly capacity: number;
}

/**
 * Chooses who leaves. One file a policy, and one class for simulated tiers, real devices and the policy laboratory. The owner of the slots (a
 * pool, or the laboratory's cache) holds capacity and the guards; a policy orders. State is by slot; what a policy remembers of blocks that
 * have left is by key (ghosts.ts), so that a thousand pools do not cost a thousand footprints.
 *
 * A newcomer:  miss(key) -> evict() as often as there must be room -> insert(slot, key) -> release(slot).
 * A use:       touch(slot), or where the user stays for a while, hold(slot) -> release(slot).
 */
export interface EvictionPolicy {
  /**
   * A block that is not here is wanted. Comes before every insert(), and where the owner makes room block by block before the evictions in its favour.
   * @param key names the content: an int32, equal for equal contents. Where two contents share one, ghosts are confused and nothing else.
   * @returns false: the policy would rather not hold it. An owner without that choice inserts all the same.
   */
  miss(key: number, size: number): boolean;
  /** The policy's own parts hold too much, or have no room for a newcomer of `size`, though the owner has: evict() first. An owner may ignore it. */
  crowded(size: number): boolean;
  /** `slot` now holds the block, guarded: it may not be evicted before its first release. */
  insert(slot: Slot, key: number, size: number): void;
  /** First pin of a slot that could have been evicted. */
  hold(slot: Slot): void;
  /** Last pin gone: a use has ended and the slot may be evicted. Chains are released deepest block first. */
  release(slot: Slot): void;
  /** A use of a slot that is not pinned (a lower tier is read from). @returns whether the policy is crowded(0) by it */
  touch(slot: Slot): boolean;
  /** The copy has gone for another reason than evict(), released until then or not. The slot may be reused. */
  remove(slot: Slot): void;
  /** Takes out and returns a slot s with guards[s] === 0, or NONE where there is none. One step, so that a policy may move its hand. */
  evict(guards: Int32Array): Slot;
  /** Called when the owner's slot space grows. */
  grow(slots: number): void;
}

/** What an admission is made for. */
export interface AdmissionSpace {
  /** Of the pool: names its random stream. */
  readonly name: string;
  /** Absent: 0. */
  readonly seed?: number;
  /** Blocks that the pool holds at most; may be Infinity. */
  readonly capacity: number;
  readonly blockBytes: number;
  /** Read for the time alone. */
  readonly occasion: Pick<Occasion, 'now'>;
  /** Absent: 10^9. */
  readonly ticksPerSecond?: number;
  /** Nanoseconds to compute a block that has `depth` blocks before it. */
  readonly recomputeNs: (depth: number) => number;
  /** That are busy with it meanwhile. Absent: 1. */
  readonly gpus?: number;
  /** What the pool's drives are rated to be written a day; absent: it is not known. */
  readonly ratedBytesPerDay?: number | undefined;
}

/** Consecutive blocks of one chain that would be written together: none of them is in the pool, and what comes before them is or will be. Reused. */
export interface Offer {
  count: number;
  /** As in EvictionPolicy.miss(), in chain order: keys[0 .. count). */
  keys: Int32Array;
  /** Blocks before the first in its chain. */
  depth: number;
  /** The block before the first was admitted in the same breath: what is judged by chains has been judged. */
  continues: boolean;
}

/**
 * Chooses what is written to a pool. One file a policy, one class for simulated tiers, real devices and the policy laboratory. The owner (gate.ts) offers
 * runs and takes the leading blocks of them, never a block without those before it: so that nothing is written that no prompt can reach.
 */
export interface Admission {
  /** @returns how many blocks of the offer, from its first on, are worth their writing: 0 .. offer.count */
  admit(offer: Offer): number;
  /** A block is on its way to the pool. */
  wrote(): void;
}

export interface PoolConfig {
  readonly name: string;
  /** 0: an instance's HBM; larger is farther. */
  readonly tier: number;
  /** Blocks; Infinity: unlimited. */
  readonly capacityBlocks: number;
  /** The pool that this one's victims go to; NONE: they are dropped. */
  readonly below: PoolIndex;
  /** How blocks come here from the pool above: when they are made there, or when they are evicted there. */
  readonly write: 'through' | 'back';
  /** Blocks kept free by eviction in the background: it starts below low and goes on to high. */
  readonly reserveLow: number;
  readonly reserveHigh: number;
  readonly policy: (space: PolicySpace) => EvictionPolicy;
  /** Ticks after its last use at which a copy is dropped. Absent: never. */
  readonly ttl?: Ticks;
  /** What becomes of a copy that a load has brought to the first tier: it stays (copy), or it goes (move). Absent: copy. */
  readonly promote?: 'copy' | 'move';
  /** A block loaded past this pool, from one below it, for the n-th time is copied here as well. Absent or 0: never. */
  readonly promoteOn?: number;
  /** What may be written here from the pool above; not for tier 0. Absent, or null of it: everything. */
  readonly admission?: (space: AdmissionSpace) => Admission | null;
}

/** A way from pool to pool, with what the brain believes of it when idle. Several ways between the same two stand one after the other. */
export interface RouteConfig {
  readonly source: PoolIndex;
  readonly target: PoolIndex;
  readonly latencyNs: number;
  readonly bytesPerSecond: number;
  /** What it costs to bring a byte, in the unit of recompute.costPerNs. Absent: nothing. */
  readonly costPerByte?: number;
  /** Where there are several ways: the lane that this one goes over, 0 .. lanes.count - 1. */
  readonly lane?: number;
}

export interface PlacementConfig {
  readonly pools: readonly PoolConfig[];
  readonly routes: readonly RouteConfig[];
  readonly blockTokens: number;
  readonly blockBytes: number;
  /**
   * Whether blocks found below the first tier are loaded: always, never, where that is expected to end sooner (faster) or to cost less (cheaper), or
   * from their end while the request computes from their front (split).
   */
  readonly reload: 'always' | 'never' | 'faster' | 'cheaper' | 'split';
  /** What counts as found: the longest prefix, or what lies behind missing blocks too, which the request computes. Absent: prefix. */
  readonly hit?: 'prefix' | 'fillHoles';
  /** Whether blocks that decode has made go down too, or only those of prompts. Absent: all. */
  readonly offload?: 'all' | 'prompts';
  /** Where several ways lead from one pool to another: their lanes, what is chosen by, and the ticks between reports of the bytes on them (0: always known). */
  readonly lanes?: {readonly count: number; readonly choice: () => RouteChoice; readonly reportTicks: Ticks};
  /**
   * Time to prefill tokens [a, b) of one prompt: perToken x (b-a) + perTokenSquared x (b^2-a^2), nanoseconds. `perPieceNs`: what a piece more
   * takes besides its tokens (reload: split). `costPerNs`: what a nanosecond of all that costs, in any unit (reload: cheaper).
   */
  readonly recompute: {
    readonly perTokenNs: number;
    readonly perTokenSquaredNs: number;
    readonly perPieceNs?: number;
    readonly costPerNs?: number;
  };
}
