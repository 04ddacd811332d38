/** Drives to test with: a catalogue preset as constants, and one whose every constant is given. */
import {catalogue} from '../../src/catalogue.ts';
import {driveModel, type DriveModel} from '../../src/devices/drive/model.ts';
import {driveParams, type DriveValues} from '../../src/devices/drive/params.ts';
import {named} from '../../src/scenario/catalogue.ts';
import {valuesOf} from '../../src/scenario/values.ts';

export function presetValues(name: string): DriveValues {
  const missing: string[] = [];
  const values = valuesOf(driveParams, {}, named(catalogue.devices['nvme']!, name)!, missing);
  if (missing.length > 0) throw new Error(`${name}: ${missing.join(', ')} missing`);
  return values as unknown as DriveValues;
}

export function preset(name: string, over: Partial<DriveValues> = {}): DriveModel {
  return driveModel({...presetValues(name), ...over}, 1e9);
}

/** Dies bind: an ample link, ample channels, a controller that costs nothing. */
export function dieBound(over: Partial<DriveModel> & {dies: number; senseTicks: readonly number[]}): DriveModel {
  const {dies, ...rest} = over;
  return {
    ticksPerSecond: 1e9,
    flash: {dies, channels: dies, channelTicksPerByte: 0.01, sliceBytes: 16384, programTicks: 500_000, eraseTicks: 0, suspend: null},
    pageBytes: 16384,
    programBytes: 65536,
    blockPrograms: 256,
    programSpacingTicks: 0,
    linkTicksPerByte: 0.001,
    controllerTicks: 0,
    firmwareTicks: 10_000,
    writeTicks: 5000,
    bufferBytes: 2 * dies * 65536,
    indirectionBytes: 4096,
    fetchWindow: 65536,
    overProvisioning: 0.28,
    driveBytes: 1e12,
    enduranceBytes: Infinity,
    ...rest,
  };
}
