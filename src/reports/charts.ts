/** Charts with axes: distributions, metrics against what is varied, and values over simulated time. No document, no script. */
import {area, line, scaleLinear, scaleLog, stack} from 'd3';
import {formatQuantity, shortNumber} from '../base/units.ts';
import {
  axisX,
  axisY,
  dashOf,
  duration,
  round,
  timeDecades,
  timeTicks,
  type Box,
  type Picture,
  type Readout,
  type Scale,
  type Series,
} from './frame.ts';
import {escapeHtml} from './page.ts';

export type {Series} from './frame.ts';

/** Bars of an area chart at most; beyond that, neighbours are one. */
const BARS_MAX = 76;
/** Places that a reader is told of, at most. */
const PLACES_MAX = 100;

function marked(name: string, i: number, path: string | null): string {
  return `<path class="line s${i % 6}" stroke-dasharray="${dashOf(i)}" d="${path ?? ''}"><title>${escapeHtml(name)}</title></path>`;
}

function namesOf(series: readonly Series[]): string[] {
  return series.map(({name}) => name);
}

/** Share on a linear axis against seconds on a logarithmic one. null: nothing to draw. */
export function cdfChart(title: string, axis: string, series: readonly Series[]): Picture | null {
  const times = series.flatMap(({points}) => points.map(([x]) => x)).filter((x) => x > 0);
  if (times.length === 0) return null;
  const low = minmax(times)[0] * 0.9;
  const high = minmax(times)[1] * 1.1;
  const unit = scaleLog([low, high], [0, 1]);
  return {
    title,
    caption: `${axis}, log scale`,
    legend: namesOf(series),
    marks: 'lines',
    readout: cdfReadout(unit, series),
    body: (box) => {
      const x = scaleLog([low, high], [box.left, box.right]);
      const y = scaleLinear([0, 1], [box.bottom, box.top]);
      const path = (points: Series['points']): string =>
        points
          .map(([value, share], i) => `${i === 0 ? `M${round(x(Math.max(value, low)))} ` : `H${round(x(value))}V`}${round(y(share))}`)
          .join('');
      return (
        axisX(box, timeDecades(low, high), x, duration) +
        axisY(box, [0, 0.25, 0.5, 0.75, 0.9, 0.99], y, (value) => `${Math.round(value * 100)} %`) +
        series.map(({name, points}, i) => marked(name, i, path(points))).join('')
      );
    },
  };
}

function cdfReadout(unit: Scale, series: readonly Series[]): Readout {
  const at = Array.from({length: 81}, (_, i) => i / 80);
  const shareBelow = (points: Series['points'], seconds: number): number => points.findLast(([time]) => time <= seconds)?.[1] ?? 0;
  return {
    at,
    labels: at.map((place) => `within ${formatQuantity(Number(unit.invert(place).toPrecision(3)) * 1e9, 'time')}`),
    rows: series.map(({name, points}) => ({name, values: at.map((place) => share(shareBelow(points, unit.invert(place))))})),
  };
}

/** A metric against a varied value; `knee` marks one point of the first series. Values that are no numbers stand evenly spaced. */
export function rangeChart(
  title: string,
  axis: string,
  values: readonly string[],
  series: readonly Series[],
  options: {readonly label: (value: number) => string; readonly knee: number | null},
): Picture | null {
  const all = series.flatMap(({points}) => points);
  if (all.length === 0) return null;
  const [low, high] = minmax(all.map(([, value]) => value));
  const extent = minmax(all.map(([value]) => value));
  const places = series.reduce((most, one) => (one.points.length > most.length ? one.points : most), series[0]!.points).map(([at]) => at);
  const ticks = places.length <= 10 ? places : places.filter((_, i) => i % Math.ceil(places.length / 10) === 0);
  const name = (tick: number): string => values[places.indexOf(tick)] ?? shortNumber(tick);
  const margin = 10 / 684; // of the plot's width, as drawn below
  return {
    title,
    caption: axis,
    legend: namesOf(series),
    marks: 'lines',
    readout: {
      at: places.map((place) => margin + (1 - 2 * margin) * (extent[1] > extent[0] ? (place - extent[0]) / (extent[1] - extent[0]) : 0.5)),
      labels: places.map((place) => `${axis} ${name(place)}`),
      rows: series.map((one) => ({
        name: one.name === '' ? title : one.name,
        values: places.map((place) => {
          const found = one.points.find(([at]) => at === place);
          return found === undefined ? '-' : options.label(found[1]);
        }),
      })),
    },
    body: (box) => {
      const x = scaleLinear(extent, [box.left + 10, box.right - 10]);
      const y = scaleLinear([Math.min(0, low), high || 1], [box.bottom, box.top]);
      return (
        axisX(box, ticks, x, name) +
        axisY(box, y.ticks(5), y, options.label) +
        dotted(series, x, y, options.label) +
        knee(options.knee === null ? undefined : series[0]!.points[options.knee], x, y, box)
      );
    },
  };
}

