/** regress --measured FILE: a measured curve against the one that was kept. */
import path from 'node:path';
import fs from 'node:fs';
import {judgeMeasured, measuredPoints, MeasurementError, type MeasuredPoint} from '../experiments/measured.ts';
import {measuredText} from '../reports/regression.ts';
import {writeWhole} from './files.ts';
import {readText} from './scenarioFile.ts';
import {UserError} from './userError.ts';

interface Kept {
  readonly version: 1;
  readonly tolerance: number;
  readonly reasons: readonly string[];
  readonly points: readonly MeasuredPoint[];
}

export interface MeasuredFlags {
  readonly update?: boolean;
  readonly reason?: string;
  readonly tolerance?: number;
}

/** Machines are noisy: less than this is let pass, besides the noise that the measurement shows. */
const TOLERANCE = 0.1;

/** Exit code 1 where something has moved. */
export function regressMeasured(directory: string, file: string, flags: MeasuredFlags): void {
  const points = read(file);
  const at = path.join(directory, 'measured', path.basename(file));
  const kept = fs.existsSync(at) ? (JSON.parse(readText(at)) as Kept) : null;
  if (flags.update) return update(at, kept, points, flags);
  if (kept === null)
    throw new UserError(`there is no ${at} to compare with: tierscape regress ${directory} --measured ${file} --update --reason 'first'`);
  const changes = judgeMeasured(kept.points, points, flags.tolerance ?? kept.tolerance);
  process.stdout.write(measuredText(path.basename(file), changes, flags.tolerance ?? kept.tolerance));
  if (changes.some(({failed}) => failed)) process.exitCode = 1;
}

function update(at: string, kept: Kept | null, points: readonly MeasuredPoint[], {reason, tolerance}: MeasuredFlags): void {
  if (reason === undefined) throw new UserError("--update needs a --reason 'why the curves move', which the baseline keeps");
  const next: Kept = {
    version: 1,
    tolerance: tolerance ?? kept?.tolerance ?? TOLERANCE,
    reasons: [...(kept?.reasons ?? []), reason],
    points,
  };
  writeWhole(at, `${JSON.stringify(next)}\n`);
  process.stdout.write(`${at}: ${points.length} points\n`);
}

function read(file: string): MeasuredPoint[] {
  try {
    return measuredPoints(readText(file));
  } catch (error) {
    throw error instanceof MeasurementError ? new UserError(`${file}: ${error.message}`) : error;
  }
}
