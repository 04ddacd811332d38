/** What a run would be without each resource's limit, and with each uncertain parameter a little off: as text, JSON and a page. */
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {Dimension} from '../base/params.ts';
import {escapeHtml, page} from './page.ts';
import {formatMetric} from './sweepText.ts';
import {align, type Paint} from './table.ts';

export type Figures = {readonly [metric: string]: number | null};

/** A run with something changed. */
export interface Changed {
  readonly set: readonly string[];
  readonly figures: Figures;
  /** Metrics whose change from the base is within the noise of its replications. */
  readonly noise: readonly string[];
}

export interface Knockout extends Changed {
  readonly resource: string;
}

export interface Sensitivity {
  readonly path: string;
  /** In the unit used inside src; null: a plain number. */
  readonly value: number;
  readonly dimension: Dimension | null;
  readonly confidence: string;
  readonly source: string;
  readonly low: Changed | null;
  readonly high: Changed | null;
}

export interface WhatIf {
  readonly base: Figures;
  /** Runs that each figure is the mean of. */
  readonly replications: number;
  readonly knockout: readonly Knockout[] | null;
  /** `share`: how far each parameter was moved. */
  readonly sensitivity: {readonly share: number; readonly parameters: readonly Sensitivity[]} | null;
}

/** What is shown; rows are ordered by the first. */
export const METRICS = ['ttft.p99', 'ttft.mean', 'e2e.mean', 'goodput.share'] as const;
const [FIRST] = METRICS;
/** Parameters shown at most. */
const ROWS_MAX = 20;

export function whatIfText({base, replications, knockout, sensitivity}: WhatIf, paint: Paint): string {
  return [
    ...(knockout === null ? [] : [knockoutText(base, knockout, paint)]),
    ...(sensitivity === null ? [] : [sensitivityText(base, sensitivity, paint)]),
    replications > 1
      ? paint.dim(`means of ${replications} runs each, on the same arrivals; changes in brackets are within their noise\n`)
      : paint.dim('one run each: small changes may be chance (--replications 5)\n'),
  ].join('\n');
}

function knockoutText(base: Figures, knockouts: readonly Knockout[], paint: Paint): string {
  const row = (name: string, one: Changed): string[] => [
    name,
    ...METRICS.flatMap((metric) => [shown(metric, one.figures[metric]), change(metric, base, one)]),
  ];
  const header = ['without the limit of', ...METRICS.flatMap((metric) => [metric, ''])];
  const rows = byEffect(base, knockouts).map((one) => row(one.resource, one));
  return align([header, ['nothing: as it is', ...METRICS.flatMap((metric) => [shown(metric, base[metric]), ''])], ...rows], paint);
}

function sensitivityText(base: Figures, {share, parameters}: NonNullable<WhatIf['sensitivity']>, paint: Paint): string {
  const by = `${shortNumber(share * 100)} %`;
  const moving = tornado(base, parameters);
  const rows = moving
    .slice(0, ROWS_MAX)
    .map((one) => [
      one.path,
      valueText(one),
      one.confidence,
      shown(FIRST, one.low?.figures[FIRST]),
      change(FIRST, base, one.low),
      shown(FIRST, one.high?.figures[FIRST]),
      change(FIRST, base, one.high),
    ]);
  const header = [`weakly sourced (${FIRST} ${shown(FIRST, base[FIRST])})`, 'value', 'source', `-${by}`, '', `+${by}`, ''];
  const still = parameters.length - Math.min(moving.length, ROWS_MAX);
  return align([header, ...rows], paint) + (still === 0 ? '' : paint.dim(`and ${still} parameters that move it less or not at all\n`));
}

/** Knockouts, the largest gain first. */
function byEffect<T extends Changed>(base: Figures, changed: readonly T[]): T[] {
  const gain = ({figures}: T): number => (base[FIRST] ?? 0) - (figures[FIRST] ?? Infinity);
  return [...changed].sort((a, b) => gain(b) - gain(a));
}

/** Parameters that move the first metric, the widest swing first. */
function tornado(base: Figures, parameters: readonly Sensitivity[]): Sensitivity[] {
  const swing = ({low, high}: Sensitivity): number =>
    Math.max(...[low, high].map((end) => Math.abs((end?.figures[FIRST] ?? base[FIRST] ?? 0) - (base[FIRST] ?? 0))));
  return parameters.filter((one) => swing(one) > 0).sort((a, b) => swing(b) - swing(a));
}

