/** `tierscape policies`, in this process: what it prints, and what it says of a wrong line. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import {Command} from 'commander';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {register} from '../../src/cli/policies.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-lab-'));
  fs.writeFileSync(path.join(folder, 'loop.txt'), 'a\nb\nc\n'.repeat(4));
  fs.writeFileSync(path.join(folder, 'cut.txt.gz'), zlib.gzipSync('a text that is long enough to be cut '.repeat(99)).subarray(0, 40));
  fs.writeFileSync(path.join(folder, 'plain.txt.zst'), 'a\nb\n');
  fs.writeFileSync(path.join(folder, 'sized.csv'), 'id,bytes\na,10\nb,20\na,10\nb,20\n');
  const line = (ids: string): string => `{"timestamp": 0, "input_length": 2048, "output_length": 1, "hash_ids": ${ids}}\n`;
  fs.writeFileSync(path.join(folder, 'chat.jsonl'), line('[1, 2]') + line('[1, 3]') + line('[1, 2]'));
});
afterAll(() => fs.rmSync(folder, {recursive: true}));

async function run(file: string, ...args: string[]): Promise<string> {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((text += String(chunk)), true));
  try {
    const program = new Command().exitOverride();
    register(program);
    await program.parseAsync(['node', 'tierscape', 'policies', path.join(folder, file), ...args]);
  } finally {
    spy.mockRestore();
  }
  return text;
}

test('--json: a row for each policy and capacity, by the contract', async () => {
  const rows = JSON.parse(await run('loop.txt', '--policies', 'lru,MRU', '--capacity', '2,100%', '--json')) as {[name: string]: unknown}[];
  const contract = rows.map((row) => [
    row['trace'],
    row['policy'],
    row['capacityBlocks'],
    row['references'],
    row['misses'],
    row['missRatio'],
  ]);
  expect(contract).toEqual([
    ['loop.txt', 'lru', 2, 12, 12, 1],
    ['loop.txt', 'lru', 3, 12, 3, 0.25],
    ['loop.txt', 'mru', 2, 12, 7, 0.583333],
    ['loop.txt', 'mru', 3, 12, 3, 0.25],
  ]);
});

test('an oracle is named with its share of errors, and without any it is Belady', async () => {
  const rows = JSON.parse(
    await run('loop.txt', '--policies', 'belady,oracle:error=0,oracle,oracle:seed=2', '--capacity', '2', '--json'),
  ) as {[name: string]: unknown}[];
  expect(rows.map((row) => row['policy'])).toEqual(['belady', 'oracle:error=0', 'oracle:error=0.2', 'oracle:error=0.2:seed=2']);
  expect(rows[1]!['misses']).toBe(rows[0]!['misses']);
});

test('a table with six digits, and CSV', async () => {
  expect(await run('loop.txt', '--policies', 'lru', '--capacity', '3')).toBe(
    'loop.txt: 12 references\npolicy  capacity  misses  miss ratio  evictions\nlru     3 blocks       3    0.250000          0\n',
  );
  expect((await run('loop.txt', '--policies', 'lru', '--capacity', '3', '--csv')).split('\n')[1]).toBe(
    'loop.txt,lru,3,,12,3,0.250000,,0,,,,,,,,,,,',
  );
});

test('--html: a page with a curve a policy', async () => {
  const file = path.join(folder, 'curves.html');
  await run('loop.txt', '--policies', 'lru,mru,sieve', '--capacity', '1,2,100%', '--html', file);
  const page = fs.readFileSync(file, 'utf8');
  expect([...page.matchAll(/<path class="line s\d"/g)]).toHaveLength(2 * 3);
  expect(page).toContain('Content-Security-Policy');
});

test('sizes are honoured where a capacity is in bytes', async () => {
  const args = ['--columns', 'id=id,size=bytes', '--policies', 'lru', '--json'];
  const [row] = JSON.parse(await run('sized.csv', '--capacity', '25B', ...args)) as {[name: string]: unknown}[];
  expect([row!['capacityBlocks'], row!['capacityBytes'], row!['misses'], row!['byteMissRatio']]).toEqual([null, 25, 4, 1]);
});

test('prefix hits, a block of so many bytes', async () => {
  const [row] = JSON.parse(
    await run('chat.jsonl', '--prefix', '--policies', 'lru', '--capacity', '3MB', '--block-bytes', '1MB', '--json'),
  ) as {
    [name: string]: unknown;
  }[];
  expect([row!['capacityBlocks'], row!['misses'], row!['stranded']]).toEqual([3, 3, 0]);
});

test.each([
  [['loop.txt', '--policies', 'lur'], 'no such policy (did you mean lru?)'],
  [['loop.txt', '--policies', 's3fifo:small=2'], 'small: expected a number from 0 to 1, found 2'],
  [['loop.txt', '--policies', 'oracle:error=2'], 'error: expected a number from 0 to 1, found 2'],
  [['loop.txt', '--policies', 'belady:error=1'], 'belady takes no parameters'],
  [['loop.txt', '--policies', 'lru:x=1'], 'lru takes no parameters'],
  [['loop.txt', '--capacity', '1x'], 'write a share such as 10%'],
  [['loop.txt', '--capacity', '1%'], 'less than one block of loop.txt, which has 3'],
  [['loop.txt', '--capacity', '1GiB'], 'how many bytes has a block of loop.txt?'],
  [['loop.txt', '--prefix'], 'loop.txt has no prompts'],
  [['loop.txt', '--sizes'], 'loop.txt has no sizes'],
  [['cut.txt.gz'], 'cut.txt.gz:1: the archive cannot be unpacked'],
  [['plain.txt.zst'], 'plain.txt.zst:1: expected a .zst archive, found other content'],
  [['none.txt'], 'no trace at'],
])('%j', async ([file, ...args], message) => {
  await expect(run(file!, ...args)).rejects.toThrow(message);
});

test('--bounds: what LRU lacks, and whether a policy or capacity would give it', async () => {
  const lines = async (...args: string[]): Promise<string> =>
    (await run('loop.txt', '--bounds', '--capacity', ...args)).split('\n').slice(-2)[0]!;
  // a b c four times: nine of twelve references can hit.
  expect(await lines('2')).toBe(
    'loop.txt, 2 blocks: hits LRU 0.00 % <= optimum 41.67 % <= relaxed 50.00 % <= endless 75.00 %; bottleneck: policy',
  );
  expect(await lines('1')).toMatch(/LRU 0.00 % <= optimum 0.00 % <= relaxed 25.00 % .*; bottleneck: capacity$/);
  expect(await lines('3')).toMatch(/bottleneck: none$/);
});

test('--prefill: GPU seconds of what is missed, by its place in its prompt', async () => {
  const args = ['--prefix', '--policies', 'lru', '--capacity', '3', '--json'];
  const [row] = JSON.parse(await run('chat.jsonl', ...args, '--prefill', '10,1e9,1e7')) as {gpuSeconds: number}[];
  // Two blocks of ten tokens, then one behind a block that is there: 20 + 0.01 x 400, and 10 + 0.01 x (400 - 100).
  expect(row!.gpuSeconds).toBeCloseTo(20 + 4 + 10 + 3, 9);
  await expect(run('chat.jsonl', '--prefill', '10,x,1', '--prefix')).rejects.toThrow('write tokens a block');
  await expect(run('chat.jsonl', '--prefill', '10,1,1')).rejects.toThrow('say --prefix');
});

test('--interval: a line a window, as a table, as CSV, as JSON and as a picture', async () => {
  const args = ['--policies', 'lru,mru', '--capacity', '2', '--interval', '5'];
  expect((await run('loop.txt', ...args)).split('\n').slice(-6)).toEqual([
    'loop.txt, 2 blocks: miss ratio in windows of 5 requests',
    'from request  references       lru       mru',
    '0                      5  1.000000  0.800000',
    '5                      5  1.000000  0.400000',
    '10                     2  1.000000  0.500000',
    '',
  ]);
  expect((await run('loop.txt', ...args, '--csv')).split('\n').slice(0, 2)).toEqual([
    'trace,policy,capacityBlocks,capacityBytes,fromRequest,references,misses,missRatio,byteMissRatio,merging',
    'loop.txt,lru,2,,0,5,5,1.000000,,',
  ]);
  const [, mru] = JSON.parse(await run('loop.txt', ...args, '--json')) as {windows: object[]}[];
  expect(mru!.windows[2]).toEqual({from: 10, references: 2, misses: 1, missRatio: 0.5, byteMissRatio: null});
  const file = path.join(folder, 'windows.html');
  await run('loop.txt', ...args, '--html', file);
  expect(fs.readFileSync(file, 'utf8')).toContain('Misses over time at 2 blocks');
});

test('--interval of time: where the trace has times', async () => {
  const args = ['--policies', 'lru', '--capacity', '3', '--prefix'];
  expect(await run('chat.jsonl', ...args, '--interval', '60s', '--csv')).toContain('fromSeconds');
  await expect(run('loop.txt', '--interval', '60s')).rejects.toThrow('loop.txt has no times: write a number of requests');
  await expect(run('loop.txt', '--interval', '0')).rejects.toThrow('write a number of requests such as 1000');
});

/** A folder of agentic sessions, one a list of requests' ids. */
function agentic(name: string, sessions: readonly (readonly (readonly number[])[])[]): string {
  fs.mkdirSync(path.join(folder, name), {recursive: true});
  sessions.forEach((requests, i) =>
    fs.writeFileSync(
      path.join(folder, name, `${i}.json`),
      JSON.stringify({
        id: String(i),
        block_size: 64,
        hash_id_scope: 'local',
        tool_tokens: 0,
        system_tokens: 0,
        requests: requests.map((ids, t) => ({t, type: 'n', in: 64 * ids.length, out: 1, hash_ids: ids})),
      }),
    ),
  );
  return name;
}

