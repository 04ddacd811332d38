/**
 * Published claims, judged: each case of a claim is sized or simulated, its figures are computed, and its conditions say whether the claim holds
 * there. In all cases: supported; in none: refuted; in some: conditional. A verdict counts only where it stays the same over the ranges of
 * the numbers that are only remembered; else it is said where it flips.
 */
import {catalogue} from '../catalogue.ts';
import type {ClaimFile, Verdict} from '../scenario/claimFile.ts';
import type {Override} from '../scenario/overrides.ts';
import {loadScenario} from '../scenario/load.ts';
import {simulate} from '../simulation/simulate.ts';
import {sizesOf} from '../simulation/sizes.ts';
import {evaluate, ExpressionError, holdsTrue, namesIn, type Lookup} from './expression.ts';
import type {OpenWorkload} from './job.ts';

/** One number of the world, or more, other than the catalogue has them. A path may begin with the run that it is for: `flash:tiers.below.latency`. */
export interface Change {
  readonly set?: {readonly [path: string]: unknown} | undefined;
  readonly numbers?: {readonly [name: string]: number} | undefined;
  /** Numbers of the claim that its cases may replace. */
  readonly instead?: {readonly [name: string]: number} | undefined;
}

export interface JudgedCase {
  readonly name: string;
  readonly figures: {readonly [name: string]: number};
  readonly conditions: readonly {readonly text: string; readonly holds: boolean}[];
  readonly holds: boolean;
}

export interface Judgement {
  readonly claim: ClaimFile;
  readonly verdict: Verdict;
  readonly cases: readonly JudgedCase[];
  /** Whether any figure came from a simulation. */
  readonly simulated: boolean;
  /** Where the verdict is another within the ranges of what is only remembered: 'flips when x > y'. */
  readonly flips: readonly string[];
}

/** Reads a file beside a claim. */
export type ReadText = (path: string) => string;

/** Steps of the search for where a verdict flips: to 2 % of the range. */
const BISECTIONS = 6;
const TOKENS = 100_000;

export class ClaimJudge {
  private readonly read: ReadText;
  private readonly open: OpenWorkload;
  /** Runs made before, by scenario, changes and kind. */
  private readonly made = new Map<string, object>();

  /** `open` finds the trace files of a scenario. */
  constructor(read: ReadText, open: OpenWorkload) {
    this.read = read;
    this.open = open;
  }

  /** The claim at the numbers of the catalogue, and over what may be instead of those only remembered. `file`: what its paths are relative to. */
  judge(claim: ClaimFile, file: string, stability = true): Judgement {
    const cases = this.cases(claim, file, {});
    return {
      claim,
      verdict: verdictOf(claim, cases),
      cases,
      simulated: Object.values(claim.figures ?? {}).some((text) => namesIn(text).some((name) => this.isSimulated(claim, name))),
      flips: stability ? this.flips(claim, file, verdictOf(claim, cases)) : [],
    };
  }

  /** The verdict under other numbers. */
  verdictUnder(claim: ClaimFile, file: string, change: Change): Verdict {
    return verdictOf(claim, this.cases(claim, file, change));
  }

  private cases(claim: ClaimFile, file: string, change: Change): JudgedCase[] {
    if (claim.unverifiable !== undefined) return [];
    return Object.entries(claim.cases ?? {it: {}}).map(([name, one]) => {
      const numbers: {[name: string]: number} = {};
      for (const [number, {value}] of Object.entries(claim.numbers ?? {})) numbers[number] = value;
      Object.assign(numbers, change.instead, one.numbers, change.numbers);
      const figures: {[name: string]: number} = {};
      const lookup: Lookup = (path) => figures[path] ?? numbers[path] ?? this.figure(claim, file, path, one.set ?? {}, change.set ?? {});
      try {
        for (const [figure, text] of Object.entries(claim.figures ?? {})) figures[figure] = evaluate(text, lookup);
        const conditions = (claim.expect ?? []).map((text) => ({text, holds: holdsTrue(text, lookup)}));
        return {name, figures, conditions, holds: conditions.every(({holds}) => holds)};
      } catch (error) {
        if (error instanceof ExpressionError) throw new ExpressionError(`${file}: case ${name}: ${error.message}`);
        throw error;
      }
    });
  }

  private isSimulated(claim: ClaimFile, name: string): boolean {
    const [run, part] = name.split('.');
    return part !== undefined && part !== 'size' && part !== 'scenario' && (claim.runs ?? {it: {}})[run!] !== undefined;
  }

  /** A figure of one run of the case: of its scenario, its sizes, or else its summary. */
  private figure(claim: ClaimFile, file: string, path: string, set: Changes, change: Changes): number | undefined {
    const [name, ...rest] = path.split('.');
    const run = (claim.runs ?? {it: {}})[name!];
    const scenarioFile = run?.scenario ?? claim.scenario;
    if (run === undefined || scenarioFile === undefined) return undefined;
    const overrides = overridesOf({...claim.set, ...set, ...run.set, ...forRun(change, name!)});
    const kind = rest[0] === 'scenario' || rest[0] === 'size' ? rest[0] : 'summary';
    const result =
      this.made.get(keyOf(scenarioFile, overrides, kind)) ?? this.make(scenarioFile, file, overrides, kind, claim.tokens ?? TOKENS);
    const found = (kind === 'summary' ? rest : rest.slice(1)).reduce<unknown>(
      (part, key) => (typeof part === 'object' && part !== null ? (part as {readonly [key: string]: unknown})[key] : undefined),
      result,
    );
    return typeof found === 'number' ? found : undefined;
  }

