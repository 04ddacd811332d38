/**
 * One place in a tier: copies by slot, 22 bytes each beside the policy's own. The pool owns capacity, pins and the guard of children; its
 * policy only orders. `used` counts copies and private blocks (a request's partial block and what it generates), and may exceed
 * capacity by the copies that are leaving: whoever took their place waits until they have gone.
 */
import {fail} from '../base/assert.ts';
import {Ages} from './ages.ts';
import type {BlockTable} from './blockTable.ts';
import {Lineage} from './lineage.ts';
import {
  NONE,
  type Admission,
  type BlockRow,
  type EvictionPolicy,
  type Occasion,
  type PolicySpace,
  type PoolConfig,
  type PoolIndex,
  type Slot,
  type Ticks,
} from './ports.ts';

export const COMPUTING = 1;
export const ARRIVING = 2;
export const RESIDENT = 3;
/** Evicted, but still being read by a transfer: its slot is not free yet, and nobody may hit it. */
export const LEAVING = 4;

/** Pool.verdicts: what the admission of the pool below has said of a copy. A refusal stands until the copy is used again, an admission as long as it is here. */
export const UNASKED = 0;
export const ADMITTED = 1;
/** Admitted, and used since. */
export const PROMISED = 2;
export const REFUSED = 3;
/** Refused, and counted as such. */
export const TURNED_AWAY = 4;

/** A pool's columns are made whole up to this size, beyond it they double: pages that are never touched cost no memory, and growing copies. The eighth above capacity is for slots whose place is still being freed. */
const SLOTS_AT_ONCE = 2 ** 22;

/** What the policies of all pools share. */
export type Scene = Required<Pick<PolicySpace, 'occasion' | 'waiting' | 'recomputeNs'>> & {
  readonly occasion: Occasion;
  readonly blockBytes: number;
};

export class Pool {
  readonly index: PoolIndex;
  readonly name: string;
  readonly tier: number;
  readonly capacity: number;
  readonly below: PoolIndex;
  readonly write: 'through' | 'back';
  readonly reserveLow: number;
  readonly reserveHigh: number;
  readonly policy: EvictionPolicy;
  readonly ttl: Ticks;
  readonly promote: 'copy' | 'move';
  readonly promoteOn: number;
  /** null: everything may be written here. */
  readonly admission: Admission | null;
  /** Columns by slot. */
  block: Int32Array;
  state: Uint8Array;
  pins: Uint16Array;
  /** Transfers that read the copy. */
  reads: Uint8Array;
  /** Copies of child blocks in this pool that are not leaving, and one more while the copy is not resident or is pinned: the victim is one whose guards are 0. */
  guards: Int32Array;
  /** Slot of the parent's copy whose children count this copy; NONE where the parent came later or not at all. */
  parentSlot: Int32Array;
  /** The block's next copy. For a free slot, nextSlot is the next free one. */
  nextPool: Int16Array;
  nextSlot: Int32Array;
  /** Loads from the copy, up to 255; null where no pool above asks. */
  loads: Uint8Array | null = null;
  /** What an admission below has said of the copy; null where there is none. */
  verdicts: Uint8Array | null = null;
  /** Of the copies that an admission below has let in; null where there is none. */
  promised: Lineage | null = null;
  /** Of the copies here; null where there is no admission. */
  readonly lineage: Lineage | null;
  used = 0;
  privateBlocks = 0;
  /** Resident copies without a pin. */
  evictable = 0;
  leaving = 0;
  /** Copies still arriving for a request that has been released: until they land, `evictable` counts ancestors that their guard protects. */
  adrift = 0;
  usedMax = 0;
  evictedBlocks = 0;
  droppedBlocks = 0;
  /** Dropped because they were not used for the pool's time to live. */
  expiredBlocks = 0;
  /** Gone in a fault. */
  lostBlocks = 0;
  /** Made or evicted in the pool above, and not written here because the admission refused. */
  refusedBlocks = 0;
  /** Copies that decode has made and no prompt has used, where those do not go down. */
  readonly unsaved = new Set<Slot>();
  /** Told of every copy that comes and goes. */
  watch: ((row: BlockRow, came: boolean) => void) | null = null;
  /** Slots ever used: the range to scan. */
  slots = 0;
  private freeHead: Slot = NONE;
  private readonly blocks: BlockTable;
  /** All pools, by index: a block's copies form a list across them. */
  private readonly all: readonly Pool[];
  private readonly occasion: Occasion;
  /** null: copies do not age. */
  private readonly ages: Ages | null;

