/**
 * A million generated requests stream through a run, outputs included, in constant memory: prints the run's resident memory as requests end, and
 * fails where it still grows once the tiers are full. Linux; not in CI: a quarter of an hour of CPU.
 *   npm run check:stream [requests]
 */
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const requests = Number(process.argv[2] ?? 1e6);
/** The default scenario with one drive, which is full after some 20,000 requests: until then every tier still gains blocks. */
const settings = [`limits.requests=${requests}`, 'workload.sessionCount=1000000', 'tiers.nvme.drives=1'];
/** Median resident memory of the last tenth of the requests / that of the second tenth. */
const growthMax = 1.1;

const out = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-stream-'));
const scenario = path.join(root, 'scenarios/agents-on-one-server.yaml');
const flags = ['--quiet', '--out', path.join(out, 'run'), ...settings.flatMap((setting) => ['--set', setting])];
const run = spawn(process.execPath, [path.join(root, 'dist/cli/main.js'), 'run', scenario, ...flags], {stdio: 'inherit'});
const ended = new Promise((resolve) => run.on('exit', resolve));

/** [requests ended, bytes] */
const samples = [];
const counter = lineCounter(() => fs.readdirSync(out, {recursive: true}).find((name) => name.endsWith('requests.csv')));
let shown = 0;
console.log('requests ended   resident MiB   minutes');
const began = Date.now();
while (run.exitCode === null && run.signalCode === null) {
  const done = counter();
  const bytes = residentBytes(run.pid);
  if (done > 0 && bytes > 0) samples.push([done, bytes]);
  if (done >= shown + requests / 20) {
    shown = done;
    console.log(
      `${String(done).padStart(14)}${(bytes / 2 ** 20).toFixed(0).padStart(15)}${((Date.now() - began) / 6e4).toFixed(1).padStart(10)}`,
    );
  }
  await sleep(200);
}
const code = await ended;
fs.rmSync(out, {recursive: true, force: true});
if (code !== 0) process.exit(1);

const early = medianBetween(0.1, 0.2);
const late = medianBetween(0.9, 1);
const peak = samples.reduce((most, [, bytes]) => Math.max(most, bytes), 0);
const isConstant = late <= growthMax * early;
console.log(
  `median of the second tenth ${mib(early)} MiB, of the last ${mib(late)} MiB, x ${(late / early).toFixed(3)} (at most ${growthMax}); peak ${mib(peak)} MiB: ${isConstant ? 'constant' : 'GROWS'}`,
);
process.exitCode = isConstant ? 0 : 1;

function medianBetween(from, to) {
  const inside = samples.filter(([done]) => done >= from * requests && done <= to * requests).map(([, bytes]) => bytes);
  if (inside.length === 0) throw new Error('too few samples: take more requests');
  return inside.sort((a, b) => a - b)[Math.floor(inside.length / 2)];
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(0);
}

/** 0 once the process has gone. */
function residentBytes(pid) {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
    throw error;
  }
}

/** Counts the lines that a file has gained, by reading on where it stopped. */
function lineCounter(find) {
  let file = null;
  let lines = 0;
  const buffer = Buffer.alloc(1 << 20);
  return () => {
    if (file === null) {
      const name = find();
      if (name === undefined) return 0;
      file = fs.openSync(path.join(out, name), 'r');
    }
    for (let size = fs.readSync(file, buffer); size > 0; size = fs.readSync(file, buffer)) {
      for (let index = 0; index < size; index++) if (buffer[index] === 10) lines++;
    }
    return lines;
  };
}
