/**
 * Fits the simulator's own drive (devices/drive/) to reads measured on a real one: the model runs the same closed loops, and Levenberg-Marquardt moves its
 * constants until mean, median and (lightly) the 99th percentile of latency agree, on every second depth; the depths between judge the fit.
 * docs/model/io-uring.md says what reads can tell of a drive and what they cannot.
 */
import {assert} from '../base/assert.ts';
import {fitLog, type Coefficient} from '../base/fit.ts';
import {ln} from '../base/mathematics.ts';
import {Stream} from '../base/random.ts';
import {driveModel} from '../devices/drive/model.ts';
import {driveParams, type DriveValues} from '../devices/drive/params.ts';
import {valuesOf} from '../scenario/values.ts';
import {curve} from './curve.ts';

/** Reads at random offsets, `depth` of them in flight. Nanoseconds. */
export interface ReadPoint {
  readonly sizeBytes: number;
  readonly depth: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}

/** What reads tell of a drive, in the units of driveParams. */
export interface FittedDrive {
  readonly readLatency: number;
  readonly firmwareTime: number;
  readonly readIops: number;
  readonly readBytesPerSecond: number;
  readonly dies: number;
  readonly channelBytesPerSecond: number;
  readonly senseSpread: number;
  readonly page: number;
}

