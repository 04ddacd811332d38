/** LHD's model against sums written out, and the policy where its ranking is known. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {AGES, CLASSES, HitDensity} from '../../../src/placement/eviction/hitDensity.ts';
import {replayWith, traceOf, zipf} from '../../lab/support.ts';

const age = fc.oneof(fc.nat(40), fc.nat(AGES + 100));
const events = fc.array(fc.tuple(fc.boolean(), fc.integer({min: 0, max: CLASSES - 1}), age), {maxLength: 60});

function count(model: HitDensity, counted: readonly (readonly [boolean, number, number])[]): void {
  for (const [isHit, kind, at] of counted)
    if (isHit) model.hit(kind, at);
    else model.evicted(kind, at);
}

test('the density of an age is hits to come over steps to come, of all that reached it', () => {
  fc.assert(
    fc.property(events, fc.integer({min: 0, max: CLASSES - 1}), age, (counted, kind, asked) => {
      const model = new HitDensity(1); // steps of one reference
      count(model, counted);
      model.learn(0);
      const reached = counted.filter(([, of, at]) => of === kind && at >= asked);
      const hits = reached.filter(([isHit]) => isHit).length;
      const steps = reached.reduce((sum, [, , at]) => sum + Math.min(AGES - 1, at) - asked + 1, 0);
      if (asked >= AGES - 1) expect(model.of(kind, asked)).toBe(-1);
      else expect(model.of(kind, asked)).toBeCloseTo(steps === 0 ? 0 : hits / steps, 9);
    }),
  );
});

test('the past fades: after many intervals only the latest counts', () => {
  const model = new HitDensity(1);
  for (let i = 0; i < 100; i++) model.hit(3, 10);
  for (let interval = 0; interval < 200; interval++) {
    model.evicted(3, 10);
    model.learn(0);
  }
  expect(model.of(3, 10)).toBeLessThan(1e-6);
});

test('classes halve the ages, longest first, and do not depend on the length of a step', () => {
  for (const blocks of [1, 1000]) {
    const model = new HitDensity(blocks);
    let step = 1;
    while (step * AGES < 100 * blocks) step *= 2;
    expect(model.classOf(Infinity)).toBe(0);
    expect(model.classOf(AGES * step)).toBe(0);
    expect(model.classOf(step - 1)).toBe(CLASSES - 1);
    for (let kind = 1; kind < CLASSES - 1; kind++) {
      expect(model.classOf((AGES * step) / 2 ** kind)).toBe(kind);
      expect(model.classOf((2 * AGES * step) / 2 ** kind - 1)).toBe(kind);
    }
  }
});

test('longer steps keep every event, and shorter ones lose none', () => {
  fc.assert(
    fc.property(events, (counted) => {
      const model = new HitDensity(1);
      count(model, counted);
      for (const blocks of [10_000, 1, 10_000]) model.learn(blocks);
      const hits = counted.filter(([isHit, of]) => isHit && of === 0);
      const all = counted.filter(([, of]) => of === 0);
      // 100 times 10,000 references are reached in steps of 256: an age of a reference is in the step `at / 256`.
      const steps = all.reduce((sum, [, , at]) => sum + Math.floor(Math.min(AGES - 1, at) / 256) + 1, 0);
      expect(model.of(0, 0)).toBeCloseTo(all.length === 0 ? 0 : hits.length / steps, 9);
    }),
    {numRuns: 20},
  );
});

test('of two blocks used alike the larger leaves: fewer misses than LRU where sizes differ', () => {
  const ids = zipf(30_000, 400, 5).blocks;
  const sizes = Uint32Array.from(ids, (id) => (id % 2 === 0 ? 10 : 1));
  const trace = traceOf([...ids], sizes);
  const misses = (policy: string): number => replayWith(policy, trace, 300).misses;
  expect(misses('lhd')).toBeLessThan(0.85 * misses('lru'));
});

test('a loop longer than the cache: what it has is kept, where LRU loses all', () => {
  const trace = traceOf(Array.from({length: 40_000}, (_, i) => i % 200));
  expect(replayWith('lru', trace, 100).misses).toBe(40_000);
  // The optimum keeps 99 of 199 at each round.
  expect(replayWith('lhd', trace, 100, {interval: 1000}).misses).toBeLessThan(0.6 * 40_000);
});
