/** Policies as the command line names them: `s3fifo`, or with parameters `s3fifo:small=0.05:filling=main`. */
import {distance} from 'fastest-levenshtein';
import type {Kind, Param} from '../base/params.ts';
import {parseQuantity} from '../base/units.ts';
import {catalogue} from '../catalogue.ts';
import {clairvoyants, type CreatePolicy} from '../lab/study.ts';
import type {EvictionPolicy, PolicySpace} from '../placement/ports.ts';
import {valuesOf} from '../scenario/values.ts';
import {UserError} from './userError.ts';

export interface PolicySpec {
  /** As it stands in the table. */
  readonly text: string;
  /** null: a clairvoyant, which is no policy of the catalogue. */
  readonly kind: string | null;
  readonly values: {readonly [name: string]: unknown};
}

type PolicyKind = Kind & {create(values: object, space: PolicySpace): EvictionPolicy};

export function policyNamed(name: string): PolicyKind {
  return catalogue.policies.find((kind) => kind.name === name) as PolicyKind;
}

export function createOf(spec: PolicySpec): CreatePolicy {
  return (space) => policyNamed(spec.kind!).create(spec.values, space);
}

/** @throws UserError that names what there is */
export function parsePolicies(text: string): PolicySpec[] {
  return text.split(',').map((one) => parsePolicy(one.trim()));
}

/** Spellings of the literature: S3-FIFO, LFU-DA, 2Q. */
function plain(name: string): string {
  const bare = name.toLowerCase().replaceAll(/[-_]/g, '');
  return bare === '2q' ? 'twoq' : bare;
}

function parsePolicy(text: string): PolicySpec {
  const [name, ...settings] = text.split(':');
  const clairvoyant = clairvoyants.find((one) => plain(one) === plain(name));
  const kind = catalogue.policies.find((one) => plain(one.name) === plain(name));
  if (clairvoyant !== undefined) {
    if (settings.length > 0) throw new UserError(`--policies ${text}: ${clairvoyant} takes no parameters`);
    return {text: clairvoyant, kind: null, values: {}};
  }
  if (kind === undefined)
    throw new UserError(`--policies ${text}: no such policy${nearest(plain(name))}; there are ${allPolicies().join(', ')}`);
  const input = Object.fromEntries(settings.map((setting) => parseSetting(text, kind, setting)));
  return {text: [kind.name, ...settings].join(':'), kind: kind.name, values: valuesOf(kind.params, input, undefined, [])};
}

export function allPolicies(): string[] {
  return [...catalogue.policies.map((kind) => kind.name), ...clairvoyants];
}

function nearest(name: string): string {
  const [best] = allPolicies().sort((a, b) => distance(name, a) - distance(name, b));
  return distance(name, best!) <= 2 ? ` (did you mean ${best}?)` : '';
}

function parseSetting(text: string, kind: Kind, setting: string): [string, unknown] {
  const [name, value] = setting.split('=');
  const param: Param | undefined = kind.params[name];
  if (param === undefined || value === undefined) {
    const known = Object.keys(kind.params);
    throw new UserError(
      `--policies ${text}: ${known.length === 0 ? `${kind.name} takes no parameters` : `write parameter=value with ${known.join(', ')}`}`,
    );
  }
  if (param.type === 'choice') {
    if (!param.choices.includes(value)) throw new UserError(`--policies ${text}: ${name} is one of ${param.choices.join(', ')}`);
    return [name, value];
  }
  if (param.type === 'quantity') {
    if (!(parseQuantity(value, param.dimension) >= 0))
      throw new UserError(`--policies ${text}: ${name}: expected a quantity such as ${param.default}, found ${value}`);
    return [name, value];
  }
  const number = Number(value);
  if (
    param.type !== 'number' ||
    value === '' ||
    !(number >= param.min && number <= param.max) ||
    (!param.fraction && !Number.isInteger(number))
  )
    throw new UserError(
      `--policies ${text}: ${name}: expected ${param.type === 'number' ? `${param.fraction ? 'a number' : 'an integer'} from ${param.min} to ${param.max}` : param.type}, found ${value}`,
    );
  return [name, number];
}
