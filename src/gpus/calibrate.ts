/** Fits a GPU's shares and fixed times to measured kernels: on every second point, judged on the others. */
import {ln} from '../base/mathematics.ts';
import type {Gpu} from '../scenario/hardware.ts';
import {fitLog, type Coefficient} from '../base/fit.ts';
import type {Family, KernelPoint} from './kernelProfile.ts';

type Field = Exclude<keyof Gpu, 'name'>;

/** What each family of kernels tells. A family's fit holds the others' coefficients, so that each means one thing; a share of a peak is at most 1. */
const fits: readonly {readonly families: readonly Family[]; readonly coefficients: readonly [Field, number, number][]}[] = [
  {
    families: ['block', 'matrix'],
    coefficients: [
      ['matrixCompute', 0.01, 1],
      ['matrixBandwidth', 0.01, 1],
      ['matrixWaves', 0.001, 1],
      ['matrixOverhead', 100, 1e6],
    ],
  },
  {
    families: ['experts'],
    coefficients: [
      ['expertCompute', 0.01, 1],
      ['expertBandwidth', 0.01, 1],
      ['expertOverhead', 100, 1e6],
    ],
  },
  {
    families: ['pointwiseBlock', 'pointwise'],
    coefficients: [
      ['pointwiseBandwidth', 0.01, 50],
      ['pointwiseOverhead', 100, 1e6],
    ],
  },
  {
    families: ['sampler'],
    coefficients: [
      ['samplerOverhead', 1, 1e7],
      ['samplerRequestOverhead', 1, 1e6],
    ],
  },
  {
    families: ['decode'],
    coefficients: [
      ['decodeBandwidth', 0.01, 1],
      ['decodeSaturation', 0.001, 1e4],
      ['decodeOverhead', 100, 1e6],
      ['decodeTileOverhead', 1, 1e6],
    ],
  },
  {
    families: ['prefill'],
    coefficients: [
      ['attentionCompute', 0.01, 1],
      ['attentionAlone', 0.1, 64],
      ['attentionOverhead', 100, 1e6],
    ],
  },
  {
    families: ['mixed'],
    coefficients: [
      ['mixedBandwidth', 0.01, 1],
      ['mixedReuseBytes', 1e6, 1e12],
      ['mixedTileOverhead', 1, 1e6],
      ['emptyTileOverhead', 1, 1e6],
    ],
  },
  {
    families: ['collective'],
    coefficients: [
      ['collectiveBandwidth', 0.01, 1],
      ['collectiveOverhead', 100, 1e6],
    ],
  },
];

/** Weight of a single kernel beside the sum over its block: a serving step pays the sum. */
const SINGLE_WEIGHT = 0.15;
/** Prefill and mixed attention share coefficients; a second pass settles them. */
const PASSES = 2;

/** Errors of one kernel on points that the fit did not see, as shares. */
export interface KernelErrors {
  readonly label: string;
  readonly points: number;
  readonly median: number;
  readonly mean: number;
  readonly p95: number;
  readonly max: number;
  /** Mean signed error: above 0 the prediction is too long. */
  readonly bias: number;
}

export interface Calibration {
  /** Coefficients that the points tell, by field of a GPU. */
  readonly values: {readonly [field: string]: number};
  readonly gpu: Gpu;
  readonly errors: readonly KernelErrors[];
  readonly fitted: number;
}

/** `start`: peaks, and what coefficients are where the points say nothing. */
export function calibrate(points: readonly KernelPoint[], start: Gpu): Calibration {
  const halves = split(points);
  const values: {[field: string]: number} = {};
  let gpu = start;
  for (let pass = 0; pass < PASSES; pass++)
    for (const {families, coefficients} of fits) {
      const own = preferApart(halves.fitted.filter(({family}) => families.includes(family)));
      if (own.length < coefficients.length) continue;
      fitFamily(gpu, own, coefficients).forEach((value, i) => (values[coefficients[i][0]] = value));
      gpu = {...gpu, ...values};
    }
  return {values, gpu, errors: errorsOf(halves.heldOut, gpu), fitted: halves.fitted.length};
}

/** Attention measured by itself, where there is such; inside a layer it is the coarser measurement. */
function preferApart(points: readonly KernelPoint[]): readonly KernelPoint[] {
  const apart = points.filter(({label}) => label !== 'attn');
  return apart.length > 0 ? apart : points;
}

function fitFamily(gpu: Gpu, points: readonly KernelPoint[], coefficients: readonly [Field, number, number][]): number[] {
  const logs = points.map(({measuredNs}) => ln(measuredNs));
  const weights = points.map(({family}) => (family === 'matrix' || family === 'pointwise' ? SINGLE_WEIGHT : 1));
  const starts = coefficients.map(([name, min, max]): Coefficient => ({
    name,
    min,
    max,
    start: Math.min(max * 0.98, Math.max(min * 1.02, gpu[name] as number)),
  }));
  return fitLog(starts, points.length, (values, into) => {
    const there: Gpu = {...gpu, ...Object.fromEntries(coefficients.map(([name], i) => [name, values[i]]))};
    points.forEach((point, k) => (into[k] = weights[k] * (ln(point.predict(there)) - logs[k])));
  });
}

/** Every second point of each kernel, in the order of the file, is held out. Points of no time are passed over: a clock too coarse. */
function split(points: readonly KernelPoint[]): {fitted: KernelPoint[]; heldOut: KernelPoint[]} {
  const seen = new Map<string, number>();
  const fitted: KernelPoint[] = [];
  const heldOut: KernelPoint[] = [];
  for (const point of points) {
    if (point.measuredNs <= 0) continue;
    const count = seen.get(point.label) ?? 0;
    seen.set(point.label, count + 1);
    (count % 2 === 0 ? fitted : heldOut).push(point);
  }
  return {fitted, heldOut};
}

/** By kernel, in order of appearance. */
export function errorsOf(points: readonly KernelPoint[], gpu: Gpu): KernelErrors[] {
  const byLabel = new Map<string, number[]>();
  for (const point of points) {
    if (point.measuredNs <= 0) continue;
    const errors = byLabel.get(point.label) ?? [];
    byLabel.set(point.label, errors);
    errors.push(point.predict(gpu) / point.measuredNs - 1);
  }
  return [...byLabel].map(([label, errors]) => {
    const sizes = errors.map(Math.abs).sort((a, b) => a - b);
    const at = (share: number): number => sizes[Math.ceil(share * sizes.length) - 1]!;
    const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
    return {label, points: sizes.length, median: at(0.5), mean: mean(sizes), p95: at(0.95), max: at(1), bias: mean(errors)};
  });
}
