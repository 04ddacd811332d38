/** What every engine must agree on: the digest of a scenario's text, run to its end. Bundled for browsers, workers and other Nodes. */
import {catalogue, loadScenario, openSource, simulate, type EventQueue} from '../../src/index.ts';

export function digestOf(text: string, overrides: {path: string; value: string}[], queue?: EventQueue): string {
  const scenario = loadScenario(text, {file: 'scenario.yaml', overrides}, catalogue);
  const {digest, eventDigest, events} = simulate(scenario, openSource(scenario, []), {}, queue === undefined ? {} : {queue});
  return `${digest} ${eventDigest} ${events}`;
}
