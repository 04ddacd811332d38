/** LRU that looks at the line: against a naive model, in the brain, whose line it is, and in the laboratory, where only what has come may count. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {lookAhead} from '../../../src/placement/eviction/lookAhead.ts';
import {NONE, type Waiting} from '../../../src/placement/ports.ts';
import {replayPrefixes} from '../../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../../src/lab/trace.ts';
import {creatorOf, replayWith, traceOf} from '../../lab/support.ts';
import {Harness, ladder} from '../harness.ts';

class TestLine implements Waiting {
  version = 0;
  line: readonly (readonly number[])[] = [];

  visit(requests: number, see: (key: number, place: number) => void): void {
    this.line.slice(0, requests).forEach((keys, place) => keys.forEach((key) => see(key, place)));
  }
}

const SLOTS = 8;
const step = fc.oneof(
  fc.record({kind: fc.constant('use' as const), slot: fc.nat(SLOTS - 1)}),
  fc.record({kind: fc.constant('guard' as const), slot: fc.nat(SLOTS - 1)}),
  fc.record({kind: fc.constant('line' as const), line: fc.array(fc.array(fc.nat(SLOTS + 3), {maxLength: 5}), {maxLength: 6})}),
  fc.record({kind: fc.constant('evict' as const)}),
);

test('evicts what nobody in sight wants, longest ago first; else what the last of them wants', () => {
  fc.assert(
    fc.property(fc.array(step, {maxLength: 120}), fc.integer({min: 1, max: 5}), (steps, requests) => {
      const waiting = new TestLine();
      const policy = lookAhead.create({requests}, {slots: SLOTS, capacity: SLOTS, waiting});
      const guards = new Int32Array(SLOTS);
      let here: number[] = []; // used longest ago first; slot s holds key s
      const placeOf = (key: number): number => waiting.line.slice(0, requests).findIndex((keys) => keys.includes(key));
      for (const one of steps) {
        if (one.kind === 'use') {
          if (here.includes(one.slot)) policy.touch(one.slot);
          else {
            policy.miss(one.slot, 1);
            policy.insert(one.slot, one.slot, 1);
            policy.release(one.slot);
          }
          here = [...here.filter((slot) => slot !== one.slot), one.slot];
        } else if (one.kind === 'guard') guards[one.slot] = 1 - guards[one.slot];
        else if (one.kind === 'line') {
          waiting.line = one.line;
          waiting.version++;
        } else {
          const free = here.filter((slot) => guards[slot] === 0);
          const last = Math.max(...free.map(placeOf));
          const expected = free.find((slot) => placeOf(slot) === -1) ?? free.find((slot) => placeOf(slot) === last) ?? NONE;
          expect(policy.evict(guards)).toBe(expected);
          here = here.filter((slot) => slot !== expected);
        }
      }
    }),
    {numRuns: 300},
  );
});

test('is LRU where nobody waits', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), {minLength: 1, maxLength: 300}), fc.integer({min: 1, max: 20}), (references, capacity) => {
      const trace = traceOf(references);
      expect(replayWith('lookAhead', trace, capacity).misses).toBe(replayWith('lru', trace, capacity).misses);
    }),
  );
});

describe('in the brain', () => {
  const PROMPTS = {old: [1, 4], young: [100, 4], other: [200, 4]} as const;
  /** Room for two prompts and what one of them needs of its own. */
  const open = (policy: 'lru' | 'lookAhead'): Harness => {
    const config = ladder([9]);
    const pools = config.pools.map((pool) => (policy === 'lru' ? pool : {...pool, policy: lookAhead.create.bind(null, {requests: 32})}));
    const harness = new Harness({...config, pools});
    serve(harness, 0, PROMPTS.old);
    serve(harness, 1, PROMPTS.young);
    return harness;
  };
  /** Admits a request that has come or comes now. @returns blocks hit */
  function serve(harness: Harness, request: number, runs: readonly number[], hasCome = false): number {
    const {loop} = harness;
    if (!hasCome) loop.open(request, runs, 4);
    expect(loop.demand(0, request, 0, 4, 1)).toBe(true);
    const [hits] = loop.plan.hitBlocks;
    loop.computed(0, request, 4);
    loop.release(0, request, 0);
    loop.close(request);
    loop.placement.checkInvariants();
    return hits!;
  }

  test.each([
    ['lru', 0],
    ['lookAhead', 4],
  ] as const)('%s: of what is in line, %i blocks of 4 outlast a newcomer', (policy, hits) => {
    const harness = open(policy);
    harness.loop.open(2, PROMPTS.old, 4); // waits
    serve(harness, 3, PROMPTS.other);
    expect(serve(harness, 2, PROMPTS.old, true)).toBe(hits);
  });

  test('who is admitted, or has gone, spares nothing any more', () => {
    const harness = open('lookAhead');
    harness.loop.open(2, PROMPTS.old, 4);
    harness.loop.close(2); // given up
    serve(harness, 3, PROMPTS.other);
    expect(serve(harness, 4, PROMPTS.old)).toBe(0);
  });

  test('who is thrown back waits again', () => {
    const harness = open('lookAhead');
    const {loop} = harness;
    loop.open(2, PROMPTS.old, 4);
    expect(loop.demand(0, 2, 0, 4, 1)).toBe(true);
    loop.release(0, 2, 0);
    serve(harness, 3, PROMPTS.young);
    serve(harness, 4, PROMPTS.other);
    expect(serve(harness, 2, PROMPTS.old, true)).toBe(4);
  });

  test('the line shows each block of the first requests in it', () => {
    const harness = open('lookAhead');
    harness.loop.open(2, PROMPTS.old, 4);
    harness.loop.open(3, [1, 2, 500, 2], 4);
    harness.loop.open(4, PROMPTS.other, 4);
    const seen: number[][] = [];
    harness.loop.placement.core.waiting.visit(2, (key, place) => seen.push([place, key]));
    const ascending = (a: number[], b: number[]): number => a[0]! - b[0]! || a[1]! - b[1]!;
    expect(seen.sort(ascending)).toEqual([...[1, 2, 3, 4].map((key) => [0, key]), ...[1, 2, 500, 501].map((key) => [1, key])]);
  });
});

