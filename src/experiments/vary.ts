/** Which runs a sweep makes: its axes crossed, or side by side. */
import {AxisError, type Axis} from '../scenario/axis.ts';
import type {Override} from '../scenario/overrides.ts';

/** Every combination, the last axis fastest. */
export function grid(axes: readonly Axis[]): Override[][] {
  return axes.reduce<Override[][]>((rows, {path, values}) => rows.flatMap((row) => values.map((value) => [...row, {path, value}])), [[]]);
}

/**
 * First values together, then second ones, and so on.
 * @throws AxisError where the axes differ in length
 */
export function zip(axes: readonly Axis[]): Override[][] {
  const lengths = new Set(axes.map(({values}) => values.length));
  if (lengths.size > 1) throw new AxisError(`axes of ${[...lengths].join(' and ')} values; side by side they need the same number`);
  return (axes[0]?.values ?? []).map((_, i) => axes.map(({path, values}) => ({path, value: values[i]!})));
}
