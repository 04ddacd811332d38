/** tierscape policies TRACE...: eviction policies x capacities x traces, counted exactly, on all cores. */
import os from 'node:os';
import {fileURLToPath} from 'node:url';
import type {Command} from 'commander';
import {Tinypool} from 'tinypool';
import {parseQuantity} from '../base/units.ts';
import {formats, type Format} from '../lab/formats/formats.ts';
import type {CsvColumns} from '../lab/formats/lines.ts';
import type {TouchOrder} from '../lab/prefixReplay.ts';
import {sampled, type Sampled, type SampleRule} from '../lab/sampling.ts';
import {footprintOf, type LabRow} from '../lab/study.ts';
import type {LabTrace, PrefillCost} from '../lab/trace.ts';
import type {Window, WindowRule} from '../lab/windows.ts';
import {boundsText, policiesCsv, policiesTable} from '../reports/policies.ts';
import {policiesHtml} from '../reports/policiesHtml.ts';
import {windowsCsv, windowsTable} from '../reports/windows.ts';
import {writeWhole} from './files.ts';
import {openLabTraces} from './labTraces.ts';
import {allPolicies, parsePolicies, type PolicySpec} from './policySpec.ts';
import study, {type PolicyJob, type PolicyOutcome} from './policyThread.ts';
import {UserError} from './userError.ts';

interface PoliciesFlags {
  readonly policies: readonly PolicySpec[];
  readonly capacity: readonly Capacity[];
  readonly mrc?: boolean;
  readonly prefix?: TouchOrder | true;
  readonly sizes?: boolean;
  readonly blockBytes?: number;
  readonly interleave: number;
  readonly format?: Format;
  readonly columns: CsvColumns;
  readonly pool?: string;
  readonly threads: number;
  readonly prefill?: PrefillCost;
  readonly interval?: WindowRule;
  readonly bootstrap?: 'sessions';
  readonly sample?: number;
  readonly sampleBy: SampleRule['unit'];
  readonly timing?: boolean;
  readonly seed: number;
  readonly bounds?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
}

interface Capacity {
  readonly text: string;
  readonly unit: 'share' | 'blocks' | 'bytes';
  readonly value: number;
}

export function register(program: Command): void {
  program
    .command('policies')
    .argument(
      '<trace...>',
      'trace files, directories or globs: oracleGeneral, CSV, text, Mooncake, agentic sessions, accesses.bin of a run; .gz and .zst too',
    )
    .description('eviction laboratory: misses of policies at capacities on traces')
    .option(
      '--policies <list>',
      `of ${allPolicies().join(', ')} (the last three read the future); with parameters: s3fifo:filling=main; a module of your own: ./mine.mjs`,
      parsePolicies,
    )
    .option(
      '--capacity <list>',
      'shares of what the trace holds, blocks, or bytes: 1%,10%,4392,64GiB',
      parseCapacities,
      parseCapacities('1%,10%'),
    )
    .option('--mrc', 'a miss-ratio curve: capacities from 0.1 % to 100 % of what the trace holds')
    .option(
      '--prefix [order]',
      'hits are longest resident prefixes; chains are used tail first and kept whole (tail, the default) or head first (head)',
      parseOrder,
    )
    .option('--sizes', "honour the objects' sizes: capacities in bytes (so do capacities given in bytes)")
    .option('--block-bytes <size>', 'bytes of a block, where capacities in bytes are of blocks: 7.03 MB', parseBlockBytes)
    .option(
      '--interleave <n>',
      'sessions at a time, the next begins when one ends (default: all start together)',
      parseCount('--interleave'),
      Infinity,
    )
    .option('--format <format>', `${formats.join(', ')} (default: by content)`, parseFormat)
    .option('--columns <map>', 'columns of a CSV: id=NAME,size=NAME', parseColumns, {id: 'id', size: null})
    .option('--pool <name>', 'of accesses.bin: what this pool was asked for alone')
    .option('--threads <n>', 'worker threads (default: one a core)', parseCount('--threads'), os.availableParallelism())
    .option(
      '--prefill <cost>',
      'with --prefix, GPU seconds of misses: tokens a block, ns a token, ns a token squared: 64,25000,0.4',
      parsePrefill,
    )
    .option(
      '--bounds',
      'what could be won: LRU, the optimum, the relaxed optimum and an endless cache, and whether policy or capacity is short',
    )
    .option(
      '--interval <length>',
      'miss ratio over time, in windows of so many requests or of so much trace time: 1000, 60s',
      parseInterval,
    )
    .option('--bootstrap <unit>', 'intervals of 95 % of the miss ratio, by drawing whole sessions again: sessions', parseBootstrap)
    .option('--sample <rate>', 'estimates from a share of the blocks, chosen by hash (SHARDS): 0.01', parseRate)
    .option('--sample-by <unit>', 'with --sample: blocks, or, where the trace has prompts, whole sessions', parseSampleUnit, 'blocks')
    .option('--timing', "each policy's bytes an entry and, measured here and now, nanoseconds a reference")
    .option('--seed <n>', 'seed of every random stream', parseCount('--seed'), 1)
    .option('--json', 'print the rows as JSON')
    .option('--csv', 'print the rows as CSV')
    .option('--html <file>', 'write a page with the miss-ratio curves too')
    .action(policies);
}

