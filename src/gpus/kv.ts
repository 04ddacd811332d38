/** Bytes of KV cache. */
import type {Model} from '../scenario/hardware.ts';
import {precisionBytes} from './kernels.ts';
import {kvHeadsHeld} from './layers.ts';

/** Bytes of a token's KV over all layers, held once. */
export function kvBytesPerToken(model: Model): number {
  return model.kvElementsPerToken * precisionBytes[model.kv]!;
}

/** Bytes that a token takes over the HBM of all GPUs that hold it: every tensor rank holds all of MLA's latents, and KV heads are copied where there are more ranks than heads. */
export function kvBytesPerTokenHeld(model: Model, tensor: number): number {
  const copies = model.attention === 'mla' ? tensor : (kvHeadsHeld(model, tensor) * tensor) / model.kvHeads;
  return kvBytesPerToken(model) * copies;
}
