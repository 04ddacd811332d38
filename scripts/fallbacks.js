/**
 * npm run check:fallbacks: the tests of real devices where less is allowed: io_uring forbidden as container runtimes do (EPERM, ENOSYS), no addon as after an
 * install without a compiler, and an ordinary user. Each runs in a copy of this checkout. Linux; a seccomp filter needs a C compiler, an ordinary user root.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {stripVTControlCharacters} from 'node:util';

const NOBODY = '65534';
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const tests = ['test/runtime', 'test/cli/device.test.ts'];
const wrapper = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-')), 'without-uring');
execFileSync('cc', ['-o', wrapper, path.join(root, 'test/runtime/withoutUring.c')]);

const modes = [
  {name: 'io_uring forbidden (EPERM)', prefix: [wrapper, '1']},
  {name: 'io_uring not there (ENOSYS)', prefix: [wrapper, '38']},
  {name: 'no addon', prefix: [], withoutAddon: true},
  {name: 'an ordinary user', prefix: ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'], owner: NOBODY},
];

/** The files that git knows, what is built, and this checkout's packages. */
function copyTo(directory, {withoutAddon = false, owner}) {
  const files = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'}).split('\0').filter(Boolean);
  for (const file of files) fs.cpSync(path.join(root, file), path.join(directory, file), {recursive: true});
  if (!withoutAddon) fs.cpSync(path.join(root, 'native/build'), path.join(directory, 'native/build'), {recursive: true});
  // a directory of links: the test runner writes into it
  fs.mkdirSync(path.join(directory, 'node_modules'));
  for (const name of fs.readdirSync(path.join(root, 'node_modules')).filter((entry) => !entry.startsWith('.vite')))
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(directory, 'node_modules', name));
  if (owner !== undefined) execFileSync('chown', ['-R', `${owner}:${owner}`, directory]);
}

let failed = 0;
for (const mode of modes) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-'));
  copyTo(directory, mode);
  const [command, ...rest] = [...mode.prefix, process.execPath, path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...tests];
  const env = {...process.env, HOME: directory, CC: mode.withoutAddon ? '/nonexistent/cc' : (process.env['CC'] ?? 'cc')};
  const {status, stdout, stderr} = spawnSync(command, rest, {cwd: directory, env, encoding: 'utf8', maxBuffer: 2 ** 28});
  const counts = /Tests .*/.exec(stripVTControlCharacters(stdout))?.[0] ?? 'no test ran';
  console.log(`${mode.name}: ${status === 0 ? 'green' : 'FAILED'}, ${counts}`);
  if (status !== 0) {
    failed++;
    console.log(stdout.slice(-4000), stderr.slice(-2000));
  }
  fs.rmSync(directory, {recursive: true, force: true});
}
fs.rmSync(path.dirname(wrapper), {recursive: true, force: true});
process.exitCode = failed > 0 ? 1 : 0;
