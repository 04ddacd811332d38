/**
 * Time of a step of one instance: its kernels one after another, and what the host adds. Decode is affine in KV tokens at a given batch
 * size, in fixed point, so that spans of steps have exact sums; a step with prefill may cost what it likes.
 */
import {pow, powerOfTwo} from '../base/mathematics.ts';
import type {Gpu, Model} from '../scenario/hardware.ts';
import type {Parallel, Scenario} from '../scenario/scenario.ts';
import type {StepModel} from '../serving/ports.ts';
import {
  allReduceNs,
  allToAllNs,
  ChunkWork,
  decodeBaseNs,
  decodeTokenNs,
  distinctExperts,
  expertsNs,
  matrixNs,
  mixedAttentionNs,
  peakFlops,
  pointwiseNs,
  sendNs,
} from './kernels.ts';
import {layersOf, type Layers, type Matrix} from './layers.ts';

/** Fraction bits of a tick: a span of hours stays below 2^53, and a KV token's time keeps four digits and more. */
const FRACTION_BITS = {ns: 18, ps: 8} as const;

export function stepModelOf(scenario: Scenario, parallel: Parallel): StepModel {
  return new GpuStepModel(scenario.model, scenario.servers.server.gpu, parallel, scenario.timebase, scenario.serving.batchedTokensMax);
}

export class GpuStepModel implements StepModel {
  readonly fractionBits: number;
  readonly window: number;
  private readonly gpu: Gpu;
  private readonly parallel: Parallel;
  private readonly layers: Layers;
  private readonly flops: number;
  private readonly chunkTokens: number;
  /** Fixed-point units in a nanosecond. */
  private readonly one: number;
  /** By batch size, as far as asked for: base, cost of a KV token, cost of one in a window. */
  private readonly bases: number[] = [];
  private readonly tokenCosts: number[] = [];
  private readonly windowCosts: number[] = [];
  /** By tokens of a chunk, 0 where not asked for yet: routing asks for each instance at each request. */
  private readonly lastChunks: Float64Array;
  private readonly work = new ChunkWork();
  private readonly windowWork = new ChunkWork();
  private readonly fullChunkNs: number;
  /** To make keys and values of one cached token again from its latent (MLA), all layers; 0 elsewhere. */
  private readonly contextTokenNs: number;

  /** `chunkTokens`: tokens of a step that only prefills, for the price of recomputing. */
  constructor(model: Model, gpu: Gpu, parallel: Parallel, timebase: 'ns' | 'ps', chunkTokens: number) {
    this.gpu = gpu;
    this.parallel = parallel;
    this.layers = layersOf(model, parallel);
    this.flops = peakFlops(gpu, model.weights);
    this.chunkTokens = chunkTokens;
    this.lastChunks = new Float64Array(chunkTokens);
    this.fractionBits = FRACTION_BITS[timebase];
    this.one = (timebase === 'ns' ? 1 : 1000) * powerOfTwo(this.fractionBits);
    this.window = this.layers.windowed.layers > 0 ? this.layers.windowed.window : 0;
    this.fullChunkNs = gpu.prefillStepOverhead + this.stepNs(chunkTokens, 1, 0);
    this.contextTokenNs = (this.stepNs(chunkTokens, 1, 2 ** 20) - this.stepNs(chunkTokens, 1, 0)) / 2 ** 20;
  }

  decodeBase(batch: number): number {
    return (this.bases[batch] ??= this.fixed(this.decodeBaseNs(batch)));
  }

  kvTokenCost(batch: number): number {
    return (this.tokenCosts[batch] ??= this.fixed(this.tokenNs(this.layers.full, batch)));
  }

  windowTokenCost(batch: number): number {
    return (this.windowCosts[batch] ??= this.fixed(this.tokenNs(this.layers.windowed, batch)));
  }

  mixed(chunks: Float64Array, count: number, batch: number, kvTokens: number, windowTokens: number): number {
    const {full, windowed} = this.layers;
    const {work, windowWork} = this;
    const share = this.share();
    let tokens = batch;
    let cachedTokens = 0;
    work.clear();
    windowWork.clear();
    for (let i = 0; i < count; i++) {
      const chunk = chunks[2 * i];
      const cached = chunks[2 * i + 1];
      tokens += chunk;
      cachedTokens += cached;
      work.addChunk(chunk, cached, Infinity);
      if (windowed.layers > 0) windowWork.addChunk(chunk, cached, windowed.window);
    }
    let ns = this.gpu.prefillStepOverhead + this.stepNs(tokens, batch + count, cachedTokens);
    work.keyTiles /= share;
    ns += full.layers * mixedAttentionNs(this.gpu, full.shape, work, batch / share, kvTokens / share);
    windowWork.keyTiles /= share;
    if (windowed.layers > 0)
      ns += windowed.layers * mixedAttentionNs(this.gpu, windowed.shape, windowWork, batch / share, windowTokens / share);
    return this.fixed(ns);
  }

