/** A sweep as text: a row a point, replications as mean and 95 % interval, the knee of the first metric marked. */
import {formatQuantity, shortNumber} from '../base/units.ts';
import {align, type Paint} from './table.ts';

/** A metric at a point: mean over its replications, half width of the interval where there is one; null where nothing was measured. */
export interface SweepCell {
  readonly mean: number;
  readonly half: number | null;
}

export interface SweepPoint {
  readonly values: readonly string[];
  readonly cells: readonly (SweepCell | null)[];
  readonly bottleneck: string;
}

const SECONDS = /^(ttft|tpot|itl|e2e|queueing|sessions\.durationSeconds|simulatedSeconds)\b/;
const SHARE = /(^|\.)(share|.*[rR]atio|.*[uU]tilisation|filledFraction|headroom|idleWaitingForMemory)(\.(mean|max))?$/;

/** A metric's value as people read it: seconds as a time, shares in percent. */
export function formatMetric(metric: string, value: number): string {
  if (value === 0) return '0';
  if (SECONDS.test(metric) && !metric.endsWith('.count')) return formatQuantity(value * 1e9, 'time');
  if (SHARE.test(metric)) return `${shortNumber(value * 100)} %`;
  if (metric.startsWith('cost.')) return `$${shortNumber(value)}`;
  return shortNumber(value);
}

export function sweepText(
  paths: readonly string[],
  metrics: readonly string[],
  points: readonly SweepPoint[],
  knee: number | null,
  paint: Paint,
): string {
  const cell = (metric: string, found: SweepCell | null): string => {
    if (found === null) return '-';
    const mean = formatMetric(metric, found.mean);
    return found.half === null ? mean : `${mean} ±${formatMetric(metric, found.half)}`;
  };
  const header = [...paths.map(lastKey), ...metrics, 'busiest'];
  const rows = points.map(({values, cells, bottleneck}, i) => [
    ...values,
    ...metrics.map((metric, m) => cell(metric, cells[m]!)),
    i === knee ? `${bottleneck}  <- knee` : bottleneck,
  ]);
  return align([header, ...rows], paint);
}

function lastKey(path: string): string {
  return path.split('.').slice(-2).join('.');
}
