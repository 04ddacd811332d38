import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {claimFiles, committedVerdicts} from '../../src/cli/claims.ts';
import {openWorkload, readText} from '../../src/cli/scenarioFile.ts';
import {ClaimJudge} from '../../src/experiments/claims.ts';
import {evaluate, ExpressionError, holdsTrue, namesIn} from '../../src/experiments/expression.ts';
import {readClaim, type ClaimFile} from '../../src/scenario/claimFile.ts';

const directory = path.resolve(import.meta.dirname, '../../scenarios/claims');
const names: {readonly [name: string]: number} = {a: 6, 'b.c': 3};
const lookup = (name: string): number | undefined => names[name];

describe('expressions', () => {
  test('are arithmetic with the usual precedence', () => {
    expect(evaluate('1 + 2 * a / b.c - -4', lookup)).toBe(9);
    expect(evaluate('max(a, min(b.c, 100)) * (1 - 0.5e1)', lookup)).toBe(-24);
    expect(holdsTrue('a / b.c >= 2', lookup)).toBe(true);
    expect(holdsTrue('a < b.c', lookup)).toBe(false);
    expect(namesIn('max(a, b.c) + 2e3')).toEqual(['a', 'b.c']);
  });

  test('say what is wrong with them', () => {
    for (const text of ['a +', '(a', 'a b', 'max(a', 'nothing', 'a ? b']) expect(() => evaluate(text, lookup)).toThrow(ExpressionError);
    expect(() => holdsTrue('a', lookup)).toThrow('write a relation');
  });
});

/** A claim of numbers alone. */
function claim(more: string): ClaimFile {
  return readClaim(`claim: T\nline: 1\nquote: q\nvalue: v\nholds: h\nfails: f\nprior: supported\n${more}`, 'T.yaml');
}
const judge = new ClaimJudge(readText, openWorkload);
const numbers = 'numbers: {x: {value: 5, source: s, confidence: remembered, range: [1, 9]}}\nfigures: {y: 2 * x}\n';

describe('a verdict', () => {
  test('is supported where every case holds, refuted where none does, else conditional', () => {
    const verdict = (expectation: string): string =>
      judge.judge(claim(`${numbers}cases: {low: {numbers: {x: 2}}, high: {numbers: {x: 8}}}\nexpect: ["${expectation}"]`), 'T.yaml', false)
        .verdict;
    expect(verdict('y >= 4')).toBe('supported');
    expect(verdict('y >= 5')).toBe('conditional');
    expect(verdict('y >= 17')).toBe('refuted');
    expect(judge.judge(claim('unverifiable: no figure'), 'T.yaml').verdict).toBe('unverifiable');
  });

  test('says where it flips within the range of what is only remembered, to 2 % of the range', () => {
    const {flips} = judge.judge(claim(`${numbers}expect: [y >= 6]`), 'T.yaml');
    expect(flips).toHaveLength(1);
    expect(flips[0]).toMatch(/^flips to refuted when x < (2\.9|3\.0)\d*$/);
    expect(judge.judge(claim(`${numbers}expect: [y >= 1]`), 'T.yaml').flips).toEqual([]);
  });

  test('needs something that judges it, and ranges for what is remembered', () => {
    expect(() => claim('')).toThrow('nothing judges it');
    expect(() => claim('numbers: {x: {value: 5, source: s, confidence: remembered}}\nfigures: {y: x}\nexpect: [y > 1]')).toThrow(
      'only remembered',
    );
    expect(() => claim('figures: {y: 1}\nexpect: [y > 1]\nfigure: 2')).toThrow('unknown key "figure"');
  });
});

describe('the committed claims', () => {
  const files = claimFiles(directory);
  const committed = committedVerdicts(directory);
  /** Those judged within seconds; `npm run check:claims` judges and flips them all. */
  const judged = process.env['CLAIMS'] === 'all' ? files : files.filter(({claim: {scenario}}) => scenario !== 'base/agents.yaml');

  test('are all of the suite, each with its verdict', () => {
    expect(files).toHaveLength(56);
    expect(Object.keys(committed)).toEqual(files.map(({claim: {claim: name}}) => name));
  });

  test('have the verdict that is committed, and one changed number flips it', () => {
    expect(judged.length).toBeGreaterThan(25);
    for (const {claim: one, file} of judged) {
      const {verdict} = judge.judge(one, file, false);
      expect([one.claim, verdict]).toEqual([one.claim, committed[one.claim]!.verdict]);
      if (one.flip !== undefined) expect([one.claim, judge.verdictUnder(one, file, one.flip)]).not.toEqual([one.claim, verdict]);
      else expect([one.claim, verdict]).toEqual([one.claim, 'unverifiable']);
    }
  }, 300_000);
});
