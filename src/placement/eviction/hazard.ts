/**
 * Our own: evicts the block whose return is worth least, by the learned chance of its return over the time for which it would take up its place. It
 * knows neither the future nor which session a request belongs to.
 *
 * Blocks that one request lets go form groups, deepest first, that age together: the prompt's deepest block, the rest, and what several
 * streams begin with. A request that begins with most of a group continues it: its own groups are of the same stream, one turn on, and what it leaves
 * of the old one is a remnant. From how a stream's request ended, its turn and its usual gap follows a group's class (streamKinds.ts); the
 * hazards of return of each class are learned from all groups, and for a time from those evicted (returnHazards.ts). The victim is the deepest
 * block of the group of least rank; of equals, of that idle longest. Reasons and measurements: docs/model/policies.md.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {NONE, UNSAID, type EvictionPolicy, type Occasion, type PolicySpace, type Slot} from '../ports.ts';
import {grownBytes, grownFloats, grownIntegers} from './columns.ts';
import {ReturnHazards} from './returnHazards.ts';
import {commonKind, gapOf, isCommon, REMNANT, StreamKinds, tipKind} from './streamKinds.ts';
import {UseGroups} from './useGroups.ts';

const measured = 'docs/model/policies.md: half and double of it';

const params = {
  ageRatio: {
    type: 'number',
    min: 1.05,
    max: 4,
    fraction: true,
    default: 1.4,
    meaning: 'End over beginning of a bin of age.',
    source: measured,
  },
  strength: {
    type: 'number',
    min: 0.01,
    max: 1e4,
    fraction: true,
    default: 16,
    meaning: 'Observations of its own that the experience of the wider class weighs as much as.',
    source: measured,
  },
  belief: {
    type: 'number',
    min: 0.001,
    max: 0.9,
    fraction: true,
    default: 0.1,
    meaning: 'Chance of return in a bin of age as long as nothing is known.',
    source: measured,
  },
  gapWeight: {
    type: 'number',
    min: 0.01,
    max: 1,
    fraction: true,
    default: 0.3,
    meaning: "Weight of the latest gap in a stream's usual one (of its logarithm).",
    source: measured,
  },
  gapStep: {
    type: 'number',
    min: 1.1,
    max: 100,
    fraction: true,
    default: 4,
    meaning: 'Usual gaps within such a factor are one class.',
    source: measured,
  },
  fallsAfter: {
    type: 'quantity',
    dimension: 'time',
    default: '60 s',
    meaning: 'Age from which on the hazard of return is taken to fall, beyond the usual gap.',
    source: measured,
  },
  remembered: {
    type: 'number',
    min: 0,
    max: 1000,
    fraction: true,
    default: 16,
    meaning: 'Evicted groups that are remembered, for each that is here; at most one a slot.',
    source: measured,
  },
  weigh: {
    type: 'choice',
    choices: ['hits', 'seconds'],
    default: 'hits',
    meaning: 'What a return is worth: one block, or the time to compute the block at its depth.',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

/** A request takes up a stream where it takes this share of its group. */
const CONTINUES = 0.5;

/** What the group that blocks now join is of. */
const NO_GROUP = 0;
const TIP_GROUP = 1;
const BODY_GROUP = 2;
/** + branches of the level. */
const COMMON_GROUP = 3;

