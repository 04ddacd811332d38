/** Builds the io_uring addon with the C compiler, where there is one. Without, tierscape simulates all the same: this says so and succeeds. */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const native = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'native');
const target = path.join(native, 'build', 'tierscape.node');

/** node_api.h and uv.h: beside this Node, or where npm's `nodedir` points. */
function findHeaders() {
  const prefixes = [process.env['npm_config_nodedir'], path.dirname(path.dirname(fs.realpathSync(process.execPath)))];
  return prefixes
    .flatMap((prefix) => (prefix ? [path.join(prefix, 'include', 'node'), path.join(prefix, 'src')] : []))
    .find((directory) => fs.existsSync(path.join(directory, 'node_api.h')) && fs.existsSync(path.join(directory, 'uv.h')));
}

/** Why there is no addon; null where there is one. */
function build() {
  fs.rmSync(target, {force: true});
  if (process.platform !== 'linux') return `io_uring is Linux's, this is ${process.platform}`;
  const headers = findHeaders();
  if (headers === undefined) return "Node.js headers (node_api.h, uv.h) are neither beside this Node nor under npm's nodedir";
  const sources = fs
    .readdirSync(native)
    .filter((file) => file.endsWith('.c'))
    .sort()
    .map((file) => path.join(native, file));
  fs.mkdirSync(path.dirname(target), {recursive: true});
  const partial = `${target}.${process.pid}`;
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared', '-pthread', `-I${headers}`];
  const result = spawnSync(process.env['CC'] || 'cc', [...flags, '-o', partial, ...sources, '-lm'], {encoding: 'utf8'});
  if (result.error !== undefined) return `no C compiler (${result.error.code}: ${process.env['CC'] || 'cc'}); set CC or install gcc`;
  if (result.stderr) process.stderr.write(result.stderr);
  if (result.status !== 0) return 'the C compiler reported the errors above';
  fs.renameSync(partial, target);
  return null;
}

const reason = build();
console.log(
  reason === null
    ? 'tierscape: io_uring addon built'
    : `tierscape: simulation only, real devices fall back to fs.read (${reason}); npm run build:native tries again`,
);
