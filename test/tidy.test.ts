/** Properties of the source itself: who may import whom, which package is at home where, and what the deterministic folders may not touch. */
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';

/** Row: folder under src. Cells: the only other folders, or files, that it may import. `root` is src/*.ts. */
const mayImport: {readonly [folder: string]: readonly string[]} = {
  base: [],
  engine: ['base'],
  placement: ['base'],
  lab: ['base', 'placement', 'workload'],
  metrics: ['base', 'scenario'],
  scenario: ['base'],
  workload: ['base', 'scenario'],
  devices: ['base', 'scenario', 'engine', 'placement/ports'],
  networks: ['base', 'scenario', 'engine', 'placement/ports'],
  gpus: ['base', 'scenario', 'engine', 'serving/ports'],
  serving: ['base', 'scenario', 'workload/ports', 'placement', 'metrics/records'],
  simulation: ['base', 'scenario', 'workload', 'engine', 'devices', 'networks', 'gpus', 'serving', 'placement', 'metrics'],
  reports: ['base', 'scenario', 'metrics', 'lab/study', 'experiments/regression', 'experiments/claims'],
  experiments: ['base', 'scenario', 'workload/ports', 'engine', 'devices', 'simulation', 'metrics', 'catalogue'],
  runtime: ['base', 'scenario', 'workload', 'serving', 'placement', 'metrics'],
  cli: ['*'],
  root: ['*'],
};

/** Third-party packages, each at home in as few folders as can be. */
const mayUse: {readonly [folder: string]: readonly string[]} = {
  scenario: ['yaml', 'zod', 'fastest-levenshtein'],
  reports: ['d3', 'csv-stringify', 'hyparquet-writer'],
  experiments: ['tinypool', 'bullmq', 'node:'],
  runtime: ['node:'],
  cli: ['commander', 'yaml', 'tinypool', 'fzstd', 'fastest-levenshtein', 'node:'],
};

/** Every other folder is deterministic: no clock, no entropy, no I/O, no second scheduler. */
const impure = new Set(['cli', 'runtime', 'experiments', 'web']);
const banned: readonly RegExp[] = [
  /\bMath\.(random|log|log2|log10|log1p|exp|expm1|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot)\b/,
  /\*\*(?!\s*-?\d)/,
  /\bDate\b(?!\()/,
  /\bperformance\.now\b/,
  /\bprocess\./,
  /\bset(Timeout|Immediate|Interval)\b/,
  /\basync\b|\bawait\b/,
  /\bconsole\./,
];
const linesMax = 500;

const root = path.resolve(import.meta.dirname, '..');
const files = (fs.readdirSync(path.join(root, 'src'), {recursive: true}) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();
const folderOf = (file: string): string => (file.includes('/') ? file.split('/')[0]! : 'root');
const withoutText = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (text) =>
    text.replace(/[^\n]/g, ' '),
  );

/** [specifier, line] of every import and export-from. */
function importsOf(code: string): [string, number][] {
  const bare = code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (text) => text.replace(/[^\n]/g, ' '));
  return [
    ...bare.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/g),
  ].map((match) => [(match[1] ?? match[2] ?? match[3])!, bare.slice(0, match.index + match[0].length).split('\n').length]);
}

test('imports point down to the leaves, and packages stay at home', () => {
  const faults: string[] = [];
  for (const file of files) {
    const from = folderOf(file);
    for (const [specifier, line] of importsOf(fs.readFileSync(path.join(root, 'src', file), 'utf8'))) {
      if (!specifier.startsWith('.')) {
        const home = (mayUse[from] ?? []).some((name) =>
          name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
        );
        if (!home) faults.push(`src/${file}:${line}: ${from} may not use ${specifier}`);
        continue;
      }
      const target = path.posix.join(path.posix.dirname(file), specifier);
      const to = folderOf(target);
      const allowed = mayImport[from] ?? [];
      const fine = from === to || allowed.includes('*') || allowed.includes(to) || allowed.some((name) => `${name}.ts` === target);
      if (!fine) faults.push(`src/${file}:${line}: ${from} may not import ${target}`);
    }
  }
  expect(faults).toEqual([]);
});

test('deterministic folders read no clock, draw no entropy, and use no function whose last bit differs between engines', () => {
  const faults: string[] = [];
  for (const file of files) {
    if (impure.has(folderOf(file))) continue;
    const code = withoutText(fs.readFileSync(path.join(root, 'src', file), 'utf8'));
    for (const word of banned) {
      const at = code.search(word);
      if (at >= 0) faults.push(`src/${file}:${code.slice(0, at).split('\n').length}: ${word.source}`);
    }
  }
  expect(faults).toEqual([]);
});

test('every file is imported by another, but for the doors', () => {
  const doors = new Set(['index.ts', 'cli/main.ts', 'cli/jobThread.ts', 'cli/runThread.ts', 'placement/index.ts', 'runtime/index.ts']);
  const imported = new Set<string>();
  for (const file of files)
    for (const [specifier] of importsOf(fs.readFileSync(path.join(root, 'src', file), 'utf8')))
      if (specifier.startsWith('.')) imported.add(path.posix.join(path.posix.dirname(file), specifier));
  expect(files.filter((file) => !doors.has(file) && !imported.has(file))).toEqual([]);
});

test('native/ has one door', () => {
  expect(files.filter((file) => fs.readFileSync(path.join(root, 'src', file), 'utf8').includes('native/build'))).toEqual([
    'runtime/native.ts',
  ]);
});

test('no file is longer than a reader can hold', () => {
  const long = files
    .map((file) => [file, fs.readFileSync(path.join(root, 'src', file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > linesMax);
  expect(long).toEqual([]);
});