test('--bootstrap sessions: an interval beside each ratio, the same for the same seed', async () => {
  const name = agentic('sessions', [[[1], [1, 2]], [[1, 2, 3]], [[1], [1], [1], [1]]]);
  const args = ['--policies', 'lru', '--capacity', '100%', '--bootstrap', 'sessions'];
  const [row] = JSON.parse(await run(name, ...args, '--json')) as {[name: string]: number}[];
  // Misses 2 of 3, 3 of 3 and 1 of 4: a draw of the last alone gives a quarter, one of the second alone all.
  expect([row!['missRatio'], row!['missRatioLow'], row!['missRatioHigh']]).toEqual([0.6, 0.25, 1]);
  expect(await run(name, ...args)).toContain('0.250000..1.000000');
  expect(await run(name, ...args, '--csv', '--seed', '2')).toBe(await run(name, ...args, '--csv', '--seed', '2'));
  await expect(run('chat.jsonl', '--bootstrap', 'sessions')).rejects.toThrow('chat.jsonl does not say which session a request is of');
  await expect(run(agentic('one', [[[1]]]), '--bootstrap', 'sessions')).rejects.toThrow('has one session');
  await expect(run('chat.jsonl', '--bootstrap', 'requests')).rejects.toThrow('write sessions');
});

