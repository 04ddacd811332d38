/** tierscape sweep SCENARIO: many runs over ranges of its values. A finished run is kept by what it is, so that an interrupted sweep goes on. */
import path from 'node:path';
import type {Command} from 'commander';
import {kneeOf} from '../experiments/knee.ts';
import {intervalOf} from '../metrics/interval.ts';
import {gather, shardOf, type SweepRow} from '../experiments/sweep.ts';
import {grid, zip} from '../experiments/vary.ts';
import {catalogue} from '../catalogue.ts';
import {AxisError, parseAxis, type Axis} from '../scenario/axis.ts';
import {loadScenario, loadSweep} from '../scenario/load.ts';
import {metricsOf, sweepCsv, sweepParquet, sweepTable, type SweepRecord} from '../reports/sweep.ts';
import {sweepHtml, type SweepReport} from '../reports/sweepHtml.ts';
import {sweepText, type SweepPoint} from '../reports/sweepText.ts';
import {writeWhole} from './files.ts';
import {defaultDirectory, ManyRuns, manyRunsOptions, type ManyRunsFlags} from './manyRuns.ts';
import {paintFor} from './paint.ts';
import {readBeside, readText, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface SweepFlags extends ScenarioOptions, ManyRunsFlags {
  readonly vary: readonly Axis[];
  readonly zip?: boolean;
  readonly metrics: readonly string[];
  readonly shard?: readonly [number, number];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
}

const METRICS = ['ttft.p99', 'ttft.p50', 'tpot.mean', 'cache.hitRatio', 'goodput.share'];

export function register(program: Command): void {
  const command = program
    .command('sweep')
    .argument('<scenario>', 'scenario YAML')
    .description('many runs over ranges of a scenario: sweep.csv, and a table')
    .option(
      '--vary <axis>',
      "instead of the scenario's own sweep: path=a,b,c or path=lo..hi[:n [log]] (repeatable: every combination)",
      collectAxis,
      [],
    )
    .option('--zip', 'take the axes side by side instead of every combination')
    .option('--metrics <list>', 'columns of the table', (text: string) => text.split(','), METRICS)
    .option('--shard <k/n>', 'make only the k-th of n parts; gather with the same command without --shard', parseShard)
    .option('--json', 'print the rows as JSON')
    .option('--quiet', 'print nothing')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action(sweep);
  manyRunsOptions(scenarioOptions(command), 1);
}

async function sweep(file: string, given: SweepFlags, command: Command): Promise<void> {
  const scenario = {file, text: readText(file)};
  const flags = given.vary.length > 0 ? given : own(scenario, given, command.getOptionValueSource('replications') !== 'default');
  const runs = new ManyRuns(flags.out ?? defaultDirectory(file, 'sweep'), flags);
  const points = pointsOf(flags).map((overrides) => [...(flags.set ?? []), ...overrides]);
  if (flags.shard === undefined) return report(await runs.rows(scenario, points), flags, runs.directory);
  const plan = runs.plan(scenario, points);
  await runs.run(shardOf(plan.open, ...flags.shard), plan.jobs.length);
  const rows = gather(plan, runs.store);
  if (rows !== null) return report(rows, flags, runs.directory);
  const [k, n] = flags.shard;
  if (!flags.quiet)
    process.stdout.write(
      `shard ${k} of ${n} is done; once all are in ${path.relative('.', runs.directory)}, the same command without --shard gathers them\n`,
    );
}

/** The flags with what the scenario says of its own sweep. */
function own({file, text}: {readonly file: string; readonly text: string}, flags: SweepFlags, replicationsSaid: boolean): SweepFlags {
  const options = {file, overrides: flags.set ?? [], readBeside: readBeside(file)};
  loadScenario(text, options, catalogue);
  const rule = loadSweep(text, options);
  if (rule === null)
    throw new UserError(`${file} has no sweep: of its own: say what to vary, such as --vary workload.sessions.keep=4..40:4`);
  return {...flags, vary: rule.axes, zip: rule.zip, replications: replicationsSaid ? flags.replications : rule.replications};
}

function pointsOf({vary, zip: sideBySide}: SweepFlags): ReturnType<typeof grid> {
  try {
    return sideBySide ? zip(vary) : grid(vary);
  } catch (error) {
    throw error instanceof AxisError ? new UserError(`--zip: ${error.message}`) : error;
  }
}

function report(rows: readonly SweepRow[], flags: SweepFlags, directory: string): void {
  const paths = flags.vary.map((axis) => axis.path);
  const records = rows.map(({job, outcome}): SweepRecord => ({
    runId: job.runId,
    replication: job.replication,
    values: job.overrides.slice(-paths.length).map(({value}) => value),
    summary: outcome.summary,
  }));
  const table = sweepTable(paths, records);
  const points = pointsOfRecords(records, flags);
  const knee = paths.length === 1 ? kneeOfPoints(points) : null;
  writeWhole(path.join(directory, 'sweep.csv'), sweepCsv(table));
  writeWhole(path.join(directory, 'sweep.parquet'), sweepParquet(table));
  const drawn: SweepReport = {question: rows[0]!.outcome.summary.question, paths, metrics: flags.metrics, points, knee};
  writeWhole(path.join(directory, 'sweep.json'), `${JSON.stringify(drawn)}\n`);
  writeWhole(path.join(directory, 'report.html'), sweepHtml(drawn));
  if (flags.quiet) return;
  if (flags.json) {
    const objects = table.rows.map((row) => Object.fromEntries(row.map((cell, i) => [table.columns[i]!, cell])));
    process.stdout.write(`${JSON.stringify(objects, null, 1)}\n`);
    return;
  }
  process.stdout.write(sweepText(paths, flags.metrics, points, knee, paintFor(flags.color)));
  if (flags.replications > 1 && sameEverywhere(records, flags.replications))
    process.stderr.write(
      'warning: replications of this workload are one and the same run (a recorded trace in its own order): no interval is printed\n',
    );
  process.stdout.write(`${rows.length} runs in ${path.relative('.', path.join(directory, 'sweep.csv'))}, drawn in report.html beside it\n`);
}

function pointsOfRecords(records: readonly SweepRecord[], {metrics, replications}: SweepFlags): SweepPoint[] {
  const known = metricsOf(records[0]!.summary);
  const unknown = metrics.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new UserError(
      `--metrics ${unknown.join(',')}: no such metric; a summary has ${[...known.keys()].slice(0, 12).join(', ')}, ... (every column of sweep.csv)`,
    );
  const same = sameEverywhere(records, replications);
  return Array.from({length: records.length / replications}, (_, point) => {
    const members = records.slice(point * replications, (point + 1) * replications);
    const found = members.map(({summary}) => metricsOf(summary));
    return {
      values: members[0]!.values,
      cells: metrics.map((name) => {
        const values = found.flatMap((one) => one.get(name) ?? []);
        if (values.length === 0) return null;
        const {mean, half} = intervalOf(values);
        return {mean, half: same ? null : half};
      }),
      bottleneck: members[0]!.summary.bottleneck.resource,
    };
  });
}

/** Whether every replication of every point is the same run: a fixed trace has no interval. */
function sameEverywhere(records: readonly SweepRecord[], replications: number): boolean {
  return records.every(({summary}, i) => summary.digest === records[i - (i % replications)]!.summary.digest);
}

function kneeOfPoints(points: readonly SweepPoint[]): number | null {
  const curve = points.map(({values, cells}, i) => [Number.parseFloat(values[0]!) || i, cells[0]?.mean ?? NaN] as const);
  return curve.some(([, y]) => Number.isNaN(y)) ? null : kneeOf(curve);
}

function collectAxis(text: string, before: readonly Axis[]): Axis[] {
  try {
    return [...before, parseAxis(text)];
  } catch (error) {
    throw error instanceof AxisError ? new UserError(`--vary ${error.message}`) : error;
  }
}

function parseShard(text: string): [number, number] {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [k, n] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (k < 1 || k > n) throw new UserError(`--shard ${text}: write k/n with k from 1 to n, such as --shard 2/4`);
  return [k, n];
}
