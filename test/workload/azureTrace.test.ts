/** The Azure format: times over the end of a year and a leap day, and the public trace's figures. */
import {describe, expect, test} from 'vitest';
import {azureTrace} from '../../src/workload/azureTrace.ts';
import {createSource, fixturesOf, memoryFile, publicTraces, sessionsOf} from './support.ts';

test('times of day become nanoseconds after the first, exactly, over a year’s end and a leap day', () => {
  const sessions = sessionsOf(createSource(azureTrace, {}, {files: fixturesOf('azureTrace')}));
  const day = 86_400e9;
  const last = 1_020_040_000; // from 23:59:58.9799600 to midnight
  expect(sessions.map(({startNs}) => startNs)).toEqual([
    0,
    52_000_000,
    last - 100,
    last,
    last + 100,
    last + 30e9,
    last + 59 * day - 0.5e9,
    last + 59 * day + 0.5e9,
    last + 60 * day,
    last + 60 * day,
  ]);
});

test('nobody shares a prompt', () => {
  for (const {requests} of sessionsOf(createSource(azureTrace, {}, {files: fixturesOf('azureTrace')}))) {
    expect(requests).toHaveLength(1);
    expect([requests[0].promptRuns, requests[0].generatedRuns, requests[0].infiniteHitBlocks]).toEqual([[], [], 0]);
  }
});

test('a byte order mark, T, Z and offsets from UTC are read', () => {
  const text =
    '\uFEFFTIMESTAMP,ContextTokens,GeneratedTokens\r\n2024-01-01T00:30:00Z,1,1\r\n2024-01-01T02:30:01+02:00,2,2\r\n2023-12-31T19:00:02-0530,3,3\r\n';
  const sessions = sessionsOf(createSource(azureTrace, {}, {files: [memoryFile('a', text)]}));
  expect(sessions.map(({startNs}) => startNs)).toEqual([0, 1e9, 2e9]);
});

const trace = publicTraces('azure');
describe.skipIf(trace.length === 0)('the public code trace (skipped where ../shared/traces is absent)', () => {
  test('8,819 requests', () => {
    const source = createSource(azureTrace, {}, {files: trace});
    expect(sessionsOf(source)).toHaveLength(8819);
    expect(source.traces[0].requests).toBe(8819);
  });
});
