#!/usr/bin/env node
/** The command line: the only place that exits. 0 done, 1 a check failed, 2 the user's input is wrong, 3 a device or file failed, 70 a defect, 130 interrupted. */
import {Command, CommanderError} from 'commander';
import {endingOf} from './failure.ts';
import {version} from './version.ts';

/** Only the command that is asked for is loaded: a question is answered in the time of its own modules. */
const commands: {readonly [name: string]: () => Promise<{register(program: Command): void}>} = {
  run: () => import('./run.ts'),
  size: () => import('./size.ts'),
  bill: () => import('./bill.ts'),
  sweep: () => import('./sweep.ts'),
  plan: () => import('./plan.ts'),
  compare: () => import('./compare.ts'),
  regress: () => import('./regress.ts'),
  claims: () => import('./claims.ts'),
  device: () => import('./device.ts'),
  policies: () => import('./policies.ts'),
  curve: () => import('./curve.ts'),
  worker: () => import('./worker.ts'),
  replay: () => import('./replay.ts'),
  report: () => import('./report.ts'),
  validate: () => import('./validate.ts'),
  explain: () => import('./explain.ts'),
  calibrate: () => import('./calibrate.ts'),
  playground: () => import('./playground.ts'),
  completion: () => import('./completion.ts'),
};

const args = process.argv.slice(2);
const program = new Command('tierscape')
  .description("Where should every block of a language model's KV cache live, and what does it cost to bring it back?")
  .version(version)
  .showHelpAfterError('(tierscape --help says more)')
  .exitOverride();

process.on('SIGINT', () => process.exit(130));
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 3));
process.stderr.on('error', () => {}); // nobody is left to tell

try {
  const wanted = args[0] !== undefined && Object.hasOwn(commands, args[0]) && args[0] !== 'completion' ? [args[0]] : Object.keys(commands);
  for (const name of wanted) (await commands[name]!()).register(program);
  program.commands.flatMap((command) => [command, ...command.commands]).forEach((command) => command.exitOverride());
  if (args.length === 0) program.help({error: true});
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong; the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const {code, text} = endingOf(error, args);
  process.stderr.write(`${text}\n`);
  return code;
}
