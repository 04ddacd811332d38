/** Two sets of paired runs side by side: metrics with the difference and its interval, and where the time went in each. */
import type {Interval} from '../metrics/interval.ts';
import {wordsOf} from '../metrics/answer.ts';
import type {ByState} from '../metrics/summary.ts';
import {formatMetric} from './sweepText.ts';
import {align, type Paint} from './table.ts';

export interface ComparedMetric {
  readonly name: string;
  readonly first: number;
  readonly second: number;
  /** Second less first, over the pairs. */
  readonly difference: Interval;
}

/** @param pairs how many; 1 prints no interval */
export function comparisonText(metrics: readonly ComparedMetric[], pairs: number, paint: Paint): string {
  const rows = metrics.map(({name, first, second, difference: {mean, half}}) => {
    const sign = mean > 0 ? '+' : mean < 0 ? '-' : '';
    const apart = half !== null && Math.abs(mean) > half;
    return [
      name,
      formatMetric(name, first),
      formatMetric(name, second),
      `${sign}${formatMetric(name, Math.abs(mean))}`,
      half === null ? '' : `±${formatMetric(name, half)}`,
      first === 0 ? '' : `${sign}${(Math.abs(mean / first) * 100).toFixed(1)} %`,
      half === null ? '' : apart ? '' : 'within noise',
    ];
  });
  const header = ['', 'A', 'B', 'B - A', pairs > 1 ? '95 %' : '', 'of A', ''];
  return align([header, ...rows], paint);
}

/** Seconds by state of two attributions, the largest differences first. */
export function attributionText(title: string, first: ByState, second: ByState, paint: Paint): string {
  const states = [...new Set([...Object.keys(first), ...Object.keys(second)])]
    .map((state) => ({state, a: first[state] ?? 0, b: second[state] ?? 0}))
    .filter(({a, b}) => a > 0 || b > 0)
    .sort((one, other) => Math.abs(other.b - other.a) - Math.abs(one.b - one.a));
  const rows = states.map(({state, a, b}) => [
    wordsOf(state),
    formatMetric('ttft', a),
    formatMetric('ttft', b),
    `${b > a ? '+' : b < a ? '-' : ''}${formatMetric('ttft', Math.abs(b - a))}`,
  ]);
  return align([[title, 'A', 'B', 'B - A'], ...rows], paint);
}
