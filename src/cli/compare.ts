/** tierscape compare A [B]: the same arrivals under both; paired differences, and where the time went. */
import type {Command} from 'commander';
import {intervalOf, pairedDifference} from '../metrics/interval.ts';
import type {SweepRow} from '../experiments/sweep.ts';
import type {ByState} from '../metrics/summary.ts';
import {attributionText, comparisonText, type ComparedMetric} from '../reports/comparison.ts';
import {metricsOf} from '../reports/sweep.ts';
import type {Override} from '../scenario/overrides.ts';
import {defaultDirectory, ManyRuns, manyRunsOptions, type ManyRunsFlags} from './manyRuns.ts';
import {paintFor} from './paint.ts';
import {parseOverride, readText, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface CompareFlags extends ScenarioOptions, ManyRunsFlags {
  readonly with: readonly Override[];
  readonly metrics: readonly string[];
  readonly json?: boolean;
  readonly color: boolean;
}

const METRICS = [
  'ttft.mean',
  'ttft.p50',
  'ttft.p99',
  'tpot.mean',
  'e2e.mean',
  'e2e.p99',
  'cache.hitRatio',
  'goodput.share',
  'throughput.outputTokensPerSecond',
  'energy.joules',
  'cost.perMillionOutputTokens',
];

export function register(program: Command): void {
  const command = program
    .command('compare')
    .argument('<a>', 'scenario YAML')
    .argument('[b]', 'another; or the same under --with')
    .description('two scenarios on the same arrivals: paired differences with 95 % intervals')
    .option('--with <path=value>', 'B is A with this value changed (repeatable)', parseOverride, [])
    .option('--metrics <list>', 'what to compare', (text: string) => text.split(','), METRICS)
    .option('--json', 'print the comparison as JSON')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action(compare);
  manyRunsOptions(scenarioOptions(command), 5);
}

async function compare(a: string, b: string | undefined, flags: CompareFlags): Promise<void> {
  if (b === undefined && flags.with.length === 0)
    throw new UserError('compare: name a second scenario, or say what differs: --with tiers.dram.policy=lru');
  const runs = new ManyRuns(flags.out ?? defaultDirectory(a, 'compare'), flags);
  const set = flags.set ?? [];
  const first = await runs.rows({file: a, text: readText(a)}, [set]);
  const second = await runs.rows({file: b ?? a, text: readText(b ?? a)}, [[...set, ...flags.with]]);
  const same = first.every(({outcome}) => outcome.summary.digest === first[0]!.outcome.summary.digest);
  const pairs = same ? 1 : flags.replications;
  const metrics = flags.metrics.flatMap((name) => compared(name, first.slice(0, pairs), second.slice(0, pairs)));
  if (flags.json) return void process.stdout.write(`${JSON.stringify({pairs, metrics}, null, 1)}\n`);
  const paint = paintFor(flags.color);
  process.stdout.write(
    `A ${first[0]!.outcome.summary.scenario}: ${first[0]!.outcome.summary.answer}\nB ${nameOfSecond(b, flags)}: ${second[0]!.outcome.summary.answer}\n\n`,
  );
  process.stdout.write(comparisonText(metrics, pairs, paint));
  for (const [title, of] of [
    ['where mean TTFT goes', (row: SweepRow) => row.outcome.summary.attribution.ttft.mean],
    ['where p99 TTFT goes', (row: SweepRow) => row.outcome.summary.attribution.ttft.p99],
  ] as const)
    process.stdout.write(`\n${attributionText(title, meanState(first.map(of)), meanState(second.map(of)), paint)}`);
  process.stdout.write(
    pairs > 1
      ? `\n${pairs} pairs of runs, each pair with the same arrivals\n`
      : '\none pair of runs: replications of this workload are one and the same run, so there is no interval\n',
  );
}

function compared(name: string, first: readonly SweepRow[], second: readonly SweepRow[]): ComparedMetric[] {
  const of = (row: SweepRow): number | null => {
    const found = metricsOf(row.outcome.summary).get(name);
    if (found === undefined) throw new UserError(`--metrics ${name}: no such metric; sweep.csv's columns are the metrics`);
    return found;
  };
  const a = first.map(of);
  const b = second.map(of);
  const paired = a.flatMap((value, i) => (value === null || b[i] === null ? [] : [[value, b[i]!] as const]));
  if (paired.length === 0) return [];
  const [as, bs] = [paired.map(([value]) => value), paired.map(([, value]) => value)];
  return [{name, first: intervalOf(as).mean, second: intervalOf(bs).mean, difference: pairedDifference(as, bs)}];
}

function meanState(states: readonly ByState[]): ByState {
  const names = [...new Set(states.flatMap((state) => Object.keys(state)))];
  return Object.fromEntries(names.map((name) => [name, intervalOf(states.map((state) => state[name] ?? 0)).mean]));
}

function nameOfSecond(b: string | undefined, {with: overrides}: CompareFlags): string {
  return [b ?? '', ...overrides.map(({path, value}) => `${path}=${value}`)].join(' ').trim();
}
