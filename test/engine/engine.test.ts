import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Engine} from '../../src/engine/engine.ts';
import {LadderQueue} from '../../src/engine/ladderQueue.ts';

/** A small world: every event schedules up to three others, some at once, some last in their instant, some of them cancelled before they come. */
function live(engine: Engine, seed: number): {readonly log: string[]; run(until?: number): void} {
  const log: string[] = [];
  let state = seed;
  const draw = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % n;
  };
  let left = 400;
  const work = engine.on('work', (argument) => {
    log.push(`${engine.now} work ${argument}`);
    for (let i = draw(3); i >= 0 && left > 0; i--, left--) {
      const kind = draw(4);
      if (kind === 0) engine.after(0, work, left);
      else if (kind === 1) engine.atLast(engine.now + draw(3), draw(5) * 1000 + left, last, left);
      else if (kind === 2) engine.after(draw(50), gone, left);
      else engine.after(draw(1000), work, left);
    }
  });
  const last: number = engine.on('last', (argument) => {
    log.push(`${engine.now} last ${argument}`);
  });
  const gone: number = engine.on('gone', () => engine.stale());
  for (let i = 0; i < 5; i++) engine.at(i, work, -i);
  return {log, run: (until) => engine.run(until)};
}

describe('an engine', () => {
  test('runs the same events in the same order with either queue', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [heap, ladder] = [new Engine(), new Engine(new LadderQueue())];
        const [a, b] = [live(heap, seed), live(ladder, seed)];
        a.run();
        b.run();
        expect(b.log).toEqual(a.log);
        expect([ladder.eventDigest(), ladder.events, ladder.now]).toEqual([heap.eventDigest(), heap.events, heap.now]);
      }),
      {numRuns: 100, seed: 1},
    );
  });

  test('continues where it was halted: a run in pieces is the run in one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(200), {maxLength: 20}), (seed, pieces) => {
        const [whole, halted] = [new Engine(), new Engine()];
        const [a, b] = [live(whole, seed), live(halted, seed)];
        a.run();
        let until = 0;
        for (const piece of pieces) {
          b.run((until += piece));
          expect(halted.now).toBe(until);
        }
        b.run();
        expect(b.log).toEqual(a.log);
        expect([halted.eventDigest(), halted.events]).toEqual([whole.eventDigest(), whole.events]);
      }),
      {numRuns: 100, seed: 1},
    );
  });

  test('counts and digests what ran, and nothing of what was stale', () => {
    const run = (stale: readonly number[]): [string, number] => {
      const engine = new Engine();
      const work = engine.on('work', () => {});
      const gone = engine.on('gone', () => engine.stale());
      for (let i = 0; i < 10; i++) engine.at(i * 10, work, i);
      for (const time of stale) engine.at(time, gone, 1);
      engine.run();
      return [engine.eventDigest(), engine.events];
    };
    expect(run([0, 5, 50, 50, 1000])).toEqual(run([]));
    expect(run([])[1]).toBe(10);
  });

  test('has another digest where one event differs in its time, its handler or its argument', () => {
    const run = (time: number, op: number, argument: number): string => {
      const engine = new Engine();
      for (let i = 0; i < 3; i++) engine.on(`handler ${i}`, () => {});
      engine.at(5, 0, 0);
      engine.at(time, op, argument);
      engine.at(2 ** 40, 0, 0);
      engine.run();
      return engine.eventDigest();
    };
    const digests = [run(7, 1, 1), run(8, 1, 1), run(7 + 2 ** 32, 1, 1), run(7, 2, 1), run(7, 1, 2), run(7, 1, -1)];
    expect(new Set(digests).size).toBe(digests.length);
    expect(run(7, 1, 1)).toBe(digests[0]);
  });

  test('puts late events behind all ordinary ones of their instant, those scheduled during it included, by rank', () => {
    const engine = new Engine();
    const seen: number[] = [];
    const see = engine.on('see', (argument) => seen.push(argument));
    const more = engine.on('more', () => engine.after(0, see, 2));
    engine.atLast(10, 7, see, 4);
    engine.atLast(10, 3, see, 3);
    engine.at(10, more, 0);
    engine.at(10, see, 1);
    engine.run();
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('refuses times that are past, between ticks, beyond 2^53 or no number, and names the handler', () => {
    const engine = new Engine();
    const op = engine.on('disk.done', () => {});
    engine.at(10, op, 0);
    engine.run();
    for (const time of [9, 10.5, 2 ** 53, Infinity, NaN])
      expect(() => engine.at(time, op, 0)).toThrow(/disk\.done scheduled at .*, now 10/);
    expect(() => engine.after(-1, op, 0)).toThrow(RangeError);
    engine.at(2 ** 53 - 1, op, 0);
    engine.run();
    expect(engine.now).toBe(2 ** 53 - 1);
  });

  test('stops after the event that says so, and goes on when it is run again', () => {
    const engine = new Engine();
    const seen: number[] = [];
    const see = engine.on('see', (argument) => {
      seen.push(argument);
      if (argument === 1) engine.stop();
    });
    for (let i = 0; i < 3; i++) engine.at(i, see, i);
    engine.run(100);
    expect([seen, engine.now]).toEqual([[0, 1], 1]);
    engine.run(100);
    expect([seen, engine.now]).toEqual([[0, 1, 2], 100]);
  });
});
