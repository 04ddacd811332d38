import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  allReduceNs,
  ChunkWork,
  decodeBaseNs,
  decodeTokenNs,
  distinctExperts,
  matrixNs,
  meanKeys,
  mixedAttentionNs,
  pointwiseNs,
} from '../../src/gpus/kernels.ts';
import {pow} from '../../src/base/mathematics.ts';
import {roundGpu} from './fixture.ts';

/** 2 heads, 1 KV head, dimension 4: 16 operations a pair, 16 bytes a token. */
const shape = {heads: 2, kvHeads: 1, pairFlops: 16, kvBytes: 16, decodeFlops: 32};

describe('a matrix product', () => {
  test('takes the root of the sum of squares of arithmetic and memory', () => {
    // 100 x 1000 x 1000: 2e8 operations = 200,000 ns; 2e6 weights + 100 x 2000 x 2 activations = 2.4e6 B = 2,400,000 ns
    expect(matrixNs(roundGpu, 1e12, 100, 1000, 1000, 2e6)).toBeCloseTo(Math.hypot(2e5, 2.4e6), 3);
  });

  test('pays for whole waves of tiles as far as the GPU says', () => {
    // 129 x 128 is 2 tiles on 10 multiprocessors: one wave, 10 x 128 x 128 outputs
    const arithmetic = {...roundGpu, hbmBytesPerSecond: 1e30, matrixWaves: 1};
    expect(matrixNs(arithmetic, 1e12, 129, 1000, 128, 0)).toBeCloseTo((2 * 1000 * 10 * 128 * 128) / 1e3, 3);
  });

  test('never gets shorter with more tokens', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 5000}),
        fc.integer({min: 1, max: 500}),
        fc.double({min: 0, max: 1, noNaN: true}),
        (tokens, more, waves) => {
          const gpu = {...roundGpu, matrixWaves: waves};
          expect(matrixNs(gpu, 1e12, tokens + more, 512, 1024, 1e6)).toBeGreaterThanOrEqual(matrixNs(gpu, 1e12, tokens, 512, 1024, 1e6));
        },
      ),
    );
  });
});

test('tokens meet distinct experts as drawing with equal chances has it', () => {
  expect(distinctExperts(8, 2, 1, pow)).toBeCloseTo(2, 9);
  expect(distinctExperts(8, 2, 2, pow)).toBeCloseTo(8 * (1 - 0.75 ** 2), 9);
  expect(distinctExperts(8, 2, 1000, pow)).toBeCloseTo(8, 9);
  expect(distinctExperts(4, 4, 1, pow)).toBe(4);
});

test('a pointwise kernel takes its bytes at the rate of memory', () => {
  expect(pointwiseNs({...roundGpu, pointwiseOverhead: 5}, 1e6)).toBe(1e6 + 5);
});

describe('decode attention', () => {
  test('reads KV at the rate of memory, slower where few requests do', () => {
    expect(decodeTokenNs(roundGpu, shape, 4)).toBeCloseTo(16, 9);
    expect(decodeTokenNs({...roundGpu, decodeSaturation: 4}, shape, 4)).toBeCloseTo(16 * Math.SQRT2, 9);
    expect(decodeBaseNs({...roundGpu, decodeOverhead: 7, decodeTileOverhead: 10}, shape, 5)).toBe(7 + 10);
  });

  test('is bound by arithmetic where many heads share a latent', () => {
    expect(decodeTokenNs(roundGpu, {...shape, decodeFlops: 1e6}, 4)).toBe(1000);
  });
});

describe('keys seen by the tokens of a chunk', () => {
  test('equal the mean over its tokens, with any window', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 300}), fc.nat(300), fc.constantFrom(10, 100, 250, 1000), (tokens, cached, window) => {
        let sum = 0;
        for (let i = 0; i < tokens; i++) sum += Math.min(window, cached + i + 0.5);
        // half a key at the token that fills the window is split between both sides
        expect(Math.abs(meanKeys(tokens, cached, window) * tokens - sum)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});

describe('attention with prefill', () => {
  const of = (chunk: number, cached: number, batch = 0, kvTokens = 0, gpu = roundGpu, window = Infinity): number => {
    const work = new ChunkWork();
    work.addChunk(chunk, cached, window);
    return mixedAttentionNs(gpu, shape, work, batch, kvTokens);
  };

  test('is quadratic in the chunk and linear in what is cached', () => {
    // 2560 tokens: 20 tiles x 2 heads on 10 multiprocessors, each 128 x (1280 + 64) keys x 16 operations
    const tile = (keys: number): number => ((128 * keys * 16) / 1e11) * 1e9;
    expect(of(2560, 0)).toBeCloseTo(4 * tile(1280 + 64), 3);
    expect(of(2560, 1000) - of(2560, 0)).toBeCloseTo(4 * tile(1000), 3);
    expect(of(5120, 0) / of(2560, 0)).toBeGreaterThan(3.8);
  });

  test('lasts at least as long as one tile takes for its row of keys', () => {
    expect(of(16, 10000)).toBeCloseTo(((128 * 10016 * 16) / 1e11) * 1e9, 3);
  });

  test('stops growing with the cache beyond the window', () => {
    expect(of(256, 5000, 0, 0, roundGpu, 128)).toBe(of(256, 9000, 0, 0, roundGpu, 128));
  });

  test('reads KV again for each head of a group where it is more than the caches hold', () => {
    const small = {...roundGpu, bf16Flops: 1e18, mixedReuseBytes: 16000};
    expect(of(128, 0, 4, 1000, small)).toBeCloseTo(16000, 0);
    expect(of(128, 0, 4, 2000, small)).toBeCloseTo(64000, 0);
    expect(of(128, 0, 4, 4000, small)).toBeCloseTo(128000, 0); // at most once for each of two heads
  });
});

test('an all-reduce moves 2 (n - 1) / n of its bytes', () => {
  expect(allReduceNs({...roundGpu, collectiveOverhead: 3}, 4, 1000)).toBe(1503);
  expect(allReduceNs(roundGpu, 1, 1000)).toBe(0);
});
