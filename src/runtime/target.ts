/**
 * Files and block devices that tierscape reads and writes. The rules that keep other people's data whole: read-only unless asked; a block
 * device is opened exclusively, so a mounted one is refused by the kernel; and nothing is written that does not begin with our mark, which
 * only createFile (a new file) and claimDevice (with `erase`) put there.
 */
import {randomFillSync, randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {errnoName, Fault} from './faults.ts';
import {loadAddon} from './native.ts';

/** Bytes at the start of a target that hold its mark. Data begins behind it. */
export const MARK_BYTES = 4096;
const MAGIC = 'TIERSCAPE TARGET 1\n';
const CHUNK_BYTES = 8 * 1024 * 1024;

/** For whom a target was made; one kind never overwrites the other. */
export type Purpose = 'bench' | 'store';

export interface Target {
  readonly path: string;
  readonly descriptor: number;
  readonly isDevice: boolean;
  readonly bytes: number;
  /** Whether reads and writes go past the page cache. */
  readonly direct: boolean;
  /** The mark's purpose; null: a file or device that was not made by us. */
  readonly purpose: Purpose | null;
  /** Random name given when the target was made; '' without a mark. */
  readonly id: string;
  close(): void;
}

export interface OpenOptions {
  readonly write: boolean;
  /** Writing asks for a mark of this purpose. */
  readonly purpose: Purpose;
  /** Default: where the addon is there to align buffers. False for the engine fs in any case. */
  readonly direct?: boolean;
}

/** Opens a target. Throws Fault: DEVICE_BUSY where a device is mounted or held, NOT_OURS where writing is asked for and the mark is missing. */
export function openTarget(file: string, {write, purpose, direct: wanted = true}: OpenOptions): Target {
  const isDevice = kindOf(file);
  const direct = wanted && typeof loadAddon() !== 'string';
  const access = (write ? fs.constants.O_RDWR : fs.constants.O_RDONLY) | (isDevice ? fs.constants.O_EXCL : 0);
  let descriptor = openQuietly(file, access | (direct ? fs.constants.O_DIRECT : 0));
  const isDirect = direct && descriptor >= 0;
  if (descriptor === -22 && direct) descriptor = openQuietly(file, access); // EINVAL: this file system has no O_DIRECT
  if (descriptor < 0) throw faultOfOpen(file, -descriptor, isDevice);
  try {
    const mark = readMark(file);
    if (write) {
      refuseForeign(file, mark?.purpose ?? null, purpose);
      lock(file, descriptor);
    }
    const bytes = isDevice ? deviceBytes(file, descriptor) : fs.fstatSync(descriptor).size;
    return {
      path: file,
      descriptor,
      isDevice,
      bytes,
      direct: isDirect,
      purpose: mark?.purpose ?? null,
      id: mark?.id ?? '',
      close: () => fs.closeSync(descriptor),
    };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/** Makes a new file of `bytes` bytes, marked, full of random data that is really written: unwritten extents would be read without the device. Never replaces a file. */
export function createFile(file: string, bytes: number, purpose: Purpose): void {
  refuseFullDisk(file, bytes);
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'wx', 0o600);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new Fault(
      'NOT_OURS',
      exists ? `${file} is there already; it is not replaced` : `cannot create ${file}: ${(error as Error).message}`,
      true,
    );
  }
  try {
    writeMark(descriptor, purpose);
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = MARK_BYTES; at < bytes; at += CHUNK_BYTES) {
      randomFillSync(chunk);
      writeAll(descriptor, chunk.subarray(0, Math.min(CHUNK_BYTES, bytes - at)), at);
    }
    fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(file, {force: true});
    throw new Fault('NO_SPACE', `cannot fill ${file}: ${(error as Error).message}`);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Marks a block device as ours. `erase` is the owner's word that what it holds may be lost. A mounted or held device is refused in any case. */
export function claimDevice(file: string, purpose: Purpose, {erase}: {readonly erase: boolean}): void {
  if (!kindOf(file)) throw new Fault('NOT_A_TARGET', `${file} is a file, not a block device`, true);
  const mark = readMark(file);
  if (mark?.purpose === purpose) return;
  if (!erase) throw new Fault('NOT_OURS', `${file} was not made by tierscape; say --erase to lose what it holds`, true);
  const descriptor = openQuietly(file, fs.constants.O_RDWR | fs.constants.O_EXCL);
  if (descriptor < 0) throw faultOfOpen(file, -descriptor, true);
  try {
    writeMark(descriptor, purpose);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The mark of a file or device; null without one. */
function readMark(file: string): {readonly purpose: Purpose; readonly id: string} | null {
  const block = Buffer.alloc(MARK_BYTES);
  const descriptor = fs.openSync(file, 'r'); // a plain descriptor: the block need not be aligned
  try {
    fs.readSync(descriptor, block, 0, MARK_BYTES, 0);
  } finally {
    fs.closeSync(descriptor);
  }
  const text = block.toString('latin1');
  if (!text.startsWith(MAGIC)) return null;
  const [purpose, id] = text.slice(MAGIC.length).split('\n');
  return purpose === 'bench' || purpose === 'store' ? {purpose, id: id ?? ''} : null;
}

function writeMark(descriptor: number, purpose: Purpose): void {
  const block = Buffer.alloc(MARK_BYTES);
  block.write(`${MAGIC}${purpose}\n${randomUUID()}\n`, 'latin1');
  writeAll(descriptor, block, 0);
}

function writeAll(descriptor: number, data: Buffer, position: number): void {
  for (let done = 0; done < data.length;) done += fs.writeSync(descriptor, data, done, data.length - done, position + done);
}

function refuseForeign(file: string, found: Purpose | null, wanted: Purpose): void {
  if (found === wanted) return;
  const what = found === null ? 'was not made by tierscape' : `is a ${found} target, not a ${wanted} one`;
  throw new Fault('NOT_OURS', `${file} ${what}: it is not written to (tierscape device prepare makes a new one)`, true);
}

/** The lock of a process that was killed ends with the requests that the kernel still carries out for it. */
const LOCK_PATIENCE_MS = 2000;

/** One writer a target. Without the addon there is no lock. */
function lock(file: string, descriptor: number): void {
  const addon = loadAddon();
  if (typeof addon === 'string') return;
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  let result = addon.lock(descriptor);
  for (let waited = 0; result < 0 && waited < LOCK_PATIENCE_MS; waited += 20) {
    Atomics.wait(nobody, 0, 0, 20);
    result = addon.lock(descriptor);
  }
  if (result < 0) throw new Fault('DEVICE_BUSY', `${file} is in use by another process (${errnoName(-result)})`);
}

/** True: a block device; false: a regular file; anything else is refused. */
function kindOf(file: string): boolean {
  const stat = fs.statSync(file, {throwIfNoEntry: false});
  if (stat === undefined)
    throw new Fault('NOT_A_TARGET', `${file}: there is no such file or device (tierscape device prepare makes a file)`, true);
  if (!stat.isFile() && !stat.isBlockDevice()) throw new Fault('NOT_A_TARGET', `${file} is neither a file nor a block device`, true);
  return stat.isBlockDevice();
}

function deviceBytes(file: string, descriptor: number): number {
  const addon = loadAddon();
  if (typeof addon === 'string') throw new Fault('NOT_A_TARGET', `${file}: block devices need the addon (${addon})`, true);
  return addon.deviceSize(descriptor);
}

/** A descriptor, or -errno. */
function openQuietly(file: string, flags: number): number {
  try {
    return fs.openSync(file, flags);
  } catch (error) {
    const {errno} = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}

function faultOfOpen(file: string, number: number, isDevice: boolean): Fault {
  const symbol = errnoName(number);
  if (symbol === 'EBUSY' && isDevice)
    return new Fault('DEVICE_BUSY', `${file} is mounted, or held by another program: it is left alone`, true);
  if (symbol === 'EACCES' || symbol === 'EPERM') return new Fault('NOT_A_TARGET', `cannot open ${file}: permission denied`, true);
  return new Fault('DEVICE_ERROR', `cannot open ${file}: ${symbol}`);
}

/** A measurement must not be what fills somebody's disk. */
function refuseFullDisk(file: string, bytes: number): void {
  const {bavail, blocks, bsize} = fs.statfsSync(path.dirname(path.resolve(file)));
  const left = bavail * bsize - bytes;
  if (left < 0.05 * blocks * bsize && left < 16e9)
    throw new Fault('NO_SPACE', `${file}: ${bytes} bytes would leave its file system ${left < 0 ? 'over' : 'nearly'} full`, true);
}
