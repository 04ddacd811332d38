/**
 * Time of one GPU kernel from its operations and bytes, and from what share of the GPU's peaks such kernels reach. The step model adds
 * kernels up; `calibrate gpu` fits the shares to measured kernels through these same functions. Nanoseconds throughout.
 * Equations, their reasons and their errors: docs/model/gpus.md.
 */
import type {Gpu} from '../scenario/hardware.ts';

/** Rows of a tile of the output of a matrix product, columns too, and query tokens of a tile of attention (CUTLASS, FlashAttention). */
export const TILE = 128;
/** Bytes of an activation: BF16 between kernels, whatever the weights are in. */
export const ACTIVATION_BYTES = 2;

export const precisionBytes: {readonly [precision: string]: number} = {bf16: 2, fp8: 1, fp4: 0.5};

/** Dense peak of the arithmetic that weights of this precision use, operations per second. */
export function peakFlops(gpu: Gpu, precision: string): number {
  return (precision === 'fp4' ? gpu.fp4Flops : precision === 'fp8' ? gpu.fp8Flops : gpu.bf16Flops) ?? gpu.bf16Flops;
}

/** outputs = inputs x weights, with `inner` inputs and `outer` outputs a token. `weightBytes`: all that is read of the weights. */
export function matrixNs(gpu: Gpu, flops: number, tokens: number, inner: number, outer: number, weightBytes: number): number {
  const waves = Math.ceil((Math.ceil(tokens / TILE) * Math.ceil(outer / TILE)) / gpu.multiprocessors);
  const inWaves = waves * gpu.multiprocessors * TILE * TILE;
  const outputs = tokens * outer + gpu.matrixWaves * (inWaves - tokens * outer);
  const activations = tokens * (inner + outer) * ACTIVATION_BYTES;
  return gpu.matrixOverhead + together(compute(gpu.matrixCompute * flops, 2 * outputs * inner), matrixRead(gpu, weightBytes + activations));
}

/** A mixture's experts: `tokens` routed to `distinct` experts of one matrix of inner x outer each. */
export function expertsNs(
  gpu: Gpu,
  flops: number,
  tokens: number,
  distinct: number,
  inner: number,
  outer: number,
  weightBytes: number,
): number {
  const activations = tokens * (inner + outer) * ACTIVATION_BYTES;
  const bytes = distinct * weightBytes + activations;
  return (
    gpu.expertOverhead +
    together(compute(gpu.expertCompute * flops, 2 * tokens * inner * outer), (bytes / (gpu.expertBandwidth * gpu.hbmBytesPerSecond)) * 1e9)
  );
}

/** Distinct experts that `tokens` touch, each taking `active` of `experts` at random. */
export function distinctExperts(
  experts: number,
  active: number,
  tokens: number,
  power: (base: number, exponent: number) => number,
): number {
  return active >= experts ? experts : experts * (1 - power(1 - active / experts, tokens));
}

/** Norms, rotations, activations, samplers: `bytes` in and out. Above 1 x HBM where they stay in cache. */
export function pointwiseNs(gpu: Gpu, bytes: number): number {
  return gpu.pointwiseOverhead + (bytes / (gpu.pointwiseBandwidth * gpu.hbmBytesPerSecond)) * 1e9;
}

/** What attention of one layer looks like on one GPU. */
export interface AttentionShape {
  /** Query heads and KV heads on this GPU. */
  readonly heads: number;
  readonly kvHeads: number;
  /** Operations of one query head against one key, score and value: 4 x head dimension. */
  readonly pairFlops: number;
  /** Bytes of a token's KV that a step reads here. */
  readonly kvBytes: number;
  /** Operations for one query of all heads against one key where decode works on latents (MLA); else heads x pairFlops. */
  readonly decodeFlops: number;
}

/** Decode attention of a layer for a batch: base + tokens x per token. */
export function decodeBaseNs(gpu: Gpu, shape: AttentionShape, batch: number): number {
  return gpu.decodeOverhead + (gpu.decodeTileOverhead * batch * shape.heads) / gpu.multiprocessors;
}
export function decodeTokenNs(gpu: Gpu, shape: AttentionShape, batch: number): number {
  const lone = gpu.decodeSaturation / (batch * shape.kvHeads);
  const memory = (shape.kvBytes / (gpu.decodeBandwidth * gpu.hbmBytesPerSecond)) * 1e9 * Math.sqrt(1 + lone * lone);
  return Math.max(memory, compute(gpu.attentionCompute * gpu.bf16Flops, shape.decodeFlops));
}

