/** What every workload of the catalogue owes to serving, with each value of each of its choices. */
import {describe, expect, test} from 'vitest';
import type {Kind} from '../../src/base/params.ts';
import {catalogue} from '../../src/catalogue.ts';
import type {SessionPlan, WorkloadContext} from '../../src/workload/ports.ts';
import {blocksIn, createSource, fixturesOf, idsOf, sessionsOf} from './support.ts';

/** Block sizes, where a fixture's own is not 16; and values that make rare things frequent. */
const blockTokensOf: {[kind: string]: readonly number[]} = {
  agentTrace: [2, 4, 8],
  mooncakeTrace: [128, 512, 1024],
  agentSessions: [64],
  swarm: [64],
};
const probes: {[kind: string]: object} = {
  agentSessions: {subagentLaunches: 0.05, rewrites: 0.1, prefixes: 2},
  chat: {edits: 0.3, compactAtTokens: 4000, compactToTokens: 1000, systemPrompts: 3},
  retrieval: {documents: 12, documentsPerRequest: 3},
  swarm: {fanOut: 12},
};

const readsFiles = (kind: Kind): boolean => 'path' in kind.params;

/** The defaults, and every other choice by itself. Generators are cut. */
function valuesToTry(kind: Kind): {[name: string]: unknown}[] {
  const base = {...(readsFiles(kind) ? {} : {requestsMax: 120}), ...probes[kind.name]};
  const choices = Object.entries(kind.params).flatMap(([name, param]) =>
    param.type === 'choice' ? param.choices.filter((choice) => choice !== param.default).map((choice) => ({...base, [name]: choice})) : [],
  );
  return [base, ...choices];
}

const cases = catalogue.workloads.flatMap((kind) =>
  valuesToTry(kind).flatMap((values) =>
    (blockTokensOf[kind.name] ?? [16, 48]).map((blockTokens) => ({
      title: `${kind.name} ${JSON.stringify(values)}, blocks of ${blockTokens}`,
      kind,
      values,
      context: {blockTokens, files: readsFiles(kind) ? fixturesOf(kind.name) : []},
    })),
  ),
);

test('every workload that reads files has a fixture', () => {
  expect(catalogue.workloads.filter((kind) => readsFiles(kind) && fixturesOf(kind.name).length === 0).map(({name}) => name)).toEqual([]);
});

describe.each(cases)('$title', ({kind, values, context}) => {
  const read = (seed = 1, more: Partial<WorkloadContext> = {}): SessionPlan[] =>
    sessionsOf(createSource(kind, values, {...context, seed, ...more}));
  const sessions = read();

  test('sessions that say when they start come in that order', () => {
    const starts = sessions.flatMap(({startNs}) => (startNs === null ? [] : [startNs]));
    expect(starts.every(Number.isSafeInteger)).toBe(true);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.every((at) => at >= 0)).toBe(true);
  });

  test('requests count from 0, and wait for earlier ones only, never for a negative time', () => {
    const faults: unknown[] = [];
    for (const {name, requests} of sessions) {
      if (requests.length === 0) faults.push([name, 'is empty']);
      requests.forEach(({turn, after, offsetNs}, position) => {
        let isFine = turn === position && Number.isSafeInteger(offsetNs) && offsetNs >= 0 && after.length % 2 === 0;
        for (let pair = 0; pair < after.length; pair += 2) {
          isFine &&= Number.isInteger(after[pair]) && after[pair] >= 0 && after[pair] < turn;
          isFine &&= Number.isSafeInteger(after[pair + 1]) && after[pair + 1] >= 0;
        }
        if (!isFine) faults.push([name, turn, offsetNs, after]);
      });
    }
    expect(faults).toEqual([]);
  });

  test('prompts cover their full blocks, or one more, or nothing; generated blocks end with the tokens written', () => {
    const faults: unknown[] = [];
    for (const {requests} of sessions) {
      for (const {turn, inputTokens, outputTokens, promptRuns, generatedRuns, infiniteHitBlocks} of requests) {
        const full = Math.floor(inputTokens / context.blockTokens);
        const blocks = blocksIn(promptRuns);
        const written = Math.floor((inputTokens + Math.max(0, outputTokens - 1)) / context.blockTokens);
        const isFine =
          Number.isSafeInteger(inputTokens) &&
          inputTokens > 0 &&
          Number.isSafeInteger(outputTokens) &&
          outputTokens >= 0 &&
          [0, full, full + 1].includes(blocks) &&
          infiniteHitBlocks <= blocks &&
          (generatedRuns.length === 0 || blocks + blocksIn(generatedRuns) <= written);
        if (!isFine) faults.push([turn, inputTokens, outputTokens, blocks, blocksIn(generatedRuns), infiniteHitBlocks]);
      }
    }
    expect(faults).toEqual([]);
  });

  test('a content id has one predecessor', () => {
    const before = new Map<number, number>();
    const faults: unknown[] = [];
    for (const {name, requests} of sessions) {
      for (const {turn, promptRuns, generatedRuns} of requests) {
        let parent = -1;
        for (const id of idsOf([...promptRuns, ...generatedRuns])) {
          const known = before.get(id);
          if (known === undefined) before.set(id, parent);
          else if (known !== parent) faults.push([name, turn, id, parent, known]);
          parent = id;
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test('what an infinite cache holds of a prompt is its leading blocks that were prompted or generated before', () => {
    const held = new Set<number>();
    for (const {requests} of sessions) {
      for (const {promptRuns, generatedRuns, infiniteHitBlocks} of requests) {
        const ids = idsOf(promptRuns);
        const miss = ids.findIndex((id) => !held.has(id));
        expect(infiniteHitBlocks).toBe(miss < 0 ? ids.length : miss);
        for (const id of [...ids, ...idsOf(generatedRuns)]) held.add(id);
      }
    }
  });

  test('equal seeds give equal streams', () => {
    expect(read(7, {shuffle: true})).toEqual(read(7, {shuffle: true}));
  });

  test('requestsMax cuts the stream, and changes nothing before', () => {
    const shape = (plans: readonly SessionPlan[]): unknown[] =>
      plans.flatMap(({requests}) =>
        requests.map(({inputTokens, promptRuns, infiniteHitBlocks}) => [inputTokens, promptRuns, infiniteHitBlocks]),
      );
    const cut = sessionsOf(createSource(kind, {...values, requestsMax: 6}, context));
    expect(shape(cut)).toEqual(shape(sessions).slice(0, 6));
  });

  test('requests carry the labels that the scenario gives them', () => {
    const labels = {tenant: 'acme', serviceClass: 'batch', deadline: '5 s', requestsMax: 6};
    for (const {tenant, requests} of sessionsOf(createSource(kind, {...values, ...labels}, context))) {
      expect(tenant).toBe('acme');
      for (const {serviceClass, deadlineNs} of requests) expect([serviceClass, deadlineNs]).toEqual(['batch', 5e9]);
    }
  });

  test('the merging of sessions is said, and each file read is counted', () => {
    const source = createSource(kind, values, context);
    const count = sessionsOf(source).reduce((sum, {requests}) => sum + requests.length, 0);
    expect(source.merging).not.toBe('');
    if (readsFiles(kind)) expect(source.traces.reduce((sum, {requests}) => sum + requests, 0)).toBe(count);
  });
});
