import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {GpuStepModel} from '../../src/gpus/stepModel.ts';
import {catalogue} from '../../src/catalogue.ts';
import type {Params} from '../../src/base/params.ts';
import {named} from '../../src/scenario/catalogue.ts';
import {gpuParams, modelParams, type Gpu, type Model, type Preset} from '../../src/scenario/hardware.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import type {Parallel} from '../../src/scenario/scenario.ts';
import {ONE_GPU, scenario} from '../simulation/fixture.ts';
import {model, roundGpu} from './fixture.ts';

const gpu = scenario().servers.server.gpu;
const NS = 2 ** 18;

/** Nanoseconds of a decode step of `batch` requests of `context` tokens each. */
function decodeNs(steps: GpuStepModel, batch: number, context: number): number {
  const seen = Math.min(context, steps.window);
  return (steps.decodeBase(batch) + batch * (context * steps.kvTokenCost(batch) + seen * steps.windowTokenCost(batch))) / NS;
}

function mixedNs(steps: GpuStepModel, chunks: readonly number[], batch = 0, kvTokens = 0): number {
  return steps.mixed(Float64Array.from(chunks), chunks.length / 2, batch, kvTokens, Math.min(kvTokens, batch * steps.window)) / NS;
}

const steps = (over: Partial<Model> = {}, parallel: Partial<Parallel> = {}): GpuStepModel =>
  new GpuStepModel(model(over), gpu, {...ONE_GPU, ...parallel}, 'ns', 2048);

test('a decode step of a tiny model is what one counts by hand', () => {
  // width 8, 2 heads and 1 KV head of 4, feed-forward 16, vocabulary 32, one layer, all at 1 GB/s and no arithmetic
  const tiny = model({
    layers: 1,
    attentionLayers: 1,
    hiddenSize: 8,
    heads: 2,
    kvHeads: 1,
    headDimension: 4,
    feedForwardSize: 16,
    vocabulary: 32,
  });
  const tinySteps = new GpuStepModel(tiny, {...roundGpu, bf16Flops: 1e30}, ONE_GPU, 'ns', 2048);
  const batch = 3;
  const product = (inner: number, outer: number): number => 2 * inner * outer + batch * 2 * (inner + outer);
  const products = product(8, 16) + product(8, 8) + product(8, 32) + product(16, 8) + product(8, 32);
  const pointwise = batch * 2 * (8 * 8 + 2 * 3 * 4 + 3 * 16 + 6 * 8);
  const read = batch * 10 * 16; // 10 tokens of context, 2 x 4 x 2 bytes each
  expect(decodeNs(tinySteps, batch, 10)).toBeCloseTo(products + pointwise + read, 3);
});

describe('a step', () => {
  const sizes = fc.record({batch: fc.integer({min: 1, max: 256}), context: fc.integer({min: 1, max: 50_000})});

  test('of decode grows with the batch and the context', () => {
    const one = steps();
    fc.assert(
      fc.property(sizes, ({batch, context}) => {
        expect(decodeNs(one, batch, context + 1)).toBeGreaterThan(decodeNs(one, batch, context));
        expect(decodeNs(one, batch + 1, context)).toBeGreaterThan(decodeNs(one, batch, context));
      }),
    );
  });

  test('with prefill grows with the chunk, with what is cached, and with what decodes beside it', () => {
    const one = steps();
    fc.assert(
      fc.property(fc.integer({min: 1, max: 4096}), fc.nat(60_000), sizes, (chunk, cached, {batch, context}) => {
        const here = mixedNs(one, [chunk, cached], batch, batch * context);
        expect(mixedNs(one, [chunk + 1, cached], batch, batch * context)).toBeGreaterThanOrEqual(here);
        expect(mixedNs(one, [chunk, cached + 128], batch, batch * context)).toBeGreaterThanOrEqual(here);
        expect(mixedNs(one, [chunk, cached], batch, batch * context + 1)).toBeGreaterThanOrEqual(here);
      }),
    );
  });

  test('has integers for coefficients, in nanoseconds and picoseconds', () => {
    for (const timebase of ['ns', 'ps'] as const) {
      const one = new GpuStepModel(model(), gpu, ONE_GPU, timebase, 2048);
      for (const batch of [1, 7, 256]) {
        expect(Number.isSafeInteger(one.decodeBase(batch))).toBe(true);
        expect(Number.isSafeInteger(one.kvTokenCost(batch))).toBe(true);
      }
    }
    const ns = decodeNs(steps(), 16, 4000);
    const ps = new GpuStepModel(model(), gpu, ONE_GPU, 'ps', 2048);
    expect((ps.decodeBase(16) + 64_000 * ps.kvTokenCost(16)) / 256 / 1000).toBeCloseTo(ns, -1);
  });
});

describe('weights and KV in fewer bits', () => {
  test('read less', () => {
    const saved = (steps().decodeBase(1) - steps({weights: 'fp8'}).decodeBase(1)) / NS;
    const parameters = 32 * (4096 * 6144 + 4096 * 4096 + 3 * 4096 * 14336); // the output matrix stays in BF16
    const readNs = (parameters / (gpu.matrixBandwidth * gpu.hbmBytesPerSecond)) * 1e9;
    expect(Math.abs(saved / readNs - 1)).toBeLessThan(0.01); // a token's arithmetic is next to nothing
    expect(steps({kv: 'fp8'}).kvTokenCost(64) * 2).toBe(steps().kvTokenCost(64));
  });
});

