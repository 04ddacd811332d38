/**
 * Measured latency curves, for `regress --measured`: what `device bench --json` and `vllm bench serve --save-result` write, as figures with the noise
 * that the measurement itself shows. Two measurements differ where a figure has moved by more than the tolerance and both noises together.
 */
import {Batches} from '../metrics/batches.ts';
import {batchesOf, meanBounds, quantileBounds, type Bounds} from '../metrics/steady.ts';
import type {Change} from './regression.ts';

/** A figure, and the half width of what it may be by chance, relative to it. */
export interface MeasuredFigure {
  readonly value: number;
  readonly noise: number;
}

/** Figures of one point: a size and depth of a device, or a whole serving run. */
export interface MeasuredPoint {
  readonly point: string;
  readonly figures: {readonly [name: string]: MeasuredFigure};
}

/** The file is no measurement of a kind that is known. */
export class MeasurementError extends Error {}

interface DevicePoint {
  readonly sizeBytes: number;
  readonly depth: number;
  readonly readShare: number;
  readonly spread: number;
  readonly [figure: string]: number | null;
}
const DEVICE_FIGURES = ['iops', 'meanNs', 'p50Ns', 'p90Ns', 'p99Ns', 'p999Ns'];
/** Keys of vLLM's result (benchmarks/serve.py), without the samples behind them. */
const VLLM_FIGURES = ['ttft', 'tpot', 'itl', 'e2el'].flatMap((name) => ['mean', 'median', 'p99'].map((of) => `${of}_${name}_ms`));
const VLLM_RATES = ['request_throughput', 'output_throughput'];
/** Samples from which noise is told; fewer say nothing. */
const SAMPLES_MIN = 100;

/** @throws MeasurementError */
export function measuredPoints(text: string): MeasuredPoint[] {
  const content = parsed(text);
  if (Array.isArray(content['points'])) return (content['points'] as DevicePoint[]).map(devicePoint);
  if (typeof content['mean_ttft_ms'] === 'number') return [servingPoint(content)];
  throw new MeasurementError('neither points of `device bench --json` nor mean_ttft_ms of `vllm bench serve --save-result`');
}

function parsed(text: string): {readonly [key: string]: unknown} {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return content as {readonly [key: string]: unknown};
  } catch (error) {
    throw new MeasurementError(`no JSON: ${(error as Error).message}`);
  }
  throw new MeasurementError('no JSON object');
}

/** The runs of a point spread by (most - least) / median. */
function devicePoint(given: DevicePoint): MeasuredPoint {
  const figures = DEVICE_FIGURES.flatMap((name) => {
    const value = given[name];
    return typeof value === 'number' ? [[name, {value, noise: given.spread}] as const] : [];
  });
  return {
    point: `${given.sizeBytes} B x ${given.depth}, ${Math.round(given.readShare * 100)} % reads`,
    figures: Object.fromEntries(figures),
  };
}

/** With `--save-detailed` the noise of TTFT comes from its samples, by batch means; else it is not known and taken for 0. */
function servingPoint(content: {readonly [key: string]: unknown}): MeasuredPoint {
  const noise = noiseOf(Array.isArray(content['ttfts']) ? (content['ttfts'] as number[]) : []);
  const figures = [...VLLM_FIGURES, ...VLLM_RATES].flatMap((name) => {
    const value = content[name];
    return typeof value === 'number' ? [[name, {value, noise: noise[name] ?? 0}] as const] : [];
  });
  return {point: String(content['model_id'] ?? 'serving'), figures: Object.fromEntries(figures)};
}

/** Relative half widths of TTFT's figures. */
function noiseOf(seconds: readonly number[]): {readonly [name: string]: number} {
  if (seconds.length < SAMPLES_MIN) return {};
  const series = new Batches(['ttft']);
  seconds.forEach((value, order) => series.record('ttft', order, value));
  const batches = batchesOf(series.groups('ttft'));
  const relative = ({low, high}: Bounds): number => (low === null || high === null || high <= 0 ? 1 : (high - low) / (high + low));
  return {
    mean_ttft_ms: relative(meanBounds(batches)),
    median_ttft_ms: relative(quantileBounds(batches, 0.5)),
    p99_ttft_ms: relative(quantileBounds(batches, 0.99)),
  };
}

/** Every figure of every point that both have; a point or figure that is missing now has moved. */
export function judgeMeasured(before: readonly MeasuredPoint[], after: readonly MeasuredPoint[], tolerance: number): Change[] {
  return before.flatMap(({point, figures}) => {
    const now = after.find((one) => one.point === point)?.figures ?? {};
    return Object.entries(figures).map(([name, was]): Change => {
      const is = now[name] ?? {value: NaN, noise: 0};
      const shift = is.value / was.value - 1;
      const half = Math.sqrt(was.noise * was.noise + is.noise * is.noise);
      const failed = !(Math.abs(shift) - half <= tolerance);
      return {values: [point], name, before: was.value, after: is.value, shift, half, failed};
    });
  });
}
