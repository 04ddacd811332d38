/**
 * LIRS: blocks of low inter-reference recency (LIR) keep nearly the whole cache; all others, newcomers too, pass through a short queue. The stack S orders
 * by last use every LIR block and whatever was used after the oldest of them, departed blocks too; a block that is used again while it stands in S
 * becomes LIR, and the oldest LIR block takes its place in the queue.
 *
 * Nodes of S are numbered apart from slots, because a departed block keeps its place in it. About 60 bytes a node. The paper sets no bound to departed
 * blocks in S; here as in most implementations the first to depart is forgotten when they exceed a multiple of the capacity.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownFloats, grownIntegers, SizeColumn} from './columns.ts';
import {Rings} from './rings.ts';

const params = {
  queue: {
    type: 'number',
    min: 0.0001,
    max: 0.9,
    fraction: true,
    default: 0.01,
    meaning: "The queue's share of the capacity: Lhirs of the paper.",
    source: 'Jiang and Zhang, SIGMETRICS 2002, section 3.2',
  },
  ghosts: {
    type: 'number',
    min: 0,
    max: 100,
    fraction: true,
    default: 1,
    meaning: 'What is remembered of departed blocks, in capacities.',
    source: 'fitted to the counts of libCacheSim: the paper has no bound',
  },
} as const satisfies Params;

const OUTSIDE = 0;
const LIR = 1;
const HIR = 2;

class Lirs implements EvictionPolicy {
  private readonly queue: Rings;
  private readonly sizes: SizeColumn;
  private readonly lirMax: number;
  private readonly queueMax: number;
  private lir = 0;
  private queued = 0;
  private state: Uint8Array;
  private pinned: Uint8Array;
  private keys: Int32Array;
  /** Node in S by slot, NONE outside. */
  private node: Int32Array;
  private readonly stack: Stack;
  private recalled = false;

  constructor(values: ValuesOf<typeof params>, {slots, capacity}: PolicySpace) {
    this.queue = new Rings(1, slots);
    this.sizes = new SizeColumn(slots);
    this.queueMax = Math.max(1, Math.floor(capacity * values.queue));
    this.stack = new Stack(capacity * values.ghosts);
    this.lirMax = capacity - this.queueMax;
    this.state = new Uint8Array(slots);
    this.pinned = new Uint8Array(slots);
    this.keys = new Int32Array(slots);
    this.node = new Int32Array(slots).fill(NONE);
  }

  miss(key: number, size: number): boolean {
    const node = this.stack.departed(key);
    this.recalled = node !== NONE;
    if (this.recalled) this.stack.forget(node);
    return size <= this.lirMax;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, size: number): void {
    this.keys[slot] = key;
    this.sizes.set(slot, size);
    this.pinned[slot] = 1;
    this.node[slot] = this.stack.push(slot);
    if (this.recalled || this.lir + size <= this.lirMax) {
      this.state[slot] = LIR;
      this.lir += size;
      this.demote();
      this.prune();
    } else {
      this.state[slot] = HIR;
      this.queued += size;
    }
    this.recalled = false;
  }

  hold(slot: Slot): void {
    this.pinned[slot] = 1;
    if (this.state[slot] === HIR) this.queue.unlink(slot);
    this.use(slot);
  }

  release(slot: Slot): void {
    this.pinned[slot] = 0;
    if (this.state[slot] === HIR) this.queue.push(0, slot);
  }

  touch(slot: Slot): boolean {
    if (this.state[slot] === HIR) this.queue.unlink(slot);
    this.use(slot);
    if (this.state[slot] === HIR && !this.queue.stands(slot)) this.queue.push(0, slot); // demoted at once, it stands there already
    return false;
  }

  remove(slot: Slot): void {
    if (this.queue.stands(slot)) this.queue.unlink(slot);
    if (this.state[slot] === LIR) this.lir -= this.sizes.get(slot);
    else this.queued -= this.sizes.get(slot);
    this.state[slot] = OUTSIDE;
    if (this.node[slot] !== NONE) this.stack.forget(this.node[slot]);
    this.node[slot] = NONE;
    this.prune();
  }

  evict(guards: Int32Array): Slot {
    let slot = this.queue.oldestFree(0, guards);
    if (slot === NONE) slot = this.oldestLir(guards);
    if (slot === NONE) return NONE;
    if (this.queue.stands(slot)) this.queue.unlink(slot);
    if (this.state[slot] === LIR) {
      this.remove(slot);
      return slot;
    }
    this.queued -= this.sizes.get(slot);
    this.state[slot] = OUTSIDE;
    if (this.node[slot] !== NONE) this.stack.depart(this.node[slot], this.keys[slot], this.sizes.get(slot));
    this.node[slot] = NONE;
    return slot;
  }

  grow(slots: number): void {
    this.queue.grow(slots);
    this.sizes.grow(slots);
    const from = this.node.length;
    this.state = grownBytes(this.state, slots);
    this.pinned = grownBytes(this.pinned, slots);
    this.keys = grownIntegers(this.keys, slots);
    this.node = grownIntegers(this.node, slots).fill(NONE, from);
  }

  /** To the top of S; a HIR block that stood there becomes LIR. The slot stands outside the queue. */
  private use(slot: Slot): void {
    const node = this.node[slot];
    if (node === NONE) {
      this.node[slot] = this.stack.push(slot);
      return;
    }
    this.stack.lift(node);
    if (this.state[slot] === HIR) {
      const size = this.sizes.get(slot);
      this.state[slot] = LIR;
      this.queued -= size;
      this.lir += size;
      this.demote();
    }
    this.prune();
  }

  /** While LIR blocks hold too much, the oldest goes to the queue. */
  private demote(): void {
    while (this.lir > this.lirMax) {
      this.prune();
      const slot = this.stack.bottomSlot();
      if (slot === NONE) return;
      const size = this.sizes.get(slot);
      this.lir -= size;
      this.queued += size;
      this.state[slot] = HIR;
      this.stack.forget(this.node[slot]);
      this.node[slot] = NONE;
      if (this.pinned[slot] === 0) this.queue.push(0, slot);
    }
  }

  /** The bottom of S is a LIR block: whatever is older goes. */
  private prune(): void {
    const {stack} = this;
    while (stack.count > 0) {
      const slot = stack.bottomSlot();
      if (slot !== NONE && this.state[slot] === LIR) return;
      if (slot !== NONE) this.node[slot] = NONE;
      stack.forget(stack.bottom());
    }
  }

  private oldestLir(guards: Int32Array): Slot {
    const {stack} = this;
    for (let node = stack.bottom(); node !== NONE; node = stack.above(node)) {
      const slot = stack.slotOf(node);
      if (slot !== NONE && this.state[slot] === LIR && this.pinned[slot] === 0 && guards[slot] === 0) return slot;
    }
    return NONE;
  }
}

