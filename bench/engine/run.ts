/**
 * The engine against C++ (std::priority_queue, g++ -O3) and SimPy: the hold model, M/M/1 and M/M/1000, each program a process of its own, in rounds so that
 * every figure of a ratio was taken within seconds of the other. CPU time, medians of five rounds. Says what is missing and leaves it out.
 *   npm run bench:engine
 */
import {execFileSync, spawnSync} from 'node:child_process';
import path from 'node:path';

const source = path.resolve('bench/engine');
const built = path.resolve('results/bench/engine');
const models = path.join(built, 'models.mjs');
const ROUNDS = 5;

type Program = 'heap' | 'ladder' | 'c++' | 'simpy';
/** Model, its size, and events of it for each program. */
const rows: readonly {readonly name: string; readonly words: readonly [string, number]; readonly count: number; readonly simpy: number}[] =
  [
    {name: 'hold, 100 pending', words: ['hold', 100], count: 5e6, simpy: 100000},
    {name: 'hold, 10,000 pending', words: ['hold', 10000], count: 5e6, simpy: 100000},
    {name: 'hold, 1,000,000 pending', words: ['hold', 1000000], count: 3e6, simpy: 0},
    {name: 'M/M/1', words: ['mmc', 1], count: 5e6, simpy: 20000},
    {name: 'M/M/1000', words: ['mmc', 1000], count: 2e6, simpy: 20000},
  ];

/** Ratio of two programs' speeds in one row, and what it should be at least. */
const goals: readonly [row: string, of: Program, to: Program, least: number][] = [
  ['hold, 100 pending', 'heap', 'c++', 0.85],
  ['hold, 10,000 pending', 'heap', 'c++', 0.85],
  ['hold, 10,000 pending', 'ladder', 'c++', 1.8],
  ['hold, 1,000,000 pending', 'ladder', 'c++', 0.7],
  ['M/M/1', 'heap', 'c++', 0.5],
  ['M/M/1', 'heap', 'simpy', 70],
  ['M/M/1000', 'heap', 'c++', 0.55],
  ['M/M/1000', 'ladder', 'c++', 0.9],
  ['M/M/1000', 'heap', 'simpy', 60],
];

const python = ['/usr/bin/python3', 'python3'].find((command) => spawnSync(command, ['-c', 'import simpy']).status === 0);
const compiled =
  spawnSync('g++', ['-O3', '-march=native', path.join(source, 'reference.cpp'), '-o', path.join(built, 'reference')], {stdio: 'inherit'})
    .status === 0;
if (!compiled) console.log('C++ left out: g++ is missing, or did not compile bench/engine/reference.cpp');
if (python === undefined) console.log('SimPy left out: no python3 that imports simpy');

/** CPU nanoseconds an event, and what the model came to; null where the program is missing. */
function measure(program: Program, [model, size]: readonly [string, number], count: number): readonly [number, string] | null {
  const words = [model, ...(program === 'heap' || program === 'ladder' ? [program] : []), String(size), String(count)];
  if (count === 0 || (program === 'c++' && !compiled) || (program === 'simpy' && python === undefined)) return null;
  const [command, ...first] =
    program === 'c++'
      ? [path.join(built, 'reference')]
      : program === 'simpy'
        ? [python!, path.join(source, 'reference.py')]
        : [process.execPath, models];
  const [ns, check] = execFileSync(command!, [...first, ...words], {encoding: 'utf8'})
    .trim()
    .split(' ');
  return [Number(ns), check!];
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const programs: readonly Program[] = ['heap', 'ladder', 'c++', 'simpy'];
const results = new Map<string, {[program in Program]?: number[]}>();

console.log('CPU ns an event (a hold; two a customer)'.padEnd(42) + programs.map((program) => program.padStart(10)).join(''));
for (const {name, words, count, simpy} of rows) {
  const taken: {[program in Program]?: number[]} = {};
  for (let round = 0; round < ROUNDS; round++) {
    const checks = new Set<string>();
    for (const program of programs) {
      const result = measure(program, words, program === 'simpy' ? simpy : count);
      if (result === null) continue;
      (taken[program] ??= []).push(result[0]);
      if (program === 'heap' || program === 'ladder') checks.add(result[1]);
    }
    if (checks.size > 1) throw new Error(`${name}: the queues disagree: ${[...checks].join(', ')}`);
  }
  results.set(name, taken);
  console.log(
    name.padEnd(42) + programs.map((program) => (taken[program] ? median(taken[program]).toFixed(1) : '-').padStart(10)).join(''),
  );
}

console.log('\nspeed, median of five paired ratios'.padEnd(52) + 'ratio      goal');
let missed = 0;
for (const [row, of, to, least] of goals) {
  const {[of]: ours, [to]: theirs} = results.get(row)!;
  if (ours === undefined || theirs === undefined) continue;
  const ratio = median(ours.map((ns, round) => theirs[round]! / ns));
  if (ratio < least) missed++;
  console.log(
    `${row}: ${of} over ${to}`.padEnd(48) +
      `${ratio.toFixed(2).padStart(8)}  >= ${String(least).padEnd(5)} ${ratio < least ? 'missed' : 'met'}`,
  );
}

const collections = execFileSync(process.execPath, ['--trace-gc', models, 'mmc', 'heap', '1', '5000000'], {encoding: 'utf8'});
const old = collections.match(/Mark-Compact/g)?.length ?? 0;
const young = collections.match(/Scavenge/g)?.length ?? 0;
if (old > 0) missed++;
console.log(
  `M/M/1, 10^7 events: old-space collections`.padEnd(48) +
    `${String(old).padStart(8)}  = 0      ${old > 0 ? 'missed' : 'met'} (${young} scavenges)`,
);
console.log(missed === 0 ? '\nall goals met' : `\n${missed} missed`);
