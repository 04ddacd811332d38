/**
 * Write amplification of greedy garbage collection under uniform random writes, and back. With a = -(1 + overProvisioning) and W0 the principal branch of
 * Lambert's function, WA = a / (a - W0(a e^a)) (Xiang and Kurkoski, arXiv:1110.4245). Setting w = a (1 - 1/WA) in w e^w = a e^a gives
 * the inverse in closed form: 1 + overProvisioning = -WA ln(1 - 1/WA).
 */
import {assert} from '../../base/assert.ts';
import {ln} from '../../base/mathematics.ts';

/** Over-provisioning, (physical - logical) / logical, at which greedy collection has this write amplification, more than 1. */
export function overProvisioningFor(writeAmplification: number): number {
  assert(writeAmplification > 1, `a write amplification of ${writeAmplification}`);
  return -writeAmplification * ln(1 - 1 / writeAmplification) - 1;
}

/** NAND bytes written for each byte of the host. Halves the interval of 1/WA until it has 50 bits. */
export function writeAmplificationAt(overProvisioning: number): number {
  assert(overProvisioning > 0, `an over-provisioning of ${overProvisioning}`);
  let low = 0;
  let high = 1;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (-ln(1 - middle) / middle - 1 < overProvisioning) low = middle;
    else high = middle;
  }
  return 1 / high;
}
