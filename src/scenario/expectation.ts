/** `ttft.p99 <= 2 s`: a condition on the summary. */
import {parseQuantity, quantityFault} from '../base/units.ts';
import type {Dimension} from '../base/params.ts';
import {figureAt, suggestFigure, type FigureUnit} from './figures.ts';
import type {Expectation} from './scenario.ts';

const FORM = /^([a-zA-Z][\w.:]*)\s*(<=|>=|==|<|>)\s*(\S.*)$/;
const NUMBER = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/;

/** Units that are written, with what makes of them the unit of the summary. */
const dimensions: {readonly [U in FigureUnit]?: readonly [Dimension, number]} = {
  s: ['time', 1e-9],
  bytes: ['bytes', 1],
  'bytes/s': ['bytesPerSecond', 1],
  W: ['power', 1],
  J: ['energy', 1],
  USD: ['money', 1],
};

/** The expectation, or what is wrong with it; `tiers` are the scenario's, null where it is not known. Times are compared in seconds, sizes in bytes, percentages as shares. */
export function parseExpectation(text: string, tiers: readonly string[] | null): Expectation | string {
  const match = FORM.exec(text.trim());
  if (match === null)
    return `"${text}" is no condition: write a figure, a relation and a value, such as "ttft.p99 <= 2 s" or "cache.hitRatio >= 0.95"`;
  const [, path, relation, written] = match as unknown as [string, string, Expectation['relation'], string];
  const figure = figureAt(path, tiers);
  if (figure === null) return `there is no figure "${path}" in summary.json${suggestFigure(path, tiers)}`;
  if (figure.unit === 'text') return `${path} is text: a condition compares numbers`;
  const value = valueOf(written, figure.unit);
  return typeof value === 'string' ? value : {text: text.trim(), path, relation, value};
}

function valueOf(text: string, unit: FigureUnit): number | string {
  const known = dimensions[unit];
  if (known !== undefined) {
    const value = parseQuantity(text, known[0]) * known[1];
    if (!Number.isNaN(value) && value !== Infinity) return value;
    return NUMBER.test(text) && Number(text) === 0 ? 0 : `"${text}" ${quantityFault(text, known[0])}`;
  }
  if (unit === 'share' && /^[\d.]+\s*%$/.test(text)) return Number.parseFloat(text) / 100;
  if (unit === '/s' && !Number.isNaN(parseQuantity(text, 'rate'))) return parseQuantity(text, 'rate');
  if (NUMBER.test(text)) return Number(text);
  return `"${text}" is no value: write ${unit === 'share' ? 'a share such as 0.95 or "95 %"' : 'a number'}`;
}
