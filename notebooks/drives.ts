/** Drives of the catalogue, as models. */
import {catalogue} from '../src/catalogue.ts';
import {driveModel, type DriveModel} from '../src/devices/drive/model.ts';
import {driveParams, type DriveValues} from '../src/devices/drive/params.ts';
import {valuesOf} from '../src/scenario/values.ts';

const TICKS_PER_SECOND = 1e9;

/** Name by summary. */
export function drives(): Map<string, string> {
  return new Map((catalogue.devices['nvme'] ?? []).map(({name, summary}) => [`${name}: ${summary}`, name]));
}

export function modelOf(name: string): DriveModel {
  const preset = catalogue.devices['nvme']!.find((one) => one.name === name)!;
  return driveModel(valuesOf(driveParams, {}, preset, []) as unknown as DriveValues, TICKS_PER_SECOND);
}
