import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {replay} from '../../src/placement/journal.ts';
import {DONE, FAILED, LOAD, LOADING, NONE, READY, RETRY, STORE, WAIT_EVICTION, WAIT_SHARED, WAITING} from '../../src/placement/ports.ts';
import {routeChoices} from '../../src/placement/paths/choices.ts';
import {Harness, ladder, lanes} from './harness.ts';
import {play, steps} from './scripts.ts';

const chain = (first: number, count: number): number[] => [first, count];

/** Opens, admits, computes and releases a prompt of `count` blocks; the harness ends transfers at once. */
function visit(harness: Harness, request: number, runs: number[], count: number): number {
  const {loop} = harness;
  loop.open(request, runs, count);
  expect(loop.demand(0, request, 0, count, 1)).toBe(true);
  const hits = loop.plan.hitBlocks.reduce((sum, hit) => sum + hit, 0);
  harness.finishAll();
  expect(loop.placement.waitOf(request)).toBe(NONE);
  loop.computed(0, request, count);
  loop.release(0, request, 0);
  harness.finishAll();
  loop.close(request);
  loop.placement.checkInvariants();
  return hits;
}

describe('Placement', () => {
  test('finds a prompt that was computed before, and its longest prefix', () => {
    const harness = new Harness(ladder([100]));
    expect(visit(harness, 0, chain(1, 10), 10)).toBe(0);
    expect(visit(harness, 1, chain(1, 10), 10)).toBe(10);
    expect(visit(harness, 2, [1, 6, 500, 4], 10)).toBe(6);
  });

  test('evicts the tail of the least recently used chain first and strands no child', () => {
    const harness = new Harness(ladder([12]));
    visit(harness, 0, chain(1, 6), 6);
    visit(harness, 1, chain(100, 5), 5);
    visit(harness, 2, chain(200, 3), 3); // needs 4 with its private block: 11 used, one free
    expect(visit(harness, 3, chain(1, 6), 6)).toBe(3);
  });

  test('offloads victims to the tier below and loads them back, the bytes counted once each way', () => {
    const harness = new Harness(ladder([12, 100]));
    visit(harness, 0, chain(1, 10), 10);
    visit(harness, 1, chain(100, 10), 10);
    const {core} = harness.loop.placement;
    expect(core.writtenBytes[1]).toBe(9000);
    expect(visit(harness, 2, chain(1, 10), 10)).toBe(10);
    expect(core.readBytes[1]).toBe(9000);
  });

  describe('of two pools of one tier that hold a block', () => {
    /** HBM 0 over memory 1, HBM 2 over memory 3; the first HBM also reads memory 3, by two ways. */
    const peers = (): Harness => {
      const {pools, ...rest} = ladder([100, 100], {write: 'through'});
      const [hbm, memory] = pools;
      const route = (source: number, target: number, bytesPerSecond: number, lane?: number) => ({
        source,
        target,
        latencyNs: 1000,
        bytesPerSecond,
        ...(lane === undefined ? {} : {lane}),
      });
      return new Harness({
        ...rest,
        pools: [hbm, memory, {...hbm, below: 3}, memory],
        routes: [route(0, 1, 1e9), route(1, 0, 1e9), route(2, 3, 1e9), route(3, 2, 1e9), route(3, 0, 5e8, 0), route(3, 0, 5e8, 1)],
        lanes: {count: 2, reportTicks: 0, choice: () => routeChoices['soonest']!(new Stream(1, 'test'))},
      });
    };
    /** Leaves `count` blocks in one pool of HBM and the memory below it, and drops them from HBM. */
    const leave = (harness: Harness, request: number, pool: number, runs: number[], count: number): void => {
      const {loop} = harness;
      loop.open(request, runs, count);
      loop.demand(0, request, pool, 0, 1);
      loop.computed(0, request, count);
      loop.release(0, request, 0);
      loop.close(request);
      harness.finishAll();
      loop.lose(0, pool, 1);
    };
    const sources = (harness: Harness, request: number, runs: number[], count: number): number[] => {
      const before = harness.carrier.inFlight.length;
      harness.loop.open(request, runs, count);
      harness.loop.demand(0, request, 0, count, 1);
      return harness.carrier.inFlight.slice(before).map(({source}) => source);
    };

    test('a load comes from the one that is expected to send it first', () => {
      const harness = peers();
      leave(harness, 0, 2, chain(1, 8), 8);
      leave(harness, 0, 0, chain(1, 8), 8);
      leave(harness, 0, 0, chain(100, 40), 40);
      expect(sources(harness, 1, chain(100, 40), 40)).toEqual([1]);
      // 41 blocks at 1 GB/s behind what is out, or one at half of it.
      expect(sources(harness, 2, chain(1, 8), 8)).toEqual([3]);
      harness.finishAll();
      harness.loop.placement.checkInvariants();
    });

    test('which is its own where both are idle, and the only one that can be reached', () => {
      const harness = peers();
      leave(harness, 0, 2, chain(1, 8), 8);
      leave(harness, 0, 0, chain(1, 8), 8);
      expect(sources(harness, 1, chain(1, 8), 8)).toEqual([1]);
      const other = peers();
      leave(other, 0, 2, chain(1, 8), 8);
      leave(other, 0, 0, chain(1, 8), 8);
      other.loop.routeRate(0, 1, 0);
      expect(sources(other, 1, chain(1, 8), 8)).toEqual([3]);
    });

    test('reach counts a pool that two ways lead from once', () => {
      const harness = peers();
      leave(harness, 0, 0, chain(1, 8), 8);
      harness.loop.open(1, chain(1, 8), 8);
      harness.loop.reach.measure(1);
      // Memory 1 serves only its own HBM.
      expect([harness.loop.reach.reachable[0], harness.loop.reach.reachable[2]]).toEqual([8, 0]);
      leave(harness, 2, 2, chain(50, 8), 8);
      harness.loop.open(2, chain(50, 8), 8);
      harness.loop.reach.measure(2);
      expect([harness.loop.reach.reachable[0], harness.loop.reach.reachable[2]]).toEqual([8, 8]);
      harness.loop.routeRate(0, 3, 0);
      harness.loop.reach.measure(2);
      expect([harness.loop.reach.reachable[0], harness.loop.reach.reachable[2]]).toEqual([8, 0]);
    });
  });

  test('a request waits for its victims to be stored, then for its loads, then is ready', () => {
    const harness = new Harness(ladder([12, 100]));
    visit(harness, 0, chain(1, 10), 10);
    visit(harness, 1, chain(100, 10), 10);
    const {loop, carrier} = harness;
    harness.notices.length = 0;
    loop.open(2, chain(1, 10), 10);
    expect(loop.demand(0, 2, 0, 10, 1)).toBe(true);
    expect(loop.placement.waitOf(2)).toBe(WAIT_EVICTION);
    expect(carrier.inFlight.every((transfer) => transfer.kind === STORE)).toBe(true);
    while (carrier.inFlight.some((transfer) => transfer.kind === STORE)) harness.finish(0);
    expect(loop.placement.waitOf(2)).toBe(LOADING + 1);
    expect(carrier.inFlight.map((transfer) => [transfer.kind, transfer.source, transfer.blocks])).toEqual([[LOAD, 1, 9]]);
    harness.finishAll();
    expect(harness.notices.map(([kind, , value]) => [kind, value])).toContainEqual([WAITING, LOADING + 1]);
    expect(harness.notices.at(-1)).toEqual([READY, 2, 0]);
  });

  test('a second request waits for blocks that the first computes, and is thrown back if the first leaves', () => {
    const harness = new Harness(ladder([100]));
    const {loop} = harness;
    loop.open(0, chain(1, 8), 8);
    loop.open(1, chain(1, 8), 8);
    loop.demand(0, 0, 0, 8, 1);
    loop.demand(0, 1, 0, 7, 1);
    expect(loop.plan.hitBlocks[0]).toBe(7);
    expect(loop.placement.waitOf(1)).toBe(WAIT_SHARED);
    loop.computed(0, 0, 4);
    expect(loop.placement.waitOf(1)).toBe(WAIT_SHARED);
    loop.release(0, 0, 0);
    expect(harness.notices).toContainEqual([RETRY, 1, 0]);
    expect(loop.placement.isAdmitted(1)).toBe(false);
    loop.placement.checkInvariants();
    loop.demand(0, 1, 0, 7, 1);
    expect(loop.plan.hitBlocks[0]).toBe(4);
  });

  test('a demand that does not fit changes nothing', () => {
    const harness = new Harness(ladder([12]));
    const {loop} = harness;
    loop.open(0, chain(1, 8), 8);
    loop.demand(0, 0, 0, 8, 1);
    loop.open(1, chain(50, 8), 8);
    const digest = loop.digest.hex();
    expect(loop.demand(0, 1, 0, 8, 1)).toBe(false);
    expect(loop.digest.hex()).toBe(digest);
    loop.placement.checkInvariants();
    loop.computed(0, 0, 8);
    loop.release(0, 0, 0);
    expect(loop.demand(0, 1, 0, 8, 1)).toBe(true);
  });

  test('a load that fails is computed instead, and its source is not believed again', () => {
    const harness = new Harness(ladder([12, 100]));
    visit(harness, 0, chain(1, 10), 10);
    visit(harness, 1, chain(100, 10), 10);
    const {loop, carrier} = harness;
    loop.open(2, chain(1, 10), 10);
    loop.demand(0, 2, 0, 10, 1);
    while (carrier.inFlight.some((transfer) => transfer.kind === STORE)) harness.finish(0);
    expect(loop.placement.computeFrom(2)).toBe(10);
    harness.finish(0, FAILED);
    expect(loop.placement.computeFrom(2)).toBe(1);
    expect(loop.placement.waitOf(2)).toBe(NONE);
    loop.computed(0, 2, 10);
    loop.release(0, 2, 0);
    loop.close(2);
    harness.finishAll();
    loop.placement.checkInvariants();
  });

  /** A prefill and a decode instance, and KV on its way from one to the other. */
  const pair = (): Harness => {
    const config = ladder([50]);
    const routes = [{source: 0, target: 1, latencyNs: 0, bytesPerSecond: 1e9}];
    return new Harness({...config, pools: [config.pools[0], {...config.pools[0], name: 'decode'}], routes});
  };

  test('hands over a request that shares what another is bringing, and gives back the first pool as soon as its own has come', () => {
    const {loop, carrier, ...harness} = pair();
    const hand = (request: number, runs: number[]): void => {
      loop.open(request, runs, 8);
      loop.demand(0, request, 0, 8, 1);
      loop.computed(0, request, 8);
      expect(loop.handOff(0, request, 1, 1, 300, 0)).toBe(true);
    };
    hand(0, chain(1, 8));
    hand(1, [1, 5, 100, 3]);
    expect(carrier.inFlight.map(({blocks}) => blocks)).toEqual([8, 3]);
    const [, own] = carrier.inFlight.splice(0);
    loop.complete(0, own!.transfer, DONE);
    expect(loop.placement.waitOf(1)).toBe(WAIT_SHARED);
    expect(loop.placement.core.pools[0].evictable).toBe(3); // the five before them are still being read for the other
    loop.complete(0, 1 - own!.transfer, DONE);
    expect(harness.notices.filter(([kind]) => kind === READY).map(([, request]) => request)).toEqual([1, 0]);
    for (const request of [0, 1]) {
      loop.keep(0, request, chain(200 + request, 1), 1);
      loop.release(0, request, 0);
      loop.close(request);
    }
    loop.placement.checkInvariants();
    expect(loop.placement.core.pools[0].evictable).toBe(11);
  });

  test('hands a request from one instance to another and leaves the first pool unpinned', () => {
    const harness = pair();
    const {loop} = harness;
    loop.open(0, chain(1, 8), 8);
    loop.demand(0, 0, 0, 8, 1);
    loop.computed(0, 0, 8);
    expect(loop.handOff(0, 0, 1, 1, 300, 0)).toBe(true);
    expect(harness.carrier.inFlight.map((transfer) => transfer.bytes)).toEqual([8300]);
    harness.finishAll();
    expect(harness.notices.some(([kind, request]) => kind === READY && request === 0)).toBe(true);
    loop.placement.checkInvariants();
    expect(loop.placement.core.pools[0].evictable).toBe(8);
    loop.release(0, 0, 0);
    loop.close(0);
    expect(loop.placement.core.pools[1].evictable).toBe(8);
  });

  test('keeps generated blocks that a later prompt extends', () => {
    const harness = new Harness(ladder([100]));
    const {loop} = harness;
    loop.open(0, chain(1, 4), 4);
    loop.demand(0, 0, 0, 4, 1);
    loop.computed(0, 0, 4);
    loop.grow(0, 0, 3);
    loop.keep(0, 0, chain(5, 3), 3);
    loop.release(0, 0, 3);
    loop.close(0);
    loop.placement.checkInvariants();
    expect(visit(harness, 1, chain(1, 10), 10)).toBe(7);
  });

  test('writes through: blocks are below as soon as they are computed, and eviction moves nothing', () => {
    const harness = new Harness(ladder([12, 100], {write: 'through'}));
    visit(harness, 0, chain(1, 10), 10);
    expect(harness.loop.placement.core.writtenBytes[1]).toBe(10000);
    const issued = harness.carrier.issued;
    visit(harness, 1, chain(100, 1), 1);
    expect(harness.carrier.issued - issued).toBe(1);
  });

  test('keeps a reserve free in the background, from its low mark to its high mark', () => {
    const harness = new Harness(ladder([20, 100], {low: 2, high: 5}));
    visit(harness, 0, chain(1, 18), 17);
    const pool = harness.loop.placement.core.pools[0];
    expect(pool.capacity - pool.used).toBeGreaterThanOrEqual(2);
    expect(harness.loop.placement.headroom(0)).toBe(pool.capacity - pool.used - 2);
  });
});

