/** A sweep's results: one tidy table, a row a run, a column a parameter or metric; the same as text for a terminal. */
import {stringify} from 'csv-stringify/sync';
import {parquetWriteBuffer} from 'hyparquet-writer';
import type {Summary} from '../metrics/summary.ts';

/** A run as the table takes it: values of the varied paths, in order, and what came out. */
export interface SweepRecord {
  readonly runId: string;
  readonly replication: number;
  readonly values: readonly string[];
  readonly summary: Summary;
}

/** Parts of a summary that are no metric of the run. */
const NOT_METRICS = new Set(['scenario', 'question', 'answer', 'version', 'traces', 'warnings', 'expect', 'byReason', 'ledger', 'missing']);

/** Every number of a summary under its dotted path, in the summary's own order; null where there was nothing to measure. */
export function metricsOf(summary: object): Map<string, number | null> {
  const found = new Map<string, number | null>();
  const walk = (part: object, prefix: string): void => {
    for (const [key, value] of Object.entries(part) as [string, unknown][]) {
      if (NOT_METRICS.has(key) || (prefix === '' && key === 'seed')) continue;
      if (typeof value === 'number' || value === null) found.set(prefix + key, value);
      else if (typeof value === 'object' && !Array.isArray(value)) walk(value, `${prefix}${key}.`);
    }
  };
  walk(summary, '');
  return found;
}

export interface SweepTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Columns: run, seed, replication, digest, the varied paths, and every metric that any run has. */
export function sweepTable(paths: readonly string[], records: readonly SweepRecord[]): SweepTable {
  const metrics = records.map(({summary}) => metricsOf(summary));
  const names = [...new Set(metrics.flatMap((found) => [...found.keys()]))];
  return {
    columns: ['run', 'seed', 'replication', 'digest', ...paths, ...names],
    rows: records.map(({runId, replication, values, summary}, i) => [
      runId,
      summary.seed,
      replication,
      summary.digest,
      ...values,
      ...names.map((name) => metrics[i]!.get(name) ?? null),
    ]),
  };
}

/** The same as Apache Parquet: numbers as doubles, all else as text. */
export function sweepParquet({columns, rows}: SweepTable): Uint8Array {
  const columnData = columns.map((name, column) => {
    const data = rows.map((row) => row[column]!);
    const isNumber = data.every((cell) => cell === null || typeof cell === 'number');
    return {
      name,
      data: isNumber ? data : data.map((cell) => (cell === null ? null : String(cell))),
      type: isNumber ? ('DOUBLE' as const) : ('STRING' as const),
      nullable: true,
    };
  });
  return new Uint8Array(parquetWriteBuffer({columnData}));
}

export function sweepCsv({columns, rows}: SweepTable): string {
  return stringify([[...columns], ...rows.map((row) => [...row])]);
}
