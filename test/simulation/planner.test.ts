/** Scenarios that a planner would start from: each says its answer in its header, and its own conditions keep that true. */
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {openWorkload, readScenario} from '../../src/cli/scenarioFile.ts';
import {simulate} from '../../src/simulation/simulate.ts';

const directory = path.resolve(import.meta.dirname, '../../scenarios');

describe('the answer in the header', () => {
  for (const name of ['voice-agents', 'five-minutes-or-warehouse', 'nvl72-converged-drives', 'thousand-gpus', 'coding-service-day'])
    test(`of ${name} is true`, {timeout: 120_000}, () => {
      const file = path.join(directory, `${name}.yaml`);
      expect(fs.readFileSync(file, 'utf8')).toContain('# Answer: ');
      const scenario = readScenario(file, {});
      expect(scenario.expect.length).toBeGreaterThan(3);
      const judged = simulate(scenario, openWorkload(scenario, file)).expect;
      expect(judged.filter(({passed}) => !passed)).toEqual([]);
    });
});
