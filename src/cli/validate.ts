/** tierscape validate SCENARIO: every mistake at once, or that there is none. */
import type {Command} from 'commander';
import {endingOf} from './failure.ts';
import {readScenario, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';

export function register(program: Command): void {
  scenarioOptions(
    program
      .command('validate')
      .argument('<scenario...>', 'scenario YAML')
      .description('check scenarios: mistakes with file:line:column and a suggestion'),
  ).action((files: string[], options: ScenarioOptions) => {
    for (const file of files) {
      try {
        process.stdout.write(`${file}: ${readScenario(file, options).name} is valid\n`);
      } catch (error) {
        const {code, text} = endingOf(error, process.argv.slice(2));
        process.stderr.write(`${text}\n`);
        process.exitCode = Math.max(code, Number(process.exitCode ?? 0));
      }
    }
  });
}
