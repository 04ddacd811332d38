/**
 * Least frequently used; of equals, whoever reached that frequency first. A frequency is forgotten with the block. Blocks of one frequency are a
 * list, the lists a list in order of frequency, so that every step is O(1). 20 bytes a slot.
 */
import type {Kind, Params} from '../../base/params.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownIntegers} from './columns.ts';

const params = {} as const satisfies Params;

/** The group before the lowest and after the highest; its frequency is 0. */
const END = 0;
const GROUPS_MIN = 64;

class Lfu implements EvictionPolicy {
  private older: Int32Array;
  private newer: Int32Array;
  /** END: not yet released. A pinned slot keeps its group, but stands outside its list. */
  private group: Int32Array;
  private listed: Int32Array;
  private frequency: Float64Array = new Float64Array(GROUPS_MIN);
  private oldest: Int32Array = new Int32Array(GROUPS_MIN).fill(NONE);
  private newest: Int32Array = new Int32Array(GROUPS_MIN).fill(NONE);
  private members: Int32Array = new Int32Array(GROUPS_MIN);
  private lower: Int32Array = new Int32Array(GROUPS_MIN);
  private higher: Int32Array = new Int32Array(GROUPS_MIN);
  private freeGroups: number[] = [];
  private groups = 1;

  constructor({slots}: PolicySpace) {
    this.older = new Int32Array(slots);
    this.newer = new Int32Array(slots);
    this.group = new Int32Array(slots);
    this.listed = new Int32Array(slots);
  }

  miss(_key: number, _size: number): boolean {
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, _key: number, _size: number): void {
    this.group[slot] = END;
  }

  hold(slot: Slot): void {
    this.unlist(slot);
  }

  release(slot: Slot): void {
    const from = this.group[slot];
    const to = this.groupAfter(from);
    this.members[to]++;
    this.list(slot, to);
    if (from !== END) this.leave(from);
  }

  touch(slot: Slot): boolean {
    this.unlist(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (this.listed[slot] === 1) this.unlist(slot);
    if (this.group[slot] !== END) this.leave(this.group[slot]);
    this.group[slot] = END;
  }

  evict(guards: Int32Array): Slot {
    for (let group = this.higher[END]; group !== END; group = this.higher[group])
      for (let slot = this.oldest[group]; slot !== NONE; slot = this.newer[slot])
        if (guards[slot] === 0) {
          this.remove(slot);
          return slot;
        }
    return NONE;
  }

  grow(slots: number): void {
    this.older = grownIntegers(this.older, slots);
    this.newer = grownIntegers(this.newer, slots);
    this.group = grownIntegers(this.group, slots);
    this.listed = grownIntegers(this.listed, slots);
  }

  /** The group of the next frequency, made where there is none. */
  private groupAfter(group: number): number {
    const frequency = this.frequency[group] + 1;
    const next = this.higher[group];
    if (next !== END && this.frequency[next] === frequency) return next;
    const made = this.freeGroups.pop() ?? this.addGroup();
    this.frequency[made] = frequency;
    this.lower[made] = group;
    this.higher[made] = next;
    this.higher[group] = made;
    this.lower[next] = made;
    return made;
  }

  private addGroup(): number {
    if (this.groups === this.members.length) this.growGroups();
    return this.groups++;
  }

  private growGroups(): void {
    const length = 2 * this.groups;
    const frequency = new Float64Array(length);
    frequency.set(this.frequency);
    this.frequency = frequency;
    this.oldest = grownIntegers(this.oldest, length).fill(NONE, this.groups);
    this.newest = grownIntegers(this.newest, length).fill(NONE, this.groups);
    this.members = grownIntegers(this.members, length);
    this.lower = grownIntegers(this.lower, length);
    this.higher = grownIntegers(this.higher, length);
  }

  /** One member fewer; an empty group goes. */
  private leave(group: number): void {
    if (--this.members[group] > 0) return;
    const lower = this.lower[group];
    const higher = this.higher[group];
    this.higher[lower] = higher;
    this.lower[higher] = lower;
    this.freeGroups.push(group);
  }

  private list(slot: Slot, group: number): void {
    const newest = this.newest[group];
    this.group[slot] = group;
    this.listed[slot] = 1;
    this.older[slot] = newest;
    this.newer[slot] = NONE;
    if (newest === NONE) this.oldest[group] = slot;
    else this.newer[newest] = slot;
    this.newest[group] = slot;
  }

  private unlist(slot: Slot): void {
    const group = this.group[slot];
    const older = this.older[slot];
    const newer = this.newer[slot];
    if (older === NONE) this.oldest[group] = newer;
    else this.newer[older] = newer;
    if (newer === NONE) this.newest[group] = older;
    else this.older[newer] = older;
    this.listed[slot] = 0;
  }
}

export const lfu = {
  name: 'lfu',
  summary: 'Least frequently used since it came, of equals the first to get there.',
  params,
  create: (_params: object, space: PolicySpace): EvictionPolicy => new Lfu(space),
} as const satisfies Kind;