  /** `countLoads`: whether some pool above takes copies of what is loaded from here often. */
  constructor(index: PoolIndex, config: PoolConfig, blocks: BlockTable, all: readonly Pool[], scene: Scene, countLoads: boolean) {
    const slots = Math.max(16, Math.min(SLOTS_AT_ONCE, Math.ceil(config.capacityBlocks * 1.125)));
    this.index = index;
    this.name = config.name;
    this.tier = config.tier;
    this.capacity = config.capacityBlocks;
    this.below = config.below;
    this.write = config.write;
    this.reserveLow = config.reserveLow;
    this.reserveHigh = config.reserveHigh;
    this.policy = config.policy({slots, capacity: config.capacityBlocks, ...scene});
    this.ttl = config.ttl ?? Infinity;
    this.promote = config.promote ?? 'copy';
    this.promoteOn = config.promoteOn ?? 0;
    this.admission = config.admission?.({name: config.name, capacity: config.capacityBlocks, ...scene}) ?? null;
    this.lineage = this.admission === null ? null : new Lineage(blocks);
    this.blocks = blocks;
    this.all = all;
    this.occasion = scene.occasion;
    this.ages = this.ttl === Infinity ? null : new Ages(slots);
    if (countLoads) this.loads = new Uint8Array(slots);
    this.block = new Int32Array(slots);
    this.state = new Uint8Array(slots);
    this.pins = new Uint16Array(slots);
    this.reads = new Uint8Array(slots);
    this.guards = new Int32Array(slots);
    this.parentSlot = new Int32Array(slots);
    this.nextPool = new Int16Array(slots);
    this.nextSlot = new Int32Array(slots);
  }

  /** Blocks that may be taken now: capacity that no copy, private block or leaving copy occupies. */
  free(): number {
    return Math.max(0, this.capacity - this.used);
  }

  /** Blocks that physically hold bytes now: `used`, less what waits for leaving copies to go. */
  occupied(): number {
    return Math.min(this.used, this.capacity);
  }

  /** A new copy of `row` in `state`; `parentSlot` is its parent's slot here, NONE where the parent has no copy in this pool. */
  insert(row: BlockRow, state: number, parentSlot: Slot): Slot {
    let slot = this.freeHead;
    if (slot !== NONE) this.freeHead = this.nextSlot[slot];
    else {
      if (this.slots === this.block.length) this.grow();
      slot = this.slots++;
    }
    this.block[slot] = row;
    this.state[slot] = state;
    this.guards[slot] = 1;
    if (this.loads !== null) this.loads[slot] = 0;
    if (this.verdicts !== null) this.verdicts[slot] = UNASKED;
    this.lineage?.hold(row);
    this.link(row, slot);
    this.blocks.hold(row);
    this.parentSlot[slot] = parentSlot;
    if (parentSlot !== NONE) this.guards[parentSlot]++;
    this.take(1);
    const key = this.blocks.key(row);
    this.occasion.depth = this.blocks.depth[row];
    this.policy.miss(key, 1);
    this.policy.insert(slot, key, 1);
    this.watch?.(row, true);
    return slot;
  }

