/** TRACE arguments of the laboratory: found, unpacked, read. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {decompress} from 'fzstd';
import {readTraces, type LabFile, type ReadOptions} from '../lab/formats/formats.ts';
import type {LabTrace} from '../lab/trace.ts';
import {TraceError} from '../workload/ports.ts';
import {findPaths} from './traceFiles.ts';
import {UserError} from './userError.ts';

/** @throws UserError where nothing is found, TraceError where it cannot be read */
export function openLabTraces(patterns: readonly string[], options: ReadOptions): LabTrace[] {
  return patterns.flatMap((pattern) => {
    const paths = findPaths(pattern, '.');
    if (paths.length === 0) throw new UserError(`no trace at ${pattern}: name a file, a directory or a glob`);
    return readTraces(path.basename(path.resolve(pattern)), paths.map(labFile), options);
  });
}

function labFile(file: string): LabFile {
  const name = path.basename(file);
  let unpacked: Uint8Array | null = null;
  const bytes = (): Uint8Array => (unpacked ??= unpack(file, name));
  return {
    name,
    bytes,
    text() {
      const all = bytes();
      unpacked = null; // text is read once
      return Buffer.from(all.buffer, all.byteOffset, all.byteLength).toString('utf8');
    },
  };
}

const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** By what the file begins with, not by what it is called. */
function unpack(file: string, name: string): Uint8Array {
  const raw = fs.readFileSync(file);
  const isGzip = raw[0] === 0x1f && raw[1] === 0x8b;
  const isZstd = ZSTD_MAGIC.every((byte, i) => raw[i] === byte);
  const said = path.extname(file) === '.gz' ? isGzip : path.extname(file) === '.zst' ? isZstd : true;
  if (!said) throw new TraceError(name, 1, `expected a ${path.extname(file)} archive, found other content`);
  if (!isGzip && !isZstd) return raw;
  try {
    return isGzip ? zlib.gunzipSync(raw) : decompress(raw);
  } catch (error) {
    throw new TraceError(name, 1, `the archive cannot be unpacked (${(error as Error).message}): it is truncated or damaged`);
  }
}