async function policies(patterns: string[], flags: PoliciesFlags): Promise<void> {
  const opened = openLabTraces(patterns, {
    format: flags.format ?? null,
    columns: flags.columns,
    together: flags.interleave,
    timed: flags.interval?.unit === 'time',
  });
  const traces = ofPool(opened, flags.pool).map((trace) => prepared(trace, flags));
  const asked = flags.policies ?? (flags.bounds ? [] : parsePolicies(allPolicies().join()));
  const specs = flags.bounds ? withBounds(asked) : asked;
  const prefix = flags.prefix === true ? 'tail' : (flags.prefix ?? null);
  const windows = flags.interval ?? null;
  const bootstrapSeed = flags.bootstrap === undefined ? null : flags.seed;
  const jobs = traces.flatMap((trace) => {
    const part = flags.sample === undefined ? null : sampleOf(trace, {rate: flags.sample, unit: flags.sampleBy}, flags.seed);
    const capacities = capacitiesOf(trace, flags, part?.sample.share ?? 1);
    if (part !== null && flags.bootstrap !== undefined) needSessions(part.trace);
    const shared = {trace: part?.trace ?? trace, sample: part?.sample ?? null, capacities, prefix, windows, bootstrapSeed};
    const timing = flags.timing ?? false;
    return specs.map((spec) => ({...shared, timing, policy: spec.text, oracle: spec.oracle, spec}));
  });
  const rows = await runAll(jobs, flags.threads, flags.timing ?? false);
  if (flags.html !== undefined) writeWhole(flags.html, policiesHtml(rows, windows));
  if (flags.json) process.stdout.write(`${JSON.stringify(rows.map(rounded), null, 1)}\n`);
  else if (flags.csv) process.stdout.write(windows === null ? policiesCsv(rows) : windowsCsv(rows, windows));
  else {
    for (const chunk of policiesTable(rows)) process.stdout.write(chunk);
    if (windows !== null) for (const chunk of windowsTable(rows, windows)) process.stdout.write(chunk);
    if (flags.bounds)
      for (const line of boundsText(rows, (name) => traces.find((trace) => trace.name === name)!.distinct)) process.stdout.write(line);
  }
}

/** @throws UserError that names the pools */
function ofPool(traces: readonly LabTrace[], pool: string | undefined): readonly LabTrace[] {
  if (pool === undefined) return traces;
  const found = traces.filter(({name}) => name.endsWith(` ${pool}`));
  if (found.length === 0) throw new UserError(`--pool ${pool}: there is none of this name in ${traces.map(({name}) => name).join(', ')}`);
  return found;
}

