/** A user's own policy: the example of the docs counts as the built-in LRU does, and an author's mistakes are said. */
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {hooksOf, PluginPolicy, type PluginHooks} from '../../src/lab/pluginPolicy.ts';
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import {replay} from '../../src/lab/replay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import type {EvictionPolicy, PolicySpace} from '../../src/placement/ports.ts';
// @ts-expect-error -- a user's JavaScript has no types
import * as example from '../../docs/examples/lru-policy.mjs';
import {creatorOf, traceOf, zipf} from './support.ts';

const plugin =
  (hooks: PluginHooks<unknown>) =>
  (space: PolicySpace): EvictionPolicy =>
    new PluginPolicy('mine.mjs', hooks, space);
const lru = hooksOf('lru-policy.mjs', example as {[name: string]: unknown});

/** Prompts of `chains` growing conversations, with a root that all share. */
function prompts(requests: number, chains: number): LabTrace {
  const stream = new Stream(1, 'test/prompts');
  const ids: number[] = [];
  const starts = [0];
  const lengths = Array.from({length: chains}, () => 1);
  for (let request = 0; request < requests; request++) {
    const chain = stream.below(chains);
    lengths[chain] = 1 + (lengths[chain] % 9) + stream.below(2);
    for (let depth = 0; depth < lengths[chain]; depth++) ids.push(depth === 0 ? 0 : 100 * (chain + 1) + depth);
    starts.push(ids.length);
  }
  return {...traceOf(ids), requests: Int32Array.from(starts)};
}

describe('the LRU of docs/examples counts as the built-in one does', () => {
  test.each([1, 7, 50, 299])('references that stand alone, %i blocks', (capacity) => {
    const trace = zipf(20_000, 300);
    const {misses, evictions} = replay(trace, capacity, creatorOf('lru', trace));
    expect(replay(trace, capacity, plugin(lru))).toMatchObject({misses, evictions});
  });

  test('sizes', () => {
    const unit = zipf(5000, 300);
    const trace = {...unit, sizes: Uint32Array.from(unit.blocks, (block) => 1 + ((block * 37) % 90))};
    const {misses, missBytes, evictions} = replay(trace, 2000, creatorOf('lru', trace));
    expect(replay(trace, 2000, plugin(lru))).toMatchObject({misses, missBytes, evictions});
  });

  test.each(['tail', 'head'] as const)('prompts, %s first', (order) => {
    const trace = prompts(2000, 12);
    for (const capacity of [3, 8, 25, 60]) {
      const found = replayPrefixes(trace, capacity, order, plugin(lru));
      const {misses, stranded, evictions} = replayPrefixes(trace, capacity, order, creatorOf('lru', trace));
      expect(found).toMatchObject({misses, stranded, evictions});
      expect(misses).toBeGreaterThan(trace.distinct);
    }
  });

  test('it stands in the docs word by word', () => {
    const root = path.resolve(import.meta.dirname, '../..');
    const text = fs.readFileSync(path.join(root, 'docs/examples/lru-policy.mjs'), 'utf8');
    expect(fs.readFileSync(path.join(root, 'docs/model/policies.md'), 'utf8')).toContain(text);
  });
});

test('what the hooks hear, in order', () => {
  const heard: string[] = [];
  const hooks: PluginHooks<string> = {
    init: ({capacity}) => `cache of ${capacity}`,
    hit: (state, {id, size}) => void heard.push(`${state}: hit ${id} of ${size}`),
    miss: (_, {id}) => void heard.push(`miss ${id}`),
    evict: (_, {id}, mayLeave) => {
      heard.push(`evict for ${id}: ${[0, 1, 2].map(mayLeave).join()}`);
      return 1;
    },
    remove: () => {},
  };
  const trace = traceOf([10, 11, 10, 12]);
  replay(trace, 2, plugin(hooks));
  expect(heard).toEqual(['miss 0', 'miss 1', 'cache of 2: hit 0 of 1', 'evict for 2: true,true,false', 'miss 2']);
});

test('a copy that its owner removes is told of, and is gone', () => {
  const removed: number[] = [];
  const policy = plugin({...lru, remove: (_, id) => void removed.push(id), evict: () => 5})({slots: 2, capacity: 2});
  policy.insert(1, 5, 1);
  policy.release(1);
  policy.remove(1);
  expect(removed).toEqual([5]);
  expect(() => policy.evict(new Int32Array(2))).toThrow('evict() returned 5, which is not resident');
});

describe("an author's mistakes", () => {
  test('hooks that are missing are named', () => {
    expect(() => hooksOf('mine.mjs', {init() {}, hit() {}, miss: 3})).toThrow(
      'mine.mjs: expected exported functions init, hit, miss, evict, remove, found none called miss, evict, remove',
    );
  });

  const trace = traceOf([1, 2, 3]);
  test.each<[string, (id: number) => unknown, string]>([
    ['a victim that is not resident', () => 77, 'mine.mjs: evict() returned 77, which is not resident'],
    ['the newcomer itself', (wanted) => wanted, 'mine.mjs: evict() returned 2, which is not resident'],
    ['no id at all', () => ({id: 0}), 'mine.mjs: evict() returned {"id":0} (expected a number, the id of a block)'],
    [
      'nobody, though somebody may leave',
      () => undefined,
      'mine.mjs: evict() returned nothing, though block 0 and perhaps others may leave',
    ],
    ['an error of its own', () => (undefined as unknown as string).length, 'mine.mjs: evict() threw TypeError: Cannot read properties'],
  ])('%s', (_, victim, message) => {
    const hooks = {...lru, evict: (_state: unknown, {id}: {id: number}) => victim(id) as number};
    expect(() => replay(trace, 2, plugin(hooks))).toThrow(message);
  });

  test('a victim with children', () => {
    const chain = {...traceOf([1, 2, 3, 4]), requests: Int32Array.of(0, 2, 4)};
    expect(() => replayPrefixes(chain, 2, 'tail', plugin({...lru, evict: () => 0}))).toThrow(
      'evict() returned 0, which is in use or has children here: ask mayLeave(id)',
    );
  });
});
