/** The laboratory against naive models and theorems, on random traces. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {lruCurve} from '../../src/lab/lruCurve.ts';
import {numberWords} from '../../src/lab/numbering.ts';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {creatorOf, readMooncakeRequests, replayWith, traceOf, traces, zipf} from './support.ts';

const ids = fc.array(fc.nat(30), {minLength: 1, maxLength: 300});
const policies = catalogue.policies.map(({name}) => name);

describe.each(policies)('%s', (policy) => {
  test('misses at least as often as Belady, at least once a block, and evicts what came in but for what fits', () => {
    fc.assert(
      fc.property(ids, fc.integer({min: 20, max: 35}), (references, capacity) => {
        const trace = traceOf(references);
        const {misses, evictions, insertedBytes} = replayWith(policy, trace, capacity);
        expect(misses).toBeGreaterThanOrEqual(replayWith('belady', trace, capacity).misses);
        expect(misses).toBeGreaterThanOrEqual(trace.distinct);
        expect(insertedBytes - evictions).toBeLessThanOrEqual(capacity);
        expect(insertedBytes).toBeLessThanOrEqual(misses);
      }),
      {numRuns: 100},
    );
  });

  // A time to live ends whether there is room or not.
  test.skipIf(policy === 'ttl')('keeps everything that fits', () => {
    const trace = zipf(2000, 100);
    expect(replayWith(policy, trace, 4 * trace.distinct).misses).toBe(trace.distinct);
  });
});

test('LRU, FIFO and MRU equal lists kept by hand', () => {
  const byHand = (references: readonly number[], capacity: number, policy: string): number => {
    let cache: number[] = []; // least worth keeping first
    let misses = 0;
    for (const id of references) {
      const isHere = cache.includes(id);
      if (!isHere) misses++;
      if (!isHere && cache.length === capacity) cache = policy === 'mru' ? cache.slice(0, -1) : cache.slice(1);
      if (!isHere || policy !== 'fifo') cache = [...cache.filter((other) => other !== id), id];
    }
    return misses;
  };
  fc.assert(
    fc.property(ids, fc.integer({min: 1, max: 20}), fc.constantFrom('lru', 'fifo', 'mru'), (references, capacity, policy) => {
      expect(replayWith(policy, traceOf(references), capacity).misses).toBe(byHand(references, capacity, policy));
    }),
  );
});

test("Belady's misses are the least of all choices of victims", () => {
  const least = (references: readonly number[], capacity: number): number => {
    let states = new Map<string, number>([['', 0]]); // resident set -> fewest misses
    for (const id of references) {
      const next = new Map<string, number>();
      const offer = (set: number[], misses: number): void => {
        const key = set.sort((a, b) => a - b).join();
        next.set(key, Math.min(misses, next.get(key) ?? Infinity));
      };
      for (const [key, misses] of states) {
        const set = key === '' ? [] : key.split(',').map(Number);
        if (set.includes(id)) offer(set, misses);
        else if (set.length < capacity) offer([...set, id], misses + 1);
        else for (const victim of set) offer([...set.filter((other) => other !== victim), id], misses + 1);
      }
      states = next;
    }
    return Math.min(...states.values());
  };
  fc.assert(
    fc.property(fc.array(fc.nat(5), {minLength: 1, maxLength: 14}), fc.integer({min: 1, max: 4}), (references, capacity) => {
      expect(replayWith('belady', traceOf(references), capacity).misses).toBe(least(references, capacity));
    }),
    {numRuns: 60},
  );
});

test('a block that a larger LRU cache misses, a smaller one misses too; and the curve is that of replaying every size', () => {
  fc.assert(
    fc.property(ids, (references) => {
      const trace = traceOf(references);
      const {hits} = lruCurve(trace.blocks, trace.distinct);
      let before = trace.blocks.length;
      for (let capacity = 1; capacity <= trace.distinct; capacity++) {
        const {misses} = replayWith('lru', trace, capacity);
        expect(misses).toBeLessThanOrEqual(before);
        expect(trace.blocks.length - hits[capacity]).toBe(misses);
        before = misses;
      }
    }),
    {numRuns: 50},
  );
});

test('the LRU curve survives its time axis running full, many times over', () => {
  const trace = zipf(30_000, 500);
  const {hits} = lruCurve(trace.blocks, trace.distinct);
  for (const capacity of [1, 10, 100, 400]) expect(trace.blocks.length - hits[capacity]).toBe(replayWith('lru', trace, capacity).misses);
});

test('ids of 64 bits are numbered in order of first sight, small or large', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(20)), {minLength: 1, maxLength: 200}),
      fc.boolean(),
      (words, small) => {
        const flat = Uint32Array.from(words.flatMap(([high, low]) => [low, small ? 0 : high]));
        const names = traceOf(words.map(([high, low]) => BigInt(small ? 0 : high) * 2n ** 32n + BigInt(low)));
        const numbered = numberWords(flat, words.length, 0, 2);
        expect([...numbered.blocks]).toEqual([...names.blocks]);
        expect(numbered.distinct).toBe(names.distinct);
      },
    ),
  );
});

test('the table of numbers grows', () => {
  const words = new Uint32Array(60_000);
  for (let i = 0; i < 30_000; i++) [words[2 * i], words[2 * i + 1]] = [Math.imul(i, 0x9e3779b1), i % 7];
  expect(numberWords(words, 30_000, 0, 2)).toEqual({blocks: Int32Array.from({length: 30_000}, (_, i) => i), distinct: 30_000});
});

/** Requests as paths of a random tree, blocks named by their whole path. */
const chains = fc.array(fc.array(fc.nat(2), {minLength: 1, maxLength: 6}), {minLength: 1, maxLength: 60}).map((paths): LabTrace => {
  const trace = traceOf(
    paths.flatMap((path) => path.map((_, depth) => path.slice(0, depth + 1).reduce((id, step) => 4 * id + step + 1, 0))),
  );
  const requests = new Int32Array(paths.length + 1);
  paths.forEach((path, i) => (requests[i + 1] = requests[i] + path.length));
  return {...trace, requests};
});

