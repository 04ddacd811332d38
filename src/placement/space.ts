/** Making room: victims, their way to the tier below, copies written through, and the reserve that is kept free in the background. */
import type {Core} from './core.ts';
import {Gate} from './gate.ts';
import {ARRIVING, LEAVING, RESIDENT, type Pool} from './pool.ts';
import {NONE, STORE, type BlockRow, type PoolIndex, type RequestRow, type Slot} from './ports.ts';

export class Space {
  private readonly core: Core;
  private readonly gate: Gate;
  /** The run of stores being gathered: from one pool to one pool, along one chain. */
  private runSource: PoolIndex = NONE;
  private runTarget: PoolIndex = NONE;
  private runTip: BlockRow = NONE;
  /** The block at the end where the run grows: its head (evictions, tail first) or its tip (writing through). */
  private runEnd: BlockRow = NONE;
  private runBlocks = 0;
  /** The request that waits for the run's sources to be free. */
  private runWaiter: RequestRow = NONE;

  constructor(core: Core) {
    this.core = core;
    this.gate = new Gate(core);
  }

  /** Evicts `count` blocks for `request`, which waits for those that must be stored first. The caller knows that so many can be evicted. */
  evictFor(request: RequestRow, pool: Pool, count: number): void {
    for (let i = 0; i < count; i++) this.evictOne(pool, request);
    this.flush();
  }

  /** Room for `count` blocks at once, whatever is lost by it. False: everything left is pinned. */
  forceRoom(pool: Pool, count: number): boolean {
    while (pool.free() < count) {
      const slot = pool.victim();
      if (slot === NONE) return false;
      if (!this.core.savedBelow(pool.block[slot], pool)) pool.droppedBlocks++;
      this.vacate(pool, slot, NONE);
    }
    return true;
  }

  /** Evicts in the background while the reserve is below its low mark, up to its high mark. */
  replenish(pool: Pool): void {
    if (pool.capacity - pool.used + pool.leaving >= pool.reserveLow) return;
    while (pool.capacity - pool.used + pool.leaving < pool.reserveHigh && this.evictOne(pool, NONE));
    this.flush();
  }

  /** Writes blocks rows[first .. last) of one chain, just made resident in `pool`, through to the tier below, if that is its way. */
  writeThrough(pool: Pool, rows: Int32Array, first: number, last: number): void {
    if (!this.writesThrough(pool)) return;
    const below = this.core.below(pool);
    const target = this.core.pools[below];
    this.gate.offer(pool, rows, first, last, target);
    for (let i = first; i < last; i++) {
      const slot = pool.find(rows[i]);
      if (slot === NONE || this.core.savedBelow(rows[i], pool) || !this.gate.admits(pool, slot, target) || !this.takeBelow(below)) continue;
      this.startStore(pool, slot, below, false, NONE);
    }
    this.flush();
    this.replenish(target);
  }

  private writesThrough(pool: Pool): boolean {
    const below = this.core.below(pool);
    return below !== NONE && this.core.pools[below].write === 'through';
  }

  /** Drops what has not been used for its pool's time to live. */
  expire(): void {
    for (const pool of this.core.expires)
      for (let slot = pool.expired(); slot !== NONE; slot = pool.expired()) {
        pool.expiredBlocks++;
        this.lose(pool, slot);
      }
  }

  /** The block at `slot`, just loaded past the pool below, is copied to it as well, if it has been loaded so often. The run goes out with flush(). */
  promote(pool: Pool, slot: Slot, source: Pool, loads: number): void {
    if (pool.below === NONE || pool.below === source.index || !this.core.isOpen(pool.index, pool.below)) return;
    const below = this.core.pools[pool.below];
    if (below.promoteOn === 0 || loads < below.promoteOn || below.tier >= source.tier || below.find(pool.block[slot]) !== NONE) return;
    if (this.gate.admits(pool, slot, below) && this.takeBelow(below.index)) this.startStore(pool, slot, below.index, true, NONE);
  }

  /** A transfer no longer reads the copy: if it was leaving, its slot is free at last. */
  endRead(pool: Pool, slot: Slot): void {
    if (--pool.reads[slot] > 0 || pool.state[slot] !== LEAVING) return;
    this.core.fire(pool, slot, false);
    pool.leaving--;
    pool.remove(slot);
    this.core.tellSpace(pool);
  }

  private evictOne(pool: Pool, request: RequestRow): boolean {
    const slot = pool.victim();
    if (slot === NONE) return false;
    if (!this.core.savedBelow(pool.block[slot], pool)) {
      const below = this.core.below(pool);
      if (below !== NONE && !pool.unsaved.has(slot) && this.gate.admits(pool, slot, this.core.pools[below]) && this.takeBelow(below)) {
        this.startStore(pool, slot, below, true, request);
        pool.state[slot] = LEAVING;
        pool.leaving++;
        return true;
      }
      pool.droppedBlocks++;
    }
    this.vacate(pool, slot, request);
    return true;
  }

  /** The victim's slot is free now, or once the transfers that read it have ended; `request` waits for that. */
  private vacate(pool: Pool, slot: Slot, request: RequestRow): void {
    if (pool.reads[slot] === 0) return pool.remove(slot);
    pool.state[slot] = LEAVING;
    pool.leaving++;
    if (request !== NONE) this.core.wait(pool, slot, request);
  }