/** Sizes where they are asked for, a block's bytes where they are known; and what was asked for is there. */
function prepared(trace: LabTrace, flags: PoliciesFlags): LabTrace {
  const inBytes = flags.sizes === true || (!flags.mrc && flags.capacity.some(({unit}) => unit === 'bytes'));
  if (flags.prefix !== undefined && trace.requests === null)
    throw new UserError(`--prefix: ${trace.name} has no prompts, only single references: use a Mooncake trace or agentic sessions`);
  if (flags.sizes === true && trace.sizes === null)
    throw new UserError(
      `--sizes: ${trace.name} has no sizes${trace.requests === null ? ': name the column with --columns id=NAME,size=NAME' : ''}`,
    );
  if (flags.interval?.unit === 'time' && trace.times === null)
    throw new UserError(`--interval: ${trace.name} has no times: write a number of requests such as 1000`);
  if (flags.bootstrap !== undefined) needSessions(trace);
  if (flags.sample !== undefined && flags.timing)
    throw new UserError('--timing: a miniature is faster than the cache that it stands for: leave out --sample');
  if (flags.sample !== undefined && (flags.bounds || flags.interval !== undefined))
    throw new UserError('--sample: bounds and windows are counted, not estimated: leave out --bounds and --interval, or --sample');
  if (flags.prefill !== undefined && flags.prefix === undefined)
    throw new UserError('--prefill: what a miss costs depends on its place in its prompt: say --prefix, too');
  if (trace.sizes !== null && inBytes) {
    if (flags.bounds) throw new UserError('--bounds: where sizes differ no optimum is known: leave out --sizes and capacities in bytes');
    const mixed = flags.capacity.find(({unit}) => unit === 'blocks');
    if (mixed !== undefined && !flags.mrc)
      throw new UserError(
        `--capacity ${mixed.text}: sizes are honoured, so capacities are bytes or shares: write ${mixed.text}B or leave out --sizes`,
      );
    return trace;
  }
  if (inBytes && (flags.blockBytes ?? trace.blockBytes) === null)
    throw new UserError(`--capacity in bytes: how many bytes has a block of ${trace.name}? Say --block-bytes SIZE`);
  return {...trace, sizes: null, blockBytes: flags.blockBytes ?? trace.blockBytes, prefill: flags.prefill ?? null};
}

/** @throws UserError where the trace cannot be sampled so */
function sampleOf(trace: LabTrace, rule: SampleRule, seed: number): Sampled {
  const {name, requests, sessions} = trace;
  if (rule.unit === 'blocks' && requests !== null)
    throw new UserError(
      `--sample: ${name} has prompts, and a prompt without some of its blocks is another prompt: say --sample-by sessions`,
    );
  if (rule.unit === 'sessions' && sessions === null)
    throw new UserError(`--sample-by sessions: ${name} does not say which session a request is of: use agentic sessions, a file each`);
  const part = sampled(trace, rule, seed);
  if (part === null) throw new UserError(`--sample ${rule.rate}: none of the ${rule.unit} of ${name} is of the sample: raise it`);
  return part;
}

/** @throws UserError where there are no sessions to draw from */
function needSessions({name, sessions}: LabTrace): void {
  if (sessions === null)
    throw new UserError(`--bootstrap sessions: ${name} does not say which session a request is of: use agentic sessions, a file each`);
  if (sessions.every((session) => session === sessions[0]))
    throw new UserError(`--bootstrap sessions: ${name} has one session, and another draw of one tells nothing: give more`);
}

/** LRU and both optima are counted in any case. */
function withBounds(specs: readonly PolicySpec[]): PolicySpec[] {
  const bounds = parsePolicies('lru,belady,belady-bypass');
  return [...bounds, ...specs.filter(({text}) => !bounds.some((bound) => bound.text === text))];
}

