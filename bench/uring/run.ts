/**
 * npm run bench:uring [-- FILE]: this project's ring against fio's io_uring engine, in pairs on one file and one core, and what JavaScript
 * adds. Three repetitions; medians, ratios. Needs fio. The file (results/bench/uring.tier by default) is made once, 4 GiB of written data.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {randomInt} from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import {warningsFor} from '../../src/runtime/machine.ts';
import {measure} from '../../src/runtime/measure.ts';
import {createFile, MARK_BYTES, openTarget, type Target} from '../../src/runtime/target.ts';
import {fsReads, jsNops, jsReads} from './loops.ts';

const REPEAT = 3;
const SECONDS = 0.5;
const WARM_SECONDS = 0.1;
const FILE_BYTES = 4 * 2 ** 30;
const KIB = 1024;
const sizes = [4 * KIB, 64 * KIB, 512 * KIB, 2048 * KIB];
const depths = [1, 4, 16, 64, 256];
/** Pages that fio needs for its largest cell, and some. Without them both sides use small pages, and how these happen to lie in memory decides. */
const HUGE_PAGES = 280;
/** Everything that is compared runs here. */
const core = os.cpus().length - 1;

export interface Rate {
  readonly iops: number;
  readonly cpuNs: number;
}

const huge = Number(/HugePages_Free:\s*(\d+)/.exec(fs.readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) >= HUGE_PAGES;
const file = process.argv[2] ?? 'results/bench/uring.tier';
if (spawnSync('fio', ['--version']).status !== 0) {
  console.log('bench:uring: fio is not installed (apt-get install fio)');
  process.exit(0);
}
if (!fs.existsSync(file)) createFile(file, FILE_BYTES, 'bench');
execFileSync('taskset', ['-p', '-c', String(core), String(process.pid)]);
const target = openTarget(file, {write: false, purpose: 'bench'});
console.log(
  `${os.release()}, ${os.cpus()[0]!.model}, node ${process.version}, ${execFileSync('fio', ['--version'], {encoding: 'utf8'}).trim()}`,
);
console.log(
  `${file}, core ${core}, ${REPEAT} x ${SECONDS} s a cell, ${huge ? 'huge' : 'small'} pages on all sides, load average ${os.loadavg()[0]!.toFixed(1)}`,
);
for (const warning of warningsFor(target)) console.log(`warning: ${warning}`);
if (!huge)
  console.log(
    `warning: fio has no huge pages to use (sysctl vm.nr_hugepages=${HUGE_PAGES}): ratios at 512k and more compare the luck of two memory maps`,
  );
await againstFio(target);
await costOfJavaScript();
await againstFsRead(target);
await hugePages(target);
target.close();

/** IOPS of the whole loop in C, and of batches from JavaScript, over fio's. */
async function againstFio(target: Target): Promise<void> {
  console.log('\n    size depth   fio kIOPS  native/fio   js/fio   CPU us/IO fio, native, js');
  const native: number[] = [];
  const js: number[] = [];
  for (const size of sizes)
    for (const depth of depths) {
      const runs: [Rate, Rate, Rate][] = [];
      for (let i = 0; i < REPEAT; i++)
        runs.push([
          fio(size, depth),
          await nativeReads(target, size, depth, huge),
          jsReads(target, size, depth, SECONDS, WARM_SECONDS, huge),
        ]);
      const ratios = [1, 2].map((other) => median(runs.map((run) => run[other]!.iops / run[0].iops)));
      const cpu = [0, 1, 2].map((who) => median(runs.map((run) => run[who]!.cpuNs)) / 1e3);
      native.push(ratios[0]!);
      js.push(ratios[1]!);
      const kiops = median(runs.map(([{iops}]) => iops)) / 1e3;
      console.log(
        `${String(size / KIB).padStart(6)}k ${String(depth).padStart(5)} ${kiops.toFixed(2).padStart(11)} ${ratios.map((ratio) => ratio.toFixed(2).padStart(9)).join('')}   ${cpu.map((us) => us.toFixed(1).padStart(8)).join('')}`,
      );
    }
  for (const [name, ratios] of [
    ['native', native],
    ['js', js],
  ] as const)
    console.log(
      `${name}/fio over ${ratios.length} cells: median ${median(ratios).toFixed(3)}, least ${Math.min(...ratios).toFixed(2)}, most ${Math.max(...ratios).toFixed(2)}`,
    );
}

/** Requests that touch no device: the price of the path, per request. */
async function costOfJavaScript(): Promise<void> {
  console.log('\n   batch  native ns   js ns   js adds');
  for (const batch of [1, 4, 16, 64, 256]) {
    const pairs: [number, number][] = [];
    for (let i = 0; i < 2 * REPEAT + 1; i++) {
      const measured = await measure({...load(0, 4096, batch), nop: true, descriptor: 0, endBytes: 1e9});
      pairs.push([1e9 / (measured.requests / measured.seconds), jsNops(batch, SECONDS)]);
    }
    const [native, js] = [0, 1].map((who) => median(pairs.map((pair) => pair[who]!)));
    console.log(
      `${String(batch).padStart(8)} ${native!.toFixed(0).padStart(10)} ${js!.toFixed(0).padStart(7)} ${median(pairs.map(([a, b]) => b - a))
        .toFixed(0)
        .padStart(9)}`,
    );
  }
}

/** What a Node program would otherwise do: fs.read on the same O_DIRECT descriptor, the same aligned buffers. */
async function againstFsRead(target: Target): Promise<void> {
  const runs: [Rate, Rate][] = [];
  for (let i = 0; i < REPEAT; i++)
    runs.push([jsReads(target, 4096, 16, SECONDS, WARM_SECONDS, huge), await fsReads(target, 4096, 16, SECONDS, WARM_SECONDS)]);
  const iops = median(runs.map(([ring, pool]) => ring.iops / pool.iops));
  const cpu = median(runs.map(([ring, pool]) => ring.cpuNs / pool.cpuNs));
  console.log(
    `\n4k, depth 16, against fs.read (libuv's pool of 4, same core): IOPS x ${iops.toFixed(2)}, CPU per read x ${cpu.toFixed(2)}`,
  );
}

async function hugePages(target: Target): Promise<void> {
  for (const size of [64 * KIB, 512 * KIB, 2048 * KIB]) {
    const ratios: number[] = [];
    for (let i = 0; i < REPEAT; i++)
      ratios.push((await nativeReads(target, size, 1, true)).iops / (await nativeReads(target, size, 1, false)).iops);
    console.log(`${size / KIB}k, depth 1: huge pages over small ones, IOPS x ${median(ratios).toFixed(2)}`);
  }
}

async function nativeReads(target: Target, size: number, depth: number, hugePages: boolean): Promise<Rate> {
  const {requests, seconds, cpuNs} = await measure({...load(target.descriptor, size, depth), endBytes: target.bytes, hugePages});
  return {iops: requests / seconds, cpuNs: cpuNs / requests};
}

function load(descriptor: number, sizeBytes: number, depth: number) {
  const loop = {warmSeconds: WARM_SECONDS, seconds: SECONDS, perSecond: null, seed: randomInt(2 ** 47), core};
  return {engine: 'io_uring', descriptor, sizeBytes, startBytes: MARK_BYTES, endBytes: 0, depth, readShare: 1, ...loop} as const;
}

function fio(size: number, depth: number): Rate {
  const out = execFileSync('fio', [
    '--name=reads',
    `--filename=${file}`,
    '--readonly',
    '--rw=randread',
    '--ioengine=io_uring',
    '--direct=1',
    '--fixedbufs',
    '--registerfiles',
    '--thread',
    ...(huge ? ['--iomem=shmhuge'] : []),
    '--norandommap',
    '--randrepeat=0',
    '--time_based',
    `--bs=${size}`,
    `--iodepth=${depth}`,
    `--runtime=${SECONDS * 1e3}ms`,
    `--ramp_time=${WARM_SECONDS * 1e3}ms`,
    `--cpus_allowed=${core}`,
    '--output-format=json',
  ]);
  const text = out.toString();
  const job = (
    JSON.parse(text.slice(text.indexOf('{'))) as {
      jobs: {read: {iops: number; total_ios: number; runtime: number}; usr_cpu: number; sys_cpu: number}[];
    }
  ).jobs[0]!;
  return {iops: job.read.iops, cpuNs: ((job.usr_cpu + job.sys_cpu) / 100 / job.read.iops) * 1e9};
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
