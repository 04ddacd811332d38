/** Which reader a file needs: as the user says, or as its beginning shows. */
import {TraceError} from '../../workload/ports.ts';
import {isAccesses, readAccesses} from './accesses.ts';
import {readAgenticBlocks, readMooncakeBlocks, type Interleave} from './kvTraces.ts';
import {readCsv, readPlain, type CsvColumns} from './lines.ts';
import {isOracleGeneral, readOracleGeneral} from './oracleGeneral.ts';
import type {LabTrace} from '../trace.ts';

export const formats = ['oracleGeneral', 'csv', 'text', 'mooncake', 'agentic', 'accesses'] as const;
export type Format = (typeof formats)[number];

/** A file already unpacked. */
export interface LabFile {
  readonly name: string;
  bytes(): Uint8Array;
  text(): string;
}

export interface ReadOptions extends Interleave {
  /** null: by the file's beginning. */
  readonly format: Format | null;
  readonly columns: CsvColumns;
  /** Whether the times of single references are wanted, where the format has them: 8 bytes each. */
  readonly timed: boolean;
}

/**
 * Files of one TRACE argument: agentic sessions are one trace together, accesses of a run one a pool, of any other format each file is one.
 * @throws TraceError
 */
export function readTraces(name: string, files: readonly LabFile[], options: ReadOptions): LabTrace[] {
  const format = options.format ?? formatOf(files[0]);
  if (format === 'agentic') return [readAgenticBlocks(name, files, options)];
  return files.flatMap((file) => {
    const own = options.format ?? formatOf(file);
    return own === 'accesses' ? readAccesses(file.name, file.bytes()) : [readOne(file, own, options)];
  });
}

function readOne(file: LabFile, format: Exclude<Format, 'accesses'>, options: ReadOptions): LabTrace {
  if (format === 'oracleGeneral') return readOracleGeneral(file.name, file.bytes(), options.timed);
  if (format === 'csv') return readCsv(file.name, file.text(), options.columns);
  if (format === 'mooncake') return readMooncakeBlocks(file.name, file.text());
  return readPlain(file.name, file.text());
}

const PROBE_BYTES = 4096;

function formatOf(file: LabFile): Format {
  const bytes = file.bytes();
  if (/oracleGeneral/i.test(file.name)) return 'oracleGeneral';
  if (isAccesses(bytes)) return 'accesses';
  const head = bytes.subarray(0, PROBE_BYTES);
  if (head.includes(0)) {
    if (isOracleGeneral(bytes)) return 'oracleGeneral';
    throw new TraceError(file.name, 1, 'binary, but not of oracleGeneral records: say what it is with --format');
  }
  const start = String.fromCharCode(...head).trimStart();
  if (start.startsWith('{'))
    return /^\{[^\n]*"hash_ids"[^\n]*/.test(start) && /"(timestamp|input_length)"/.test(start.slice(0, 200)) ? 'mooncake' : 'agentic';
  return /\.csv\b/i.test(file.name) ? 'csv' : 'text';
}
