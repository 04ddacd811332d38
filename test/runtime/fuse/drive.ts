/**
 * A drive of the simulator as a file: `drive ADDON DIRECTORY BACKING VALUES`. Requests come over FUSE and go to the model in real time: a command is submitted
 * at the instant it came, and answered at the instant at which the model ends it. VALUES: driveParams as JSON, in the units of src. Says `ready` once
 * DIRECTORY/drive is there, and at its end how late its answers were.
 */
import {createRequire} from 'node:module';
import {Drive, READ, WRITE} from '../../../src/devices/drive/drive.ts';
import {driveModel} from '../../../src/devices/drive/model.ts';
import type {DriveValues} from '../../../src/devices/drive/params.ts';
import {Engine} from '../../../src/engine/engine.ts';
import {HeapQueue} from '../../../src/engine/heapQueue.ts';

interface Device {
  open(directory: string, backing: string): number;
  wait(timeoutNs: number, rows: Float64Array): number;
  reply(unique: number, write: number, offset: number, length: number, errno: number): void;
  now(): number;
}

const ROWS = 512;
const COLUMNS = 5;
const DEPTH = 4096;
const EIO = 5;

const [addon, directory, backing, values] = process.argv.slice(2) as [string, string, string, string];
const device = createRequire(import.meta.url)(addon) as Device;
const queue = new HeapQueue();
const engine = new Engine(queue);
const drive = new Drive(engine, {
  name: 'drive',
  model: driveModel(JSON.parse(values) as DriveValues, 1e9),
  queues: [{depth: DEPTH}],
  ftl: null,
});
const requests: {unique: number; write: number; offset: number; length: number}[] = [];
const free = Array.from({length: DEPTH}, (_, i) => i);
const lateNs: number[] = [];
let start = 0;
const done = engine.on('done', (slot) => {
  const {unique, write, offset, length} = requests[slot]!;
  device.reply(unique, write, offset, length, drive.failed ? EIO : 0);
  lateNs.push(device.now() - start - engine.now);
  free.push(slot);
});

const opened = device.open(directory, backing);
if (opened < 0) {
  process.stdout.write(`errno ${-opened}\n`);
  process.exit(1);
}
process.stdout.write('ready\n');
start = device.now();
const rows = new Float64Array(ROWS * COLUMNS);
for (;;) {
  engine.run(Math.floor(device.now() - start));
  const next = queue.first();
  const count = device.wait(next === Infinity ? -1 : Math.max(0, next - (device.now() - start)), rows);
  if (count < 0) break; // unmounted
  for (let row = 0; row < count; row++) {
    const [unique, write, offset, length, at] = rows.subarray(row * COLUMNS, (row + 1) * COLUMNS) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    engine.run(Math.max(engine.now, Math.floor(at - start)));
    const slot = free.pop()!;
    requests[slot] = {unique, write, offset, length};
    drive.submit(0, write === 1 ? WRITE : READ, offset, Math.max(512, length), done, slot);
  }
}
lateNs.sort((a, b) => a - b);
const late = (share: number): number => lateNs[Math.floor(share * (lateNs.length - 1))] ?? 0;
process.stdout.write(`late ${JSON.stringify({answers: lateNs.length, p50Ns: late(0.5), p99Ns: late(0.99)})}\n`);
