/** A model cut over the GPUs of an instance: the kernels that one GPU runs in a step, by size and number. Made once; steps only multiply. */
import type {Model} from '../scenario/hardware.ts';
import type {Parallel} from '../scenario/scenario.ts';
import {precisionBytes, type AttentionShape} from './kernels.ts';

/** A matrix product that a step does `times` times. */
export interface Matrix {
  readonly name: string;
  readonly inner: number;
  readonly outer: number;
  readonly times: number;
  /** What it runs over: new tokens, the last token of each request, or new and cached tokens of prompts (MLA's latents made keys again). */
  readonly per: 'token' | 'sequence' | 'context';
  /** Bytes of the weights of one: of an expert, where there are experts. */
  readonly weightBytes: number;
  /** Routed experts on this GPU and how many of them a token takes here, on average; 0: no mixture. */
  readonly experts: number;
  readonly active: number;
}

/** Layers whose attention sees at most `window` keys; Infinity: all. */
export interface AttentionGroup {
  readonly layers: number;
  readonly window: number;
  readonly shape: AttentionShape;
}

export interface Layers {
  readonly matrices: readonly Matrix[];
  /** Attention over the whole context, and over at most a window of it. */
  readonly full: AttentionGroup;
  readonly windowed: AttentionGroup;
  readonly pointwiseKernels: number;
  readonly pointwiseBytesPerToken: number;
  /** All-reduces over the tensor ranks and all-to-alls over the expert ranks, with the bytes that a token brings to each. */
  readonly allReduces: number;
  readonly allToAlls: number;
  readonly expertRanks: number;
  readonly hiddenBytes: number;
  readonly routedBytes: number;
}

const BF16 = 2;
/** Index keys of DeepSeek's sparse attention are kept in one byte, scored by 64 heads (DeepSeek-V3.2 config.json: index_n_heads). */
const INDEX_HEADS = 64;

export function layersOf(model: Model, parallel: Parallel): Layers {
  const {tensor} = parallel;
  const dense = model.experts > 1 ? model.denseLayers : model.layers;
  const sparse = model.layers - dense;
  const expertRanks = parallel.expert ? tensor * parallel.data : 1;
  return {
    matrices: [
      ...attentionMatrices(model, tensor),
      ...feedForward(model, tensor, dense),
      ...mixture(model, parallel, sparse),
      head(model, tensor),
    ],
    ...attentionGroups(model, tensor),
    pointwiseKernels: 4 * model.layers + 2,
    pointwiseBytesPerToken: pointwiseBytes(model, tensor, dense, sparse),
    allReduces: tensor > 1 ? model.layers + (parallel.expert ? dense : model.layers) : 0,
    allToAlls: expertRanks > 1 ? 2 * sparse : 0,
    expertRanks,
    hiddenBytes: model.hiddenSize * BF16,
    routedBytes: (model.activeExperts * model.hiddenSize * BF16) / expertRanks,
  };
}

/** KV heads on a GPU: where there are more ranks than heads, each head lies on several. */
export function kvHeadsHeld(model: Model, tensor: number): number {
  return model.attention === 'mla' ? 1 : Math.max(1, model.kvHeads / tensor);
}

function attentionMatrices(model: Model, tensor: number): Matrix[] {
  const {hiddenSize, layers} = model;
  const heads = model.heads / tensor;
  const matrix = matrixOf(model);
  if (model.attention === 'gqa')
    return [
      matrix('qkv', hiddenSize, (heads + 2 * kvHeadsHeld(model, tensor)) * model.headDimension, layers),
      matrix('o', heads * model.headDimension, hiddenSize, layers),
    ];
  const {queryRank, latentRank, ropeDimension, nopeDimension, valueDimension} = model;
  const query = heads * (nopeDimension + ropeDimension);
  return [
    ...(queryRank > 0
      ? [matrix('qA', hiddenSize, queryRank, layers), matrix('qB', queryRank, query, layers)]
      : [matrix('q', hiddenSize, query, layers)]),
    matrix('kvA', hiddenSize, latentRank + ropeDimension, layers),
    {...matrix('kvB', latentRank, heads * (nopeDimension + valueDimension), layers), per: 'context'},
    matrix('o', heads * valueDimension, hiddenSize, layers),
  ];
}

function feedForward(model: Model, tensor: number, layers: number): Matrix[] {
  if (layers === 0) return [];
  const width = model.feedForwardSize / tensor;
  const matrix = matrixOf(model);
  return [matrix('gateUp', model.hiddenSize, 2 * width, layers), matrix('down', width, model.hiddenSize, layers)];
}

