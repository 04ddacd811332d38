/** tierscape plan SCENARIO: the smallest (or largest) values for which conditions hold, what binds there, and what one step more would buy. */
import type {Command} from 'commander';
import {intervalOf} from '../metrics/interval.ts';
import {searchFirst, type Found} from '../experiments/search.ts';
import {stepsOf} from '../experiments/steps.ts';
import type {SweepRow} from '../experiments/sweep.ts';
import {AxisError, parseAxis, type Axis} from '../scenario/axis.ts';
import {holds} from '../metrics/expect.ts';
import {metricsOf} from '../reports/sweep.ts';
import {stepsText, type Bought} from '../reports/steps.ts';
import {formatMetric} from '../reports/sweepText.ts';
import {align} from '../reports/table.ts';
import type {Override} from '../scenario/overrides.ts';
import {parseExpectation} from '../scenario/expectation.ts';
import type {Expectation} from '../scenario/scenario.ts';
import {defaultDirectory, ManyRuns, manyRunsOptions, type ManyRunsFlags} from './manyRuns.ts';
import {paintFor} from './paint.ts';
import {parseFragment, readScenario, readText, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface PlanFlags extends ScenarioOptions, ManyRunsFlags {
  readonly find: readonly Axis[];
  readonly until: readonly Expectation[];
  readonly largest?: boolean;
  readonly minimize?: string;
  readonly with: readonly Override[];
  readonly steps: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

/** A point of the plan: its values, what came out, and which condition failed by most (null where all hold). */
interface Tried {
  readonly values: readonly string[];
  readonly metrics: ReadonlyMap<string, number | null>;
  readonly broken: Expectation | null;
}

export function register(program: Command): void {
  const command = program
    .command('plan')
    .argument('<scenario>', 'scenario YAML')
    .description('the smallest (or largest) values for which conditions hold')
    .requiredOption(
      '--find <axis>',
      'path=lo..hi, path=lo..hi:n or path=a,b,c, in the order in which it gets easier (at most two)',
      collectAxis,
      [],
    )
    .requiredOption('--until <condition>', "a condition, such as 'ttft.p99 <= 2 s' (repeatable)", collectCondition, [])
    .option('--largest', 'the last value that holds, where a larger one makes it harder (a load)')
    .option('--minimize <metric>', 'of two axes, the pair with the least of this metric, such as cost.perMillionOutputTokens')
    .option(
      '--with <file>',
      'YAML laid over the scenario, such as fault events: what is enough when one drive fails (repeatable)',
      parseFragment,
      [],
    )
    .option('--no-steps', 'do not try what one step more of each resource would buy')
    .option('--json', 'print the answer as JSON')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action(plan);
  manyRunsOptions(scenarioOptions(command), 1);
}

async function plan(file: string, flags: PlanFlags): Promise<void> {
  if (flags.find.length > 2) throw new UserError('--find: at most two axes; sweep crosses more');
  const search = new Search(file, flags);
  const [first, second] = flags.find;
  const answers = second === undefined ? [await search.along(first!, [])] : await search.frontier(first!, second);
  const found = answers.flatMap(({answer}) => answer ?? []);
  const best = found.length === 0 ? null : flags.minimize === undefined ? found[0]! : least(found, flags.minimize);
  const answer = answers.find((one) => best !== null && one.answer === best) ?? answers[0]!;
  const watched = flags.minimize ?? (answer.harder?.broken ?? flags.until[0]!).path;
  const tried = [...search.tried];
  const steps = best === null || !flags.steps ? [] : await search.steps(best, watched);
  if (flags.json) process.stdout.write(`${JSON.stringify(asJson(answers, answer, best, tried, steps, flags), null, 1)}\n`);
  else {
    print(answers, answer, best, tried, flags);
    if (best !== null && flags.steps)
      process.stdout.write(stepsText(steps, watched, best.metrics.get(watched) ?? null, paintFor(flags.color)));
  }
  if (best === null) process.exitCode = 1;
}

interface Answer {
  readonly answer: Tried | null;
  /** Its neighbour one step harder, and one step easier. */
  readonly harder: Tried | null;
  readonly easier: Tried | null;
  readonly contradiction: readonly [string, string] | null;
}

class Search {
  readonly tried: Tried[] = [];
  private readonly runs: ManyRuns;
  private readonly scenario: {readonly file: string; readonly text: string};
  private readonly flags: PlanFlags;

  constructor(file: string, flags: PlanFlags) {
    this.runs = new ManyRuns(flags.out ?? defaultDirectory(file, 'plan'), flags);
    this.scenario = {file, text: readText(file)};
    this.flags = flags;
  }

  /** One axis, the others fixed. */
  async along(axis: Axis, fixed: readonly Override[]): Promise<Answer> {
    const values = this.flags.largest ? axis.values.toReversed() : axis.values;
    const seen = new Map<number, Tried>();
    const found: Found = await searchFirst(values.length, async (index) => {
      const tried = await this.run([...fixed, {path: axis.path, value: values[index]!}]);
      seen.set(index, tried);
      return tried.broken === null;
    });
    const at = (index: number | null): Tried | null => (index === null ? null : (seen.get(index) ?? null));
    const {index, contradiction} = found;
    return {
      answer: at(index),
      harder: at(index === null ? values.length - 1 : index - 1),
      easier:
        index !== null && index + 1 < values.length
          ? (at(index + 1) ?? (await this.run([...fixed, {path: axis.path, value: values[index + 1]!}])))
          : null,
      contradiction: contradiction === null ? null : [values[contradiction[0]]!, values[contradiction[1]]!],
    };
  }

  /** For each value of the first axis, the first of the second for which all holds. */
  async frontier(first: Axis, second: Axis): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const value of first.values) answers.push(await this.along(second, [{path: first.path, value}]));
    return answers;
  }

  /** One step more of each resource than the answer has. */
  async steps({values}: Tried, watched: string): Promise<Bought[]> {
    const answer = this.flags.find.map(({path}, i) => ({path, value: values[i]!}));
    const scenario = readScenario(this.scenario.file, {...this.flags, set: this.with(answer)});
    const steps = stepsOf(scenario);
    const found = await this.metrics([answer, ...steps.map(({set}) => [...answer, ...set])]);
    return steps.map((step, i) => ({
      ...step,
      set: step.set.map(({path, value}) => `${path}=${value}`),
      before: found[0]!.get(watched) ?? null,
      after: found[i + 1]!.get(watched) ?? null,
    }));
  }

  /** Mean metrics of each point. */
  private async metrics(points: readonly (readonly Override[])[]): Promise<Map<string, number | null>[]> {
    const rows = await this.runs.rows(
      this.scenario,
      points.map((point) => this.with(point)),
    );
    const {replications} = this.flags;
    return points.map((_, i) => meanMetrics(rows.slice(i * replications, (i + 1) * replications)));
  }

  private with(overrides: readonly Override[]): Override[] {
    return [...this.flags.with, ...(this.flags.set ?? []), ...overrides];
  }

  private async run(overrides: readonly Override[]): Promise<Tried> {
    const [metrics] = await this.metrics([overrides]);
    const tried = {values: overrides.map(({value}) => value), metrics: metrics!, broken: worstBroken(this.flags.until, metrics!)};
    this.tried.push(tried);
    return tried;
  }
}

