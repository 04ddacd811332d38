/** How busy each station was over simulated time: a row a station, stronger where busier. */
import {scaleLinear} from 'd3';
import {stretches} from './charts.ts';
import {axisX, duration, LETTER, round, timeTicks, type Box, type Picture} from './frame.ts';
import {escapeHtml} from './page.ts';
import type {ReportData} from './reportData.ts';

const ROW_HEIGHT = 20;
const CELLS_MAX = 64;

interface Strip {
  readonly name: string;
  /** Busy share in each stretch of time. */
  readonly shares: readonly number[];
}

export function utilisationMap(data: ReportData): Picture | null {
  const spans = stretches(data.points, CELLS_MAX);
  if (spans.length < 2) return null;
  const ends = spans.map(([, end]) => end.seconds);
  const strips = stripsOf(data, spans);
  const height = strips.length * ROW_HEIGHT;
  return {
    title: 'How busy GPUs, devices and links are over time',
    caption: 'simulated time; the stronger, the busier',
    legend: [],
    marks: 'areas',
    left: Math.ceil(Math.max(...strips.map(({name}) => name.length)) * LETTER + 14),
    plotHeight: {wide: height, narrow: height},
    readout: {
      at: ends.map((end, i) => Math.round(((end + (ends[i - 1] ?? 0)) / 2 / ends.at(-1)!) * 1e4) / 1e4),
      labels: ends.map((end, i) => `${duration(Math.round(ends[i - 1] ?? 0))} to ${duration(Math.round(end))}`),
      rows: strips.map(({name, shares}) => ({name, values: shares.map((share) => `${Math.round(share * 100)} %`)})),
    },
    body: (box) => strips.map((strip, row) => drawn(strip, row, ends, box)).join('') + axis(box, ends.at(-1)!),
  };
}

function stripsOf({rows, gpus}: ReportData, spans: ReturnType<typeof stretches<ReportData['points'][number]>>): Strip[] {
  const shares = (busy: (point: ReportData['points'][number]) => number): number[] =>
    spans.map(([from, to]) => {
      const seconds = to.seconds - (from?.seconds ?? 0);
      return seconds > 0 ? Math.min(1, Math.max(0, (busy(to) - (from === undefined ? 0 : busy(from))) / seconds)) : 0;
    });
  return [
    {name: 'GPUs', shares: shares((point) => point.gpuBusySeconds / gpus)},
    ...rows.map(({name, stations}, i) => ({
      name: stations > 1 ? `${name} (${stations})` : name,
      shares: shares((point) => point.busySeconds[i]!),
    })),
  ];
}

/** Neighbouring cells of one darkness are one. */
function drawn({name, shares}: Strip, row: number, ends: readonly number[], box: Box): string {
  const x = scaleLinear([0, ends.at(-1)!], [box.left, box.right]);
  const top = box.top + row * ROW_HEIGHT;
  const level = shares.map((share) => Math.ceil(share * 20) / 20);
  let cells = '';
  for (let from = 0; from < level.length;) {
    let to = from + 1;
    while (to < level.length && level[to] === level[from]) to++;
    const left = round(x(ends[from - 1] ?? 0));
    if (level[from]! > 0)
      cells += `<rect class="f0" fill-opacity="${level[from]}" x="${left}" y="${top + 1}" width="${round(x(ends[to - 1]!) - left)}" height="${ROW_HEIGHT - 2}"/>`;
    from = to;
  }
  return `<g class="tick"><line x1="${box.left}" x2="${box.right}" y1="${top + ROW_HEIGHT}" y2="${top + ROW_HEIGHT}"/><text x="${box.left - 6}" y="${top + 14}" text-anchor="end">${escapeHtml(name)}</text></g>${cells}`;
}

function axis(box: Box, last: number): string {
  return axisX(box, timeTicks(last), scaleLinear([0, last], [box.left, box.right]), duration);
}
