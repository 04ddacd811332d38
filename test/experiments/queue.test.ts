/** A sweep through a real Redis, with a worker that dies and a Redis that dies and comes back: nothing lost, nothing double; and the same on threads and in shards. `npm run check:sweep` makes 200 runs. */
import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const cli = path.join(root, 'dist/cli/main.js');
const RUNS = Number(process.env['SWEEP_RUNS'] ?? 16);
const present = spawnSync('redis-server', ['--version']).status === 0;
const port = 6390 + (process.pid % 500);
const url = `redis://127.0.0.1:${port}`;
const sweep = [
  'sweep',
  path.join(root, 'scenarios/agents-on-one-server.yaml'),
  '--vary',
  'workload.sessions.keep=2,3,4,5',
  '--replications',
  String(RUNS / 4),
  '--set',
  `limits.requests=${RUNS > 16 ? 16 : 60}`,
  '--quiet',
];

describe.skipIf(!present)('a sweep on a queue (skipped without redis-server)', () => {
  let directory: string;
  let redis: ChildProcess;
  const children: ChildProcess[] = [];

  const startRedis = (): ChildProcess =>
    spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--appendonly', 'yes', '--save', ''], {
      stdio: 'ignore',
    });
  const startWorker = (): ChildProcess => {
    const worker = spawn(process.execPath, [cli, 'worker', '--queue', url, '--threads', '1'], {stdio: ['ignore', 'ignore', 'pipe']});
    children.push(worker);
    return worker;
  };
  const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

  beforeAll(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-redis-'));
    redis = startRedis();
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    redis.kill('SIGKILL');
    fs.rmSync(directory, {recursive: true, force: true});
  });

  test('survives a worker killed and Redis killed and restarted, and gives the bytes of a sweep in one process', async () => {
    const workers = [startWorker(), startWorker()];
    let made = 0;
    const firstToMake = Promise.race(
      workers.map((worker) => new Promise<ChildProcess>((resolve) => worker.stderr!.once('data', () => resolve(worker)))),
    );
    for (const worker of workers) worker.stderr!.on('data', (chunk: Buffer) => (made += chunk.toString().trim().split('\n').length));
    const queued = spawn(process.execPath, [cli, ...sweep, '--queue', url, '--out', path.join(directory, 'queued')], {stdio: 'ignore'});
    children.push(queued);
    const queuedEnds = ended(queued);
    (await firstToMake).kill('SIGKILL');
    redis.kill('SIGKILL');
    await ended(redis);
    redis = startRedis();
    expect(await queuedEnds).toBe(0);
    expect(made).toBeGreaterThanOrEqual(RUNS);
    const here = spawnSync(process.execPath, [cli, ...sweep, '--threads', '0', '--out', path.join(directory, 'here')]);
    expect(here.status).toBe(0);
    const read = (name: string): string => fs.readFileSync(path.join(directory, name, 'sweep.csv'), 'utf8');
    expect(read('queued')).toBe(read('here'));
    for (const [name, ...how] of [
      ['threads', '--threads', '2'],
      ...[3, 1, 4, 2].map((k) => ['shards', '--shard', `${k}/4`, '--threads', '0']),
      ['shards', '--threads', '0'],
    ])
      expect(spawnSync(process.execPath, [cli, ...sweep, ...how, '--out', path.join(directory, name!)]).status).toBe(0);
    expect(read('threads')).toBe(read('here'));
    expect(read('shards')).toBe(read('here'));
    expect(read('here').trim().split('\n')).toHaveLength(RUNS + 1);
  }, 900_000);
});
