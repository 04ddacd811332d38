/** A device's curve as a table, as CSV and as a picture: latency and throughput against queue depth, as a data sheet or fio gives them. */
import {stringify} from 'csv-stringify/sync';
import {line, scaleLog, type ScaleLogarithmic} from 'd3';
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {CurvePoint, LatencySummary} from '../metrics/curvePoint.ts';

export interface Curve {
  readonly device: string;
  readonly summary: string;
  readonly readShare: number;
  readonly pattern: string;
  readonly commands: number;
  readonly seed: number;
  readonly points: readonly CurvePoint[];
}

const time = (seconds: number): string => formatQuantity(seconds * 1e9, 'time');
const size = (bytes: number): string => formatQuantity(bytes, 'bytes', 'binary');

export function* curveTable(curve: Curve): Generator<string> {
  yield `${curve.device}: ${curve.summary}\n${mixOf(curve)}, ${shortNumber(curve.commands)} commands a point, seed ${curve.seed}\n`;
  for (const [ioBytes, points] of bySize(curve.points)) {
    yield `\n${size(ioBytes)}\n`;
    yield* rows([
      ['depth', 'IOPS', 'rate', ...latencyHeads(points), ...(points[0]!.limit === null ? [] : ['at most', 'by']), ...wearHeads(points)],
      ...points.map((point) => [
        String(point.depth),
        shortNumber(point.iops),
        formatQuantity(point.bytesPerSecond, 'bytesPerSecond'),
        ...[point.read, point.write].flatMap((part) => (part === null ? [] : [part.mean, part.p50, part.p99, part.p999].map(time))),
        ...(point.limit === null ? [] : [shortNumber(point.limit.iops), point.limit.by]),
        ...(point.wear === null
          ? []
          : [
              shortNumber(point.wear.writeAmplification),
              shortNumber(point.wear.driveWritesPerDay),
              point.wear.lifetimeYears === null ? '-' : `${shortNumber(point.wear.lifetimeYears)} years`,
            ]),
      ]),
    ]);
    yield peak(points);
  }
}

