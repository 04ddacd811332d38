/** tierscape regress [DIR]: reruns what the baselines record and fails when a latency curve has moved. */
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type {Command} from 'commander';
import {judgeRuns, runOf, type Baseline, type BaselinePoint} from '../experiments/regression.ts';
import {grid} from '../experiments/vary.ts';
import {parseAxis} from '../scenario/axis.ts';
import {githubAnnotations, githubSummary, junit, regressionHtml, regressionText, type Judged} from '../reports/regression.ts';
import {metricsOf} from '../reports/sweep.ts';
import {writeWhole} from './files.ts';
import {ManyRuns, manyRunsOptions, type ManyRunsFlags} from './manyRuns.ts';
import {regressMeasured} from './regressMeasured.ts';
import {readText} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface RegressFlags extends ManyRunsFlags {
  readonly update?: boolean;
  readonly reason?: string;
  readonly vary: readonly string[];
  readonly tolerance?: number;
  readonly junit?: string;
  readonly github?: boolean;
  readonly measured?: string;
}

const BASELINES = 'results/baselines';
/** Runs are deterministic, and means are exact: what moves by more than the last digits of a sum has moved. */
const TOLERANCE = 1e-7;

export function register(program: Command): void {
  const command = program
    .command('regress')
    .argument('[dir]', `baselines: DIR/NAME/scenario.yaml and baseline.json (${BASELINES})`)
    .description('rerun the baselines; exit 1 when a latency curve has moved')
    .option('--update', 'write what the runs give now as the baselines, with --reason')
    .option('--reason <text>', 'why the baselines change')
    .option(
      '--vary <axis>',
      'with --update: the axis of a load curve, kept in the baseline (repeatable)',
      (text: string, before: string[]) => [...before, text],
      [],
    )
    .option('--tolerance <share>', 'with --update: relative change that is let pass', parseTolerance)
    .option(
      '--measured <file>',
      'instead: a measured curve (device bench --json, or vllm bench serve --save-result) against the one kept in DIR/measured',
    )
    .option('--junit <file>', 'write a JUnit report')
    .option('--github', 'annotations for GitHub Actions, and its step summary');
  manyRunsOptions(command, 1).action(regress);
}

async function regress(given: string | undefined, flags: RegressFlags, command: Command): Promise<void> {
  const directory = given ?? BASELINES;
  if (flags.measured !== undefined) return regressMeasured(directory, flags.measured, flags);
  const names = baselinesIn(directory);
  if (flags.update) return update(directory, names, flags, command.getOptionValueSource('replications') !== 'default');
  const judged: Judged[] = [];
  for (const name of names) judged.push(await judge(directory, name, flags));
  for (const one of judged) process.stdout.write(regressionText(one));
  const out = flags.out ?? 'results/regress';
  writeWhole(path.join(out, 'regress.html'), regressionHtml(judged));
  if (flags.junit !== undefined) writeWhole(flags.junit, junit(judged));
  if (flags.github) announce(directory, judged);
  if (judged.every(({verdict}) => verdict.passed)) return;
  process.stdout.write(
    `old curves beside new ones: ${path.join(out, 'regress.html')}; if they are meant: tierscape regress ${directory} --update --reason '...'\n`,
  );
  process.exitCode = 1;
}

function baselinesIn(directory: string): string[] {
  const names = fs.existsSync(directory)
    ? fs
        .readdirSync(directory)
        .filter((name) => fs.existsSync(path.join(directory, name, 'scenario.yaml')))
        .sort()
    : [];
  if (names.length === 0)
    throw new UserError(
      `no baselines in ${directory}: make a directory NAME there with a scenario.yaml, then tierscape regress ${directory} --update --reason 'first'`,
    );
  return names;
}

async function judge(directory: string, name: string, flags: RegressFlags): Promise<Judged> {
  const file = path.join(directory, name, 'scenario.yaml');
  const text = readText(file);
  const baseline = readBaseline(path.join(directory, name, 'baseline.json'));
  if (baseline === null)
    throw new UserError(`${directory}/${name} has no baseline.json: tierscape regress ${directory} --update --reason 'first'`);
  if (baseline.scenarioSha256 !== sha256(text))
    throw new UserError(
      `${file} is not the scenario that its baseline was made of: tierscape regress ${directory} --update --reason '...'`,
    );
  const points = await measure(file, text, baseline, flags);
  return {name, baseline, points, verdict: judgeRuns(baseline, points)};
}

async function measure(
  file: string,
  text: string,
  {vary, replications}: Pick<Baseline, 'vary' | 'replications'>,
  flags: RegressFlags,
): Promise<BaselinePoint[]> {
  const runs = new ManyRuns(flags.out ?? 'results/regress', {...flags, replications});
  const overrides = grid(vary.map(parseAxis));
  const rows = await runs.rows({file, text}, overrides);
  return overrides.map((row, i) => ({
    values: row.map(({value}) => value),
    runs: rows
      .slice(i * replications, (i + 1) * replications)
      .map(({outcome}) => runOf(outcome.summary, outcome.curves, metricsOf(outcome.summary))),
  }));
}

async function update(directory: string, names: readonly string[], flags: RegressFlags, replicationsSaid: boolean): Promise<void> {
  if (flags.reason === undefined) throw new UserError("--update needs a --reason 'why the curves move', which the baseline keeps");
  for (const name of names) {
    const file = path.join(directory, name, 'scenario.yaml');
    const at = path.join(directory, name, 'baseline.json');
    const before = readBaseline(at);
    const text = readText(file);
    const kept = {
      vary: flags.vary.length > 0 ? flags.vary : (before?.vary ?? []),
      replications: replicationsSaid ? flags.replications : (before?.replications ?? 1),
    };
    const points = await measure(file, text, kept, flags);
    const baseline: Baseline = {
      version: 1,
      scenarioSha256: sha256(text),
      ...kept,
      tolerance: flags.tolerance ?? before?.tolerance ?? TOLERANCE,
      reasons: [...(before?.reasons ?? []), flags.reason],
      points,
    };
    writeWhole(at, `${JSON.stringify(baseline)}\n`);
    process.stdout.write(`${at}: ${points.length} points\n`);
  }
}

function readBaseline(file: string): Baseline | null {
  if (!fs.existsSync(file)) return null;
  const baseline = JSON.parse(readText(file)) as Baseline;
  if (baseline.version !== 1)
    throw new UserError(`${file}: a baseline of version ${String(baseline.version)}; this tierscape reads version 1`);
  return baseline;
}

function announce(directory: string, judged: readonly Judged[]): void {
  process.stdout.write(githubAnnotations(judged, (name) => path.posix.join(directory, name, 'scenario.yaml')));
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  if (summary) fs.appendFileSync(summary, githubSummary(judged));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parseTolerance(text: string): number {
  const match = /^([\d.]+)\s*(%?)$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value >= 0 && value < 1)) throw new UserError(`--tolerance ${text}: write a share such as 0.01 or "1 %"`);
  return value;
}
