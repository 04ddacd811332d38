/** Recorded agent sessions: plans computed by hand from the fixtures, and the public set's figures. */
import {describe, expect, test} from 'vitest';
import {agentTrace} from '../../src/workload/agentTrace.ts';
import type {RequestPlan} from '../../src/workload/ports.ts';
import {blocksIn, createSource, fixturesOf, publicTraces, requestsOf, sessionsOf} from './support.ts';

const [first, second] = fixturesOf('agentTrace');
const read = (blockTokens: number, values: object = {}, files = [first]): RequestPlan[] =>
  requestsOf(createSource(agentTrace, values, {blockTokens, files}));
const contents = (requests: readonly RequestPlan[]): unknown[] =>
  requests.map((each) => [each.promptRuns, each.generatedRuns, each.infiniteHitBlocks]);

/** Content ids of blocks that no other prompt has. */
const own = 2 ** 52;

describe('who waits for whom', () => {
  // The fixture's sub-agents: the first two ran side by side from 6.2 and 6.5 s (t - duration, after the reply at 6 s) to 14 and 16 s; the request
  // at 18 s came 2 s after the later end, so it waited for both. The third was launched at 18.75 s and the request at 20 s did not wait.
  const expected = [
    [],
    [0, 3e9],
    [1, 0.2e9],
    [1, 0.5e9],
    [3, 1e9],
    [2, 2e9, 4, 2e9],
    [5, 0.25e9],
    [5, 1.5e9], // no think_time: 20 s - (18 s + api_time 0.5 s)
    [7, 5e9], // no api_time either
  ];

  test('a request comes its think time after the reply before it; a sub-agent after its launch; the next request joins those that had ended', () => {
    expect(read(4).map(({after}) => after)).toEqual(expected);
    expect(read(4).map(({subagent}) => subagent)).toEqual([false, false, true, true, true, false, true, false, false]);
    expect(read(4).map(({offsetNs}) => offsetNs / 1e9)).toEqual([0, 5, 6.2, 6.5, 10.5, 18, 18.75, 20, 25]);
  });

  test('timeScale multiplies every pause', () => {
    const halved = expected.map((after) => after.map((value, index) => (index % 2 === 0 ? value : value / 2)));
    expect(read(4, {timeScale: 0.5}).map(({after}) => after)).toEqual(halved);
  });

  test('a session that opens with a sub-agent starts with it, and joins it', () => {
    const requests = read(4, {}, [second]);
    expect(requests.map(({after}) => after)).toEqual([[], [0, 1.25e9], [1, 1.5e9]]);
    expect(requests[0].offsetNs).toBe(1.75e9);
  });
});

describe('which blocks are the same', () => {
  test('blocks of the trace: ids become contents in order of first sight, sub-agents share their parent ids', () => {
    expect(contents(read(4))).toEqual([
      [[0, 3], [], 0],
      [[0, 5], [], 3],
      [[5, 2], [], 0],
      [[5, 2], [], 2],
      [[5, 4], [], 2],
      [[0, 5, 9, 2], [], 5],
      [[5, 2], [], 2],
      [[0, 2, 11, 6], [], 2],
      [[0, 2, 11, 7], [], 8],
    ]);
  });

  test('half blocks: an id names two, and what its tokens do not reach has a name of its own', () => {
    expect(contents(read(2))).toEqual([
      [[0, 6], [], 0],
      [[0, 10, own, 1], [], 6],
      [[10, 4], [], 0],
      [[10, 4], [], 4],
      [[10, 8], [], 4],
      [[0, 10, 18, 4, own + 1, 1], [], 10],
      [[10, 4, own + 2, 1], [], 4],
      [[0, 4, 22, 12, own + 3, 1], [], 4],
      [[0, 4, 22, 14], [], 16],
    ]);
  });

  test('double blocks: two ids name one, an odd one at the end none', () => {
    expect(contents(read(8))).toEqual([
      [[0, 1], [], 0],
      [[0, 2], [], 1],
      [[2, 1], [], 0],
      [[2, 1], [], 1],
      [[2, 2], [], 1],
      [[0, 2, 4, 1], [], 2],
      [[2, 1], [], 1],
      [[0, 1, 5, 3], [], 1],
      [[0, 1, 5, 3], [], 4],
    ]);
  });

  test('files never share an id by themselves', () => {
    const [, ...rest] = sessionsOf(createSource(agentTrace, {}, {blockTokens: 4, files: [first, second]}));
    // Contents 0..17 are the first file's.
    expect(contents(rest[0].requests)).toEqual([
      [[18, 3], [], 0],
      [[21, 4], [], 0],
      [[own, 1], [], 0],
    ]);
  });

  test('sharedPrefix: tools makes whole blocks of tools and system prompt common to agents with the same lengths of them', () => {
    const sessions = sessionsOf(createSource(agentTrace, {sharedPrefix: 'tools'}, {blockTokens: 2, files: [first, second]}));
    // 6 + 3 tokens: blocks 0..3 of the session; 4 + 1 tokens: blocks 10 and 11 of sub-agents. Contents up to 35 are the first file's.
    expect(contents(sessions[0].requests)).toEqual(contents(read(2)));
    expect(contents(sessions[1].requests)).toEqual([
      [[10, 2, 36, 4], [], 2],
      [[0, 4, 40, 4, own + 4, 1], [], 4],
      [[own + 5, 2], [], 0],
    ]);
  });

  test('generated: reusable names the blocks that decode completes as the next prompt does', () => {
    expect(contents(read(4, {generated: 'reusable'}))).toEqual([
      [[0, 3], [3, 1], 0], // 13 + 4 tokens are written: block 3 is whole, and the second prompt has it
      [[0, 5], [5, 2], 4],
      [[7, 2], [], 0],
      [[7, 2], [], 2],
      [[7, 4], [], 2],
      [[0, 7], [], 7],
      [[7, 2], [], 2], // 10 + 3 tokens: block 2 is whole, but no later prompt goes on from here
      [[0, 2, 11, 6], [17, 1], 2],
      [[0, 2, 11, 7], [], 9],
    ]);
  });
});

