/**
 * 2Q (the full version): newcomers pass through a queue and are then remembered; who is wanted while remembered enters an LRU list. A use within
 * the queue changes nothing.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownIntegers, SizeColumn} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {Rings} from './rings.ts';

const params = {
  queue: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.25,
    meaning: "The queue's share of the capacity: Kin of the paper.",
    source: 'Johnson and Shasha 1994, section 4',
  },
  ghosts: {
    type: 'number',
    min: 0,
    max: 10,
    fraction: true,
    default: 0.5,
    meaning: 'What is remembered of blocks that left the queue, in capacities: Kout of the paper.',
    source: 'Johnson and Shasha 1994, section 4',
  },
} as const satisfies Params;

const QUEUE = 0;
const MAIN = 1;

class TwoQ implements EvictionPolicy {
  private readonly rings: Rings;
  private readonly sizes: SizeColumn;
  private readonly ghosts = new Ghosts();
  private readonly capacity: number;
  private readonly queueMax: number;
  private readonly mainMax: number;
  private readonly ghostMax: number;
  private keys: Int32Array;
  private list: Uint8Array;
  private queue = 0;
  private main = 0;
  private recalled = false;
  private incoming = 1;

  constructor(values: ValuesOf<typeof params>, {slots, capacity}: PolicySpace) {
    this.rings = new Rings(2, slots);
    this.sizes = new SizeColumn(slots);
    this.keys = new Int32Array(slots);
    this.list = new Uint8Array(slots);
    this.capacity = capacity;
    this.queueMax = Math.floor(capacity * values.queue);
    this.mainMax = capacity - this.queueMax;
    this.ghostMax = Math.floor(capacity * values.ghosts);
  }

  miss(key: number, size: number): boolean {
    this.incoming = size;
    this.recalled = this.ghosts.take(key) > 0;
    return true;
  }

  crowded(size: number): boolean {
    return this.recalled && this.main + size > this.mainMax && this.main > 0;
  }

  insert(slot: Slot, key: number, size: number): void {
    this.keys[slot] = key;
    this.sizes.set(slot, size);
    this.list[slot] = this.recalled ? MAIN : QUEUE;
    this.recalled = false;
    if (this.list[slot] === MAIN) this.main += size;
    else this.queue += size;
  }

  hold(slot: Slot): void {
    if (this.list[slot] === MAIN) this.rings.unlink(slot);
  }

  release(slot: Slot): void {
    if (!this.rings.stands(slot)) this.rings.push(this.list[slot], slot);
  }

  touch(slot: Slot): boolean {
    if (this.list[slot] === QUEUE) return false;
    this.rings.unlink(slot);
    this.rings.push(MAIN, slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.rings.stands(slot)) this.rings.unlink(slot);
    this.discount(slot);
  }

  evict(guards: Int32Array): Slot {
    const {rings} = this;
    const isFull = this.queue + this.main + this.incoming > this.capacity;
    let slot: Slot = NONE;
    if (this.queue > this.queueMax && (isFull || !this.recalled)) slot = rings.takeRound(QUEUE, guards);
    if (slot === NONE) {
      slot = rings.oldestFree(MAIN, guards);
      if (slot !== NONE) rings.unlink(slot);
      else slot = rings.takeRound(QUEUE, guards);
    }
    if (slot === NONE) return NONE;
    this.discount(slot);
    if (this.list[slot] === QUEUE) this.remember(slot);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.sizes.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.list = grownBytes(this.list, slots);
  }

  private remember(slot: Slot): void {
    const size = this.sizes.get(slot);
    if (size > this.ghostMax) return;
    while (this.ghosts.size + size > this.ghostMax) this.ghosts.dropOldest();
    this.ghosts.add(this.keys[slot], size);
  }

  private discount(slot: Slot): void {
    if (this.list[slot] === MAIN) this.main -= this.sizes.get(slot);
    else this.queue -= this.sizes.get(slot);
  }
}

export const twoq = {
  name: 'twoq',
  summary: '2Q: a queue on trial, a memory of it, and an LRU list for who came back.',
  source: 'Johnson and Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB 1994',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new TwoQ(values, space),
} as const satisfies Kind<typeof params>;
