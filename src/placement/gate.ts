/**
 * Who may be written to a pool that has an admission. A block is offered with every block of its chain that would have to come too. It is admitted only if
 * the block before it lies in that pool or below it, or is bound for it; and one with a descendant that lies there, or is bound for it, is always
 * admitted. So what is written can be reached, although chains leave a pool from their tail.
 */
import type {Core} from './core.ts';
import {ADMITTED, LEAVING, REFUSED, TURNED_AWAY, UNASKED, type Pool} from './pool.ts';
import {NONE, type Admission, type BlockRow, type Offer, type Slot} from './ports.ts';

export class Gate {
  private readonly core: Core;
  private readonly offered: Offer = {count: 0, keys: new Int32Array(64), depth: 0, continues: false};
  /** Of the offer, the deepest first. */
  private slots = new Int32Array(64);

  constructor(core: Core) {
    this.core = core;
  }

  /** Whether the copy at `slot` of `pool`, which has none in `target` or below, may be written to `target`. Counts what is refused. */
  admits(pool: Pool, slot: Slot, target: Pool): boolean {
    const {admission} = target;
    if (admission === null) return true;
    const verdicts = pool.verdicts!;
    if (verdicts[slot] === UNASKED) this.judge(pool, slot, target, admission);
    if (pool.isPromised(slot) || isNeeded(pool.block[slot], pool, target)) return true;
    if (verdicts[slot] === REFUSED) target.refusedBlocks++;
    verdicts[slot] = TURNED_AWAY;
    return false;
  }

  /** Has blocks rows[first .. last) of one chain judged together, before admits() is asked of each. */
  offer(pool: Pool, rows: Int32Array, first: number, last: number, target: Pool): void {
    if (target.admission === null) return;
    for (let i = last - 1; i >= first; i--) {
      const slot = pool.find(rows[i]);
      if (slot === NONE || this.core.savedBelow(rows[i], pool)) continue;
      if (pool.verdicts![slot] === UNASKED) this.judge(pool, slot, target, target.admission);
      return;
    }
  }

  /** Gives a verdict on the copy at `slot`, and on those before it that have none and lie nowhere below. */
  private judge(pool: Pool, slot: Slot, target: Pool, admission: Admission): void {
    const {offered} = this;
    const isReachable = this.gather(pool, slot, target);
    const wanted = admission.admit(offered);
    const admitted = isReachable ? Math.max(wanted, this.needed(pool, target)) : 0;
    for (let i = 0; i < offered.count; i++) {
      const at = this.slots[offered.count - 1 - i];
      if (i < admitted) pool.promise(at);
      else pool.verdicts![at] = REFUSED;
    }
  }

  /** Makes the offer that ends with the copy at `slot`. @returns whether the block before its first is in `target` or below, or will be */
  private gather(pool: Pool, slot: Slot, target: Pool): boolean {
    const {core, offered} = this;
    const {blocks} = core;
    offered.continues = false;
    let count = 0;
    let isReachable = true;
    for (let row = pool.block[slot], at = slot; ;) {
      if (count === this.slots.length) this.widen();
      this.slots[count++] = at;
      const parent = blocks.parent[row];
      offered.depth = blocks.depth[row];
      if (parent === NONE) break;
      at = pool.find(parent);
      offered.continues = at !== NONE && pool.verdicts![at] === ADMITTED;
      if ((at !== NONE && pool.isPromised(at)) || core.savedBelow(parent, pool)) break;
      if (at === NONE || pool.verdicts![at] !== UNASKED || pool.unsaved.has(at)) {
        isReachable = at === NONE ? this.isAbove(parent, target) : isNeeded(parent, pool, target);
        break;
      }
      row = parent;
    }
    offered.count = count;
    for (let i = 0; i < count; i++) offered.keys[i] = blocks.key(pool.block[this.slots[count - 1 - i]]);
    return isReachable;
  }

  /** How many leading blocks of the offer are needed by others. */
  private needed(pool: Pool, target: Pool): number {
    const {count} = this.offered;
    for (let i = 0; i < count; i++) if (isNeeded(pool.block[this.slots[i]], pool, target)) return count - i;
    return 0;
  }

  /** Whether the block has a copy whose eviction may bring it to `target`. */
  private isAbove(row: BlockRow, target: Pool): boolean {
    const {pools, blocks} = this.core;
    let slot = blocks.firstSlot[row];
    for (let at = blocks.firstPool[row]; at !== NONE;) {
      const owner = pools[at];
      if (owner.state[slot] !== LEAVING && this.core.isBelow(target.index, owner)) return true;
      const next = owner.nextSlot[slot];
      at = owner.nextPool[slot];
      slot = next;
    }
    return false;
  }

  private widen(): void {
    const slots = new Int32Array(this.slots.length * 2);
    slots.set(this.slots);
    this.slots = slots;
    this.offered.keys = new Int32Array(slots.length);
  }
}

/** Whether a block that is not in `target` has a descendant there, or one in `pool` that is bound for it. */
function isNeeded(row: BlockRow, pool: Pool, target: Pool): boolean {
  return target.lineage!.has(row) || pool.promised!.has(row);
}