/** @param share of a capacity that its miniature has; one of less than a block says nothing */
function capacitiesOf(trace: LabTrace, {capacity, mrc}: PoliciesFlags, share: number): number[] {
  const footprint = footprintOf(trace);
  if (mrc && footprint * share < 1) throw new UserError(`--mrc: all of ${trace.name} is less than one block of the sample: raise --sample`);
  if (mrc) return curveSizes(footprint).filter((size) => size * share >= 1);
  return capacity.map(({text, unit, value}) => {
    const size = Math.floor(
      unit === 'share' ? value * footprint : unit === 'bytes' && trace.sizes === null ? value / trace.blockBytes! : value,
    );
    if (size < 1) throw new UserError(`--capacity ${text}: less than one block of ${trace.name}, which has ${footprint}`);
    if (size * share < 1) throw new UserError(`--capacity ${text}: less than one block of the sample of ${trace.name}: raise --sample`);
    return size;
  });
}

/** Eight a decade, from a thousandth of the footprint to all of it. */
function curveSizes(footprint: number): number[] {
  const sizes = Array.from({length: 25}, (_, i) => Math.max(1, Math.floor(footprint * 10 ** (-3 + i / 8))));
  return [...new Set(sizes)];
}

/** Fewer references than this are replayed here and now: threads take longer to start. */
const THREADS_PAY = 3_000_000;

/** @param alone one job at a time, in a thread of its own for each, so that none disturbs another's time */
async function runAll(jobs: readonly PolicyJob[], threads: number, alone: boolean): Promise<LabRow[]> {
  const work = jobs.reduce((sum, {trace, capacities}) => sum + trace.blocks.length * capacities.length, 0);
  if (threads === 1 || (work < THREADS_PAY && !alone)) {
    const rows: LabRow[] = [];
    for (const job of jobs) rows.push(...rowsOf(await study(job)));
    return rows;
  }
  const shared = new Map(jobs.map(({trace}) => [trace, inSharedMemory(trace)]));
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('policyThread.js', import.meta.url)),
    isolateWorkers: true,
    minThreads: 1,
    maxThreads: alone ? 1 : Math.min(threads, jobs.length),
  });
  try {
    const outcomes = await Promise.all(jobs.map(async (job) => (await pool.run({...job, trace: shared.get(job.trace)!})) as PolicyOutcome));
    return outcomes.flatMap(rowsOf);
  } finally {
    await pool.destroy();
  }
}

function rowsOf(outcome: PolicyOutcome): readonly LabRow[] {
  if ('mistake' in outcome) throw new UserError(outcome.mistake);
  return outcome.rows;
}

/** The same columns where every thread can read them. */
function inSharedMemory(trace: LabTrace): LabTrace {
  const share = <T extends Int32Array | Uint32Array | Float64Array>(column: T, Type: new (buffer: SharedArrayBuffer) => T): T => {
    const copy = new Type(new SharedArrayBuffer(column.byteLength));
    copy.set(column as ArrayLike<number>);
    return copy;
  };
  return {
    ...trace,
    blocks: share(trace.blocks, Int32Array),
    sizes: trace.sizes === null ? null : share(trace.sizes, Uint32Array),
    requests: trace.requests === null ? null : share(trace.requests, Int32Array),
    sessions: trace.sessions === null ? null : share(trace.sessions, Int32Array),
    times: trace.times === null ? null : share(trace.times, Float64Array),
  };
}