function meanMetrics(rows: readonly SweepRow[]): Map<string, number | null> {
  const all = rows.map(({outcome}) => metricsOf(outcome.summary));
  return new Map(
    [...all[0]!.keys()].map((name) => {
      const values = all.flatMap((one) => one.get(name) ?? []);
      return [name, values.length < all.length ? null : intervalOf(values).mean];
    }),
  );
}

/** Of the conditions that do not hold, the one that is farthest off in proportion. */
function worstBroken(conditions: readonly Expectation[], metrics: ReadonlyMap<string, number | null>): Expectation | null {
  let worst: Expectation | null = null;
  let farthest = -1;
  for (const condition of conditions) {
    const value = metrics.get(condition.path);
    if (value === undefined)
      throw new UserError(`--until ${condition.text}: a summary has no ${condition.path}; sweep.csv's columns are the metrics`);
    if (value !== null && holds(value, condition.relation, condition.value)) continue;
    const distance = value === null ? Infinity : Math.abs(value - condition.value) / Math.max(Math.abs(condition.value), 1e-9);
    if (distance <= farthest) continue;
    worst = condition;
    farthest = distance;
  }
  return worst;
}

function least(found: readonly Tried[], metric: string): Tried {
  const valueOf = (one: Tried): number => {
    const value = one.metrics.get(metric);
    if (value === undefined) throw new UserError(`--minimize ${metric}: no such metric; sweep.csv's columns are the metrics`);
    return value ?? Infinity;
  };
  return found.reduce((best, one) => (valueOf(one) < valueOf(best) ? one : best));
}