/** A radix cache as its paper describes it: the leaf that was used longest ago leaves; blocks of one request count as used tail first. */
function leafLru({blocks, requests}: LabTrace, capacity: number): number {
  const used = new Map<number, {time: number; parent: number | null}>();
  let misses = 0;
  let clock = 0;
  for (let request = 0; request + 1 < requests!.length; request++) {
    const chain = [...blocks.subarray(requests![request], requests![request + 1])];
    const hits = chain.findIndex((block) => !used.has(block));
    if (hits >= 0) misses += chain.length - hits;
    const kept: number[] = [];
    for (const [depth, block] of chain.entries()) {
      if (!used.has(block) && used.size >= capacity) {
        const parents = new Set([...used.values()].map(({parent}) => parent));
        const leaves = [...used].filter(
          ([id]) => !parents.has(id) && !kept.includes(id) && !chain.slice(0, hits < 0 ? chain.length : hits).includes(id),
        );
        if (leaves.length === 0) break;
        used.delete(leaves.reduce((a, b) => (b[1].time < a[1].time ? b : a))[0]);
      }
      used.set(block, {time: 0, parent: depth === 0 ? null : chain[depth - 1]});
      kept.push(block);
    }
    for (const block of kept.reverse()) used.get(block)!.time = ++clock;
  }
  return misses;
}

test('tail-first LRU is leaf LRU at every size, and strands nothing', () => {
  fc.assert(
    fc.property(chains, (trace) => {
      for (let capacity = 1; capacity <= trace.distinct; capacity++) {
        const {misses, stranded} = replayPrefixes(trace, capacity, 'tail', creatorOf('lru', trace));
        expect(misses).toBe(leafLru(trace, capacity));
        expect(stranded).toBe(0);
      }
    }),
    {numRuns: 60},
  );
});

test('with prefix semantics too, no policy misses less than Belady, nor he less than he who may pass a block by', () => {
  fc.assert(
    fc.property(chains, fc.integer({min: 6, max: 30}), fc.constantFrom(...policies), (trace, capacity, policy) => {
      const [any, must, may] = [policy, 'belady', 'belady-bypass'].map(
        (name) => replayPrefixes(trace, capacity, 'tail', creatorOf(name, trace)).misses,
      );
      expect(any).toBeGreaterThanOrEqual(trace.distinct);
      expect(any).toBeGreaterThanOrEqual(may);
      expect(must).toBeGreaterThanOrEqual(may);
    }),
    {numRuns: 300},
  );
});

describe.skipIf(traces === null)('prefix hits of the chat trace, as measured for the research page (needs ../shared/traces)', () => {
  const trace = traces === null ? traceOf([]) : readMooncakeRequests();
  const capacities = [1827, 9139, 18279, 36558, 91395];
  test.each([
    ['lru', 'head', ['0.052270', '0.195432', '0.278416', '0.344551', '0.363116']],
    ['lru', 'tail', ['0.052464', '0.195768', '0.278912', '0.345345', '0.363116']],
    ['fifo', 'head', ['0.050464', '0.175078', '0.248107', '0.313321', '0.355470']],
    ['sieve', 'head', ['0.058194', '0.126870', '0.194825', '0.306811', '0.362679']],
    ['lfu', 'tail', ['0.058194', '0.126738', '0.194932', '0.306929', '0.362679']],
  ] as const)('%s, %s first', (policy, order, expected) => {
    const found = capacities.map((capacity) => {
      const {misses, references} = replayPrefixes(trace, capacity, order, creatorOf(policy, trace));
      return (1 - misses / references).toFixed(6);
    });
    expect(found).toEqual(expected);
  });
});
