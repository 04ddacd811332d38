/** What an admission finds, where from it would be loaded, and how much of that is worth loading. It changes nothing but its own buffers, until openLoads(). */
import type {Core} from './core.ts';
import {RESIDENT, type Pool} from './pool.ts';
import {LOAD, NONE, type PoolIndex, type RequestRow} from './ports.ts';

/** What the last demand that succeeded found and decided; reused. Blocks. */
export interface Plan {
  /** Usable leading blocks by the tier they were found in; tier 0 includes those that another request computes or loads. */
  readonly hitBlocks: Float64Array;
  /** Found below, but expected to be computed faster than loaded. */
  refusedBlocks: number;
  /** Blocks that need not be computed: a leading run, or where the prompt is computed in pieces, all of them together. */
  reusedBlocks: number;
}

export class Planner {
  readonly plan: Plan;
  private readonly core: Core;
  /** Where each block of the prompt in hand would be loaded from. */
  private sourcePool = new Int32Array(1024);
  private sourceSlot = new Int32Array(1024);

  constructor(core: Core) {
    this.core = core;
    this.plan = {hitBlocks: new Float64Array(core.tiers), refusedBlocks: 0, reusedBlocks: 0};
  }

  /** Leading blocks with a copy in the pool, into slots. */
  findHere(pool: Pool, rows: Int32Array, slots: Int32Array, count: number): number {
    for (let i = 0; i < count; i++) {
      const slot = pool.find(rows[i]);
      if (slot === NONE) return i;
      slots[i] = slot;
    }
    return count;
  }

  countUnpinned(pool: Pool, slots: Int32Array, here: number): number {
    let unpinned = 0;
    for (let i = 0; i < here; i++) if (pool.pins[slots[i]] === 0 && pool.state[slots[i]] === RESIDENT) unpinned++;
    return unpinned;
  }

  /** From block `here` on, blocks that can be loaded from somewhere, up to `usable`: fills sourcePool and sourceSlot, returns the end. */
  findBelow(pool: Pool, rows: Int32Array, here: number, usable: number): number {
    if (this.core.config.reload === 'never') return here;
    if (usable > this.sourcePool.length) this.widenSources(usable);
    for (let i = here; i < usable; i++) {
      const source = this.core.best(rows[i], pool.index);
      if (source === NONE) return i;
      this.sourcePool[i] = source;
      this.sourceSlot[i] = this.core.bestSlot;
    }
    return usable;
  }

  /** The same for every block that is not here, behind holes too where the configuration fills them; the number found. */
  findAnywhere(pool: Pool, rows: Int32Array, slots: Int32Array, usable: number): number {
    const {reload, hit} = this.core.config;
    if (usable > this.sourcePool.length) this.widenSources(usable);
    let found = 0;
    let broken = reload === 'never';
    for (let i = 0; i < usable; i++) {
      this.sourcePool[i] = NONE;
      if (slots[i] !== NONE || broken) continue;
      const source = this.core.best(rows[i], pool.index);
      if (source === NONE) {
        broken = hit !== 'fillHoles';
        continue;
      }
      this.sourcePool[i] = source;
      this.sourceSlot[i] = this.core.bestSlot;
      found++;
    }
    return found;
  }

  /** Pool that a block would be loaded from, after a find; NONE. */
  sourceOf(block: number): PoolIndex {
    return this.sourcePool[block];
  }

  /** Nanoseconds to compute blocks [first, last) of one prompt. */
  recomputeNs(first: number, last: number): number {
    const {blockTokens, recompute} = this.core.config;
    const a = first * blockTokens;
    const b = last * blockTokens;
    return recompute.perTokenNs * (b - a) + recompute.perTokenSquaredNs * (b * b - a * a);
  }

