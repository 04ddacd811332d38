import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {ScenarioError} from '../../src/scenario/diagnostics.ts';
import {modelParams} from '../../src/scenario/hardware.ts';
import {modelFieldsOf} from '../../src/scenario/modelConfig.ts';
import {valuesOf} from '../../src/scenario/values.ts';

const common = {tie_word_embeddings: false, max_position_embeddings: 131072};
/** The shape fields of config.json as published, by the preset that stands for the same model. */
const configs: {readonly [preset: string]: object} = {
  'llama-3.1-8b': {
    ...common,
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
  },
  'mixtral-8x7b': {
    ...common,
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 32000,
    num_local_experts: 8,
    num_experts_per_tok: 2,
    sliding_window: null,
    max_position_embeddings: 32768,
  },
  'qwen3-30b-a3b': {
    ...common,
    num_hidden_layers: 48,
    hidden_size: 2048,
    num_attention_heads: 32,
    num_key_value_heads: 4,
    head_dim: 128,
    intermediate_size: 6144,
    moe_intermediate_size: 768,
    num_experts: 128,
    num_experts_per_tok: 8,
    decoder_sparse_step: 1,
    mlp_only_layers: [],
    use_sliding_window: false,
    vocab_size: 151936,
  },
  'deepseek-v3': {
    ...common,
    num_hidden_layers: 61,
    hidden_size: 7168,
    num_attention_heads: 128,
    num_key_value_heads: 128,
    intermediate_size: 18432,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_experts_per_tok: 8,
    first_k_dense_replace: 3,
    moe_layer_freq: 1,
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_rope_head_dim: 64,
    qk_nope_head_dim: 128,
    v_head_dim: 128,
    vocab_size: 129280,
  },
  'gpt-oss-120b': {
    ...common,
    num_hidden_layers: 36,
    hidden_size: 2880,
    num_attention_heads: 64,
    num_key_value_heads: 8,
    head_dim: 64,
    intermediate_size: 2880,
    num_local_experts: 128,
    num_experts_per_tok: 4,
    sliding_window: 128,
    layer_types: Array.from({length: 36}, (_, i) => (i % 2 === 0 ? 'sliding_attention' : 'full_attention')),
    vocab_size: 201088,
  },
};

describe('a config.json', () => {
  test.each(Object.entries(configs))('of %s gives what its preset says', (name, config) => {
    const preset = catalogue.models.find((one) => one.name === name);
    const expected = valuesOf(modelParams, {}, preset, []);
    const fields = valuesOf(modelParams, modelFieldsOf(JSON.stringify(config), 'config.json'), undefined, []);
    for (const [field, value] of Object.entries(expected)) {
      if (field === 'parameters' || field === 'activeParameters') expect((fields[field] as number) / (value as number)).toBeCloseTo(1, 1);
      else expect([field, fields[field]]).toEqual([field, value]);
    }
  });

  test("counts a multimodal model's text part, and reads its precision", () => {
    const text = JSON.stringify({
      vision_config: {hidden_size: 1},
      text_config: configs['llama-3.1-8b'],
      quantization_config: {quant_method: 'fp8'},
    });
    expect(modelFieldsOf(text, 'config.json')).toMatchObject({layers: 32, hiddenSize: 4096, weights: 'fp8'});
  });

  test('tells what is missing or no number, with its line', () => {
    const text =
      '{\n  "hidden_size": "wide",\n  "num_hidden_layers": 32,\n  "num_attention_heads": 32,\n  "intermediate_size": 100,\n  "max_position_embeddings": 10\n}';
    let fault: unknown;
    try {
      modelFieldsOf(text, 'config.json');
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(ScenarioError);
    expect((fault as Error).message).toContain('config.json:2:18: error: hidden_size: expected a whole number, found "wide"');
    expect((fault as Error).message).toContain('missing: vocab_size');
  });
});
