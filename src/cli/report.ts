/** tierscape report DIR: rebuilds report.html of a run from summary.json and report.json, of a sweep from sweep.json; with --svg a run's pictures too. */
import fs from 'node:fs';
import path from 'node:path';
import type {Command} from 'commander';
import type {Summary} from '../metrics/summary.ts';
import {html} from '../reports/html.ts';
import type {ReportData} from '../reports/reportData.ts';
import {sweepHtml, type SweepReport} from '../reports/sweepHtml.ts';
import {writeWhole} from './files.ts';
import {svgFiles} from './reportFiles.ts';
import {readText} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface ReportFlags {
  readonly quiet?: boolean;
  readonly svg?: boolean;
}

export function register(program: Command): void {
  program
    .command('report')
    .argument('<dir>', 'directory of a run or a sweep')
    .description('rebuild report.html of a run or a sweep from the files beside it')
    .option('--svg', "write a run's pictures, and its answer as a card, as SVG files too")
    .option('--quiet', 'print nothing')
    .action((directory: string, flags: ReportFlags) => {
      const isSweep = fs.existsSync(path.join(directory, 'sweep.json'));
      for (const [name, text] of isSweep ? sweepFiles(directory) : runFiles(directory, flags.svg === true)) {
        const file = path.join(directory, name);
        writeWhole(file, text);
        if (!flags.quiet) process.stdout.write(`${file}\n`);
      }
    });
}

/** [file name, text]. */
function* sweepFiles(directory: string): Generator<[string, string]> {
  const sweep = read<SweepReport>(directory, 'sweep.json', ['points', 'paths', 'metrics']);
  yield ['report.html', sweepHtml(sweep)];
}

function* runFiles(directory: string, svg: boolean): Generator<[string, string]> {
  const summary = read<Summary>(directory, 'summary.json', ['ttft', 'attribution', 'tiers']);
  const data = read<ReportData>(directory, 'report.json', ['points', 'exemplars', 'ttft']);
  yield ['report.html', [...html(summary, data)].join('')];
  if (svg) yield* svgFiles(summary, data);
}

/** A file that holds these parts. */
function read<Content>(directory: string, name: string, parts: readonly string[]): Content {
  const file = path.join(directory, name);
  if (!fs.existsSync(file))
    throw new UserError(`${directory} holds no ${name}: name a directory that \`run --out\` or \`sweep --out\` wrote`);
  try {
    const content = JSON.parse(readText(file)) as {[part: string]: unknown};
    if (parts.every((part) => typeof content[part] === 'object' && content[part] !== null)) return content as Content;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UserError(`${file} is no ${name} of ${name === 'sweep.json' ? 'a sweep' : 'a run'}`);
}
