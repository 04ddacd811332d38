/** Systems: how context memory is tiered by products and managers that people run, as the parts of a scenario that such a system decides. */
import type {Diagnostic} from './diagnostics.ts';
import type {Input} from './values.ts';
import {didYouMean} from './words.ts';

export interface System {
  readonly name: string;
  readonly summary: string;
  /** What its makers, its code or measurements of it say, with where. */
  readonly published: string;
  /** What is assumed where nothing is published, and what is left out. */
  readonly assumed: string;
  /** Parts of a scenario; `tiers` fastest first. */
  readonly parts: {readonly [part: string]: Input};
}

/**
 * The scenario over its system: what the scenario says itself stays, tiers keep the system's order, and a tier of another kind replaces the system's.
 * A name that is no system's is added to `mistakes`.
 */
export function withSystem(input: Input, systems: readonly System[], mistakes: Diagnostic[]): Input {
  const {system: name, ...own} = input;
  if (name === undefined) return input;
  const system = systems.find((one) => one.name === name);
  if (system !== undefined) return over(system.parts, own);
  const names = systems.map((one) => one.name);
  mistakes.push({path: ['system'], message: `no system is named so${didYouMean(String(name), names)}; known: ${names.join(', ')}`});
  return own;
}

/** Mapping by mapping; whatever else, and what is of another kind, is taken whole from `upper`. */
function over(lower: Input, upper: Input): Input {
  const merged: {[key: string]: unknown} = {...lower};
  for (const [key, value] of Object.entries(upper)) {
    const below = lower[key];
    merged[key] = isMapping(below) && isMapping(value) && !ofOtherKind(below, value) ? over(below, value) : value;
  }
  return merged;
}

function isMapping(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ofOtherKind(below: Input, value: Input): boolean {
  return value['kind'] !== undefined && value['kind'] !== below['kind'];
}
