/** Models: their shapes, from their configurations. Parameter counts and KV elements are what hardware surveys print; a test recomputes both from the shapes. */
import type {Preset} from '../hardware.ts';
import {derived, read, remembered} from './sources.ts';

interface Shape {
  readonly layers: number;
  /** Layers whose KV grows with the context; the others see `window` keys, or keep a state. Default: all. */
  readonly attentionLayers?: number;
  readonly window?: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  /** Width of dense layers; 0 where every layer is a mixture. */
  readonly width: number;
  readonly vocabulary: number;
  /** KV elements of a token over all layers. */
  readonly elements: number;
  readonly latent?: Latent;
  /** Billions. */
  readonly parameters: number;
  readonly active: number;
  readonly mixture?: Mixture;
  readonly context: string;
}

/** Multi-head latent attention: ranks and the parts of a head; `index`: elements of an index key (DeepSeek sparse attention). */
interface Latent {
  readonly query: number;
  readonly rank: number;
  readonly rope: number;
  readonly nope: number;
  readonly value: number;
  readonly index?: number;
}

interface Mixture {
  readonly experts: number;
  readonly active: number;
  readonly width: number;
  readonly shared?: number;
  readonly dense?: number;
}

function model(name: string, summary: string, source: string, shape: Shape): Preset {
  const {latent, mixture} = shape;
  return {
    name,
    summary,
    values: {
      layers: read(source, shape.layers),
      attentionLayers: read(source, shape.attentionLayers ?? shape.layers),
      hiddenSize: remembered(shape.hidden),
      feedForwardSize: remembered(shape.width),
      vocabulary: remembered(shape.vocabulary),
      heads: read(source, shape.heads),
      kvHeads: read(source, shape.kvHeads),
      headDimension: latent ? derived(source, shape.headDimension, 'score and value averaged') : read(source, shape.headDimension),
      kvElementsPerToken: derived(
        source,
        shape.elements,
        latent ? 'layers x (latent + rope [+ indexer])' : '2 x layers with full attention x KV heads x head dimension',
      ),
      attention: read(source, latent ? 'mla' : 'gqa'),
      ...(shape.window === undefined ? {} : {window: read(source, shape.window)}),
      ...(latent === undefined ? {} : latentValues(latent)),
      parameters: derived(source, Math.round(shape.parameters * 1e9)),
      activeParameters: derived(source, Math.round(shape.active * 1e9)),
      ...(mixture === undefined ? {} : mixtureValues(mixture)),
      contextTokens: remembered(shape.context),
    },
  };
}

function latentValues(latent: Latent): Preset['values'] {
  return {
    queryRank: remembered(latent.query),
    latentRank: remembered(latent.rank),
    ropeDimension: remembered(latent.rope),
    nopeDimension: remembered(latent.nope),
    valueDimension: remembered(latent.value),
    ...(latent.index === undefined ? {} : {indexDimension: remembered(latent.index)}),
  };
}

function mixtureValues(mixture: Mixture): Preset['values'] {
  return {
    experts: remembered(mixture.experts),
    activeExperts: remembered(mixture.active),
    expertSize: remembered(mixture.width),
    sharedExperts: remembered(mixture.shared ?? 0),
    denseLayers: remembered(mixture.dense ?? 0),
  };
}

const llama = {kvHeads: 8, headDimension: 128, vocabulary: 128256, context: '128 Ki tokens'} as const;
const qwen = {headDimension: 128, vocabulary: 151936, context: '128 Ki tokens'} as const;
const deepseek = {layers: 61, hidden: 7168, kvHeads: 1, headDimension: 160, width: 18432} as const;
const deepseekLatent = {query: 1536, rank: 512, rope: 64, nope: 128, value: 128} as const;

