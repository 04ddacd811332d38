/**
 * CPU and memory of whole runs, outputs included, and where the time goes. Each row is its own process; medians of 3.
 *   npm run build && npm run bench:pipeline
 * Reads the real traces where ../shared holds them, and says so where it does not.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const part = path.join(root, 'bench/pipeline/parts.mjs');
const traces = path.join(root, '../shared/traces');

const rows = [
  ['default, generated', 'agents-on-one-server.yaml', []],
  ['Mooncake, 16 instances, 512-token blocks', 'mooncake-real-trace.yaml', []],
  ['Mooncake, 16 instances, 16-token blocks', 'mooncake-real-trace.yaml', ['kv.blockTokens=16']],
  [
    'Mooncake, 256 instances, 512-token blocks',
    'mooncake-real-trace.yaml',
    ['servers.count=256', 'instances.prefill.count=128', 'instances.decode.count=128'],
  ],
  ['agentic, 64-token blocks', 'agents-real-trace.yaml', []],
  ['agentic, 16-token blocks', 'agents-real-trace.yaml', ['kv.blockTokens=16']],
  ['generated, 5,000 requests', 'agents-on-one-server.yaml', ['limits.requests=5000']],
  ['generated, 10,000 requests', 'agents-on-one-server.yaml', ['limits.requests=10000']],
  ['generated, 20,000 requests', 'agents-on-one-server.yaml', ['limits.requests=20000']],
];

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const measure = (scenario, sets) =>
  JSON.parse(execFileSync(process.execPath, [part, path.join(root, 'scenarios', scenario), ...sets], {encoding: 'utf8', maxBuffer: 1e8}));

/** The command itself, outputs included. */
function whole(scenario, sets) {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-bench-'));
  const child = spawnSync(
    '/usr/bin/env',
    [
      'bash',
      '-c',
      `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>&1; `,
      process.execPath,
      path.join(root, 'dist/cli/main.js'),
      'run',
      path.join(root, 'scenarios', scenario),
      '--quiet',
      '--out',
      path.join(out, 'run'),
      ...sets.flatMap((set) => ['--set', set]),
    ],
    {encoding: 'utf8'},
  );
  fs.rmSync(out, {recursive: true, force: true});
  const [user, system] = child.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

console.log(
  'run                                          CPU s   us/request   ns/reference   peak MB   parse  placement  engine and serving  outputs   (s)',
);
for (const [name, scenario, sets] of rows) {
  if (scenario.includes('real-trace') && !fs.existsSync(traces)) {
    console.log(`${name.padEnd(44)} skipped: no traces beside the checkout`);
    continue;
  }
  const cpu = median([0, 1, 2].map(() => whole(scenario, sets)));
  const parts = measure(scenario, sets);
  const outputs = Math.max(0, cpu - parts.runSeconds);
  const engine = Math.max(0, parts.runSeconds - parts.parseSeconds - parts.placementSeconds);
  console.log(
    `${name.padEnd(44)} ${cpu.toFixed(2).padStart(6)} ${((cpu / parts.requests) * 1e6).toFixed(0).padStart(12)} ${((cpu / parts.references) * 1e9).toFixed(0).padStart(14)} ${parts.peakMegabytes.toFixed(0).padStart(9)} ${parts.parseSeconds.toFixed(2).padStart(7)} ${parts.placementSeconds.toFixed(2).padStart(10)} ${engine.toFixed(2).padStart(19)} ${outputs.toFixed(2).padStart(8)}`,
  );
}
