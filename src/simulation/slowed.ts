/** A GPU at a share of its rate: every step takes so much longer, rounded to the fixed point of the model, so that spans stay exact. */
import type {StepModel} from '../serving/ports.ts';

export function slowed(model: StepModel, rate: number): StepModel {
  const longer = (fixed: number): number => Math.round(fixed / rate);
  return {
    fractionBits: model.fractionBits,
    window: model.window,
    decodeBase: (batch) => longer(model.decodeBase(batch)),
    kvTokenCost: (batch) => longer(model.kvTokenCost(batch)),
    windowTokenCost: (batch) => longer(model.windowTokenCost(batch)),
    mixed: (...step) => longer(model.mixed(...step)),
    prefillNs: (from, to) => model.prefillNs(from, to) / rate,
  };
}
