/** What any name means: kinds, parameters, presets, metrics, units; each number with its source and confidence. */
import {stringify} from 'yaml';
import type {Kind, Param, Params} from '../base/params.ts';
import {examples, unitsOf} from '../base/units.ts';
import type {Dimension} from '../base/params.ts';
import {named, type Catalogue} from './catalogue.ts';
import {faultParams} from './faults.ts';
import {figureAt, figures, figuresUnder} from './figures.ts';
import {gpuParams, modelParams, serverParams, type Preset} from './hardware.ts';
import {fabricParams, networkParams} from './networks.ts';
import {
  economicsParams,
  kvParams,
  limitsParams,
  objectivesParams,
  placementParams,
  reserveParams,
  serviceClassParams,
  servingParams,
  tierParams,
  warmParams,
} from './parts.ts';
import {meaningAt} from './issues.ts';
import {scenarioSchema} from './schema.ts';
import {sources} from './presets/sources.ts';
import {didYouMean} from './words.ts';

const parts: {readonly [path: string]: Params} = {
  model: modelParams,
  servers: serverParams,
  'servers.gpu': gpuParams,
  'networks.NAME': networkParams,
  'networks.NAME.fabric': fabricParams,
  kv: kvParams,
  serving: servingParams,
  placement: placementParams,
  faults: faultParams,
  limits: limitsParams,
  warm: warmParams,
  objectives: objectivesParams,
  'classes.NAME': serviceClassParams,
  economics: economicsParams,
  'tiers.NAME': tierParams,
  'tiers.NAME.reserve': reserveParams,
};

export function explainTopic(topic: string, catalogue: Catalogue): string | null {
  return (
    explainList(topic, catalogue) ??
    explainKind(topic, catalogue) ??
    explainPreset(topic, catalogue) ??
    explainSystem(topic, catalogue) ??
    explainPath(topic, catalogue) ??
    explainFigures(topic) ??
    explainPlace(topic, catalogue)
  );
}

/** For a topic that is none. */
export function suggestTopic(topic: string, catalogue: Catalogue): string {
  return `no such topic: ${topic}${didYouMean(topic, topicsOf(catalogue))}`;
}

export function topicsOf(catalogue: Catalogue): string[] {
  return [...new Set(topicGroups(catalogue).flatMap(([, names]) => names))];
}

/** All topics, by what they are. */
export function topicGroups(catalogue: Catalogue): [string, string[]][] {
  const names = (list: readonly {readonly name: string}[]): string[] => list.map(({name}) => name);
  return [
    ['lists', ['tiers', 'workloads', 'policies', 'admissions', 'gpus', 'servers', 'models', 'drives', 'fabrics', 'systems', 'units']],
    ['parts of a scenario', Object.keys(parts)],
    ['tiers', names(catalogue.tiers)],
    ['workloads', names(catalogue.workloads)],
    ['policies', names(catalogue.policies)],
    ['admissions', names(catalogue.admissions)],
    ['GPUs', names(catalogue.gpus)],
    ['servers', names(catalogue.servers)],
    ['models', names(catalogue.models)],
    ['drives', names(Object.values(catalogue.devices).flat())],
    ['fabrics', names(catalogue.fabrics)],
    ['systems', names(catalogue.systems)],
    ['figures of summary.json', [...new Set(figures.map(({path}) => path.split('.')[0]!))]],
  ];
}

function explainList(topic: string, catalogue: Catalogue): string | null {
  const lists: {readonly [name: string]: readonly {readonly name: string; readonly summary: string}[]} = {
    gpus: catalogue.gpus,
    servers: catalogue.servers,
    models: catalogue.models,
    drives: catalogue.devices['nvme'] ?? [],
    fabrics: catalogue.fabrics,
    systems: catalogue.systems,
    tiers: catalogue.tiers,
    workloads: catalogue.workloads,
    policies: catalogue.policies,
    admissions: catalogue.admissions,
  };
  if (topic === 'units')
    return `Quantities are a number and a unit.\n${Object.entries(examples)
      .map(([dimension, example]) => `  ${dimension.padEnd(16)} ${example.padEnd(14)} ${unitsOf(dimension as Dimension)}`)
      .join('\n')}\nBits are b, bytes B; k M G T are decimal, Ki Mi Gi Ti binary.`;
  const list = lists[topic];
  return list === undefined ? null : list.map(({name, summary}) => `${name.padEnd(28)} ${summary}`).join('\n');
}

function explainKind(topic: string, catalogue: Catalogue): string | null {
  const kind = named(kindsOf(catalogue), topic);
  if (kind === undefined) return null;
  return [
    `${kind.name}: ${kind.summary}`,
    ...(kind.source === undefined ? [] : [`source: ${kind.source}`]),
    '',
    ...paramLines(kind.params),
  ].join('\n');
}

