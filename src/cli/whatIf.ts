/** run --knockout and --sensitivity: the same scenario again, with something changed each time, on all cores. */
import path from 'node:path';
import {catalogue} from '../catalogue.ts';
import {isWeak, parametersOf, scaled, type Parameter} from '../experiments/parameters.ts';
import {resourcesOf} from '../experiments/resources.ts';
import {intervalOf, pairedDifference} from '../metrics/interval.ts';
import {METRICS, whatIfHtml, type Changed, type WhatIf} from '../reports/whatIf.ts';
import {metricsOf} from '../reports/sweep.ts';
import type {Override} from '../scenario/overrides.ts';
import {writeWhole} from './files.ts';
import {defaultDirectory, ManyRuns} from './manyRuns.ts';
import {contentOf, readScenario, readText, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

export interface WhatIfFlags extends ScenarioOptions {
  readonly knockout?: boolean;
  /** How far parameters are moved, a share. */
  readonly sensitivity?: number;
  readonly threads: number;
  readonly replications: number;
}

export async function whatIf(file: string, flags: WhatIfFlags): Promise<WhatIf> {
  const scenario = readScenario(file, flags);
  const resources = flags.knockout ? resourcesOf(scenario) : [];
  const share = flags.sensitivity ?? 0;
  const parameters = share === 0 ? [] : parametersOf(scenario, contentOf(file, flags), catalogue).filter(isWeak);
  const ends = parameters.map((parameter) => [scaled(parameter, 1 - share), scaled(parameter, 1 + share)] as const);
  const changes: (readonly Override[])[] = [
    [],
    ...resources.map(({free}) => free),
    ...ends.flat().flatMap((end) => (end === null ? [] : [end])),
  ];
  const [base, ...others] = await run(file, flags, changes);
  const changed = (set: readonly Override[]): Changed => ({
    set: set.map(({path: at, value}) => `${at}=${value}`),
    ...against(base!, others[changes.indexOf(set) - 1]!),
  });
  return {
    base: against(base!, base!).figures,
    replications: flags.replications,
    knockout: flags.knockout ? resources.map(({name, free}) => ({resource: name, ...changed(free)})) : null,
    sensitivity:
      share === 0
        ? null
        : {
            share,
            parameters: parameters.map((parameter, i) => ({
              ...described(parameter),
              low: ends[i]![0] === null ? null : changed(ends[i]![0]),
              high: ends[i]![1] === null ? null : changed(ends[i]![1]),
            })),
          },
  };
}

function described({path: at, value, param, confidence, source}: Parameter) {
  return {path: at, value, dimension: param.type === 'quantity' ? param.dimension : null, confidence, source};
}

/** For each change, the metrics of its replications. */
async function run(file: string, flags: WhatIfFlags, changes: readonly (readonly Override[])[]): Promise<Map<string, number | null>[][]> {
  const runs = new ManyRuns(defaultDirectory(file, 'whatif'), flags);
  const seed = flags.seed === undefined ? [] : [{path: 'seed', value: String(flags.seed)}];
  const points = changes.map((change) => [...(flags.set ?? []), ...seed, ...change]);
  const rows = await runs.rows({file, text: readText(file)}, points);
  const metrics = rows.map(({outcome}) => metricsOf(outcome.summary));
  return changes.map((_, i) => metrics.slice(i * flags.replications, (i + 1) * flags.replications));
}

/** Means over the replications; of several, a difference from the base is noise where its paired interval holds 0. */
function against(
  base: readonly Map<string, number | null>[],
  changed: readonly Map<string, number | null>[],
): Pick<Changed, 'figures' | 'noise'> {
  const values = (of: readonly Map<string, number | null>[], metric: string): number[] => of.flatMap((one) => one.get(metric) ?? []);
  const figures = Object.fromEntries(METRICS.map((metric) => [metric, meanOf(values(changed, metric))]));
  const noise = METRICS.filter((metric) => {
    const [before, after] = [values(base, metric), values(changed, metric)];
    if (before.length !== after.length) return false;
    const {mean, half} = pairedDifference(before, after);
    return half !== null && Math.abs(mean) < half;
  });
  return {figures, noise};
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : intervalOf(values).mean;
}

/** Beside a run's other files. */
export function writeWhatIf(directory: string, title: string, question: string, result: WhatIf): void {
  writeWhole(path.join(directory, 'whatif.json'), `${JSON.stringify(result, null, 1)}\n`);
  writeWhole(path.join(directory, 'whatif.html'), whatIfHtml(title, question, result));
}

/** "20 %" or 0.2, as a share. */
export function parseShare(text: string): number {
  const match = /^([\d.]+)\s*(%?)$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value > 0 && value < 1)) throw new UserError(`--sensitivity ${text}: write how far to move parameters, such as 20% or 0.2`);
  return value;
}
