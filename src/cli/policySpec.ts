/** Policies as the command line names them: `s3fifo`, with parameters `s3fifo:small=0.05:filling=main`, or a module of the user's own, `./mine.mjs`. */
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {distance} from 'fastest-levenshtein';
import type {Kind, Param} from '../base/params.ts';
import {parseQuantity} from '../base/units.ts';
import {catalogue} from '../catalogue.ts';
import {oracle, type OracleValues} from '../lab/oracle.ts';
import {hooksOf, PluginPolicy} from '../lab/pluginPolicy.ts';
import {clairvoyants, type CreatePolicy} from '../lab/study.ts';
import type {EvictionPolicy, PolicySpace} from '../placement/ports.ts';
import {valuesOf} from '../scenario/values.ts';
import {UserError} from './userError.ts';

export interface PolicySpec {
  /** As it stands in the table. */
  readonly text: string;
  /** null: a clairvoyant or a plug-in, which are no policies of the catalogue. */
  readonly kind: string | null;
  readonly values: {readonly [name: string]: unknown};
  /** Of the oracle with errors; null: it is another. */
  readonly oracle: OracleValues | null;
  /** Path of a plug-in's module, absolute; null: it is none. */
  readonly plugin: string | null;
}

type PolicyKind = Kind & {create(values: object, space: PolicySpace): EvictionPolicy};

function policyNamed(name: string): PolicyKind {
  return catalogue.policies.find((kind) => kind.name === name) as PolicyKind;
}

/** @throws UserError where a plug-in cannot be loaded, PluginError where it lacks a hook */
export async function createOf({text, kind, values, plugin}: PolicySpec): Promise<CreatePolicy> {
  if (plugin === null) return (space) => policyNamed(kind!).create(values, space);
  const hooks = hooksOf(text, await moduleAt(text, plugin));
  return (space) => new PluginPolicy(text, hooks, space);
}

async function moduleAt(text: string, file: string): Promise<{readonly [name: string]: unknown}> {
  try {
    return (await import(pathToFileURL(file).href)) as {readonly [name: string]: unknown};
  } catch (error) {
    throw new UserError(`--policies ${text}: the module cannot be loaded (${String(error)})`);
  }
}

/** @throws UserError that names what there is */
export function parsePolicies(text: string): PolicySpec[] {
  return text.split(',').map((one) => parsePolicy(one.trim()));
}

/** A policy of the user's own. */
const MODULE = /\.[cm]?js$/;

/** Spellings of the literature: S3-FIFO, LFU-DA, 2Q. */
function plain(name: string): string {
  const bare = name.toLowerCase().replaceAll(/[-_]/g, '');
  return bare === '2q' ? 'twoq' : bare;
}

function parsePolicy(text: string): PolicySpec {
  if (MODULE.test(text) && !fs.existsSync(text)) throw new UserError(`--policies ${text}: no such file`);
  if (MODULE.test(text)) return {text, kind: null, values: {}, oracle: null, plugin: path.resolve(text)};
  const [name, ...settings] = text.split(':');
  const clairvoyant = clairvoyants.find((one) => plain(one) === plain(name));
  const kind = catalogue.policies.find((one) => plain(one.name) === plain(name));
  if (clairvoyant === oracle.name) {
    const values = valuesOf(oracle.params, inputOf(text, oracle, settings), undefined, []) as OracleValues;
    // No figure without the share of errors that belongs to it.
    const said = settings.some((setting) => setting.startsWith('error=')) ? settings : [`error=${values.error}`, ...settings];
    return {text: [oracle.name, ...said].join(':'), kind: null, values: {}, oracle: values, plugin: null};
  }
  if (clairvoyant !== undefined) {
    if (settings.length > 0) throw new UserError(`--policies ${text}: ${clairvoyant} takes no parameters`);
    return {text: clairvoyant, kind: null, values: {}, oracle: null, plugin: null};
  }
  if (kind === undefined)
    throw new UserError(
      `--policies ${text}: no such policy${nearest(plain(name))}; there are ${allPolicies().join(', ')}, and modules such as ./mine.mjs`,
    );
  const values = valuesOf(kind.params, inputOf(text, kind, settings), undefined, []);
  return {text: [kind.name, ...settings].join(':'), kind: kind.name, values, oracle: null, plugin: null};
}

/** What has parameters. */
type Parametric = Pick<Kind, 'name' | 'params'>;

function inputOf(text: string, kind: Parametric, settings: readonly string[]): {readonly [name: string]: unknown} {
  return Object.fromEntries(settings.map((setting) => parseSetting(text, kind, setting)));
}

export function allPolicies(): string[] {
  return [...catalogue.policies.map((kind) => kind.name), ...clairvoyants];
}

function nearest(name: string): string {
  const [best] = allPolicies().sort((a, b) => distance(name, a) - distance(name, b));
  return distance(name, best!) <= 2 ? ` (did you mean ${best}?)` : '';
}

function parseSetting(text: string, kind: Parametric, setting: string): [string, unknown] {
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
