/**
 * How long the blocks of one prompt would take to come, asked for every instance that might serve it. Neighbouring blocks mostly lie in the same
 * pools, so the prompt is cut once into segments of equal copies, and each pool is asked by segment instead of by block.
 */
import type {Core} from './core.ts';
import {RESIDENT} from './pool.ts';
import {NONE, type BlockRow, type PoolIndex, type RequestRow} from './ports.ts';

export class Forecast {
  private readonly core: Core;
  private rows = new Int32Array(1024);
  /** By segment: the block after its last one. */
  private ends = new Int32Array(1024);
  private segments = 0;

  constructor(core: Core) {
    this.core = core;
  }

  /** Takes the prompt in hand. What follows holds until a block is copied or dropped. */
  look(request: RequestRow): void {
    const {core} = this;
    const count = core.requests.blocks[request];
    if (this.rows.length < count) {
      this.rows = new Int32Array(count * 2);
      this.ends = new Int32Array(count * 2);
    }
    this.segments = 0;
    if (count === 0) return;
    core.blocks.path(core.requests.tip[request], count, this.rows);
    for (let i = 1; i < count; i++) if (!this.sameCopies(this.rows[i - 1], this.rows[i])) this.ends[this.segments++] = i;
    this.ends[this.segments++] = count;
  }

  /** Nanoseconds until blocks [from, to) would have come to the pool, behind what is on its way already: sources send side by side. Ends at the first block that comes from nowhere. */
  loadNs(target: PoolIndex, from: number, to: number): number {
    const {core, ends} = this;
    if (core.config.reload === 'never') return 0;
    let ns = 0;
    let source: PoolIndex = NONE;
    let first = from;
    let at = from;
    for (let segment = 0; at < to && segment < this.segments; segment++) {
      if (ends[segment] <= at) continue;
      const next = core.best(this.rows[at], target);
      if (next !== source) {
        ns = Math.max(ns, this.runNs(source, target, at - first));
        source = next;
        first = at;
      }
      if (next === NONE) return ns;
      at = Math.min(ends[segment], to);
    }
    return Math.max(ns, this.runNs(source, target, at - first));
  }

  private runNs(source: PoolIndex, target: PoolIndex, blocks: number): number {
    return source === NONE || blocks === 0 ? 0 : this.core.expectedNs(source, target, blocks * this.core.config.blockBytes);
  }

  /** Whether two blocks lie in the same pools, and in each of them both or neither can be read. */
  private sameCopies(a: BlockRow, b: BlockRow): boolean {
    const {blocks, pools} = this.core;
    let slotA = blocks.firstSlot[a];
    let slotB = blocks.firstSlot[b];
    let pool: PoolIndex = blocks.firstPool[a];
    let poolB: PoolIndex = blocks.firstPool[b];
    while (pool !== NONE && pool === poolB) {
      const {state, nextPool, nextSlot} = pools[pool];
      if ((state[slotA] === RESIDENT) !== (state[slotB] === RESIDENT)) return false;
      pool = nextPool[slotA];
      poolB = nextPool[slotB];
      slotA = nextSlot[slotA];
      slotB = nextSlot[slotB];
    }
    return pool === poolB;
  }
}
