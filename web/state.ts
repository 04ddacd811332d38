/** What is chosen: a preset, what differs from it, and the eviction policy; kept in the address, so that a link shows what its sender saw. */
import {stringify} from 'yaml';
import {ScenarioDocument} from '../src/scenario/document.ts';
import type {Override} from '../src/scenario/overrides.ts';
import {at, controls, stepsOf, type Content} from './controls.ts';
import {presets, type Preset} from './presets.ts';

export interface State {
  readonly preset: Preset;
  /** By control, where it is not as in the preset. */
  readonly values: ReadonlyMap<string, number>;
  /** Of all tiers; null: as in the preset. */
  readonly policy: string | null;
}

/** The state that an address names; what it names wrongly is as in the preset. */
export function stateOf(hash: string, policies: readonly string[]): State {
  const named = new URLSearchParams(hash.replace(/^#/, ''));
  const preset = presets.find(({name}) => name === named.get('preset')) ?? presets[0]!;
  const content = contentOf(preset.text, []);
  const values = new Map<string, number>();
  for (const control of controls) {
    const value = Number(named.get(control.id) ?? NaN);
    if (control.read(content) !== null && stepsOf(control, content).includes(value)) values.set(control.id, value);
  }
  const policy = named.get('policy');
  return {preset, values, policy: policy !== null && policies.includes(policy) ? policy : null};
}

export function hashOf({preset, values, policy}: State): string {
  const named = new URLSearchParams({preset: preset.name});
  for (const [id, value] of values) named.set(id, String(value));
  if (policy !== null) named.set('policy', policy);
  return `#${named.toString()}`;
}

/** As `--set` would say it. */
export function overridesOf({preset, values, policy}: State): Override[] {
  const content = contentOf(preset.text, []);
  const sets = controls.flatMap((control): [string, string][] => {
    const value = values.get(control.id);
    if (control.id === 'requests') return control.write(value ?? control.read(content)!, content);
    return value === undefined || value === control.read(content) ? [] : control.write(value, content);
  });
  const tiers =
    policy === null ? [] : Object.keys(at(content, 'tiers') as Content).map((tier): [string, string] => [`tiers.${tier}.policy`, policy]);
  return [...sets, ...tiers].map(([path, value]) => ({path, value}));
}

/** A scenario file that the command line runs to the same digest. */
export function yamlOf(state: State): string {
  const content = contentOf(state.preset.text, overridesOf(state));
  return `# yaml-language-server: $schema=../schema/scenario.schema.json\n${stringify(content, {lineWidth: 120})}`;
}

export function contentOf(text: string, overrides: readonly Override[]): Content {
  return new ScenarioDocument(text, 'scenario.yaml', overrides).content() as Content;
}
