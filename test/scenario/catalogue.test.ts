/** What the catalogue promises of everything in it: meanings, sources, defaults that are valid, and a page of `explain`. */
import {describe, expect, test} from 'vitest';
import type {Kind, Param, Params} from '../../src/base/params.ts';
import {parseQuantity} from '../../src/base/units.ts';
import {catalogue} from '../../src/catalogue.ts';
import {explainTopic, topicsOf} from '../../src/scenario/explain.ts';
import {figures} from '../../src/scenario/figures.ts';
import {gpuParams, modelParams, serverParams, type Preset} from '../../src/scenario/hardware.ts';
import * as parts from '../../src/scenario/parts.ts';
import {sources} from '../../src/scenario/presets/sources.ts';

const presets: readonly [string, Params, Preset][] = [
  ...catalogue.gpus.map((preset): [string, Params, Preset] => [preset.name, gpuParams, preset]),
  ...catalogue.servers.map((preset): [string, Params, Preset] => [preset.name, serverParams, preset]),
  ...catalogue.models.map((preset): [string, Params, Preset] => [preset.name, modelParams, preset]),
  ...Object.entries(catalogue.devices).flatMap(([kind, list]) =>
    list.map((preset): [string, Params, Preset] => [preset.name, catalogue.tiers.find(({name}) => name === kind)!.params, preset]),
  ),
];
const kinds: readonly Kind[] = [...catalogue.tiers, ...catalogue.workloads, ...catalogue.policies, ...catalogue.admissions];
const declarations: readonly [string, Params][] = [
  ...kinds.map(({name, params}): [string, Params] => [name, params]),
  ['gpu', gpuParams],
  ['model', modelParams],
  ['server', serverParams],
  ...Object.entries(parts).map(([name, params]): [string, Params] => [name, params]),
];

describe.each(presets)('preset %s', (name, params, {summary, values, gpu}) => {
  test('every value has a source and a confidence, belongs to a parameter, and is one of its values', () => {
    expect(summary).not.toBe('');
    for (const [field, {value, source, confidence, note}] of Object.entries(values)) {
      expect(sources, `${field}: ${source}`).toHaveProperty(source);
      expect(['read', 'derived', 'measured', 'remembered'], field).toContain(confidence);
      expect(confidence === 'remembered', `${field}: what is remembered has no source but memory`).toBe(source === 'memory');
      if (note !== undefined) expect(note, field).not.toBe('');
      expect(faultOf(params[field], value), field).toBeNull();
    }
  });

  test('explain prints each value with its source', () => {
    const page = explainTopic(name, catalogue)!;
    for (const [field, {value, source, confidence}] of Object.entries(values)) {
      const line = page.split('\n').find((one) => one.trim().startsWith(`${field} `));
      for (const part of [String(value), confidence, sources[source]!]) expect(line, field).toContain(part);
    }
  });

  test('a server names a GPU that is there', () => {
    if (params === serverParams) expect(catalogue.gpus.map((one) => one.name)).toContain(gpu);
  });
});

describe.each(declarations)('parameters of %s', (_, params) => {
  test('have a meaning, and defaults that are valid and say where they come from', () => {
    for (const [name, param] of flat(params)) {
      expect(param.meaning, name).toMatch(/^[A-Za-z].*\.$/);
      if (!('default' in param) || param.default === undefined) continue;
      expect(faultOf(param, param.default), name).toBeNull();
      const neutral = Number.parseFloat(String(param.default)) === 0 || param.default === 1; // nothing, or as it is
      if ((param.type === 'quantity' || param.type === 'number') && !neutral)
        expect(param.source ?? '', `${name}: the source of its default`).not.toBe('');
    }
  });
});

test.each(kinds.map((kind) => [kind.name, kind] as const))('explain prints %s with every parameter', (name, kind) => {
  const page = explainTopic(name, catalogue)!;
  expect(page).toContain(kind.summary);
  for (const [param, {meaning}] of Object.entries(kind.params)) {
    expect(page).toContain(`${param}  (`);
    expect(page).toContain(meaning);
  }
});

test('every topic and every figure has a page', () => {
  for (const topic of [...topicsOf(catalogue), ...figures.map(({path}) => path.replaceAll(/[{}]/g, ''))])
    expect(explainTopic(topic, catalogue) ?? '', topic).not.toBe('');
});

test('a name begun is every preset that goes on with it', () => {
  expect(explainTopic('h100', catalogue)).toBe(explainTopic('h100-sxm', catalogue));
  const both = ['solidigm-d5-p5336-61.44tb', 'solidigm-d5-p5336-122.88tb'].map((name) => explainTopic(name, catalogue));
  expect(explainTopic('solidigm-d5-p5336', catalogue)).toBe(both.join('\n\n'));
  expect(explainTopic('h1', catalogue)).toBeNull();
});

test('names are told apart: no two kinds or presets share one', () => {
  const names = [...kinds.map(({name}) => name), ...presets.map(([name]) => name)];
  expect(new Set(names).size).toBe(names.length);
});

/** Why a value is none of a parameter's; null where it is one. */
function faultOf(param: Param | undefined, value: unknown): string | null {
  if (param === undefined) return 'there is no such parameter';
  if (param.type === 'quantity') {
    const number = parseQuantity(String(value), param.dimension);
    return number > 0 || (number === 0 && param.zero === true) ? null : `${String(value)} is no ${param.dimension}`;
  }
  if (param.type === 'number')
    return typeof value === 'number' && value >= param.min && value <= param.max && (param.fraction === true || Number.isInteger(value))
      ? null
      : `${String(value)} is out of range`;
  if (param.type === 'choice') return param.choices.includes(String(value)) ? null : `${String(value)} is no choice`;
  return typeof value === (param.type === 'flag' ? 'boolean' : 'string') ? null : `${String(value)} is of another type`;
}

/** Groups opened. */
function flat(params: Params): [string, Param][] {
  return Object.entries(params).flatMap(([name, param]): [string, Param][] =>
    param.type === 'group'
      ? [[name, param], ...flat(param.params).map(([inner, one]): [string, Param] => [`${name}.${inner}`, one])]
      : [[name, param]],
  );
}