describe('parallelism', () => {
  test('tensor ranks share weights and KV, up to one KV head each', () => {
    const costs = [1, 2, 4, 8, 16].map((tensor) => steps({}, {tensor}).kvTokenCost(256));
    for (let i = 1; i < 4; i++) expect(costs[i]! / costs[i - 1]!).toBeCloseTo(0.5, 2);
    expect(costs[4]! / costs[3]!).toBeCloseTo(1, 1); // 8 KV heads on 16 ranks lie twice
    expect(decodeNs(steps({}, {tensor: 8}), 64, 2000)).toBeLessThan(decodeNs(steps(), 64, 2000));
  });

  test('latents are read whole by every tensor rank, and shared among data ranks', () => {
    const latent = {
      attention: 'mla' as const,
      kvHeads: 1,
      queryRank: 512,
      latentRank: 512,
      ropeDimension: 64,
      nopeDimension: 128,
      valueDimension: 128,
    };
    const memoryBound = {...gpu, bf16Flops: 1e30, decodeSaturation: 0};
    const cost = (parallel: Partial<Parallel>): number =>
      new GpuStepModel(model(latent), memoryBound, {...ONE_GPU, ...parallel}, 'ns', 2048).kvTokenCost(1024);
    expect(cost({tensor: 8})).toBe(cost({}));
    expect(cost({data: 8}) * 8).toBeCloseTo(cost({}), -1);
  });

  test('spread experts are met by all tokens, few by each rank', () => {
    const mixture = {experts: 64, activeExperts: 4, expertSize: 2048, feedForwardSize: 0};
    const spread = steps(mixture, {data: 8, expert: true});
    const whole = steps(mixture, {data: 8});
    expect(spread.decodeBase(64)).toBeLessThan(whole.decodeBase(64)); // 8 experts a rank instead of most of 64
  });
});

describe('windowed layers', () => {
  test('cost nothing more once the context fills the window', () => {
    const windowed = steps({attentionLayers: 16, window: 1000});
    const full = steps();
    expect(windowed.window).toBe(1000);
    const growth = (one: GpuStepModel, context: number): number => decodeNs(one, 8, context + 100) - decodeNs(one, 8, context);
    expect(growth(windowed, 5000) / growth(full, 5000)).toBeCloseTo(0.5, 2);
    expect(growth(windowed, 500) / growth(full, 500)).toBeCloseTo(1, 2);
  });
});

describe('the price of recomputing', () => {
  test('is that of the chunks one by one, within 3 %', () => {
    const one = steps();
    for (const [from, to] of [
      [0, 2048],
      [0, 20_480],
      [8192, 40_960],
    ] as const) {
      let sum = 0;
      for (let at = from; at < to; at += 2048) sum += mixedNs(one, [2048, at]);
      expect(Math.abs(one.prefillNs(from, to) / sum - 1)).toBeLessThan(0.03);
    }
    expect(one.prefillNs(5, 5)).toBe(0);
  });
});

describe('published prefill times', () => {
  const preset = (presets: readonly Preset[], params: Params, name: string): unknown => ({
    name,
    ...valuesOf(params, {}, named(presets, name), []),
  });
  // Mooncake (FAST'25), figure 14, read off it: Llama-3-70B on 8 x A800, whose arithmetic and memory are the A100's.
  test.each([
    [0, 8192, 1],
    [0, 16384, 2],
    [0, 32768, 4.5],
    [0, 65536, 10.5],
    [0, 131072, 27.5],
    [124518, 131072, 2.3],
  ])('of tokens %i to %i of a prompt are met within 20 %% by a GPU that was not fitted', (from, to, seconds) => {
    const a100 = preset(catalogue.gpus, gpuParams, 'a100-sxm-80') as Gpu;
    const llama = preset(catalogue.models, modelParams, 'llama-3.1-70b') as Model;
    const one = new GpuStepModel(llama, a100, {...ONE_GPU, tensor: 8}, 'ns', 8192);
    expect(Math.abs(one.prefillNs(from, to) / 1e9 / seconds - 1)).toBeLessThan(0.2);
  });
});

describe('sparse attention behind an index', () => {
  const preset = <T>(presets: readonly Preset[], params: Params, name: string): T =>
    ({...valuesOf(params, {}, named(presets, name)!, []), weights: 'fp8', kv: 'fp8'}) as unknown as T;
  const b200 = preset<Gpu>(catalogue.gpus, gpuParams, 'b200-sxm');
  const of = (name: string, tensor: number): GpuStepModel =>
    new GpuStepModel(preset<Model>(catalogue.models, modelParams, name), b200, {...ONE_GPU, tensor}, 'ns', 8192);
  const CACHED = 115_000;

  test('costs no more behind a long prefix than dense attention of the same model, however short the chunk', () => {
    for (const tensor of [1, 8]) {
      for (const chunk of [1, 100, 500]) {
        const [sparse, dense] = ['deepseek-v3.2', 'deepseek-v3'].map((name) => of(name, tensor).prefillNs(CACHED, CACHED + chunk));
        expect(sparse, `${chunk} tokens on ${tensor}`).toBeLessThan(dense!);
      }
    }
  });

  test('saves most of attention where heads are not cut over GPUs, and little where they are: every rank runs the whole index', () => {
    const attention = (name: string, tensor: number): number =>
      of(name, tensor).prefillNs(CACHED, CACHED + 8192) - of(name, tensor).prefillNs(0, 8192);
    expect(attention('deepseek-v3.2', 1) / attention('deepseek-v3', 1)).toBeLessThan(0.25);
    expect(attention('deepseek-v3.2', 8) / attention('deepseek-v3', 8)).toBeGreaterThan(0.5);
  });
});
