/** Every number that a scenario takes from the catalogue, with its path, value and source: what a study of sensitivity varies. */
import type {Dimension, NumberParam, Param, Params, QuantityParam} from '../base/params.ts';
import {exactQuantity} from '../base/units.ts';
import {named, type Catalogue} from '../scenario/catalogue.ts';
import {gpuParams, modelParams, serverParams, type Preset} from '../scenario/hardware.ts';
import {fabricParams, networkNames, networkParams} from '../scenario/networks.ts';
import type {Override} from '../scenario/overrides.ts';
import type {Scenario} from '../scenario/scenario.ts';

/** `read`, `derived`, `measured`, `remembered` as presets have it; of defaults: `remembered`, a `choice`, `fitted` on another GPU, or `read`. */
export type Confidence = Preset['values'][string]['confidence'] | 'choice' | 'fitted';

export interface Parameter {
  readonly path: string;
  readonly param: QuantityParam | NumberParam;
  /** In the unit used inside src. */
  readonly value: number;
  readonly source: string;
  readonly confidence: Confidence;
  /** Overrides without which the path cannot be set: a fabric's preset, which the scenario may leave to its default. */
  readonly beside: readonly Override[];
}

/** No latency depends on them. */
const ACCOUNTING: ReadonlySet<Dimension> = new Set(['money', 'power', 'energy']);
const STRONG: ReadonlySet<Confidence> = new Set(['read', 'measured']);

/** Whether a source is weaker than a measurement or a publication that was read. */
export function isWeak({confidence}: Parameter): boolean {
  return !STRONG.has(confidence);
}

/** @param content the scenario as it is written: what it says itself is the user's, and no parameter of the catalogue */
export function parametersOf(scenario: Scenario, content: object, catalogue: Catalogue): Parameter[] {
  const {servers, networks, tiers, model} = scenario;
  const collect = (
    path: string,
    params: Params,
    values: object,
    preset: Preset | undefined,
    beside: readonly Override[] = [],
  ): Parameter[] =>
    Object.entries(params).flatMap(([key, param]) =>
      valueAt(content, `${path}.${key}`) === undefined
        ? parameterOf(`${path}.${key}`, param, (values as {readonly [key: string]: unknown})[key], preset?.values[key], beside)
        : [],
    );
  return [
    ...collect('model', modelParams, model, named(catalogue.models, model.name)),
    ...collect('servers', serverParams, servers.server, named(catalogue.servers, servers.server.name)),
    ...collect('servers.gpu', gpuParams, servers.server.gpu, named(catalogue.gpus, servers.server.gpu.name)),
    ...networkNames.flatMap((name) => {
      const {fabric, ports} = networks[name];
      if (ports === 0) return [];
      const beside = fabric.name === 'custom' ? [] : [{path: `networks.${name}.fabric.preset`, value: fabric.name}];
      return [
        ...collect(`networks.${name}`, networkParams, networks[name], undefined),
        ...collect(`networks.${name}.fabric`, fabricParams, fabric, named(catalogue.fabrics, fabric.name), beside),
      ];
    }),
    ...tiers.flatMap(({name, kind, params}) => {
      const preset = valueAt(content, `tiers.${name}.preset`);
      return collect(`tiers.${name}`, kind.params, params, named(catalogue.devices[kind.name] ?? [], String(preset)));
    }),
  ];
}

function parameterOf(
  path: string,
  param: Param,
  value: unknown,
  cited: Preset['values'][string] | undefined,
  beside: readonly Override[],
): Parameter[] {
  if ((param.type !== 'quantity' && param.type !== 'number') || typeof value !== 'number' || value === 0) return [];
  if (param.type === 'quantity' && ACCOUNTING.has(param.dimension)) return [];
  if (cited === undefined && param.default === undefined) return []; // follows from another parameter
  const source = cited?.source ?? param.source ?? '';
  return [{path, param, value, source, confidence: cited?.confidence ?? confidenceOf(source), beside}];
}

/** Sources of defaults are sentences that begin or end with how sure they are. */
function confidenceOf(source: string): Confidence {
  if (/\(remembered\)|^remembered/.test(source)) return 'remembered';
  if (source.startsWith('a choice')) return 'choice';
  return source.startsWith('fitted on') ? 'fitted' : 'read';
}

/** What sets the parameter to `factor` times its value, within its range; null where that is no other value. */
export function scaled({path, param, value, beside}: Parameter, factor: number): readonly Override[] | null {
  const wanted = value * factor;
  if (param.type === 'quantity')
    return [
      ...beside,
      {
        path,
        value: exactQuantity(param.dimension === 'bytes' || param.dimension === 'tokens' ? Math.round(wanted) : wanted, param.dimension),
      },
    ];
  const within = Math.min(param.max, Math.max(param.min, param.fraction ? wanted : Math.round(wanted)));
  return within === value ? null : [...beside, {path, value: String(within)}];
}

function valueAt(content: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (part, key) => (typeof part === 'object' && part !== null ? (part as {readonly [key: string]: unknown})[key] : undefined),
      content,
    );
}
