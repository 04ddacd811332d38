/** tierscape device ..., as a user runs it: from dist. */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {parse} from 'yaml';
import {scratch} from '../runtime/support.ts';

const root = path.resolve(import.meta.dirname, '../..');
const main = path.join(root, 'dist/cli/main.js');
const built = fs.existsSync(main);
const directory = scratch();
const tierscape = (...args: string[]) => spawnSync(process.execPath, [main, ...args], {encoding: 'utf8', cwd: directory});

const scenario = `
version: 1
name: real
question: Does it run on a real file?
seed: 1
model: {preset: qwen3-8b}
kv: {blockTokens: 16, slab: 64 MiB}
servers: {preset: dgx-h100, count: 1}
instances: {mixed: {count: 1, gpus: 1}}
serving: {batchedTokensMax: 8192, requestsMax: 64, overlength: truncate}
tiers:
  hbm: {kind: hbm, capacity: 1 GB, policy: lru}
  dram: {kind: dram, capacity: 100 MB, policy: lru, write: back}
  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, drives: 1, policy: lru, write: back}
placement: {reload: always}
workload:
  kind: agentSessions
  sessions: {start: poisson 0.2 /s, keep: 4}
limits: {requests: 12}
`;

test.skipIf(!built)('prepare makes what bench may write to; bench prints its points and writes them', () => {
  expect(tierscape('device', 'prepare', 'bench.tier', '--size', '16MiB')).toMatchObject({
    status: 0,
    stdout: 'bench.tier: made, 16 MiB, for bench\n',
  });
  const quick = ['--sizes', '4k', '--depths', '1,8', '--seconds', '100ms', '--warm', '10ms', '--repeat', '1'];
  const ran = tierscape(
    'device',
    'bench',
    'bench.tier',
    ...quick,
    '--reads',
    '100,50',
    '--write',
    '--csv',
    'points.csv',
    '--out',
    'bench.json',
    '--svg',
    'bench.svg',
  );
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/engine (io_uring|native-pool|fs) \(/);
  expect(fs.readFileSync(path.join(directory, 'points.csv'), 'utf8').trim().split('\n')).toHaveLength(5);
  for (const picture of ['bench-100.svg', 'bench-50.svg']) {
    const svg = fs.readFileSync(path.join(directory, picture), 'utf8');
    expect(svg).toMatch(/^<svg .*bench\.tier.*queue depth.*<\/svg>\n$/s);
    expect(svg).not.toContain('NaN');
  }
  const result = JSON.parse(fs.readFileSync(path.join(directory, 'bench.json'), 'utf8')) as {points: {depth: number; readShare: number}[]};
  expect(result.points.map(({depth, readShare}) => [depth, readShare])).toEqual([
    [1, 1],
    [8, 1],
    [1, 0.5],
    [8, 0.5],
  ]);
});

test.skipIf(!built)('calibrate writes what a scenario names at once, and explain tells', () => {
  tierscape('device', 'prepare', 'calibrated.tier', '--size', '16MiB');
  const quick = [
    '--sizes',
    '4k,16k',
    '--depths',
    '1,2,4',
    '--seconds',
    '50ms',
    '--warm',
    '10ms',
    '--repeat',
    '1',
    '--refits',
    '1',
    '--write',
  ];
  const ran = tierscape('device', 'calibrate', 'calibrated.tier', ...quick, '--out', 'drive.yaml');
  expect([ran.status, ran.stderr]).toEqual([0, expect.stringMatching(/held out {2}2 points, off by a median of mean .* %/)]);
  const file = parse(fs.readFileSync(path.join(directory, 'drive.yaml'), 'utf8')) as {[key: string]: unknown};
  expect(Object.keys(file)).toEqual(expect.arrayContaining(['date', 'device', 'settings', 'parameters', 'confidence', 'errors', 'points']));
  expect(file).toMatchObject({calibration: 1, kind: 'nvme', parameters: {driveBytes: '16 MiB', writeLatency: expect.any(String)}});
  const calibrated = scenario.replace('preset: samsung-pm9a3-3.84tb', 'calibration: drive.yaml');
  fs.writeFileSync(path.join(directory, 'calibrated.yaml'), calibrated);
  expect(tierscape('validate', 'calibrated.yaml')).toMatchObject({status: 0, stderr: ''});
  expect(tierscape('run', 'calibrated.yaml', '--json')).toMatchObject({status: 0, stderr: ''});
  expect(tierscape('explain', 'drive.yaml').stdout).toMatch(/readLatency +\S+ us +\S+ us to \S+ us/);
  expect(tierscape('explain', 'tiers.nvme.calibration').stdout).toContain('tierscape device calibrate');
});

