/** The main job on real input: recorded traces through the whole hierarchy, against figures counted from them independently. */
import fs from 'node:fs';
import path from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {openWorkload} from '../../src/cli/scenarioFile.ts';
import type {Summary} from '../../src/metrics/summary.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {simulate} from '../../src/simulation/simulate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const present = fs.existsSync(path.join(root, '../shared/traces'));
if (!present) console.log('no traces beside the checkout: the tests of real traces are skipped');

function run(name: string, sets: {[path: string]: string} = {}): Summary {
  const file = path.join(root, 'scenarios', name);
  const overrides = Object.entries(sets).map(([at, value]) => ({path: at, value}));
  const scenario = loadScenario(fs.readFileSync(file, 'utf8'), {file, overrides}, catalogue);
  return simulate(scenario, openWorkload(scenario, file));
}

describe.skipIf(!present)('the Mooncake hour', () => {
  let summary: Summary;
  beforeAll(() => {
    summary = run('mooncake-real-trace.yaml', {
      'tiers.dram.capacity': 'unlimited',
      'tiers.dram.write': 'through',
      'placement.reload': 'always',
    });
  });

  test('offers every one of its 12,031 requests and completes them', () => {
    expect(summary.requests).toMatchObject({offered: 12031, completed: 12031, rejected: 0, failed: 0});
  });

  test('has the hit ratio of an infinite cache that was counted from the file: 0.366412 of 288,500 blocks', () => {
    expect(summary.cache.blockReferences).toBe(288500);
    expect(summary.cache.infiniteHitRatio!).toBeCloseTo(0.366412, 6);
  });

  test('simulated with one unlimited shared tier, finds that but for the blocks it can name: partial, last, not there yet', () => {
    const {hitRatio, infiniteHitRatio, missed, blockReferences} = summary.cache;
    expect(hitRatio!).toBeGreaterThan(0.359);
    expect(hitRatio!).toBeLessThan(0.3665);
    const named = missed.partialBlock + missed.lastBlock + missed.absent + missed.recomputed;
    expect(Math.round((infiniteHitRatio! - hitRatio!) * blockReferences)).toBe(named);
    expect(missed.partialBlock).toBeGreaterThan(0);
  });
});

describe.skipIf(!present)('the agentic sessions', () => {
  let summary: Summary;
  beforeAll(() => {
    summary = run('agents-real-trace.yaml');
  });

  test('offer 11,009 requests, of which at least 99 in 100 complete and the others say why not', () => {
    const {offered, completed, rejected, failed, byReason} = summary.requests;
    expect(offered).toBe(11009);
    expect(completed).toBeGreaterThanOrEqual(0.99 * offered);
    expect(Object.values(byReason).reduce((sum, count) => sum + count, 0)).toBe(rejected + failed);
    expect(summary.sessions.completed).toBe(143);
  });

  test('have 23,949,160 block references, of which an infinite cache finds 0.965651', () => {
    expect(summary.cache.blockReferences).toBe(23949160);
    expect(summary.cache.infiniteHitRatio!).toBeCloseTo(0.965651, 6);
    expect(summary.cache.hitRatio!).toBeLessThanOrEqual(summary.cache.infiniteHitRatio!);
  });
});