export const models: readonly Preset[] = [
  model('llama-2-7b', 'Llama 2 7B: every head has its own KV', 'kvcalc', {
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 32,
    headDimension: 128,
    width: 11008,
    vocabulary: 32000,
    elements: 262144,
    parameters: 6.7,
    active: 6.7,
    context: '4 Ki tokens',
  }),
  model('llama-2-70b', 'Llama 2 70B', 'kvcalc', {
    layers: 80,
    hidden: 8192,
    heads: 64,
    kvHeads: 8,
    headDimension: 128,
    width: 28672,
    vocabulary: 32000,
    elements: 163840,
    parameters: 69,
    active: 69,
    context: '4 Ki tokens',
  }),
  model('llama-3.1-8b', 'Llama 3.1 8B', 'aicm', {
    ...llama,
    layers: 32,
    hidden: 4096,
    heads: 32,
    width: 14336,
    elements: 65536,
    parameters: 8.0,
    active: 8.0,
  }),
  model('llama-3.1-70b', 'Llama 3.1 70B', 'aicm', {
    ...llama,
    layers: 80,
    hidden: 8192,
    heads: 64,
    width: 28672,
    elements: 163840,
    parameters: 70.6,
    active: 70.6,
  }),
  model('llama-3.1-405b', 'Llama 3.1 405B', 'aicm', {
    ...llama,
    layers: 126,
    hidden: 16384,
    heads: 128,
    width: 53248,
    elements: 258048,
    parameters: 405.8,
    active: 405.8,
  }),
  model('mistral-7b', 'Mistral 7B', 'kvcalc', {
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    headDimension: 128,
    width: 14336,
    vocabulary: 32768,
    elements: 65536,
    parameters: 7.2,
    active: 7.2,
    context: '32 Ki tokens',
  }),
  model('mixtral-8x7b', 'Mixtral 8x7B', 'aicm', {
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    headDimension: 128,
    width: 0,
    vocabulary: 32000,
    elements: 65536,
    parameters: 46.7,
    active: 12.9,
    mixture: {experts: 8, active: 2, width: 14336},
    context: '32 Ki tokens',
  }),
  model('mixtral-8x22b', 'Mixtral 8x22B', 'aicm', {
    layers: 56,
    hidden: 6144,
    heads: 48,
    kvHeads: 8,
    headDimension: 128,
    width: 0,
    vocabulary: 32768,
    elements: 114688,
    parameters: 140.6,
    active: 39.2,
    mixture: {experts: 8, active: 2, width: 16384},
    context: '64 Ki tokens',
  }),
  model('qwen2.5-7b', 'Qwen 2.5 7B', 'kvcalc', {
    ...qwen,
    layers: 28,
    hidden: 3584,
    heads: 28,
    kvHeads: 4,
    width: 18944,
    vocabulary: 152064,
    elements: 28672,
    parameters: 7.6,
    active: 7.6,
  }),
  model('qwen2.5-72b', 'Qwen 2.5 72B', 'kvcalc', {
    ...qwen,
    layers: 80,
    hidden: 8192,
    heads: 64,
    kvHeads: 8,
    width: 29568,
    vocabulary: 152064,
    elements: 163840,
    parameters: 72.7,
    active: 72.7,
  }),
  model('qwen3-8b', 'Qwen 3 8B', 'aicm', {
    ...qwen,
    layers: 36,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    width: 12288,
    elements: 73728,
    parameters: 8.2,
    active: 8.2,
  }),
  model('qwen3-32b', 'Qwen 3 32B', 'aicm', {
    ...qwen,
    layers: 64,
    hidden: 5120,
    heads: 64,
    kvHeads: 8,
    width: 25600,
    elements: 131072,
    parameters: 32.8,
    active: 32.8,
  }),
  model('qwen3-30b-a3b', 'Qwen 3 30B-A3B', 'aicm', {
    ...qwen,
    layers: 48,
    hidden: 2048,
    heads: 32,
    kvHeads: 4,
    width: 0,
    elements: 49152,
    parameters: 30.5,
    active: 3.4,
    mixture: {experts: 128, active: 8, width: 768},
  }),
  model('qwen3-235b-a22b', 'Qwen 3 235B-A22B', 'aicm', {
    ...qwen,
    layers: 94,
    hidden: 4096,
    heads: 64,
    kvHeads: 4,
    width: 0,
    elements: 96256,
    parameters: 235.1,
    active: 22.2,
    mixture: {experts: 128, active: 8, width: 1536},
    context: '256 Ki tokens',
  }),
  model('qwen3-coder-480b-a35b', 'Qwen 3 Coder 480B-A35B', 'aicm', {
    ...qwen,
    layers: 62,
    hidden: 6144,
    heads: 96,
    kvHeads: 8,
    width: 0,
    elements: 126976,
    parameters: 480.2,
    active: 35.5,
    mixture: {experts: 160, active: 8, width: 2560},
    context: '256 Ki tokens',
  }),
  model('qwen3.5-397b-a17b', 'Qwen 3.5 397B-A17B: 15 of 60 layers with full attention, the others keep a state', 'aicm', {
    layers: 60,
    attentionLayers: 15,
    hidden: 4096,
    heads: 32,
    kvHeads: 2,
    headDimension: 256,
    width: 0,
    vocabulary: 248320,
    elements: 15360,
    parameters: 397,
    active: 17,
    mixture: {experts: 512, active: 10, width: 1024, shared: 1},
    context: '256 Ki tokens',
  }),
  model('deepseek-v3', 'DeepSeek V3 and R1, MLA', 'aicm', {
    ...deepseek,
    heads: 128,
    vocabulary: 129280,
    latent: deepseekLatent,
    elements: 35136,
    parameters: 671.0,
    active: 37.6,
    mixture: {experts: 256, active: 8, width: 2048, shared: 1, dense: 3},
    context: '128 Ki tokens',
  }),
  model('deepseek-v3.2', 'DeepSeek V3.2, MLA over the best 2,048 keys of an index', 'aicm', {
    ...deepseek,
    heads: 128,
    vocabulary: 129280,
    latent: {...deepseekLatent, index: 128},
    window: 2048,
    elements: 42944,
    parameters: 671,
    active: 37,
    mixture: {experts: 256, active: 8, width: 2048, shared: 1, dense: 3},
    context: '128 Ki tokens',
  }),
  model('kimi-k2', 'Kimi K2 and K2.5, MLA', 'aicm', {
    ...deepseek,
    heads: 64,
    vocabulary: 163840,
    latent: deepseekLatent,
    elements: 35136,
    parameters: 1026.4,
    active: 32.9,
    mixture: {experts: 384, active: 8, width: 2048, shared: 1, dense: 1},
    context: '256 Ki tokens',
  }),
  model('glm-4.5', 'GLM 4.5', 'kvcalc', {
    layers: 92,
    hidden: 5120,
    heads: 96,
    kvHeads: 8,
    headDimension: 128,
    width: 12288,
    vocabulary: 151552,
    elements: 188416,
    parameters: 355,
    active: 32,
    mixture: {experts: 160, active: 8, width: 1536, shared: 1, dense: 3},
    context: '128 Ki tokens',
  }),
  model('glm-5', 'GLM 5, MLA over the best 2,048 keys of an index', 'aicm', {
    layers: 78,
    hidden: 6144,
    heads: 64,
    kvHeads: 1,
    headDimension: 256,
    width: 12288,
    vocabulary: 154880,
    window: 2048,
    latent: {query: 2048, rank: 512, rope: 64, nope: 192, value: 256, index: 128},
    elements: 54912,
    parameters: 743.2,
    active: 41.1,
    mixture: {experts: 256, active: 8, width: 2048, shared: 1, dense: 3},
    context: '200 k tokens',
  }),
  model('minimax-m2.5', 'MiniMax M2.5', 'aicm', {
    layers: 62,
    hidden: 3072,
    heads: 48,
    kvHeads: 8,
    headDimension: 128,
    width: 0,
    vocabulary: 200064,
    elements: 126976,
    parameters: 228.7,
    active: 11.0,
    mixture: {experts: 256, active: 8, width: 1536},
    context: '192 Ki tokens',
  }),
  model('gpt-oss-120b', 'gpt-oss-120b: every second layer sees 128 tokens only', 'aicm', {
    layers: 36,
    attentionLayers: 18,
    window: 128,
    hidden: 2880,
    heads: 64,
    kvHeads: 8,
    headDimension: 64,
    width: 0,
    vocabulary: 201088,
    elements: 18432,
    parameters: 116.8,
    active: 5.7,
    mixture: {experts: 128, active: 4, width: 2880},
    context: '128 Ki tokens',
  }),
];
