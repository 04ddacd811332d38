/** What the brain knows of each request, by serving's own row. Path buffers (a prompt's blocks and their slots) belong to admitted requests only and are reused. */
import {NONE, type PoolIndex, type RequestRow} from './ports.ts';

/** Entries of the smallest path buffer. */
const BUFFER_MIN = 32;

export class RequestTable {
  /** Last full block of the prompt; NONE where the prompt has no full block. */
  tip = new Int32Array(64).fill(NONE);
  /** Full blocks of the prompt; with the generated ones once they are kept. */
  blocks = new Int32Array(64);
  /** Where it is admitted; NONE: nowhere. */
  pool = new Int32Array(64).fill(NONE);
  /** While a hand-off is under way: where the KV comes from. */
  oldPool = new Int32Array(64).fill(NONE);
  /** Blocks of the prompt that were found in `pool`, and in `oldPool`, at the admission there. */
  found = new Int32Array(64);
  oldFound = new Int32Array(64);
  /** Blocks of the prompt that are there or on their way; the rest it computes. */
  computed = new Int32Array(64);
  privateBlocks = new Int32Array(64);
  oldPrivateBlocks = new Int32Array(64);
  /** What it waits for: leaving copies, transfers, blocks of others. */
  evictions = new Int32Array(64);
  loads = new Int32Array(64);
  shared = new Int32Array(64);
  /** The Wait last told to serving; NONE: it is ready. */
  wait = new Int32Array(64).fill(NONE);
  /** Counted up at every release, so that a waiter of an earlier admission is known as stale. */
  epoch = new Int32Array(64);
  /** Head of its transfers. */
  transfers = new Int32Array(64).fill(NONE);
  /** Loads under way by source tier: row x tiers + tier. */
  loadsByTier: Int32Array<ArrayBuffer>;
  /** By row: block rows of the prompt, and their slots in `pool` and in `oldPool`. */
  readonly rows: Int32Array[] = [];
  readonly slots: Int32Array[] = [];
  readonly oldSlots: Int32Array[] = [];
  /** By row: 1 for each block of the prompt that the request has still to compute, where those are not simply all from `computed` on; null where they are. */
  readonly own: (Uint8Array | null)[] = [];
  /** Where `own` is kept: leading blocks known to be resident. */
  present = new Int32Array(64);
  /** Buffers not in use, by the number of doublings of their size. */
  private readonly spare: Int32Array[][] = Array.from({length: 24}, () => []);

  constructor(tiers: number) {
    this.loadsByTier = new Int32Array(64 * tiers);
  }

  ensure(request: RequestRow): void {
    while (request >= this.tip.length) this.grow();
  }

  /** A buffer of at least `length` entries, contents arbitrary. */
  buffer(length: number): Int32Array {
    let doublings = 0;
    while (BUFFER_MIN << doublings < length) doublings++;
    return this.spare[doublings].pop() ?? new Int32Array(BUFFER_MIN << doublings);
  }

  recycle(buffer: Int32Array): void {
    let doublings = 0;
    while (BUFFER_MIN << doublings < buffer.length) doublings++;
    if (BUFFER_MIN << doublings === buffer.length) this.spare[doublings].push(buffer);
  }

  admit(request: RequestRow, pool: PoolIndex, found: number, rows: Int32Array, slots: Int32Array): void {
    this.pool[request] = pool;
    this.found[request] = found;
    this.rows[request] = rows;
    this.slots[request] = slots;
    this.evictions[request] = 0;
    this.loads[request] = 0;
    this.shared[request] = 0;
    this.transfers[request] = NONE;
    this.own[request] = null;
  }

  private grow(): void {
    const old = this.tip.length;
    const wider = (from: Int32Array, fill: number): Int32Array<ArrayBuffer> => {
      const to = new Int32Array((from.length / old) * old * 2).fill(fill);
      to.set(from);
      return to;
    };
    this.tip = wider(this.tip, NONE);
    this.blocks = wider(this.blocks, 0);
    this.pool = wider(this.pool, NONE);
    this.oldPool = wider(this.oldPool, NONE);
    this.found = wider(this.found, 0);
    this.oldFound = wider(this.oldFound, 0);
    this.computed = wider(this.computed, 0);
    this.privateBlocks = wider(this.privateBlocks, 0);
    this.oldPrivateBlocks = wider(this.oldPrivateBlocks, 0);
    this.evictions = wider(this.evictions, 0);
    this.loads = wider(this.loads, 0);
    this.shared = wider(this.shared, 0);
    this.wait = wider(this.wait, NONE);
    this.epoch = wider(this.epoch, 0);
    this.transfers = wider(this.transfers, NONE);
    this.present = wider(this.present, 0);
    this.loadsByTier = wider(this.loadsByTier, 0);
  }
}
