/** A directory, a file or a glob -> the files of a trace, in order of name, read and unzipped one at a time. */
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {TraceError, type TraceFile} from '../workload/ports.ts';
import {UserError} from './userError.ts';

/** Throws UserError where nothing is found. */
export function findTraceFiles(pattern: string, base: string): TraceFile[] {
  const names = findPaths(pattern, base);
  if (names.length === 0)
    throw new UserError(
      `no trace at ${pattern} (looked for ${path.relative(process.cwd(), path.resolve(base, pattern)) || '.'}); name a file, a directory or a glob: --set workload.path=PATH`,
    );
  return names.map(traceFile);
}

/** Files that a path, a directory or a glob names, in order of name; none where there are none. */
export function findPaths(pattern: string, base: string): string[] {
  const target = path.resolve(base, pattern);
  const stat = fs.statSync(target, {throwIfNoEntry: false});
  if (stat?.isFile()) return [target];
  if (stat?.isDirectory()) return filesIn(target, () => true);
  const name = path.basename(target);
  const directory = path.dirname(target);
  if (!/[*?]/.test(name) || !fs.existsSync(directory)) return [];
  const form = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return filesIn(directory, (file) => form.test(file));
}

function filesIn(directory: string, wanted: (name: string) => boolean): string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => !name.startsWith('.') && wanted(name))
    .sort()
    .map((name) => path.join(directory, name))
    .filter((file) => fs.statSync(file).isFile());
}

function traceFile(file: string): TraceFile {
  const bytes = (): Buffer => fs.readFileSync(file);
  let sha256: string | null = null;
  return {
    name: path.basename(file),
    get sha256(): string {
      return (sha256 ??= createHash('sha256').update(bytes()).digest('hex'));
    },
    text(): string {
      const raw = bytes();
      sha256 ??= createHash('sha256').update(raw).digest('hex');
      return file.endsWith('.gz') ? unzip(raw, file) : raw.toString('utf8');
    },
  };
}

function unzip(raw: Buffer, file: string): string {
  try {
    return zlib.gunzipSync(raw).toString('utf8');
  } catch (error) {
    throw new TraceError(
      path.basename(file),
      1,
      `the archive cannot be unzipped (${(error as Error).message}): it is truncated, or not gzip`,
    );
  }
}