/** Router, shared experts, routed experts. Experts of a mixture are cut by tensor ranks, or spread whole over all ranks (`expert`). */
function mixture(model: Model, parallel: Parallel, layers: number): Matrix[] {
  if (layers === 0) return [];
  const {hiddenSize, experts, activeExperts, expertSize, sharedExperts} = model;
  const ranks = parallel.expert ? parallel.tensor * parallel.data : 1;
  const width = parallel.expert ? expertSize : expertSize / parallel.tensor;
  const matrix = matrixOf(model);
  const shared = (sharedExperts * expertSize) / parallel.tensor;
  const routed = {experts: experts / ranks, active: activeExperts / ranks};
  return [
    matrix('router', hiddenSize, experts, layers),
    ...(shared > 0 ? [matrix('sharedGateUp', hiddenSize, 2 * shared, layers), matrix('sharedDown', shared, hiddenSize, layers)] : []),
    {...matrix('expertGateUp', hiddenSize, 2 * width, layers), ...routed},
    {...matrix('expertDown', width, hiddenSize, layers), ...routed},
  ];
}

/** Logits of the last token of each request, in BF16. */
function head(model: Model, tensor: number): Matrix {
  const outer = model.vocabulary / tensor;
  return {...matrixOf(model)('head', model.hiddenSize, outer, 1), per: 'sequence', weightBytes: model.hiddenSize * outer * BF16};
}

function matrixOf(model: Model): (name: string, inner: number, outer: number, times: number) => Matrix {
  const bytes = precisionBytes[model.weights]!;
  return (name, inner, outer, times) => ({
    name,
    inner,
    outer,
    times,
    per: 'token',
    weightBytes: inner * outer * bytes,
    experts: 0,
    active: 0,
  });
}

function attentionGroups(model: Model, tensor: number): {full: AttentionGroup; windowed: AttentionGroup} {
  const heads = model.heads / tensor;
  const bytes = precisionBytes[model.kv]!;
  const none = {layers: 0, window: Infinity, shape: {heads, kvHeads: 1, pairFlops: 0, kvBytes: 0, decodeFlops: 0}};
  const shape = model.attention === 'mla' ? latentShape(model, heads, bytes) : groupedShape(model, heads, tensor, bytes);
  if (model.indexDimension > 0)
    return {
      full: {
        layers: model.attentionLayers,
        window: Infinity,
        shape: indexShape(model),
      },
      windowed: {layers: model.attentionLayers, window: model.window, shape},
    };
  const windowed = model.window > 0 ? model.layers - model.attentionLayers : 0;
  return {
    full: {layers: model.attentionLayers, window: Infinity, shape},
    windowed: windowed > 0 ? {layers: windowed, window: model.window, shape} : none,
  };
}

function groupedShape(model: Model, heads: number, tensor: number, bytes: number): AttentionShape {
  const kvHeads = kvHeadsHeld(model, tensor);
  const pairFlops = 4 * model.headDimension;
  return {heads, kvHeads, pairFlops, kvBytes: 2 * kvHeads * model.headDimension * bytes, decodeFlops: heads * pairFlops};
}

/** MLA: prefill against keys and values made from the latents, decode against the latents themselves; each rank reads them all. */
function latentShape(model: Model, heads: number, bytes: number): AttentionShape {
  const {latentRank, ropeDimension, nopeDimension, valueDimension} = model;
  return {
    heads,
    kvHeads: 1,
    pairFlops: 2 * (nopeDimension + ropeDimension + valueDimension),
    kvBytes: (latentRank + ropeDimension) * bytes,
    decodeFlops: heads * 2 * (2 * latentRank + ropeDimension),
  };
}

/**
 * The index scores each key with all heads, which run side by side and read the same keys, once. It does so in FP8 (DeepSeek-V3.2, lightning indexer), twice
 * the rate that attention is reckoned at: half of its 2 x dimension operations.
 */
function indexShape({indexDimension}: Model): AttentionShape {
  return {
    heads: INDEX_HEADS,
    kvHeads: INDEX_HEADS,
    pairFlops: indexDimension,
    kvBytes: indexDimension,
    decodeFlops: INDEX_HEADS * indexDimension,
  };
}

/** Bytes that norms (with residual), rotation and activation read and write for a token in all layers, and embedding and last norm. */
function pointwiseBytes(model: Model, tensor: number, dense: number, sparse: number): number {
  const norms = 2 * 4 * model.hiddenSize;
  const rotation =
    (2 *
      (model.heads + (model.attention === 'mla' ? 0 : model.kvHeads)) *
      (model.attention === 'mla' ? model.ropeDimension : model.headDimension)) /
    tensor;
  const activation = (3 * model.feedForwardSize) / tensor;
  const expertActivation = (3 * (model.activeExperts + model.sharedExperts) * model.expertSize) / tensor;
  return BF16 * (model.layers * (norms + rotation) + dense * activation + sparse * expertActivation + 6 * model.hiddenSize);
}
