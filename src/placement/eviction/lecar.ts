/**
 * LeCaR: at each eviction chance decides, by weights, whether LRU or LFU chooses. Each remembers whom it gave up; when one of them is wanted, the expert
 * that gave it up loses weight, the less the longer ago that was.
 */
import {exp, pow} from '../../base/mathematics.ts';
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import {NONE, type EvictionPolicy, type PolicySpace, type Slot} from '../ports.ts';
import {grownFloats, grownIntegers} from './columns.ts';
import {Ghosts} from './ghosts.ts';
import {Rings} from './rings.ts';
import {SlotHeap} from './slotHeap.ts';

const params = {
  learningRate: {
    type: 'number',
    min: 0,
    max: 10,
    fraction: true,
    default: 0.45,
    meaning: 'Of the weights.',
    source: 'Vietri et al., HotStorage 2018',
  },
  discount: {
    type: 'number',
    min: 1e-9,
    max: 1,
    fraction: true,
    default: 0.005,
    meaning: 'What a regret is worth after as many references as blocks fit.',
    source: 'Vietri et al., HotStorage 2018',
  },
  seed: {type: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'Of the choices between the two.'},
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class LeCar implements EvictionPolicy {
  private readonly values: Values;
  private readonly discount: number;
  private readonly capacity: number;
  private readonly stream: Stream;
  private readonly rings: Rings;
  private readonly frequent: SlotHeap;
  private readonly ghosts = [new Ghosts(), new Ghosts()] as const;
  /** When a ghost left and how often it had been used. */
  private readonly past = new Map<number, {readonly time: number; readonly uses: number}>();
  private keys: Int32Array;
  private uses: Float64Array;
  private recency = 0.5;
  private clock = 0;

  constructor(values: Values, {slots, capacity}: PolicySpace) {
    const blocks = Math.min(capacity, slots);
    this.values = values;
    this.capacity = blocks;
    this.discount = pow(values.discount, 1 / blocks);
    this.stream = new Stream(values.seed, 'eviction/lecar');
    this.rings = new Rings(1, slots);
    this.frequent = new SlotHeap(slots);
    this.keys = new Int32Array(slots);
    this.uses = new Float64Array(slots);
  }

  miss(key: number, _size: number): boolean {
    this.clock++;
    const [recent, frequent] = this.ghosts;
    if (recent.has(key)) this.regret(key, -1);
    else if (frequent.has(key)) this.regret(key, 1);
    return true;
  }

  crowded(_size: number): boolean {
    return false;
  }

  insert(slot: Slot, key: number, _size: number): void {
    this.keys[slot] = key;
    this.uses[slot] = this.past.get(key)?.uses ?? 0;
    this.past.delete(key);
    for (const ghosts of this.ghosts) ghosts.take(key);
  }

  hold(slot: Slot): void {
    this.clock++;
    this.rings.unlink(slot);
    this.frequent.remove(slot);
  }

  release(slot: Slot): void {
    this.rings.push(0, slot);
    this.frequent.set(slot, ++this.uses[slot]);
  }

  touch(slot: Slot): boolean {
    this.hold(slot);
    this.release(slot);
    return false;
  }

  remove(slot: Slot): void {
    if (!this.rings.stands(slot)) return;
    this.rings.unlink(slot);
    this.frequent.remove(slot);
  }

  /** Where both would choose the same one, nobody can be blamed, and it is forgotten. */
  evict(guards: Int32Array): Slot {
    const oldest = this.rings.oldestFree(0, guards);
    if (oldest === NONE) return NONE;
    const rarest = this.frequent.take(guards);
    const byRecency = this.stream.uniform() < this.recency;
    const slot = byRecency ? oldest : rarest;
    if (slot !== rarest) {
      this.frequent.set(rarest, this.frequent.priorityOf(rarest));
      this.frequent.remove(slot);
    }
    this.rings.unlink(slot);
    if (oldest !== rarest) this.remember(slot, byRecency ? 0 : 1);
    return slot;
  }

  grow(slots: number): void {
    this.rings.grow(slots);
    this.frequent.grow(slots);
    this.keys = grownIntegers(this.keys, slots);
    this.uses = grownFloats(this.uses, slots);
  }

  private remember(slot: Slot, expert: 0 | 1): void {
    const ghosts = this.ghosts[expert];
    const key = this.keys[slot];
    ghosts.add(key, 1);
    this.past.set(key, {time: this.clock, uses: this.uses[slot]});
    while (ghosts.count > this.capacity) this.past.delete(ghosts.dropOldest());
  }

  /** @param sign -1 where LRU gave the block up, 1 where LFU did */
  private regret(key: number, sign: number): void {
    const reward = pow(this.discount, this.clock - this.past.get(key)!.time);
    const factor = exp(sign * this.values.learningRate * reward);
    const recency = this.recency * (sign < 0 ? factor : 1);
    const frequency = (1 - this.recency) * (sign < 0 ? 1 : 1 / factor);
    this.recency = Math.min(0.99, Math.max(0.01, recency / (recency + frequency)));
  }
}

export const lecar = {
  name: 'lecar',
  summary: 'LeCaR: LRU or LFU by chance, with weights learned from regret.',
  source: 'Vietri et al., Driving cache replacement with ML-based LeCaR, HotStorage 2018',
  params,
  create: (values: Values, space: PolicySpace): EvictionPolicy => new LeCar(values, space),
} as const satisfies Kind<typeof params>;
