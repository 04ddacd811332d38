/** The laboratory's rows as a table and as CSV. */
import {stringify} from 'csv-stringify/sync';
import {formatQuantity} from '../base/units.ts';
import type {LabRow} from '../lab/study.ts';

const columns = [
  'trace',
  'policy',
  'capacityBlocks',
  'capacityBytes',
  'references',
  'misses',
  'missRatio',
  'byteMissRatio',
  'evictions',
  'insertedBytes',
  'stranded',
  'gpuSeconds',
  'missRatioLow',
  'missRatioHigh',
  'sampleRate',
  'sampleUnit',
  'sampledReferences',
  'bytesPerEntry',
  'nanosecondsPerReference',
  'merging',
] as const;

/** Ratios to six digits; empty where there is no value. */
export function policiesCsv(rows: readonly LabRow[]): string {
  return stringify([[...columns], ...rows.map((row) => columns.map((name) => cell(name, row[name])))]);
}

function cell(name: string, value: string | number | null): string | number {
  if (value === null) return '';
  if (/^(bytes|nanoseconds)Per/.test(name)) return cost(value as number);
  return /Ratio/.test(name) ? ratio(value as number) : value;
}

/** Bytes of an entry, nanoseconds of a reference: more digits say nothing. */
function cost(value: number): string {
  return value.toFixed(1);
}

function ratio(value: number): string {
  return value.toFixed(6);
}

/** Rows of `belady` and `lru` at the same capacity say what would help: a better policy, more capacity, or nothing. */
export type Verdict = 'policy' | 'capacity' | 'none';

/** Hits that LRU lacks to what an endless cache would find below this share of those: nothing is to be won. */
const NOTHING = 0.01;

/** @param distinct blocks of the trace, whose first reference nothing can hit */
export function verdictOf(lru: LabRow, optimum: LabRow, distinct: number): Verdict {
  const most = lru.references - distinct;
  if (lru.misses - distinct <= NOTHING * most) return 'none';
  return lru.misses - optimum.misses > optimum.misses - distinct ? 'policy' : 'capacity';
}

/** A line for each capacity: hit ratios of LRU, of the optimum, of the relaxed one and of an endless cache, and the verdict. */
export function* boundsText(rows: readonly LabRow[], distinctOf: (trace: string) => number): Generator<string> {
  for (const lru of rows.filter((row) => row.policy === 'lru')) {
    const of = (policy: string): LabRow => rows.find((row) => isAlike(row, lru) && row.policy === policy)!;
    const distinct = distinctOf(lru.trace);
    const percent = (misses: number): string => `${(100 * (1 - misses / lru.references)).toFixed(2)} %`;
    const [optimum, relaxed] = [of('belady'), of('belady-bypass')];
    yield `${lru.trace}, ${capacityText(lru)}: hits LRU ${percent(lru.misses)} <= optimum ${percent(optimum.misses)} <= relaxed ${percent(relaxed.misses)} <= endless ${percent(distinct)}; bottleneck: ${verdictOf(lru, optimum, distinct)}\n`;
  }
}

function isAlike(row: LabRow, other: LabRow): boolean {
  return row.trace === other.trace && row.capacityBlocks === other.capacityBlocks && row.capacityBytes === other.capacityBytes;
}

/** One table a trace, a line a policy and capacity; columns that no row fills are left out. */
export function* policiesTable(rows: readonly LabRow[]): Generator<string> {
  let first = true;
  for (const trace of new Set(rows.map((row) => row.trace))) {
    const of = rows.filter((row) => row.trace === trace);
    if (!first) yield '\n';
    first = false;
    yield `${trace}: ${[`${of[0]!.references} references`, ...provenanceOf(of[0]!)].join('; ')}\n`;
    yield* lines(of);
  }
}

/** What every figure of a trace depends on: how it was merged, and of what it is an estimate. */
export function provenanceOf({merging, sampleRate, sampleUnit, sampledReferences}: LabRow): string[] {
  const sample =
    sampleRate === null
      ? []
      : [`all figures are estimates from ${sampledReferences} of them, ${percentOf(sampleRate)} % of the ${sampleUnit}`];
  return [...(merging === '' ? [] : [merging]), ...sample];
}

/** A share in percent, without the digits of binary fractions. */
export function percentOf(share: number): number {
  return Number((100 * share).toPrecision(6));
}

function* lines(rows: readonly LabRow[]): Generator<string> {
  const cells: [string, (row: LabRow) => string | null][] = [
    ['policy', (row) => row.policy],
    ['capacity', capacityText],
    [rows[0]!.sampleRate === null ? 'misses' : 'misses, estimated', (row) => String(row.misses)],
    ['miss ratio', (row) => ratio(row.missRatio)],
    ['95 % interval', (row) => (row.missRatioLow === null ? null : `${ratio(row.missRatioLow)}..${ratio(row.missRatioHigh!)}`)],
    ['byte miss ratio', (row) => (row.byteMissRatio === null ? null : ratio(row.byteMissRatio))],
    ['evictions', (row) => (row.evictions === null ? null : String(row.evictions))],
    ['written', (row) => (row.insertedBytes === null ? null : formatQuantity(row.insertedBytes, 'bytes', 'binary'))],
    ['stranded', (row) => (row.stranded === null ? null : String(row.stranded))],
    ['bytes/entry', (row) => (row.bytesPerEntry === null ? null : cost(row.bytesPerEntry))],
    ['ns/reference', (row) => (row.nanosecondsPerReference === null ? null : cost(row.nanosecondsPerReference))],
    ['GPU seconds', (row) => (row.gpuSeconds === null ? null : row.gpuSeconds.toFixed(1))],
  ];
  const used = cells.filter(([, of]) => rows.some((row) => of(row) !== null));
  yield* aligned([used.map(([name]) => name), ...rows.map((row) => used.map(([, of]) => of(row) ?? '-'))]);
}

export function capacityText({capacityBlocks, capacityBytes}: LabRow): string {
  return capacityBlocks === null ? formatQuantity(capacityBytes!, 'bytes', 'binary') : `${capacityBlocks} blocks`;
}

/** Lines of cells, the first of them to the left. */
export function* aligned(texts: readonly (readonly string[])[]): Generator<string> {
  const widths = texts[0]!.map((_, i) => Math.max(...texts.map((line) => line[i]!.length)));
  for (const line of texts) yield `${line.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ')}\n`;
}
