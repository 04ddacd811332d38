/** One scenario in this process: CPU of reading the workload, of the run without outputs, and of the placement alone (its journal, replayed). */
import fs from 'node:fs';
import path from 'node:path';
import {catalogue} from '../../dist/catalogue.js';
import {openWorkload} from '../../dist/cli/scenarioFile.js';
import {replay} from '../../dist/placement/journal.js';
import {loadScenario} from '../../dist/scenario/load.js';
import {placementOf, simulate} from '../../dist/simulation/simulate.js';

const [file, ...sets] = process.argv.slice(2);
const overrides = sets.map((set) => ({path: set.slice(0, set.indexOf('=')), value: set.slice(set.indexOf('=') + 1)}));
const scenario = loadScenario(fs.readFileSync(file, 'utf8'), {file, overrides}, catalogue);
const cpu = (work) => {
  const start = process.cpuUsage();
  work();
  const {user, system} = process.cpuUsage(start);
  return (user + system) / 1e6;
};

let summary;
const runSeconds = cpu(() => {
  summary = simulate(scenario, openWorkload(scenario, path.resolve(file)));
});
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
const parseSeconds = cpu(() => {
  const source = openWorkload(scenario, path.resolve(file));
  let left = scenario.limits.requests ?? Infinity;
  for (let plan = source.next(); plan !== null && left > 0; plan = source.next()) left -= plan.requests.length;
});
const chunks = [];
simulate(scenario, openWorkload(scenario, path.resolve(file)), {journal: (words, count) => chunks.push(words.slice(0, count))});
const words = new Float64Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
chunks.reduce((at, chunk) => (words.set(chunk, at), at + chunk.length), 0);
const placementSeconds = cpu(() => replay(words, placementOf(scenario)));
console.log(
  JSON.stringify({
    runSeconds,
    parseSeconds,
    placementSeconds,
    peakMegabytes,
    requests: summary.requests.offered,
    references: summary.cache.blockReferences,
    digest: summary.digest,
  }),
);
