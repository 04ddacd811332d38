import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {replay} from '../../src/placement/journal.ts';
import {FAILED, LOAD, LOADING, NONE, READY, STORE} from '../../src/placement/ports.ts';
import {Harness, ladder} from './harness.ts';
import {leave, play, steps, visit} from './scripts.ts';

/** A block of 16 tokens takes 16 us to compute (harness); at this rate as long to load. */
const EVEN_RATE = 62.5e6;

/** A brain whose second tier holds blocks 1 .. 100 of a prompt, and its HBM none of them. */
function below(options: Parameters<typeof ladder>[1] = {}): Harness {
  const harness = new Harness(ladder([202, 1000], options));
  visit(harness, 0, [1, 100], 100);
  visit(harness, 1, [1000, 201], 201);
  return harness;
}

describe('reload: split', () => {
  test('where loading and computing take equal time, computes the front half while the back half is loaded', () => {
    const harness = below({reload: 'split', bytesPerSecond: EVEN_RATE});
    const {loop, carrier} = harness;
    loop.open(2, [1, 100], 100);
    expect(loop.demand(0, 2, 0, 100, 1)).toBe(true);
    while (carrier.inFlight.some(({kind}) => kind === STORE)) harness.finish(0);
    expect(carrier.inFlight.map(({kind, blocks}) => [kind, blocks])).toEqual([[LOAD, 50]]);
    expect(loop.placement.waitOf(2)).toBe(NONE);
    expect([loop.placement.computeFrom(2), loop.placement.computeUntil(2)]).toEqual([0, 50]);
    expect(loop.plan.reusedBlocks).toBe(50);
    expect(loop.plan.refusedBlocks).toBe(50);
    loop.computed(0, 2, 50);
    expect(loop.placement.waitOf(2)).toBe(LOADING + 1);
    harness.finishAll();
    expect(harness.notices.at(-1)).toEqual([READY, 2, 0]);
    expect([loop.placement.computeFrom(2), loop.placement.computeUntil(2)]).toEqual([100, 100]);
    leave(harness, 2);
  });

  test('the cut has a closed form: n blocks, of which the loaded share is the computing time over the sum of both', () => {
    for (const ratio of [0.5, 0.8, 1.5, 2]) {
      const harness = below({reload: 'split', bytesPerSecond: EVEN_RATE / ratio});
      harness.loop.open(2, [1, 100], 100);
      harness.loop.demand(0, 2, 0, 100, 1);
      expect(Math.abs(harness.loop.plan.reusedBlocks - 100 / (1 + ratio))).toBeLessThanOrEqual(1);
    }
  });

  test('where a split would promise less than a fifth, it loads all, or computes all', () => {
    for (const [ratio, reused] of [
      [0.1, 100],
      [10, 0],
    ]) {
      const harness = below({reload: 'split', bytesPerSecond: EVEN_RATE / ratio!});
      harness.loop.open(2, [1, 100], 100);
      harness.loop.demand(0, 2, 0, 100, 1);
      expect(harness.loop.plan.reusedBlocks).toBe(reused);
    }
  });

  test('behind a queue it computes less, for its own sake and for that of those behind it', () => {
    const harness = below({reload: 'split', bytesPerSecond: EVEN_RATE / 2});
    const {loop} = harness;
    loop.open(2, [5000, 60], 60);
    loop.demand(0, 2, 0, 60, 1);
    loop.open(3, [1, 100], 100);
    loop.demand(0, 3, 0, 100, 1);
    expect(loop.plan.reusedBlocks).toBe(53); // 2 x 53 to load = 60 blocks ahead and 47 of its own; without them 33
    loop.release(0, 3, 0);
    loop.release(0, 2, 0);
    harness.finishAll();
    loop.placement.checkInvariants();
    expect(loop.placement.core.owedBlocks[0]).toBe(0);
  });

  test('a tail that could not be read is computed behind the front', () => {
    const harness = below({reload: 'split', bytesPerSecond: EVEN_RATE});
    const {loop, carrier} = harness;
    loop.open(2, [1, 100], 100);
    loop.demand(0, 2, 0, 100, 1);
    while (carrier.inFlight.some(({kind}) => kind === STORE)) harness.finish(0);
    loop.computed(0, 2, 20);
    harness.finish(0, FAILED);
    expect([loop.placement.computeFrom(2), loop.placement.computeUntil(2)]).toEqual([20, 100]);
    loop.computed(0, 2, 100);
    leave(harness, 2);
  });
});

describe('hit: fillHoles', () => {
  test('a missing front makes the resident tail usable again', () => {
    for (const [hit, reused] of [
      ['prefix', 0],
      ['fillHoles', 90],
    ] as const) {
      const harness = below({hit});
      loseFront(harness, 10);
      expect(countCopies(harness, 1, 100, 1)).toBe(90);
      harness.loop.open(2, [1, 100], 100);
      harness.loop.demand(0, 2, 0, 100, 1);
      expect(harness.loop.plan.reusedBlocks).toBe(reused);
      harness.finishAll();
      if (hit === 'fillHoles') expect([harness.loop.placement.computeFrom(2), harness.loop.placement.computeUntil(2)]).toEqual([0, 10]);
      harness.loop.computed(0, 2, hit === 'fillHoles' ? 10 : 100);
      expect(harness.loop.placement.computeFrom(2)).toBe(100);
      leave(harness, 2);
    }
  });
});

