/** What every policy of the catalogue promises its owner, over random lives of a small pool: pins, children, losses, growth. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../../src/catalogue.ts';
import {NONE, type EvictionPolicy, type PolicySpace} from '../../../src/placement/ports.ts';
import {defaultsOf} from '../../lab/support.ts';

const policies = catalogue.policies.map((kind) => ({
  name: kind.name,
  create: (space: PolicySpace): EvictionPolicy =>
    (kind.create as (values: object, space: PolicySpace) => EvictionPolicy)(defaultsOf(kind.params), space),
}));

/** A pool that keeps everything in plain sets and lists, and says what the policy may do. */
class NaiveOwner {
  readonly policy: EvictionPolicy;
  readonly capacity: number;
  readonly guards = new Int32Array(64);
  readonly key = new Map<number, number>();
  readonly pinned = new Set<number>();
  slots = 4;

  constructor(create: (space: PolicySpace) => EvictionPolicy, capacity: number) {
    this.policy = create({slots: this.slots, capacity});
    this.capacity = capacity;
  }

  free(): number[] {
    return [...this.key.keys()].filter((slot) => this.guards[slot] === 0);
  }

  evict(): number {
    const allowed = this.free();
    const slot = this.policy.evict(this.guards);
    if (allowed.length === 0) expect(slot).toBe(NONE);
    else expect(allowed).toContain(slot);
    this.key.delete(slot);
    return slot;
  }

  /** Brings the block, pinned. */
  bring(key: number): void {
    if ([...this.key.values()].includes(key)) return;
    this.policy.miss(key, 1);
    while (this.key.size >= this.capacity) if (this.evict() === NONE) return;
    let slot = 0;
    while (this.key.has(slot)) slot++;
    if (slot === this.slots) this.policy.grow((this.slots *= 2));
    this.key.set(slot, key);
    this.guards[slot] = 1;
    this.pinned.add(slot);
    this.policy.insert(slot, key, 1);
    expect(this.key.size).toBeLessThanOrEqual(this.capacity);
  }

  /** Lets a pinned slot go, or pins, uses or loses one that is not. */
  step(action: number, pick: number): void {
    const held = [...this.pinned];
    const idle = [...this.key.keys()].filter((slot) => !this.pinned.has(slot));
    const from = action === 0 ? held : idle;
    if (from.length === 0) return;
    const slot = from[pick % from.length];
    if (action === 0) {
      this.pinned.delete(slot);
      this.guards[slot]--;
      this.policy.release(slot);
    } else if (action === 1) {
      this.pinned.add(slot);
      this.guards[slot]++;
      this.policy.hold(slot);
    } else if (action === 2) this.policy.touch(slot);
    else if (action === 3 && this.guards[slot] === 0) {
      this.policy.remove(slot);
      this.key.delete(slot);
    } else if (action === 4) this.guards[slot] += this.guards[slot] === 0 ? 1 : -1; // a child comes or goes
    else if (action === 5) this.evict();
  }

  /** Everything let go, everything evicted. */
  drain(): void {
    for (const slot of this.pinned) this.policy.release(slot);
    this.pinned.clear();
    this.guards.fill(0);
    while (this.key.size > 0) this.evict();
    expect(this.policy.evict(this.guards)).toBe(NONE);
  }
}

describe.each(policies)('$name', ({create}) => {
  test('evicts only what is there, released and unguarded, whenever there is such a block, and drains to empty', () => {
    const move = fc.tuple(fc.integer({min: 0, max: 7}), fc.nat(40));
    fc.assert(
      fc.property(fc.integer({min: 1, max: 24}), fc.array(move, {maxLength: 250}), (capacity, moves) => {
        const owner = new NaiveOwner(create, capacity);
        for (const [action, pick] of moves) {
          if (action >= 6) owner.bring(pick);
          else owner.step(action, pick);
        }
        owner.drain();
      }),
      {numRuns: 300},
    );
  });

  test('lives again after it was drained', () => {
    const owner = new NaiveOwner(create, 5);
    for (let round = 0; round < 3; round++) {
      for (let key = 0; key < 20; key++) {
        owner.bring(key);
        owner.step(0, 0);
        owner.step(2, key);
      }
      owner.drain();
    }
  });
});