/** `frontier`: with two axes, the smallest of the second for each of the first; `binding`: the condition that fails one step before the answer. */
function asJson(
  answers: readonly Answer[],
  answer: Answer,
  best: Tried | null,
  tried: readonly Tried[],
  steps: readonly Bought[],
  flags: PlanFlags,
): object {
  return {
    answer: best === null ? null : shown(best, flags),
    monotone: answers.every(({contradiction}) => contradiction === null),
    binding: answer.harder?.broken?.text ?? null,
    frontier: answers.flatMap((one) => (one.answer === null ? [] : shown(one.answer, flags))),
    steps,
    tried: tried.map((one) => shown(one, flags)),
  };
}

function shown(one: Tried, {find, until, minimize}: PlanFlags): object {
  const names = [...until.map(({path}) => path), ...(minimize === undefined ? [] : [minimize])];
  return {
    ...Object.fromEntries(find.map(({path}, i) => [path, one.values[i]])),
    holds: one.broken === null,
    metrics: Object.fromEntries(names.map((name) => [name, one.metrics.get(name)])),
  };
}

function print(answers: readonly Answer[], answer: Answer, best: Tried | null, tried: readonly Tried[], flags: PlanFlags): void {
  const paint = paintFor(flags.color);
  const names = [...new Set([...flags.until.map(({path}) => path), ...(flags.minimize === undefined ? [] : [flags.minimize])])];
  const row = (one: Tried, note: string): string[] => [
    ...one.values,
    ...names.map((name) => cell(name, one)),
    one.broken === null ? note : `not ${one.broken.text}`,
  ];
  const wanted = flags.until.map(({text}) => text).join(' and ');
  for (const {contradiction} of answers)
    if (contradiction !== null)
      process.stdout.write(
        `not monotone: ${wanted} holds at ${contradiction[0]} and not at ${contradiction[1]}; every value was tried, and the answer is the first beyond which all hold\n`,
      );
  if (best === null) process.stdout.write(paint.bold(`No value within the range makes ${wanted} hold.`) + '\n\n');
  else {
    const where = flags.find.map(({path}, i) => `${path} = ${best.values[i]}`).join(', ');
    process.stdout.write(
      `${paint.bold(`${where} is the ${flags.largest ? 'largest' : flags.minimize === undefined ? 'smallest' : 'best'} for which ${wanted}.`)}\n\n`,
    );
  }
  const shownRows =
    answers.length > 1 ? answers.flatMap(({answer}) => answer ?? []) : [...tried].sort((a, b) => order(a, flags) - order(b, flags));
  process.stdout.write(
    align(
      [[...flags.find.map(({path}) => path), ...names, ''], ...shownRows.map((one) => row(one, one === best ? '<- the answer' : ''))],
      paint,
    ),
  );
  const binding = answer.harder?.broken;
  if (binding)
    process.stdout.write(`\nwhat binds: ${binding.text} (${cell(binding.path, answer.harder!)} at ${answer.harder!.values.join(', ')})\n`);
  if (best !== null && answer.easier !== null)
    process.stdout.write(
      `one step more, ${answer.easier.values.join(', ')}: ${names.map((name) => `${name} ${cell(name, best)} -> ${cell(name, answer.easier!)}`).join(', ')}\n`,
    );
}

function order({values}: Tried, {find}: PlanFlags): number {
  return find[0]!.values.indexOf(values[0]!);
}

function cell(name: string, one: Tried): string {
  const value = one.metrics.get(name);
  return value === null || value === undefined ? '-' : formatMetric(name, value);
}

function collectAxis(text: string, before: readonly Axis[]): Axis[] {
  try {
    return [...before, parseAxis(text)];
  } catch (error) {
    throw error instanceof AxisError ? new UserError(`--find ${error.message}`) : error;
  }
}

function collectCondition(text: string, before: readonly Expectation[]): Expectation[] {
  const parsed = parseExpectation(text, null);
  if (typeof parsed === 'string') throw new UserError(`--until ${parsed}`);
  return [...before, parsed];
}
