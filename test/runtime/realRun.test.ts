import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {replay} from '../../src/placement/journal.ts';
import type {EvictionPolicy} from '../../src/placement/ports.ts';
import {runReal, type RealResult} from '../../src/runtime/realRun.ts';
import {SlotStore} from '../../src/runtime/slotStore.ts';
import {createFile} from '../../src/runtime/target.ts';
import {RealWorld} from '../../src/runtime/world.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {blueprintOf} from '../../src/simulation/simulate.ts';
import {quiet} from '../quiet.ts';
import {scenario, sessions, source, tier} from '../simulation/fixture.ts';
import {scratch} from './support.ts';

const directory = scratch();
/** A toy model's: 16 tokens of 512 elements in bf16. */
const BLOCK = 16 * 512 * 2;
const base = scenario();

function small(policy: Scenario['tiers'][number]['policy'], seed: number): Scenario {
  const of = (name: string, per: 'instance' | 'server', blocks: number) =>
    tier(name, name, per, 0, {capacityBytes: blocks * BLOCK, policy});
  return scenario({
    seed,
    model: {...base.model, kvElementsPerToken: 512},
    tiers: [of('hbm', 'instance', 260), of('dram', 'server', 120), of('nvme', 'server', 1500)],
    placement: {reload: 'always', hit: 'prefix'},
    workload: {...base.workload, sessions: {...base.workload.sessions!, perSecond: 20}},
  });
}

let files = 0;
async function run(
  given: Scenario,
  spoil: (store: SlotStore, file: string) => void = () => {},
): Promise<RealResult & {readonly words: number[]; readonly store: SlotStore}> {
  const file = path.join(directory, `run${files++}`);
  createFile(file, 40 * 2 ** 20, 'store');
  const blueprint = blueprintOf(given);
  const store = new SlotStore({paths: [file], blockBytes: BLOCK, depth: 32});
  spoil(store, file);
  const backings = blueprint.placement.pools.map((pool) =>
    pool.tier === 0 ? ({kind: 'gpu'} as const) : pool.tier === 1 ? ({kind: 'memory'} as const) : ({kind: 'store', store} as const),
  );
  const words: number[] = [];
  const nobody = {begin: () => {}, request: () => {}, session: () => {}, interval: () => {}, journalEnd: () => {}};
  const journal = (chunk: Float64Array, count: number): void => void words.push(...chunk.subarray(0, count));
  try {
    const plans = sessions(16, 4, {thinkNs: 1e9 + given.seed * 1e7});
    const result = await runReal(given, blueprint, source(plans), backings, 'skip', {...nobody, journal}, '');
    return {...result, words, store};
  } finally {
    store.close();
    fs.rmSync(file);
  }
}

/** A list, queues, and those that weigh costs. */
const policies = catalogue.policies.filter(({name}) => /^(lru|s3fifo|gdsf|.*cost.*)$/i.test(name));

describe.each(policies.map((policy) => [policy.name, policy] as const))('real drives under %s', (_, policy) => {
  test('every request ends, every block that reaches a GPU is right, and the journal replays to the same commands, on ten seeds', async () => {
    let verified = 0;
    let reads = 0; // of all seeds: which copies have left DRAM when they are asked for again is a matter of real time
    for (let seed = 1; seed <= 10; seed++) {
      const given = small(policy, seed);
      const {summary, words, commandDigest, wrong, store, ...rest} = await run(given);
      verified += rest.verified;
      expect(summary.requests).toMatchObject({offered: 64, completed: 64});
      expect(wrong).toBe(0);
      expect([...store.faults]).toEqual([]);
      expect(store.writes).toBeGreaterThan(0);
      reads += store.reads;
      expect(replay(Float64Array.from(words), blueprintOf(given).placement)).toBe(commandDigest);
    }
    expect(verified).toBeGreaterThan(100);
    expect(reads).toBeGreaterThan(0);
  });
});

