/**
 * Prefix semantics: a request is a chain of blocks, and what it can use is its longest resident prefix. Every block behind the first absent one is a
 * miss, resident or not; one that is resident all the same is stranded.
 *
 * `tail`, the order of KV caches: what is resident of the chain is pinned, the rest is brought in, then all is released from the tail on; a block with
 * a resident child never leaves, so nothing is ever stranded. A chain longer than the cache keeps its head.
 * `head`, the order of general caches: one block after the other from the head, each able to evict any other. Holes appear.
 */
import {NONE, UNSAID, type EvictionPolicy, type Occasion, type PolicySpace, type Slot, type Waiting} from '../placement/ports.ts';
import {Cache} from './replay.ts';
import {prefillNs, type LabTrace, type PrefillCost} from './trace.ts';

export type TouchOrder = 'tail' | 'head';

export interface PrefixReplay {
  readonly references: number;
  readonly misses: number;
  /** References to resident blocks that were of no use, being behind an absent one. */
  readonly stranded: number;
  readonly evictions: number;
  readonly insertedBlocks: number;
  /** GPU time to compute what was missed; 0 where the trace does not know its cost. */
  readonly missNs: number;
}

/** @param trace with requests @param capacity in blocks, > 0 @param missesOf is filled with the misses of each request; null: nobody asks */
export function replayPrefixes(
  trace: LabTrace,
  capacity: number,
  order: TouchOrder,
  create: (space: PolicySpace) => EvictionPolicy,
  missesOf: Uint32Array | null = null,
): PrefixReplay {
  return order === 'head'
    ? replayHeadFirst(trace, capacity, create, missesOf)
    : new ChainCache(trace, capacity, create).run(trace, missesOf);
}

function replayHeadFirst(
  trace: LabTrace,
  capacity: number,
  create: (space: PolicySpace) => EvictionPolicy,
  missesOf: Uint32Array | null,
): PrefixReplay {
  const {blocks, prefill} = trace;
  const requests = trace.requests!;
  const cache = new Cache({...trace, sizes: null}, capacity, create);
  let hits = 0;
  let stranded = 0;
  let missNs = 0;
  for (let request = 0; request + 1 < requests.length; request++) {
    let leads = true;
    const before = hits;
    for (let i = requests[request]; i < requests[request + 1]; i++) {
      const isHere = cache.access(blocks[i]);
      leads &&= isHere;
      if (leads) hits++;
      else if (isHere) stranded++;
    }
    const length = requests[request + 1] - requests[request];
    if (missesOf !== null) missesOf[request] = length - (hits - before);
    if (prefill !== null) missNs += prefillNs(prefill, hits - before, length);
  }
  return {
    references: blocks.length,
    misses: blocks.length - hits,
    stranded,
    evictions: cache.evictions,
    insertedBlocks: cache.insertedBytes,
    missNs,
  };
}

/** From one request to the next where a trace has no times. */
const UNTIMED_NS = 1e9;

/** Whose turn it is, and who came no later and has still to wait: the trace serves one request after the other. */
class LineOfTrace implements Waiting {
  version = 0;
  private readonly trace: LabTrace;

  constructor(trace: LabTrace) {
    this.trace = trace;
  }

  visit(requests: number, see: (key: number, place: number) => void): void {
    const {blocks, times} = this.trace;
    const turn = this.version;
    const bounds = this.trace.requests!;
    if (times === null) return;
    for (let place = 0; place < requests; place++) {
      const request = turn + 1 + place;
      if (request + 1 >= bounds.length || times[request] > times[turn]) return;
      for (let i = bounds[request]; i < bounds[request + 1]; i++) see(blocks[i], place);
    }
  }
}

