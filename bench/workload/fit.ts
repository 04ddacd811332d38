/**
 * How near the generator agentSessions is to the recorded sessions: per statistic the Kolmogorov-Smirnov distance beside what chance
 * makes of 143 sessions, how statistics hang together, and LRU hit ratios against capacity under the same merge rules.
 *   npm run bench:workload            `-- --tables` prints the quantiles of src/workload/agentStatistics.ts
 */
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import type {SessionPlan, TraceFile} from '../../src/workload/ports.ts';
import {dependences} from './dependence.ts';
import {bootstrapDistances, deviation, ksDistance, mean, sorted} from './distance.ts';
import {samplesOf} from './sessionStatistics.ts';
import {blockTokens, bytesPerToken, capacitiesGib, generatedSet, hitRatios, range, recordedSet, shuffled} from './sets.ts';
import {printTables} from './tables.ts';

const folder = path.resolve('../shared/traces/agentic-coding');
const setCount = 100;
const dependenceSets = 20;
const orderCount = 20;
const merges = [
  {name: 'all together', keep: Infinity},
  {name: '32 at a time', keep: 32},
  {name: '8 at a time', keep: 8},
  {name: 'one by one', keep: 1},
];

if (!existsSync(folder)) console.log('bench:workload: ../shared/traces/agentic-coding is not there; nothing to compare with');
else if (process.argv.includes('--tables')) printTables(folder);
else compare(traceFiles());

function compare(files: readonly TraceFile[]): void {
  const recorded = recordedSet(files);
  const generated = range(setCount).map((seed) => generatedSet(seed, recorded.length));
  compareStatistics(recorded, generated.flat());
  compareDependences(recorded, generated.slice(0, dependenceSets).flat());
  compareHits(recorded, recordedSet(files, {repeats: 'drop'}), generated);
}

function compareStatistics(recorded: readonly SessionPlan[], generated: readonly SessionPlan[]): void {
  const drawn = samplesOf(generated, blockTokens);
  console.log(`Kolmogorov-Smirnov distance of ${setCount} generated sets of ${recorded.length} sessions from the recorded ones;`);
  console.log('chance: median and 95th percentile for as many sessions drawn from the recorded ones themselves\n');
  console.log('statistic                      KS    chance           p10 p50 p90 mean: recorded | generated');
  for (const [name, lists] of samplesOf(recorded, blockTokens)) {
    const values = sorted(lists.flat());
    const others = sorted((drawn.get(name) ?? []).flat());
    const chance = bootstrapDistances(lists, 200);
    const row = [ksDistance(values, others), chance.median, chance.high].map((each) => each.toFixed(3));
    console.log(`${name.padEnd(26)}  ${row[0]}    ${row[1]} ${row[2]}     ${summary(values)} | ${summary(others)}`);
  }
}

function compareDependences(recorded: readonly SessionPlan[], generated: readonly SessionPlan[]): void {
  const drawn = new Map(dependences(generated, blockTokens));
  console.log('\nHow they hang together (bench/workload/dependence.ts): recorded, generated\n');
  for (const [name, value] of dependences(recorded, blockTokens)) {
    console.log(name.padEnd(34) + [value, drawn.get(name) ?? NaN].map((each) => each.toFixed(2).padStart(8)).join(''));
  }
}

function compareHits(recorded: readonly SessionPlan[], distinct: readonly SessionPlan[], generated: readonly SessionPlan[][]): void {
  console.log(
    `\nLRU hit ratio of blocks, %, at ${bytesPerToken} bytes a token: recorded (mean of ${orderCount} orders, 95 % interval), generated`,
  );
  console.log(`(mean of ${setCount} sets, 95 % interval), their difference, deviation of one set; recorded without repeated sessions\n`);
  for (const {name, keep} of merges) {
    const ofOrders = (plans: readonly SessionPlan[]): number[][] => range(orderCount).map((seed) => hitRatios(shuffled(plans, seed), keep));
    const [real, single] = [ofOrders(recorded), ofOrders(distinct)];
    const drawn = generated.map((plans) => hitRatios(plans, keep));
    console.log(name);
    capacitiesGib.forEach((capacity, index) => {
      const [ofReal, ofSingle, ofDrawn] = [real, single, drawn].map((sets) => sets.map((ratios) => ratios[index]));
      const difference = mean(ofDrawn) - mean(ofReal);
      const row = [
        `${capacity} GiB`.padStart(10),
        withInterval(ofReal),
        withInterval(ofDrawn),
        `${difference > 0 ? '+' : ''}${difference.toFixed(1)}`.padStart(5),
        `(${deviation(ofDrawn).toFixed(1)})`,
        withInterval(ofSingle),
      ];
      console.log(row.join('   '));
    });
  }
}

function withInterval(values: readonly number[]): string {
  return `${mean(values).toFixed(1).padStart(5)} +- ${((1.96 * deviation(values)) / Math.sqrt(values.length)).toFixed(1)}`;
}

function summary(values: Float64Array): string {
  const quantile = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return [quantile(0.1), quantile(0.5), quantile(0.9), mean([...values])].map((value) => String(Number(value.toPrecision(3)))).join(' ');
}

function traceFiles(): TraceFile[] {
  return readdirSync(folder).map((name) => ({name, sha256: '', text: () => gunzipSync(readFileSync(path.join(folder, name))).toString()}));
}
