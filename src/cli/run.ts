/** tierscape run SCENARIO: one run, a table on stdout, files in --out. The run has a thread of its own, so that Ctrl-C is heard. */
import os from 'node:os';
import {Worker} from 'node:worker_threads';
import {Option, type Command} from 'commander';
import type {Summary} from '../metrics/summary.ts';
import {json} from '../reports/json.ts';
import {table} from '../reports/table.ts';
import {Ended, type Ending} from './failure.ts';
import {discardPartial} from './outputDirectory.ts';
import {paintFor} from './paint.ts';
import {Progress} from './progress.ts';
import {parseSample, parseTrace, parseWindow, type TraceWindow} from './traceOptions.ts';
import {whatIfText, type WhatIf} from '../reports/whatIf.ts';
import {wholeNumber} from './manyRuns.ts';
import {parseShare, whatIf, writeWhatIf} from './whatIf.ts';
import {scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';

export interface RunFlags extends ScenarioOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly journal?: boolean;
  readonly accesses?: boolean;
  readonly knockout?: boolean;
  readonly sensitivity?: number;
  readonly threads: number;
  readonly replications: number;
  readonly svg?: boolean;
  readonly trace?: 'perfetto';
  readonly traceWindow: TraceWindow;
  readonly traceSample: number;
}

/** What the thread is told, and what it tells. */
export interface RunTask {
  readonly file: string;
  readonly flags: RunFlags;
  readonly args: readonly string[];
}
export type RunMessage =
  | {readonly kind: 'progress'; readonly requests: number; readonly total: number | null; readonly simulatedSeconds: number}
  | {readonly kind: 'done'; readonly summary: Summary}
  | {readonly kind: 'failed'; readonly ending: Ending};

export function register(program: Command): void {
  scenarioOptions(
    program.command('run').argument('<scenario>', 'scenario YAML').description('simulate one scenario: a table, and files in --out'),
  )
    .option('--out <dir>', 'write summary.json, requests.csv, sessions.csv, timeline.csv, tiers.csv and report.html there')
    .option('--json', 'print the summary alone')
    .option('--quiet', 'print nothing but warnings')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .option('--journal', 'with --out: write journal.bin too, every input of the placement, for replay')
    .option('--accesses', 'with --out: write accesses.bin too, what each pool was asked for, a trace for tierscape policies')
    .option('--knockout', 'run again with each resource made free: what causes the latency')
    .addOption(
      new Option(
        '--sensitivity [share]',
        'run again with each weakly sourced parameter off by so much (20 %): which number is worth measuring',
      )
        .preset('20%')
        .argParser(parseShare),
    )
    .option(
      '--threads <n>',
      'worker threads of --knockout and --sensitivity; 0: none',
      wholeNumber('--threads', 0),
      os.availableParallelism(),
    )
    .option('--replications <n>', 'of those runs, each with its own seed', wholeNumber('--replications', 1), 1)
    .option('--svg', 'with --out: write the pictures of the report, and the answer as a card, as SVG files too')
    .option('--trace <format>', 'with --out: write a timeline, trace.perfetto.json, for ui.perfetto.dev (perfetto)', parseTrace)
    .option('--trace-window <from..to>', 'of this simulated time only: 10s..20s', parseWindow, {fromNs: 0, toNs: Infinity})
    .option('--trace-sample <n>', 'one request in n, with its transfers', parseSample, 1)
    .action(async (file: string, flags: RunFlags) => {
      const summary = await inThread({file, flags, args: process.argv.slice(2)});
      const changed = flags.knockout || flags.sensitivity !== undefined ? await whatIf(file, flags) : null;
      if (changed !== null && flags.out !== undefined) writeWhatIf(flags.out, summary.scenario, summary.question, changed);
      print(summary, changed, flags);
      if (summary.expect.some(({passed}) => !passed)) process.exitCode = 1;
    });
}

/** The summary of a run; on any failure no directory is left that looks complete. */
async function inThread(task: RunTask): Promise<Summary> {
  const worker = new Worker(new URL('./runThread.js', import.meta.url), {workerData: task});
  const progress = new Progress();
  const interrupted = (): void => {
    void worker.terminate().then(() => {
      progress.clear();
      discardPartial(task.flags.out);
      process.exit(130);
    });
  };
  process.prependListener('SIGINT', interrupted);
  const others = process.listeners('SIGINT').filter((listener) => listener !== interrupted);
  others.forEach((listener) => process.off('SIGINT', listener));
  try {
    return await new Promise<Summary>((resolve, reject) => {
      worker.on('message', (message: RunMessage) => {
        if (message.kind === 'progress') progress.update(message.requests, message.total, message.simulatedSeconds);
        else if (message.kind === 'done') resolve(message.summary);
        else reject(new Ended(message.ending));
      });
      worker.on('error', (error) => {
        discardPartial(task.flags.out);
        reject(error);
      });
    });
  } finally {
    progress.clear();
    process.off('SIGINT', interrupted);
    others.forEach((listener) => process.on('SIGINT', listener));
  }
}

function print(summary: Summary, changed: WhatIf | null, flags: RunFlags): void {
  if (flags.quiet) {
    for (const warning of summary.warnings) process.stderr.write(`warning: ${warning}\n`);
    for (const {text, passed, actual} of summary.expect)
      if (!passed) process.stderr.write(`fails: ${text} (found ${actual ?? 'nothing'})\n`);
  }
  if (flags.json) return write(json(changed === null ? summary : {...summary, whatIf: changed}));
  if (flags.quiet) return;
  write(table(summary, paintFor(flags.color)));
  if (changed !== null) write(['\n', whatIfText(changed, paintFor(flags.color))]);
}

function write(chunks: Iterable<string>): void {
  for (const chunk of chunks) process.stdout.write(chunk);
}
