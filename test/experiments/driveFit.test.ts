/** The loop closed without a device: what the simulator's own drive shows of itself is fitted, and its constants come back. */
import {expect, test} from 'vitest';
import {driveModel} from '../../src/devices/drive/model.ts';
import {driveParams, type DriveValues} from '../../src/devices/drive/params.ts';
import {curve} from '../../src/experiments/curve.ts';
import {fitDrive, valuesOfDrive, type ReadPoint} from '../../src/experiments/driveFit.ts';
import {drives} from '../../src/scenario/presets/drives.ts';
import {valuesOf} from '../../src/scenario/values.ts';

const sizes = [4096, 16_384, 131_072];
const depths = [1, 2, 8, 16, 32, 64, 256];

function pointsOf(values: DriveValues, seed: number): ReadPoint[] {
  const options = {ioBytes: sizes, depths, readShare: 1, pattern: 'random', commands: 50_000, seed} as const;
  return curve(driveModel(values, 1e9), options).map(({ioBytes, depth, read}) => ({
    sizeBytes: ioBytes,
    depth,
    meanNs: read!.mean * 1e9,
    p50Ns: read!.p50 * 1e9,
    p99Ns: read!.p99 * 1e9,
  }));
}

test('a catalogue drive is recovered: parameters within 10 %, saturation within 2 %, held-out depths within 3 %', () => {
  const preset = drives.find(({name}) => name === 'micron-7450-pro-15.36tb');
  const truth = valuesOf(driveParams, {}, preset, []) as unknown as DriveValues;
  const measured = pointsOf(truth, 99);
  const {drive, ranges, heldOut} = fitDrive(measured, {refits: 2, seed: 1});
  const expected = {...truth, firmwareTime: 0.3 * truth.readLatency};
  for (const name of [
    'readLatency',
    'firmwareTime',
    'readIops',
    'readBytesPerSecond',
    'dies',
    'channelBytesPerSecond',
    'senseSpread',
  ] as const) {
    const apart = drive[name] / expected[name]! - 1;
    expect([name, apart.toFixed(3), Math.abs(apart) < 0.1]).toEqual([name, expect.any(String), true]);
    expect(ranges[name][0]).toBeLessThanOrEqual(drive[name]);
    expect(ranges[name][1]).toBeGreaterThanOrEqual(drive[name]);
  }
  expect(drive.page).toBe(truth.page);
  const again = pointsOf(valuesOfDrive(drive, truth.driveBytes, truth.writeBytesPerSecond), 98);
  for (const [i, point] of measured.entries())
    if (point.depth === 256) expect(Math.abs(again[i]!.meanNs / point.meanNs - 1)).toBeLessThan(0.02);
  for (const {mean, p50} of heldOut) {
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(p50)).toBeLessThan(0.03);
  }
}, 240_000);
