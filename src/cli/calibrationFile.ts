/** The YAML of a drive's calibration: parameters for the simulator, and for people where they come from and how far they can be trusted. */
import {Document, isMap, isScalar, isSeq, parse, visit} from 'yaml';
import {formatQuantity, shortNumber} from '../base/units.ts';
import {nvme} from '../devices/nvme.ts';
import {driveParams} from '../devices/drive/params.ts';
import {programTimeFor, type DriveFit, type FittedDrive, type PointErrors} from '../experiments/driveFit.ts';
import type {BenchResult} from '../runtime/bench.ts';
import {calibrationParameters} from '../scenario/calibration.ts';

export interface WritesFound {
  readonly latencyNs: number;
  readonly bytesPerSecond: number;
  /** Of 4 KiB; null where none were written. */
  readonly perSecond: number | null;
}

/** Beyond this many times what was measured, a limit is none. */
const UNREACHED = 10;
const HEAD = `# What tierscape device calibrate found. In a scenario: {kind: nvme, calibration: THIS FILE}; whatever the tier says beside it stays.
# Only \`parameters\` are read.
`;

export function calibrationYaml(reads: BenchResult, fit: DriveFit, writes: WritesFound | null): string {
  const {machine, device, engine, options, points, warnings} = reads;
  const parameters = parametersOf(reads, fit.drive, writes);
  const content = {
    calibration: 1,
    kind: 'nvme',
    date: reads.date.slice(0, 10),
    device,
    machine,
    settings: {...engine, ...options},
    parameters,
    confidence: Object.fromEntries(
      Object.entries(fit.ranges)
        .filter(([name]) => name in parameters)
        .map(([name, range]) => [name, range.map((value) => written(name, value))]),
    ),
    assumed: [
      'channels, media and what only writes or wear show: as tierscape explain nvme says',
      writes === null ? 'writes: as fast as reads' : 'programs: as long as lets the dies sustain the writes measured',
    ],
    errors: {fitted: errorsOf(fit.fitted), heldOut: errorsOf(fit.heldOut)},
    warnings,
    points: points.map(({sizeBytes, depth, iops, p50Ns, p99Ns, spread}) => ({
      sizeBytes,
      depth,
      iops: rounded(iops),
      p50Ns,
      p99Ns,
      spread: rounded(spread),
    })),
  };
  const document = new Document(content);
  visit(document, {
    Collection: (_, node) => {
      // a row a line: lists of numbers, and points
      if (isSeq(node) && node.items.every(isScalar)) node.flow = true;
      if (isMap(node) && node.has('sizeBytes')) node.flow = true;
    },
  });
  return HEAD + document.toString({lineWidth: 0, flowCollectionPadding: false});
}

/** Shares by which the model is off, sign aside: the median over the points, and what nine tenths of them do not exceed. */
function errorsOf(errors: readonly PointErrors[]): object {
  const both = (of: 'mean' | 'p50' | 'p99'): object => {
    const shares = errors.map((error) => Math.abs(error[of])).sort((a, b) => a - b);
    const at = (share: number): number => rounded(shares[Math.ceil(share * shares.length) - 1]!);
    return {median: at(0.5), p90: at(0.9)};
  };
  return {points: errors.length, mean: both('mean'), p50: both('p50'), p99: both('p99')};
}

/** The same in a line. */
export function errorsLine(errors: readonly PointErrors[]): string {
  const {points, ...of} = errorsOf(errors) as {points: number} & {[of: string]: {median: number; p90: number}};
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const parts = Object.entries(of).map(([name, {median, p90}]) => `${name} ${percent(median)} (nine tenths within ${percent(p90)})`);
  return `${points} points, off by a median of ${parts.join(', ')}`;
}

/** A calibration file for people: each parameter with its range and meaning, and how far it can be trusted. Throws ScenarioError. */
export function calibrationText(text: string, file: string): string {
  const parameters = calibrationParameters(text, file, nvme);
  const {date, device, confidence, errors} = parse(text) as {[part: string]: {readonly [name: string]: unknown} | undefined};
  const rows = Object.entries(parameters).map(([name, value]) => {
    const range = confidence?.[name];
    const spread = Array.isArray(range) ? range.join(' to ') : '';
    return `  ${name.padEnd(24)} ${String(value).padEnd(14)} ${spread.padEnd(28)} ${nvme.params[name as keyof typeof nvme.params].meaning}`;
  });
  const about = [`calibrated ${String(date ?? '')}`, ...Object.entries(device ?? {}).map(([name, value]) => `${name} ${String(value)}`)];
  const off = Object.entries(errors ?? {}).map(
    ([which, of]) => `${which}: ${JSON.stringify(of).replace(/["{}]/g, '').replace(/[:,]/g, '$& ')}`,
  );
  return [`${file}: ${about.join(', ')}`, '', ...rows, '', 'Shares by which the model is off the points, sign aside:', ...off].join('\n');
}

function parametersOf({device, points}: BenchResult, drive: FittedDrive, writes: WritesFound | null): {[name: string]: string | number} {
  const {readIops, ...rest} = drive;
  const most = Math.max(...points.map(({iops}) => iops));
  const rate = writes?.bytesPerSecond ?? Math.max(...points.map(({bytesPerSecond}) => bytesPerSecond));
  const values = {
    driveBytes: device.bytes,
    ...rest,
    ...(readIops < UNREACHED * most ? {readIops} : {}),
    writeBytesPerSecond: rate,
    ...(writes === null ? {} : {writeLatency: writes.latencyNs, ...(writes.perSecond === null ? {} : {writeIops: writes.perSecond})}),
    ...programTimeFor(drive, rate),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(name, value)]));
}

/** As a scenario has it. */
function written(name: string, value: number): string | number {
  const param = driveParams[name as keyof typeof driveParams];
  if (param.type !== 'quantity') return rounded(value);
  if (value === 0) return param.dimension === 'time' ? '0 s' : '0 B';
  return formatQuantity(value, param.dimension, name === 'driveBytes' || name === 'page' || name === 'programUnit' ? 'binary' : 'decimal');
}

function rounded(value: number): number {
  return Number(shortNumber(value));
}
