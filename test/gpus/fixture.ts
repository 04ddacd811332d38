/** A round GPU and a small model, for arithmetic by hand. */
import type {Gpu, Model} from '../../src/scenario/hardware.ts';
import {scenario} from '../simulation/fixture.ts';

/** 1 TFLOP/s, 1 GB/s, 10 multiprocessors; every share 1, every fixed time 0. */
export const roundGpu: Gpu = {
  ...scenario().servers.server.gpu,
  bf16Flops: 1e12,
  fp8Flops: 2e12,
  hbmBytesPerSecond: 1e9,
  scaleUpBytesPerSecond: 1e9,
  multiprocessors: 10,
  matrixCompute: 1,
  matrixBandwidth: 1,
  matrixWaves: 0,
  matrixOverhead: 0,
  expertCompute: 1,
  expertBandwidth: 1,
  expertOverhead: 0,
  pointwiseBandwidth: 1,
  pointwiseOverhead: 0,
  attentionCompute: 1,
  attentionAlone: 1,
  attentionOverhead: 0,
  decodeBandwidth: 1,
  decodeSaturation: 0,
  decodeOverhead: 0,
  decodeTileOverhead: 0,
  mixedBandwidth: 1,
  mixedReuseBytes: 1e18,
  mixedTileOverhead: 0,
  emptyTileOverhead: 0,
  collectiveBandwidth: 1,
  collectiveOverhead: 0,
  samplerOverhead: 0,
  samplerRequestOverhead: 0,
  stepOverhead: 0,
  prefillStepOverhead: 0,
};

export function model(over: Partial<Model> = {}): Model {
  return {...scenario().model, ...over};
}
