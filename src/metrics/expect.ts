/** `expect:` lines against a summary. */
import type {Expectation} from '../scenario/scenario.ts';
import type {Summary} from './summary.ts';

export function judge(expectations: readonly Expectation[], summary: object): Summary['expect'] {
  return expectations.map(({text, path, relation, value}) => {
    const found = path
      .split('.')
      .reduce<unknown>(
        (part, key) => (typeof part === 'object' && part !== null ? (part as {readonly [key: string]: unknown})[key] : undefined),
        summary,
      );
    const actual = typeof found === 'number' ? found : null;
    return {text, passed: actual !== null && holds(actual, relation, value), actual};
  });
}

/** Whether `actual relation value`. */
export function holds(actual: number, relation: Expectation['relation'], value: number): boolean {
  if (relation === '<') return actual < value;
  if (relation === '<=') return actual <= value;
  if (relation === '>') return actual > value;
  return relation === '>=' ? actual >= value : actual === value;
}
