/** A real run beside the simulation of the same scenario: latencies, hits, throughput, bytes; and where they part most. */
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {Distribution, Summary} from '../metrics/summary.ts';

interface Row {
  readonly name: string;
  readonly real: number | null;
  readonly simulated: number | null;
  readonly show: (value: number) => string;
}

const time = (seconds: number): string => formatQuantity(seconds * 1e9, 'time');
const bytes = (value: number): string => formatQuantity(value, 'bytes');
/** Times that differ by less than this share of the mean TTFT are not what anyone looks for first. */
const SMALL = 0.001;

export function* sideBySide(real: Summary, simulated: Summary): Generator<string> {
  const rows = [...rowsOf(real, simulated)].filter(({real: a, simulated: b}) => (a ?? 0) !== 0 || (b ?? 0) !== 0);
  const width = Math.max(...rows.map(({name}) => name.length));
  yield `${''.padEnd(width)}${'real'.padStart(13)}${'simulated'.padStart(13)}${'apart'.padStart(10)}\n`;
  for (const row of rows) {
    const cell = (value: number | null): string => (value === null ? '-' : row.show(value)).padStart(13);
    const apart = apartOf(row);
    yield `${row.name.padEnd(width)}${cell(row.real)}${cell(row.simulated)}${(apart === null ? '' : percent(apart)).padStart(10)}\n`;
  }
  yield furthest(rows);
}

function* rowsOf(real: Summary, simulated: Summary): Generator<Row> {
  const row = (name: string, of: (summary: Summary) => number | null, show: Row['show']): Row => {
    return {name, real: of(real), simulated: of(simulated), show};
  };
  const latencies: [string, (summary: Summary) => Distribution, readonly (keyof Distribution)[]][] = [
    ['TTFT', (summary) => summary.ttft, ['mean', 'p50', 'p90', 'p99']],
    ['queueing', (summary) => summary.queueing, ['mean']],
    ['ITL', (summary) => summary.itl, ['mean', 'p99']],
    ['e2e', (summary) => summary.e2e, ['mean', 'p50', 'p90', 'p99']],
  ];
  for (const [name, of, parts] of latencies) for (const part of parts) yield row(`${name} ${part}`, (summary) => of(summary)[part], time);
  for (const state of Object.keys({...simulated.attribution.ttft.mean, ...real.attribution.ttft.mean}))
    yield row(`  of TTFT: ${state}`, (summary) => summary.attribution.ttft.mean[state] ?? 0, time);
  yield row('hit ratio', (summary) => summary.cache.hitRatio, shortNumber);
  for (const tier of Object.keys(real.cache.byTier)) yield row(`  ${tier}`, (summary) => summary.cache.byTier[tier] ?? null, shortNumber);
  yield row('requests/s', (summary) => summary.throughput.requestsPerSecond, shortNumber);
  yield row('input tokens/s', (summary) => summary.throughput.inputTokensPerSecond, shortNumber);
  yield row('output tokens/s', (summary) => summary.throughput.outputTokensPerSecond, shortNumber);
  for (const tier of Object.keys(real.tiers)) {
    yield row(`${tier} read`, (summary) => summary.tiers[tier]?.readBytes ?? null, bytes);
    yield row(`${tier} written`, (summary) => summary.tiers[tier]?.writtenBytes ?? null, bytes);
  }
}

function apartOf({real, simulated}: Row): number | null {
  return real === null || simulated === null || simulated === 0 ? null : real / simulated - 1;
}

/** In words: which figure is furthest apart, among those that are more than a trifle of TTFT. */
function furthest(rows: readonly Row[]): string {
  const trifle = SMALL * (rows.find(({name}) => name === 'TTFT mean')?.real ?? 0);
  const parted = rows.filter((row) => apartOf(row) !== null && (row.show !== time || Math.abs(row.real! - row.simulated!) > trifle));
  const most = parted.reduce<Row | null>(
    (far, row) => (far === null || Math.abs(apartOf(row)!) > Math.abs(apartOf(far)!) ? row : far),
    null,
  );
  if (most === null) return 'nowhere are they apart\n';
  const {name, real, simulated, show} = most;
  return `furthest apart: ${name.trim()}, ${show(real!)} where the simulation says ${show(simulated!)} (${percent(apartOf(most)!)})\n`;
}

function percent(share: number): string {
  return `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
}
