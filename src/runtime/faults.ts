/** What can go wrong with a device, by name. docs/model/io-uring.md has the table. */
import fs from 'node:fs';
import os from 'node:os';

export type FaultCode =
  | 'URING_UNSUPPORTED'
  | 'URING_DENIED'
  | 'URING_OLD_KERNEL'
  | 'URING_LIMIT'
  | 'DIRECT_IO_UNSUPPORTED'
  | 'MISALIGNED'
  | 'SHORT_IO'
  | 'NO_SPACE'
  | 'DEVICE_ERROR'
  | 'DEVICE_BUSY'
  | 'CANCELLED'
  | 'WRITES_NOT_ALLOWED'
  | 'NOT_OURS'
  | 'NOT_A_TARGET';

/** A device or file failed, or may not be used so. `mistake`: the caller asked for what is not allowed, the device is not at fault. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly mistake: boolean;

  constructor(code: FaultCode, message: string, mistake = false) {
    super(message);
    this.code = code;
    this.mistake = mistake;
  }
}

const {errno} = os.constants;

/** Symbol of an errno, such as EIO. */
export function errnoName(number: number): string {
  return Object.entries(errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}

/** The result of a request: null where it moved `length` bytes. */
export function faultOfResult(result: number, length: number): FaultCode | null {
  if (result === length) return null;
  if (result >= 0) return 'SHORT_IO';
  switch (-result) {
    case errno.EINVAL:
      return 'MISALIGNED';
    case errno.ENOSPC:
    case errno.EDQUOT:
      return 'NO_SPACE';
    case errno.EBADF:
    case errno.EROFS:
    case errno.EPERM:
      return 'WRITES_NOT_ALLOWED';
    case errno.ECANCELED:
      return 'CANCELLED';
    case errno.EBUSY:
      return 'DEVICE_BUSY';
    case errno.EOPNOTSUPP:
      return 'DIRECT_IO_UNSUPPORTED';
    default:
      return 'DEVICE_ERROR';
  }
}

/** Steps of engine_create (native/engine.h). */
const steps = ['', 'setup', 'features', 'mapping the rings', 'allocating buffers', 'starting threads', 'allocating'];

/** Why an engine could not be made, and what to do about it. */
export function faultOfCreate(number: number, step: number): Fault {
  const symbol = errnoName(number);
  if (steps[step] === 'features') return new Fault('URING_OLD_KERNEL', `io_uring of Linux ${os.release()} is too old: 5.11 is needed`);
  if (steps[step] !== 'setup') return new Fault('URING_LIMIT', `${symbol} when ${steps[step]}`);
  if (number === errno.ENOSYS) return new Fault('URING_UNSUPPORTED', `this kernel or container has no io_uring (ENOSYS)${seccomp()}`);
  if (number === errno.EPERM || number === errno.EACCES)
    return new Fault('URING_DENIED', `io_uring is forbidden here (${symbol})${forbidden()}`);
  return new Fault('URING_LIMIT', `io_uring_setup: ${symbol}`);
}

function forbidden(): string {
  const sysctl = read('/proc/sys/kernel/io_uring_disabled');
  if (sysctl === '1' || sysctl === '2') return `: kernel.io_uring_disabled is ${sysctl}; 0 allows it`;
  return seccomp();
}

/** Container runtimes filter io_uring's calls by default. */
function seccomp(): string {
  return /^Seccomp:\s*[12]$/m.test(read('/proc/self/status'))
    ? ': a seccomp filter is in force; in Docker, --security-opt seccomp=PROFILE allows it'
    : '';
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // only a better message depends on it
  }
}