export function curveCsv({points}: Curve): string {
  const latencies = (part: LatencySummary | null): (number | null)[] =>
    part === null ? [null, null, null, null, null] : [part.mean, part.p50, part.p99, part.p999, part.max];
  const heads = ['Mean', 'P50', 'P99', 'P999', 'Max'].map((name) => `Latency${name}Seconds`);
  return stringify([
    [
      'ioBytes',
      'depth',
      'iops',
      'iopsStandardError',
      'bytesPerSecond',
      ...heads.map((head) => `read${head}`),
      ...heads.map((head) => `write${head}`),
      'iopsLimit',
      'limitedBy',
      'writeAmplification',
      'driveWritesPerDay',
      'lifetimeYears',
    ],
    ...points.map((point) => [
      point.ioBytes,
      point.depth,
      point.iops,
      point.iopsError,
      point.bytesPerSecond,
      ...latencies(point.read),
      ...latencies(point.write),
      point.limit?.iops ?? null,
      point.limit?.by ?? null,
      point.wear?.writeAmplification ?? null,
      point.wear?.driveWritesPerDay ?? null,
      point.wear?.lifetimeYears ?? null,
    ]),
  ]);
}

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 76;
const RIGHT = 16;
const TOP = 34;
const BOTTOM = 38;
/** Okabe and Ito, told apart by the colour-blind. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** Two panels over queue depth, all axes logarithmic: throughput above, mean (line) and p99 (dashes) of latency below. */
export function curveSvg(curve: Curve): string {
  const sizes = bySize(curve.points);
  const latency = (point: CurvePoint, of: 'mean' | 'p99'): number => Math.max(point.read?.[of] ?? 0, point.write?.[of] ?? 0);
  const throughput = panel(
    'IOPS',
    curve.points,
    sizes.map(([, points]) => [points.map((point) => [point.depth, point.iops] as const)]),
    shortNumber,
  );
  const latencies = panel(
    'latency: mean, and p99 in dashes',
    curve.points,
    sizes.map(([, points]) => (['mean', 'p99'] as const).map((of) => points.map((point) => [point.depth, latency(point, of)] as const))),
    time,
  );
  const legend = sizes
    .map(([ioBytes], i) => `<text x="${LEFT + 110 * i}" y="${2 * HEIGHT + 52}" fill="${COLOURS[i % 6]}">&#9632; ${size(ioBytes)}</text>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${2 * HEIGHT + 64}" font-family="system-ui,sans-serif" font-size="12" fill="#1b1f24" role="img"><title>${escape(curve.device)}</title><rect width="100%" height="100%" fill="#fff"/><text x="${LEFT}" y="20" font-size="15" font-weight="600">${escape(curve.device)}, ${mixOf(curve)}</text><g transform="translate(0,26)">${throughput}</g><g transform="translate(0,${26 + HEIGHT})">${latencies}</g>${legend}</svg>\n`;
}

function panel(
  title: string,
  points: readonly CurvePoint[],
  lines: readonly (readonly (readonly (readonly [number, number])[])[])[],
  label: (value: number) => string,
): string {
  const depths = points.map(({depth}) => depth);
  const values = lines.flat(2).map(([, value]) => value);
  const x = scaleLog([Math.min(...depths), Math.max(Math.min(...depths) * 2, ...depths)], [LEFT, WIDTH - RIGHT]).base(2);
  const y = scaleLog([Math.min(...values) / 1.2, Math.max(...values) * 1.2], [HEIGHT - BOTTOM, TOP]);
  const path = line<readonly [number, number]>()
    .x(([depth]) => round(x(depth)))
    .y(([, value]) => round(y(value)));
  const marks = lines.map((group, i) =>
    group.map(
      (own, k) =>
        `<path fill="none" stroke="${COLOURS[i % 6]}" stroke-width="2"${k === 0 ? '' : ' stroke-dasharray="6 3"'} d="${path(own) ?? ''}"/>`,
    ),
  );
  const ticksX = [...new Set(depths)].map(
    (depth) => `<text x="${round(x(depth))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${depth}</text>`,
  );
  const ticksY = decades(y).map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="#d9dee5"/><text x="${LEFT - 6}" y="${round(y(value) + 4)}" text-anchor="end">${label(value)}</text>`,
  );
  return `<text x="${LEFT}" y="${TOP - 10}" font-weight="600">${title}</text>${ticksY.join('')}${marks.flat().join('')}${ticksX.join('')}<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end" fill="#5b6470">queue depth</text>`;
}

/** Ticks at 1, 2 and 5 of every decade of the domain. */
function decades(scale: ScaleLogarithmic<number, number>): number[] {
  const [low, high] = scale.domain() as [number, number];
  const ticks: number[] = [];
  for (let decade = 1e-9; decade <= high; decade *= 10)
    for (const step of [1, 2, 5]) {
      const tick = Number((decade * step).toPrecision(1));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  return ticks;
}

/** The lowest depth that reaches 95 % of the peak, as reviewers of drives report it. */
function peak(points: readonly CurvePoint[]): string {
  const best = Math.max(...points.map(({iops}) => iops));
  const knee = points.find(({iops}) => iops >= 0.95 * best)!;
  const latency = Math.max(knee.read?.mean ?? 0, knee.write?.mean ?? 0);
  return `95 % of the peak at depth ${knee.depth}: ${shortNumber(knee.iops)} IOPS, ${time(latency)}\n`;
}

function bySize(points: readonly CurvePoint[]): [number, CurvePoint[]][] {
  const sizes = [...new Set(points.map(({ioBytes}) => ioBytes))];
  return sizes.map((size) => [size, points.filter(({ioBytes}) => ioBytes === size)]);
}

function mixOf({readShare, pattern}: Curve): string {
  if (readShare === 1) return `${pattern} reads`;
  return readShare === 0 ? `${pattern} writes` : `${pattern}, ${Math.round(readShare * 100)} % reads`;
}

function latencyHeads(points: readonly CurvePoint[]): string[] {
  const {read, write} = points[0]!;
  const heads = (name: string): string[] => [`${name} mean`, 'p50', 'p99', 'p99.9'];
  return [...(read === null ? [] : heads('read')), ...(write === null ? [] : heads('write'))];
}

function wearHeads(points: readonly CurvePoint[]): string[] {
  return points[0]!.wear === null ? [] : ['WA', 'writes/day', 'life'];
}

function* rows(cells: readonly (readonly string[])[]): Generator<string> {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  for (const row of cells) yield `${row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}\n`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
