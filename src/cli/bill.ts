/** tierscape bill SCENARIO: what its traffic costs a buyer at list prices: without cache, with five minutes', an hour's and unlimited retention. */
import type {Command} from 'commander';
import {billLine, retentionsOf, type BillLine} from '../metrics/bill.ts';
import {align} from '../reports/table.ts';
import type {Override} from '../scenario/overrides.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {simulate} from '../simulation/simulate.ts';
import {paintFor} from './paint.ts';
import {openWorkload, readScenario, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface BillFlags extends ScenarioOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

export function register(program: Command): void {
  scenarioOptions(
    program
      .command('bill')
      .argument('<scenario>', 'scenario YAML')
      .description('what its traffic costs a buyer at list prices, by how long the seller keeps its KV cache'),
  )
    .option('--json', 'print JSON')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action((file: string, flags: BillFlags) => {
      const scenario = readScenario(file, flags);
      const {input, output} = scenario.economics.list;
      if (input === null || output === null)
        throw new UserError(
          `${file}: a bill needs list prices: write "list: {input: 3 USD, cached: 0.30 USD, write: 3.75 USD, output: 15 USD}" in economics`,
        );
      const lines = billOf(scenario, file, flags, input, output);
      if (flags.json) process.stdout.write(`${JSON.stringify(lines, null, 1)}\n`);
      else process.stdout.write(table(lines, flags.color));
    });
}

/** The seller has room for everything; only time makes it forget. */
function billOf(scenario: Scenario, file: string, flags: BillFlags, input: number, output: number): BillLine[] {
  const {list} = scenario.economics;
  const last = scenario.tiers.at(-1)!.name;
  const kept = retentionsOf(list).map(({name, ttl, inputPrice}) => {
    const set: Override[] = [
      ...(flags.set ?? []),
      {path: 'placement.reload', value: 'always'},
      ...scenario.tiers.flatMap(({name: tier}, rank) => [
        ...(rank > 0 ? [{path: `tiers.${tier}.write`, value: 'through'}] : []),
        ...(ttl === null ? [] : [{path: `tiers.${tier}.ttl`, value: ttl}]),
      ]),
      {path: `tiers.${last}.capacity`, value: 'unlimited'},
    ];
    const run = readScenario(file, {...flags, set});
    return billLine(name, simulate(run, openWorkload(run, file)), inputPrice, list.cached ?? inputPrice, output);
  });
  const [first] = kept;
  const inputTokens = first!.computedTokens + first!.cachedTokens;
  const none = {...first!, retention: 'none', tokenHitRatio: 0, computedTokens: inputTokens, cachedTokens: 0};
  return [{...none, dollars: (inputTokens * input + none.outputTokens * output) / 1e6}, ...kept];
}

function table(lines: readonly BillLine[], color: boolean): string {
  const most = lines[0]!.dollars;
  return align(
    [
      ['kept', 'found', 'input computed', 'input found', 'output', 'dollars', 'of uncached'],
      ...lines.map(({retention, tokenHitRatio, computedTokens, cachedTokens, outputTokens, dollars}) => [
        retention,
        `${(100 * tokenHitRatio).toFixed(1)} %`,
        ...[computedTokens, cachedTokens, outputTokens].map((tokens) => `${(tokens / 1e6).toFixed(2)} M`),
        `$${dollars.toFixed(2)}`,
        `${((100 * dollars) / most).toFixed(0)} %`,
      ]),
    ],
    paintFor(color),
  );
}
