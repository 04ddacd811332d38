/** DRAM that is lent over CXL (half of each server's, one pool that both reach), against DRAM that each keeps for itself: the same bytes in all. */
import {describe, expect, test} from 'vitest';
import {lru} from '../../src/placement/eviction/lru.ts';
import {NONE, type PlacementConfig, type PoolConfig, type PolicySpace} from '../../src/placement/ports.ts';
import {Harness} from './harness.ts';

const CHAIN = 10;
const DRAM = 80;

function servers(lent: boolean): PlacementConfig {
  const pool = (name: string, tier: number, capacityBlocks: number, below: number): PoolConfig => ({
    name,
    tier,
    capacityBlocks,
    below,
    write: 'back',
    promote: tier > 0 ? 'move' : 'copy', // what one pool holds no other need hold
    // Room for what comes from above, so that victims go below and are not dropped.
    reserveLow: lent && tier === 1 ? CHAIN : 0,
    reserveHigh: lent && tier === 1 ? CHAIN + 2 : 0,
    policy: (space: PolicySpace) => lru.create({}, space),
  });
  const own = lent ? DRAM / 2 : DRAM;
  const pools = [
    pool('hbm0', 0, CHAIN + 2, 2),
    pool('hbm1', 0, CHAIN + 2, 3),
    pool('dram0', 1, own, lent ? 4 : NONE),
    pool('dram1', 1, own, lent ? 4 : NONE),
    ...(lent ? [pool('lent', 2, DRAM, NONE)] : []),
  ];
  const both = (a: number, b: number): [number, number][] => [
    [a, b],
    [b, a],
  ];
  const pairs: [number, number][] = [...both(0, 2), ...both(1, 3)];
  if (lent) pairs.push([2, 4], [3, 4], ...both(0, 4), ...both(1, 4));
  return {
    pools,
    routes: pairs.map(([source, target]) => ({source, target, latencyNs: 0, bytesPerSecond: 1e9})),
    blockTokens: 16,
    blockBytes: 1000,
    reload: 'always',
    recompute: {perTokenNs: 1000, perTokenSquaredNs: 0},
  };
}

/** Rounds over so many prompts on each server, phase by phase: hit ratio, and the share of all DRAM that is used on average. */
function run(lent: boolean, phases: readonly (readonly [number, number])[]): {hits: number; used: number} {
  const harness = new Harness(servers(lent));
  const {loop} = harness;
  const dram = loop.placement.core.pools.slice(2);
  let [hits, references, used, visits] = [0, 0, 0, 0];
  const visit = (server: number, prompt: number): void => {
    loop.open(0, [1e6 * (server + 1) + 1000 * prompt, CHAIN], CHAIN);
    expect(loop.demand(0, 0, server, CHAIN, 1)).toBe(true);
    hits += loop.plan.hitBlocks.reduce((sum, count) => sum + count, 0);
    references += CHAIN;
    harness.finishAll();
    loop.computed(0, 0, CHAIN);
    loop.release(0, 0, 0);
    loop.close(0);
    harness.finishAll();
    used += dram.reduce((sum, pool) => sum + pool.used, 0) / (2 * DRAM);
    visits++;
  };
  for (const prompts of phases)
    for (let round = 0; round < 12; round++)
      for (let prompt = 0; prompt < Math.max(...prompts); prompt++)
        prompts.forEach((count, server) => {
          if (prompt < count) visit(server, prompt);
        });
  loop.placement.checkInvariants();
  return {hits: hits / references, used: used / visits};
}

/** Eleven prompts of ten blocks are more than a server's own DRAM, and less than what the two can lend one of them. */
const OPPOSED = [
  [11, 1],
  [1, 11],
] as const;
const TOGETHER = [
  [11, 11],
  [11, 11],
] as const;

describe('lending DRAM', () => {
  test('raises hits where one server needs it while the other does not, and the use of DRAM until all of it is full of the past', () => {
    const [apart, lent] = [run(false, OPPOSED), run(true, OPPOSED)];
    expect(lent.hits).toBeGreaterThan(apart.hits + 0.5);
    const [apartAtFirst, lentAtFirst] = [run(false, OPPOSED.slice(0, 1)), run(true, OPPOSED.slice(0, 1))];
    expect(lentAtFirst.used).toBeGreaterThan(apartAtFirst.used + 0.1);
  });

  test('raises neither where both need it at once', () => {
    const [apart, lent] = [run(false, TOGETHER), run(true, TOGETHER)];
    expect(lent.hits).toBeLessThanOrEqual(apart.hits);
    expect(lent.used).toBeLessThanOrEqual(apart.used);
  });
});
