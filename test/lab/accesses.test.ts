/** What a pool was asked for, given to the laboratory: where nothing but eviction changes the pool, the very same hits. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {accessesHeader, readAccesses} from '../../src/lab/formats/accesses.ts';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import {replay} from '../../src/lab/replay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {placementOf, simulate} from '../../src/simulation/simulate.ts';
import {AccessLog} from '../../src/placement/accessLog.ts';
import {TraceError} from '../../src/workload/ports.ts';
import {Harness, ladder} from '../placement/harness.ts';
import {scenario, sessions, source, tier} from '../simulation/fixture.ts';
import {creatorOf} from './support.ts';

/** A brain with a log; requests one after the other. */
class Logged {
  readonly harness: Harness;
  /** Hits of the run, by tier. */
  readonly hits: number[];
  private readonly words: number[] = [];
  private readonly pools: {name: string; capacityBlocks: number}[];

  constructor(config: ReturnType<typeof ladder>) {
    this.harness = new Harness(config);
    this.pools = config.pools.map(({name, capacityBlocks}) => ({name, capacityBlocks}));
    this.hits = config.pools.map(() => 0);
    const {core} = this.harness.loop.placement;
    core.accessLog = new AccessLog(
      (words, count) => this.words.push(...words.subarray(0, count)),
      core.blocks,
      (request) => request + 7,
    );
  }

  /** A prompt of these content runs, and `kept` blocks of its answer from content `answer` on; false where it does not fit. */
  visit(runs: readonly number[], blocks: number, kept = 0, answer = 0): boolean {
    const {harness, hits} = this;
    const {loop} = harness;
    loop.open(0, runs, blocks);
    if (!loop.demand(++harness.now, 0, 0, blocks, kept)) {
      loop.close(0);
      return false;
    }
    loop.plan.hitBlocks.forEach((found, tier) => (hits[tier]! += found));
    harness.finishAll();
    loop.computed(++harness.now, 0, blocks);
    if (kept > 0) loop.keep(++harness.now, 0, [answer, kept], kept);
    loop.release(++harness.now, 0, 0);
    loop.close(0);
    harness.finishAll();
    return true;
  }

  file(): Uint8Array {
    this.harness.loop.placement.core.accessLog!.end();
    const header = accessesHeader({pools: this.pools, blockBytes: 1000, ticksPerSecond: 1e9});
    return Buffer.concat([header, new Uint8Array(Float64Array.from(this.words).buffer)]);
  }

  traces(): LabTrace[] {
    return readAccesses('accesses.bin', this.file());
  }
}

/** Prompts from a tree: which branch, and how long. Contents are numbered so that two of a branch share their beginning, and all share a root of 3. */
const prompts = fc.array(fc.tuple(fc.nat(6), fc.integer({min: 1, max: 12}), fc.nat(2)), {minLength: 40, maxLength: 200});
const runsOf = (branch: number): number[] => [1, 3, 100 + 100 * branch, 9];

describe('the first tier, one request at a time', () => {
  test('LRU of the laboratory has the very hits of the pool, answers that are kept included', () => {
    let evicting = 0;
    fc.assert(
      fc.property(prompts, fc.integer({min: 14, max: 40}), (script, capacity) => {
        const logged = new Logged(ladder([capacity]));
        script.forEach(([branch, blocks, kept], i) => expect(logged.visit(runsOf(branch), blocks, kept, 1e6 + 10 * i)).toBe(true));
        const [trace] = logged.traces();
        const {references, misses, stranded} = replayPrefixes(trace!, capacity, 'tail', creatorOf('lru', trace!));
        expect(references - misses).toBe(logged.hits[0]);
        expect(stranded).toBe(0);
        expect(trace!.merging).toBe(
          `as the pool saw them in its run, which found ${logged.hits[0]} of them with ${capacity} blocks of room`,
        );
        if (misses > capacity) evicting++;
      }),
      {numRuns: 20, seed: 3},
    );
    expect(evicting).toBeGreaterThan(10);
  });

  test('another policy is another policy: the counts can differ', () => {
    const logged = new Logged(ladder([14]));
    for (let i = 0; i < 60; i++) logged.visit(runsOf((i * i) % 7), 1 + ((i * 5) % 12));
    const [trace] = logged.traces();
    const {references, misses} = replayPrefixes(trace!, 14, 'tail', creatorOf('fifo', trace!));
    expect(references - misses).not.toBe(logged.hits[0]);
  });
});

