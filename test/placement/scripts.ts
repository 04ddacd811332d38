/** Scripts of what may happen to a brain, and their performance. */
import fc from 'fast-check';
import {expect} from 'vitest';
import {FAILED, NONE} from '../../src/placement/ports.ts';
import type {Harness} from './harness.ts';

/** Random lives of requests over shared trees of prompts, with transfers that end in any order and sometimes fail. */
export interface Step {
  readonly action: number;
  readonly pick: number;
  readonly tree: number;
  readonly length: number;
}
export const steps = fc.array(fc.record({action: fc.nat(99), pick: fc.nat(1000), tree: fc.nat(5), length: fc.integer({min: 1, max: 14})}), {
  minLength: 20,
  maxLength: 300,
});

/** Prompts of one tree share their first blocks: block k of branch b of tree t is shared by all branches while k < 5. */
function promptOf(step: Step): number[] {
  const shared = Math.min(5, step.length);
  const branch = step.pick % 4;
  return shared === step.length
    ? [1000 * step.tree, shared]
    : [1000 * step.tree, shared, 1000 * step.tree + 100 * (branch + 1), step.length - shared];
}

export function play(harness: Harness, script: readonly Step[]): void {
  const {loop, carrier} = harness;
  const live = new Map<number, {length: number; done: number; grown: number; admitted: boolean}>();
  let next = 0;
  for (const step of script) {
    harness.now += step.pick;
    const {now} = harness;
    const ids = [...live.keys()];
    const id = ids[step.pick % Math.max(1, ids.length)];
    const request = live.get(id);
    if (step.action < 30) {
      const row = ids.length < 8 ? (freeRow(live) ?? next++) : -1;
      if (row >= 0) {
        loop.open(row, promptOf(step), step.length);
        live.set(row, {length: step.length, done: 0, grown: 0, admitted: false});
      }
    } else if (step.action < 55 && carrier.inFlight.length > 0) {
      harness.finish(step.pick % carrier.inFlight.length, step.action % 10 === 0 ? FAILED : undefined);
    } else if (request !== undefined) {
      if (!loop.placement.isAdmitted(id)) {
        request.grown = 0;
        request.done = 0;
        if (step.action < 70) loop.demand(now, id, 0, Math.max(0, request.length - (step.pick % 2)), 1);
        else if (step.action < 75) {
          loop.close(id);
          live.delete(id);
        }
      } else if (loop.placement.waitOf(id) === NONE && step.action < 85) {
        const from = loop.placement.computeFrom(id);
        if (from < request.length) loop.computed(now, id, Math.min(loop.placement.computeUntil(id), from + 1 + (step.pick % 4)));
        else if (loop.grow(now, 0, 1)) request.grown++;
      } else if (step.action >= 85) {
        loop.release(now, id, request.grown);
        request.grown = 0;
      }
    }
    loop.placement.checkInvariants();
  }
}

function freeRow(live: Map<number, unknown>): number | undefined {
  for (let row = 0; row < 8; row++) if (!live.has(row)) return row;
  return undefined;
}

/** A whole life of a prompt, transfers ending at once. */
export function visit(harness: Harness, request: number, runs: number[], count: number): number {
  const {loop} = harness;
  loop.open(request, runs, count);
  expect(loop.demand(harness.now, request, 0, count, 1)).toBe(true);
  const hits = loop.plan.reusedBlocks;
  harness.finishAll();
  while (loop.placement.computeFrom(request) < count) {
    expect(loop.placement.waitOf(request)).toBe(NONE);
    loop.computed(harness.now, request, loop.placement.computeUntil(request));
  }
  leave(harness, request);
  return hits;
}

export function leave(harness: Harness, request: number): void {
  harness.loop.release(harness.now, request, 0);
  harness.finishAll();
  harness.loop.close(request);
  harness.loop.placement.checkInvariants();
}
