/**
 * How much of a prompt each instance could reuse: one walk over the chain scores them all. A pool of the first tier reaches a block that
 * lies in itself or in any pool from which it can load.
 */
import type {Core} from './core.ts';
import {LEAVING, RESIDENT} from './pool.ts';
import {NONE, type PoolIndex, type RequestRow} from './ports.ts';

export class Reach {
  /** By pool of the first tier, after measure(): leading blocks in the pool itself, and leading blocks that it reaches. */
  readonly here: Int32Array;
  readonly reachable: Int32Array;
  private readonly core: Core;
  /** For each pool, the pools of the first tier that can load from it; null: all of them. */
  private serves: readonly (Int32Array | null)[] | null = null;
  private readonly firstTier: Int32Array;
  private readonly alive: Int32Array;
  private readonly stamp: Int32Array;
  private rows = new Int32Array(1024);

  constructor(core: Core) {
    this.core = core;
    const firstTier = core.pools.filter((pool) => pool.tier === 0).map((pool) => pool.index);
    this.here = new Int32Array(core.pools.length);
    this.reachable = new Int32Array(core.pools.length);
    this.stamp = new Int32Array(core.pools.length);
    this.alive = Int32Array.from(firstTier);
    this.firstTier = this.alive.slice();
  }

  /** Some route has opened or closed. */
  forgetRoutes(): void {
    this.serves = null;
  }

  private findServed(): readonly (Int32Array | null)[] {
    const {core, firstTier} = this;
    const targets = core.pools.map((pool) => (pool.tier === 0 ? [pool.index] : []));
    core.config.routes.forEach(({source, target}, index) => {
      const first = core.route(source, target) === index;
      if (first && core.pools[source].tier > 0 && core.pools[target].tier === 0 && core.isOpen(source, target))
        targets[source].push(target);
    });
    return targets.map((served, pool) =>
      served.length === firstTier.length && core.pools[pool].tier > 0 ? null : Int32Array.from(served.sort((a, b) => a - b)),
    );
  }

  /** Fills `here` and `reachable` for the request's prompt. */
  measure(request: RequestRow): void {
    const {core, alive, rows: old} = this;
    const count = core.requests.blocks[request];
    if (old.length < count) this.rows = new Int32Array(count * 2);
    const {rows} = this;
    if (count > 0) core.blocks.path(core.requests.tip[request], count, rows);
    alive.set(this.firstTier);
    for (let i = 0; i < this.firstTier.length; i++) {
      this.here[alive[i]] = 0;
      this.reachable[alive[i]] = count;
      this.stamp[alive[i]] = NONE;
    }
    let living = this.firstTier.length;
    for (let depth = 0; depth < count && living > 0; depth++) {
      if (!this.markServed(rows[depth], depth)) living = this.filter(living, depth);
    }
  }

  /** Stamps the pools that reach the block; true if all do. */
  private markServed(row: number, depth: number): boolean {
    const {stamp, here} = this;
    const serves = (this.serves ??= this.findServed());
    const {pools, blocks} = this.core;
    let all = false;
    let slot = blocks.firstSlot[row];
    for (let pool: PoolIndex = blocks.firstPool[row]; pool !== NONE;) {
      const owner = pools[pool];
      const state = owner.state[slot];
      if (owner.tier === 0) {
        if (state !== LEAVING) {
          stamp[pool] = depth;
          if (here[pool] === depth) here[pool] = depth + 1;
        }
      } else if (state === RESIDENT) all = this.stampServed(serves[pool], depth) || all;
      pool = owner.nextPool[slot];
      slot = owner.nextSlot[slot];
    }
    return all;
  }

  /** Pools that can load from one that holds the block; true if that is every one. */
  private stampServed(targets: Int32Array | null, depth: number): boolean {
    if (targets === null) return true;
    for (let i = 0; i < targets.length; i++) this.stamp[targets[i]] = depth;
    return false;
  }

  /** Keeps the pools stamped at this depth; the others end here. */
  private filter(living: number, depth: number): number {
    const {alive, stamp, reachable} = this;
    let kept = 0;
    for (let i = 0; i < living; i++) {
      if (stamp[alive[i]] === depth) alive[kept++] = alive[i];
      else reachable[alive[i]] = depth;
    }
    return kept;
  }
}