test('--timing: bytes an entry and nanoseconds a reference, and neither where it is not asked for', async () => {
  const args = ['--policies', 'lru,belady', '--capacity', '2'];
  const [lru, belady] = JSON.parse(await run('loop.txt', ...args, '--timing', '--threads', '1', '--json')) as {[name: string]: unknown}[];
  expect([lru!['bytesPerEntry'], belady!['bytesPerEntry']]).toEqual([16, null]);
  expect(lru!['nanosecondsPerReference']).toBeGreaterThan(0);
  expect(await run('loop.txt', ...args, '--timing', '--threads', '1')).toMatch(/evictions  bytes\/entry  ns\/reference\n/);
  expect(await run('loop.txt', ...args)).not.toMatch(/bytes|ns\//);
  const [row] = JSON.parse(await run('loop.txt', ...args, '--json')) as {[name: string]: unknown}[];
  expect([row!['bytesPerEntry'], row!['nanosecondsPerReference']]).toEqual([null, null]);
  await expect(run('loop.txt', ...args, '--timing', '--sample', '0.9')).rejects.toThrow('leave out --sample');
});

test('--sample: estimates, said to be so wherever they stand', async () => {
  fs.writeFileSync(path.join(folder, 'many.txt'), Array.from({length: 4000}, (_, i) => `${(i * i) % 997}\n`).join(''));
  const args = ['--policies', 'lru', '--capacity', '100', '--sample', '10%', '--seed', '2'];
  const [row] = JSON.parse(await run('many.txt', ...args, '--json')) as {[name: string]: unknown}[];
  const sampledReferences = row!['sampledReferences'] as number;
  expect([row!['capacityBlocks'], row!['references'], row!['sampleRate'], row!['sampleUnit']]).toEqual([100, 4000, 0.1, 'blocks']);
  expect(sampledReferences).toBeGreaterThan(100);
  expect(sampledReferences).toBeLessThan(1000);
  const said = `many.txt: 4000 references; all figures are estimates from ${sampledReferences} of them, 10 % of the blocks\n`;
  expect((await run('many.txt', ...args)).split('misses, estimated')[0]).toBe(`${said}policy    capacity  `);
  const [header, line] = (await run('many.txt', ...args, '--csv')).split('\n');
  expect(line!.split(',')[header!.split(',').indexOf('sampleRate')]).toBe('0.1');
  const file = path.join(folder, 'sampled.html');
  await run('many.txt', '--policies', 'lru', '--mrc', '--sample', '0.1', '--html', file);
  expect(fs.readFileSync(file, 'utf8')).toMatch(/aria-label="Misses on many.txt, estimated from 10 %"/);
});

test.each([
  [['chat.jsonl', '--sample', '0.5'], 'a prompt without some of its blocks is another prompt: say --sample-by sessions'],
  [['chat.jsonl', '--prefix', '--sample', '1'], 'chat.jsonl has prompts'],
  [['chat.jsonl', '--sample', '0.5', '--sample-by', 'sessions'], 'chat.jsonl does not say which session'],
  [['loop.txt', '--sample', '2'], 'write a share above 0 and at most 1'],
  [['loop.txt', '--sample', '0.5', '--sample-by', 'users'], 'write blocks or sessions'],
  [['loop.txt', '--sample', '0.000001'], 'none of the blocks of loop.txt is of the sample'],
  [['loop.txt', '--sample', '0.9', '--capacity', '1'], 'less than one block of the sample'],
  [['loop.txt', '--sample', '0.9', '--bounds', '--capacity', '2'], 'leave out --bounds and --interval'],
])('%j is refused', async ([file, ...args], message) => {
  await expect(run(file!, ...args)).rejects.toThrow(message);
});

test('--sample-by sessions: whole sessions, prefixes too', async () => {
  const name = agentic(
    'talks',
    Array.from({length: 40}, (_, i) => [[1], [1, 2], Array.from({length: 3 + (i % 2)}, (__, at) => at + 1)]),
  );
  const args = ['--policies', 'lru,hazard', '--prefix', '--capacity', '50%', '--json'];
  const part = JSON.parse(await run(name, ...args, '--sample', '0.5', '--sample-by', 'sessions')) as {[name: string]: number}[];
  const [lru] = JSON.parse(await run(name, ...args)) as {[name: string]: number}[];
  expect([part[0]!['references'], part[0]!['sampleUnit']]).toEqual([lru!['references'], 'sessions']);
  expect(Math.abs(part[0]!['missRatio']! - lru!['missRatio']!)).toBeLessThan(0.1);
});

test('a policy of the user: beside the others, with its mistakes said', async () => {
  const example = path.resolve(import.meta.dirname, '../../docs/examples/lru-policy.mjs');
  const rows = JSON.parse(await run('loop.txt', '--policies', `lru,${example}`, '--capacity', '2', '--json')) as {
    [name: string]: unknown;
  }[];
  expect(rows.map((row) => [row['policy'], row['misses'], row['evictions']])).toEqual([
    ['lru', 12, 10],
    [example, 12, 10],
  ]);
  const module = (name: string, text: string): string[] => {
    fs.writeFileSync(path.join(folder, name), text);
    return ['--policies', path.join(folder, name), '--capacity', '2'];
  };
  const hooks = 'export function init() {} export function hit() {} export function miss() {} export function evict() { return 9 }';
  await expect(run('loop.txt', ...module('short.mjs', hooks))).rejects.toThrow(/short.mjs: expected exported .* found none called remove/);
  await expect(run('loop.txt', ...module('nine.mjs', `${hooks} export function remove() {}`))).rejects.toThrow('9, which is not resident');
  await expect(run('loop.txt', ...module('broken.mjs', 'export function ('))).rejects.toThrow(/broken.mjs: the module cannot be loaded/);
  await expect(run('loop.txt', '--policies', './none.mjs')).rejects.toThrow('--policies ./none.mjs: no such file');
});
