/** tierscape device ...: real files and drives. */
import type {Command} from 'commander';
import * as bench from './deviceBench.ts';
import * as calibrate from './deviceCalibrate.ts';
import * as prepare from './devicePrepare.ts';
import * as replay from './deviceReplay.ts';

export function register(program: Command): void {
  const device = program.command('device').description('real files and drives, over io_uring');
  for (const command of [prepare, bench, calibrate, replay]) command.register(device);
}
