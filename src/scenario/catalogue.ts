/** The pluggable kinds and presets that a scenario may name. `src/catalogue.ts` holds the real one; it is handed in, so that no folder here imports it. */
import type {Kind} from '../base/params.ts';
import type {Preset} from './hardware.ts';
import type {System} from './systems.ts';

export interface Catalogue {
  readonly tiers: readonly Kind[];
  readonly workloads: readonly Kind[];
  /** What a list of workloads is. */
  readonly mixture: Kind;
  readonly policies: readonly Kind[];
  readonly admissions: readonly Kind[];
  readonly gpus: readonly Preset[];
  readonly servers: readonly Preset[];
  readonly models: readonly Preset[];
  readonly fabrics: readonly Preset[];
  readonly systems: readonly System[];
  /** Presets of a tier kind's parameters, by the kind's name. */
  readonly devices: {readonly [tierKind: string]: readonly Preset[]};
}

export function named<T extends {readonly name: string}>(list: readonly T[], name: string): T | undefined {
  return list.find((item) => item.name === name);
}