  prefillNs(from: number, to: number): number {
    const tokens = to - from;
    if (tokens <= 0) return 0;
    const {full, windowed} = this.layers;
    const chunks = Math.floor(tokens / this.chunkTokens);
    const rest = tokens - chunks * this.chunkTokens;
    let ns = chunks * this.fullChunkNs + (rest > 0 ? this.gpu.prefillStepOverhead + this.lastChunkNs(rest) : 0);
    ns += this.contextTokenNs * (chunks * from + (chunks * (chunks - 1) * this.chunkTokens) / 2 + (rest > 0 ? to - rest : 0));
    this.work.clear();
    this.work.addChunk(tokens, from, Infinity);
    this.work.chunkTilesMax = 0;
    this.work.keyTiles /= this.share();
    ns += full.layers * (mixedAttentionNs(this.gpu, full.shape, this.work, 0, 0) + chunks * this.gpu.attentionOverhead);
    if (windowed.layers === 0) return ns;
    this.windowWork.clear();
    this.windowWork.addChunk(tokens, from, windowed.window);
    this.windowWork.chunkTilesMax = 0;
    this.windowWork.keyTiles /= this.share();
    return ns + windowed.layers * (mixedAttentionNs(this.gpu, windowed.shape, this.windowWork, 0, 0) + chunks * this.gpu.attentionOverhead);
  }

  private lastChunkNs(tokens: number): number {
    return (this.lastChunks[tokens] ||= this.stepNs(tokens, 1, 0));
  }

  /** A step of an instance with pipeline stages is a round: each share of the batch passes every layer once; attention ranks share it too. */
  private share(): number {
    return this.parallel.pipeline * this.parallel.data;
  }

  private decodeBaseNs(batch: number): number {
    const {full, windowed} = this.layers;
    const share = batch / this.share();
    const attention =
      full.layers * decodeBaseNs(this.gpu, full.shape, share) +
      (windowed.layers > 0 ? windowed.layers * decodeBaseNs(this.gpu, windowed.shape, share) : 0);
    return this.stepNs(batch, batch, 0) + attention;
  }

  private tokenNs({layers, shape}: Layers['full'], batch: number): number {
    return layers === 0 ? 0 : (layers * decodeTokenNs(this.gpu, shape, batch / this.share())) / this.share();
  }

  /** All of a step but attention: matrices, pointwise kernels, collectives, sampler, host. `sequences`: requests that have a token sampled. */
  private stepNs(tokens: number, sequences: number, cachedTokens: number): number {
    const {gpu, parallel, layers} = this;
    const share = this.share();
    const own = {token: tokens / share, sequence: sequences / share, context: (tokens + cachedTokens) / share};
    let ns = gpu.stepOverhead;
    for (const matrix of layers.matrices) ns += matrix.times * this.matrixNs(matrix, own[matrix.per], tokens / parallel.pipeline);
    ns += (layers.pointwiseKernels - 1) * gpu.pointwiseOverhead + pointwiseNs(gpu, layers.pointwiseBytesPerToken * own.token);
    ns += gpu.samplerOverhead + gpu.samplerRequestOverhead * own.sequence;
    ns += layers.allReduces * allReduceNs(gpu, parallel.tensor, layers.hiddenBytes * own.token);
    ns += layers.allToAlls * allToAllNs(gpu, layers.expertRanks, (layers.routedBytes * tokens) / parallel.pipeline);
    return parallel.pipeline > 1 ? ns + parallel.pipeline * sendNs(gpu, layers.hiddenBytes * own.token) : ns;
  }

  /** `pooled`: tokens of all attention ranks, which meet at experts that are spread over them. */
  private matrixNs(matrix: Matrix, tokens: number, pooled: number): number {
    const {gpu, flops} = this;
    const {inner, outer, weightBytes, experts, active} = matrix;
    if (experts === 0) return matrixNs(gpu, flops, tokens, inner, outer, weightBytes);
    const met = this.parallel.expert ? pooled : tokens;
    return expertsNs(gpu, flops, met * active, distinctExperts(experts, active, met, pow), inner, outer, weightBytes);
  }

  private fixed(ns: number): number {
    return Math.round(ns * this.one);
  }
}
