/** Before any test: dist is made of what src holds now. Once for all files, so that none builds under another. */
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export default function build(): void {
  const sources = createHash('sha256');
  for (const file of fs.readdirSync(path.join(root, 'src'), {recursive: true}).map(String).sort())
    if (file.endsWith('.ts')) sources.update(`${file.replaceAll('\\', '/')}\n`).update(fs.readFileSync(path.join(root, 'src', file)));
  const made = path.join(root, 'dist/build.json');
  const known = fs.existsSync(made) ? (JSON.parse(fs.readFileSync(made, 'utf8')) as {readonly sha256: string}).sha256 : '';
  if (known !== sources.digest('hex')) execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], {stdio: 'inherit'});
}
