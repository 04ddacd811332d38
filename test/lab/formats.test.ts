/** What the readers make of files, and what they say of bad ones. */
import {describe, expect, test} from 'vitest';
import {readTraces, type LabFile, type ReadOptions} from '../../src/lab/formats/formats.ts';

const options: ReadOptions = {format: null, columns: {id: 'id', size: null}, together: Infinity, timed: false};

function file(name: string, content: string | Uint8Array): LabFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {name, bytes: () => bytes, text: () => new TextDecoder().decode(bytes)};
}

/** Records of [id, size, next]. */
function oracleGeneral(records: readonly (readonly [bigint, number, bigint])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 * records.length));
  records.forEach(([id, size, next], i) => {
    view.setUint32(24 * i, i, true);
    view.setBigUint64(24 * i + 4, id, true);
    view.setUint32(24 * i + 12, size, true);
    view.setBigInt64(24 * i + 16, next, true);
  });
  return new Uint8Array(view.buffer);
}

const read = (one: LabFile, more: Partial<ReadOptions> = {}): ReturnType<typeof readTraces>[0] =>
  readTraces('trace', [one], {...options, ...more})[0];

describe('oracleGeneral', () => {
  test('is known by its records: ids of 64 bits, sizes; the next access is not believed', () => {
    const trace = read(
      file(
        't.bin',
        oracleGeneral([
          [2n ** 63n, 10, 2n],
          [5n, 20, -1n],
          [2n ** 63n, 30, 2n ** 63n - 1n],
        ]),
      ),
    );
    expect([[...trace.blocks], trace.distinct, [...trace.sizes!]]).toEqual([[0, 1, 0], 2, [10, 20, 30]]);
  });

  test('times are read where they are wanted: nanoseconds since the first record', () => {
    const bytes = oracleGeneral([
      [1n, 1, -1n],
      [2n, 1, -1n],
      [3n, 1, -1n],
    ]);
    expect(read(file('t.bin', bytes)).times).toBe(null);
    expect([...read(file('t.bin', bytes.subarray(24)), {timed: true}).times!]).toEqual([0, 1e9]);
  });

  test('cut off in a record', () => {
    const bytes = oracleGeneral([
      [1n, 1, -1n],
      [2n, 1, -1n],
    ]).subarray(0, 40);
    expect(() => read(file('t.oracleGeneral', bytes))).toThrow('t.oracleGeneral:2: record 2 is cut off: expected 24 bytes, found 16');
  });

  test('a next access in the past: another format', () => {
    const bytes = oracleGeneral([
      [1n, 1, 5n],
      [2n, 1, 1n],
    ]);
    expect(() => read(file('t.oracleGeneral', bytes))).toThrow('t.oracleGeneral:2: record 2: expected a next access after it or -1');
    expect(() => read(file('t.bin', bytes))).toThrow('say what it is with --format');
  });
});

describe('CSV', () => {
  const text = 'time,object,bytes\n1,"a,b",10\n2,c,20\n\n3,"a,b",10\n';
  test('named columns, quoted cells, empty lines', () => {
    const trace = read(file('t.csv', text), {columns: {id: 'object', size: 'bytes'}});
    expect([[...trace.blocks], [...trace.sizes!]]).toEqual([
      [0, 1, 0],
      [10, 20, 10],
    ]);
  });

  test('a column or a cell that is missing, a size that is none', () => {
    expect(() => read(file('t.csv', text))).toThrow('t.csv:1: expected a column named "id", found "time", "object", "bytes"');
    expect(() => read(file('t.csv', 'id,size\n1,x\n'), {columns: {id: 'id', size: 'size'}})).toThrow(
      't.csv:2: column "size": expected bytes, an integer below 2^32, found x',
    );
    expect(() => read(file('t.csv', 'a,id\n1\n'))).toThrow('t.csv:2: expected an id in column "id", found nothing');
  });
});

test('plain text: a key a line', () => {
  expect([...read(file('t.txt', 'x\ny\r\n\nx\n')).blocks]).toEqual([0, 1, 0]);
  expect(() => read(file('t.txt', '\n'))).toThrow('t.txt:1: expected one key a line, found nothing');
});

test('Mooncake: chains of global ids, with the line of a fault', () => {
  const line = (ids: string): string => `{"timestamp": 0, "input_length": 9, "output_length": 1, "hash_ids": ${ids}}\n`;
  const trace = read(file('t.jsonl', line('[7, 8]') + line('[7, 9, 10]')));
  expect([[...trace.blocks], [...trace.requests!], trace.distinct]).toEqual([[0, 1, 0, 2, 3], [0, 2, 5], 4]);
  expect(() => read(file('t.jsonl', line('[1]') + line('[1, -2]')))).toThrow(
    't.jsonl:2: hash_ids[1]: expected an integer of at least 0, found -2',
  );
  expect(() => read(file('t.jsonl', line('[1]') + '{"timestamp"'))).toThrow('t.jsonl:2');
});

describe('agentic sessions', () => {
  const session = (id: string, requests: readonly (readonly [number, readonly number[]])[]): LabFile =>
    file(
      `${id}.json`,
      JSON.stringify({
        id,
        block_size: 64,
        hash_id_scope: 'local',
        tool_tokens: 0,
        system_tokens: 0,
        requests: requests.map(([t, ids]) => ({t, type: 'n', in: 64 * ids.length, out: 1, hash_ids: ids})),
      }),
    );
  const files = [
    session('a', [
      [0, [1]],
      [10, [1, 2]],
    ]),
    session('b', [
      [0, [1]],
      [4, [1, 3]],
    ]),
    session('c', [[0, [5]]]),
  ];
  const merged = (together: number): number[] => [...readTraces('folder', files, {...options, together})[0].blocks];

  test('ids are private to a file; sessions are merged by recorded time', () => {
    expect(merged(Infinity)).toEqual([0, 1, 2, 1, 3, 0, 4]);
    expect([...readTraces('folder', files, options)[0].sessions!]).toEqual([0, 1, 2, 1, 0]);
  });

  test('the next session begins when one ends', () => {
    expect(merged(1)).toEqual([0, 0, 1, 2, 2, 3, 4]);
    expect(merged(2)).toEqual([0, 1, 1, 2, 3, 0, 4]);
  });

  test('how they were merged is said', () => {
    expect(readTraces('folder', files, {...options, together: 2})[0].merging).toBe(
      '3 sessions in order of name, 2 at a time, the next when one ends, recorded times',
    );
  });
});
