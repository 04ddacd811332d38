/** tierscape size SCENARIO: no simulation: what fits where, how many sessions a tier holds, and when reloading beats recomputing. */
import type {Command} from 'commander';
import {sizesOf} from '../simulation/sizes.ts';
import {sizeTable} from '../reports/sizes.ts';
import {readScenario, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface SizeFlags extends ScenarioOptions {
  readonly tokens: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  scenarioOptions(
    program
      .command('size')
      .argument('<scenario>', 'scenario YAML')
      .description('what fits where, sessions per tier, break-even bandwidths, bounds; instantly'),
  )
    .option('--tokens <n>', "tokens of a session's context", parseTokens, 100_000)
    .option('--json', 'print JSON')
    .action((file: string, flags: SizeFlags) => {
      const sizes = sizesOf(readScenario(file, flags), flags.tokens);
      if (flags.json) process.stdout.write(`${JSON.stringify(sizes, null, 2)}\n`);
      else for (const chunk of sizeTable(sizes)) process.stdout.write(chunk);
    });
}

function parseTokens(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError(`--tokens ${text}: write a whole number of tokens`);
  return Number(text);
}
