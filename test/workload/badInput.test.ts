/** What a trace reader says of bad input: one error that names file, line and field, what was expected and what was found. Nothing is coerced. */
import {describe, expect, test} from 'vitest';
import {agentTrace} from '../../src/workload/agentTrace.ts';
import {azureTrace} from '../../src/workload/azureTrace.ts';
import {mooncakeTrace} from '../../src/workload/mooncakeTrace.ts';
import {TraceError} from '../../src/workload/ports.ts';
import {createSource, memoryFile, sessionsOf} from './support.ts';

function messageOf(kind: Parameters<typeof createSource>[0], text: string, blockTokens = 16): string {
  try {
    sessionsOf(createSource(kind, {}, {blockTokens, files: [memoryFile('bad', text)]}));
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
  return 'accepted';
}

const tooLate = 9_007_199_255; // milliseconds: 2^53 ns is less

describe('Mooncake', () => {
  const good = '{"timestamp": 0, "input_length": 600, "output_length": 10, "hash_ids": [0, 1]}\n';
  test.each([
    ['no request', '', 'bad:1: expected at least one request, found none'],
    ['only empty lines', '\n\n', 'bad:1: expected at least one request, found none'],
    ['a line cut short', `${good}{"timestamp": 0, "inp`, /^bad:2: expected JSON, found /],
    ['a line that is not JSON', `${good}timestamp,input\n`, /^bad:2: expected JSON, found .*oken/],
    ['NaN, which is not JSON', good.replace('600', 'NaN'), /^bad:1: expected JSON, found /],
    ['a list', '[1]\n', 'bad:1: record: expected an object, found an array'],
    [
      'a missing field',
      '{"timestamp": 0, "output_length": 1, "hash_ids": []}',
      'bad:1: input_length: expected an integer of at least 1, found nothing',
    ],
    ['text for a number', good.replace('600', '"600"'), 'bad:1: input_length: expected an integer of at least 1, found "600"'],
    ['a fraction', good.replace('600', '600.5'), 'bad:1: input_length: expected an integer of at least 1, found 600.5'],
    ['an empty prompt', good.replace('600', '0'), 'bad:1: input_length: expected an integer of at least 1, found 0'],
    ['more than a float64 counts', good.replace('10', '1e300'), 'bad:1: output_length: expected an integer of at least 0, found 1e+300'],
    ['a negative output', good.replace('10', '-1'), 'bad:1: output_length: expected an integer of at least 0, found -1'],
    ['a negative time', good.replace('0,', '-3,'), /^bad:1: timestamp: expected a number in 0 \.\. \d+, found -3$/],
    ['an infinite time', good.replace('0,', '1e999,'), /^bad:1: timestamp: expected a number in 0 \.\. \d+, found Infinity$/],
    ['no ids', good.replace('[0, 1]', 'null'), 'bad:1: hash_ids: expected an array, found null'],
    ['too many ids', good.replace('1]', '1, 2]'), 'bad:1: hash_ids: expected at most 2 ids (one a block of 512 of 600 tokens), found 3'],
    ['a negative id', good.replace('1]', '-1]'), 'bad:1: hash_ids[1]: expected an integer in 0 .. 67108863, found -1'],
    ['an id out of range', good.replace('1]', '67108864]'), 'bad:1: hash_ids[1]: expected an integer in 0 .. 67108863, found 67108864'],
    ['an id of text', good.replace('1]', '"1"]'), 'bad:1: hash_ids[1]: expected an integer in 0 .. 67108863, found "1"'],
    [
      'an id with two histories',
      good + good.replace('0, 1]', '2, 1]'),
      'bad:2: hash_ids[1]: expected id 1 after 0 as before (an id names its whole prefix), found it after 2',
    ],
    [
      'a time that goes back',
      good.replace('0,', '2500,') + good,
      "bad:2: expected a time not before the line before's, found one 2.5 s earlier",
    ],
    [
      'a time past the clock',
      good + good.replace('0,', `${tooLate},`),
      /^bad:2: expected a time within 104 days of the first, found one 104\.\d+ days later$/,
    ],
  ])('%s', (_title, text, message) => {
    expect(messageOf(mooncakeTrace, text)).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  test('a block size that neither divides nor is divided', () => {
    expect(messageOf(mooncakeTrace, good, 48)).toBe(
      "bad:1: block_size: expected a divisor or a multiple of the scenario's kv.blockTokens, 48, found 512",
    );
  });

  test('two files, or none', () => {
    const files = [memoryFile('a', good), memoryFile('b', good)];
    expect(() => createSource(mooncakeTrace, {}, {files})).toThrow('b:1: expected one trace file, found 2: name one in path');
    expect(() => createSource(mooncakeTrace, {}, {files: []})).toThrow('expected a trace file, found none');
  });
});

describe('Azure', () => {
  const header = 'TIMESTAMP,ContextTokens,GeneratedTokens\n';
  const good = `${header}2023-11-16 18:17:03.97,10,1\n`;
  test.each([
    ['nothing', '', 'bad:1: expected the header TIMESTAMP,ContextTokens,GeneratedTokens, found nothing'],
    ['another header', `time,in,out\n1,2,3\n`, 'bad:1: expected the header TIMESTAMP,ContextTokens,GeneratedTokens, found time,in,out'],
    ['a header alone', header, 'bad:1: expected at least one request, found none'],
    ['a row cut short', `${good}2023-11-16 18:17:04`, 'bad:3: expected 3 cells, found 1'],
    ['a cell too many', `${good}2023-11-16 18:17:04,1,2,3`, 'bad:3: expected 3 cells, found 4'],
    ['no time', `${header}soon,1,1`, 'bad:2: TIMESTAMP: expected a time such as 2023-11-16 18:17:03.9799600, found "soon"'],
    ['a day that is none', `${header}2023-02-30 00:00:00,1,1`, /^bad:2: TIMESTAMP: expected a time such as /],
    ['an hour that is none', `${header}2023-02-03 25:00:00,1,1`, /^bad:2: TIMESTAMP: expected a time such as /],
    ['an empty prompt', `${header}2023-11-16 18:17:03,0,1`, 'bad:2: ContextTokens: expected an integer of at least 1, found "0"'],
    ['a negative output', `${good}\n2023-11-16 18:17:04,5,-1`, 'bad:4: GeneratedTokens: expected an integer of at least 0, found "-1"'],
    ['NaN', `${header}2023-11-16 18:17:03,NaN,1`, 'bad:2: ContextTokens: expected an integer of at least 1, found "NaN"'],
    ['an empty cell', `${header}2023-11-16 18:17:03,,1`, 'bad:2: ContextTokens: expected an integer of at least 1, found ""'],
    [
      'a time that goes back',
      `${good}2023-11-16 18:17:03.47,5,1`,
      "bad:3: expected a time not before the line before's, found one 0.5 s earlier",
    ],
  ])('%s', (_title, text, message) => {
    expect(messageOf(azureTrace, text)).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });
});

describe('agentic', () => {
  const request = (more: object = {}): object => ({t: 0, type: 'n', in: 9, out: 1, hash_ids: [1, 2], ...more});
  const file = (more: object = {}, ...requests: object[]): string =>
    JSON.stringify({id: 'a', block_size: 4, tool_tokens: 0, system_tokens: 0, requests, ...more}, null, 1);
  const withRequest = (more: object): string => file({}, request(), request(more));
  // A second request's own lines: 6 lines of the file and 10 of the first request come before its brace at line 17.
  test.each([
    ['nothing', '', 'bad:1: expected JSON, found its end too early'],
    ['a file cut short', file({}, request()).slice(0, -8), /^bad:\d+: expected JSON, found /],
    ['a list', '[]', 'bad:1: record: expected an object, found an array'],
    ['no requests', file(), 'bad:6: requests: expected at least one request, found none'],
    ['requests missing', file({requests: undefined}, request()), 'bad:1: requests: expected an array, found nothing'],
    ['no name', file({id: 7}, request()), 'bad:2: id: expected a text, found 7'],
    ['no block size', file({block_size: 0}, request()), 'bad:3: block_size: expected an integer of at least 1, found 0'],
    ['ids of another scope', file({hash_id_scope: 'global'}, request()), /^bad:\d+: hash_id_scope: expected "local", found "global"$/],
    ['negative tool tokens', file({tool_tokens: -1}, request()), 'bad:4: tool_tokens: expected an integer of at least 0, found -1'],
    ['a request that is none', file({}, request(), [1]), 'bad:17: requests[1]: expected an object, found an array'],
    ['an empty prompt', withRequest({in: 0}), 'bad:20: requests[1].in: expected an integer of at least 1, found 0'],
    ['a missing length', withRequest({out: undefined}), 'bad:17: requests[1].out: expected an integer of at least 0, found nothing'],
    ['text for a time', withRequest({t: '1'}), 'bad:18: requests[1].t: expected a number in 0 .. 8640000, found "1"'],
    ['a negative think time', withRequest({think_time: -1}), 'bad:26: requests[1].think_time: expected a number in 0 .. 8640000, found -1'],
    [
      'an endless api time',
      withRequest({api_time: 1e9}),
      'bad:26: requests[1].api_time: expected a number in 0 .. 8640000, found 1000000000',
    ],
    [
      'too few ids',
      withRequest({hash_ids: [1]}),
      'bad:22: requests[1].hash_ids: expected 2 ids (one a full block of 9 tokens) or none, found 1',
    ],
    [
      'a fraction of an id',
      withRequest({hash_ids: [1, 2.5]}),
      'bad:24: requests[1].hash_ids[1]: expected an integer in 0 .. 67108863, found 2.5',
    ],
    [
      'an id with two histories',
      withRequest({hash_ids: [2, 1]}),
      'bad:23: requests[1].hash_ids[0]: expected id 2 after 1 as before (an id names its whole prefix), found it at the start of a prompt',
    ],
    [
      'a time that goes back',
      file({}, request({t: 2}), request({t: 1})),
      "bad:18: requests[1].t: expected a time not before the previous entry's, 2, found 1",
    ],
    [
      'a sub-agent without requests',
      withRequest({type: 'subagent', tool_tokens: 0, system_tokens: 0}),
      'bad:17: requests[1].requests: expected an array, found nothing',
    ],
    [
      'a fault in a sub-agent',
      withRequest({type: 'subagent', tool_tokens: 0, system_tokens: 0, requests: [request({in: -4})]}),
      'bad:32: requests[1].requests[0].in: expected an integer of at least 1, found -4',
    ],
  ])('%s', (_title, text, message) => {
    expect(messageOf(agentTrace, text, 4)).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  test('another block size than the files before', () => {
    const files = [memoryFile('a', file({}, request())), memoryFile('b', file({block_size: 8}, request({hash_ids: [1]})))];
    expect(() => sessionsOf(createSource(agentTrace, {}, {blockTokens: 4, files}))).toThrow(
      'b:3: block_size: expected 4, as in the files before, found 8',
    );
  });

  test('no files', () => {
    expect(() => createSource(agentTrace, {path: 'nowhere'}, {files: []})).toThrow('nowhere:1: expected trace files, found none');
  });
});
