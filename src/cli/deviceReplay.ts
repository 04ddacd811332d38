/**
 * tierscape device replay SCENARIO --tier nvme=PATH: the scenario's workload through the same serving and placement, with real drives; and
 * the same scenario simulated, beside it.
 */
import os from 'node:os';
import type {Command} from 'commander';
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {Summary} from '../metrics/summary.ts';
import {replay} from '../placement/journal.ts';
import {json} from '../reports/json.ts';
import {sideBySide} from '../reports/sideBySide.ts';
import {table} from '../reports/table.ts';
import type {Backing} from '../runtime/carrier.ts';
import {runReal, type RealResult} from '../runtime/realRun.ts';
import type {EngineName} from '../runtime/ring.ts';
import {SlotStore} from '../runtime/slotStore.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {blueprintOf, simulate, type Blueprint} from '../simulation/simulate.ts';
import {parseCount, parseEngine} from './deviceOptions.ts';
import {engineLine} from './deviceReport.ts';
import {discardPartial} from './outputDirectory.ts';
import {RunOutputs} from './outputs.ts';
import {paintFor} from './paint.ts';
import {commandOf, contentOf, openWorkload, readScenario, scenarioOptions, type ScenarioOptions} from './scenarioFile.ts';
import {DeviceError, UserError} from './userError.ts';
import {version} from './version.ts';

