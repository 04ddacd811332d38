/** The Mooncake format: plans computed by hand from the fixture, and the public trace's figures. */
import {describe, expect, test} from 'vitest';
import {mooncakeTrace} from '../../src/workload/mooncakeTrace.ts';
import {createSource, fixturesOf, idsOf, memoryFile, publicTraces, requestsOf, sessionsOf} from './support.ts';

const files = fixturesOf('mooncakeTrace');
const contents = (blockTokens: number, values: object = {}): unknown[] =>
  requestsOf(createSource(mooncakeTrace, values, {blockTokens, files})).map(({promptRuns, infiniteHitBlocks}) => [
    promptRuns,
    infiniteHitBlocks,
  ]);

test('an id names a block, the partial last one included; ids are the whole trace’s', () => {
  expect(contents(512)).toEqual([
    [[0, 3], 0],
    [[0, 1], 1],
    [[0, 2, 3, 1], 2],
    [[4, 2], 0],
    [[0, 2, 3, 1, 6, 1], 3],
    [[7, 1], 0],
    [[0, 2, 3, 1, 6, 1], 4],
    [[4, 2], 2],
    [[0, 1, 8, 1], 1],
    [[4, 2, 9, 3], 2],
  ]);
});

test('quarter blocks: an id names up to four, as far as the prompt goes', () => {
  // 1,100 tokens: 9 blocks of 128; 512: 4; 1,500: 12; 1,024: 8; 1,600: 13 (one of the fourth id); 300: 3; 2,000: 16; 513: 5; 2,500: 20.
  expect(contents(128)).toEqual([
    [[0, 9], 0],
    [[0, 4], 4],
    [[0, 8, 12, 4], 8],
    [[16, 8], 0],
    [[0, 8, 12, 4, 24, 1], 12],
    [[28, 3], 0],
    [[0, 8, 12, 4, 24, 4], 13],
    [[16, 8], 8],
    [[0, 4, 32, 1], 4],
    [[16, 8, 36, 12], 8],
  ]);
});

test('double blocks: the second of two ids names one, and a lone last one names itself', () => {
  expect(contents(1024)).toEqual([
    [[0, 2], 0],
    [[2, 1], 0],
    [[0, 1, 3, 1], 1],
    [[4, 1], 0],
    [[0, 1, 5, 1], 1],
    [[6, 1], 0],
    [[0, 1, 5, 1], 2],
    [[4, 1], 1],
    [[7, 1], 0],
    [[4, 1, 8, 2], 1],
  ]);
});

test('blockSize says what an id of this trace names', () => {
  const text = '{"timestamp": 0, "input_length": 33, "output_length": 1, "hash_ids": [7, 8, 9]}\n';
  const [request] = requestsOf(createSource(mooncakeTrace, {blockSize: 16}, {blockTokens: 16, files: [memoryFile('a', text)]}));
  expect(request.promptRuns).toEqual([0, 3]);
});

test('each request is a session that starts when the trace says, counted from its first', () => {
  const line = (timestamp: number): string => `{"timestamp": ${timestamp}, "input_length": 9, "output_length": 1, "hash_ids": []}`;
  const text = [1_700_000_000_000, 1_700_000_000_000.25, 1_700_000_002_500].map(line).join('\n');
  const sessions = sessionsOf(createSource(mooncakeTrace, {}, {files: [memoryFile('a', text)]}));
  expect(sessions.map(({startNs}) => startNs)).toEqual([0, 250_000, 2_500_000_000]);
  expect(sessions.map(({name}) => name)).toEqual(['a#0', 'a#1', 'a#2']);
});

const trace = publicTraces('mooncake');
describe.skipIf(trace.length === 0)('the public conversation trace (skipped where ../shared/traces is absent)', () => {
  const source = createSource(mooncakeTrace, {}, {blockTokens: 512, files: trace});
  const sessions = sessionsOf(source);

  test('12,031 requests, 288,500 block references, 182,790 distinct; an infinite cache hits 0.366412', () => {
    const distinct = new Set<number>();
    let references = 0;
    let held = 0;
    for (const {requests} of sessions) {
      held += requests[0].infiniteHitBlocks;
      for (const id of idsOf(requests[0].promptRuns)) {
        references++;
        distinct.add(id);
      }
    }
    expect(sessions).toHaveLength(12_031);
    expect([references, distinct.size]).toEqual([288_500, 182_790]);
    expect(held / references).toBeCloseTo(0.366412, 6);
  });

  test('as recorded it comes in bursts every 3 s: 1,180 instants, of which the user is warned', () => {
    expect(new Set(sessions.map(({startNs}) => startNs)).size).toBe(1180);
    expect(sessions.at(-1)!.startNs! / 60e9).toBeCloseTo(59, 0);
    expect(source.warnings).toEqual([
      '10851 of 12031 requests arrive with the one before: bursts of the recording; see arrivals: spread or poisson',
    ]);
  });

  test.each(['spread', 'poisson'])('%s arrivals have no bursts, and keep order, length and content', (arrivals) => {
    const other = createSource(mooncakeTrace, {arrivals}, {blockTokens: 512, files: trace});
    const moved = sessionsOf(other);
    const starts = moved.map(({startNs}) => startNs!);
    expect(new Set(starts).size).toBe(12_031);
    expect(Math.abs(starts.at(-1)! / sessions.at(-1)!.startNs! - 1)).toBeLessThan(4 / Math.sqrt(12_031)); // four deviations of a Poisson process
    expect(moved.map(({requests}) => requests)).toEqual(sessions.map(({requests}) => requests));
    expect(other.warnings).toEqual([]);
  });
});