/** Work of prefill chunks in one attention kernel, summed with `addChunk`. Reused, so that a step allocates nothing. */
export class ChunkWork {
  chunks = 0;
  /** Tiles of query tokens, and of query tokens x keys; the longest chunk in tiles, the longest row of keys. */
  keyTiles = 0;
  chunkTilesMax = 0;
  keysMax = 0;

  clear(): void {
    this.chunks = 0;
    this.keyTiles = 0;
    this.chunkTilesMax = 0;
    this.keysMax = 0;
  }

  /** `tokens` new after `cached`, each seeing at most `window` keys. */
  addChunk(tokens: number, cached: number, window: number): void {
    const tiles = Math.ceil(tokens / TILE);
    this.chunks++;
    // Half of a tile's keys beyond the causal mean are computed and masked.
    this.keyTiles += tiles * Math.min(window + TILE, meanKeys(tokens, cached, window) + TILE / 2);
    this.chunkTilesMax = Math.max(this.chunkTilesMax, tiles);
    this.keysMax = Math.max(this.keysMax, Math.min(cached + tokens, window + TILE));
  }
}

/** Keys that a token of a chunk sees on average: causal, and at most `window`. */
export function meanKeys(tokens: number, cached: number, window: number): number {
  if (cached + tokens <= window) return cached + tokens / 2;
  const rising = Math.max(0, window - cached);
  return (rising * (cached + rising / 2) + (tokens - rising) * window) / tokens;
}

/**
 * Attention of a layer in a step with prefill: tiles of 128 queries of a head, spread over the multiprocessors; the step lasts at least as
 * long as the longest row of keys takes a tile that runs alone. Decoding requests are rows in the same kernel: each a tile, nearly empty,
 * that reads its own KV with less parallelism than the decode kernel, again for each head of a group where the caches cannot hold it; and the grid has as many tiles for each as for the longest chunk.
 */
export function mixedAttentionNs(gpu: Gpu, shape: AttentionShape, work: ChunkWork, batch: number, kvTokens: number): number {
  const tileFlops = TILE * shape.pairFlops;
  const rate = (gpu.attentionCompute * gpu.bf16Flops) / gpu.multiprocessors;
  const perTile = shape.heads / gpu.multiprocessors;
  const tiles = compute(rate, work.keyTiles * tileFlops) * perTile;
  const kvBytes = kvTokens * shape.kvBytes;
  const reads = Math.min(shape.heads / shape.kvHeads, Math.max(1, kvBytes / shape.kvHeads / gpu.mixedReuseBytes));
  const rows = gpu.mixedTileOverhead * batch * perTile + (kvBytes * reads * 1e9) / (gpu.mixedBandwidth * gpu.hbmBytesPerSecond);
  const empty = gpu.emptyTileOverhead * (batch + work.chunks) * work.chunkTilesMax * perTile;
  const keys = Math.max(work.keysMax, batch > 0 ? kvTokens / batch : 0);
  return gpu.attentionOverhead + Math.max(tiles + rows + empty, compute(rate * gpu.attentionAlone, keys * tileFlops));
}

/** All-reduce of `bytes` held by each of `ranks` GPUs over the scale-up links, as a ring moves it. */
export function allReduceNs(gpu: Gpu, ranks: number, bytes: number): number {
  return ranks <= 1 ? 0 : gpu.collectiveOverhead + (((2 * (ranks - 1)) / ranks) * bytes * 1e9) / linkRate(gpu);
}

/** All-to-all: each rank sends all but its own share of `bytes`. */
export function allToAllNs(gpu: Gpu, ranks: number, bytes: number): number {
  return ranks <= 1 ? 0 : gpu.collectiveOverhead + (((ranks - 1) / ranks) * bytes * 1e9) / linkRate(gpu);
}

/** One rank to the next. */
export function sendNs(gpu: Gpu, bytes: number): number {
  return gpu.collectiveOverhead + (bytes * 1e9) / linkRate(gpu);
}

function linkRate(gpu: Gpu): number {
  return gpu.collectiveBandwidth * gpu.scaleUpBytesPerSecond;
}

function matrixRead(gpu: Gpu, bytes: number): number {
  return (bytes / (gpu.matrixBandwidth * gpu.hbmBytesPerSecond)) * 1e9;
}

function compute(flopsPerSecond: number, operations: number): number {
  return (operations / flopsPerSecond) * 1e9;
}

/** Arithmetic and memory overlap all but where they are equal, and there they get in each other's way. */
function together(a: number, b: number): number {
  return Math.sqrt(a * a + b * b);
}
