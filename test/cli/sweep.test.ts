/** tierscape sweep as a user runs it: the scenario's own sweep, and a page that can be made again. */
import fs from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {agents, temporary, tierscape} from './support.ts';

const own = `
sweep:
  vary:
    tiers.dram.capacity: 64 GB..256 GB:2
    tiers.dram.policy: [lru, sieve]
  replications: 1
`;
let directory = '';
const write = (name: string, text: string): string => {
  const file = path.join(directory, name);
  fs.writeFileSync(file, text);
  return file;
};
beforeAll(() => (directory = temporary()));
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

describe("a scenario's own sweep", () => {
  test('gives the bytes of the same sweep on the command line, and its page can be made again', () => {
    const scenario = fs.readFileSync(agents, 'utf8');
    const with_ = write('own.yaml', scenario + own);
    const without = write('asked.yaml', scenario);
    const common = ['--set', 'limits.requests=20', '--threads', '0', '--quiet', '--out'];
    const axes = ['--vary', 'tiers.dram.capacity=64 GB..256 GB:2', '--vary', 'tiers.dram.policy=lru,sieve'];
    expect(tierscape(['sweep', with_, ...common, path.join(directory, 'own')])).toMatchObject({code: 0, err: ''});
    expect(tierscape(['sweep', without, ...axes, ...common, path.join(directory, 'asked')])).toMatchObject({code: 0, err: ''});
    const read = (...names: string[]): string => fs.readFileSync(path.join(directory, ...names), 'utf8');
    expect(read('own', 'sweep.csv')).toBe(read('asked', 'sweep.csv'));
    expect(read('own', 'sweep.csv').trim().split('\n')).toHaveLength(5);
    const page = read('own', 'report.html');
    fs.rmSync(path.join(directory, 'own/report.html'));
    expect(tierscape(['report', path.join(directory, 'own')]).code).toBe(0);
    expect(read('own', 'report.html')).toBe(page);
  });

  test('is not read by a run', () => {
    const read = (text: string) => loadScenario(text, {file: 's.yaml'}, catalogue);
    const scenario = fs.readFileSync(agents, 'utf8');
    expect(read(scenario + own)).toEqual(read(scenario));
  });

  test('has its mistakes told with their places', () => {
    const bad = own.replace('64 GB..256 GB:2', '64 GB..256 TB:2').replace('replications: 1', 'replications: none');
    const {code, err} = tierscape(['validate', write('bad.yaml', fs.readFileSync(agents, 'utf8') + bad)]);
    expect(code).toBe(2);
    expect(err).toMatch(/bad\.yaml:32:26: .*one unit for both ends/);
    expect(err).toMatch(/bad\.yaml:34:17: .*a whole number/);
  });

  test('is missed where there is none and nothing else is said', () => {
    const {code, err} = tierscape(['sweep', agents]);
    expect([code, err]).toEqual([2, expect.stringContaining('has no sweep: of its own') as string]);
  });
});
