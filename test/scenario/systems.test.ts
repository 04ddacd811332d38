/** Systems that a scenario names: each makes a whole scenario, which says what it wants otherwise. */
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {ScenarioError} from '../../src/scenario/diagnostics.ts';
import {explainTopic} from '../../src/scenario/explain.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {openSource} from '../../src/simulation/source.ts';

const start = (system: string): string => `version: 1
name: of-a-system
question: What does it do?
model: llama-3.1-70b
servers: {preset: dgx-h200, count: 2, contextPorts: 2, contextPortBytesPerSecond: 100 GB/s}
system: ${system}
workload: {kind: rounds, clients: 30, rounds: 4, roundTokens: 30000, outputTokens: 20}
limits: {inFlight: 8}
`;
/** What is not published of high-bandwidth flash has to be said. */
const unpublished = 'tiers: {hbf: {senseTime: 10 us, pagesInFlight: 3900, writeBytesPerSecond: 100 GB/s}}\n';
const load = (text: string): Scenario => loadScenario(text, {file: 'system.yaml'}, catalogue);
const namesOf = ({tiers}: Scenario): string[] => tiers.map(({name}) => name);

describe.each(catalogue.systems)('$name', ({name, summary, parts, published, assumed}) => {
  const scenario = (): Scenario => load(start(name) + (name === 'high-bandwidth-flash' ? unpublished : ''));

  test('is a whole scenario, in the order of its tiers, and runs', () => {
    const given = scenario();
    expect(namesOf(given)).toEqual(Object.keys(parts['tiers']!));
    const told = simulate(given, openSource(given, []));
    expect(told.requests.completed).toBe(120);
    if (given.tiers.length > 1) expect(told.cache.hitRatio!).toBeGreaterThan(0.5);
  });

  test('is explained and documented', () => {
    const text = explainTopic(name, catalogue)!;
    for (const part of [summary, published, assumed, 'kind: hbm']) expect(text).toContain(part);
    const page = fs.readFileSync(path.join(import.meta.dirname, '../../docs/model/systems.md'), 'utf8');
    expect(page).toContain(`| \`${name}\` | ${summary} |`);
  });
});

test('a scenario says what it wants otherwise: fields, another kind, tiers below, other parts', () => {
  const own =
    'tiers: {dram: {capacity: 100 GB, write: back}, remote: {kind: networkFlash}}\nkv: {slab: 32 MiB}\nserving: {requestsMax: 7}\n';
  const given = load(start('vllm-offloading') + own);
  expect(namesOf(given)).toEqual(['hbm', 'dram', 'remote']);
  expect(given.tiers[1]).toMatchObject({capacityBytes: 100e9, write: 'back', policy: {name: 'lru'}});
  expect(given.kv).toEqual({blockTokens: 16, slabBytes: 32 * 2 ** 20});
  expect([given.serving.requestsMax, given.serving.offload]).toEqual([7, 'prompts']);
  const replaced = load(`${start('vllm-offloading')}tiers: {dram: {kind: cxl}}\n`);
  expect(replaced.tiers[1]).toMatchObject({kind: {name: 'cxl'}, write: 'back'});
});

function mistakes(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return '';
}

test('mistakes are told where they are', () => {
  expect(mistakes(start('sglang-hicach'))).toContain(
    'system.yaml:6:9: error: system: no system is named so; did you mean "sglang-hicache"?',
  );
  expect(mistakes(start('high-bandwidth-flash'))).toContain('missing senseTime, pagesInFlight, writeBytesPerSecond');
  expect(mistakes(`${start('vllm')}tiers: {hbm: {capacty: 10 GB}}\n`)).toMatch(/system\.yaml:9:\d+: error: .*capacty/);
});
