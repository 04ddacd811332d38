/**
 * Measured kernels from CSV, as points that the kernel formulas predict. A file is known by its columns:
 *
 *   layer,tokens,time_us                                             matrix products and pointwise kernels of one layer, by new tokens
 *   layer,sequences,time_us                                          lm_head and sampler, by requests
 *   prefill_chunk,kv_prefill,n_decode,kv_decode,time_us              attention of one layer: a chunk after kv_prefill tokens, beside n_decode requests of kv_decode tokens each
 *   layer_name,input,kv_cache,tp_size,latency(ns)                    the first two in one, by new tokens; attention of a prompt without cache
 *   ...attn_prefill.median,...attn_decode.median (ms),batch_size,prefill_chunk_size,kv_cache_size,is_prefill
 *                                                                    attention: kv_cache_size counts the chunk too, and for decode it is the sum over the batch
 *   ...all_reduce.median (ms),num_workers,size (bytes)               all-reduce
 *   tokens,...experts...,time_us                                     a mixture's experts of one layer: tokens, and distinct experts that they meet
 *
 * (LLMServingSim's profiler, version 1 and 0; Vidur's.) Other columns are passed over.
 */
import type {Gpu, Model} from '../scenario/hardware.ts';
import {
  ACTIVATION_BYTES,
  allReduceNs,
  ChunkWork,
  decodeBaseNs,
  decodeTokenNs,
  expertsNs,
  matrixNs,
  mixedAttentionNs,
  peakFlops,
  pointwiseNs,
} from './kernels.ts';
import {layersOf} from './layers.ts';

export type Family =
  | 'matrix'
  | 'block'
  | 'experts'
  | 'pointwise'
  | 'pointwiseBlock'
  | 'sum'
  | 'sampler'
  | 'decode'
  | 'prefill'
  | 'mixed'
  | 'collective';

/** One measurement, and what the formulas make of it. */
export interface KernelPoint {
  readonly family: Family;
  /** The kernel, for tables. */
  readonly label: string;
  readonly measuredNs: number;
  predict(gpu: Gpu): number;
}

/** What the kernels were cut from. */
export interface ProfiledModel {
  readonly model: Model;
  readonly tensor: number;
}

/** A CSV that holds no profile: the user's mistake. */
export class ProfileError extends Error {
  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.name = 'ProfileError';
  }
}

interface Row {
  readonly line: number;
  number(column: string): number;
  text(column: string): string;
}

/** Points of one file, in its order. Throws ProfileError. */
export function readProfile(file: string, csv: string, profiled: ProfiledModel): KernelPoint[] {
  const lines = csv.split(/\r?\n/);
  const columns = lines[0]!.split(',').map((column) => column.trim());
  const has = (...names: string[]): boolean => names.every((name) => columns.includes(name));
  const ending = (name: string): string => columns.find((column) => column.endsWith(name)) ?? '';
  const rows = rowsOf(file, lines, columns);
  if (has('layer', 'tokens', 'time_us')) return layerPoints(rows, profiled, 'layer', 'tokens', 'time_us', 1e3);
  if (has('layer', 'sequences', 'time_us')) return layerPoints(rows, profiled, 'layer', 'sequences', 'time_us', 1e3);
  if (has('layer_name', 'input', 'latency(ns)')) return layerPoints(rows, profiled, 'layer_name', 'input', 'latency(ns)', 1);
  if (has('prefill_chunk', 'kv_prefill', 'n_decode', 'kv_decode', 'time_us')) return rows.map((row) => attentionPoint(row, profiled));
  if (has('batch_size', 'prefill_chunk_size', 'kv_cache_size', 'is_prefill'))
    return rows.map((row) => separatePoint(row, profiled, ending('attn_prefill.median'), ending('attn_decode.median')));
  if (has('num_workers', 'size') && ending('all_reduce.median') !== '')
    return rows.map((row) => reducePoint(row, ending('all_reduce.median')));
  const experts = columns.find((column) => /expert/.test(column));
  if (has('tokens', 'time_us') && experts !== undefined) return rows.map((row) => expertsPoint(row, profiled, experts));
  throw new ProfileError(
    file,
    1,
    `no profile of kernels has the columns ${columns.join(',')}; docs/model/gpus.md lists those that are known`,
  );
}

