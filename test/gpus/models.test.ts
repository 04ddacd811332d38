import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {layersOf} from '../../src/gpus/layers.ts';
import {kvBytesPerToken, kvBytesPerTokenHeld} from '../../src/gpus/kv.ts';
import type {Param} from '../../src/base/params.ts';
import {gpuParams, modelParams, type Model} from '../../src/scenario/hardware.ts';
import {kvElements, parameterCount} from '../../src/scenario/parameterCount.ts';
import {rtxPro6000Kernels} from '../../src/scenario/presets/kernels.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {model} from './fixture.ts';

const models = catalogue.models.map((preset) => ({name: preset.name, ...valuesOf(modelParams, {}, preset, [])}) as unknown as Model);

describe.each(models)('$name', (one) => {
  // A linear-attention layer is counted as a full one: its own projections are not modelled.
  const tolerance = one.attentionLayers < one.layers && one.window === 0 ? 0.04 : 0.015;
  test('has the parameters that its shape gives', () => {
    const {all, active} = parameterCount(one);
    expect(Math.abs(all / one.parameters - 1)).toBeLessThan(tolerance);
    expect(Math.abs(active / one.activeParameters - 1)).toBeLessThan(0.12 + tolerance / 2); // surveys differ on whether embeddings are active
  });

  test('runs the matrices that it has parameters for', () => {
    const {matrices} = layersOf(one, {tensor: 1, pipeline: 1, data: 1, expert: false});
    const weights = matrices.reduce((sum, {inner, outer, times, experts}) => sum + inner * outer * times * Math.max(1, experts), 0);
    const embedding = one.tiedEmbedding ? 0 : one.vocabulary * one.hiddenSize;
    expect(weights + embedding).toBe(parameterCount(one).all);
  });

  test('has the KV that its shape gives', () => {
    expect(kvElements(one)).toBe(one.kvElementsPerToken);
    const {full, windowed} = layersOf(one, {tensor: 1, pipeline: 1, data: 1, expert: false});
    const bytes = 2 * (one.indexDimension > 0 ? one.indexDimension * one.attentionLayers : 0);
    const latent = one.indexDimension > 0 ? windowed : full;
    expect(latent.layers * latent.shape.kvBytes + bytes).toBe(kvBytesPerToken(one));
  });
});

test('KV heads are copied where tensor ranks outnumber them, latents always', () => {
  const grouped = model({kvHeads: 4, kvElementsPerToken: 96256});
  expect(kvBytesPerTokenHeld(grouped, 4)).toBe(192512);
  expect(kvBytesPerTokenHeld(grouped, 8)).toBe(385024); // Mooncake's table of Qwen3-235B at TP8: 385 KB a token
  expect(kvBytesPerTokenHeld(model({attention: 'mla', kvElementsPerToken: 35136}), 8)).toBe(8 * 70272);
});

test('a GPU that was not measured has the coefficients of the RTX PRO 6000', () => {
  for (const [field, {value}] of Object.entries(rtxPro6000Kernels)) {
    const param: Param = gpuParams[field as keyof typeof gpuParams];
    expect([field, 'default' in param ? param.default : undefined]).toEqual([field, value]);
  }
});