/** A share against a size on a logarithmic axis, as a miss-ratio curve is drawn. */
export function ratioChart(title: string, axis: string, series: readonly Series[], size: (value: number) => string): Picture | null {
  const sizes = [...new Set(series.flatMap(({points}) => points.map(([at]) => at)))].filter((at) => at > 0).sort((a, b) => a - b);
  if (sizes.length < 2) return null;
  const unit = scaleLog([sizes[0]!, sizes.at(-1)!], [0, 1]);
  return {
    title,
    caption: `misses against ${axis}, log scale`,
    legend: namesOf(series),
    marks: 'lines',
    readout: {
      at: sizes.map((at) => unit(at)),
      labels: sizes.map(size),
      rows: series.map(({name, points}) => ({
        name,
        values: sizes.map((at) => {
          const found = points.find(([own]) => own === at);
          return found === undefined ? '-' : share(found[1]);
        }),
      })),
    },
    body: (box) => {
      const x = scaleLog([sizes[0]!, sizes.at(-1)!], [box.left, box.right]);
      const y = scaleLinear([0, 1], [box.bottom, box.top]);
      const path = line<readonly [number, number]>()
        .x(([at]) => round(x(at)))
        .y(([, value]) => round(y(value)));
      return (
        axisX(box, decadesOf(sizes[0]!, sizes.at(-1)!), x, size) +
        axisY(box, [0, 0.25, 0.5, 0.75, 1], y, (value) => `${Math.round(value * 100)} %`) +
        series.map(({name, points}, i) => marked(name, i, path(points))).join('')
      );
    },
  };
}

function dotted(series: readonly Series[], x: Scale, y: Scale, label: (value: number) => string): string {
  const path = line<readonly [number, number]>()
    .x(([value]) => round(x(value)))
    .y(([, value]) => round(y(value)));
  const dot = ([at, value]: readonly [number, number], i: number): string =>
    `<circle class="dot f${i % 6}" cx="${round(x(at))}" cy="${round(y(value))}" r="3"><title>${escapeHtml(label(value))}</title></circle>`;
  return series.map(({name, points}, i) => marked(name, i, path(points)) + points.map((point) => dot(point, i)).join('')).join('');
}

/** Its name stands above the bend, or below where that is at the top. */
function knee(bend: readonly [number, number] | undefined, x: Scale, y: Scale, box: Box): string {
  if (bend === undefined) return '';
  const [cx, cy] = [round(x(bend[0])), y(bend[1])];
  const label = cy - 26 < box.top ? cy + 22 : cy - 12;
  return `<g class="knee"><circle cx="${cx}" cy="${round(cy)}" r="7"/><text x="${cx}" y="${round(label)}" text-anchor="middle">knee</text></g>`;
}

