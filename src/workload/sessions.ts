/** The order in which a workload hands out its sessions. How many run at once and when they start is serving's to decide. */
import {Stream} from '../base/random.ts';
import type {WorkloadContext} from './ports.ts';

/** Positions 0 .. count-1 as recorded, or shuffled by the stream 'workload/order'. */
export function sessionOrder(count: number, context: WorkloadContext): number[] {
  const order = Array.from({length: count}, (_, index) => index);
  if (context.shuffle) new Stream(context.seed, 'workload/order').shuffle(order);
  return order;
}

export function orderText(context: WorkloadContext): string {
  return context.shuffle ? `order shuffled by seed ${context.seed}` : 'recorded order';
}
