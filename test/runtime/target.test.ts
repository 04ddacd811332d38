import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {claimDevice, createFile, MARK_BYTES, openTarget} from '../../src/runtime/target.ts';
import {engines, isRoot, loopDevice, scratch} from './support.ts';

/** Locks and sizes of devices are the addon's. */
const hasAddon = engines.includes('native-pool');

const directory = scratch();
const MIB = 2 ** 20;

test('a file made for a bench may be written to by a bench, and by no one else', () => {
  const file = path.join(directory, 'made');
  createFile(file, MIB, 'bench');
  const target = openTarget(file, {write: true, purpose: 'bench'});
  expect(target).toMatchObject({bytes: MIB, isDevice: false, purpose: 'bench'});
  if (hasAddon) expect(() => openTarget(file, {write: true, purpose: 'bench'})).toThrow(expect.objectContaining({code: 'DEVICE_BUSY'}));
  target.close();
  expect(() => openTarget(file, {write: true, purpose: 'store'})).toThrow('is a bench target, not a store one');
});

test('what it is filled with is written, and does not compress', () => {
  const file = path.join(directory, 'filled');
  createFile(file, MIB, 'bench');
  const data = fs.readFileSync(file).subarray(MARK_BYTES);
  const counts = new Uint32Array(256);
  for (const byte of data) counts[byte]!++;
  // 4080 of each expected; six standard deviations of a binomial.
  for (const count of counts) expect(Math.abs(count - data.length / 256)).toBeLessThan(6 * Math.sqrt(data.length / 256));
  expect(fs.statSync(file).blocks * 512).toBeGreaterThanOrEqual(MIB);
});

test('a file of somebody else is read, never written, never replaced', () => {
  const file = path.join(directory, 'theirs');
  fs.writeFileSync(file, 'precious'.repeat(1024));
  expect(() => openTarget(file, {write: true, purpose: 'bench'})).toThrow(expect.objectContaining({code: 'NOT_OURS', mistake: true}));
  expect(() => createFile(file, MIB, 'bench')).toThrow('there already');
  expect(() => claimDevice(file, 'bench', {erase: true})).toThrow('not a block device');
  openTarget(file, {write: false, purpose: 'bench'}).close();
  expect(fs.readFileSync(file, 'utf8')).toBe('precious'.repeat(1024));
});

test('nothing is made that would fill the disk', () => {
  const file = path.join(directory, 'huge');
  expect(() => createFile(file, 2 ** 50, 'bench')).toThrow(expect.objectContaining({code: 'NO_SPACE'}));
  expect(fs.existsSync(file)).toBe(false);
});

test('directories, pipes and what is not there are refused in words', () => {
  expect(() => openTarget(directory, {write: false, purpose: 'bench'})).toThrow('neither a file nor a block device');
  expect(() => openTarget(path.join(directory, 'none'), {write: false, purpose: 'bench'})).toThrow('no such file or device');
});

describe.skipIf(!isRoot || !hasAddon)('block devices (skipped for ordinary users, and without the addon)', () => {
  test('a mounted one is left alone; a free one is claimed only with --erase', (context) => {
    const image = path.join(directory, 'image');
    fs.writeFileSync(image, Buffer.alloc(16 * MIB));
    if (spawnSync('mkfs.ext4', ['-q', image]).status !== 0) return context.skip('no mkfs.ext4');
    const device = loopDevice(image);
    if (device === null) return context.skip('no loop device');
    const mount = path.join(directory, 'mount');
    fs.mkdirSync(mount);
    try {
      if (spawnSync('mount', [device, mount]).status !== 0) return context.skip('cannot mount');
      expect(() => openTarget(device, {write: false, purpose: 'bench'})).toThrow(expect.objectContaining({code: 'DEVICE_BUSY'}));
      expect(() => claimDevice(device, 'bench', {erase: true})).toThrow('mounted');
      spawnSync('umount', [mount]);
      expect(() => claimDevice(device, 'bench', {erase: false})).toThrow('--erase');
      expect(() => openTarget(device, {write: true, purpose: 'bench'})).toThrow(expect.objectContaining({code: 'NOT_OURS'}));
      claimDevice(device, 'bench', {erase: true});
      const target = openTarget(device, {write: true, purpose: 'bench'});
      expect(target).toMatchObject({isDevice: true, bytes: 16 * MIB, purpose: 'bench'});
      target.close();
    } finally {
      spawnSync('umount', [mount]);
      spawnSync('losetup', ['--detach', device]);
    }
  });
});
