/** report.html of a sweep: a chart a metric over the first axis, a line for each value of the others, the knee marked; the table behind it. */
import {rangeChart, type Series} from './charts.ts';
import {figure} from './frame.ts';
import {escapeHtml, page} from './page.ts';
import {formatMetric, type SweepPoint} from './sweepText.ts';

/** What is drawn, kept as sweep.json so that the page can be made again. */
export interface SweepReport {
  readonly question: string;
  readonly paths: readonly string[];
  readonly metrics: readonly string[];
  readonly points: readonly SweepPoint[];
  /** Index of the point at which the first metric bends. */
  readonly knee: number | null;
}

export function sweepHtml({question, paths, metrics, points, knee}: SweepReport): string {
  const charts = metrics.map((metric, m) => {
    const series = seriesOf(points, m);
    const values = [...new Set(points.map((point) => point.values[0]!))];
    const chart = rangeChart(metric, paths[0]!, values, series, {
      label: (value) => formatMetric(metric, value),
      knee: m === 0 && paths.length === 1 ? knee : null,
    });
    return `<section><h2>${escapeHtml(metric)}</h2>${chart === null ? '<p class="note">Nothing to draw.</p>' : figure(chart)}</section>`;
  });
  return page(
    'tierscape sweep',
    `<p class="question">${escapeHtml(question)}</p>${charts.join('')}<section><h2>All points</h2>${table(paths, metrics, points)}</section>`,
  );
}

/** Points grouped by the values of every axis but the first. Values that are no numbers take their place in order. */
function seriesOf(points: readonly SweepPoint[], metric: number): Series[] {
  const places = [...new Set(points.map((point) => point.values[0]!))];
  const numbers = places.map((value) => Number.parseFloat(value));
  const isNumeric = numbers.every((value, i) => !Number.isNaN(value) && unitOf(places[i]!) === unitOf(places[0]!));
  const groups = new Map<string, [number, number][]>();
  for (const {values, cells} of points) {
    const cell = cells[metric];
    if (cell === null || cell === undefined) continue;
    const name = values.slice(1).join(', ');
    const at = isNumeric ? Number.parseFloat(values[0]!) : places.indexOf(values[0]!);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name)!.push([at, cell.mean]);
  }
  return [...groups].map(([name, own]) => ({name, points: own}));
}

function unitOf(value: string): string {
  return value.replace(/^[\d.e+-]+\s*/, '');
}

function table(paths: readonly string[], metrics: readonly string[], points: readonly SweepPoint[]): string {
  const head = [...paths, ...metrics, 'busiest'].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = points.map(({values, cells, bottleneck}) => {
    const shown = cells.map((cell, m) =>
      cell === null ? '-' : formatMetric(metrics[m]!, cell.mean) + (cell.half === null ? '' : ` ±${formatMetric(metrics[m]!, cell.half)}`),
    );
    return `<tr>${[...values, ...shown, bottleneck].map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="All points"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
