/** tierscape device prepare PATH: makes the file, or claims the block device, that bench and replay may write to. */
import fs from 'node:fs';
import type {Command} from 'commander';
import {formatQuantity} from '../base/units.ts';
import {claimDevice, createFile, type Purpose} from '../runtime/target.ts';
import {parseBytes} from './deviceOptions.ts';
import {UserError} from './userError.ts';

interface PrepareFlags {
  readonly size?: number;
  readonly for: string;
  readonly erase?: boolean;
}

export function register(device: Command): void {
  device
    .command('prepare')
    .argument('<path>', 'a new file, or a block device')
    .description('make a file of random data, or claim a block device, so that it may be written to')
    .option('--size <size>', 'size of the new file, such as 4GiB', parseBytes)
    .option('--for <purpose>', 'bench or store', 'bench')
    .option('--erase', 'claim a block device although what it holds will be lost')
    .action((path: string, flags: PrepareFlags) => {
      if (flags.for !== 'bench' && flags.for !== 'store') throw new UserError(`--for ${flags.for}: write bench or store`);
      prepare(path, flags.for, flags);
    });
}

function prepare(path: string, purpose: Purpose, {size, erase = false}: PrepareFlags): void {
  const isDevice = fs.statSync(path, {throwIfNoEntry: false})?.isBlockDevice() ?? false;
  if (isDevice) claimDevice(path, purpose, {erase});
  else if (size === undefined) throw new UserError('a new file needs its size: --size 4GiB');
  else createFile(path, size, purpose);
  process.stdout.write(`${path}: ${isDevice ? 'claimed' : `made, ${formatQuantity(size!, 'bytes', 'binary')}`}, for ${purpose}\n`);
}
