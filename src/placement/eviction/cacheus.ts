/**
 * Cacheus: LeCaR with two better experts and a learning rate that adapts (learningRate.ts).
 *
 * SR-LRU, which withstands scans: newcomers stand in a single-use part, whose oldest it evicts, and what is used there goes to the reused part. What
 * that has no room for is demoted to the single-use part; a use of a demoted block asks for a larger reused part, a return of a newcomer that
 * was evicted unused for a larger single-use one. CR-LFU, which withstands churn: of the least used the latest leaves, so that the others stay.
 *
 * Each expert remembers half as much as fits of what it gave up alone; what returns is put into the reused part, with its uses.
 */
import {exp} from '../../base/mathematics.ts';
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownFloats, grownIntegers, SizeColumn} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {LearningRate} from './learningRate.ts';
import {Rings} from './rings.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  single: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.5,
    meaning: 'Share of the capacity that the single-use part begins with.',
    source: 'a choice, closest to published counts; the code of the authors (FAST 2021) begins with 0.01',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the choices between the two.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const SINGLE = 0;
const REUSED = 1;

class Cacheus implements EvictionPolicy {
  private readonly capacity: number;
  private readonly stream: Stream;
  private readonly learning: LearningRate;
  private readonly rings: Rings;
  private readonly frequent: SlotHeap;
  /** What SR-LRU gave up, and what CR-LFU. */
  private readonly ghosts = [new Ghosts(), new Ghosts()] as const;
  /** How often a ghost had been used, and whether it left as a newcomer. */
  private readonly past = new Map<number, {readonly uses: number; readonly isNew: boolean}>();
  private readonly sizes: SizeColumn;
  private keys: Int32Array;
  private uses: Float64Array;
  /** By slot: its part, whether it came into a full cache and has not been evicted before, and whether it has been demoted. */
  private part: Uint8Array;
  private isNew: Uint8Array;
  private demoted: Uint8Array;
  /** Sizes of both parts, pinned blocks among them, and how much the reused one may hold. */
  private readonly held = [0, 0];
  private reusedMax: number;
  private demotedCount = 0;
  /** Newcomers among the ghosts of SR-LRU. */
  private newGhosts = 0;
  private recency = 0.5;
  private clock = 0;
  private isFull = false;
  /** Uses of the block that was last missed, where it was a ghost; else 0. */
  private returning = 0;

  constructor({single, seed}: Values, {slots, capacity}: PolicySpace) {
    this.capacity = capacity === Infinity ? slots : capacity;
    this.reusedMax = this.capacity - Math.max(1, Math.round(single * this.capacity));
    this.stream = new Stream(seed, 'eviction/cacheus');
    this.learning = new LearningRate(Math.min(this.capacity, slots), this.stream);
    this.rings = new Rings(2, slots);
    this.frequent = new SlotHeap(slots);
    this.sizes = new SizeColumn(slots);
    this.keys = new Int32Array(slots);
    this.uses = new Float64Array(slots);
    this.part = new Uint8Array(slots);
    this.isNew = new Uint8Array(slots);
    this.demoted = new Uint8Array(slots);
  }

  miss(key: number, _size: number): boolean {
    this.clock++;
    this.learning.request(false);
    this.returning = 0;
    const expert = this.ghosts[0].has(key) ? 0 : 1;
    if (this.ghosts[expert].take(key) === 0) return true;
    const {uses, isNew} = this.past.get(key)!;
    this.past.delete(key);
    this.returning = uses;
    this.regret(expert);
    if (expert === 0 && isNew) {
      this.newGhosts--;
      this.resize(-Math.max(1, Math.round(this.demotedCount / Math.max(1, this.newGhosts))));
    }
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, size: number): void {
    this.sizes.set(slot, size);
    this.keys[slot] = key;
    this.uses[slot] = this.returning;
    this.demoted[slot] = 0;
    const fills = this.held[SINGLE] === 0 && this.held[REUSED] + size <= this.reusedMax;
    this.isNew[slot] = this.returning === 0 && this.isFull && !fills ? 1 : 0;
    if (this.returning > 0) this.makeRoom(size);
    this.stand(slot, this.returning > 0 || fills ? REUSED : SINGLE);
    if (this.returning === 0) this.makeRoom(0);
  }

