/** Miss-ratio curves of the laboratory as a page: a chart a trace, a line a policy; the table behind it. */
import {formatQuantity, wholeNumber} from '../base/units.ts';
import type {LabRow, WindowRule} from '../lab/study.ts';
import {ratioChart, type Series} from './charts.ts';
import {figure} from './frame.ts';
import {escapeHtml, page} from './page.ts';
import {percentOf, provenanceOf} from './policies.ts';
import {dataTable} from './tables.ts';
import {windowsCharts} from './windows.ts';

/** @param windows how the rows' windows were cut; null: they have none */
export function policiesHtml(rows: readonly LabRow[], windows: WindowRule | null): string {
  const traces = [...new Set(rows.map(({trace}) => trace))];
  return page(
    'tierscape policies',
    traces
      .map((trace) =>
        section(
          trace,
          rows.filter((row) => row.trace === trace),
          windows,
        ),
      )
      .join(''),
  );
}

function section(trace: string, rows: readonly LabRow[], windows: WindowRule | null): string {
  const inBytes = rows.every(({capacityBlocks}) => capacityBlocks === null);
  const size = (value: number): string => (inBytes ? formatQuantity(value, 'bytes', 'binary') : `${wholeNumber(value)} blocks`);
  const series = [...new Set(rows.map(({policy}) => policy))].map((policy): Series => ({
    name: policy,
    points: rows
      .filter((row) => row.policy === policy)
      .map((row) => [row.capacityBlocks ?? row.capacityBytes!, row.byteMissRatio ?? row.missRatio]),
  }));
  const {sampleRate} = rows[0]!;
  const title = `Misses on ${trace}${sampleRate === null ? '' : `, estimated from ${percentOf(sampleRate)} %`}`;
  const chart = ratioChart(title, inBytes ? 'capacity in bytes' : 'capacity in blocks', series, size);
  const picture = chart === null ? '<p class="note">One capacity makes no curve: give more, or --mrc.</p>' : figure(chart);
  const overTime =
    windows === null
      ? ''
      : windowsCharts(rows, windows)
          .map((one) => figure(one))
          .join('');
  const table = dataTable(
    ['policy', 'capacity', 'misses', 'miss ratio'],
    rows.map((row) => [row.policy, size(row.capacityBlocks ?? row.capacityBytes!), wholeNumber(row.misses), row.missRatio.toFixed(6)]),
  );
  const note = [`${wholeNumber(rows[0]!.references)} references`, ...provenanceOf(rows[0]!)].join('; ');
  return `<section><h2>${escapeHtml(trace)}</h2><p class="note">${escapeHtml(note)}</p>${picture}${overTime}<details><summary>The figures</summary>${table}</details></section>`;
}
