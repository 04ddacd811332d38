/** What is written to a tier with an admission: never a block that no prompt can reach, and as much less as the policy is worth. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../../src/base/random.ts';
import {LEAVING} from '../../../src/placement/pool.ts';
import {NONE, type Admission, type AdmissionSpace, type Offer} from '../../../src/placement/ports.ts';
import {Harness, ladder} from '../harness.ts';
import {visit} from '../scripts.ts';
import {creatorOf, names} from './support.ts';

const FLASH = 2;
/** Contents of prompts that nothing but themselves refers to. */
const ALONE = 1e6;

/** Copies in flash whose parent has a copy in none of the pools from `tier` on. */
function stranded({loop}: Harness, tier: number): number {
  const {pools, blocks} = loop.placement.core;
  const flash = pools[FLASH];
  let count = 0;
  for (let slot = 0; slot < flash.slots; slot++) {
    if (flash.state[slot] === 0 || flash.state[slot] === LEAVING || blocks.contentOf(flash.block[slot]) >= ALONE) continue;
    const parent = blocks.parent[flash.block[slot]];
    if (parent !== NONE && pools.every((pool) => pool.tier < tier || pool.find(parent) === NONE)) count++;
  }
  return count;
}

/** Prompts that share their first 5 blocks in threes, their first 9 in pairs. */
const visits = fc.array(fc.record({tree: fc.nat(3), branch: fc.nat(5), length: fc.integer({min: 1, max: 14})}), {
  minLength: 40,
  maxLength: 120,
});

function promptOf({tree, branch, length}: {tree: number; branch: number; length: number}): [number[], number] {
  const first = 10_000 * (tree + 1);
  const parts = [first, 5, first + 1000 * (1 + (branch >> 1)), 4, first + 1000 * (1 + branch) + 500, 5];
  return [parts, length];
}

/** Admissions that see much of what they are offered through, and refuse much. */
const lively: {readonly [name: string]: object} = {
  dynamicRandom: {bytesPerDay: 1e12, every: 2000},
  savedSeconds: {atLeast: 40},
};

describe.each(names)('%s', (name) => {
  test.each(['back', 'through'] as const)('writes no block without those before it (write: %s)', (write) => {
    let written = 0;
    let refused = 0;
    fc.assert(
      fc.property(visits, (script) => {
        const config = ladder([40, 40, 5000], {write, low: 20, high: 25, admission: creatorOf(name, lively[name])});
        const harness = new Harness({...config, recompute: {perTokenNs: 1000, perTokenSquaredNs: 10}});
        for (const one of script) {
          harness.now += 1000;
          visit(harness, 0, ...promptOf(one));
          expect(stranded(harness, 0)).toBe(0);
        }
        for (let i = 0; i < 20; i++) visit(harness, 0, [ALONE + 100 * i, 14], 14); // all else leaves HBM and DRAM
        expect(stranded(harness, FLASH)).toBe(0);
        const {core} = harness.loop.placement;
        written += core.writtenBytes[FLASH] / 1000;
        refused += core.pools[FLASH].refusedBlocks;
      }),
      {numRuns: 15, seed: 6},
    );
    expect(written).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(200);
  });
});

/** Admits by a rule of the test, and notes what it was offered. */
class Told implements Admission {
  readonly offers: {readonly keys: number[]; readonly depth: number; readonly continues: boolean}[] = [];
  wroteBlocks = 0;
  private readonly rule: (offer: Offer) => number;

  constructor(rule: (offer: Offer) => number) {
    this.rule = rule;
  }

  admit(offer: Offer): number {
    this.offers.push({keys: [...offer.keys.subarray(0, offer.count)], depth: offer.depth, continues: offer.continues});
    return this.rule(offer);
  }

  wrote(): void {
    this.wroteBlocks++;
  }
}

function toldBy(rule: (offer: Offer) => number, write: 'back' | 'through' = 'back'): {told: Told; harness: Harness} {
  const told = new Told(rule);
  return {told, harness: new Harness(ladder([30, 1000], {write, admission: () => told}))};
}

const range = (first: number, count: number): number[] => Array.from({length: count}, (_, i) => first + i);