describe('a lower tier', () => {
  test('prompts of one block: flat LRU has the very hits of the pool, which are its loads', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), {minLength: 40, maxLength: 300}), fc.integer({min: 2, max: 9}), (blocks, capacity) => {
        const logged = new Logged(ladder([1, capacity], {write: 'through'}));
        for (const block of blocks) logged.visit([50 * block, 1], 1);
        const below = logged.traces()[1]!;
        const {references, misses} = replay(below, capacity, creatorOf('lru', below));
        expect(references - misses).toBe(logged.hits[1]);
        expect(misses).toBe(below.blocks.length - logged.hits[1]!);
      }),
      {numRuns: 15, seed: 3},
    );
  });

  test('prompts that are always loaded from their beginning: so has LRU with prefixes', () => {
    const logged = new Logged(ladder([8, 30], {write: 'through'}));
    // Two of 8 blocks never fit above together, and no two share a block: what is loaded is a whole prompt.
    for (let i = 0; i < 200; i++) logged.visit([100 * ((i * i + (i >> 2)) % 6), 8], 8);
    expect(logged.hits[1]).toBeGreaterThan(200);
    const below = logged.traces()[1]!;
    const {references, misses} = replayPrefixes(below, 30, 'tail', creatorOf('lru', below));
    expect(references - misses).toBe(logged.hits[1]);
  });
});

test('a whole run that evicts nothing, requests beside each other: the very hits, and the same digest', () => {
  const given = scenario({tiers: [tier('hbm', 'hbm', 'instance', 20_000)]});
  const words: number[] = [];
  const summary = simulate(given, source(sessions(20, 5)), {accesses: (chunk, count) => void words.push(...chunk.subarray(0, count))});
  expect(summary.digest).toBe(simulate(given, source(sessions(20, 5))).digest);
  const {pools, blockBytes} = placementOf(given);
  const header = accessesHeader({pools, blockBytes, ticksPerSecond: 1e9});
  const traces = readAccesses('accesses.bin', Buffer.concat([header, new Uint8Array(Float64Array.from(words).buffer)]));
  expect(traces.map(({requests}) => requests!.length - 1).reduce((sum, count) => sum + count)).toBe(100);
  expect(new Set(traces.flatMap(({sessions: of}) => [...of!])).size).toBe(20);
  const hits = traces.map((trace) => {
    const {references, misses} = replayPrefixes(trace, trace.distinct, 'tail', creatorOf('lru', trace));
    return references - misses;
  });
  expect(traces.length).toBe(2);
  expect(hits[0]! + hits[1]!).toBe(summary.tiers['hbm']!.hitBlocks);
});

test('the file: names, times, sessions where every access has one, contents beyond 32 bits', () => {
  const logged = new Logged(ladder([20, 50], {write: 'through'}));
  logged.visit([2 ** 40, 2, 5, 1], 3);
  logged.visit([2 ** 40, 2, 6, 1], 3);
  const [above, below] = logged.traces();
  expect([above!.name, below!.name]).toEqual(['accesses.bin tier0', 'accesses.bin tier1']);
  expect([...above!.blocks]).toEqual([0, 1, 2, 0, 1, 3]);
  expect([...above!.requests!]).toEqual([0, 3, 6]);
  expect([...above!.times!]).toEqual([0, 3]);
  expect([...above!.sessions!]).toEqual([7, 7]);
  expect(above!.blockBytes).toBe(1000);
  expect(below!.sessions).toBeNull();
  expect([...below!.blocks]).toEqual([0, 1, 2, 3]);
});

test('a prompt that is given up counts with what had been computed', () => {
  const logged = new Logged(ladder([20]));
  const {loop} = logged.harness;
  loop.open(1, [1, 6], 6);
  loop.demand(1, 1, 0, 6, 0);
  loop.computed(2, 1, 4);
  loop.release(3, 1, 0);
  loop.close(1);
  expect([...logged.traces()[0]!.blocks]).toEqual([0, 1, 2, 3]);
});

test('a request that moves on is an access of both pools, when it leaves them', () => {
  const one = ladder([20]);
  const config = {
    ...one,
    pools: [one.pools[0]!, {...one.pools[0]!, name: 'other'}],
    routes: [{source: 0, target: 1, latencyNs: 1, bytesPerSecond: 1e9}],
  };
  const logged = new Logged(config);
  const {loop} = logged.harness;
  loop.open(0, [1, 4], 4);
  loop.demand(1, 0, 0, 4, 1);
  loop.computed(2, 0, 4);
  expect(loop.handOff(3, 0, 1, 1, 10, 0)).toBe(true);
  logged.harness.finishAll();
  loop.release(9, 0, 0);
  loop.close(0);
  expect(logged.traces().map(({blocks}) => blocks.length)).toEqual([4, 4]);
});

test('what is no such file, or cut short', () => {
  const logged = new Logged(ladder([20]));
  logged.visit([1, 4], 4);
  const whole = logged.file();
  expect(() => readAccesses('a', whole.subarray(0, whole.length - 8))).toThrow(TraceError);
  expect(() => readAccesses('a', whole.subarray(0, whole.length - 24))).toThrow('access 1: the file is cut short or damaged');
  expect(() => readAccesses('a', whole.subarray(0, whole.length - 3))).toThrow('cut short or damaged');
  expect(() => readAccesses('a', new TextEncoder().encode('{"format":"tierscape journal"}\n'))).toThrow('expected the accesses.bin');
  expect(() => new Logged(ladder([20])).traces()).toThrow('no pool was asked for anything');
});
