/** tierscape replay JOURNAL: a run's inputs into a fresh brain; the digest of its commands must be the same. */
import fs from 'node:fs';
import type {Command} from 'commander';
import {catalogue} from '../catalogue.ts';
import {replay} from '../placement/journal.ts';
import {loadScenario} from '../scenario/load.ts';
import {placementOf} from '../simulation/simulate.ts';
import {readJournal, type JournalFile} from './journalFile.ts';
import {readBytes} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface ReplayFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function register(program: Command): void {
  program
    .command('replay')
    .argument('<journal>', 'journal.bin of a run with --journal')
    .description("a run's inputs into a fresh placement; ends with 1 unless the digest is the same")
    .option('--json', 'print JSON')
    .option('--quiet', 'print nothing')
    .action((file: string, flags: ReplayFlags) => {
      const journal = readJournal(readBytes(fs.statSync(file, {throwIfNoEntry: false})?.isDirectory() ? `${file}/journal.bin` : file));
      if (typeof journal === 'string') throw new UserError(`${file}: ${journal}`);
      const found = replayed(journal);
      const equal = found === journal.digest;
      if (flags.json) process.stdout.write(`${JSON.stringify({digest: journal.digest, replayed: found, equal}, null, 2)}\n`);
      else if (!flags.quiet)
        process.stdout.write(
          equal
            ? `the same commands: digest ${found}, ${journal.words.length} words of inputs\n`
            : `NOT the same commands: the run's commands had digest ${journal.digest}, the replay ${found}\n`,
        );
      if (!equal) process.exitCode = 1;
    });
}

/** The digest, or how far a journal that is not one brain's inputs got. */
function replayed({scenario, words}: JournalFile): string {
  const config = placementOf(loadScenario(JSON.stringify(scenario), {file: 'journal.bin'}, catalogue));
  try {
    return replay(words, config);
  } catch (error) {
    return `none (${(error as Error).message})`;
  }
}
