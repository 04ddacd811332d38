/** From checked input to values: quantities become numbers in the units of src, defaults come in, presets are laid under what the scenario says. */
import type {Param, Params} from '../base/params.ts';
import {parseQuantity} from '../base/units.ts';
import type {Preset} from './hardware.ts';
import {isRequired} from './schema.ts';

export type Input = {readonly [key: string]: unknown};

/** Values of all parameters; `missing` gathers the names of those that neither the input nor a preset nor a default gives. */
export function valuesOf(params: Params, input: Input, preset: Preset | undefined, missing: string[]): {[name: string]: unknown} {
  const values: {[name: string]: unknown} = {};
  for (const [name, param] of Object.entries(params)) {
    const given = input[name] ?? preset?.values[name]?.value;
    if (given !== undefined) values[name] = valueOf(param, given);
    else if (isRequired(param)) missing.push(name);
    else values[name] = defaultOf(param);
  }
  return values;
}

function valueOf(param: Param, given: unknown): unknown {
  if (param.type === 'quantity') return parseQuantity(String(given), param.dimension);
  return param.type === 'group' ? valuesOf(param.params, given as Input, undefined, []) : given;
}

function defaultOf(param: Param): unknown {
  if (param.type === 'group') return valuesOf(param.params, {}, undefined, []);
  return 'default' in param && param.default !== undefined ? valueOf(param, param.default) : undefined;
}

export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freezeDeep(part);
  }
  return value;
}
