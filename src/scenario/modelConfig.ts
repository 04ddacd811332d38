/**
 * A model from a Hugging Face config.json: the fields of `model:` that it gives. Names are those of the transformers library's configuration
 * classes (Llama, Mistral, Mixtral, Qwen 2 to 3.5, Gemma, gpt-oss, DeepSeek, Kimi, GLM, MiniMax); a multimodal model's text part counts.
 */
import {ScenarioError, type Diagnostic} from './diagnostics.ts';
import {ScenarioDocument} from './document.ts';
import {kvElements, parameterCount, type Shape} from './parameterCount.ts';
import type {Input} from './values.ts';

/** Fields as a scenario would write them. Throws ScenarioError with lines of the config. */
export function modelFieldsOf(text: string, file: string): Input {
  const document = new ScenarioDocument(text, file, []);
  const content = document.content();
  const mistakes: Diagnostic[] = [];
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ScenarioError([document.place({path: [], message: 'a config.json is one object'})]);
  const nested = (content as Input)['text_config'];
  const within = typeof nested === 'object' && nested !== null ? ['text_config'] : [];
  const config = new Config((within.length > 0 ? nested : content) as Input, within, mistakes);
  const shape = shapeOf(config);
  const fields = {
    ...shape,
    parameters: Math.round(parameterCount(shape).all),
    activeParameters: Math.round(parameterCount(shape).active),
    kvElementsPerToken: kvElements(shape),
    contextTokens: `${config.count('max_position_embeddings', 'model_max_length')} tokens`,
    weights: precisionOf((config.get('quantization_config') ?? (content as Input)['quantization_config']) as Input | undefined),
  };
  if (mistakes.length > 0) throw new ScenarioError(mistakes.map((mistake) => document.place(mistake)));
  return fields;
}

/** Reads numbers by any of their names; gathers what is missing or no number. */
class Config {
  private readonly values: Input;
  private readonly path: readonly string[];
  private readonly mistakes: Diagnostic[];

  constructor(values: Input, path: readonly string[], mistakes: Diagnostic[]) {
    this.values = values;
    this.path = path;
    this.mistakes = mistakes;
  }

  get(...names: string[]): unknown {
    const name = names.find((one) => this.values[one] !== undefined && this.values[one] !== null);
    return name === undefined ? undefined : this.values[name];
  }

  /** A whole number > 0 that must be there. */
  count(...names: string[]): number {
    if (this.get(...names) === undefined) this.mistakes.push({path: this.path, message: `missing: ${names.join(' or ')}`});
    return this.optional(...names) ?? 1;
  }

  /** The same where it may be absent or null. */
  optional(...names: string[]): number | undefined {
    const value = this.get(...names);
    if (value === undefined || value === false) return undefined;
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    const name = names.find((one) => this.values[one] === value)!;
    this.mistakes.push({path: [...this.path, name], message: `expected a whole number, found ${JSON.stringify(value)}`});
    return undefined;
  }

  fault(name: string, message: string): void {
    this.mistakes.push({path: [...this.path, name], message});
  }
}

function shapeOf(config: Config): Shape {
  const layers = config.count('num_hidden_layers', 'n_layer', 'num_layers');
  const hiddenSize = config.count('hidden_size', 'n_embd', 'd_model');
  const heads = config.count('num_attention_heads', 'n_head');
  const latentRank = config.optional('kv_lora_rank') ?? 0;
  return {
    layers,
    hiddenSize,
    heads,
    vocabulary: config.count('vocab_size'),
    tiedEmbedding: config.get('tie_word_embeddings') === true,
    ...(latentRank > 0 ? latents(config, latentRank) : grouped(config, heads, hiddenSize)),
    ...feedForward(config, layers),
    ...windows(config, layers),
  };
}