describe('several ways', () => {
  test('a load is cut into a piece for each way, and the request is ready when the last of them has come', () => {
    const harness = new Harness(lanes(ladder([14, 100]), 'striped'));
    const routes = harness.loop.placement.core.config.routes.length;
    expect(routes).toBe(1 + 3);
    visit(harness, 0, chain(1, 12), 12);
    visit(harness, 1, chain(100, 12), 12);
    const {loop, carrier} = harness;
    loop.open(2, chain(1, 12), 12);
    loop.demand(0, 2, 0, 12, 1);
    while (carrier.inFlight.some((transfer) => transfer.kind === STORE)) harness.finish(0);
    // Eleven blocks by 1 : 2 : 3.
    expect(carrier.inFlight.map(({blocks}) => blocks).reduce((sum, blocks) => sum + blocks, 0)).toBe(11);
    expect(carrier.inFlight).toHaveLength(3);
    carrier.inFlight.forEach(({blocks}, way) => expect(Math.abs(blocks - (11 * (way + 1)) / 6)).toBeLessThan(1));
    harness.finish(1);
    harness.finish(0);
    expect(loop.placement.waitOf(2)).toBe(LOADING + 1);
    harness.finish(0);
    expect(loop.placement.waitOf(2)).toBe(NONE);
  });

  test('one way of a pair commands as if there were no choice', () => {
    const script = (config: ReturnType<typeof ladder>): string => {
      const harness = new Harness(config);
      visit(harness, 0, chain(1, 10), 10);
      visit(harness, 1, chain(100, 10), 10);
      visit(harness, 2, chain(1, 10), 10);
      return harness.loop.digest.hex();
    };
    const config = ladder([12, 100]);
    const counted = config.routes.map((route, lane) => ({...route, lane}));
    const choice = () => routeChoices['adaptive']!(null as never);
    expect(script({...config, routes: counted, lanes: {count: counted.length, reportTicks: 5, choice}})).toBe(script(config));
  });
});