/** Share by which the model is off a point: modelled / measured - 1. */
export interface PointErrors {
  readonly point: ReadPoint;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

export interface DriveFit {
  readonly drive: FittedDrive;
  /** Least and most over refits of resampled points, by parameter. */
  readonly ranges: {readonly [name in keyof FittedDrive]: readonly [number, number]};
  readonly fitted: readonly PointErrors[];
  readonly heldOut: readonly PointErrors[];
}

export interface FitOptions {
  /** Refits that give the ranges. */
  readonly refits: number;
  readonly seed: number;
  /** Hears how much of the work is done, 0 to 1. */
  readonly told?: (share: number) => void;
}

/** Commands of a page's size that the model runs a point while it searches, and in the end. */
const FIRST_COMMANDS = 4000;
const LAST_COMMANDS = 24_000;
const JUDGE_COMMANDS = 20_000;
const COMMANDS_MIN = 200;
/** Steps of the search: from each page's best start, of the best few, of the best to its end, and of a refit from there. */
const FIRST_STEPS = 6;
const KEPT = 2;
const NEXT_STEPS = 10;
const LAST_STEPS = 12;
const REFIT_STEPS = 6;
/** The model's tail is that of its dies; a real one's is also its host's. So percentiles weigh: */
const P99_WEIGHT = 0.2;
const DIES_AROUND = [
  [0.4, 0.6, 1, 1.5],
  [0.75, 0.87, 1, 1.15],
];
/** Of a logarithm, beyond the noise of so few commands. */
const STEP = 0.08;
const PAGES = [4096, 8192, 16_384, 32_768, 65_536, 262_144, 1_048_576];
const CHANNELS = 16;
const PROGRAM_BYTES = 98_304;
const PROGRAM_NS = 561e3;
const MIN_PROGRAM_NS = 1000;
const FOUR_KIB = 4096;
const NS_PER_SECOND = 1e9;

/** Coefficients of the search, all positive: what of a drive adds up, rather than what a data sheet says. */
interface Inside {
  readonly firmwareNs: number;
  readonly controllerNs: number;
  readonly senseNs: number;
  readonly dies: number;
  readonly linkBytesPerSecond: number;
  readonly channelBytesPerSecond: number;
  readonly senseSpread: number;
}
const names = ['firmwareNs', 'controllerNs', 'senseNs', 'dies', 'linkBytesPerSecond', 'channelBytesPerSecond', 'senseSpread'] as const;

interface Start {
  readonly page: number;
  readonly inside: Inside;
}

/** At least two sizes and three depths. Deterministic in points and seed. */
export function fitDrive(points: readonly ReadPoint[], {refits, seed, told = () => {}}: FitOptions): DriveFit {
  const depths = [...new Set(points.map(({depth}) => depth))].sort((a, b) => a - b);
  const isFitted = ({depth}: ReadPoint): boolean => depths.indexOf(depth) % 2 === 0;
  const fitted = points.filter(isFitted);
  assert(depths.length >= 3 && new Set(points.map(({sizeBytes}) => sizeBytes)).size >= 2, 'too few points to fit a drive to');

  const starts = PAGES.map((page) => bestStart(fitted, page, seed));
  const work =
    starts.length * FIRST_STEPS + (KEPT + DIES_AROUND.flat().length + DIES_AROUND.length) * NEXT_STEPS + LAST_STEPS + refits * REFIT_STEPS;
  let done = 0;
  const advance = (steps: number): void => told((done += steps) / work);
  /** Goes on from each of these; the best first. */
  const tried = (from: readonly Start[], steps: number, commands: number): Start[] => {
    const ends = from.map(({page, inside}) => {
      const found = search(fitted, null, page, inside, seed, steps, commands);
      advance(steps);
      return {page, inside: found, loss: lossAt(fitted, drawn(found, page), LAST_COMMANDS, seed)};
    });
    return ends.sort((a, b) => a.loss - b.loss);
  };
  const few = tried(starts, FIRST_STEPS, FIRST_COMMANDS).slice(0, KEPT);
  const [rough] = tried(few, NEXT_STEPS, FIRST_COMMANDS) as [Start];
  // Twice the dies that sense twice as long differ little, so a search that began far off stops early: it begins again around what it found.
  const nearer = DIES_AROUND.reduce(({page, inside}, factors) => {
    // Aligned requests of many pages fall on dies evenly only where these are a power of two.
    const counts = [...factors.map((factor) => Math.max(1, inside.dies * factor)), 2 ** Math.round(Math.log2(inside.dies))];
    const around = counts.map((dies) => ({page, inside: factors === DIES_AROUND[0] ? withDies(inside, dies) : {...inside, dies}}));
    return tried(around, NEXT_STEPS, FIRST_COMMANDS)[0]!;
  }, rough);
  const {inside, page} = tried([nearer], LAST_STEPS, LAST_COMMANDS)[0]!;

  const drive = drawn(inside, page);
  const others = Array.from({length: refits}, (_, i) => {
    const weights = resampled(fitted.length, new Stream(seed, `driveFit.refit${i}`));
    const found = search(fitted, weights, page, inside, seed + 1 + i, REFIT_STEPS, FIRST_COMMANDS);
    advance(REFIT_STEPS);
    return drawn(found, page);
  });
  const errors = errorsOf(points, drive, seed);
  return {
    drive,
    ranges: rangesOf([drive, ...others]),
    fitted: errors.filter(({point}) => isFitted(point)),
    heldOut: errors.filter(({point}) => !isFitted(point)),
  };
}

/** All constants of a drive whose reads are these; what reads do not tell is as in driveParams. */
export function valuesOfDrive(drive: FittedDrive, driveBytes: number, writeBytesPerSecond: number): DriveValues {
  const defaults = valuesOf(driveParams, {}, undefined, []) as unknown as DriveValues;
  return {...defaults, ...drive, driveBytes, writeBytesPerSecond, ...programTimeFor(drive, writeBytesPerSecond)};
}

/** A program of a page or more; and a program time at which the dies sustain the writes, where the usual one is too long for so few of them. */
export function programTimeFor(
  {page, dies, channelBytesPerSecond}: FittedDrive,
  writeBytesPerSecond: number,
): {programUnit: number; programTime: number; eraseTime: number} {
  const programUnit = Math.max(PROGRAM_BYTES, page);
  const dieNs = (dies * programUnit * NS_PER_SECOND) / writeBytesPerSecond;
  const movedNs = (programUnit * NS_PER_SECOND) / channelBytesPerSecond;
  return {programUnit, programTime: Math.min(PROGRAM_NS, Math.max(MIN_PROGRAM_NS, dieNs - movedNs)), eraseTime: 0};
}

/** What limits reads at depth is not known beforehand: the controller, all dies, or one or two that do everything, as a virtual disk's threads do. */
function startsFor(points: readonly ReadPoint[]): Inside[] {
  const smallest = Math.min(...points.map(({sizeBytes}) => sizeBytes));
  const small = points.filter(({sizeBytes}) => sizeBytes === smallest);
  const aloneNs = small.reduce((first, point) => (point.depth < first.depth ? point : first)).meanNs;
  const perSecond = Math.max(...small.map(({depth, meanNs}) => (depth / meanNs) * NS_PER_SECOND));
  const linkBytesPerSecond = 1.05 * Math.max(...points.map(({sizeBytes, depth, meanNs}) => ((sizeBytes * depth) / meanNs) * NS_PER_SECOND));
  const common = {linkBytesPerSecond, channelBytesPerSecond: linkBytesPerSecond / 2, senseSpread: 0.17};
  const senseNs = 0.6 * aloneNs;
  const diesThatLimit = Math.max(1, (perSecond * senseNs) / NS_PER_SECOND);
  const slot = NS_PER_SECOND / perSecond;
  return [
    {...common, firmwareNs: 0.3 * aloneNs, controllerNs: Math.min(slot, 0.3 * aloneNs), senseNs, dies: 4 * diesThatLimit},
    {...common, firmwareNs: 0.3 * aloneNs, controllerNs: slot / 10, senseNs, dies: 1.2 * diesThatLimit},
    ...[1, 2].map((dies) => ({
      ...common,
      firmwareNs: Math.max(1, aloneNs - dies * slot),
      controllerNs: slot / 10,
      senseNs: dies * slot,
      dies,
      linkBytesPerSecond: 4 * linkBytesPerSecond,
      channelBytesPerSecond: linkBytesPerSecond / dies,
    })),
  ];
}

/** As many dies, with what is measured well held: a read alone, and how many reads the dies end at most. */
function withDies(inside: Inside, dies: number): Inside {
  const senseNs = Math.min((inside.senseNs * dies) / inside.dies, inside.senseNs + 0.95 * inside.firmwareNs);
  return {...inside, dies, senseNs, firmwareNs: inside.firmwareNs + inside.senseNs - senseNs};
}

/** Of a page's starts the one that is least off. */
function bestStart(points: readonly ReadPoint[], page: number, seed: number): Start {
  const starts = startsFor(points).map((inside) => ({page, inside, loss: lossAt(points, drawn(inside, page), FIRST_COMMANDS, seed)}));
  return starts.reduce((best, one) => (one.loss < best.loss ? one : best));
}

/** ln(modelled / measured) of mean, p50 and p99, weighted. */
function logErrors(points: readonly ReadPoint[], drive: FittedDrive, commands: number, seed: number, into: Float64Array): void {
  run(points, drive, commands, seed).forEach(({mean, p50, p99}, i) => {
    const point = points[i]!;
    into[3 * i] = ln(mean / point.meanNs);
    into[3 * i + 1] = ln(p50 / point.p50Ns);
    into[3 * i + 2] = P99_WEIGHT * ln(p99 / point.p99Ns);
  });
}

function lossAt(points: readonly ReadPoint[], drive: FittedDrive, commands: number, seed: number): number {
  const errors = new Float64Array(3 * points.length);
  logErrors(points, drive, commands, seed, errors);
  return errors.reduce((sum, error) => sum + Math.abs(error), 0);
}

function search(
  points: readonly ReadPoint[],
  weights: readonly number[] | null,
  page: number,
  start: Inside,
  seed: number,
  steps: number,
  commands: number,
): Inside {
  const longest = Math.max(...points.map(({meanNs}) => meanNs));
  const bounds: {readonly [name in keyof Inside]: readonly [number, number]} = {
    firmwareNs: [1, longest],
    controllerNs: [1, longest],
    senseNs: [10, longest],
    dies: [1, 8192],
    linkBytesPerSecond: [1e6, 1e12],
    channelBytesPerSecond: [1e6, 1e12],
    senseSpread: [0.001, 0.9],
  };
  const coefficients = names.map((name): Coefficient => {
    const [min, max] = bounds[name];
    const step = name === 'dies' ? Math.max(STEP, ln((start.dies + 1) / start.dies)) : STEP;
    return {name, min, max, start: start[name], step};
  });
  const values = fitLog(
    coefficients,
    3 * points.length,
    (at, into) => {
      logErrors(points, drawn(insideOf(at), page), commands, seed, into);
      if (weights !== null) into.forEach((error, i) => (into[i] = error * Math.sqrt(weights[Math.floor(i / 3)]!)));
    },
    steps,
  );
  return insideOf(values);
}

function insideOf(values: readonly number[]): Inside {
  return Object.fromEntries(names.map((name, i) => [name, values[i]!])) as unknown as Inside;
}

function drawn(inside: Inside, page: number): FittedDrive {
  const {firmwareNs, controllerNs, senseNs, dies, linkBytesPerSecond, channelBytesPerSecond, senseSpread} = inside;
  const movedNs = FOUR_KIB * NS_PER_SECOND * (1 / linkBytesPerSecond + 1 / channelBytesPerSecond);
  return {
    readLatency: firmwareNs + controllerNs + senseNs + movedNs,
    firmwareTime: firmwareNs,
    readIops: NS_PER_SECOND / controllerNs,
    readBytesPerSecond: linkBytesPerSecond,
    dies: Math.round(dies),
    channelBytesPerSecond,
    senseSpread,
    page,
  };
}

/** Latencies of the model at the same points, nanoseconds. */
function run(
  points: readonly ReadPoint[],
  drive: FittedDrive,
  commands: number,
  seed: number,
): readonly {readonly mean: number; readonly p50: number; readonly p99: number}[] {
  const values = {...valuesOfDrive(drive, 2 ** 40, drive.readBytesPerSecond), channels: CHANNELS};
  const model = driveModel(values, NS_PER_SECOND);
  return points.map(({sizeBytes, depth}) => {
    const options = {
      ioBytes: [sizeBytes],
      depths: [depth],
      readShare: 1,
      pattern: 'random',
      commands,
      commandsMin: COMMANDS_MIN,
      seed,
    } as const;
    const {mean, p50, p99} = curve(model, options)[0]!.read!;
    return {mean: mean * NS_PER_SECOND, p50: p50 * NS_PER_SECOND, p99: p99 * NS_PER_SECOND};
  });
}

function errorsOf(points: readonly ReadPoint[], drive: FittedDrive, seed: number): PointErrors[] {
  return run(points, drive, JUDGE_COMMANDS, seed).map(({mean, p50, p99}, i) => {
    const point = points[i]!;
    return {point, mean: mean / point.meanNs - 1, p50: p50 / point.p50Ns - 1, p99: p99 / point.p99Ns - 1};
  });
}

/** How often each of `count` points is drawn in `count` draws. */
function resampled(count: number, stream: Stream): number[] {
  const times = Array.from({length: count}, () => 0);
  for (let draw = 0; draw < count; draw++) times[stream.below(count)]!++;
  return times;
}

function rangesOf(drives: readonly FittedDrive[]): DriveFit['ranges'] {
  const range = (name: keyof FittedDrive): readonly [number, number] => {
    const values = drives.map((drive) => drive[name]);
    return [Math.min(...values), Math.max(...values)];
  };
  return Object.fromEntries(Object.keys(drives[0]!).map((name) => [name, range(name as keyof FittedDrive)])) as DriveFit['ranges'];
}
