/**
 * What share of a GPU's peaks its kernels reach, and their fixed times: fitted with `tierscape calibrate gpu` (2026-11-25) on half of the
 * points of a profile, judged on the other half; docs/model/gpus.md has the commands and all errors.
 */
import type {Preset} from '../hardware.ts';
import {derived, measured, remembered} from './sources.ts';

type Values = Preset['values'];

const MATRICES = 'block of matrix products: held-out median error 2.3 %, p95 7.6 %';
const DECODE = 'held-out median error 4.2 %, p95 12 %';
const PREFILL = 'held-out median error 4.0 %, p95 21 %';
const MIXED = 'held-out median error 8.7 %, p95 36 %';

/** Llama-3.1-8B, BF16, one rank; vLLM 0.19.0, CUDA 13. */
export const rtxPro6000Kernels: Values = {
  matrixCompute: measured('lls', 0.7989, MATRICES),
  matrixBandwidth: measured('lls', 1, `${MATRICES}; at its bound`),
  matrixWaves: measured('lls', 0.2242, MATRICES),
  matrixOverhead: measured('lls', '1.694 us', MATRICES),
  expertCompute: derived('lls', 0.4, 'half of matrixCompute: no mixture was measured'),
  expertBandwidth: derived('lls', 0.8, 'four fifths of matrixBandwidth: no mixture was measured'),
  expertOverhead: remembered('15 us', 'fused mixtures of small batches; no mixture was measured'),
  pointwiseBandwidth: measured('lls', 2.3, 'held-out median error 19 %; 3 to 6 % of a block'),
  pointwiseOverhead: measured('lls', '2.295 us', 'held-out median error 19 %; 3 to 6 % of a block'),
  attentionCompute: measured('lls', 0.4693, PREFILL),
  attentionAlone: measured('lls', 2.465, PREFILL),
  attentionOverhead: measured('lls', '6.904 us', PREFILL),
  decodeBandwidth: measured('lls', 0.9107, DECODE),
  decodeSaturation: measured('lls', 4.856, DECODE),
  decodeOverhead: measured('lls', '12.03 us', DECODE),
  decodeTileOverhead: measured('lls', '0.6683 us', DECODE),
  mixedBandwidth: measured('lls', 0.5657, MIXED),
  mixedReuseBytes: measured('lls', '327.9 MB', MIXED),
  mixedTileOverhead: measured('lls', '3.016 us', MIXED),
  emptyTileOverhead: measured('lls', '0.7832 us', MIXED),
  collectiveBandwidth: derived('vidur', 0.7835, 'as on a DGX H100'),
  collectiveOverhead: derived('vidur', '29.63 us', 'as on a DGX H100'),
  samplerOverhead: measured('lls', '23.33 us', 'held-out median error 6 %'),
  samplerRequestOverhead: measured('lls', '0.3573 us', 'held-out median error 6 %'),
  stepOverhead: measured('lls', '200 us', 'fitted on the first ten seconds of the vLLM run'),
  prefillStepOverhead: measured('lls', '4550 us', 'fitted on the first ten seconds of the vLLM run'),
};

/**
 * Matrix products of Llama-3.1-8B on one H100, all-reduces of a DGX H100. The rest is the default, the RTX PRO 6000's fit: the H100 profiles
 * at hand time unfused norms, and attention that neither splits long contexts nor was run beyond 2,048 tokens.
 */
export const h100Kernels: Values = {
  matrixCompute: measured('lls0', 0.8298, 'block of matrix products: held-out median error 1.7 %, p95 4.5 %'),
  matrixBandwidth: measured('lls0', 0.9909, 'block of matrix products: held-out median error 1.7 %, p95 4.5 %'),
  matrixWaves: measured('lls0', 0.001, 'block of matrix products: held-out median error 1.7 %, p95 4.5 %'),
  matrixOverhead: measured('lls0', '5.617 us', 'block of matrix products: held-out median error 1.7 %, p95 4.5 %'),
  collectiveBandwidth: measured('vidur', 0.7835, 'held-out median error 4 to 10 %'),
  collectiveOverhead: measured('vidur', '29.63 us', 'held-out median error 4 to 10 %'),
};

/** The fit of the nearest GPU that was measured, for one that was not. */
export function borrowed(values: Values, from: string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, {value, source}]) => [name, derived(source, value, `as fitted on ${from}: not measured here`)]),
  );
}
