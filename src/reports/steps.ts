/** What one step more of each resource would buy, and at what price: the best for its money first. */
import {shortNumber} from '../base/units.ts';
import {formatMetric} from './sweepText.ts';
import {align, type Paint} from './table.ts';

export interface Bought {
  readonly name: string;
  /** As `--set` takes them. */
  readonly set: readonly string[];
  readonly dollarsPerHour: number | null;
  readonly missing: string | null;
  /** The metric that is watched, at the answer and with the step. */
  readonly before: number | null;
  readonly after: number | null;
}

export function stepsText(steps: readonly Bought[], metric: string, before: number | null, paint: Paint): string {
  const rows = [...steps]
    .sort((a, b) => worth(b) - worth(a) || change(b) - change(a))
    .map((step) => [
      step.name,
      step.after === null ? '-' : formatMetric(metric, step.after),
      signed(metric, step),
      step.dollarsPerHour === null ? `? (${step.missing})` : `$${shortNumber(step.dollarsPerHour)}`,
      worth(step) > 0 ? formatMetric(metric, worth(step)) : '',
    ]);
  const now = before === null ? '-' : formatMetric(metric, before);
  return `\nwhat one step more of each resource would buy (${metric} ${now} at the answer):\n${align([['', metric, 'change', 'an hour', 'per $/h'], ...rows], paint)}`;
}

/** How far the metric moves, whichever way. */
function change({before, after}: Bought): number {
  return before === null || after === null ? 0 : Math.abs(after - before);
}

/** That for a dollar an hour; 0 where it moves nothing or has no price. */
function worth(step: Bought): number {
  return step.dollarsPerHour === null || step.dollarsPerHour === 0 ? 0 : change(step) / step.dollarsPerHour;
}

function signed(metric: string, {before, after}: Bought): string {
  if (before === null || after === null) return '-';
  if (before === after) return '=';
  return `${after > before ? '+' : '-'}${formatMetric(metric, Math.abs(after - before))}`;
}
