/** What every admission of the catalogue promises its owner, and the brain that asks it. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {always} from '../../../src/placement/admission/always.ts';
import {replay} from '../../../src/placement/journal.ts';
import {Harness, ladder} from '../harness.ts';
import {play, steps} from '../scripts.ts';
import {creatorOf, made, names, offerOf} from './support.ts';

const offers = fc.array(
  fc.record({keys: fc.array(fc.nat(40), {minLength: 1, maxLength: 12}), depth: fc.nat(500), continues: fc.boolean(), gap: fc.nat(1e12)}),
  {maxLength: 80},
);

/** What makes an admission refuse in a run of microseconds, with blocks of 1 kB that take 16 us to compute. */
const strict: {readonly [name: string]: object} = {dynamicRandom: {bytesPerDay: 1, every: 500}, savedSeconds: {atLeast: 17}};

test('always is nobody', () => {
  expect(always.create()).toBeNull();
});

describe.each(names)('%s', (name) => {
  test('admits leading blocks of what it is offered, and the same ones of the same offers', () => {
    fc.assert(
      fc.property(offers, fc.constantFrom(1, 20, 1000, Infinity), (script, capacity) => {
        const occasion = {now: 0};
        const one = made(name, {}, {capacity, occasion});
        const other = made(name, {}, {capacity, occasion});
        for (const {keys, depth, continues, gap} of script) {
          occasion.now += gap;
          const admitted = one.admit(offerOf(keys, depth, continues));
          expect(Number.isInteger(admitted) && admitted >= 0 && admitted <= keys.length).toBe(true);
          expect(other.admit(offerOf(keys, depth, continues))).toBe(admitted);
          for (let i = 0; i < admitted; i++) for (const admission of [one, other]) admission.wrote();
        }
      }),
      {numRuns: 60, seed: 1},
    );
  });

  test('in a brain, keeps every counter right and replays to the same commands', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        steps,
        fc.record({
          write: fc.constantFrom('back' as const, 'through' as const),
          hit: fc.constantFrom('prefix' as const, 'fillHoles' as const),
          promote: fc.constantFrom('copy' as const, 'move' as const),
          low: fc.nat(3),
        }),
        fc.integer({min: 18, max: 40}),
        fc.constantFrom(10, 40, 300),
        (script, choice, hbm, flash) => {
          const config = ladder([hbm, 20, flash], {...choice, high: choice.low * 2, admission: creatorOf(name, strict[name])});
          const harness = new Harness(config);
          play(harness, script);
          harness.finishAll();
          harness.loop.placement.checkInvariants();
          harness.journal.end();
          expect(replay(Float64Array.from(harness.words), config)).toBe(harness.loop.digest.hex());
          refused += harness.loop.placement.core.pools[2].refusedBlocks;
        },
      ),
      {numRuns: 40, seed: 12},
    );
    expect(refused).toBeGreaterThan(0);
  });
});
