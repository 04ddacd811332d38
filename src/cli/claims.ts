/** tierscape claims [ID...]: published claims, each simulated or computed, and judged. Exit 1 where a verdict is not the committed one. */
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Command} from 'commander';
import {ClaimJudge} from '../experiments/claims.ts';
import {ExpressionError} from '../experiments/expression.ts';
import {claimDetail, claimsPage, claimsTable, type ClaimRow} from '../reports/claims.ts';
import {readClaim, type ClaimFile} from '../scenario/claimFile.ts';
import {paintFor} from './paint.ts';
import {openWorkload, readText} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface ClaimsFlags {
  readonly dir: string;
  readonly quick?: boolean;
  readonly update?: boolean;
  readonly json?: boolean;
  readonly page?: string;
  readonly color: boolean;
}

export const claimsDirectory = fileURLToPath(new URL('../../scenarios/claims', import.meta.url));
const VERDICTS = 'verdicts.json';

export function register(program: Command): void {
  program
    .command('claims')
    .argument('[ids...]', 'claims, such as C46; default all')
    .description('published claims, each simulated or computed, and judged; exit 1 where a verdict has changed')
    .option('--dir <dir>', 'where the claims lie', claimsDirectory)
    .option('--quick', 'do not vary what is only remembered')
    .option('--update', 'commit these verdicts')
    .option('--page <file>', 'write a page with a picture for each claim')
    .option('--json', 'print JSON')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action((ids: string[], flags: ClaimsFlags) => claims(ids, flags));
}

function claims(ids: readonly string[], flags: ClaimsFlags): void {
  const files = claimFiles(flags.dir);
  const unknown = ids.find((id) => !files.some(({claim}) => claim.claim === id));
  if (unknown !== undefined)
    throw new UserError(`there is no claim ${unknown} in ${flags.dir}: claims are ${files.map(({claim}) => claim.claim).join(', ')}`);
  const committed = committedVerdicts(flags.dir);
  const judge = new ClaimJudge(readText, openWorkload);
  const rows = files
    .filter(({claim}) => ids.length === 0 || ids.includes(claim.claim))
    .map(({claim, file}): ClaimRow => ({
      ...judged(judge, claim, file, flags.quick !== true),
      committed: committed[claim.claim]?.verdict ?? null,
    }));
  if (flags.update === true) commit(flags, committed, rows);
  if (flags.page !== undefined) fs.writeFileSync(flags.page, [...claimsPage(rows)].join(''));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(rows.map(plainRow), null, 1)}\n`);
  else {
    if (ids.length > 0) for (const row of rows) process.stdout.write([...claimDetail(row)].join(''));
    else process.stdout.write([...claimsTable(rows, paintFor(flags.color))].join(''));
  }
  if (flags.update !== true && rows.some((row) => changed(row, committed, flags.quick === true))) {
    process.stderr.write('a verdict is not the committed one: see the table, and --update where it is right\n');
    process.exitCode = 1;
  }
}

function judged(judge: ClaimJudge, claim: ClaimFile, file: string, stability: boolean): ReturnType<ClaimJudge['judge']> {
  try {
    return judge.judge(claim, file, stability);
  } catch (error) {
    if (error instanceof ExpressionError) throw new UserError(error.message);
    throw error;
  }
}

/** Every claim of a directory, in order of its name. */
export function claimFiles(directory: string): {readonly claim: ClaimFile; readonly file: string}[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  } catch {
    throw new UserError(`cannot read claims from ${directory}: there is no such directory`);
  }
  return names.sort().map((name) => {
    const file = path.join(directory, name);
    return {claim: readClaim(readText(file), file), file};
  });
}

export interface Committed {
  readonly [claim: string]: {readonly verdict: string; readonly flips: readonly string[]};
}

export function committedVerdicts(directory: string): Committed {
  const file = path.join(directory, VERDICTS);
  return fs.existsSync(file) ? (JSON.parse(readText(file)) as Committed) : {};
}

function changed({claim, verdict, flips}: ClaimRow, committed: Committed, quick: boolean): boolean {
  const before = committed[claim.claim];
  if (before === undefined) return true;
  return before.verdict !== verdict || (!quick && before.flips.join() !== flips.join());
}

function commit(flags: ClaimsFlags, before: Committed, rows: readonly ClaimRow[]): void {
  if (flags.quick === true) throw new UserError('--update with --quick: verdicts are committed with where they flip; leave --quick out');
  const now = {...before, ...Object.fromEntries(rows.map(({claim, verdict, flips}) => [claim.claim, {verdict, flips}]))};
  const sorted = Object.fromEntries(Object.entries(now).sort(([a], [b]) => (a < b ? -1 : 1)));
  fs.writeFileSync(path.join(flags.dir, VERDICTS), `${JSON.stringify(sorted, null, 1)}\n`);
}

function plainRow({claim, verdict, committed, simulated, cases, flips}: ClaimRow): object {
  return {claim: claim.claim, quote: claim.quote, verdict, committed, prior: claim.prior, simulated, flips, cases};
}
