/** tierscape curve DEVICE|SCENARIO: latency and throughput of a catalogue drive, or of a scenario's tier, against queue depth, to hold beside a data sheet or fio. */
import type {Command} from 'commander';
import {parseQuantity} from '../base/units.ts';
import {catalogue} from '../catalogue.ts';
import {driveModel} from '../devices/drive/model.ts';
import {driveParams, type DriveValues} from '../devices/drive/params.ts';
import {curve} from '../experiments/curve.ts';
import {tierCurve} from '../experiments/tierCurve.ts';
import {curveCsv, curveSvg, curveTable, type Curve} from '../reports/curve.ts';
import {named} from '../scenario/catalogue.ts';
import {valuesOf} from '../scenario/values.ts';
import {didYouMean} from '../scenario/words.ts';
import {writeWhole} from './files.ts';
import {parseOverride, readScenario, type ScenarioOptions} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface CurveFlags extends ScenarioOptions {
  readonly tier?: string;
  readonly io: readonly number[];
  readonly depth: readonly number[];
  readonly readShare: number;
  readonly pattern: string;
  readonly commands: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly svg?: string;
}

const NS_TICKS = 1e9;

export function register(program: Command): void {
  program
    .command('curve')
    .argument('<device>', 'a drive of the catalogue (tierscape explain drives), or with --tier a scenario YAML')
    .description("latency and throughput of a drive, or of a scenario's tier, against queue depth and I/O size")
    .option('--tier <name>', "the scenario's tier: one pool of it, as a run has it, without networks and host links")
    .option('--set <path=value>', 'with --tier: change one value of the scenario (repeatable)', parseOverride, [])
    .option('--io <sizes>', 'sizes of an I/O', parseSizes, [4096, 131072, 1048576])
    .option('--depth <depths>', 'queue depths: 1,4,32 or 1..256 by powers of two', parseDepths, parseDepths('1..256'))
    .option('--read-share <share>', 'share of commands that read, 0 to 1', parseShare, 1)
    .option('--pattern <pattern>', 'random or sequential', parsePattern, 'random')
    .option('--commands <n>', 'commands measured at each point (of a page; fewer where they are larger)', parseCount('--commands'), 50_000)
    .option('--seed <n>', 'seed of every random stream', parseCount('--seed'), 1)
    .option('--json', 'print JSON')
    .option('--csv', 'print CSV')
    .option('--svg <file>', 'write a picture too')
    .action((device: string, flags: CurveFlags) => {
      const result = flags.tier === undefined ? measure(device, flags) : measureTier(device, flags.tier, flags);
      if (flags.svg !== undefined) writeWhole(flags.svg, curveSvg(result));
      if (flags.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else if (flags.csv) process.stdout.write(curveCsv(result));
      else for (const chunk of curveTable(result)) process.stdout.write(chunk);
    });
}

function measure(device: string, {io, depth, readShare, pattern, commands, seed}: CurveFlags): Curve {
  const presets = catalogue.devices['nvme'] ?? [];
  const preset = named(presets, device);
  if (preset === undefined)
    throw new UserError(
      `no such drive: ${device}${didYouMean(
        device,
        presets.map(({name}) => name),
      )}`,
    );
  if (io.some((bytes) => bytes % 512 > 0)) throw new UserError(`--io: a drive takes multiples of 512 B`);
  const model = driveModel(valuesOf(driveParams, {}, preset, []) as unknown as DriveValues, NS_TICKS);
  const points = curve(model, {ioBytes: io, depths: depth, readShare, pattern: pattern as 'random', commands, seed});
  return {device, summary: preset.summary, readShare, pattern, commands, seed, points};
}

function measureTier(file: string, name: string, {io, depth, readShare, commands, seed, set = []}: CurveFlags): Curve {
  const scenario = readScenario(file, {set});
  const tiers = scenario.tiers.slice(1);
  const tier = named(tiers, name);
  if (tier === undefined)
    throw new UserError(
      `${file} has no tier below HBM called ${name}${didYouMean(
        name,
        tiers.map((other) => other.name),
      )}`,
    );
  const points = tierCurve(scenario, tier, {ioBytes: io, depths: depth, readShare, commands, seed});
  return {device: `${scenario.name} ${name}`, summary: tier.kind.summary, readShare, pattern: 'slab', commands, seed, points};
}

function parseSizes(text: string): number[] {
  return text.split(',').map((part) => {
    const bytes = parseQuantity(part.trim(), 'bytes');
    if (!(bytes >= 64 && bytes <= 64 * 2 ** 20 && bytes % 64 === 0))
      throw new UserError(`--io ${text}: "${part}" is no multiple of 64 B up to 64 MiB: write sizes such as 4KiB,128KiB,1MiB`);
    return bytes;
  });
}

function parseDepths(text: string): number[] {
  const range = /^([1-9]\d{0,4})\.\.([1-9]\d{0,4})$/.exec(text);
  const depths: number[] = [];
  if (range === null) {
    for (const part of text.split(',')) {
      if (!/^[1-9]\d{0,4}$/.test(part.trim()))
        throw new UserError(`--depth ${text}: "${part}" is no queue depth from 1 to 99999: write 1,4,32 or 1..256`);
      depths.push(Number(part));
    }
    return depths;
  }
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (first > last) throw new UserError(`--depth ${text}: the range ends before it begins`);
  for (let depth = first; depth < last; depth *= 2) depths.push(depth);
  return [...depths, last];
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1) || text.trim() === '') throw new UserError(`--read-share ${text}: write a share from 0 to 1`);
  return share;
}

function parsePattern(text: string): string {
  if (text !== 'random' && text !== 'sequential') throw new UserError(`--pattern ${text}: write random or sequential`);
  return text;
}

function parseCount(option: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UserError(`${option} ${text}: write a whole number`);
    return Number(text);
  };
}
