/** Mounts a drive of the simulator as a file (drive.ts, device.c). Installs nothing: says what is missing. */
import {spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {buildSync} from 'esbuild';
import type {DriveValues} from '../../../src/devices/drive/params.ts';
import {isRoot} from '../support.ts';

/** Real-time priority, where it can be had, so that other work on the machine does not delay answers. */
export const ahead: readonly string[] = spawnSync('chrt', ['-f', '10', 'true']).status === 0 ? ['chrt', '-f', '10'] : [];

export interface FuseDrive {
  readonly file: string;
  /** Unmounts. Null; or, where answers were later than `lateNs` at the 99th percentile, that what was measured is not the model. */
  close(): Promise<string | null>;
}

/** What is missing; null where a drive can be mounted. */
export function withoutFuse(): string | null {
  if (process.platform !== 'linux' || !fs.existsSync('/dev/fuse')) return 'there is no /dev/fuse';
  if (!isRoot) return 'only root may mount';
  if (headers() === undefined) return "Node's headers are not here";
  return spawnSync('cc', ['--version']).status === 0 ? null : 'there is no C compiler';
}

/** Serves `backing` at the pace of the drive of these values; a string: why it cannot be mounted here. */
export async function mountDrive(directory: string, backing: string, values: DriveValues, lateNs: number): Promise<FuseDrive | string> {
  const addon = path.join(directory, 'device.node');
  const program = path.join(directory, 'drive.mjs');
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', `-I${headers()!}`];
  const built = spawnSync('cc', [...flags, '-o', addon, path.join(import.meta.dirname, 'device.c')], {encoding: 'utf8'});
  if (built.status !== 0 || built.stderr !== '') throw new Error(built.stderr);
  buildSync({
    entryPoints: [path.join(import.meta.dirname, 'drive.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const mount = path.join(directory, 'mount');
  fs.mkdirSync(mount, {recursive: true});
  const [command, ...args] = [...ahead, process.execPath, program, addon, mount, backing, JSON.stringify(values)];
  const child = spawn(command!, args, {stdio: ['ignore', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout!})[Symbol.asyncIterator]();
  const line = async (): Promise<string> => ((await lines.next()).value as string | undefined) ?? 'it ended';
  const first = await line();
  if (first !== 'ready') return `mounting over FUSE fails (${first})`;
  return {
    file: path.join(mount, 'drive'),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      for (let i = 0; i < 100 && spawnSync('umount', [mount]).status !== 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
      const last = await line();
      await ended;
      const {answers, p99Ns} = JSON.parse(last.replace(/^late /, '')) as {answers: number; p99Ns: number};
      return p99Ns <= lateNs
        ? null
        : `the machine was too busy: of ${answers} answers one in a hundred was ${Math.round(p99Ns / 1e3)} us late`;
    },
  };
}

function headers(): string | undefined {
  const prefixes = [process.env['npm_config_nodedir'], path.dirname(path.dirname(fs.realpathSync(process.execPath)))];
  return prefixes
    .flatMap((prefix) => (prefix ? [path.join(prefix, 'include/node')] : []))
    .find((directory) => fs.existsSync(path.join(directory, 'node_api.h')));
}
