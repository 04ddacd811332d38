/** The scenario's own `sweep:`: which of its values to vary, and how often each point is run. */
import {AxisError, axisOf, type Axis} from './axis.ts';
import type {Diagnostic} from './diagnostics.ts';
import type {Input} from './values.ts';

export interface SweepRule {
  readonly axes: readonly Axis[];
  /** Axes side by side instead of every combination. */
  readonly zip: boolean;
  readonly replications: number;
}

type Given = {
  readonly vary: {readonly [path: string]: string | readonly unknown[]};
  readonly zip?: boolean;
  readonly replications?: number;
};

/** Of an input without mistakes; null where it has no `sweep:`. */
export function sweepRuleOf(input: Input): SweepRule | null {
  const given = input['sweep'] as Given | undefined;
  if (given === undefined) return null;
  const axes = Object.entries(given.vary).map(([path, values]) => axisOf(path, textOf(values)));
  return {axes, zip: given.zip ?? false, replications: given.replications ?? 1};
}

/** Axes that are none, told beside every other mistake; what has not the right shape is the schema's to tell. */
export function mistakesInSweep({sweep}: Input): Diagnostic[] {
  const vary = typeof sweep === 'object' && sweep !== null ? (sweep as {readonly vary?: unknown}).vary : undefined;
  if (typeof vary !== 'object' || vary === null || Array.isArray(vary)) return [];
  return Object.entries(vary).flatMap(([path, values]): Diagnostic[] => {
    if (typeof values !== 'string' && !Array.isArray(values)) return [];
    try {
      axisOf(path, textOf(values as string | unknown[]));
      return [];
    } catch (error) {
      if (!(error instanceof AxisError)) throw error;
      return [{path: ['sweep', 'vary', path], message: error.message}];
    }
  });
}

function textOf(values: string | readonly unknown[]): string {
  return typeof values === 'string' ? values : values.map(String).join(',');
}
