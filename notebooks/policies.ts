/** Eviction policies of the catalogue, made by name with their default parameters. */
import {catalogue} from '../src/catalogue.ts';
import type {EvictionPolicy, PolicySpace} from '../src/placement/ports.ts';
import {valuesOf} from '../src/scenario/values.ts';

export const policyNames: readonly string[] = catalogue.policies.map(({name}) => name);

export function makerOf(name: string): (space: PolicySpace) => EvictionPolicy {
  const kind = catalogue.policies.find((one) => one.name === name)!;
  const create = kind.create as (values: object, space: PolicySpace) => EvictionPolicy;
  const values = valuesOf(kind.params, {}, undefined, []);
  return (space) => create(values, space);
}
