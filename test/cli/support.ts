/** The built command line, run as a user runs it. */
import {spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const main = path.join(root, 'dist/cli/main.js');
export const agents = path.join(root, 'scenarios/agents-on-one-server.yaml');
/** Small enough for a test: some 60 requests in a tenth of a second. */
export const few = ['--set', 'limits.requests=60'];

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function tierscape(
  args: readonly string[],
  options: {readonly cwd?: string; readonly env?: {readonly [name: string]: string}} = {},
): Ran {
  const {status, stdout, stderr} = spawnSync(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: {...process.env, ...options.env},
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  return {code: status, out: stdout, err: stderr};
}

/** A line of a shell, `tierscape` in it being the built one. */
export function shell(line: string, cwd: string = root): Ran {
  const text = `tierscape() { "${process.execPath}" "${main}" "$@"; }\n${line}`;
  const {status, stdout, stderr} = spawnSync('bash', ['-c', text], {cwd, encoding: 'utf8', maxBuffer: 1e8});
  return {code: status, out: stdout, err: stderr};
}

/** Starts a run, sends it a signal once `ready` says so, and waits for its end. */
export function interrupted(args: readonly string[], signal: NodeJS.Signals, ready: () => boolean): Promise<number | null> {
  const child = spawn(process.execPath, [main, ...args], {cwd: root, stdio: 'ignore'});
  const poll = setInterval(() => ready() && child.kill(signal), 50);
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      clearInterval(poll);
      resolve(code);
    }),
  );
}

export function temporary(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-test-'));
}
