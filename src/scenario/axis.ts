/** An axis of a sweep: a path of the scenario and the values that it takes, as `--vary` and the scenario's `sweep:` write them. Values are texts, as `--set` takes them. */
import {exp, ln} from '../base/mathematics.ts';

export interface Axis {
  readonly path: string;
  readonly values: readonly string[];
}

/** The user wrote an axis that is none. */
export class AxisError extends Error {}

const RANGE = /^\s*(-?[\d.]+(?:e-?\d+)?)\s*(\D*?)\s*\.\.\s*(-?[\d.]+(?:e-?\d+)?)\s*([^:]*?)\s*(?::\s*(\d+)\s*(log)?)?\s*$/;
const EXAMPLES =
  'write path=a,b,c or path=lo..hi:n (n values, evenly spaced; ":n log" in ratio), such as tiers.nvme.drives=1..8 or kv.slab=4 MiB..64 MiB:5 log';
/** Values of one axis at most: a slip of the pen should not start a million runs. */
const VALUES_MAX = 10_000;

/**
 * `path=a,b,c`; `path=lo..hi:n`, n values evenly spaced, or in ratio with `:n log`; `path=lo..hi`, every whole number. Between whole numbers
 * without a unit, values are whole. A unit stands behind hi, or behind both.
 * @throws AxisError
 */
export function parseAxis(text: string): Axis {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new AxisError(`${text}: ${EXAMPLES}`);
  return axisOf(text.slice(0, at).trim(), text.slice(at + 1));
}

/** What stands to the right of `path=`. @throws AxisError */
export function axisOf(path: string, right: string): Axis {
  const text = `${path}=${right}`;
  const range = RANGE.exec(right);
  const values = range === null ? right.split(',').map((value) => value.trim()) : rangeOf(text, range);
  if (values.some((value) => value === '')) throw new AxisError(`${text}: an empty value; ${EXAMPLES}`);
  if (new Set(values).size < values.length) throw new AxisError(`${text}: a value stands there twice`);
  return {path, values};
}

function rangeOf(text: string, [, low, lowUnit, high, highUnit, count, log]: RegExpExecArray): string[] {
  const [first, last] = [Number(low), Number(high)];
  const unit = highUnit!.trim();
  if (lowUnit !== '' && lowUnit !== unit) throw new AxisError(`${text}: one unit for both ends, not "${lowUnit}" and "${unit}"`);
  if (!(first < last)) throw new AxisError(`${text}: the range must grow`);
  if (log !== undefined && first <= 0) throw new AxisError(`${text}: a range in ratio begins above 0`);
  const whole = Number.isInteger(first) && Number.isInteger(last) && unit === '';
  if (count === undefined && !whole) throw new AxisError(`${text}: say how many values: ${low}..${high}${unit === '' ? '' : ` ${unit}`}:5`);
  const n = count === undefined ? last - first + 1 : Number(count);
  if (n < 2 || n > VALUES_MAX) throw new AxisError(`${text}: 2 to ${VALUES_MAX} values, not ${n}`);
  const numbers = Array.from({length: n}, (_, i) => {
    const share = i / (n - 1);
    const value = i === n - 1 ? last : log === undefined ? first + (last - first) * share : first * exp(ln(last / first) * share);
    return whole ? Math.round(value) : Number(value.toPrecision(6));
  });
  return [...new Set(numbers)].map((value) => (unit === '' ? String(value) : `${value} ${unit}`));
}
