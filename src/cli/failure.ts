/** How a command ends where it does not succeed: an exit code, and what is said on stderr. Never a stack trace but for a defect. */
import {Fault} from '../runtime/faults.ts';
import {ScenarioError} from '../scenario/diagnostics.ts';
import {TraceError} from '../workload/ports.ts';
import {DeviceError, UserError} from './userError.ts';

export interface Ending {
  readonly code: number;
  readonly text: string;
}

/** An ending that was decided elsewhere, in a thread. */
export class Ended extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super(ending.text);
    this.ending = ending;
  }
}

/** 2: the user's input; 3: a device or file; 70: a defect, with the line that reproduces it. */
export function endingOf(error: unknown, args: readonly string[]): Ending {
  if (error instanceof Ended) return error.ending;
  if (error instanceof ScenarioError) return {code: 2, text: error.message};
  if (error instanceof UserError || error instanceof TraceError) return {code: 2, text: `error: ${error.message}`};
  if (error instanceof Fault) return {code: error.mistake ? 2 : 3, text: `error: ${error.message}`};
  if (error instanceof DeviceError) return {code: 3, text: `error: ${error.message}`};
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {code: 70, text: `defect: ${stack}\nreproduce: tierscape ${args.map(quoted).join(' ')}`};
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
