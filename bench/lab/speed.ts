/**
 * npm run bench:policies: millions of requests a second of CPU time, by policy, on a generated Zipf(1.0) trace (10 million requests, a million objects) at 1 and
 * 10 % of the objects, beside a plain C++ LRU that it compiles; a full LRU curve; loading and renumbering; memory. Each policy in a process of its own,
 * median of `rounds=` (5). `requests=` makes the trace shorter, `policies=` names others.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {Stream} from '../../src/base/random.ts';
import {catalogue} from '../../src/catalogue.ts';
import {readOracleGeneral} from '../../src/lab/formats/oracleGeneral.ts';
import {lruCurve} from '../../src/lab/lruCurve.ts';
import {replay} from '../../src/lab/replay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import type {EvictionPolicy, PolicySpace} from '../../src/placement/ports.ts';
import {valuesOf} from '../../src/scenario/values.ts';

const words = new Map(process.argv.slice(2).map((word) => word.split('=') as [string, string]));
const requests = Number(words.get('requests') ?? 10_000_000);
const objects = requests / 10;
const rounds = Number(words.get('rounds') ?? 5);
const policies = (words.get('policies') ?? 'fifo,clock,lru,sieve,s3fifo,arc,twoq,lfu').split(',');
/** Millions of requests a second that are asked for. */
const goals: {readonly [policy: string]: number} = {lru: 35, sieve: 60, s3fifo: 35, arc: 25, twoq: 30};
const folder = path.join(os.tmpdir(), 'tierscape-bench-policies');
const file = path.join(folder, `zipf-${requests}.bin`);
const oracleFile = path.join(folder, `zipf-${requests}.oracleGeneral.bin`);

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** CPU seconds of `work`. */
function timed(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const {user, system} = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Ranks by the inverse of the cumulated 1/k, objects shuffled. */
function makeTrace(): void {
  const stream = new Stream(1, 'bench/zipf');
  const sums = new Float64Array(objects);
  for (let k = 0, sum = 0; k < objects; k++) sums[k] = sum += 1 / (k + 1);
  const names = stream.shuffle(Array.from({length: objects}, (_, k) => k));
  const blocks = new Int32Array(requests);
  for (let i = 0; i < requests; i++) {
    const target = stream.uniform() * sums[objects - 1];
    let low = 0;
    for (let high = objects - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    blocks[i] = names[low];
  }
  fs.mkdirSync(folder, {recursive: true});
  fs.writeFileSync(file, new Uint8Array(blocks.buffer));
  const records = new Uint32Array(requests * 6);
  for (let i = 0; i < requests; i++) records.set([i, blocks[i], 0, 1, 0xffffffff, 0xffffffff], 6 * i);
  fs.writeFileSync(oracleFile, new Uint8Array(records.buffer));
}

const load = (): LabTrace => ({...readOracleGeneral('zipf', fs.readFileSync(oracleFile)), sizes: null});

/** In a process of its own: one policy, at both capacities. */
function measure(name: string): void {
  const trace = load();
  const kind = catalogue.policies.find((one) => one.name === name)!;
  const create = kind.create as (values: object, space: PolicySpace) => EvictionPolicy;
  const results = [0.01, 0.1].map((share) => {
    let misses = 0;
    const seconds = Array.from({length: rounds}, () =>
      timed(() => {
        misses = replay(trace, Math.floor(share * objects), (space) => create(valuesOf(kind.params, {}, undefined, []), space)).misses;
      }),
    );
    return {misses, seconds: median(seconds)};
  });
  console.log(JSON.stringify(results));
}

interface Result {
  readonly misses: number;
  readonly seconds: number;
}

function compiledLru(): Result[] | null {
  const source = path.join(process.cwd(), 'bench/lab/lru.cpp');
  const binary = path.join(folder, 'lru');
  if (spawnSync('c++', ['-O2', '-std=c++17', '-o', binary, source]).status !== 0) return null;
  return [0.01, 0.1].map((share) => {
    const runs = Array.from(
      {length: rounds},
      () => JSON.parse(execFileSync(binary, [file, String(Math.floor(share * objects))], {encoding: 'utf8'})) as Result,
    );
    return {misses: runs[0]!.misses, seconds: median(runs.map(({seconds}) => seconds))};
  });
}

function table(): void {
  if (!fs.existsSync(oracleFile)) makeTrace();
  const plain = compiledLru();
  const rate = ({seconds}: Result): number => requests / seconds / 1e6;
  console.log(`${requests} requests, Zipf(1.0) over ${objects} objects; millions a second of CPU time, median of ${rounds}`);
  if (plain === null) console.log('plain C++ LRU: no C++ compiler');
  else
    console.log(
      `plain C++ LRU: ${plain.map((one) => rate(one).toFixed(1)).join(' at 1 %, ')} at 10 %; misses ${plain.map(({misses}) => misses).join(', ')}`,
    );
  for (const name of policies) {
    const script = fileURLToPath(import.meta.url);
    const results = JSON.parse(
      execFileSync(process.execPath, [script, `measure=${name}`, `requests=${requests}`, `rounds=${rounds}`], {encoding: 'utf8'}),
    ) as Result[];
    const texts = results.map(
      (one, i) => `${rate(one).toFixed(1)}${plain === null ? '' : ` (${(rate(one) / rate(plain[i]!)).toFixed(1)} x plain)`}`,
    );
    const goal = goals[name] === undefined ? '' : `; goal ${goals[name]}`;
    console.log(`${name}: ${texts.join(' at 1 %, ')} at 10 %${goal}; misses ${results.map(({misses}) => misses).join(', ')}`);
  }
  let trace = load();
  const loading = median(Array.from({length: rounds}, () => timed(() => (trace = load()))));
  console.log(`loading and renumbering: ${loading.toFixed(2)} s of CPU; goal 0.6`);
  const curve = median(Array.from({length: Math.min(3, rounds)}, () => timed(() => lruCurve(trace.blocks, trace.distinct))));
  console.log(`full LRU curve: ${curve.toFixed(2)} s of CPU; goal 4`);
}

const only = words.get('measure');
if (only === undefined) table();
else measure(only);