function grouped(config: Config, heads: number, hiddenSize: number) {
  return {
    attention: 'gqa' as const,
    kvHeads: config.optional('num_key_value_heads', 'num_kv_heads', 'n_head_kv') ?? heads,
    headDimension: config.optional('head_dim') ?? Math.round(hiddenSize / heads),
    queryRank: 0,
    latentRank: 0,
    ropeDimension: 0,
    nopeDimension: 0,
    valueDimension: 0,
  };
}

function latents(config: Config, latentRank: number) {
  const ropeDimension = config.count('qk_rope_head_dim');
  const nopeDimension = config.count('qk_nope_head_dim');
  const valueDimension = config.count('v_head_dim');
  return {
    attention: 'mla' as const,
    kvHeads: 1,
    headDimension: Math.round((nopeDimension + ropeDimension + valueDimension) / 2),
    queryRank: config.optional('q_lora_rank') ?? 0,
    latentRank,
    ropeDimension,
    nopeDimension,
    valueDimension,
  };
}

/** Mixtral, gpt-oss and MiniMax call an expert's width intermediate_size; the others have a name of its own for it. */
function feedForward(config: Config, layers: number) {
  const experts = config.optional('n_routed_experts', 'num_local_experts', 'num_experts') ?? 1;
  if (experts <= 1)
    return {
      feedForwardSize: config.count('intermediate_size', 'n_inner', 'ffn_dim'),
      experts: 1,
      activeExperts: 1,
      expertSize: 0,
      sharedExperts: 0,
      denseLayers: 0,
    };
  const expertSize = config.count('moe_intermediate_size', 'intermediate_size');
  const listed = config.get('mlp_only_layers');
  const step = config.optional('decoder_sparse_step', 'moe_layer_freq', 'interleave_moe_layer_step') ?? 1;
  const first = config.optional('first_k_dense_replace') ?? (Array.isArray(listed) ? listed.length : 0);
  const denseLayers = first + (step > 1 ? layers - first - Math.floor((layers - first) / step) : 0);
  const sharedWidth = config.optional('shared_expert_intermediate_size') ?? 0;
  return {
    feedForwardSize: denseLayers > 0 ? config.count('intermediate_size') : 0,
    experts,
    activeExperts: config.count('num_experts_per_tok', 'num_experts_per_token', 'moe_topk'),
    expertSize,
    sharedExperts: config.optional('n_shared_experts', 'num_shared_experts') ?? Math.round(sharedWidth / expertSize),
    denseLayers,
  };
}

/** Which layers see the whole context, and how far the others do. */
function windows(config: Config, layers: number): {attentionLayers: number; window: number; indexDimension: number} {
  const indexDimension = config.optional('index_head_dim') ?? 0;
  if (indexDimension > 0) return {attentionLayers: layers, window: config.count('index_topk'), indexDimension};
  const types = config.get('layer_types');
  const window = config.get('use_sliding_window') === false ? 0 : (config.optional('sliding_window') ?? 0);
  if (Array.isArray(types)) {
    const full = types.filter((type) => type === 'full_attention' || type === 'attention').length;
    const sliding = types.filter((type) => type === 'sliding_attention').length;
    if (sliding > 0 && full + sliding < types.length)
      config.fault('layer_types', 'sliding windows beside linear attention are not modelled');
    return {attentionLayers: full, window: sliding > 0 ? window : 0, indexDimension};
  }
  const pattern = config.optional('sliding_window_pattern', 'full_attention_interval') ?? 0;
  if (pattern > 0) return {attentionLayers: Math.floor(layers / pattern), window, indexDimension};
  return {attentionLayers: window > 0 ? 0 : layers, window, indexDimension};
}

function precisionOf(quantization: Input | undefined): 'bf16' | 'fp8' | 'fp4' {
  const words = JSON.stringify(quantization ?? {}).toLowerCase();
  if (/fp4|"num_bits":4|"bits":4|"w_bit":4/.test(words)) return 'fp4';
  return /fp8|float8|"num_bits":8|"bits":8/.test(words) ? 'fp8' : 'bf16';
}