describe('Placement under random scripts', () => {
  for (const write of ['back', 'through'] as const) {
    test(`keeps every counter right, ends what it starts and replays to the same commands (write ${write})`, () => {
      fc.assert(
        fc.property(steps, fc.integer({min: 18, max: 60}), fc.integer({min: 5, max: 40}), fc.nat(3), (script, hbm, dram, low) => {
          const config = ladder([hbm, dram, 200], {write, low, high: low * 2});
          const harness = new Harness(config);
          play(harness, script);
          harness.finishAll();
          harness.loop.placement.checkInvariants();
          harness.journal.end();
          expect(replay(Float64Array.from(harness.words), config)).toBe(harness.loop.digest.hex());
        }),
        {numRuns: 150, seed: 7},
      );
    });
  }

  test.each(Object.keys(routeChoices))('does so over several ways, chosen by %s', (name) => {
    fc.assert(
      fc.property(steps, fc.integer({min: 18, max: 60}), fc.integer({min: 5, max: 40}), fc.boolean(), (script, hbm, dram, through) => {
        const config = lanes(ladder([hbm, dram, 200], {write: through ? 'through' : 'back', low: 1, high: 3}), name);
        const harness = new Harness(config);
        play(harness, script);
        harness.finishAll();
        harness.loop.placement.checkInvariants();
        harness.journal.end();
        expect(replay(Float64Array.from(harness.words), config)).toBe(harness.loop.digest.hex());
      }),
      {numRuns: 40, seed: 7},
    );
  });

  test('what a transfer reads was computed or written there before', () => {
    fc.assert(
      fc.property(steps, fc.integer({min: 18, max: 60}), fc.integer({min: 5, max: 40}), (script, hbm, dram) => {
        const harness = new Harness(ladder([hbm, dram, 200]));
        const held = [new Set<number>(), new Set<number>(), new Set<number>()];
        const {loop, carrier} = harness;
        const prompts = new Map<number, number[]>();
        const open = loop.open.bind(loop);
        const computed = loop.computed.bind(loop);
        const complete = loop.complete.bind(loop);
        const submit = carrier.submit.bind(carrier);
        loop.open = (request, runs, blocks) => {
          prompts.set(request, idsOf(runs));
          open(request, runs, blocks);
        };
        loop.computed = (now, request, upTo) => {
          const ids = prompts.get(request)!.slice(loop.placement.computeFrom(request), upTo);
          for (const id of ids) held[0].add(id); // before the call: it may store them at once
          computed(now, request, upTo);
        };
        const running = new Map<number, {target: number; contents: readonly number[]}>();
        carrier.submit = (now, commands, row) => {
          submit(now, commands, row);
          const {transfer, source, target, contents} = carrier.inFlight.at(-1)!;
          for (const id of contents) expect(held[source].has(id)).toBe(true);
          running.set(transfer, {target, contents});
        };
        loop.complete = (now, transfer, outcome) => {
          const {target, contents} = running.get(transfer)!;
          if (outcome !== FAILED) for (const id of contents) held[target].add(id);
          complete(now, transfer, outcome);
        };
        play(harness, script);
        harness.finishAll();
      }),
      {numRuns: 150, seed: 8},
    );
  });
});

function idsOf(runs: readonly number[]): number[] {
  const ids: number[] = [];
  for (let i = 0; i < runs.length; i += 2) for (let k = 0; k < runs[i + 1]; k++) ids.push(runs[i] + k);
  return ids;
}
