/** Miss ratios over time, of the laboratory's rows: as a table, as CSV and as a chart. */
import {stringify} from 'csv-stringify/sync';
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {LabRow, Window, WindowRule} from '../lab/study.ts';
import {rangeChart} from './charts.ts';
import type {Picture} from './frame.ts';
import {aligned, capacityText} from './policies.ts';

/** A line a policy, capacity and window. */
export function windowsCsv(rows: readonly LabRow[], {unit}: WindowRule): string {
  const columns = ['references', 'misses', 'missRatio', 'byteMissRatio'] as const;
  const header = ['trace', 'policy', 'capacityBlocks', 'capacityBytes', unit === 'time' ? 'fromSeconds' : 'fromRequest', ...columns];
  const lines = rows.flatMap((row) =>
    row.windows!.map((window) => [
      row.trace,
      row.policy,
      row.capacityBlocks ?? '',
      row.capacityBytes ?? '',
      window.from,
      window.references,
      window.misses,
      window.missRatio.toFixed(6),
      window.byteMissRatio?.toFixed(6) ?? '',
      row.merging,
    ]),
  );
  return stringify([[...header, 'merging'], ...lines]);
}

/** One table a trace and capacity: a line a window, a column a policy. */
export function* windowsTable(rows: readonly LabRow[], {unit, length}: WindowRule): Generator<string> {
  const rule = unit === 'time' ? formatQuantity(length, 'time') : `${length} requests`;
  for (const alike of byCapacity(rows)) {
    const first = alike[0]!;
    yield `\n${first.trace}, ${capacityText(first)}: ${first.byteMissRatio === null ? 'miss ratio' : 'byte miss ratio'} in windows of ${rule}\n`;
    const header = [unit === 'time' ? 'from second' : 'from request', 'references', ...alike.map(({policy}) => policy)];
    yield* aligned([
      header,
      ...first.windows!.map(({from, references}, i) => [
        String(from),
        String(references),
        ...alike.map((row) => ratioOf(row.windows![i]!).toFixed(6)),
      ]),
    ]);
  }
}

/** One chart a capacity of the rows, which are of one trace. */
export function windowsCharts(rows: readonly LabRow[], {unit}: WindowRule): Picture[] {
  return byCapacity(rows).flatMap((alike) => {
    const series = alike.map(({policy, windows}) => ({
      name: policy,
      points: windows!.map((window) => [window.from, ratioOf(window)] as const),
    }));
    const axis = unit === 'time' ? 'seconds of the trace' : 'requests of the trace';
    const label = (value: number): string => `${shortNumber(100 * value)} %`;
    return rangeChart(`Misses over time at ${capacityText(alike[0]!)}`, axis, [], series, {label, knee: null}) ?? [];
  });
}

function ratioOf({missRatio, byteMissRatio}: Window): number {
  return byteMissRatio ?? missRatio;
}

function byCapacity(rows: readonly LabRow[]): LabRow[][] {
  const groups = new Map<string, LabRow[]>();
  for (const row of rows) {
    const key = `${row.trace}\n${capacityText(row)}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}
