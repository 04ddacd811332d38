/**
 * The same digest on other releases of Node: installs the npm package `node` in each version into a temporary directory and runs the
 * default scenario there. Not in CI: 190 MB a version.
 *   npm run check:engines [22 24 ...]
 */
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const command = [path.join(root, 'dist/cli/main.js'), 'run', path.join(root, 'scenarios/agents-on-one-server.yaml'), '--json'];
const digestOn = (node) => {
  const {digest, eventDigest} = JSON.parse(execFileSync(node, command, {encoding: 'utf8', maxBuffer: 1e8}));
  return `${digest} ${eventDigest}`;
};
const here = digestOn(process.execPath);
console.log(`node ${process.versions.node}: ${here}`);
let failed = false;
for (const version of process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-node-'));
  execFileSync('npm', ['install', '--prefix', directory, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const node = path.join(directory, 'node_modules/node/bin/node');
  const there = digestOn(node);
  console.log(`node ${execFileSync(node, ['--version'], {encoding: 'utf8'}).trim().slice(1)}: ${there}${there === here ? '' : ' DIFFERS'}`);
  failed ||= there !== here;
  fs.rmSync(directory, {recursive: true, force: true});
}
process.exitCode = failed ? 1 : 0;
