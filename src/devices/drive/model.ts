/**
 * From what is said of a drive to the constants of its parts, in ticks; and the closed forms that they imply. A read of S bytes within a page takes
 * L1 = controller + firmware + sense + S/channel + S/link alone; no more than Xmax reads a second can end, by the scarcest of dies, channels,
 * link and controller.
 */
import {assert} from '../../base/assert.ts';
import type {FlashModel} from './flashArray.ts';
import type {DriveValues} from './params.ts';
import {overProvisioningFor, writeAmplificationAt} from './writeAmplification.ts';

export interface DriveModel {
  readonly ticksPerSecond: number;
  readonly flash: FlashModel;
  /** Consecutive bytes of a die. */
  readonly pageBytes: number;
  /** Ticks of sensing, by page type. */
  readonly senseTicks: readonly number[];
  readonly programBytes: number;
  readonly blockPrograms: number;
  /** Least ticks between the starts of two programs, whatever their die: the drive's write rate. */
  readonly programSpacingTicks: number;
  readonly linkTicksPerByte: number;
  /** Of the controller's time, what it is busy with a command, and what passes besides. */
  readonly controllerTicks: number;
  readonly firmwareTicks: number;
  readonly writeTicks: number;
  readonly bufferBytes: number;
  readonly indirectionBytes: number;
  readonly fetchWindow: number;
  readonly overProvisioning: number;
  readonly driveBytes: number;
  /** NAND bytes that may be programmed before the drive is read-only; Infinity where no endurance is rated. */
  readonly enduranceBytes: number;
}

const FOUR_KIB = 4096;
const SLICE_BYTES = 16384;
const NS_PER_SECOND = 1e9;
export const RATED_YEARS = 5;
const OVER_PROVISIONING = 0.07;
const FIRMWARE_SHARE = 0.3;
const media = {
  slc: {pageTypes: 1, programNs: 100e3},
  mlc: {pageTypes: 2, programNs: 185e3},
  tlc: {pageTypes: 3, programNs: 561e3},
  qlc: {pageTypes: 4, programNs: 2200e3},
} as const;

/** What of a drive does not fit together: the parameter, and why. */
export function driveFault(values: DriveValues): {field: string; message: string} | null {
  if (senseNs(values) <= 0)
    return {
      field: 'readLatency',
      message: 'a 4 KiB read is no longer than its firmware, controller, channel and link take; sensing has no time',
    };
  if (bufferBytes(values) < values.programUnit + Math.max(values.page, values.indirection))
    return {field: 'buffer', message: 'the write buffer must hold a program and a page, or a unit of the address map (indirection)'};
  return null;
}

/** Constants of a drive that has no fault. */
export function driveModel(values: DriveValues, ticksPerSecond: number): DriveModel {
  const perNs = ticksPerSecond / NS_PER_SECOND;
  const perByte = (bytesPerSecond: number): number => ticksPerSecond / bytesPerSecond;
  const {pageTypes, programNs} = media[values.media as keyof typeof media];
  const channelTicksPerByte = perByte(values.channelBytesPerSecond);
  const linkTicksPerByte = perByte(values.readBytesPerSecond);
  const firmwareTicks = Math.round(firmwareNs(values) * perNs);
  const controllerTicks = values.readIops === undefined ? 0 : ticksPerSecond / values.readIops;
  const sense = senseNs(values) * perNs;
  assert(driveFault(values) === null, `a drive whose ${driveFault(values)?.field} does not fit`);
  const overProvisioning = values.overProvisioning ?? effectiveOverProvisioning(values);
  const ratedBytes = (values.driveWritesPerDay ?? Infinity) * 365 * RATED_YEARS * values.driveBytes;
  return {
    ticksPerSecond,
    flash: {
      dies: values.dies,
      channels: Math.min(values.channels, values.dies),
      channelTicksPerByte,
      sliceBytes: SLICE_BYTES,
      programTicks: Math.round((values.programTime ?? programNs) * perNs),
      eraseTicks: Math.round(values.eraseTime * perNs),
      suspend: values.suspendsMax === 0 ? null : {latencyTicks: Math.round(values.suspendLatency * perNs), yieldsMax: values.suspendsMax},
    },
    pageBytes: values.page,
    senseTicks: Array.from({length: pageTypes}, (_, type) =>
      Math.round(sense * (1 + values.senseSpread * (pageTypes === 1 ? 0 : (2 * type) / (pageTypes - 1) - 1))),
    ),
    programBytes: values.programUnit,
    blockPrograms: values.blockPrograms,
    programSpacingTicks: values.programUnit * perByte(values.writeBytesPerSecond),
    linkTicksPerByte,
    controllerTicks,
    firmwareTicks,
    writeTicks: Math.max(0, Math.round(values.writeLatency * perNs - controllerTicks - FOUR_KIB * linkTicksPerByte)),
    bufferBytes: bufferBytes(values),
    indirectionBytes: values.indirection,
    fetchWindow: values.fetchWindow,
    overProvisioning,
    driveBytes: values.driveBytes,
    enduranceBytes: ratedBytes * writeAmplificationAt(overProvisioning),
  };
}