interface ReplayFlags extends ScenarioOptions {
  readonly tier: ReadonlyMap<string, readonly string[]>;
  readonly pace: string;
  readonly depth: number;
  readonly engine: EngineName | 'auto';
  readonly out?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** Slots above a pool's capacity, for copies whose place is still being freed. */
const SPARE = 0.05;
/** Of free memory, what tiers without a path may take. */
const MEMORY_SHARE = 0.8;

export function register(device: Command): void {
  scenarioOptions(
    device
      .command('replay')
      .argument('<scenario>', 'scenario YAML')
      .description('run a scenario on real drives: the same serving and placement, real bytes; beside it, the same scenario simulated'),
  )
    .requiredOption(
      '--tier <name=path[,path]>',
      'what holds a tier (device prepare --for store makes it; repeatable); others are memory',
      parseTier,
    )
    .option('--pace <pace>', "real: at the workload's own times; fast: leave out times in which nothing moves", 'fast')
    .option('--depth <n>', 'requests in flight on a drive', parseCount, 64)
    .option('--engine <name>', 'auto, io_uring, native-pool or fs', parseEngine, 'auto')
    .option('--out <dir>', 'write what `run --out DIR --journal` writes')
    .option('--json', 'print both summaries and nothing else')
    .option('--no-color', 'no colours (NO_COLOR is heeded too)')
    .action(run);
}

async function run(file: string, flags: ReplayFlags): Promise<void> {
  if (flags.pace !== 'fast' && flags.pace !== 'real') throw new UserError(`--pace ${flags.pace}: write fast or real`);
  const asked = readScenario(file, flags);
  const stores = openStores(asked, blueprintOf(asked), flags);
  try {
    // Both worlds get the capacity that there really is.
    const options = {...flags, set: [...(flags.set ?? []), ...capacities(asked, blueprintOf(asked), stores)]};
    const scenario = readScenario(file, options);
    const blueprint = blueprintOf(scenario);
    const backings = backingsOf(scenario, blueprint, stores);
    const content = contentOf(file, options);
    const {result, words} = await runAndWrite(scenario, blueprint, backings, file, flags, content);
    const simulated = simulate(scenario, openWorkload(scenario, file), {}, {version});
    print(result, simulated, stores, flags);
    const replayed = replay(words, blueprint.placement);
    if (replayed !== result.commandDigest)
      throw new Error(`the journal replays to ${replayed}, the run's commands were ${result.commandDigest}`);
    if (!flags.json) process.stdout.write(`journal: ${words.length} words replay to the same commands, digest ${replayed}\n`);
    if (result.wrong > 0) throw new DeviceError(`${result.wrong} blocks came back wrong`);
  } finally {
    for (const store of stores.values()) store.close();
  }
}

/** A store for each pool of a tier that has paths, which are shared out evenly. */
function openStores(scenario: Scenario, {placement}: Blueprint, {tier, depth, engine}: ReplayFlags): Map<number, SlotStore> {
  const stores = new Map<number, SlotStore>();
  for (const [name, paths] of tier) {
    const rank = scenario.tiers.findIndex((each) => each.name === name);
    if (rank < 1)
      throw new UserError(
        `--tier ${name}: ${rank === 0 ? 'HBM has no drive' : `the scenario has ${scenario.tiers.map((each) => each.name).join(', ')}`}`,
      );
    const pools = placement.pools.flatMap((pool, index) => (pool.tier === rank ? [index] : []));
    if (paths.length % pools.length !== 0)
      throw new UserError(`--tier ${name}: ${pools.length} pools need as many paths each, ${paths.length} do not divide`);
    const each = paths.length / pools.length;
    pools.forEach((pool, i) => {
      const store = new SlotStore({paths: paths.slice(i * each, (i + 1) * each), blockBytes: placement.blockBytes, depth, engine});
      stores.set(pool, store);
      if (store.slots < 2)
        throw new UserError(`--tier ${name}: ${paths.join()} is too small for blocks of ${formatQuantity(placement.blockBytes, 'bytes')}`);
    });
  }
  return stores;
}

/** Overrides that give the tiers on drives the capacity of these, where they would have more. */
function capacities(scenario: Scenario, {placement}: Blueprint, stores: ReadonlyMap<number, SlotStore>): {path: string; value: string}[] {
  const overrides = new Map<string, string>();
  for (const [index, store] of stores) {
    const pool = placement.pools[index]!;
    const blocks = Math.floor(store.slots * (1 - SPARE));
    if (pool.capacityBlocks > blocks)
      overrides.set(`tiers.${scenario.tiers[pool.tier]!.name}.capacity`, `${blocks * placement.blockBytes} B`);
  }
  return [...overrides].map(([path, value]) => ({path, value}));
}

function backingsOf(scenario: Scenario, {placement}: Blueprint, stores: ReadonlyMap<number, SlotStore>): Backing[] {
  let bytes = 0;
  const backings = placement.pools.map((pool, index): Backing => {
    const store = stores.get(index);
    if (store !== undefined) return {kind: 'store', store};
    if (pool.tier === 0) return {kind: 'gpu'};
    bytes += pool.capacityBlocks * placement.blockBytes;
    return {kind: 'memory'};
  });
  const most = os.freemem() * MEMORY_SHARE;
  const names = scenario.tiers.filter((_, rank) =>
    placement.pools.some((pool, index) => pool.tier === rank && backings[index]!.kind === 'memory'),
  );
  if (bytes > most)
    throw new UserError(
      `${names.map(({name}) => name).join(', ')}: ${formatQuantity(bytes, 'bytes', 'binary')} of memory are asked for, ${formatQuantity(most, 'bytes', 'binary')} can be had: --set tiers.${names[0]!.name}.capacity=SIZE, or --tier ${names[0]!.name}=PATH`,
    );
  return backings;
}

async function runAndWrite(
  scenario: Scenario,
  blueprint: Blueprint,
  backings: readonly Backing[],
  file: string,
  flags: ReplayFlags,
  content: object,
): Promise<{result: RealResult; words: Float64Array}> {
  const chunks: Float64Array[] = [];
  let outputs: RunOutputs | null = null;
  const interrupted = (): void => discardPartial(flags.out);
  process.prependListener('SIGINT', interrupted);
  try {
    const result = await runReal(
      scenario,
      blueprint,
      openWorkload(scenario, file),
      backings,
      flags.pace === 'fast' ? 'skip' : 'wait',
      {
        begin: (info) => {
          if (flags.out !== undefined)
            outputs = new RunOutputs(flags.out, info, {
              command: commandOf('device replay', scenario, flags),
              journal: content,
              accesses: null,
              svg: false,
              trace: null,
            });
        },
        request: (record) => outputs?.request(record),
        session: (record) => outputs?.session(record),
        interval: (record) => outputs?.interval(record),
        measured: (latencies) => outputs?.measured(latencies),
        journal: (words, count) => {
          chunks.push(words.slice(0, count));
          outputs?.journalWords(words, count);
        },
        journalEnd: (digest) => outputs?.journalEnd(digest),
      },
      version,
    );
    (outputs as RunOutputs | null)?.finish(result.summary);
    const words = new Float64Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    chunks.reduce((at, chunk) => (words.set(chunk, at), at + chunk.length), 0);
    return {result, words};
  } catch (error) {
    (outputs as RunOutputs | null)?.abandon();
    throw error;
  } finally {
    process.off('SIGINT', interrupted);
  }
}

function print(result: RealResult, simulated: Summary, stores: ReadonlyMap<number, SlotStore>, flags: ReplayFlags): void {
  const {summary, verified, wrong, latestNs} = result;
  if (flags.json) {
    const chunks = (each: Summary): string => [...json(each)].join('').trimEnd();
    process.stdout.write(`{"real": ${chunks(summary)}, "simulated": ${chunks(simulated)}}\n`);
    return;
  }
  for (const chunk of table(summary, paintFor(flags.color))) process.stdout.write(chunk);
  process.stdout.write('\n');
  for (const line of sideBySide(summary, simulated)) process.stdout.write(line);
  for (const store of stores.values()) {
    process.stdout.write(engineLine(store.engine));
    const faults = [...store.faults].map(([code, count]) => `${count} ${code}`).join(', ') || 'none';
    process.stdout.write(
      `${shortNumber(store.reads)} reads, ${formatQuantity(store.bytesRead, 'bytes')}; ${shortNumber(store.writes)} writes, ${formatQuantity(store.bytesWritten, 'bytes')}; busy ${formatQuantity(store.busyNs, 'time')}; faults: ${faults}\n`,
    );
  }
  process.stdout.write(
    `${verified} blocks reached a GPU right, ${wrong} wrong; the event loop was at most ${formatQuantity(latestNs, 'time')} late\n`,
  );
}

function parseTier(text: string, before: ReadonlyMap<string, readonly string[]> = new Map()): Map<string, readonly string[]> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new UserError(`--tier ${text}: write a tier and what holds it, such as --tier nvme=/dev/nvme1n1`);
  return new Map([...before, [text.slice(0, at), text.slice(at + 1).split(',')]]);
}
