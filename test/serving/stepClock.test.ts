import fc from 'fast-check';
import {expect, test} from 'vitest';
import {StepClock} from '../../src/serving/stepClock.ts';

/** Steps one by one with a carried fraction: what a span must equal. */
function stepped(
  start: number,
  first: number,
  increment: number,
  steps: number,
  fractionBits: number,
  carry = 0,
): {boundaries: number[]; carry: number} {
  const one = 2 ** fractionBits;
  const boundaries: number[] = [];
  let now = start;
  for (let j = 0; j < steps; j++) {
    const total = carry + first + j * increment;
    now += Math.floor(total / one);
    carry = total % one;
    boundaries.push(now);
  }
  return {boundaries, carry};
}

const spans = fc.record({
  start: fc.nat(2 ** 40),
  first: fc.integer({min: 0, max: 2 ** 43}),
  increment: fc.nat(2 ** 24),
  steps: fc.integer({min: 1, max: 400}),
  fractionBits: fc.constantFrom(8, 18),
});

test('a span has the boundaries of its steps taken one by one, to the tick', () => {
  fc.assert(
    fc.property(spans, ({start, first, increment, steps, fractionBits}) => {
      const clock = new StepClock(fractionBits);
      clock.begin(start, first, increment, steps);
      const {boundaries} = stepped(start, first, increment, clock.steps, fractionBits);
      for (let k = 1; k <= clock.steps; k++) expect(clock.boundary(k)).toBe(boundaries[k - 1]);
    }),
    {numRuns: 500},
  );
});

test('spans cut anywhere and continued give the boundaries of stepping', () => {
  fc.assert(
    fc.property(
      spans,
      fc.array(fc.integer({min: 1, max: 60}), {minLength: 1, maxLength: 20}),
      ({start, first, increment, fractionBits}, cuts) => {
        const clock = new StepClock(fractionBits);
        const total = cuts.reduce((sum, cut) => sum + cut, 0);
        const truth = stepped(start, first, increment, total, fractionBits).boundaries;
        let done = 0;
        let now = start;
        for (const cut of cuts) {
          clock.begin(now, first + done * increment, increment, cut);
          const steps = clock.steps;
          now = clock.boundary(steps);
          clock.end();
          done += steps;
          expect(now).toBe(truth[done - 1]);
        }
      },
    ),
    {numRuns: 500},
  );
});

test('stepsUntil() is the first boundary at or after an instant, and at least one step on', () => {
  const clock = new StepClock(8);
  clock.begin(1000, 256 * 10, 0, 5); // boundaries 1010, 1020, ... 1050
  expect([0, 1000, 1001, 1010, 1011, 1049, 1050].map((now) => clock.stepsUntil(now))).toEqual([1, 1, 1, 1, 2, 5, 5]);
});

test('begun() counts a step from just after its first instant', () => {
  const clock = new StepClock(8);
  clock.begin(1000, 256 * 10, 0, 5);
  expect([1000, 1005, 1010, 1011, 1050].map((now) => clock.begun(now))).toEqual([1, 1, 1, 2, 5]);
});

test('a span never sums past what a float holds exactly', () => {
  const clock = new StepClock(18);
  clock.begin(0, 2 ** 45, 0, 10_000);
  expect(clock.steps).toBeLessThanOrEqual(2 ** 8);
  expect(Number.isSafeInteger(2 ** 45 * clock.steps)).toBe(true);
});
