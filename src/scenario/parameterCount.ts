/** Parameters of a model from its shape; norms and biases, below 0.1 %, are left out, and so are the indexers of sparse attention. */
import type {Model} from './hardware.ts';

export type Shape = Omit<Model, 'name' | 'parameters' | 'activeParameters' | 'kvElementsPerToken' | 'contextTokens' | 'weights' | 'kv'>;

export interface ParameterCount {
  readonly all: number;
  /** Those that a token uses, the embedding among them. */
  readonly active: number;
  /** Those in routed experts. */
  readonly experts: number;
}

export function parameterCount(shape: Shape): ParameterCount {
  const {hiddenSize, layers, experts, activeExperts} = shape;
  const dense = experts > 1 ? shape.denseLayers : layers;
  const mixed = layers - dense;
  const expert = 3 * hiddenSize * shape.expertSize;
  const everywhere =
    shape.vocabulary * hiddenSize * (shape.tiedEmbedding ? 1 : 2) +
    layers * attentionParameters(shape) +
    dense * 3 * hiddenSize * shape.feedForwardSize +
    mixed * (hiddenSize * experts + shape.sharedExperts * expert);
  return {
    all: everywhere + mixed * experts * expert,
    active: everywhere + mixed * activeExperts * expert,
    experts: mixed * experts * expert,
  };
}

function attentionParameters(shape: Shape): number {
  const {hiddenSize, heads, kvHeads, headDimension, queryRank, latentRank, ropeDimension, nopeDimension, valueDimension} = shape;
  if (shape.attention === 'gqa') return 2 * hiddenSize * (heads + kvHeads) * headDimension;
  const query = heads * (nopeDimension + ropeDimension);
  return (
    (queryRank > 0 ? queryRank * (hiddenSize + query) : hiddenSize * query) +
    hiddenSize * (latentRank + ropeDimension) +
    latentRank * heads * (nopeDimension + valueDimension) +
    heads * valueDimension * hiddenSize
  );
}

/** KV cache elements of a token over all layers that keep the whole context. */
export function kvElements(shape: Shape): number {
  const own = shape.attention === 'mla' ? shape.latentRank + shape.ropeDimension : 2 * shape.kvHeads * shape.headDimension;
  return shape.attentionLayers * (own + shape.indexDimension);
}