  /** How many of the blocks [here, found) to load: the cut that ends loading and computing soonest, tried at every change of source. */
  chooseLoad(pool: Pool, here: number, found: number, count: number): number {
    const {config} = this.core;
    if (found === here || config.reload === 'always') return found;
    if (config.reload === 'cheaper') return this.chooseCheapest(pool, here, found);
    let best = here;
    let bestNs = this.recomputeNs(here, count);
    let loadNs = 0;
    for (let first = here; first < found;) {
      const source = this.sourcePool[first];
      let last = first + 1;
      while (last < found && this.sourcePool[last] === source) last++;
      loadNs = Math.max(loadNs, this.core.expectedNs(source, pool.index, (last - first) * config.blockBytes));
      const ns = loadNs + this.recomputeNs(last, count);
      if (ns < bestNs) {
        best = last;
        bestNs = ns;
      }
      first = last;
    }
    return best;
  }

  /** The cut at which loading up to it and computing from it on cost least, tried at every change of source. */
  private chooseCheapest(pool: Pool, here: number, found: number): number {
    const {blockBytes, routes, recompute} = this.core.config;
    let best = here;
    let cost = 0; // against computing everything
    let bestCost = 0;
    for (let first = here; first < found;) {
      const source = this.sourcePool[first];
      let last = first + 1;
      while (last < found && this.sourcePool[last] === source) last++;
      const load = (routes[this.core.route(source, pool.index)].costPerByte ?? 0) * (last - first) * blockBytes;
      cost += load - (recompute.costPerNs ?? 0) * this.recomputeNs(first, last);
      if (cost < bestCost) {
        best = last;
        bestCost = cost;
      }
      first = last;
    }
    return best;
  }

  tellPlan(here: number, usable: number, found: number, loadEnd: number): void {
    const {plan} = this;
    plan.hitBlocks.fill(0);
    plan.hitBlocks[0] = Math.min(here, usable);
    for (let i = here; i < loadEnd; i++) plan.hitBlocks[this.core.pools[this.sourcePool[i]].tier]++;
    plan.refusedBlocks = found - loadEnd;
    plan.reusedBlocks = Math.max(Math.min(here, usable), loadEnd);
  }

  /** The same where the prompt is computed in pieces: those of `own`. */
  tellPieces(slots: Int32Array, own: Uint8Array, usable: number, found: number): void {
    const {plan} = this;
    plan.hitBlocks.fill(0);
    let loaded = 0;
    for (let i = 0; i < usable; i++) {
      if (slots[i] !== NONE) plan.hitBlocks[0]++;
      else if (own[i] === 0) {
        plan.hitBlocks[this.core.pools[this.sourcePool[i]].tier]++;
        loaded++;
      }
    }
    plan.reusedBlocks = plan.hitBlocks[0] + loaded;
    plan.refusedBlocks = found - loaded;
  }

  /** Blocks [first, last) come from the copies at `slots` in `pool`. */
  comeFrom(pool: PoolIndex, slots: Int32Array, first: number, last: number): void {
    if (last > this.sourcePool.length) this.widenSources(last);
    for (let i = first; i < last; i++) {
      this.sourcePool[i] = pool;
      this.sourceSlot[i] = slots[i];
    }
  }

  /** Transfers for blocks [first, last), one for each run of one source, deepest touched first so that a chain stays tail-first in its policy. */
  openLoads(request: RequestRow, pool: Pool, rows: Int32Array, first: number, last: number, kind: number, extraBytes = 0): void {
    const {core} = this;
    for (let i = last - 1, end = last; i >= first; i--) {
      const source = core.pools[this.sourcePool[i]];
      source.reads[this.sourceSlot[i]]++;
      if (kind !== LOAD) continue;
      source.use(this.sourceSlot[i]);
      if (i > first && this.sourcePool[i - 1] === source.index) continue;
      core.accessLog?.record(core.now, source.index, request, end - i, rows, i, end);
      end = i;
    }
    for (let i = first; i < last;) {
      const source = this.sourcePool[i];
      let end = i + 1;
      while (end < last && this.sourcePool[end] === source) end++;
      core.open(kind, request, source, pool.index, rows[end - 1], end - i, end === last ? extraBytes : 0);
      i = end;
    }
  }

  private widenSources(blocks: number): void {
    let size = this.sourcePool.length;
    while (size < blocks) size *= 2;
    this.sourcePool = new Int32Array(size);
    this.sourceSlot = new Int32Array(size);
  }
}
