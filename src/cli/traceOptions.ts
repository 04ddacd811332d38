/** What a timeline is to hold: `--trace`, `--trace-window`, `--trace-sample`. */
import {parseQuantity} from '../base/units.ts';
import {UserError} from './userError.ts';

/** Nanoseconds of simulated time. */
export interface TraceWindow {
  readonly fromNs: number;
  readonly toNs: number;
}

export function parseTrace(text: string): 'perfetto' {
  if (text !== 'perfetto') throw new UserError(`--trace ${text}: write perfetto`);
  return text;
}

export function parseWindow(text: string): TraceWindow {
  const [from, to, ...rest] = text.split('..').map((part) => (/^0+$/.test(part.trim()) ? 0 : parseQuantity(part.trim(), 'time')));
  if (rest.length > 0 || !(from! >= 0 && to! > from!))
    throw new UserError(`--trace-window ${text}: write two times, the later one last, such as 10s..20s or 0..500ms`);
  return {fromNs: from!, toNs: to!};
}

export function parseSample(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError(`--trace-sample ${text}: write a whole number n, for one request in n`);
  return Number(text);
}