function rowsOf(file: string, lines: readonly string[], columns: readonly string[]): Row[] {
  return lines.slice(1).flatMap((text, index): Row[] => {
    if (text === '') return [];
    const line = index + 2;
    const cells = text.split(',');
    if (cells.length !== columns.length) throw new ProfileError(file, line, `expected ${columns.length} cells, found ${cells.length}`);
    const cell = (column: string): string => cells[columns.indexOf(column)]!;
    const number = (column: string): number => {
      const value = Number(cell(column));
      if (cell(column) === '' || !Number.isFinite(value) || value < 0)
        throw new ProfileError(file, line, `${column}: expected a number, found "${cell(column)}"`);
      return value;
    };
    return [{line, number, text: cell}];
  });
}

/** Kernels of one layer, and for each count of tokens their sums: of a block's matrix products, of its pointwise kernels, of both. */
function layerPoints(
  rows: readonly Row[],
  profiled: ProfiledModel,
  layer: string,
  count: string,
  time: string,
  unit: number,
): KernelPoint[] {
  const products = new Map<number, KernelPoint[]>();
  const pointwise = new Map<number, KernelPoint[]>();
  const points = rows.flatMap((row): KernelPoint[] => {
    const tokens = row.number(count);
    const point = layerPoint(row.text(layer), tokens, row.number(time) * unit, profiled);
    if (point === null) return [];
    const block = point.family === 'matrix' && point.label !== 'lm_head' ? products : blockPointwise[point.label] ? pointwise : null;
    const times = blockPointwise[point.label] ?? 1;
    if (block !== null) block.set(tokens, [...(block.get(tokens) ?? []), ...Array.from({length: times}, () => point)]);
    return [point];
  });
  const sums = [...products].flatMap(([tokens, matrices]) => {
    const others = pointwise.get(tokens) ?? [];
    return [
      sumOf('block', 'matrices of a block', matrices),
      ...(others.length > 0
        ? [sumOf('pointwiseBlock', 'pointwise of a block', others), sumOf('sum', 'both of a block', [...matrices, ...others])]
        : []),
    ];
  });
  return [...points, ...sums];
}

/** Pointwise kernels of a block and how often it runs them: a profile without its two norms apart gives one that stands for both. */
const blockPointwise: {readonly [label: string]: number} = {
  layernorm: 2,
  input_layernorm: 1,
  post_layernorm: 1,
  rotary_emb: 1,
  rope: 1,
  act_fn: 1,
};

function sumOf(family: Family, label: string, members: readonly KernelPoint[]): KernelPoint {
  const measuredNs = members.reduce((sum, member) => sum + member.measuredNs, 0);
  return {family, label, measuredNs, predict: (gpu) => members.reduce((sum, member) => sum + member.predict(gpu), 0)};
}

/** null: a kernel that the model does not know. */
function layerPoint(label: string, tokens: number, measuredNs: number, profiled: ProfiledModel): KernelPoint | null {
  const {model, tensor} = profiled;
  if (label === 'sampler')
    return {family: 'sampler', label, measuredNs, predict: (gpu) => gpu.samplerOverhead + gpu.samplerRequestOverhead * tokens};
  if (label === 'attn') return chunkPoint(label, tokens, 0, measuredNs, profiled);
  const bytes = pointwiseBytes(label, model, tensor);
  if (bytes > 0) return {family: 'pointwise', label, measuredNs, predict: (gpu) => pointwiseNs(gpu, bytes * tokens)};
  const size = matrixSize(label, model, tensor);
  if (size === null) return null;
  const [inner, outer] = size;
  const weightBytes = inner * outer * (label === 'lm_head' ? 2 : {bf16: 2, fp8: 1, fp4: 0.5}[model.weights]);
  return {
    family: 'matrix',
    label,
    measuredNs,
    predict: (gpu) => matrixNs(gpu, peakFlops(gpu, model.weights), tokens, inner, outer, weightBytes),
  };
}

function matrixSize(label: string, model: Model, tensor: number): [number, number] | null {
  const {hiddenSize} = model;
  const heads = (model.heads * model.headDimension) / tensor;
  const kvHeads = Math.max(1, model.kvHeads / tensor) * model.headDimension;
  const width = model.feedForwardSize / tensor;
  const sizes: {readonly [label: string]: [number, number]} = {
    qkv_proj: [hiddenSize, heads + 2 * kvHeads],
    q_proj: [hiddenSize, heads],
    k_proj: [hiddenSize, kvHeads],
    v_proj: [hiddenSize, kvHeads],
    o_proj: [heads, hiddenSize],
    gate_up_proj: [hiddenSize, 2 * width],
    gate_proj: [hiddenSize, width],
    up_proj: [hiddenSize, width],
    down_proj: [width, hiddenSize],
    lm_head: [hiddenSize, model.vocabulary / tensor],
  };
  return sizes[label] ?? null;
}