  hold(slot: Slot): void {
    this.clock++;
    this.learning.request(true);
    this.rings.unlink(slot);
    this.frequent.remove(slot);
    this.isNew[slot] = 0;
    if (this.part[slot] === REUSED) return;
    if (this.demoted[slot] === 1) this.resize(Math.max(1, Math.round(this.newGhosts / Math.max(1, this.demotedCount))));
    this.settleDemotion(slot);
    this.held[SINGLE] -= this.sizes.get(slot);
    this.makeRoom(this.sizes.get(slot));
    this.stand(slot, REUSED);
  }

  release(slot: Slot): void {
    this.rings.push(this.part[slot], slot);
    this.frequent.set(slot, ++this.uses[slot], -this.clock);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) {
      this.rings.unlink(slot);
      this.frequent.remove(slot);
    }
    this.leave(slot);
  }

  /** Where both would choose the same one, nobody can be blamed, and it is forgotten. */
  evict(guards: Int32Array): Slot {
    const single = this.rings.oldestFree(SINGLE, guards);
    const oldest = single === NONE ? this.rings.oldestFree(REUSED, guards) : single;
    if (oldest === NONE) return NONE;
    const rarest = this.frequent.take(guards);
    const byRecency = this.stream.uniform() < this.recency;
    const slot = byRecency ? oldest : rarest;
    if (slot !== rarest) {
      this.frequent.set(rarest, this.frequent.priorityOf(rarest), this.frequent.orderOf(rarest));
      this.frequent.remove(slot);
    }
    this.rings.unlink(slot);
    this.isFull = true;
    this.leave(slot);
    if (oldest !== rarest) this.remember(slot, byRecency ? 0 : 1);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.frequent.grow(slots);
    this.sizes.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.uses = grownFloats(this.uses, slots);
    this.part = grownBytes(this.part, slots);
    this.isNew = grownBytes(this.isNew, slots);
    this.demoted = grownBytes(this.demoted, slots);
  }

  private stand(slot: Slot, part: 0 | 1): void {
    this.part[slot] = part;
    this.held[part] += this.sizes.get(slot);
  }

  private leave(slot: Slot): void {
    this.held[this.part[slot]] -= this.sizes.get(slot);
    this.settleDemotion(slot);
  }

  private settleDemotion(slot: Slot): void {
    this.demotedCount -= this.demoted[slot];
    this.demoted[slot] = 0;
  }

  /** The reused part gives up its oldest until `size` more fits; what is pinned stays. */
  private makeRoom(size: number): void {
    while (this.held[REUSED] + size > this.reusedMax) {
      const slot = this.rings.oldest(REUSED);
      if (slot === NONE) return;
      this.rings.unlink(slot);
      this.rings.push(SINGLE, slot);
      this.held[REUSED] -= this.sizes.get(slot);
      this.stand(slot, SINGLE);
      this.demoted[slot] = 1;
      this.demotedCount++;
    }
  }

  /** The reused part may hold so much more. Both keep at least one. */
  private resize(by: number): void {
    this.reusedMax = Math.max(1, Math.min(this.capacity - 1, this.reusedMax + by));
  }

  private remember(slot: Slot, expert: 0 | 1): void {
    const ghosts = this.ghosts[expert];
    const key = this.keys[slot];
    const isNew = this.isNew[slot] === 1;
    ghosts.add(key, this.sizes.get(slot));
    this.past.set(key, {uses: this.uses[slot], isNew});
    if (expert === 0 && isNew) this.newGhosts++;
    while (ghosts.size > this.capacity / 2) {
      const dropped = ghosts.dropOldest();
      if (expert === 0 && this.past.get(dropped)!.isNew) this.newGhosts--;
      this.past.delete(dropped);
    }
  }

  /** What the expert gave up is wanted. */
  private regret(expert: 0 | 1): void {
    const factor = exp(-this.learning.rate);
    const recency = this.recency * (expert === 0 ? factor : 1);
    const frequency = (1 - this.recency) * (expert === 0 ? 1 : factor);
    this.recency = Math.min(0.99, Math.max(0.01, recency / (recency + frequency)));
  }
}

export const cacheus = {
  name: 'cacheus',
  summary: 'Cacheus: LRU that withstands scans or LFU that withstands churn, by chance, with weights learned from regret.',
  source: 'Rodriguez et al., Learning cache replacement with CACHEUS, FAST 2021',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Cacheus(values, space),
} as const satisfies Kind<typeof params>;