/** Prompts of one block each, so that a trace is a list of blocks and times. */
function prompts(blocks: readonly number[], times: readonly number[] | null): LabTrace {
  const requests = Int32Array.from({length: blocks.length + 1}, (_, i) => i);
  return {...traceOf(blocks), requests, times: times === null ? null : Float64Array.from(times)};
}

describe('in the laboratory', () => {
  const blocks = [0, 1, 2, 0];
  const misses = (times: readonly number[] | null, requests = 32): number => {
    const trace = prompts(blocks, times);
    return replayPrefixes(trace, 2, 'tail', creatorOf('lookAhead', trace, {requests})).misses;
  };

  test('who has come by then is in line', () => {
    expect(misses([0, 1, 2, 2])).toBe(3);
    expect(misses([0, 0, 0, 0])).toBe(3);
  });

  test('who comes later is not known, nor is anybody where there are no times', () => {
    expect(misses([0, 1, 2, 3])).toBe(4);
    expect(misses(null)).toBe(4);
  });

  test('what comes later changes no victim before', () => {
    const any = fc.array(fc.tuple(fc.nat(12), fc.nat(1)), {minLength: 10, maxLength: 80});
    fc.assert(
      fc.property(any, fc.array(fc.nat(12), {maxLength: 30}), (now, later) => {
        let time = 0;
        const times = now.map(([, gap]) => (time += gap));
        const count = (tail: readonly number[]): Uint32Array => {
          const trace = prompts([...now.map(([block]) => block), ...tail], [...times, ...tail.map(() => time + 1)]);
          const missesOf = new Uint32Array(now.length + tail.length);
          replayPrefixes(trace, 6, 'tail', creatorOf('lookAhead', trace), missesOf);
          return missesOf.slice(0, now.length);
        };
        expect(count(later)).toEqual(count([]));
      }),
    );
  });
});