/** The first `count` blocks are lost below HBM: loads of them fail. */
function loseFront(harness: Harness, count: number): void {
  const {loop, carrier} = harness;
  loop.open(9, [1, count], count);
  loop.demand(0, 9, 0, count, 1);
  while (carrier.inFlight.some(({kind}) => kind === STORE)) harness.finish(0);
  while (carrier.inFlight.length > 0) harness.finish(0, FAILED);
  loop.release(0, 9, 0);
  harness.finishAll();
  loop.close(9);
}

describe('reload: cheaper', () => {
  test('loads exactly where a byte costs less than computing it', () => {
    // a block takes 16,000 ns at 2 each to compute, and 1,000 bytes to load
    for (const [costPerByte, reused] of [
      [31.9, 100],
      [32.1, 0],
    ]) {
      const config = ladder([202, 1000], {reload: 'cheaper'});
      const harness = new Harness({
        ...config,
        routes: config.routes.map((route) => ({...route, costPerByte})),
        recompute: {...config.recompute, costPerNs: 2},
      });
      visit(harness, 0, [1, 100], 100);
      visit(harness, 1, [1000, 201], 201);
      expect(visit(harness, 2, [1, 100], 100)).toBe(reused);
    }
  });
});

describe('ttl', () => {
  test('a prompt is found until its time to live after its last use, and not at it', () => {
    const harness = new Harness(ladder([300], {ttl: 1000}));
    visit(harness, 0, [1, 20], 20);
    harness.now = 999;
    expect(visit(harness, 1, [1, 20], 20)).toBe(20);
    harness.now = 1998;
    expect(visit(harness, 2, [1, 10], 10)).toBe(10); // from now on its first half is younger
    harness.now = 2998;
    expect(visit(harness, 3, [1, 20], 20)).toBe(0);
    expect(harness.loop.placement.core.pools[0].expiredBlocks).toBe(20);
  });

  test('agrees with a clock for every prompt, over random visits', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(700)), {maxLength: 60}), (visits) => {
        const harness = new Harness(ladder([300], {ttl: 1000}));
        const last = new Map<number, number>();
        visits.forEach(([prompt, gap], i) => {
          harness.now += gap;
          const known = harness.now - (last.get(prompt) ?? -Infinity) < 1000;
          expect(visit(harness, i, [100 * prompt + 1, 8], 8)).toBe(known ? 8 : 0);
          last.set(prompt, harness.now);
        });
      }),
      {numRuns: 25, seed: 4},
    );
  });
});

describe('promotion', () => {
  test('by copy the tier below keeps what it gave, by move it does not', () => {
    for (const [promote, kept] of [
      ['copy', 200],
      ['move', 100],
    ] as const) {
      const harness = below({promote});
      visit(harness, 2, [1, 100], 100);
      // 100 blocks loaded, and 100 of the other prompt stored to make room for them
      expect(harness.loop.placement.core.pools[1].used).toBe(kept);
    }
  });

  test('a block loaded past a tier for the n-th time is copied there', () => {
    const harness = new Harness(ladder([102, 120, 5000], {promoteOn: 2, write: 'through'}));
    const fill = (round: number): void => void visit(harness, 1, [1000 * round, 101], 101); // drives all else to the last tier
    const {core} = harness.loop.placement;
    const inSecond = (): number => countCopies(harness, 1, 50, 1);
    visit(harness, 0, [1, 50], 50);
    for (let round = 1; round <= 3; round++) fill(round);
    expect(inSecond()).toBe(0);
    for (const [use, copied] of [
      [1, 0],
      [2, 50],
    ]) {
      visit(harness, 0, [1, 50], 50);
      expect(inSecond(), `after load ${use}`).toBe(copied);
      if (copied === 0) for (let round = 1; round <= 3; round++) fill(10 * use + round);
    }
    expect(core.readBytes[2]).toBe(100_000);
  });
});

/** Copies in `pool` of the `count` blocks from content `first` on. */
function countCopies({loop}: Harness, first: number, count: number, pool: number): number {
  const {core} = loop.placement;
  let copies = 0;
  for (let slot = 0; slot < core.pools[pool].slots; slot++) {
    if (core.pools[pool].state[slot] === 0) continue;
    const content = core.blocks.contentOf(core.pools[pool].block[slot]);
    if (content >= first && content < first + count) copies++;
  }
  return copies;
}

describe('Placement with every option, under random scripts', () => {
  const options = fc.record({
    write: fc.constantFrom('back' as const, 'through' as const),
    reload: fc.constantFrom('always' as const, 'faster' as const, 'split' as const, 'never' as const),
    hit: fc.constantFrom('prefix' as const, 'fillHoles' as const),
    promote: fc.constantFrom('copy' as const, 'move' as const),
    promoteOn: fc.nat(2),
    ttl: fc.constantFrom(Infinity, 20_000),
    bytesPerSecond: fc.constantFrom(1e6, EVEN_RATE, 1e9),
    low: fc.nat(3),
  });

  test('keeps every counter right, ends what it starts and replays to the same commands', () => {
    fc.assert(
      fc.property(steps, options, fc.integer({min: 18, max: 60}), fc.integer({min: 5, max: 40}), (script, choice, hbm, dram) => {
        const config = ladder([hbm, dram, 200], {...choice, high: choice.low * 2});
        const harness = new Harness(config);
        play(harness, script);
        harness.finishAll();
        harness.loop.placement.checkInvariants();
        harness.journal.end();
        expect(replay(Float64Array.from(harness.words), config)).toBe(harness.loop.digest.hex());
      }),
      {numRuns: 80, seed: 11},
    );
  });
});