class Hazard implements EvictionPolicy {
  private readonly values: Values;
  private readonly occasion: Occasion;
  /** False: references stand alone, each a second and a use of its own. */
  private readonly isTimed: boolean;
  private readonly kinds: StreamKinds;
  private readonly hazards: ReturnHazards;
  private readonly groups: UseGroups;
  private readonly worthOf: ((slot: Slot) => number) | null;
  /** Blocks before the slot's in its chain; how often a stream has branched off at or behind it. */
  private depth: Int32Array;
  private branches: Uint8Array;
  /** By use: turns of the stream that the request takes up and its usual gap; 0 turns: a new one. */
  private turns: Int32Array = new Int32Array(16);
  private gaps: Float64Array = new Float64Array(16);
  /** What the use under way has taken so far: slots, the group of each, and each group once. */
  private readonly takenSlots: Slot[] = [];
  private readonly takenFrom: number[] = [];
  private readonly tapped: number[] = [];
  private takenBy = NONE;
  private deepest: Slot = NONE;
  private deepestGroup = NONE;
  /** The group that blocks let go now join, and what its stream is. */
  private open = NONE;
  private openAs = NO_GROUP;
  private turn = 0;
  private gap = 0;
  private now = -1;
  /** The group of the last victim, where it is still the one to take from. */
  private victims = NONE;

  constructor(values: Values, {slots, occasion, recomputeNs}: PolicySpace) {
    this.values = values;
    this.isTimed = occasion !== undefined && occasion !== null;
    this.occasion = occasion ?? {now: 0, use: 0, ending: UNSAID, length: 1, depth: 0};
    this.kinds = new StreamKinds(values.gapStep, values.fallsAfter);
    this.hazards = new ReturnHazards(this.kinds, values);
    this.groups = new UseGroups(slots, this.hazards);
    this.depth = new Int32Array(slots);
    this.branches = new Uint8Array(slots);
    this.worthOf = values.weigh === 'hits' || recomputeNs === undefined ? null : (slot) => recomputeNs(this.depth[slot]);
  }

  miss(key: number, _size: number): boolean {
    this.begin();
    this.settle();
    this.advance();
    const group = this.groups.recall(key);
    if (group !== NONE) {
      this.takeUp(group, this.occasion.use);
      this.groups.free(group);
      this.victims = NONE;
    }
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, _size: number): void {
    this.settle();
    this.groups.name(slot, key);
    this.depth[slot] = this.occasion.depth;
    this.branches[slot] = 0;
  }

  hold(slot: Slot): void {
    this.begin();
    this.openAs = NO_GROUP;
    this.take(slot);
  }

  release(slot: Slot): void {
    if (this.tapped.length > 0) this.settle();
    this.advance();
    this.join(slot);
  }

  touch(slot: Slot): boolean {
    this.begin();
    if (!this.isTimed) this.openAs = NO_GROUP;
    this.take(slot);
    if (this.openAs === NO_GROUP) this.settle();
    this.join(slot);
    return false;
  }

  remove(slot: Slot): void {
    this.settle();
    if (this.groups.groupOf(slot) !== NONE) this.groups.drop(slot);
  }

  evict(guards: Int32Array): Slot {
    this.settle();
    this.advance();
    const slot = this.choose(guards);
    if (slot !== NONE) this.groups.evict(slot);
    return slot;
  }

  grow(slots: number): void {
    this.groups.grow(slots);
    this.depth = grownIntegers(this.depth, slots);
    this.branches = grownBytes(this.branches, slots);
  }

  private begin(): void {
    if (this.isTimed) return;
    this.settle();
    this.occasion.now += 1e9;
  }

  /** All ages are brought up to now. */
  private advance(): void {
    if (this.occasion.now === this.now) return;
    this.now = this.occasion.now;
    this.groups.advance(this.now);
    this.groups.limitGhosts(this.values.remembered);
    this.hazards.refresh();
    this.victims = NONE;
  }

  /** The block is wanted: out of its group. */
  private take(slot: Slot): void {
    if (this.tapped.length > 0 && this.takenBy !== this.occasion.use) this.settle();
    this.advance();
    this.takenBy = this.occasion.use;
    const group = this.groups.take(slot);
    if (this.groups.taken(group) === 1) this.tapped.push(group);
    this.takenSlots.push(slot);
    this.takenFrom.push(group);
    if (this.deepest !== NONE && this.depth[slot] < this.depth[this.deepest]) return;
    this.deepest = slot;
    this.deepestGroup = group;
  }

