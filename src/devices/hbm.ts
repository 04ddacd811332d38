/**
 * HBM of an instance. Its copies are no station in this model: a load or store crosses it at the rate of the host link or the network, at
 * most a tenth of what HBM gives, and what decode and prefill read of it is part of the step's time (gpus/stepModel.ts).
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import type {TierDevice} from './ports.ts';

const params = {
  utilisation: {
    type: 'number',
    min: 0.05,
    max: 1,
    fraction: true,
    default: 0.9,
    meaning: 'Share of HBM that the engine may use.',
    source: 'vLLM gpu_memory_utilization',
  },
} as const satisfies Params;

export const hbm = {
  name: 'hbm',
  summary: "An instance's high-bandwidth memory: what weights and reserves leave of it.",
  params,
  create: (_params: ValuesOf<typeof params>): TierDevice => ({
    capacityBytes: 0,
    read: [],
    write: [],
    readNs: 0,
    readBytesPerSecond: Infinity,
    writeNs: 0,
    writeBytesPerSecond: Infinity,
  }),
} as const satisfies Kind;