test.skipIf(!built)("somebody else's file is never written to: exit 2, and why", () => {
  fs.writeFileSync(path.join(directory, 'theirs'), Buffer.alloc(65536, 7));
  const ran = tierscape('device', 'bench', 'theirs', '--reads', '0', '--write');
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain('theirs was not made by tierscape: it is not written to');
  expect(tierscape('device', 'bench', 'theirs', '--reads', '0').stderr).toContain('say --write');
  expect(tierscape('device', 'prepare', 'theirs', '--size', '1MiB').stderr).toContain('there already');
  expect(fs.readFileSync(path.join(directory, 'theirs'))).toEqual(Buffer.alloc(65536, 7));
});

test.skipIf(!built)('mistakes are said in words: exit 2', () => {
  for (const [args, words] of [
    [['bench', 'none'], 'no such file or device'],
    [['bench', 'theirs', '--sizes', '4q'], 'write a size'],
    [['bench', 'theirs', '--depths', '0'], 'whole numbers from 1 to 4096'],
    [['bench', 'theirs', '--engine', 'magic'], 'write auto, io_uring, native-pool or fs'],
    [['calibrate', 'none'], 'no such file or device'],
    [['calibrate', 'theirs', '--depths', '1,4'], 'three depths or more'],
    [['calibrate', 'theirs', '--sizes', '4k'], 'two sizes or more'],
    [['calibrate', 'theirs', '--write'], 'theirs was not made by tierscape: it is not written to'],
  ] as const) {
    const ran = tierscape('device', ...args);
    expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining(words)]);
  }
});

test.skipIf(!built)('replay runs a scenario on a real file, stands the simulated one beside it, and its journal replays', () => {
  fs.writeFileSync(path.join(directory, 'real.yaml'), scenario);
  expect(tierscape('device', 'prepare', 'store.tier', '--size', '512MiB', '--for', 'store').status).toBe(0);
  const ran = tierscape('device', 'replay', 'real.yaml', '--tier', 'nvme=store.tier', '--out', 'out');
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
  expect(ran.stdout).toMatch(/real\s+simulated\s+apart/);
  expect(ran.stdout).toMatch(/furthest apart: .+ where the simulation says|nowhere are they apart/);
  expect(ran.stdout).toMatch(/blocks reached a GPU right, 0 wrong/);
  expect(ran.stdout).toContain('faults: none');
  expect(tierscape('replay', 'out')).toMatchObject({status: 0, stdout: expect.stringContaining('the same commands')});
  expect(tierscape('device', 'replay', 'real.yaml', '--tier', 'flash=store.tier').stderr).toContain('the scenario has hbm, dram, nvme');
});

test.skipIf(!built)('the example of the library runs as it stands', () => {
  const ran = spawnSync(process.execPath, [path.join(root, 'docs/examples/tiered-store.mjs'), path.join(directory, 'kv.tier')], {
    encoding: 'utf8',
  });
  expect(ran.stderr).toBe('');
  expect(ran.stdout).toContain('conversation 11, turn 4: 24 of 32 blocks found');
  expect(ran.stdout).toMatch(/[1-9]\d* blocks came back right, 0 wrong; [1-9]\d* reads/);
});