  private make(scenarioFile: string, file: string, overrides: readonly Override[], kind: string, tokens: number): object {
    const beside = besideOf(file, scenarioFile);
    const scenario = loadScenario(this.read(beside), {file: beside, overrides}, catalogue);
    const result =
      kind === 'scenario'
        ? {...scenario, tiers: byName(scenario.tiers)}
        : kind === 'size'
          ? withNames(sizesOf(scenario, tokens))
          : simulate(scenario, this.open(scenario, beside));
    this.made.set(keyOf(scenarioFile, overrides, kind), result);
    return result;
  }

  private flips(claim: ClaimFile, file: string, verdict: Verdict): string[] {
    const ranges: [string, (value: number) => Change, number, number, string][] = [];
    for (const [path, [low, high]] of Object.entries(claim.remembered ?? {})) {
      const [from, unit] = amountOf(low);
      ranges.push([path, (value) => ({set: {[path]: unit === '' ? value : `${value} ${unit}`}}), from, amountOf(high)[0], unit]);
    }
    for (const [name, {range}] of Object.entries(claim.numbers ?? {}))
      if (range !== undefined) ranges.push([name, (value) => ({instead: {[name]: value}}), range[0], range[1], '']);
    return ranges.flatMap(([name, change, low, high, unit]) => this.flipsOver(claim, file, verdict, name, change, low, high, unit));
  }

  private flipsOver(
    claim: ClaimFile,
    file: string,
    verdict: Verdict,
    name: string,
    change: (value: number) => Change,
    low: number,
    high: number,
    unit: string,
  ): string[] {
    const under = (value: number): Verdict => this.verdictUnder(claim, file, change(value));
    const [atLow, atHigh] = [under(low), under(high)];
    if (atLow === verdict && atHigh === verdict) return [];
    if (atLow === atHigh)
      return [`flips when ${name} leaves the catalogue's value: ${atLow} at ${shown(low, unit)} and at ${shown(high, unit)}`];
    let [same, other] = atLow === verdict ? [low, high] : [high, low];
    for (let step = 0; step < BISECTIONS; step++) {
      const middle = (same + other) / 2;
      if (under(middle) === verdict) same = middle;
      else other = middle;
    }
    return [`flips to ${other > same ? atHigh : atLow} when ${name} ${other > same ? '>' : '<'} ${shown((same + other) / 2, unit)}`];
  }
}

type Changes = {readonly [path: string]: unknown};

export function verdictOf(claim: ClaimFile, cases: readonly JudgedCase[]): Verdict {
  if (claim.unverifiable !== undefined) return 'unverifiable';
  const holding = cases.filter(({holds}) => holds).length;
  return holding === cases.length ? 'supported' : holding === 0 ? 'refuted' : 'conditional';
}

/** Changes of a run: those of all, and `run:path` of that run alone. */
function forRun(change: Changes, run: string): Changes {
  return Object.fromEntries(
    Object.entries(change).flatMap(([path, value]) => {
      const [first, rest] = path.split(':');
      return rest === undefined ? [[path, value]] : first === run ? [[rest, value]] : [];
    }),
  );
}

function overridesOf(set: Changes): Override[] {
  return Object.entries(set).map(([path, value]) => ({path, value: typeof value === 'string' ? value : JSON.stringify(value)}));
}

function keyOf(scenario: string, overrides: readonly Override[], kind: string): string {
  return JSON.stringify([scenario, overrides, kind]);
}

/** `name` in the folder of `file`. */
function besideOf(file: string, name: string): string {
  return file.includes('/') ? `${file.slice(0, file.lastIndexOf('/'))}/${name}` : name;
}

function byName<T extends {readonly name: string}>(list: readonly T[]): {readonly [name: string]: T} {
  return Object.fromEntries(list.map((one) => [one.name, one]));
}

function withNames(sizes: ReturnType<typeof sizesOf>): object {
  const breakEven = Object.fromEntries(sizes.breakEven.map((one) => [`k${Math.round(one.tokens / 1024)}`, one]));
  return {...sizes, tiers: byName(sizes.tiers), breakEven};
}

/** '80 us' -> [80, 'us']. */
function amountOf(value: string | number): [number, string] {
  if (typeof value === 'number') return [value, ''];
  const match = /^([\d.]+(?:e[+-]?\d+)?)\s*(.*)$/.exec(value);
  if (match === null) throw new ExpressionError(`"${value}" is no end of a range: write a number and a unit`);
  return [Number(match[1]), match[2]!];
}

function shown(value: number, unit: string): string {
  return `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`;
}