export function whatIfHtml(title: string, question: string, {base, knockout, sensitivity}: WhatIf): string {
  const parts = [
    ...(knockout === null
      ? []
      : [
          section(
            `${FIRST} without each limit`,
            `${shown(FIRST, base[FIRST])} as it is. Each bar is a run with one resource made free: cause, not accounting.`,
            byEffect(base, knockout).map((one) => ({name: one.resource, ends: [one.figures[FIRST] ?? null]})),
            base[FIRST] ?? 0,
          ),
        ]),
    ...(sensitivity === null
      ? []
      : [
          section(
            `${FIRST} with each weakly sourced parameter off by ${shortNumber(sensitivity.share * 100)} %`,
            `${shown(FIRST, base[FIRST])} as it is. The longest bars are the numbers most worth measuring.`,
            tornado(base, sensitivity.parameters)
              .slice(0, ROWS_MAX)
              .map((one) => ({
                name: `${one.path} = ${valueText(one)} (${one.confidence})`,
                ends: [one.low?.figures[FIRST] ?? null, one.high?.figures[FIRST] ?? null],
              })),
            base[FIRST] ?? 0,
          ),
        ]),
  ];
  return page(title, `<p class="question">${escapeHtml(question)}</p>${parts.join('')}`);
}

interface Bar {
  readonly name: string;
  readonly ends: readonly (number | null)[];
}

const ROW_HEIGHT = 34;
const WIDTH = 720;

/** Bars from where the figure is to where it would be. */
function section(title: string, note: string, bars: readonly Bar[], base: number): string {
  const known = [base, ...bars.flatMap(({ends}) => ends.flatMap((end) => end ?? []))];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (value: number): number => Math.round(80 + ((WIDTH - 160) * (value - low)) / (high - low || 1));
  const rows = bars.map(({name, ends}, i) => {
    const y = i * ROW_HEIGHT;
    const marks = ends.map((end, side) => {
      if (end === null) return '';
      const [from, to] = [Math.min(x(base), x(end)), Math.max(x(base), x(end))];
      const outermost = ends.every(
        (other) => other === null || end < base !== other < base || Math.abs(other - base) <= Math.abs(end - base),
      );
      const anchor = end < base ? `x="${from - 4}" text-anchor="end"` : `x="${to + 4}"`;
      const label = outermost ? `<text class="label" ${anchor} y="${y + 26}">${escapeHtml(shown(FIRST, end))}</text>` : '';
      return `<rect class="f${side}" x="${from}" y="${y + 16}" width="${Math.max(1, to - from)}" height="12"/>${label}`;
    });
    return `<text class="label" x="0" y="${y + 11}">${escapeHtml(name)}</text>${marks.join('')}`;
  });
  const height = bars.length * ROW_HEIGHT;
  const axis = `<line class="rule" x1="${x(base)}" x2="${x(base)}" y1="0" y2="${height}"/>`;
  const picture = `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">${axis}${rows.join('')}</svg>`;
  const table = bars
    .map(
      ({name, ends}) =>
        `<tr><th scope="row">${escapeHtml(name)}</th>${ends.map((end) => `<td>${escapeHtml(shown(FIRST, end))}</td>`).join('')}</tr>`,
    )
    .join('');
  return `<section><h2>${escapeHtml(title)}</h2><p class="note">${escapeHtml(note)}</p>${picture}<details><summary>The figures</summary><table><tbody>${table}</tbody></table></details></section>`;
}

function shown(metric: string, value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : formatMetric(metric, value);
}

/** In percent; in brackets where it is noise. */
function change(metric: string, base: Figures, changed: Changed | null): string {
  const [before, after] = [base[metric], changed?.figures[metric]];
  if (typeof before !== 'number' || typeof after !== 'number' || before === 0) return '';
  if (before === after) return '=';
  const share = (after / before - 1) * 100;
  const text = `${share > 0 ? '+' : ''}${share.toFixed(Math.abs(share) < 9.95 ? 1 : 0)} %`;
  return changed!.noise.includes(metric) ? `(${text})` : text;
}

function valueText({value, dimension}: Sensitivity): string {
  return dimension === null ? shortNumber(value) : formatQuantity(value, dimension);
}
