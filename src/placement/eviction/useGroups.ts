/**
 * Blocks that one request let go, in the order in which it did (deepest first), as a group; and the groups by class and age: a queue for each cell, in
 * which they stand in order of time and which they leave at its front as they grow older. An evicted group may stay as a ghost, known by the
 * last of its blocks to leave. 16 bytes a slot, 80 a group.
 */
import {NONE, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import type {ReturnHazards} from './returnHazards.ts';

const GROUPS_MIN = 256;

export class UseGroups {
  private readonly hazards: ReturnHazards;
  private readonly bins: number;
  /** By slot. */
  private older: Int32Array;
  private newer: Int32Array;
  private group: Int32Array;
  private key: Int32Array;
  /** By group. */
  private first: Int32Array = new Int32Array(GROUPS_MIN);
  private last: Int32Array = new Int32Array(GROUPS_MIN);
  private counts: Int32Array = new Int32Array(GROUPS_MIN);
  private takes: Int32Array = new Int32Array(GROUPS_MIN);
  private kinds: Int32Array = new Int32Array(GROUPS_MIN);
  private binOf: Int32Array = new Int32Array(GROUPS_MIN);
  private turnsOf: Int32Array = new Int32Array(GROUPS_MIN);
  private ghostKey: Int32Array = new Int32Array(GROUPS_MIN);
  private isGhost: Int32Array = new Int32Array(GROUPS_MIN);
  private since: Float64Array = new Float64Array(GROUPS_MIN);
  private used: Float64Array = new Float64Array(GROUPS_MIN);
  private gaps: Float64Array = new Float64Array(GROUPS_MIN);
  private before: Int32Array = new Int32Array(GROUPS_MIN);
  private after: Int32Array = new Int32Array(GROUPS_MIN);
  /** Of the free list, and of the ghosts' queue in order of eviction. */
  private nextFree: Int32Array = new Int32Array(GROUPS_MIN);
  private freeHead = NONE;
  private made = 0;
  private live = 0;
  private ghosts = 0;
  private readonly ghostOf = new Map<number, number>();
  /** By cell: (class x bins + bin) x 2, and one more for ghosts. */
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  /** Cells that are not empty. */
  private readonly cells: number[] = [];
  private readonly place: Int32Array;
  /** Ghosts in order of eviction. */
  private ghostRing: Int32Array = new Int32Array(GROUPS_MIN);
  private ghostStamp: Float64Array = new Float64Array(GROUPS_MIN);
  private stamp: Float64Array = new Float64Array(GROUPS_MIN);
  private ringFirst = 0;
  private ringNext = 0;
  private stamps = 0;

  constructor(slots: number, hazards: ReturnHazards) {
    const kinds = hazards.classes.parents.length;
    this.hazards = hazards;
    this.bins = hazards.bins;
    this.older = new Int32Array(slots);
    this.newer = new Int32Array(slots);
    this.group = new Int32Array(slots).fill(NONE);
    this.key = new Int32Array(slots);
    this.head = new Int32Array(2 * kinds * this.bins).fill(NONE);
    this.tail = new Int32Array(2 * kinds * this.bins).fill(NONE);
    this.place = new Int32Array(2 * kinds * this.bins);
  }

  groupOf(slot: Slot): number {
    return this.group[slot];
  }
  count(group: number): number {
    return this.counts[group];
  }
  taken(group: number): number {
    return this.takes[group];
  }
  kind(group: number): number {
    return this.kinds[group];
  }
  bin(group: number): number {
    return this.binOf[group];
  }
  turns(group: number): number {
    return this.turnsOf[group];
  }
  gap(group: number): number {
    return this.gaps[group];
  }
  /** When its request let it go. */
  time(group: number): number {
    return this.used[group];
  }
  deepest(group: number): Slot {
    return this.first[group];
  }

  name(slot: Slot, key: number): void {
    this.key[slot] = key;
    this.group[slot] = NONE;
  }

  begin(kind: number, now: number, turns: number, gap: number): number {
    let group = this.freeHead;
    if (group !== NONE) this.freeHead = this.nextFree[group];
    else {
      if (this.made === this.first.length) this.growGroups();
      group = this.made++;
    }
    this.first[group] = this.last[group] = NONE;
    this.counts[group] = this.takes[group] = this.isGhost[group] = 0;
    this.kinds[group] = kind;
    this.turnsOf[group] = turns;
    this.gaps[group] = gap;
    this.since[group] = this.used[group] = now;
    this.live++;
    this.enqueue(group, 0);
    return group;
  }

  add(group: number, slot: Slot): void {
    const last = this.last[group];
    this.older[slot] = last;
    this.newer[slot] = NONE;
    if (last === NONE) this.first[group] = slot;
    else this.newer[last] = slot;
    this.last[group] = slot;
    this.group[slot] = group;
    this.counts[group]++;
  }

  /** Out of its group, wanted. @returns the group */
  take(slot: Slot): number {
    const group = this.unlink(slot);
    this.takes[group]++;
    return group;
  }

  /** Out of its group, lost. */
  drop(slot: Slot): void {
    const group = this.unlink(slot);
    if (this.counts[group] === 0 && this.takes[group] === 0) this.free(group);
  }

  evict(slot: Slot): void {
    const group = this.unlink(slot);
    if (this.counts[group] > 0) return;
    const key = this.key[slot];
    const before = this.ghostOf.get(key);
    if (before !== undefined) this.free(before);
    this.dequeue(group);
    this.isGhost[group] = 1;
    this.live--;
    this.ghosts++;
    this.ghostKey[group] = key;
    this.ghostOf.set(key, group);
    this.enqueue(group, this.binOf[group]);
    this.pushRing(group);
  }

  /** What was taken tells nothing of the rest. */
  forgive(group: number): void {
    this.takes[group] = 0;
  }

  /** What continues here has left the rest of the group behind: its age starts again, in another class. */
  restart(group: number, kind: number, now: number): void {
    this.dequeue(group);
    this.kinds[group] = kind;
    this.takes[group] = 0;
    this.since[group] = now;
    this.enqueue(group, 0);
  }

  free(group: number): void {
    this.dequeue(group);
    if (this.isGhost[group] === 1) {
      this.ghosts--;
      this.isGhost[group] = 0;
      this.ghostOf.delete(this.ghostKey[group]);
    } else this.live--;
    this.stamp[group] = 0;
    this.nextFree[group] = this.freeHead;
    this.freeHead = group;
  }

  /** The ghost of this key, or NONE. */
  recall(key: number): number {
    return this.ghosts === 0 ? NONE : (this.ghostOf.get(key) ?? NONE);
  }

  limitGhosts(perLive: number): void {
    const most = Math.min(perLive * this.live, this.group.length) + 64;
    const mask = this.ghostRing.length - 1;
    while (this.ghosts > most) {
      const at = this.ringFirst++ & mask;
      const group = this.ghostRing[at];
      if (this.stamp[group] === this.ghostStamp[at]) this.free(group);
    }
  }

  /** All groups that have grown too old for their bin move on, and are seen not to have returned in it. */
  advance(now: number): void {
    const {ends} = this.hazards;
    for (let i = 0; i < this.cells.length; i++) {
      const cell = this.cells[i];
      const bin = (cell >> 1) % this.bins;
      for (let group = this.head[cell]; group !== NONE && now - this.since[group] >= ends[bin]; group = this.head[cell]) {
        this.dequeue(group);
        let to = bin;
        while (now - this.since[group] >= ends[to]) this.hazards.observe(this.kinds[group], to++, 0);
        this.enqueue(group, to);
      }
      if (this.cells[i] !== cell) i--; // emptied, and another cell has taken its place
    }
  }

  /** The live group of least rank (x worth of its deepest block) whose deepest block nothing guards, or NONE. */
  least(guards: Int32Array, worth: ((slot: Slot) => number) | null): number {
    let best = NONE;
    let bestRank = Infinity;
    for (const cell of this.cells) {
      if ((cell & 1) === 1) continue;
      const kind = Math.floor((cell >> 1) / this.bins);
      const rank = this.hazards.rank(kind, (cell >> 1) % this.bins);
      if (worth === null && rank > bestRank) continue;
      for (let group = this.head[cell]; group !== NONE; group = this.after[group]) {
        const slot = this.first[group];
        if (slot === NONE || guards[slot] > 0) continue;
        const value = worth === null ? rank : rank * worth(slot);
        if (value < bestRank || (value === bestRank && this.since[group] < this.since[best])) {
          best = group;
          bestRank = value;
        }
        if (worth === null) break;
      }
    }
    return best;
  }

  /** Any block that nothing guards, or NONE. */
  anyFree(guards: Int32Array): Slot {
    for (const cell of this.cells)
      for (let group = this.head[cell]; group !== NONE; group = this.after[group])
        for (let slot = this.first[group]; slot !== NONE; slot = this.newer[slot]) if (guards[slot] === 0) return slot;
    return NONE;
  }

  grow(slots: number): void {
    const before = this.group.length;
    this.older = grownIntegers(this.older, slots);
    this.newer = grownIntegers(this.newer, slots);
    this.group = grownIntegers(this.group, slots).fill(NONE, before);
    this.key = grownIntegers(this.key, slots);
  }

  private unlink(slot: Slot): number {
    const group = this.group[slot];
    const older = this.older[slot];
    const newer = this.newer[slot];
    if (older === NONE) this.first[group] = newer;
    else this.newer[older] = newer;
    if (newer === NONE) this.last[group] = older;
    else this.older[newer] = older;
    this.group[slot] = NONE;
    this.counts[group]--;
    return group;
  }

  private enqueue(group: number, bin: number): void {
    const cell = 2 * (this.kinds[group] * this.bins + bin) + this.isGhost[group];
    this.binOf[group] = bin;
    const last = this.tail[cell];
    this.before[group] = last;
    this.after[group] = NONE;
    if (last === NONE) {
      this.head[cell] = group;
      this.place[cell] = this.cells.length;
      this.cells.push(cell);
    } else this.after[last] = group;
    this.tail[cell] = group;
  }

  private dequeue(group: number): void {
    const cell = 2 * (this.kinds[group] * this.bins + this.binOf[group]) + this.isGhost[group];
    const before = this.before[group];
    const after = this.after[group];
    if (before === NONE) this.head[cell] = after;
    else this.after[before] = after;
    if (after === NONE) this.tail[cell] = before;
    else this.before[after] = before;
    if (this.head[cell] !== NONE) return;
    const end = this.cells.pop()!;
    if (end === cell) return;
    this.cells[this.place[cell]] = end;
    this.place[end] = this.place[cell];
  }

  private pushRing(group: number): void {
    if (this.ringNext - this.ringFirst === this.ghostRing.length) this.growRing();
    const at = this.ringNext++ & (this.ghostRing.length - 1);
    this.ghostRing[at] = group;
    this.ghostStamp[at] = this.stamp[group] = ++this.stamps;
  }

  private growRing(): void {
    const length = this.ghostRing.length;
    const ring = new Int32Array(2 * length);
    const stamps = new Float64Array(2 * length);
    let next = 0;
    for (let i = this.ringFirst; i < this.ringNext; i++) {
      const at = i & (length - 1);
      if (this.stamp[this.ghostRing[at]] !== this.ghostStamp[at]) continue;
      ring[next] = this.ghostRing[at];
      stamps[next++] = this.ghostStamp[at];
    }
    this.ghostRing = ring;
    this.ghostStamp = stamps;
    this.ringFirst = 0;
    this.ringNext = next;
  }

  private growGroups(): void {
    const length = 2 * this.first.length;
    for (const column of [
      'first',
      'last',
      'counts',
      'takes',
      'kinds',
      'binOf',
      'turnsOf',
      'ghostKey',
      'isGhost',
      'before',
      'after',
      'nextFree',
    ] as const)
      this[column] = grownIntegers(this[column], length);
    for (const column of ['since', 'used', 'gaps', 'stamp'] as const) this[column] = grownFloats(this[column], length);
  }
}
