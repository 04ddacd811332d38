/**
 * Do the baselines see what they should? Every number of the catalogue that a baseline's run depends on is moved by 5 % down and up; a change is caught
 * where `regress` would fail. Then as many harmless changes as are asked for (order of keys, spelling of quantities), which must raise no alarm.
 * npm run check:regress [-- harmless]
 */
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parse, stringify} from 'yaml';
import {catalogue} from '../dist/catalogue.js';
import {openWorkload} from '../dist/cli/scenarioFile.js';
import {Stream} from '../dist/base/random.js';
import {runJob} from '../dist/experiments/job.js';
import {parametersOf, scaled} from '../dist/experiments/parameters.js';
import {judgeRuns, runOf} from '../dist/experiments/regression.js';
import {grid} from '../dist/experiments/vary.js';
import {metricsOf} from '../dist/reports/sweep.js';
import {parseAxis} from '../dist/scenario/axis.js';
import {loadScenario} from '../dist/scenario/load.js';

const SHARE = 0.05;
const LEAST_CAUGHT = 0.95;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const directory = path.join(root, 'results/baselines');
const baselines = fs
  .readdirSync(directory)
  .filter((name) => fs.existsSync(path.join(directory, name, 'baseline.json')))
  .map((name) => {
    const file = path.join(directory, name, 'scenario.yaml');
    const text = fs.readFileSync(file, 'utf8');
    const baseline = JSON.parse(fs.readFileSync(path.join(directory, name, 'baseline.json'), 'utf8'));
    return {name, file, text, baseline, points: grid(baseline.vary.map(parseAxis))};
  })
  .sort((a, b) => a.points.length - b.points.length);

/** What regress would say of the baseline's first point under these overrides. */
function verdict({file, text, baseline, points}, overrides, changedText = text) {
  const outcome = runJob({file, text: changedText, overrides: [...points[0], ...overrides], replication: 0}, openWorkload, '');
  const run = runOf(outcome.summary, outcome.curves, metricsOf(outcome.summary));
  const first = {...baseline, points: [{...baseline.points[0], runs: [baseline.points[0].runs[0]]}]};
  return judgeRuns(first, [{values: baseline.points[0].values, runs: [run]}]);
}

/** Where a number of the catalogue stands: a preset's field, or a kind's default. */
function keyOf(scenario, content, {path: at}) {
  const [group, name] = at.split('.');
  const field = at.split('.').at(-1);
  if (group === 'model') return `${scenario.model.name}.${field}`;
  if (group === 'servers')
    return `${at.startsWith('servers.gpu') ? scenario.servers.server.gpu.name : scenario.servers.server.name}.${field}`;
  if (group === 'networks') return at.includes('.fabric.') ? `${scenario.networks[name].fabric.name}.${field}` : at;
  return `${content.tiers[name].preset ?? content.tiers[name].kind}.${field}`;
}

const changes = new Map();
for (const one of baselines) {
  const content = parse(one.text);
  const scenario = loadScenario(one.text, {file: one.file}, catalogue);
  for (const parameter of parametersOf(scenario, content, catalogue))
    for (const factor of [1 - SHARE, 1 + SHARE]) {
      const set = scaled(parameter, factor);
      if (set === null) continue;
      const key = `${keyOf(scenario, content, parameter)} ${factor > 1 ? '+' : '-'}5 %`;
      if (!changes.has(key)) changes.set(key, []);
      changes.get(key).push({one, set});
    }
}

let exercised = 0;
let caught = 0;
let refused = 0;
for (const [key, uses] of changes) {
  let moved = false;
  let failed = false;
  for (const {one, set} of uses) {
    let found;
    try {
      found = verdict(one, set);
    } catch (error) {
      if (error.name !== 'ScenarioError') throw error;
      refused++; // such as half a GPU's worth of weights too much: no scenario, no run
      continue;
    }
    moved ||= !found.identical;
    failed ||= !found.passed;
    if (failed) break;
  }
  if (!moved) continue;
  exercised++;
  if (failed) caught++;
  else console.log(`not caught: ${key} (${uses.map(({one}) => one.name).join(', ')})`);
}
const share = caught / exercised;
console.log(
  `${caught} of ${exercised} changes of 5 % caught (${(share * 100).toFixed(1)} %); ${changes.size - exercised} of ${changes.size} move nothing, ${refused} make no scenario`,
);

/** The same content, the keys of every mapping in another order; tiers keep theirs, which is their rank. */
function shuffled(value, stream, key = '') {
  if (Array.isArray(value)) return value.map((part) => shuffled(part, stream));
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  if (key !== 'tiers') stream.shuffle(keys);
  return Object.fromEntries(keys.map((name) => [name, shuffled(value[name], stream, name)]));
}

const harmless = Number(process.argv[2] ?? 200);
const stream = new Stream(1, 'harmless');
let alarms = 0;
for (let i = 0; i < harmless; i++) {
  const one = baselines[i % Math.max(1, baselines.length - 1)];
  const text = stringify(shuffled(parse(one.text), stream), stream.uniform() < 0.5 ? {} : {collectionStyle: 'flow'});
  if (!verdict(one, [], text).identical) alarms++;
}
console.log(`${alarms} alarms in ${harmless} harmless changes`);
process.exitCode = share >= LEAST_CAUGHT && alarms === 0 ? 0 : 1;