function rounded(row: LabRow): LabRow {
  const six = (value: number): number => Number(value.toFixed(6));
  const sixOrNull = (value: number | null): number | null => (value === null ? null : six(value));
  const tenthOrNull = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(1)));
  const ratios = <T extends Window | LabRow>(of: T): T => ({
    ...of,
    missRatio: six(of.missRatio),
    byteMissRatio: sixOrNull(of.byteMissRatio),
  });
  const [missRatioLow, missRatioHigh] = [sixOrNull(row.missRatioLow), sixOrNull(row.missRatioHigh)];
  const [bytesPerEntry, nanosecondsPerReference] = [tenthOrNull(row.bytesPerEntry), tenthOrNull(row.nanosecondsPerReference)];
  return {
    ...ratios(row),
    bytesPerEntry,
    nanosecondsPerReference,
    missRatioLow,
    missRatioHigh,
    windows: row.windows?.map(ratios<Window>) ?? null,
  };
}

function parseCapacities(text: string): Capacity[] {
  return text.split(',').map((part) => {
    const one = part.trim();
    if (/^\d+(\.\d+)?%$/.test(one)) return {text: one, unit: 'share', value: Number(one.slice(0, -1)) / 100};
    if (/^[1-9]\d*$/.test(one)) return {text: one, unit: 'blocks', value: Number(one)};
    const bytes = parseQuantity(one, 'bytes');
    if (!(bytes >= 1))
      throw new UserError(`--capacity ${one}: write a share such as 10%, a number of blocks such as 4392, or bytes such as 64GiB`);
    return {text: one, unit: 'bytes', value: bytes};
  });
}

function parseOrder(text: string): TouchOrder {
  if (text !== 'tail' && text !== 'head') throw new UserError(`--prefix ${text}: write tail or head`);
  return text;
}

function parseInterval(text: string): WindowRule {
  if (/^[1-9]\d*$/.test(text)) return {unit: 'requests', length: Number(text)};
  const length = parseQuantity(text, 'time');
  if (!(length >= 1)) throw new UserError(`--interval ${text}: write a number of requests such as 1000, or trace time such as 60s`);
  return {unit: 'time', length};
}

function parseBootstrap(text: string): 'sessions' {
  if (text !== 'sessions') throw new UserError(`--bootstrap ${text}: write sessions`);
  return text;
}

function parseRate(text: string): number {
  const rate = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(rate > 0 && rate <= 1)) throw new UserError(`--sample ${text}: write a share above 0 and at most 1, such as 0.01 or 1%`);
  return rate;
}

function parseSampleUnit(text: string): SampleRule['unit'] {
  if (text !== 'blocks' && text !== 'sessions') throw new UserError(`--sample-by ${text}: write blocks or sessions`);
  return text;
}

function parseBlockBytes(text: string): number {
  const bytes = parseQuantity(text, 'bytes');
  if (!(bytes >= 1)) throw new UserError(`--block-bytes ${text}: write bytes such as 7.03MB or 320KiB`);
  return bytes;
}

function parsePrefill(text: string): PrefillCost {
  const [blockTokens, perTokenNs, perTokenSquaredNs] = text.split(',').map(Number);
  if (!Number.isInteger(blockTokens) || blockTokens! < 1 || !(perTokenNs! >= 0) || !(perTokenSquaredNs! >= 0))
    throw new UserError(`--prefill ${text}: write tokens a block, nanoseconds a token and a token squared, such as 64,25000,0.4`);
  return {blockTokens: blockTokens!, perTokenNs: perTokenNs!, perTokenSquaredNs: perTokenSquaredNs!};
}

function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError(`${option} ${text}: write a whole number from 1 on`);
    return Number(text);
  };
}

function parseFormat(text: string): Format {
  const format = formats.find((one) => one.toLowerCase() === text.toLowerCase());
  if (format === undefined) throw new UserError(`--format ${text}: write one of ${formats.join(', ')}`);
  return format;
}

function parseColumns(text: string): CsvColumns {
  const named = new Map(text.split(',').map((part) => part.split('=') as [string, string | undefined]));
  const id = named.get('id');
  if (id === undefined || id === '' || [...named.keys()].some((key) => key !== 'id' && key !== 'size'))
    throw new UserError(`--columns ${text}: write id=NAME or id=NAME,size=NAME`);
  return {id, size: named.get('size') ?? null};
}