  /** Takes the copy off its block and frees the slot. It is not in use, and the policy has let go of it. */
  remove(slot: Slot): void {
    const row = this.block[slot];
    if (this.pins[slot] !== 0 || this.reads[slot] !== 0) fail(`${this.name}: slot ${slot} freed while in use`);
    this.watch?.(row, false);
    this.unsaved.delete(slot);
    this.orphan(slot);
    if (this.guards[slot] > 1) this.strand(slot);
    this.unlink(row, slot);
    this.lineage?.drop(row);
    if (this.isPromised(slot)) this.promised!.drop(row);
    this.state[slot] = 0;
    this.nextSlot[slot] = this.freeHead;
    this.freeHead = slot;
    this.used--;
    this.blocks.drop(row);
  }

  /** A copy that nobody pins any more becomes one that may be evicted. */
  settle(slot: Slot): void {
    this.guards[slot]--;
    this.policy.release(slot);
    this.evictable++;
    this.ages?.add(slot, this.occasion.now);
  }

  /** A load reads the copy. */
  use(slot: Slot): void {
    this.policy.touch(slot);
    if (this.verdicts !== null) this.verdicts[slot] = this.isPromised(slot) ? PROMISED : UNASKED;
    if (this.loads !== null && this.loads[slot] < 255) this.loads[slot]++;
    if (this.pins[slot] === 0) this.age(slot);
  }

  /** The oldest copy whose time to live is over and that has no children here; NONE. One with children lives on as long as they. */
  expired(): Slot {
    const {ages, occasion} = this;
    if (ages === null) return NONE;
    for (;;) {
      const slot = ages.oldest;
      if (slot === NONE || ages.sinceOf(slot) + this.ttl > occasion.now) return NONE;
      if (this.guards[slot] === 0) return slot;
      this.age(slot);
    }
  }

  private age(slot: Slot): void {
    this.ages?.remove(slot);
    this.ages?.add(slot, this.occasion.now);
  }

  pin(slot: Slot): void {
    if (this.verdicts !== null) this.verdicts[slot] = this.isPromised(slot) ? PROMISED : UNASKED;
    if (this.pins[slot]++ > 0) return;
    if (this.state[slot] === ARRIVING) this.adrift--;
    if (this.state[slot] !== RESIDENT) return;
    this.policy.hold(slot);
    this.guard(slot);
  }

  /** A resident copy without a pin is one no more. */
  guard(slot: Slot): void {
    this.guards[slot]++;
    this.evictable--;
    this.ages?.remove(slot);
  }

  /** Gives a pin back; a resident copy without pins may then be evicted. */
  unpin(slot: Slot): void {
    if (this.pins[slot] === 0) fail(`${this.name}: slot ${slot} unpinned too often`);
    if (--this.pins[slot] > 0) return;
    if (this.state[slot] === RESIDENT) this.settle(slot);
    else if (this.state[slot] === ARRIVING) this.adrift++;
  }

  /** Space for private blocks, or for copies. */
  take(blocks: number): void {
    this.used += blocks;
    if (this.used > this.usedMax) this.usedMax = this.used;
  }

  /** The policy's victim, out of its order and of its parent's children; NONE where all are pinned. */
  victim(): Slot {
    const slot = this.policy.evict(this.guards);
    if (slot === NONE) return NONE;
    if (this.state[slot] !== RESIDENT || this.guards[slot] !== 0) fail(`${this.name}: the policy evicted slot ${slot}, which is in use`);
    this.guard(slot);
    this.evictedBlocks++;
    this.orphan(slot);
    return slot;
  }

  /** No longer counts among its parent's children. */
  orphan(slot: Slot): void {
    const parentSlot = this.parentSlot[slot];
    if (parentSlot === NONE) return;
    this.guards[parentSlot]--;
    this.parentSlot[slot] = NONE;
  }

  /** A copy is lost to a failure, with children: they have no parent here any more. */
  private strand(slot: Slot): void {
    for (let child = 0; child < this.slots; child++)
      if (this.parentSlot[child] === slot && this.state[child] !== 0) this.parentSlot[child] = NONE;
    this.guards[slot] = 1;
  }

  /** Some pool below has an admission. */
  keepVerdicts(): void {
    this.verdicts = new Uint8Array(this.block.length);
    this.promised = new Lineage(this.blocks);
  }

