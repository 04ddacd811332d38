/** What the router expects loads to take, against the same asked block by block. */
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Core} from '../../src/placement/core.ts';
import {NONE} from '../../src/placement/ports.ts';
import {Harness, ladder} from './harness.ts';
import {play, steps} from './scripts.ts';

/** The latest of the runs of one source among blocks [from, to), which end at the first block that comes from nowhere. */
function naiveNs(core: Core, request: number, from: number, to: number): number {
  const rows = new Int32Array(core.requests.blocks[request]);
  core.blocks.path(core.requests.tip[request], rows.length, rows);
  const sources = [...rows.subarray(from, to)].map((row) => core.best(row, 0));
  const found = sources.includes(NONE) ? sources.indexOf(NONE) : sources.length;
  let ns = 0;
  for (let first = 0; first < found;) {
    let last = first;
    while (last < found && sources[last] === sources[first]) last++;
    ns = Math.max(ns, core.expectedNs(sources[first], 0, (last - first) * core.config.blockBytes));
    first = last;
  }
  return ns;
}

describe('Forecast', () => {
  test('says what asking for every block would say, wherever copies lie', () => {
    const told = new Set<number>();
    fc.assert(
      fc.property(steps, fc.integer({min: 8, max: 40}), fc.integer({min: 3, max: 30}), fc.boolean(), (script, hbm, dram, through) => {
        const harness = new Harness(ladder([hbm, dram, 200], {write: through ? 'through' : 'back'}));
        play(harness, script);
        const {core, forecast} = harness.loop.placement;
        for (let request = 0; request < 8; request++) {
          if (request >= core.requests.blocks.length || core.requests.tip[request] === NONE) continue;
          const blocks = core.requests.blocks[request];
          forecast.look(request);
          for (let from = 0; from <= blocks; from++)
            for (let to = from; to <= blocks; to++) {
              const ns = forecast.loadNs(0, from, to);
              expect(ns).toBe(naiveNs(core, request, from, to));
              told.add(ns);
            }
        }
      }),
      {numRuns: 100, seed: 3},
    );
    expect(told.size).toBeGreaterThan(5);
  });
});