function bufferBytes({buffer, dies, programUnit}: DriveValues): number {
  return buffer ?? 2 * dies * programUnit;
}

function firmwareNs({firmwareTime, readLatency}: DriveValues): number {
  return firmwareTime ?? FIRMWARE_SHARE * readLatency;
}

/** What a 4 KiB read alone takes besides firmware, controller, channel and link. */
function senseNs(values: DriveValues): number {
  const controllerNs = values.readIops === undefined ? 0 : NS_PER_SECOND / values.readIops;
  const movedNs = FOUR_KIB * NS_PER_SECOND * (1 / values.channelBytesPerSecond + 1 / values.readBytesPerSecond);
  return values.readLatency - firmwareNs(values) - controllerNs - movedNs;
}

/** Sustained random writes are the write rate over write amplification, each at least a unit of the map. */
function effectiveOverProvisioning({writeBytesPerSecond, writeIops, indirection}: DriveValues): number {
  const amplification = writeIops === undefined ? 0 : writeBytesPerSecond / (writeIops * Math.max(FOUR_KIB, indirection));
  return amplification > 1 ? Math.min(10, overProvisioningFor(amplification)) : OVER_PROVISIONING;
}

/** Mean ticks of a read alone, of bytes within one page. */
export function readAloneTicks(model: DriveModel, bytes: number): number {
  return model.controllerTicks + model.firmwareTicks + model.linkTicksPerByte * bytes + dieTicks(model, bytes);
}

/** Mean ticks that a read of bytes within one page holds its die. */
export function dieTicks({senseTicks, flash}: DriveModel, bytes: number): number {
  return senseTicks.reduce((sum, ticks) => sum + ticks, 0) / senseTicks.length + bytes * flash.channelTicksPerByte;
}

/** The most reads a second, of bytes within one page, and what sets that limit. */
export function readLimit(model: DriveModel, bytes: number): {perSecond: number; by: 'dies' | 'channels' | 'link' | 'controller'} {
  const {flash, ticksPerSecond} = model;
  const limits = [
    {by: 'dies', ticks: dieTicks(model, bytes) / flash.dies},
    {by: 'channels', ticks: (bytes * flash.channelTicksPerByte) / flash.channels},
    {by: 'link', ticks: bytes * model.linkTicksPerByte},
    {by: 'controller', ticks: model.controllerTicks},
  ] as const;
  const scarcest = limits.reduce((worst, limit) => (limit.ticks > worst.ticks ? limit : worst));
  return {perSecond: ticksPerSecond / scarcest.ticks, by: scarcest.by};
}

/** Bytes a second of reads of whole pages in sequence: the scarcest of dies, channels and link. */
export function sequentialReadRate(model: DriveModel): number {
  const {flash, pageBytes, linkTicksPerByte, ticksPerSecond} = model;
  const perByte = Math.max(
    dieTicks(model, pageBytes) / pageBytes / flash.dies,
    flash.channelTicksPerByte / flash.channels,
    linkTicksPerByte,
  );
  return ticksPerSecond / perByte;
}

/** Bytes a second of large writes, sustained: the scarcest of the drive's own limit, its dies with their erases, and the link. */
export function sequentialWriteRate(model: DriveModel): number {
  const {flash, programBytes, blockPrograms, programSpacingTicks, linkTicksPerByte, ticksPerSecond} = model;
  const held = programBytes * flash.channelTicksPerByte + flash.programTicks + flash.eraseTicks / blockPrograms;
  return ticksPerSecond / Math.max(programSpacingTicks / programBytes, held / programBytes / flash.dies, linkTicksPerByte);
}