  /** The admission below has let the copy in. */
  promise(slot: Slot): void {
    this.verdicts![slot] = ADMITTED;
    this.promised!.hold(this.block[slot]);
  }

  isPromised(slot: Slot): boolean {
    return this.verdicts !== null && (this.verdicts[slot] === ADMITTED || this.verdicts[slot] === PROMISED);
  }

  /** Slot of the block's copy here that is not leaving, or NONE. */
  find(row: BlockRow): Slot {
    const {firstPool, firstSlot} = this.blocks;
    let slot = firstSlot[row];
    for (let pool = firstPool[row]; pool !== NONE;) {
      const owner = this.all[pool];
      if (owner === this && this.state[slot] !== LEAVING) return slot;
      pool = owner.nextPool[slot];
      slot = owner.nextSlot[slot];
    }
    return NONE;
  }

  /** Slot of the block's copy here that a transfer reads, the leaving one first, or NONE. */
  findRead(row: BlockRow): Slot {
    const {firstPool, firstSlot} = this.blocks;
    let found = NONE;
    let slot = firstSlot[row];
    for (let pool = firstPool[row]; pool !== NONE;) {
      const owner = this.all[pool];
      if (owner === this && this.reads[slot] > 0) {
        if (this.state[slot] === LEAVING) return slot;
        found = slot;
      }
      pool = owner.nextPool[slot];
      slot = owner.nextSlot[slot];
    }
    return found;
  }

  /** Into the list of the block's copies, behind the first one where that lies in a lower tier: eviction asks for those. */
  private link(row: BlockRow, slot: Slot): void {
    const {firstPool, firstSlot} = this.blocks;
    const first = firstPool[row];
    const owner = first === NONE ? this : this.all[first];
    if (this.tier > 0 || owner.tier === 0) {
      this.nextPool[slot] = first;
      this.nextSlot[slot] = firstSlot[row];
      firstPool[row] = this.index;
      firstSlot[row] = slot;
      return;
    }
    const before = firstSlot[row];
    this.nextPool[slot] = owner.nextPool[before];
    this.nextSlot[slot] = owner.nextSlot[before];
    owner.nextPool[before] = this.index;
    owner.nextSlot[before] = slot;
  }

  private unlink(row: BlockRow, slot: Slot): void {
    let pool = this.blocks.firstPool[row];
    let at = this.blocks.firstSlot[row];
    if (pool === this.index && at === slot) {
      this.blocks.firstPool[row] = this.nextPool[slot];
      this.blocks.firstSlot[row] = this.nextSlot[slot];
      return;
    }
    for (;;) {
      const owner = this.all[pool];
      pool = owner.nextPool[at];
      const next = owner.nextSlot[at];
      if (pool === this.index && next === slot) {
        owner.nextPool[at] = this.nextPool[slot];
        owner.nextSlot[at] = this.nextSlot[slot];
        return;
      }
      at = next;
    }
  }

  private grow(): void {
    const slots = this.block.length * 2;
    this.block = copied(this.block, new Int32Array(slots));
    this.state = copied(this.state, new Uint8Array(slots));
    this.pins = copied(this.pins, new Uint16Array(slots));
    this.reads = copied(this.reads, new Uint8Array(slots));
    this.guards = copied(this.guards, new Int32Array(slots));
    this.parentSlot = copied(this.parentSlot, new Int32Array(slots));
    this.nextPool = copied(this.nextPool, new Int16Array(slots));
    this.nextSlot = copied(this.nextSlot, new Int32Array(slots));
    if (this.loads !== null) this.loads = copied(this.loads, new Uint8Array(slots));
    if (this.verdicts !== null) this.verdicts = copied(this.verdicts, new Uint8Array(slots));
    this.ages?.grow(slots);
    this.policy.grow(slots);
  }
}

function copied<T extends Int32Array | Int16Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  (to as Int32Array).set(from as Int32Array);
  return to;
}