describe('which sessions', () => {
  test('files are read in order of name, or shuffled by the seed', () => {
    const names = (shuffle: boolean, seed: number): string[] =>
      sessionsOf(createSource(agentTrace, {}, {blockTokens: 4, files: [second, first], shuffle, seed})).map(({name}) => name);
    expect(names(false, 1)).toEqual(['fixture', 'second']);
    expect(new Set([1, 2, 3, 4, 5, 6].map((seed) => names(true, seed).join()))).toEqual(new Set(['fixture,second', 'second,fixture']));
  });

  test('repeats: drop leaves out a session whose lengths an earlier one had', () => {
    expect(read(4, {}, [first, second, first])).toHaveLength(21);
    expect(read(4, {repeats: 'drop'}, [first, second, first])).toHaveLength(12);
  });

  test('sessionsMax and requestsMax end the stream', () => {
    expect(read(4, {sessionsMax: 1}, [first, second])).toHaveLength(9);
    expect(read(4, {requestsMax: 10}, [first, second])).toHaveLength(10);
    expect(read(4, {requestsMax: 9}, [first, second])).toHaveLength(9);
  });
});

const files = publicTraces('agentic-coding');
describe.skipIf(files.length === 0)('the public agentic coding traces (skipped where ../shared/traces is absent)', () => {
  const source = createSource(agentTrace, {}, {blockTokens: 64, files});
  const counts = {requests: 0, subagentRequests: 0, references: 0, held: 0, longest: 0};
  let sessions = 0;
  // Contents are dealt out densely from 0, so that the end of the highest run counts the distinct ones.
  let distinct = 0;
  for (let session = source.next(); session !== null; session = source.next()) {
    sessions++;
    for (const request of session.requests) {
      counts.requests++;
      if (request.subagent) counts.subagentRequests++;
      counts.references += blocksIn(request.promptRuns);
      counts.held += request.infiniteHitBlocks;
      counts.longest = Math.max(counts.longest, request.inputTokens);
      for (let run = 0; run < request.promptRuns.length; run += 2)
        distinct = Math.max(distinct, request.promptRuns[run] + request.promptRuns[run + 1]);
    }
  }

  test('143 sessions, 11,009 requests, 403 of them by sub-agents, the longest of 880,502 tokens', () => {
    expect(sessions).toBe(143);
    expect(counts).toMatchObject({requests: 11_009, subagentRequests: 403, longest: 880_502});
  });

  test('23,949,160 block references, 822,634 distinct; an infinite cache hits 0.965651', () => {
    expect(counts.references).toBe(23_949_160);
    expect(distinct).toBe(822_634);
    expect(counts.held).toBe(23_949_160 - 822_634);
    expect(counts.held / counts.references).toBeCloseTo(0.965651, 6);
  });

  test('five files are one session: without repeats 139 remain, and 936 requests fewer', () => {
    const kept = sessionsOf(createSource(agentTrace, {repeats: 'drop'}, {blockTokens: 64, files}));
    expect(kept).toHaveLength(139);
    expect(kept.reduce((sum, {requests}) => sum + requests.length, 0)).toBe(11_009 - 4 * 234);
  });
});