describe('what is offered', () => {
  test('the whole of a chain, once, when the first of it leaves; and it is written as far as it was admitted', () => {
    const {told, harness} = toldBy(() => 7);
    visit(harness, 0, [1, 20], 20);
    visit(harness, 0, [100, 29], 29);
    expect(told.offers).toEqual([{keys: range(1, 20), depth: 0, continues: false}]);
    const {core} = harness.loop.placement;
    expect(told.wroteBlocks).toBe(7);
    expect(core.writtenBytes[1]).toBe(7000);
    expect(core.pools[1].refusedBlocks).toBe(13);
    expect(core.pools[0].droppedBlocks).toBe(13);
    expect(visit(harness, 0, [1, 20], 20)).toBe(7);
  });

  test.each([
    [false, [range(1, 10)]],
    [true, [range(1, 10), range(1, 4)]],
  ])('what was refused, again after a use and not before (used: %s)', (used, offers) => {
    const {told, harness} = toldBy(() => 0);
    visit(harness, 0, [1, 10], 10);
    visit(harness, 0, [100, 19], 19);
    visit(harness, 0, [200, 5], 5); // six blocks leave
    if (used) visit(harness, 0, [1, 4], 4);
    visit(harness, 0, [300, 29], 29);
    expect(told.offers.map(({keys}) => keys).filter((keys) => keys[0]! < 100)).toEqual(offers);
    const {pools} = harness.loop.placement.core;
    expect(pools[1].refusedBlocks).toBe(10 + 19 + 5);
    expect(pools[0].droppedBlocks).toBe(10 + 19 + 5);
  });

  test('written through, what one step computed together; what continues an admitted run says so', () => {
    const {told, harness} = toldBy(({count}) => count, 'through');
    const {loop} = harness;
    loop.open(0, [1, 20], 20);
    loop.demand(0, 0, 0, 20, 1);
    loop.computed(0, 0, 12);
    loop.computed(0, 0, 20);
    expect(told.offers).toEqual([
      {keys: range(1, 12), depth: 0, continues: false},
      {keys: range(13, 8), depth: 12, continues: true},
    ]);
  });

  test('behind a refused block nothing is written, whatever the admission says of it', () => {
    const {told, harness} = toldBy(({depth, count}) => (depth === 0 ? 0 : count), 'through');
    const {loop} = harness;
    loop.open(0, [1, 20], 20);
    loop.demand(0, 0, 0, 20, 1);
    loop.computed(0, 0, 12);
    loop.computed(0, 0, 20);
    expect(told.offers).toHaveLength(2);
    expect(told.wroteBlocks).toBe(0);
    expect(loop.placement.core.pools[1].refusedBlocks).toBe(20);
  });

  test('a block whose child was written while it was still in use above follows it', () => {
    let open = true;
    const {told, harness} = toldBy(({count}) => (open ? count : 0));
    const {loop} = harness;
    visit(harness, 0, [1, 10], 10);
    loop.open(1, [1, 5], 5);
    loop.demand(0, 1, 0, 5, 1); // holds the first five
    visit(harness, 0, [100, 23], 23);
    expect(told.wroteBlocks).toBe(5);
    open = false;
    loop.release(0, 1, 0);
    loop.close(1);
    visit(harness, 0, [200, 29], 29);
    expect(loop.placement.core.writtenBytes[1]).toBe(10_000);
  });
});

describe('on prompts of which a few return and most do not', () => {
  /** Of 3,000 visits, 0.4 go to one of 60 prompts, the k-th with a chance as 1 / k, the others to prompts of their own. */
  function run(admission?: (space: AdmissionSpace) => Admission | null): {hitRatio: number; writtenBlocks: number; refusedBlocks: number} {
    const harness = new Harness(ladder([60, 100, 400], {low: 20, high: 25, ...(admission === undefined ? {} : {admission})}));
    const draw = new Stream(5, 'test/visits');
    const weights = range(1, 60).map((k) => 1 / k);
    const sum = weights.reduce((a, b) => a + b);
    let hits = 0;
    for (let i = 0; i < 3000; i++) {
      let known = draw.uniform() < 0.4 ? draw.uniform() * sum : Infinity;
      const k = weights.findIndex((weight) => (known -= weight) < 0);
      hits += visit(harness, 0, [k < 0 ? ALONE + 100 * i : 100 * (k + 1), 14], 14);
    }
    const {core} = harness.loop.placement;
    return {
      hitRatio: hits / (3000 * 14),
      writtenBlocks: core.writtenBytes[FLASH] / 1000,
      refusedBlocks: core.pools[FLASH].refusedBlocks,
    };
  }

  test('who asks for a return writes a fraction, and hits more', () => {
    const always = run();
    const half = run(creatorOf('probabilistic', {share: 0.5}));
    const second = run(creatorOf('secondSighting', {remember: 4}));
    const third = run(creatorOf('frequency', {atLeast: 3}));
    expect(run(creatorOf('always'))).toEqual(always);
    expect(half.writtenBlocks).toBeLessThan(0.6 * always.writtenBlocks);
    expect(second.writtenBlocks).toBeLessThan(0.1 * half.writtenBlocks);
    expect(third.writtenBlocks).toBeLessThan(0.6 * second.writtenBlocks);
    expect(half.hitRatio).toBeGreaterThan(always.hitRatio);
    expect(third.hitRatio).toBeGreaterThan(half.hitRatio + 0.05);
    expect(second.hitRatio).toBeGreaterThan(third.hitRatio);
    for (const {refusedBlocks} of [half, second, third]) expect(refusedBlocks).toBeGreaterThan(10_000);
  });
});