/** Values over simulated time. */
export function lineChart(
  title: string,
  series: readonly Series[],
  options: {readonly percent: boolean; readonly maximum?: number; readonly unit?: string},
): Picture | null {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return null;
  const last = minmax(points.map(([seconds]) => seconds))[1];
  const most = options.maximum ?? Math.max(1, minmax(points.map(([, value]) => value))[1]);
  const label = (value: number): string => (options.percent ? share(value) : shortNumber(value));
  return {
    title,
    caption: options.unit === undefined ? 'simulated time' : `${options.unit} over simulated time`,
    legend: namesOf(series),
    marks: 'lines',
    readout: timeReadout(series, last, label),
    body: (box) => {
      const x = scaleLinear([0, last], [box.left, box.right]);
      const y = scaleLinear([0, most], [box.bottom, box.top]);
      const path = line<readonly [number, number]>()
        .x(([seconds]) => round(x(seconds)))
        .y(([, value]) => round(y(value)));
      return (
        axisX(box, timeTicks(last), x, duration) +
        axisY(box, y.ticks(5), y, (value) => (options.percent ? `${Math.round(value * 100)} %` : shortNumber(value))) +
        series.map(({name, points: own}, i) => marked(name, i, path(own))).join('')
      );
    },
  };
}

/** Shares of what came in each stretch of simulated time, series stacked on each other. Points are [end of a stretch, share]. */
export function shareChart(title: string, caption: string, series: readonly Series[]): Picture | null {
  const ends = series[0]?.points.map(([end]) => end) ?? [];
  if (ends.length < 2) return null;
  const last = ends.at(-1)!;
  const rows = ends.map((_, i) => Object.fromEntries(series.map(({name, points}) => [name, points[i]![1]])));
  const layers = stack<{[name: string]: number}>().keys(namesOf(series))(rows);
  const body = (box: Box): string => {
    const x = scaleLinear([0, last], [box.left, box.right]);
    const y = scaleLinear([0, 1], [box.bottom, box.top]);
    // each share stands over its whole stretch
    const steps = (layer: readonly (readonly [number, number])[]): [number, number, number][] =>
      layer.flatMap(([low, high], i): [number, number, number][] => [
        [ends[i - 1] ?? 0, low, high],
        [ends[i]!, low, high],
      ]);
    const path = area<[number, number, number]>()
      .x(([at]) => round(x(at)))
      .y0(([, low]) => round(y(low)))
      .y1(([, , high]) => round(y(high)));
    const marks = layers.map((layer, i) => {
      const d = path(steps(layer as never)) ?? '';
      return `<path class="f${i % 10}" d="${d}"><title>${escapeHtml(layer.key)}</title></path><path class="texture" fill="url(#texture${i % 10})" d="${d}"/>`;
    });
    return (
      axisX(box, timeTicks(last), x, duration) +
      marks.join('') +
      axisY(box, [0, 0.25, 0.5, 0.75, 1], y, (value) => `${Math.round(value * 100)} %`)
    );
  };
  return {title, caption, legend: namesOf(series), marks: 'areas', body, readout: timeReadout(series, last, share)};
}

function timeReadout(series: readonly Series[], last: number, label: (value: number) => string): Readout {
  const times = series[0]!.points.map(([seconds]) => seconds);
  const chosen = times.flatMap((_, i) => (i % Math.ceil(times.length / PLACES_MAX) === 0 ? [i] : []));
  return {
    at: chosen.map((i) => Math.round((times[i]! / last) * 1e4) / 1e4),
    labels: chosen.map((i) => duration(times[i]!)),
    rows: series.map(({name, points}) => ({name, values: chosen.map((i) => label(points[i]![1]))})),
  };
}

/** Differences of totals, neighbours together, so that there are few enough to be seen: [from, to) of points. */
export function stretches<Total>(points: readonly Total[], most: number = BARS_MAX): [Total | undefined, Total][] {
  const size = Math.ceil(points.length / most);
  const ends = points.filter((_, i) => (i + 1) % size === 0 || i === points.length - 1);
  return ends.map((end, i) => [ends[i - 1], end]);
}

function decadesOf(low: number, high: number): number[] {
  const decades: number[] = [];
  let decade = 1e-9;
  for (; decade < low; decade *= 10);
  for (; decade <= high; decade *= 10) decades.push(Number(decade.toPrecision(1)));
  return decades;
}

export function minmax(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** One digit after the point below ten percent and near a hundred. */
function share(value: number): string {
  const percents = value * 100;
  return `${percents > 0 && (percents < 10 || percents > 99) && percents !== 100 ? percents.toFixed(1) : Math.round(percents)} %`;
}