test('a drive that fails now and then: what it loses is computed again, every request ends, nothing wrong arrives', async () => {
  const failures = {reads: 0, writes: 0};
  const given = small(
    catalogue.policies.find(({name}) => name === 'lru')!,
    1,
  );
  const {summary, wrong, verified, words, commandDigest} = await run(given, (store) => {
    const read = store.read.bind(store);
    const write = store.write.bind(store);
    let reads = 0;
    let writes = 0;
    store.read = (slot, key, ended) =>
      read(slot, key, (outcome, block) => {
        if (reads++ % 3 !== 1) return ended(outcome, block);
        failures.reads++;
        ended('DEVICE_ERROR', null);
      });
    store.write = (slot, key, length, fill, ended) =>
      write(slot, key, length, fill, (outcome) => {
        if (writes++ % 29 !== 3) return ended(outcome);
        failures.writes++;
        ended('NO_SPACE');
      });
  });
  expect(failures.reads).toBeGreaterThan(0);
  expect(failures.writes).toBeGreaterThan(0);
  expect(summary.requests).toMatchObject({offered: 64, completed: 64});
  expect(wrong).toBe(0);
  expect(verified).toBeGreaterThan(0);
  expect(replay(Float64Array.from(words), blueprintOf(given).placement)).toBe(commandDigest);
});

test('bits that flip on the drive: the block is found corrupt, counted, computed again, and no wrong byte arrives', async () => {
  const slotBytes = Math.ceil((128 + BLOCK) / 4096) * 4096;
  const given = small(
    catalogue.policies.find(({name}) => name === 'lru')!,
    2,
  );
  const {summary, wrong, verified, words, commandDigest, store} = await run(given, (spoiled, file) => {
    const write = spoiled.write.bind(spoiled);
    let writes = 0;
    spoiled.write = (slot, key, length, fill, ended) =>
      write(slot, key, length, fill, (outcome) => {
        if (writes++ % 3 === 1) flipBit(file, 4096 + slot * slotBytes + ((writes * 997) % (128 + length)), writes % 8);
        ended(outcome);
      });
  });
  expect(store.faults.get('CORRUPT')).toBeGreaterThan(0);
  expect([...store.faults.keys()]).toEqual(['CORRUPT']);
  expect(summary.requests).toMatchObject({offered: 64, completed: 64});
  expect(wrong).toBe(0);
  expect(verified).toBeGreaterThan(0);
  expect(replay(Float64Array.from(words), blueprintOf(given).placement)).toBe(commandDigest);
});

function flipBit(file: string, at: number, bit: number): void {
  const descriptor = fs.openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  fs.readSync(descriptor, byte, 0, 1, at);
  byte[0]! ^= 1 << bit;
  fs.writeSync(descriptor, byte, 0, 1, at);
  fs.closeSync(descriptor);
}

test('a policy that is not a function of its inputs is caught by the replay', async () => {
  const lru = catalogue.policies.find(({name}) => name === 'lru')!;
  const create = lru.create as (params: object, slots: number) => EvictionPolicy;
  let evictions = 0;
  let weekday = true; // what a policy may not look at
  const impure = {
    ...lru,
    create: (params: object, slots: number): EvictionPolicy => {
      const policy = create(params, slots);
      const evict = policy.evict.bind(policy);
      policy.evict = (children) => {
        const first = evict(children);
        if (first < 0 || !weekday || evictions++ % 5 !== 3) return first;
        const second = evict(children);
        if (second >= 0) policy.release(first);
        return second >= 0 ? second : first;
      };
      return policy;
    },
  };
  const given = small(impure, 1);
  const {words, commandDigest} = await run(given);
  weekday = false;
  let found = '';
  try {
    found = replay(Float64Array.from(words), blueprintOf(given).placement);
  } catch (error) {
    found = (error as Error).message;
  }
  expect(found).not.toBe(commandDigest);
});

test('logical time: wake-ups at their instants, in order, those called last after all others, and skipping costs no waiting', async () => {
  const world = new RealWorld(1, 'skip');
  const seen: [number, number, number][] = [];
  world.onWake((kind, argument) => {
    seen.push([world.now(), kind, argument]);
    if (kind === 9) world.wake(world.now() + 3600e9, 1, 7);
  });
  world.wakeLast(2e9, 2, 5);
  world.wakeLast(2e9, 2, 4);
  world.wake(2e9, 0, 1);
  world.wake(1e9, 9, 0);
  world.wake(2e9, 0, 2);
  const before = performance.now();
  await world.run(
    () => 0,
    () => true,
  );
  if (quiet) expect(performance.now() - before).toBeLessThan(1000);
  expect(seen).toEqual([
    [1e9, 9, 0],
    [2e9, 0, 1],
    [2e9, 0, 2],
    [2e9, 2, 4],
    [2e9, 2, 5],
    [3601e9, 1, 7],
  ]);
});
