/**
 * The frame of a picture: axes, legend, caption. A picture is drawn twice, for a wide page and for a narrow one, of which the style sheet shows
 * one; and once more where it becomes a file of its own.
 */
import {ticks, type ScaleContinuousNumeric} from 'd3';
import {formatQuantity} from '../base/units.ts';
import {escapeHtml} from './page.ts';
import {pictureStyles, textures} from './styles.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export type Scale = ScaleContinuousNumeric<number, number>;

/** Where a chart may draw, in pixels: x from left to right, y from bottom up to top. */
export interface Box {
  readonly name: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a reader is told along the horizontal axis: places as shares of its length, what they are called, and each series' values there. */
export interface Readout {
  readonly at: readonly number[];
  readonly labels: readonly string[];
  readonly rows: readonly {readonly name: string; readonly values: readonly string[]}[];
}

export interface Picture {
  readonly title: string;
  readonly caption: string;
  readonly body: (box: Box) => string;
  /** Names of the series, in the order of their colours. */
  readonly legend: readonly string[];
  /** How the legend shows them: as lines with their dashes or as areas with their textures. */
  readonly marks: 'lines' | 'areas';
  readonly readout?: Readout;
  /** It has no axis below, so needs no room for one. */
  readonly axisless?: boolean;
  /** Small enough to be drawn once, for pages of any width. */
  readonly small?: boolean;
  /** Its marks are links. */
  readonly links?: boolean;
  /** Room for the labels on the left, and the height of the plot, where the usual ones do not do. */
  readonly left?: number;
  readonly plotHeight?: {readonly wide: number; readonly narrow: number};
}

const boxes: readonly Box[] = [
  {name: 'wide', width: 760, height: 300, left: 62, right: 746, top: 14, bottom: 254},
  {name: 'narrow', width: 380, height: 270, left: 54, right: 368, top: 12, bottom: 222},
];
/** Height of an axis' labels. */
const AXIS = 20;
/** Of a letter of a label, about. */
export const LETTER = 6.6;
const DASHES = ['', '7 3', '2 3', '10 3 2 3', '4 2', '1 2'];

/** Lines are told apart without colour too, and where six colours come round again. */
export function dashOf(line: number): string {
  return DASHES[(line + Math.floor(line / 6)) % 6]!;
}

function boxOf(picture: Picture, box: Box): Box {
  const plot = picture.plotHeight?.[box.name] ?? box.bottom - box.top;
  const grown = plot - (box.bottom - box.top);
  return {
    ...box,
    left: picture.left ?? box.left,
    bottom: box.bottom + grown,
    height: box.height + grown - (picture.axisless === true ? AXIS : 0),
  };
}

/** The picture as a figure of a page. */
export function figure(picture: Picture): string {
  const drawings = (picture.small === true ? boxes.slice(1) : boxes).map((plain) => {
    const box = boxOf(picture, plain);
    return `<svg class="chart ${picture.small === true ? 'small' : box.name}" viewBox="0 0 ${box.width} ${box.height}" data-plot="${box.left} ${box.right} ${box.top} ${box.bottom}" role="${picture.links === true ? 'group' : 'img'}" aria-label="${escapeHtml(picture.title)}">${drawing(picture, box)}</svg>`;
  });
  const readout =
    picture.readout === undefined || picture.readout.at.length === 0
      ? ''
      : `<script type="application/json">${JSON.stringify(picture.readout).replaceAll('<', '\\u003c')}</script>`;
  return `<figure>${drawings.join('')}${legend(picture)}${readout}</figure>`;
}

/** The picture as an SVG file: its title, its drawing, its legend. */
export function svgFile(picture: Picture): string {
  const box = boxOf(picture, boxes[0]!);
  const entries = legendRows(picture.legend, box.width - 24);
  const height = box.height + 34 + entries.length * 20;
  const items = entries.flatMap((row, line) =>
    row.map(
      ([name, i, x]) =>
        `<g transform="translate(${12 + x},${box.height + 42 + line * 20})">${swatch(picture, i)}<text class="label" x="34" y="4">${escapeHtml(name)}</text></g>`,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${box.width} ${height}" width="${box.width}" height="${height}" font-family="system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" role="img"><title>${escapeHtml(picture.title)}</title><style>${pictureStyles}</style>${textures}<rect class="paper" width="100%" height="100%"/><text class="heading" x="12" y="22">${escapeHtml(picture.title)}</text><g transform="translate(0,30)">${drawing(picture, box)}</g>${items.join('')}</svg>\n`;
}

function drawing(picture: Picture, box: Box): string {
  return `${picture.body(box)}<text class="caption" x="${box.right}" y="${box.height - 8}" text-anchor="end">${escapeHtml(picture.caption)}</text>`;
}

function swatch({marks}: Picture, i: number): string {
  return marks === 'areas'
    ? `<rect class="f${i % 10}" x="8" y="-6" width="16" height="12" rx="2"/><rect class="texture" fill="url(#texture${i % 10})" x="8" y="-6" width="16" height="12" rx="2"/>`
    : `<line class="line s${i % 6}" stroke-dasharray="${dashOf(i)}" x1="0" x2="26"/>`;
}

/** Rows of [name, its number, x]. */
function legendRows(names: readonly string[], width: number): [string, number, number][][] {
  if (names.length < 2) return [];
  const rows: [string, number, number][][] = [[]];
  let x = 0;
  names.forEach((name, i) => {
    const own = 50 + name.length * LETTER;
    if (x + own > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push([name, i, x]);
    x += own;
  });
  return rows;
}

function legend(picture: Picture): string {
  if (picture.legend.length < 2) return '';
  const items = picture.legend.map(
    (name, i) =>
      `<li><svg width="28" height="14" viewBox="0 -7 28 14" aria-hidden="true">${swatch(picture, i)}</svg>${escapeHtml(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** Grid lines at all ticks; labels at those that have room. */
export function axisX(box: Box, ticks: readonly number[], x: Scale, label: (value: number) => string): string {
  let free = -Infinity;
  return ticks
    .map((tick) => {
      const at = round(x(tick));
      const text = label(tick);
      const half = (text.length * LETTER) / 2;
      const middle = Math.min(Math.max(at, box.left + half), box.width - half); // clear of the other axis and of the edge
      const room = middle - half >= free;
      if (room) free = middle + half + LETTER;
      return `<g class="tick"><line x1="${at}" x2="${at}" y1="${box.top}" y2="${box.bottom}"/>${room ? `<text x="${round(middle)}" y="${box.bottom + 16}" text-anchor="middle">${escapeHtml(text)}</text>` : ''}</g>`;
    })
    .join('');
}

export function axisY(box: Box, ticks: readonly number[], y: Scale, label: (value: number) => string): string {
  let free = Infinity;
  return ticks
    .map((tick) => {
      const at = round(y(tick));
      const room = at <= free;
      if (room) free = at - 13;
      return `<g class="tick"><line x1="${box.left}" x2="${box.right}" y1="${at}" y2="${at}"/>${room ? `<text x="${box.left - 6}" y="${round(at + 4)}" text-anchor="end">${escapeHtml(label(tick))}</text>` : ''}</g>`;
    })
    .join('');
}

const STEPS = [1e-6, 1e-3, 0.01, 0.1, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Seconds at which a clock would be read: some four to eight of them. */
export function timeTicks(last: number): number[] {
  const step = STEPS.find((candidate) => last / candidate <= 8) ?? 86400 * Math.ceil(last / 86400 / 8);
  const ticks: number[] = [];
  for (let tick = 0; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}

/** From a nanosecond on, the decades of a logarithmic axis: of ten below a minute, of a clock above. */
const DECADES = [...Array.from({length: 11}, (_, i) => Number(`1e${i - 9}`)), 60, 600, 3600, 36_000, 86_400, 864_000, 8_640_000];
const FINER = [1, 2, 5].flatMap((part) => DECADES.filter((decade) => decade < 60).map((decade) => part * decade));

/** Seconds to label on a logarithmic axis, the coarsest that leave three in sight. */
export function timeDecades(low: number, high: number): number[] {
  const within = (ladder: readonly number[]): number[] => ladder.filter((tick) => tick >= low && tick <= high);
  const clock = [120, 300, 1200, 1800, 7200, 18_000, 43_200, 172_800, 432_000];
  const ladders = [DECADES, [...new Set([...FINER, ...DECADES, ...clock])].sort((a, b) => a - b), ticks(low, high, 5)];
  return ladders.map(within).find((labels) => labels.length >= 3) ?? [low, high];
}

/** 5400 s as "1 h 30 min". */
export function duration(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 60) return formatQuantity(seconds * 1e9, 'time');
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor((seconds % 86400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [Math.round(seconds % 60), 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** To a tenth of a pixel, so that equal runs give equal bytes. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
