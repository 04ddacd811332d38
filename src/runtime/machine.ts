/** What a measurement must say of the machine and the device it was made on, and what on them would spoil it. Linux. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {loadAddon} from './native.ts';
import type {Target} from './target.ts';

export interface DeviceIdentity {
  readonly path: string;
  readonly kind: 'file' | 'block device';
  readonly bytes: number;
  /** Of the file system, or the device itself: major:minor. */
  readonly device: string;
  /** As the kernel knows it; null where it says nothing. */
  readonly model: string | null;
  readonly scheduler: string | null;
  readonly rotational: boolean | null;
  readonly writeCache: string | null;
  readonly logicalBlockBytes: number | null;
}

export interface MachineIdentity {
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly loadAverage: number;
}

export function identifyDevice(target: Target): DeviceIdentity {
  const stat = fs.fstatSync(target.descriptor);
  const number = target.isDevice ? stat.rdev : stat.dev;
  // glibc's gnu_dev_major and gnu_dev_minor, for the numbers in use.
  const device = `${(number >> 8) & 0xfff}:${(number & 0xff) | ((number >> 12) & 0xfff00)}`;
  const queue = queueOf(device);
  const model = queue === null ? null : text(path.join(queue, '../device/model'));
  const scheduler = queue === null ? null : text(path.join(queue, 'scheduler'));
  const rotational = queue === null ? null : text(path.join(queue, 'rotational'));
  const block = queue === null ? null : text(path.join(queue, 'logical_block_size'));
  return {
    path: path.basename(target.path),
    kind: target.isDevice ? 'block device' : 'file',
    bytes: target.bytes,
    device,
    model,
    scheduler: scheduler === null ? null : (/\[(.+)\]/.exec(scheduler)?.[1] ?? scheduler),
    rotational: rotational === null ? null : rotational === '1',
    writeCache: queue === null ? null : text(path.join(queue, 'write_cache')),
    logicalBlockBytes: block === null ? null : Number(block),
  };
}

export function identifyMachine(): MachineIdentity {
  const cpus = os.cpus();
  return {
    kernel: `${os.type()} ${os.release()}`,
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    node: process.version,
    loadAverage: os.loadavg()[0]!,
  };
}

/** What would make the figures mean something else than the device. */
export function warningsFor(target: Target): string[] {
  const warnings: string[] = [];
  const load = os.loadavg()[0]!;
  const cores = os.cpus().length;
  if (load > cores / 2)
    warnings.push(`other work is running (load average ${load.toFixed(1)} on ${cores} cores): latencies will be too long`);
  if (!target.direct) warnings.push('O_DIRECT is not in use: the page cache answers, not the device');
  if (hypervised())
    warnings.push('this is a virtual machine: the host may cache what O_DIRECT asks for, so use a target larger than its memory');
  if (target.isDevice) return warnings;
  const {blocks, size} = fs.fstatSync(target.descriptor);
  if (blocks * 512 < size * 0.999)
    warnings.push(`${Math.round(100 - (blocks * 51200) / size)} % of the file is holes: reads of them touch no device`);
  const addon = loadAddon();
  const unwritten = typeof addon === 'string' ? 0 : addon.extents(target.descriptor);
  if (unwritten > 0)
    warnings.push(`${Math.round((unwritten / size) * 100)} % of the file is allocated but was never written: reads of it touch no device`);
  return warnings;
}

function hypervised(): boolean {
  return /^flags\s*:.*\bhypervisor\b/m.test(text('/proc/cpuinfo') ?? '');
}

/** The request queue's directory: a partition's is its disk's. */
function queueOf(device: string): string | null {
  const own = `/sys/dev/block/${device}`;
  if (fs.existsSync(`${own}/queue`)) return `${own}/queue`;
  return fs.existsSync(own) ? path.join(fs.realpathSync(own), '..', 'queue') : null;
}

function text(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return null; // said as null in the report
  }
}