  /** Room for one block in a lower pool, by dropping a victim if there must be: a store never waits. */
  private takeBelow(index: PoolIndex): boolean {
    const pool = this.core.pools[index];
    return pool.used < pool.capacity || this.forceRoom(pool, 1);
  }

  /** Adds the copy at `slot` to the run of stores to `target`; the room there has been taken. `tailFirst`: the chain is walked from its end. `waiter` waits for the slot. */
  private startStore(pool: Pool, slot: Slot, target: PoolIndex, tailFirst: boolean, waiter: RequestRow): void {
    const {blocks, pools} = this.core;
    const row = pool.block[slot];
    const below = pools[target];
    const parent = blocks.parent[row];
    const joins =
      this.runBlocks > 0 &&
      this.runSource === pool.index &&
      this.runTarget === target &&
      this.runWaiter === waiter &&
      (tailFirst ? blocks.parent[this.runEnd] === row : parent === this.runEnd);
    if (!joins) {
      this.flush();
      this.runSource = pool.index;
      this.runTarget = below.index;
      this.runTip = row;
      this.runWaiter = waiter;
    }
    if (!tailFirst) this.runTip = row;
    this.runEnd = row;
    this.runBlocks++;
    pool.reads[slot]++;
    below.insert(row, ARRIVING, parent === NONE ? NONE : below.find(parent));
    below.admission?.wrote();
  }

  /** The run gathered so far goes out. */
  flush(): void {
    if (this.runBlocks === 0) return;
    const {transfers, requests} = this.core;
    const transfer = this.core.open(STORE, NONE, this.runSource, this.runTarget, this.runTip, this.runBlocks, 0);
    if (this.runWaiter !== NONE) {
      transfers.waiter[transfer] = this.runWaiter;
      transfers.waiterEpoch[transfer] = requests.epoch[this.runWaiter];
      requests.evictions[this.runWaiter]++;
    }
    this.core.issue(transfer);
    this.tellStore();
    this.runBlocks = 0;
    const target = this.core.pools[this.runTarget];
    if (target.capacity - target.used + target.leaving < target.reserveLow) this.replenish(target);
  }

  private tellStore(): void {
    const {accessLog, blocks, now} = this.core;
    if (accessLog === null) return;
    const rows = new Int32Array(this.runBlocks);
    blocks.path(this.runTip, this.runBlocks, rows);
    accessLog.record(now, this.runTarget, NONE, 0, rows, 0, this.runBlocks);
  }

  /** The run of `count` blocks ending at `tip` has been stored in `target`, or not; `transfer` was its row. */
  stored(transfer: number, source: Pool, target: Pool, failed: boolean): void {
    const {blocks, transfers, requests} = this.core;
    const tip = transfers.tip[transfer];
    const count = transfers.blocks[transfer];
    let row = tip;
    for (let i = 0; i < count; i++) {
      const parent = blocks.parent[row];
      const copy = target.find(row);
      if (failed) {
        this.abandon(target, copy);
        if (source.state[source.findRead(row)] === LEAVING && !this.core.savedBelow(row, source)) source.droppedBlocks++;
      } else this.core.arrived(target, copy);
      this.endRead(source, source.findRead(row));
      row = parent;
    }
    const waiter = transfers.waiter[transfer];
    if (waiter !== NONE && requests.epoch[waiter] === transfers.waiterEpoch[transfer]) {
      requests.evictions[waiter]--;
      this.core.settle(waiter);
    }
    if (failed || !this.writesThrough(target)) return;
    const rows = new Int32Array(count);
    blocks.path(tip, count, rows);
    this.writeThrough(target, rows, 0, count);
  }

  /** A copy that never came. */
  private abandon(pool: Pool, slot: Slot): void {
    pool.policy.remove(slot);
    pool.remove(slot);
  }

  /** That share of a pool's copies is gone, whole blocks by their content; those in use by a request or on their way are not its to lose. */
  loseShare(pool: Pool, share: number): void {
    const gone = new Uint8Array(pool.slots);
    for (let slot = 0; slot < pool.slots; slot++)
      if (pool.state[slot] === RESIDENT && pool.pins[slot] === 0 && fallsUnder(this.core.blocks.key(pool.block[slot]), share))
        gone[slot] = 1;
    for (let slot = 0; slot < pool.slots; slot++) {
      const parent = pool.parentSlot[slot];
      if (pool.state[slot] !== 0 && parent !== NONE && gone[parent] === 1) pool.orphan(slot);
    }
    for (let slot = 0; slot < pool.slots; slot++) {
      if (gone[slot] === 0) continue;
      pool.lostBlocks++;
      this.lose(pool, slot);
    }
    this.core.tellSpace(pool);
  }

  /** A copy that can no longer be read: out of its pool, at once. It is resident and not pinned. */
  lose(pool: Pool, slot: Slot): void {
    if (pool.state[slot] !== RESIDENT || pool.pins[slot] > 0) return;
    pool.policy.remove(slot);
    pool.guard(slot);
    pool.orphan(slot);
    this.vacate(pool, slot, NONE);
  }
}

/** Whether a block is of that share of all blocks; the same blocks are of any larger share. */
function fallsUnder(key: number, share: number): boolean {
  return Math.imul(key, 0x9e3779b1) >>> 0 < share * 2 ** 32;
}
