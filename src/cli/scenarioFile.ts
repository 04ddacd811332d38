/** A scenario file, its overrides and its trace files, as the commands take them. */
import fs from 'node:fs';
import path from 'node:path';
import type {Command} from 'commander';
import {catalogue} from '../catalogue.ts';
import {loadScenario, withFiles, type LoadOptions} from '../scenario/load.ts';
import {withSystem} from '../scenario/systems.ts';
import {UnreadableError} from '../scenario/diagnostics.ts';
import {ScenarioDocument} from '../scenario/document.ts';
import type {Override} from '../scenario/overrides.ts';
import type {Scenario, Workload} from '../scenario/scenario.ts';
import {openSource} from '../simulation/source.ts';
import type {TraceFile, WorkloadSource} from '../workload/ports.ts';
import {findTraceFiles} from './traceFiles.ts';
import {DeviceError, UserError} from './userError.ts';

export interface ScenarioOptions {
  readonly set?: readonly Override[];
  readonly seed?: number;
}

/** `--set` and `--seed`. */
export function scenarioOptions(command: Command): Command {
  return command
    .option('--set <path=value>', 'change one value of the scenario (repeatable)', parseOverride, [])
    .option('--seed <n>', 'seed of every random stream', parseSeed);
}

export function readScenario(file: string, options: ScenarioOptions): Scenario {
  const text = readText(file);
  return loadScenario(text, loadOptions(file, options), catalogue);
}

function loadOptions(file: string, options: ScenarioOptions): LoadOptions {
  return {
    file,
    overrides: options.set ?? [],
    readBeside: readBeside(file),
    ...(options.seed === undefined ? {} : {seed: options.seed}),
  };
}

/** Reads what a scenario names relative to itself. */
export function readBeside(file: string): (name: string) => string {
  return (name) => {
    try {
      return readText(path.resolve(path.dirname(file), name));
    } catch (error) {
      throw error instanceof UserError ? new UnreadableError(error.message) : error;
    }
  };
}

/** The workload of a scenario; its files lie relative to the scenario's. */
export function openWorkload(scenario: Scenario, file: string): WorkloadSource {
  const filesOf = ({params}: Workload): readonly TraceFile[] =>
    typeof params['path'] === 'string' ? findTraceFiles(params['path'], path.dirname(file)) : [];
  const parts = (scenario.workload.params['parts'] as readonly Workload[] | undefined) ?? [];
  return openSource(scenario, filesOf(scenario.workload), parts.map(filesOf));
}

interface NamedTrace {
  readonly path?: unknown;
}

/**
 * What a journal keeps of a scenario: all of it, overrides and seed in place, but only the name of its trace, since outputs hold no path, and a model's config and a drive's calibration as the fields that they give.
 * It reads as a scenario again.
 */
export function contentOf(file: string, options: ScenarioOptions): object {
  const raw = new ScenarioDocument(readText(file), file, options.set ?? []).content() as {[key: string]: unknown};
  const content = withFiles(withSystem(raw, catalogue.systems, []), loadOptions(file, options), catalogue, []) as {
    workload: NamedTrace | readonly NamedTrace[];
    seed?: number;
  };
  const named = (workload: NamedTrace): NamedTrace =>
    typeof workload.path === 'string' ? {...workload, path: path.basename(workload.path)} : workload;
  return {
    ...content,
    workload: Array.isArray(content.workload) ? content.workload.map(named) : named(content.workload as NamedTrace),
    seed: options.seed ?? content.seed ?? 1,
  };
}

/** What to type to get a run again. Outputs hold no path: the scenario's name stands for its file, and a trace's own name for its path. */
export function commandOf(verb: string, scenario: Scenario, {set = [], seed}: ScenarioOptions): string {
  const sets = set.map(({path: at, value}) => `--set ${quoted(`${at}=${at === 'workload.path' ? path.basename(value) : value}`)}`);
  return ['tierscape', verb, `${scenario.name}.yaml`, ...sets, ...(seed === undefined ? [] : [`--seed ${seed}`])].join(' ');
}

function quoted(text: string): string {
  return /^[\w.=/:,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text in UTF-8. Throws UserError where the file cannot be read or is no such text. */
export function readText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
    throw new UserError(`${file}:1:1: the text is UTF-16: save it as UTF-8`);
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch {
    const [line, column] = firstFault(bytes);
    throw new UserError(`${file}:${line}:${column}: the text is not UTF-8 here: save it as UTF-8`);
  }
}

export function readBytes(file: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const reasons: {readonly [code: string]: string} = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory: name a file',
      EACCES: 'reading it is not permitted',
      ENOTDIR: 'a part of its path is no directory',
    };
    if (code === 'EIO') throw new DeviceError(`cannot read ${file}: ${message}`);
    throw new UserError(`cannot read ${file}: ${reasons[code ?? ''] ?? message}`);
  }
}

/** Line and column of the first byte that is no UTF-8. */
function firstFault(bytes: Uint8Array): [number, number] {
  const before = new TextDecoder().decode(bytes).split('\uFFFD')[0]!.split('\n');
  return [before.length, before.at(-1)!.length + 1];
}

/** `path=value`, for a repeatable option. */
export function parseOverride(text: string, before: readonly Override[]): Override[] {
  const at = text.indexOf('=');
  if (at < 1) throw new UserError(`--set ${text}: write a path and a value, such as --set tiers.nvme.drives=4`);
  return [...before, {path: text.slice(0, at), value: text.slice(at + 1)}];
}

/** The leaves of a YAML fragment as overrides: what `--with FILE` lays over a scenario, mapping by mapping; lists are taken whole. */
export function parseFragment(file: string, before: readonly Override[]): Override[] {
  const content: unknown = new ScenarioDocument(readText(file), file, []).content();
  const leaves = (part: unknown, at: string): Override[] =>
    typeof part === 'object' && part !== null && !Array.isArray(part) && Object.keys(part).length > 0
      ? Object.entries(part).flatMap(([key, inner]) => leaves(inner, at === '' ? key : `${at}.${key}`))
      : [{path: at, value: JSON.stringify(part)}];
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UserError(`${file}: a fragment is a mapping of names to values, as a scenario is`);
  return [...before, ...leaves(content, '')];
}

function parseSeed(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UserError(`--seed ${text}: write a whole number`);
  return Number(text);
}
