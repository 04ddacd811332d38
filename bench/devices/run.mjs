/**
 * Simulated I/Os per CPU-second of the drive model, command by command, statistics included: medians of 5 after a warm-up.
 *   npm run bench:devices
 */
import {execFileSync} from 'node:child_process';
import {catalogue} from '../../dist/catalogue.js';
import {driveModel} from '../../dist/devices/drive/model.js';
import {driveParams} from '../../dist/devices/drive/params.js';
import {curve} from '../../dist/experiments/curve.js';
import {valuesOf} from '../../dist/scenario/values.js';

const rows = [
  ['970 PRO, 4 KiB reads, depth 1', 'samsung-970-pro-512gb', {depths: [1]}],
  ['970 PRO, 4 KiB reads, depth 32', 'samsung-970-pro-512gb', {depths: [32]}],
  ['970 PRO, 4 KiB reads, depth 256', 'samsung-970-pro-512gb', {depths: [256]}],
  ['PM1743, 4 KiB reads, depth 256', 'samsung-pm1743-15.36tb', {depths: [256]}],
  ['PM1743, 128 KiB reads, depth 32 (8 pages each)', 'samsung-pm1743-15.36tb', {depths: [32], ioBytes: [131072], commands: 800_000}],
  ['PM1743, 4 KiB, 70 % reads, depth 64', 'samsung-pm1743-15.36tb', {depths: [64], readShare: 0.7}],
  ['PM1743, 4 KiB writes, depth 64', 'samsung-pm1743-15.36tb', {depths: [64], readShare: 0}],
];
const cpuSeconds = (work) => {
  const start = process.cpuUsage();
  work();
  const {user, system} = process.cpuUsage(start);
  return (user + system) / 1e6;
};
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

console.log(`${'drive and load'.padEnd(50)} million I/Os per CPU-second`);
for (const [name, preset, over] of rows) {
  const model = driveModel(
    valuesOf(
      driveParams,
      {},
      catalogue.devices.nvme.find((one) => one.name === preset),
      [],
    ),
    1e9,
  );
  const options = {ioBytes: [4096], readShare: 1, pattern: 'random', commands: 200_000, seed: 1, ...over};
  // Two lengths: their difference is I/Os alone, without the preconditioning of the flash translation layer and the warm-up's own length.
  const longer = {...options, commands: 3 * options.commands};
  const measured = (3 - 1) * options.commands * Math.min(1, model.pageBytes / options.ioBytes[0]);
  curve(model, options);
  const rates = [0, 1, 2, 3, 4].map(
    () => measured / (cpuSeconds(() => curve(model, longer)) - cpuSeconds(() => curve(model, options))) / 1e6,
  );
  console.log(`${name.padEnd(50)} ${median(rates).toFixed(2)}`);
}
execFileSync(process.execPath, ['bench/devices/manyDrives.mjs'], {stdio: 'inherit'});
