import {describe, expect, test} from 'vitest';
import {billLine, retentionsOf} from '../../src/metrics/bill.ts';
import {worthOf} from '../../src/metrics/worth.ts';

const list = {input: 3, cached: 0.3, write: 3.75, writeHour: 6, output: 15};
const run = {
  seconds: 3600,
  computedTokens: 1e6,
  cachedTokens: 9e6,
  outputTokens: 1e5,
  cachedBelowTokens: 4e6,
  prefillGpuSeconds: 1800,
  retainedBytes: 6e12,
  totalCost: 4,
  perMillionInputTokens: 2,
  perMillionCachedTokens: 0.05,
};

describe('worthOf()', () => {
  test('is arithmetic', () => {
    const worth = worthOf(run, list);
    expect(worth.breakEvenRatio).toBeCloseTo(0.025, 12);
    expect(worth.income).toBeCloseTo(3 + 9 * 0.3 + 0.1 * 15, 12); // 7.2
    expect(worth.grossMargin).toBeCloseTo(1 - 4 / 7.2, 12);
    expect(worth.gpusFreed).toBeCloseTo((9 * 1800) / 3600, 12);
    expect(worth.perRetainedTerabyteDay).toBeCloseTo(8 / (6 / 24), 12);
  });

  test('does not guess where a price is missing', () => {
    const none = {input: null, cached: null, write: null, writeHour: null, output: null};
    expect(worthOf({...run, perMillionInputTokens: null, totalCost: null}, none)).toEqual({
      breakEvenRatio: null,
      income: null,
      grossMargin: null,
      gpusFreed: 4.5,
      perRetainedTerabyteDay: null,
    });
    expect(worthOf(run, {...list, cached: null}).income).toBe(30 + 1.5); // found tokens are sold as computed ones
  });
});

describe('a bill', () => {
  test('charges computed tokens for being written, found ones as cached', () => {
    const tokens = {
      simulatedSeconds: 10,
      throughput: {inputTokensPerSecond: 1e6, outputTokensPerSecond: 1e4},
      cache: {tokenHitRatio: 0.9},
    } as unknown as Parameters<typeof billLine>[1];
    expect(billLine('5 minutes', tokens, 3.75, 0.3, 15)).toEqual({
      retention: '5 minutes',
      tokenHitRatio: 0.9,
      computedTokens: 1e6,
      cachedTokens: 9e6,
      outputTokens: 1e5,
      dollars: 3.75 + 2.7 + 1.5,
    });
    expect(retentionsOf(list).map(({inputPrice}) => inputPrice)).toEqual([3.75, 6, 3.75]);
    expect(retentionsOf({...list, writeHour: null, write: null}).map(({inputPrice}) => inputPrice)).toEqual([3, 3, 3]);
  });
});
