/**
 * A small queue on trial before a main queue, with a memory of those that failed: the frame of S3-FIFO and QD-LP-FIFO. Newcomers enter the small
 * queue; with uses enough they go on to main when their turn comes, else they leave and are remembered. Who comes back while remembered is main's at
 * once. In main, what was used goes round, once for each use up to three. A block larger than the small queue is not taken.
 *
 * A chain's blocks enter tail first; guarded blocks are treated as used. 13 bytes a slot, 40 a ghost.
 */
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownIntegers, SizeColumn} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {Rings} from './rings.ts';

export interface TrialRules {
  /** The small queue's share of the capacity. */
  readonly small: number;
  /** What is remembered, in capacities. */
  readonly ghosts: number;
  /** Uses in the small queue that lead to main, 1 .. 3. */
  readonly uses: number;
  /** Where newcomers go while nothing has been evicted and the small queue is full. */
  readonly filling: 'small' | 'main';
  /** Whether the choice between the two queues is made again after every block that goes on, or only once one has left. */
  readonly decidesAgain: boolean;
}

const SMALL = 0;
const MAIN = 1;
/** State of a slot: two bits of uses, then the queue. */
const USES = 3;
const IN_MAIN = 4;

export class TrialQueues implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly ghosts = new Ghosts();
  private readonly sizes: SizeColumn;
  private keys: Int32Array;
  private state: Uint8Array;
  private readonly smallMax: number;
  private readonly mainMax: number;
  private readonly ghostMax: number;
  private readonly usesMin: number;
  private small = 0;
  private main = 0;
  /** Of slots that stand in a queue. */
  private count = 0;
  private readonly decidesAgain: boolean;
  private spills: boolean;
  private recalled = false;

  constructor(rules: TrialRules, {slots, capacity}: PolicySpace) {
    this.rings = new Rings(2, slots);
    this.sizes = new SizeColumn(slots);
    this.keys = new Int32Array(slots);
    this.state = new Uint8Array(slots);
    this.smallMax = Math.floor(capacity * rules.small);
    this.mainMax = capacity - this.smallMax;
    this.ghostMax = Math.floor(capacity * rules.ghosts);
    this.usesMin = rules.uses;
    this.spills = rules.filling === 'main';
    this.decidesAgain = rules.decidesAgain;
  }

  miss(key: number, size: number): boolean {
    this.recalled = this.ghosts.take(key) > 0;
    return this.recalled || size < this.smallMax;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, size: number): void {
    this.keys[slot] = key;
    this.sizes.set(slot, size);
    const toMain = this.recalled || (this.spills && this.small >= this.smallMax);
    this.state[slot] = toMain ? IN_MAIN : 0;
    this.recalled = false;
    if (toMain) this.main += size;
    else this.small += size;
  }

  hold(slot: Slot): void {
    this.touch(slot);
  }

  release(slot: Slot): void {
    if (this.rings.stands(slot)) return;
    this.rings.push(this.state[slot] & IN_MAIN ? MAIN : SMALL, slot);
    this.count++;
  }

  touch(slot: Slot): boolean {
    const state = this.state[slot];
    if ((state & USES) < USES) this.state[slot] = state + 1;
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) {
      this.rings.unlink(slot);
      this.count--;
    }
    this.discount(slot);
  }

  evict(guards: Int32Array): Slot {
    const {rings} = this;
    this.spills = false;
    let inSmall = this.main <= this.mainMax;
    for (let steps = (USES + 2) * this.count; steps > 0; steps--) {
      let slot = inSmall ? rings.oldest(SMALL) : rings.oldest(MAIN);
      if (slot === NONE) {
        inSmall = !inSmall;
        slot = rings.oldest(inSmall ? SMALL : MAIN);
      }
      rings.unlink(slot);
      if (guards[slot] === 0 && this.leaves(slot)) {
        this.count--;
        this.discount(slot);
        if (inSmall) this.remember(slot);
        return slot;
      }
      this.goOn(slot);
      if (this.decidesAgain) inSmall = this.main <= this.mainMax;
    }
    return NONE;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.sizes.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.state = grownBytes(this.state, slots);
  }

  private leaves(slot: Slot): boolean {
    const state = this.state[slot];
    return state & IN_MAIN ? (state & USES) === 0 : state < this.usesMin;
  }

  /** From the small queue to main, or round main. */
  private goOn(slot: Slot): void {
    const state = this.state[slot];
    if (state & IN_MAIN) this.state[slot] = state & USES ? state - 1 : state;
    else {
      const size = this.sizes.get(slot);
      this.state[slot] = IN_MAIN;
      this.small -= size;
      this.main += size;
    }
    this.rings.push(MAIN, slot);
  }

  private remember(slot: Slot): void {
    const size = this.sizes.get(slot);
    if (size > this.ghostMax) return;
    while (this.ghosts.size + size > this.ghostMax) this.ghosts.dropOldest();
    this.ghosts.add(this.keys[slot], size);
  }

  private discount(slot: Slot): void {
    if (this.state[slot] & IN_MAIN) this.main -= this.sizes.get(slot);
    else this.small -= this.sizes.get(slot);
  }
}