/** A cache that keeps chains whole from their heads. */
class ChainCache implements PrefixReplay {
  references = 0;
  misses = 0;
  stranded = 0;
  evictions = 0;
  insertedBlocks = 0;
  missNs = 0;
  private readonly prefill: PrefillCost | null;
  private readonly line: LineOfTrace;
  private readonly occasion: Occasion = {now: 0, use: 0, ending: UNSAID, length: 0, depth: 0};
  private readonly policy: EvictionPolicy;
  private readonly capacity: number;
  /** Slot + 1 by block; 0: not here. */
  private readonly where: Int32Array;
  private readonly block: Int32Array;
  private readonly parent: Int32Array;
  /** Resident children, and one more while the request holds the block. */
  private readonly guards: Int32Array;
  private slots = 0;
  private held: Int32Array = new Int32Array(1024);

  constructor(trace: LabTrace, capacity: number, create: (space: PolicySpace) => EvictionPolicy) {
    const slots = Math.max(1, Math.min(trace.distinct, capacity));
    const {prefill} = trace;
    this.prefill = prefill;
    this.line = new LineOfTrace(trace);
    this.policy = create({
      slots,
      capacity,
      occasion: this.occasion,
      waiting: this.line,
      ...(prefill === null ? {} : {recomputeNs: (depth) => prefillNs(prefill, depth, depth + 1)}),
    });
    this.capacity = capacity;
    this.where = new Int32Array(trace.distinct);
    this.block = new Int32Array(slots);
    this.parent = new Int32Array(slots);
    this.guards = new Int32Array(slots);
  }

  run({blocks, requests, times, endings}: LabTrace, missesOf: Uint32Array | null): this {
    const {occasion, line} = this;
    for (let request = 0; request + 1 < requests!.length; request++) {
      line.version = request;
      occasion.now = times === null ? request * UNTIMED_NS : times[request];
      occasion.ending = endings === null ? UNSAID : endings[request];
      occasion.length = requests![request + 1] - requests![request];
      const before = this.misses;
      this.visit(blocks, requests![request], requests![request + 1]);
      if (missesOf !== null) missesOf[request] = this.misses - before;
    }
    return this;
  }

  /** The chain blocks[first .. last). */
  private visit(blocks: Int32Array, first: number, last: number): void {
    const {policy, where, guards} = this;
    if (last - first > this.held.length) this.held = new Int32Array(2 * (last - first));
    const {held} = this;
    let hits = 0;
    while (first + hits < last && where[blocks[first + hits]] !== 0) {
      const slot = where[blocks[first + hits]] - 1;
      policy.hold(slot);
      guards[slot]++;
      held[hits++] = slot;
    }
    let count = hits;
    for (let i = first + hits; i < last; i++) {
      const slot = count === i - first ? this.bring(blocks[i], count, count === 0 ? NONE : held[count - 1]) : this.passBy(blocks[i]);
      if (slot !== NONE) held[count++] = slot;
    }
    for (let i = count - 1; i >= 0; i--) {
      guards[held[i]]--;
      policy.release(held[i]);
    }
    this.references += last - first;
    this.misses += last - first - hits;
    if (this.prefill !== null) this.missNs += prefillNs(this.prefill, hits, last - first);
  }

  /** An absent block comes in, held, below its parent. @returns NONE where the policy will not have it, or the request holds the whole cache already */
  private bring(block: number, depth: number, parent: Slot): Slot {
    const {policy, guards} = this;
    if (!policy.miss(block, 1)) return NONE;
    const slot = this.takeSlot();
    if (slot === NONE) return NONE;
    this.where[block] = slot + 1;
    this.block[slot] = block;
    this.parent[slot] = parent;
    if (parent !== NONE) guards[parent]++;
    guards[slot] = 1;
    this.occasion.depth = depth;
    policy.insert(slot, block, 1);
    this.insertedBlocks++;
    return slot;
  }

  /** The policy hears of a block that cannot be kept. */
  private passBy(block: number): Slot {
    this.policy.miss(block, 1);
    return NONE;
  }

  private takeSlot(): Slot {
    if (this.slots < this.capacity) return this.slots++;
    const slot = this.policy.evict(this.guards);
    if (slot === NONE) return NONE;
    this.where[this.block[slot]] = 0;
    if (this.parent[slot] !== NONE) this.guards[this.parent[slot]]--;
    this.evictions++;
    return slot;
  }
}