/** A preset, or all whose names begin so: h100 is h100-sxm. */
function explainPreset(topic: string, catalogue: Catalogue): string | null {
  const presets = presetsOf(catalogue);
  const one = named(presets, topic);
  const meant = one === undefined ? presets.filter(({name}) => name.startsWith(`${topic}-`)) : [one];
  return meant.length === 0 ? null : meant.map(presetPage).join('\n\n');
}

function presetPage(preset: Preset): string {
  const rows = Object.entries(preset.values).map(
    ([field, {value, source, confidence, note}]) =>
      `  ${field.padEnd(24)} ${String(value).padEnd(16)} ${confidence.padEnd(10)} ${sources[source] ?? source}${note === undefined ? '' : ` (${note})`}`,
  );
  return [`${preset.name}: ${preset.summary}`, ...(preset.gpu === undefined ? [] : [`GPU: ${preset.gpu}`]), '', ...rows].join('\n');
}

function explainSystem(topic: string, {systems}: Catalogue): string | null {
  const system = named(systems, topic);
  if (system === undefined) return null;
  const {name, summary, published, assumed, parts: given} = system;
  return `${name}: ${summary}\n\npublished: ${published}\nassumed: ${assumed}\n\nsystem: ${name} stands for\n\n${stringify(given, {lineWidth: 0, flowCollectionPadding: false}).trimEnd()}`;
}

function explainPath(topic: string, catalogue: Catalogue): string | null {
  if (parts[topic] !== undefined) return paramLines(parts[topic]).join('\n');
  const keys = topic.split('.');
  const field = keys.at(-1)!;
  const holder = keys.slice(0, -1).join('.');
  const params =
    parts[holder] ??
    (keys[0] === 'tiers' && keys.at(-2) === 'reserve'
      ? reserveParams
      : keys[0] === 'tiers'
        ? {...tierParams, ...merged(catalogue.tiers)}
        : keys[0] === 'networks'
          ? {...networkParams, ...fabricParams}
          : keys[0] === 'workload'
            ? merged(catalogue.workloads)
            : undefined);
  const param = params?.[field];
  return param === undefined ? null : paramLines({[field]: param}).join('\n');
}

/** A figure of summary.json, or all under a name. Any name may stand for a part in braces. */
function explainFigures(topic: string): string | null {
  const one = figureAt(topic, null);
  const definition = one === null ? null : figureAt(topic.replace(/\.[^.]+$/, '.mean'), null);
  const found = one === null ? figuresUnder(topic) : definition === null || definition === one ? [one] : [one, definition];
  if (found.length === 0) return null;
  const width = Math.max(...found.map(({path}) => path.length));
  return found.map(({path, unit, meaning}) => `${path.padEnd(width)}  ${unit.padEnd(7)} ${meaning}`).join('\n');
}

/** Any other place of a scenario: what the schema says of it. */
function explainPlace(topic: string, catalogue: Catalogue): string | null {
  const meaning = meaningAt(scenarioSchema(catalogue), topic.split('.'), undefined);
  return meaning === null ? null : `${topic}: ${meaning}`;
}

function paramLines(params: Params): string[] {
  return Object.entries(params).flatMap(([name, param]) => [
    `${name}  (${typeOf(param)})`,
    `    ${param.meaning}`,
    ...(param.source === undefined ? [] : [`    source: ${param.source}`]),
  ]);
}

function typeOf(param: Param): string {
  const standard =
    'default' in param && param.default !== undefined
      ? `, default ${String(param.default)}`
      : 'optional' in param
        ? ', optional'
        : param.type === 'group'
          ? ''
          : ', required unless a preset gives it';
  if (param.type === 'quantity') return `${param.dimension}, such as "${examples[param.dimension]}"${standard}`;
  if (param.type === 'number') return `${param.fraction ? 'number' : 'whole number'} from ${param.min} to ${param.max}${standard}`;
  if (param.type === 'choice') return `${param.choices.join(' | ')}${standard}`;
  return `${param.type}${standard}`;
}

function merged(kinds: readonly Kind[]): Params {
  return Object.assign({}, ...kinds.map((kind) => kind.params)) as Params;
}

function kindsOf(catalogue: Catalogue): readonly Kind[] {
  return [...catalogue.tiers, ...catalogue.workloads, ...catalogue.policies, ...catalogue.admissions];
}

function presetsOf(catalogue: Catalogue): readonly Preset[] {
  return [...catalogue.gpus, ...catalogue.servers, ...catalogue.models, ...catalogue.fabrics, ...Object.values(catalogue.devices).flat()];
}
