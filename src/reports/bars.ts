/** Horizontal bars: parts of a whole, one bar above another; and amounts side by side. */
import {LETTER, round, type Box, type Picture} from './frame.ts';
import {escapeHtml} from './page.ts';

export interface Bar {
  readonly name: string;
  readonly parts: readonly {readonly name: string; readonly value: number}[];
}

const BAR = 26;
const STEP = 52;

/** Each bar is its own whole; the parts keep their colours from bar to bar, and those that are nowhere to be seen are left out. */
export function partsChart(title: string, caption: string, bars: readonly Bar[]): Picture {
  const names = [...new Set(bars.flatMap(({parts}) => parts.map(({name}) => name)))];
  const whole = ({parts}: Bar): number => parts.reduce((sum, {value}) => sum + value, 0);
  const shares = bars.map((bar) => new Map(bar.parts.map(({name, value}) => [name, whole(bar) > 0 ? value / whole(bar) : 0])));
  const shown = names.filter((name) => shares.some((own) => (own.get(name) ?? 0) > 0.0005));
  const height = bars.length * STEP;
  return {
    title,
    caption,
    legend: shown,
    marks: 'areas',
    left: 14,
    axisless: true,
    plotHeight: {wide: height, narrow: height},
    body: (box) => bars.map(({name}, i) => bar(name, shown, shares[i]!, i, box)).join(''),
  };
}

function bar(title: string, names: readonly string[], shares: ReadonlyMap<string, number>, row: number, box: Box): string {
  const top = box.top + row * STEP;
  const width = box.right - box.left;
  let x = box.left;
  const parts = names.map((name, i) => {
    const share = shares.get(name) ?? 0;
    const own = width * share;
    const left = x;
    x += own;
    if (share <= 0.0005) return '';
    const rect = `x="${round(left)}" y="${top + 18}" width="${round(Math.max(0.5, own - 1))}" height="${BAR}"`;
    const text = percents(share);
    const label =
      own > text.length * LETTER + 8
        ? `<text class="on" x="${round(left + own / 2)}" y="${top + 36}" text-anchor="middle">${text}</text>`
        : '';
    return `<g><rect class="f${i % 10}" ${rect}><title>${escapeHtml(name)}: ${text}</title></rect><rect class="texture" fill="url(#texture${i % 10})" ${rect}/>${label}</g>`;
  });
  return `<text class="label" x="${box.left}" y="${top + 12}" font-weight="600">${escapeHtml(title)}</text>${parts.join('')}`;
}

export interface Amount {
  readonly name: string;
  /** null: unknown. */
  readonly values: readonly (number | null)[];
}

/** A group of bars a name, one bar a series, all to one scale. */
export function amountsChart(
  title: string,
  caption: string,
  series: readonly string[],
  amounts: readonly Amount[],
  label: (value: number) => string,
): Picture | null {
  const most = Math.max(0, ...amounts.flatMap(({values}) => values.map((value) => value ?? 0)));
  if (most === 0) return null;
  const step = 20 + series.length * 20;
  const height = amounts.length * step;
  return {
    title,
    caption,
    legend: series,
    marks: 'areas',
    left: 14,
    axisless: true,
    plotHeight: {wide: height, narrow: height},
    body: (box) =>
      amounts
        .map(({name, values}, row) => {
          const top = box.top + row * step;
          const rows = values.map((value, i) => amount(name, value, i, top + 16 + i * 19, most, label, box));
          return `<text class="label" x="${box.left}" y="${top + 11}" font-weight="600">${escapeHtml(name)}</text>${rows.join('')}`;
        })
        .join(''),
  };
}

function amount(
  name: string,
  value: number | null,
  i: number,
  y: number,
  most: number,
  label: (value: number) => string,
  box: Box,
): string {
  const room = box.right - box.left - 90;
  const width = round(((value ?? 0) / most) * room);
  const text = value === null ? 'not known' : label(value);
  const rect = `x="${box.left}" y="${y}" width="${Math.max(1, width)}" height="16"`;
  const drawn =
    value === null
      ? ''
      : `<rect class="f${i}" ${rect}><title>${escapeHtml(name)}: ${text}</title></rect><rect class="texture" fill="url(#texture${i})" ${rect}/>`;
  return `${drawn}<text class="soft" x="${round(box.left + width + 6)}" y="${y + 13}">${text}</text>`;
}

function percents(share: number): string {
  return share < 0.1 ? `${(share * 100).toFixed(1)} %` : `${Math.round(share * 100)} %`;
}