/** Bytes in and out for a token; 0: no pointwise kernel. */
function pointwiseBytes(label: string, model: Model, tensor: number): number {
  const elements: {readonly [label: string]: number} = {
    layernorm: 4 * model.hiddenSize,
    input_layernorm: 4 * model.hiddenSize,
    post_layernorm: 4 * model.hiddenSize,
    final_layernorm: 4 * model.hiddenSize,
    embedding: 2 * model.hiddenSize,
    rotary_emb: (2 * (model.heads + model.kvHeads) * model.headDimension) / tensor,
    rope: (2 * (model.heads + model.kvHeads) * model.headDimension) / tensor,
    act_fn: (3 * model.feedForwardSize) / tensor,
  };
  return (elements[label] ?? 0) * ACTIVATION_BYTES;
}

function attentionPoint(row: Row, profiled: ProfiledModel): KernelPoint {
  const [chunk, cached, batch, context] = ['prefill_chunk', 'kv_prefill', 'n_decode', 'kv_decode'].map((column) => row.number(column));
  const measuredNs = row.number('time_us') * 1e3;
  if (chunk === 0) return decodePoint('decode attention', batch, batch * context, measuredNs, profiled);
  if (batch === 0) return chunkPoint('prefill attention', chunk, cached, measuredNs, profiled);
  const {shape} = attentionOf(profiled);
  const work = new ChunkWork();
  work.addChunk(chunk, cached, Infinity);
  return {
    family: 'mixed',
    label: 'mixed attention',
    measuredNs,
    predict: (gpu) => mixedAttentionNs(gpu, shape, work, batch, batch * context),
  };
}

function separatePoint(row: Row, profiled: ProfiledModel, prefill: string, decode: string): KernelPoint {
  const kvTokens = row.number('kv_cache_size');
  if (row.text('is_prefill') !== 'True')
    return decodePoint('decode attention', row.number('batch_size'), kvTokens, row.number(decode) * 1e6, profiled);
  const chunk = row.number('prefill_chunk_size');
  return chunkPoint('prefill attention', chunk, kvTokens - chunk, row.number(prefill) * 1e6, profiled);
}

function decodePoint(label: string, batch: number, kvTokens: number, measuredNs: number, profiled: ProfiledModel): KernelPoint {
  const {shape} = attentionOf(profiled);
  return {
    family: 'decode',
    label,
    measuredNs,
    predict: (gpu) => decodeBaseNs(gpu, shape, batch) + decodeTokenNs(gpu, shape, batch) * kvTokens,
  };
}

function chunkPoint(label: string, chunk: number, cached: number, measuredNs: number, profiled: ProfiledModel): KernelPoint {
  const {shape} = attentionOf(profiled);
  const work = new ChunkWork();
  work.addChunk(chunk, cached, Infinity);
  return {family: 'prefill', label, measuredNs, predict: (gpu) => mixedAttentionNs(gpu, shape, work, 0, 0)};
}

function attentionOf({model, tensor}: ProfiledModel): {shape: Parameters<typeof decodeBaseNs>[1]} {
  return layersOf(model, {tensor, pipeline: 1, data: 1, expert: false}).full;
}

function reducePoint(row: Row, median: string): KernelPoint {
  const ranks = row.number('num_workers');
  const bytes = row.number('size');
  return {
    family: 'collective',
    label: `all-reduce over ${ranks}`,
    measuredNs: row.number(median) * 1e6,
    predict: (gpu) => allReduceNs(gpu, ranks, bytes),
  };
}

/** The two grouped products of a mixture's layer. */
function expertsPoint(row: Row, {model, tensor}: ProfiledModel, column: string): KernelPoint {
  const tokens = row.number('tokens') * model.activeExperts;
  const distinct = row.number(column);
  const width = model.expertSize / tensor;
  const bytes = model.hiddenSize * width * {bf16: 2, fp8: 1, fp4: 0.5}[model.weights];
  return {
    family: 'experts',
    label: 'experts',
    measuredNs: row.number('time_us') * 1e3,
    predict: (gpu) =>
      expertsNs(gpu, peakFlops(gpu, model.weights), tokens, distinct, model.hiddenSize, 2 * width, 2 * bytes) +
      expertsNs(gpu, peakFlops(gpu, model.weights), tokens, distinct, width, model.hiddenSize, bytes),
  };
}
