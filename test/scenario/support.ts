/** A small scenario that is valid, as text and as an object, for tests to spoil. */
import {catalogue} from '../../src/catalogue.ts';
import {ScenarioError} from '../../src/scenario/diagnostics.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import type {Override} from '../../src/scenario/overrides.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';

export const small = `version: 1
name: small
question: How long is the wait?
model: llama-3.1-8b
servers: dgx-h100
tiers:
  hbm: {kind: hbm}
  dram: {kind: dram, capacity: 1 TB}
workload: {kind: agentSessions}
limits: {requests: 20}
`;

export function load(text: string, ...sets: readonly string[]): Scenario {
  return loadScenario(text, {file: 'scenario.yaml', overrides: sets.map(override)}, catalogue);
}

/** What the user is told; '' where there is nothing to tell. */
export function told(text: string, ...sets: readonly string[]): string {
  try {
    load(text, ...sets);
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
}

function override(set: string): Override {
  const at = set.indexOf('=');
  return {path: set.slice(0, at), value: set.slice(at + 1)};
}
