/** Knockouts and sensitivities: what is changed is what is named, and shows causes. */
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {catalogue} from '../../src/catalogue.ts';
import {isWeak, parametersOf, scaled} from '../../src/experiments/parameters.ts';
import {resourcesOf} from '../../src/experiments/resources.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import type {Override} from '../../src/scenario/overrides.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {agents, few, tierscape} from '../cli/support.ts';

const text = fs.readFileSync(agents, 'utf8');
const load = (overrides: readonly Override[]): Scenario => loadScenario(text, {file: 'agents.yaml', overrides}, catalogue);
const at = (holder: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as {readonly [key: string]: unknown})[key], holder);

/** Where the scenario as read holds what a path of the file sets. */
function read(scenario: Scenario, path: string): unknown {
  if (path.startsWith('servers.')) return at(scenario.servers.server, path.slice('servers.'.length));
  const [group, name, ...rest] = path.split('.');
  if (group !== 'tiers') return at(scenario, path);
  return at(scenario.tiers.find((tier) => tier.name === name)!.params, rest.join('.'));
}

describe('resourcesOf()', () => {
  test('names every tier, link and network of a scenario, and each can be made free', () => {
    const names = resourcesOf(load([])).map(({name}) => name);
    expect(names).toEqual(expect.arrayContaining(['GPU arithmetic', 'host link', 'eastWest network', 'dram capacity', 'nvme device']));
    for (const {free} of resourcesOf(load([]))) expect(() => load(free)).not.toThrow();
  });

  test('every kind of device but those that servers hold says what makes it free', () => {
    const silent = catalogue.tiers.filter(({free}) => free === undefined).map(({name}) => name);
    expect(silent).toEqual(['hbm', 'dram']);
  });
});

describe('parametersOf()', () => {
  const content = parse(text) as object;
  const parameters = parametersOf(load([]), content, catalogue);

  test('gives what the catalogue says and the scenario does not, each with its source and how sure that is', () => {
    const paths = parameters.map(({path}) => path);
    expect(paths).toContain('servers.gpu.hbmBytesPerSecond');
    expect(paths).not.toContain('tiers.nvme.drives');
    expect(parameters.filter(({source}) => source === '')).toEqual([]);
    expect(new Set(parameters.map(({confidence}) => confidence)).size).toBeGreaterThan(3);
    expect(parameters.filter(isWeak).length).toBeLessThan(parameters.length);
  });

  test('moves the parameter that it names by the factor asked for, and it alone', () => {
    for (const parameter of parameters) {
      const set = scaled(parameter, 1.05);
      if (set === null) continue;
      const {param, path, value} = parameter;
      const found = read(load(set), path) as number;
      const wanted = value * 1.05;
      if (param.type === 'number')
        expect(Math.abs(found - Math.min(wanted, param.max))).toBeLessThanOrEqual(param.fraction ? 1e-9 * wanted : 0.5);
      else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.max(0.5, 1e-9 * wanted)); // whole tokens and bytes
    }
  });
});

describe('run --knockout and --sensitivity', () => {
  const starved = [
    'limits.requests=150',
    'workload.sessions.keep=6',
    'tiers.hbm.capacity=80 GB',
    'tiers.dram.capacity=10 GB',
    'tiers.dram.write=through',
    'tiers.nvme.write=through',
    'tiers.nvme.readBytesPerSecond=200 MB/s',
    'placement.reload=always',
  ].flatMap((value) => ['--set', value]);

  test('show a starved drive as the cause, and the memory beside it as none', () => {
    const {code, out} = tierscape(['run', agents, ...starved, '--knockout', '--json', '--threads', '0']);
    expect(code).toBe(0);
    const {ttft, whatIf} = JSON.parse(out) as {
      ttft: {mean: number};
      whatIf: {base: {[metric: string]: number}; knockout: {resource: string; figures: {[metric: string]: number}}[]};
    };
    expect(whatIf.base['ttft.mean']).toBe(ttft.mean);
    const mean = (name: string): number => whatIf.knockout.find(({resource}) => resource === name)!.figures['ttft.mean']!;
    expect(mean('nvme device')).toBeLessThan(0.85 * ttft.mean);
    expect(mean('host DRAM bandwidth')).toBeGreaterThan(0.98 * ttft.mean);
  });

  test('refuse a share that is none', () => {
    const {code, err} = tierscape(['run', agents, ...few, '--sensitivity', 'much']);
    expect([code, err]).toEqual([2, expect.stringContaining('--sensitivity much') as string]);
  });
});