  /** All blocks that a use began with are known now: what has returned, who branches off, and what is left behind. */
  private settle(): void {
    this.openAs = NO_GROUP;
    if (this.tapped.length === 0) return;
    const {takenSlots, takenFrom} = this;
    for (let i = 0; i < takenSlots.length; i++)
      if (this.isBranch(takenFrom[i]) && this.branches[takenSlots[i]] < 255) this.branches[takenSlots[i]]++;
    takenSlots.length = takenFrom.length = 0;
    for (const group of this.tapped) this.settleGroup(group);
    this.tapped.length = 0;
    this.deepest = this.deepestGroup = this.victims = NONE;
  }

  private settleGroup(group: number): void {
    const {groups} = this;
    const left = groups.count(group);
    if (!this.isContinued(group)) groups.forgive(group);
    else if (group === this.deepestGroup) this.takeUp(group, this.takenBy);
    else this.hazards.observe(groups.kind(group), groups.bin(group), 1);
    if (left === 0) groups.free(group);
    else if (groups.taken(group) > 0) groups.restart(group, REMNANT, this.now);
  }

  private isContinued(group: number): boolean {
    const taken = this.groups.taken(group);
    return taken >= CONTINUES * (taken + this.groups.count(group));
  }

  private isBranch(group: number): boolean {
    return isCommon(this.groups.kind(group)) || !this.isContinued(group);
  }

  /** The group has returned; the use is the next turn of its stream, if it is of one. */
  private takeUp(group: number, use: number): void {
    const {groups} = this;
    this.hazards.observe(groups.kind(group), groups.bin(group), 1);
    if (use === NONE) return;
    if (use >= this.turns.length) this.widenUses(2 * use);
    this.turns[use] = isCommon(groups.kind(group)) ? 0 : groups.turns(group);
    const gap = gapOf(this.now - groups.time(group));
    const usual = groups.gap(group);
    this.gaps[use] = usual === 0 ? gap : usual + this.values.gapWeight * (gap - usual);
  }

  /** The block is let go, into the open group or a new one: deepest first come the tip, the body, and what is common. */
  private join(slot: Slot): void {
    const branches = this.branches[slot];
    const kind = branches > 0 ? commonKind(branches) : NONE;
    const part = this.openAs === NO_GROUP ? TIP_GROUP : branches > 0 ? COMMON_GROUP + kind : BODY_GROUP;
    if (part !== this.openAs) {
      if (part === TIP_GROUP) this.beginStream();
      const {ending} = this.occasion;
      const other = part === TIP_GROUP ? tipKind(ending) : this.kinds.streamKind(ending, this.turn, this.gap);
      this.open = this.groups.begin(branches > 0 ? kind : other, this.now, this.turn, this.gap);
      this.openAs = part;
    }
    this.groups.add(this.open, slot);
  }

  private beginStream(): void {
    const {use} = this.occasion;
    const turns = use !== NONE && use < this.turns.length ? this.turns[use] : 0;
    this.turn = turns + 1;
    this.gap = turns === 0 ? 0 : this.gaps[use];
    if (turns > 0) this.turns[use] = 0;
  }

  private choose(guards: Int32Array): Slot {
    const {groups, worthOf} = this;
    if (this.victims !== NONE && worthOf === null) {
      const slot = groups.deepest(this.victims);
      if (slot !== NONE && guards[slot] === 0) return slot;
    }
    this.victims = groups.least(guards, worthOf);
    return this.victims === NONE ? groups.anyFree(guards) : groups.deepest(this.victims);
  }

  private widenUses(uses: number): void {
    this.turns = grownIntegers(this.turns, uses);
    this.gaps = grownFloats(this.gaps, uses);
  }
}

export const hazard = {
  name: 'hazard',
  summary: 'Our own, for KV caches: learned hazards of return; who is least likely to come back for the place it takes up leaves.',
  source: 'docs/model/policies.md',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new Hazard(values, space),
} as const satisfies Kind<typeof params>;
