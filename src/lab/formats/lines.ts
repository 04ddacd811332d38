/** Traces as lines of text: one key a line, or CSV with named columns. */
import {TraceError} from '../../workload/ports.ts';
import {Names} from '../numbering.ts';
import type {LabTrace} from '../trace.ts';

/** Columns of a CSV, by name; `size` null: every object counts as one. */
export interface CsvColumns {
  readonly id: string;
  readonly size: string | null;
}

/** One key a line, in any text; empty lines are skipped. @throws TraceError where there is no key */
export function readPlain(name: string, text: string): LabTrace {
  const names = new Names();
  const blocks: number[] = [];
  for (const line of text.split('\n')) {
    const key = line.trim();
    if (key !== '') blocks.push(names.numberOf(key));
  }
  if (blocks.length === 0) throw new TraceError(name, 1, 'expected one key a line, found nothing');
  return {
    name,
    merging: '',
    blocks: Int32Array.from(blocks),
    distinct: names.distinct,
    sizes: null,
    requests: null,
    times: null,
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

/** A header of column names, then a reference a line. @throws TraceError where a named column or a cell is missing, or a size is none */
export function readCsv(name: string, text: string, columns: CsvColumns): LabTrace {
  const lines = text.split('\n');
  const header = cellsOf((lines[0] ?? '').trimEnd());
  const idColumn = columnOf(name, header, columns.id);
  const sizeColumn = columns.size === null ? -1 : columnOf(name, header, columns.size);
  const names = new Names();
  const blocks: number[] = [];
  const sizes: number[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i].trimEnd();
    if (line === '') continue;
    const cells = cellsOf(line);
    const id = cells[idColumn];
    if (id === undefined || id === '') throw new TraceError(name, i + 1, `expected an id in column "${columns.id}", found nothing`);
    blocks.push(names.numberOf(id));
    if (sizeColumn >= 0) sizes.push(sizeOf(name, i + 1, columns.size!, cells[sizeColumn]));
  }
  if (blocks.length === 0) throw new TraceError(name, 1, 'expected a line for each reference below the header, found none');
  return {
    name,
    merging: '',
    blocks: Int32Array.from(blocks),
    distinct: names.distinct,
    sizes: sizeColumn < 0 ? null : Uint32Array.from(sizes),
    requests: null,
    times: null,
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

function columnOf(name: string, header: readonly string[], wanted: string): number {
  const column = header.indexOf(wanted);
  if (column < 0)
    throw new TraceError(
      name,
      1,
      `expected a column named "${wanted}", found ${header.map((cell) => `"${cell}"`).join(', ')}: name it with --columns id=NAME,size=NAME`,
    );
  return column;
}

function sizeOf(name: string, line: number, column: string, cell: string | undefined): number {
  const size = Number(cell);
  if (cell === undefined || cell === '' || !Number.isInteger(size) || size < 0 || size > 0xffffffff)
    throw new TraceError(
      name,
      line,
      `column "${column}": expected bytes, an integer below 2^32, found ${cell === undefined || cell === '' ? 'nothing' : cell}`,
    );
  return size;
}

/** Cells of a line; a quoted cell may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) =>
    (match[1]?.replaceAll('""', '"') ?? match[2]!).trim(),
  );
}
