/** What becomes of an instance's HBM. */
import type {Gpu, Model} from '../scenario/hardware.ts';
import {parameterCount} from '../scenario/parameterCount.ts';
import type {Parallel} from '../scenario/scenario.ts';
import {precisionBytes} from './kernels.ts';

/** Bytes, over all GPUs of an instance. */
export interface HbmLedger {
  readonly capacityBytes: number;
  readonly weightBytes: number;
  readonly reserveBytes: number;
  readonly kvBytes: number;
}

/** Activations, graphs and communication buffers of a GPU (aiconfigurator systems/*.yaml: 3.5 GiB and about 0.4 GB). */
const RESERVE_BYTES = 3.9e9;

/** `utilisation`: share of HBM that the engine may use. Data-parallel ranks each hold what is not in spread experts. */
export function hbmLedger(model: Model, gpu: Gpu, parallel: Parallel, utilisation: number): HbmLedger {
  const gpus = parallel.tensor * parallel.pipeline * parallel.data;
  const capacityBytes = gpu.hbmBytes * gpus;
  const copied = parallel.data > 1 ? (parallel.data - 1) * (model.parameters - (parallel.expert ? parameterCount(model).experts : 0)) : 0;
  const weightBytes = (model.parameters + copied) * precisionBytes[model.weights]!;
  const reserveBytes = gpus * RESERVE_BYTES;
  return {capacityBytes, weightBytes, reserveBytes, kvBytes: capacityBytes * utilisation - weightBytes - reserveBytes};
}
