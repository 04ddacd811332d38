/** The JSON Schema that editors read, the loader, the catalogue and the shipped scenarios say the same. */
import fs from 'node:fs';
import path from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {catalogue} from '../../src/catalogue.ts';
import {mistakesOf} from '../../src/scenario/issues.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {scenarioJsonSchema, scenarioSchema} from '../../src/scenario/schema.ts';
import {small, told} from './support.ts';

const root = path.resolve(import.meta.dirname, '../..');
const file = path.join(root, 'schema/scenario.schema.json');
const committed = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
const shipped = fs.readdirSync(path.join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));
const textOf = (name: string): string => fs.readFileSync(path.join(root, 'scenarios', name), 'utf8');

test('the committed schema is what `npm run schema` would write', () => {
  expect(fs.readFileSync(file, 'utf8')).toBe(`${JSON.stringify(scenarioJsonSchema(catalogue), null, 1)}\n`);
});

describe('the schema accepts exactly what the loader takes for the right shape', () => {
  const accepts = new Ajv2020({strict: false}).compile(committed);
  const takes = (value: unknown): boolean => mistakesOf(scenarioSchema(catalogue), value).length === 0;
  const full = parse(`
version: 1
name: full
question: q
seed: 3
timebase: ns
model: {preset: llama-3.1-8b, kv: fp8, contextTokens: 100 k tokens, layers: 4}
kv: {blockTokens: 16, slab: 1 MiB}
servers: {preset: dgx-h100, count: 2, dramBytes: 1 TB, gpu: {preset: h100-sxm, hbmBytes: 80 GB, idleWatts: 0 W, matrixCompute: 0.5}}
instances: {prefill: {count: 1, gpus: 8}, decode: {count: 1, gpus: 8}}
serving: {routing: roundRobin}
tiers:
  hbm: {kind: hbm, policy: {kind: lru}}
  dram: {kind: dram, per: server, capacity: unlimited, write: through, reserve: {low: 0.1, high: 0.2}}
  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, drives: 4, readLatency: 80 us}
  flash: {kind: networkFlash, policy: lru}
placement: {reload: always}
workload: {kind: agentTrace, path: x, sessions: {start: poisson 3 /s, keep: 4, order: shuffled}}
limits: {requests: 5, duration: 1 h}
warm: {replay: 0 s}
warmup: 10 s
timeline: 1 s
objectives: {ttft: 1 s}
economics: {gpuHour: 3 USD, pue: 1.1}
expect: [ttft.p99 <= 2 s]
`) as object;
  const starts = [parse(small) as object, full, ...shipped.map((name) => parse(textOf(name)) as object)];

  test('on scenarios that are right', () => {
    for (const start of starts) expect([accepts(start), takes(start)], JSON.stringify(start)).toEqual([true, true]);
  });

  /** Values that belong somewhere, and values that belong nowhere. */
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      -1,
      0.5,
      8,
      1.5,
      1e300,
      2 ** 53,
      '',
      'unlimited',
      'lru',
      'fp8',
      'hbm',
      'nvme',
      'together',
      'every 3 s',
      [],
      {},
      ['x'],
      {kind: 'lru'},
      {preset: 'h100-sxm'},
    ),
    fc.constantFrom(
      '64 GB',
      '64 Gb',
      '64',
      '64 GB/s',
      '0 GB',
      '-1 GB',
      '80 us',
      '0 s',
      '1e3 s',
      '3 W',
      '2 USD',
      '1 k tokens',
      '5 /s',
      '1 TFLOP/s',
      ' 1 s',
      'poisson 1 /s',
      'poisson 1 s',
    ),
    fc.constantFrom(
      ...catalogue.models.map(({name}) => name),
      ...catalogue.servers.map(({name}) => name),
      ...catalogue.gpus.map(({name}) => name),
    ),
    fc.jsonValue({maxDepth: 1}),
  );
  const mutation = fc.record({
    walk: fc.infiniteStream(fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true})),
    action: fc.constantFrom('delete', 'add', 'replace', 'rename'),
    value,
  });

  test('on scenarios with one to three changes', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.array(mutation, {minLength: 1, maxLength: 3}), (start, mutations) => {
        const changed = structuredClone(start) as {[key: string]: unknown};
        for (const one of mutations) mutate(changed, one);
        const taken = takes(changed);
        if (!taken) refused++;
        expect(accepts(changed), JSON.stringify(changed)).toBe(taken);
      }),
      {numRuns: 3000},
    );
    expect(refused).toBeGreaterThan(1000);
    expect(refused).toBeLessThan(3000);
  });

  /** Walks down at random, and changes a member. */
  function mutate(
    start: {[key: string]: unknown},
    {walk, action, value: given}: {walk: Iterator<number>; action: string; value: unknown},
  ): void {
    let holder = start;
    const put = structuredClone(given);
    for (;;) {
      const keys = Object.keys(holder);
      const key = keys[Math.floor((walk.next().value as number) * keys.length)];
      const inner = key === undefined ? undefined : holder[key];
      if (
        key !== undefined &&
        typeof inner === 'object' &&
        inner !== null &&
        !Array.isArray(inner) &&
        (walk.next().value as number) < 0.7
      ) {
        holder = inner as typeof holder;
        continue;
      }
      if (action === 'add' || key === undefined) holder['extra'] = put;
      else if (action === 'replace') holder[key] = put;
      else {
        delete holder[key];
        if (action === 'rename') holder[`${key}s`] = inner;
      }
      return;
    }
  }
});

describe.each(shipped)('scenarios/%s', (name) => {
  const text = textOf(name);

  test('names the schema in its first line, for editors', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/scenario.schema.json');
  });

  test('is valid, and opens with its question', () => {
    expect(loadScenario(text, {file: name}, catalogue).name).toBe(name.replace('.yaml', ''));
    expect(Object.keys(parse(text) as object).slice(0, 3)).toEqual(['version', 'name', 'question']);
    expect((parse(text) as {question: string}).question.trim()).toMatch(/\?$/);
  });
});

test('a random value anywhere is told about in words, never by a crash', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({maxDepth: 3}),
      fc.constantFrom(
        'model',
        'servers',
        'servers.gpu',
        'tiers',
        'tiers.dram',
        'kv',
        'workload',
        'workload.sessions',
        'expect',
        'instances',
      ),
      (value, at) => {
        expect(typeof told(small, `${at}=${JSON.stringify(value)}`)).toBe('string');
      },
    ),
    {numRuns: 500},
  );
});
