/** When sessions begin: the merge rule, against what it says. */
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import type {SessionRule} from '../../src/scenario/scenario.ts';
import {SessionClock} from '../../src/serving/sessions.ts';
import type {LiveSession} from '../../src/serving/sessions.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';
import {plan, source} from '../simulation/fixture.ts';

const session = (index: number, startNs: number | null): SessionPlan => ({
  name: `s${index}`,
  tenant: 't',
  startNs,
  requests: [plan({turn: 0, inputTokens: 1})],
});
const rule = (over: Partial<SessionRule>): SessionRule => ({
  start: 'together',
  everyNs: null,
  perSecond: null,
  profile: null,
  keep: Infinity,
  order: 'recorded',
  ...over,
});

/** Begin times of sessions that last `lifeNs` each; and how many ran at once at most. */
function begins(plans: readonly SessionPlan[], sessions: SessionRule | null, lifeNs: number): {at: number[]; most: number} {
  let now = 0;
  const events: {at: number; act: () => void}[] = [];
  const at: number[] = [];
  let active = 0;
  let most = 0;
  const clock = new SessionClock(source(plans), sessions, new Stream(1, 'sessions/arrivals'), {
    now: () => now,
    ticksOf: (nanoseconds) => Math.round(nanoseconds),
    wakeForSession: (time) => events.push({at: time, act: () => clock.run()}),
    begin: (_session: LiveSession) => {
      at.push(now);
      most = Math.max(most, ++active);
      events.push({
        at: now + lifeNs,
        act: () => {
          active--;
          clock.ended();
        },
      });
    },
  });
  clock.run();
  while (events.length > 0) {
    events.sort((a, b) => a.at - b.at);
    const event = events.shift()!;
    expect(event.at).toBeGreaterThanOrEqual(now);
    now = event.at;
    event.act();
  }
  return {at, most};
}

const closed = (count: number): SessionPlan[] => Array.from({length: count}, (_, index) => session(index, null));

test('together: all begin at once; with keep, the next begins the moment that one ends', () => {
  expect(begins(closed(4), rule({}), 10).at).toEqual([0, 0, 0, 0]);
  expect(begins(closed(4), null, 10).at).toEqual([0, 0, 0, 0]);
  expect(begins(closed(5), rule({keep: 2}), 10)).toEqual({at: [0, 0, 10, 10, 20], most: 2});
  expect(begins(closed(3), rule({keep: 1}), 10)).toEqual({at: [0, 10, 20], most: 1});
});

test('every: one each T; those that keep holds back begin as soon as one ends, and delay none behind them', () => {
  expect(begins(closed(4), rule({start: 'every', everyNs: 7}), 10).at).toEqual([0, 7, 14, 21]);
  expect(begins(closed(4), rule({start: 'every', everyNs: 7, keep: 1}), 10).at).toEqual([0, 10, 20, 30]);
  expect(begins(closed(4), rule({start: 'every', everyNs: 7, keep: 1}), 5).at).toEqual([0, 7, 14, 21]);
});

describe('poisson', () => {
  test('gaps are exponential with mean 1/RATE', () => {
    const {at} = begins(closed(4001), rule({start: 'poisson', perSecond: 2}), 1e9);
    const gaps = at.slice(1).map((time, index) => (time - at[index]) / 1e9);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(Math.abs(mean / 0.5 - 1)).toBeLessThan(4 / Math.sqrt(4000));
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(4 * Math.sqrt(8 / 4000));
  });

  test('the rate follows the time of day, period after period', () => {
    const profile = {factors: [0, 3, 1], periodNs: 300e9};
    const {at} = begins(closed(8001), rule({start: 'poisson', perSecond: 2, profile}), 1);
    const [none, many, few] = [0, 1, 2].map((part) => at.slice(1).filter((time) => time < 2700e9 && Math.floor(time / 100e9) % 3 === part).length);
    expect(none).toBe(0); // of nine periods, 5,400 sessions and 1,800 are to be expected in the others
    expect(Math.abs(many! - 5400)).toBeLessThan(4 * Math.sqrt(5400));
    expect(Math.abs(few! - 1800)).toBeLessThan(4 * Math.sqrt(1800));
  });

  test('keep holds, whatever comes', () => {
    expect(begins(closed(200), rule({start: 'poisson', perSecond: 10, keep: 3}), 1e9).most).toBe(3);
  });
});

test('sessions that say when they start, start then', () => {
  const plans = [5, 5, 9, 40].map((startNs, index) => session(index, startNs));
  expect(begins(plans, null, 10).at).toEqual([5, 5, 9, 40]);
});

test('a hundred thousand sessions, one at a time, need no stack', () => {
  expect(begins(closed(100_000), rule({keep: 1}), 1).at).toHaveLength(100_000);
});
