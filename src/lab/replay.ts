/**
 * The flat laboratory: every reference by itself, hit or miss, as in the simulators of web and block caches. Memory: 4 bytes a distinct
 * block, and for each block that fits at once 8 bytes more and the policy's own.
 */
import {assert} from '../base/assert.ts';
import {NONE, type EvictionPolicy, type PolicySpace} from '../placement/ports.ts';
import {requestsIn, requestStart, type LabTrace} from './trace.ts';

export interface Replay {
  readonly references: number;
  readonly misses: number;
  /** Sum of sizes referenced and missed: blocks where the trace has no sizes. */
  readonly bytes: number;
  readonly missBytes: number;
  readonly evictions: number;
  readonly insertedBytes: number;
}

/**
 * Replays `trace` into an empty cache.
 * A block's size is that of the reference that brought it; a later reference of another size changes nothing. A block larger than the whole
 * cache is a miss and stays outside; for any other, blocks are evicted until it fits.
 * @param capacity in bytes where the trace has sizes, else in blocks; > 0
 * @param missesOf is filled with the misses of each request; null: nobody asks
 */
export function replay(
  trace: LabTrace,
  capacity: number,
  create: (space: PolicySpace) => EvictionPolicy,
  missesOf: Uint32Array | null = null,
): Replay {
  const cache = new Cache(trace, capacity, create);
  if (missesOf === null) cache.run(trace, 0, trace.blocks.length);
  else
    for (let request = 0; request < requestsIn(trace); request++) {
      const before = cache.misses;
      cache.run(trace, requestStart(trace, request), requestStart(trace, request + 1));
      missesOf[request] = cache.misses - before;
    }
  return cache;
}

/** Slots enough for whatever may be resident at once. */
export function slotsFor(trace: LabTrace, capacity: number): number {
  if (trace.sizes === null) return Math.max(1, Math.min(trace.distinct, capacity));
  let least = Infinity;
  for (const size of trace.sizes) if (size < least) least = size;
  return Math.max(1, Math.min(trace.distinct, Math.floor(capacity / Math.max(1, least))));
}

export class Cache implements Replay {
  references = 0;
  misses = 0;
  bytes = 0;
  missBytes = 0;
  evictions = 0;
  insertedBytes = 0;
  private readonly capacity: number;
  private readonly policy: EvictionPolicy;
  /** Slot + 1 by block; 0: not here. */
  private readonly where: Int32Array;
  private readonly block: Int32Array;
  private readonly size: Uint32Array | null;
  /** Nothing guards a block where references stand alone. */
  private readonly guards: Int32Array;
  private readonly freeSlots: Int32Array;
  private freeCount = 0;
  private slots = 0;
  private used = 0;

  constructor(trace: LabTrace, capacity: number, create: (space: PolicySpace) => EvictionPolicy) {
    const slots = slotsFor(trace, capacity);
    this.capacity = capacity;
    this.policy = create({slots, capacity});
    this.where = new Int32Array(trace.distinct);
    this.block = new Int32Array(slots);
    this.size = trace.sizes === null ? null : new Uint32Array(slots);
    this.guards = new Int32Array(slots);
    this.freeSlots = new Int32Array(slots);
  }

  /** References [first, last). */
  run({blocks, sizes}: LabTrace, first: number, last: number): void {
    const {policy, where} = this;
    let misses = 0;
    for (let i = first; i < last; i++) {
      const block = blocks[i];
      const entry = where[block];
      if (entry !== 0) {
        if (policy.touch(entry - 1)) while (policy.crowded(0)) this.evict();
        continue;
      }
      misses++;
      this.bring(block, sizes === null ? 1 : sizes[i]);
    }
    this.references += last - first;
    this.misses += misses;
    if (sizes === null) this.bytes += last - first;
    else for (let i = first; i < last; i++) this.bytes += sizes[i];
  }

  /** One reference to a block of size 1. @returns whether it was here */
  access(block: number): boolean {
    const entry = this.where[block];
    if (entry === 0) this.bring(block, 1);
    else if (this.policy.touch(entry - 1)) while (this.policy.crowded(0)) this.evict();
    return entry !== 0;
  }

  /** A missed block comes in, if policy and capacity let it. */
  private bring(block: number, size: number): void {
    const {policy, capacity} = this;
    this.missBytes += size;
    if (!policy.miss(block, size) || size > capacity) return;
    while (this.used + size > capacity || policy.crowded(size)) this.evict();
    const slot = this.freeCount > 0 ? this.freeSlots[--this.freeCount] : this.slots++;
    this.where[block] = slot + 1;
    this.block[slot] = block;
    if (this.size !== null) this.size[slot] = size;
    this.used += size;
    this.insertedBytes += size;
    policy.insert(slot, block, size);
    policy.release(slot);
  }

  private evict(): void {
    const slot = this.policy.evict(this.guards);
    assert(slot !== NONE, 'a full cache has nothing to evict');
    this.where[this.block[slot]] = 0;
    this.used -= this.size === null ? 1 : this.size[slot];
    this.freeSlots[this.freeCount++] = slot;
    this.evictions++;
  }
}