/** S: nodes in order of last use, each of a slot, or of a departed block and then found by its key. */
class Stack {
  count = 0;
  private readonly departedMax: number;
  private departedSize = 0;
  private readonly rings = new Rings(1, NODES_MIN);
  /** Departed nodes, the first to depart first. */
  private readonly departures = new Rings(1, NODES_MIN);
  private slot: Int32Array = new Int32Array(NODES_MIN);
  private key: Int32Array = new Int32Array(NODES_MIN);
  private size: Float64Array = new Float64Array(NODES_MIN);
  private readonly nodeOfKey = new Map<number, number>();
  private readonly free: number[] = [];
  private nodes = 0;

  constructor(departedMax: number) {
    this.departedMax = departedMax;
  }

  push(slot: Slot): number {
    const node = this.free.pop() ?? this.add();
    this.slot[node] = slot;
    this.rings.push(0, node);
    this.count++;
    return node;
  }

  lift(node: number): void {
    this.rings.unlink(node);
    this.rings.push(0, node);
  }

  /** The node's block has left its slot, and keeps its place until too many have departed. */
  depart(node: number, key: number, size: number): void {
    const twin = this.departed(key);
    if (twin !== NONE) this.forget(twin);
    this.slot[node] = NONE;
    this.key[node] = key;
    this.size[node] = size;
    this.nodeOfKey.set(key, node);
    this.departures.push(0, node);
    this.departedSize += size;
    while (this.departedSize > this.departedMax) this.forget(this.departures.oldest(0));
  }

  /** Node of a departed block, or NONE. */
  departed(key: number): number {
    return this.nodeOfKey.get(key) ?? NONE;
  }

  forget(node: number): void {
    if (this.slot[node] === NONE) {
      this.nodeOfKey.delete(this.key[node]);
      this.departures.unlink(node);
      this.departedSize -= this.size[node];
    }
    this.rings.unlink(node);
    this.free.push(node);
    this.count--;
  }

  bottom(): number {
    return this.rings.oldest(0);
  }

  above(node: number): number {
    return this.rings.newer(node);
  }

  slotOf(node: number): Slot {
    return this.slot[node];
  }

  /** NONE: S is empty, or its bottom has departed. */
  bottomSlot(): Slot {
    const node = this.rings.oldest(0);
    return node === NONE ? NONE : this.slot[node];
  }

  private add(): number {
    if (this.nodes === this.slot.length) {
      this.rings.grow(2 * this.nodes);
      this.departures.grow(2 * this.nodes);
      this.slot = grownIntegers(this.slot, 2 * this.nodes);
      this.key = grownIntegers(this.key, 2 * this.nodes);
      this.size = grownFloats(this.size, 2 * this.nodes);
    }
    return this.nodes++;
  }
}

const NODES_MIN = 1024;

export const lirs = {
  name: 'lirs',
  summary: 'LIRS: nearly all of the cache for blocks of low inter-reference recency.',
  source: 'Jiang and Zhang, LIRS: an efficient low inter-reference recency set replacement policy, SIGMETRICS 2002',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new Lirs(values, space),
} as const satisfies Kind<typeof params>;
