/** Builds dist with tsc, and says in dist/build.json what it was made of. */
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
fs.rmSync(path.join(root, 'dist'), {recursive: true, force: true});
const {status} = spawnSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.json')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
const sources = createHash('sha256');
for (const file of fs.readdirSync(path.join(root, 'src'), {recursive: true}).map(String).sort())
  if (file.endsWith('.ts')) sources.update(`${file.replaceAll('\\', '/')}\n`).update(fs.readFileSync(path.join(root, 'src', file)));
fs.writeFileSync(path.join(root, 'dist/build.json'), `${JSON.stringify({sha256: sources.digest('hex')})}\n`);
fs.chmodSync(path.join(root, 'dist/cli/main.js'), 0o755);
