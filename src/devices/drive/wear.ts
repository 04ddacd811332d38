/**
 * Wear. A rating of so many drive writes a day is one of host bytes written at random (JESD219), so the NAND may be programmed as often as that times the
 * write amplification of random writes (model.ts, enduranceBytes); what is written in large objects wears a drive that much less.
 */
import type {DriveModel} from './model.ts';

const SECONDS_PER_DAY = 86_400;
const DAYS_PER_YEAR = 365;

/** Wear of writes at this rate: capacities a day, and years until the endurance is used up (null: never). */
export function wearOf(
  model: DriveModel,
  writtenBytesPerSecond: number,
  writeAmplification: number,
): {writeAmplification: number; driveWritesPerDay: number; lifetimeYears: number | null} {
  const perDay = writtenBytesPerSecond * SECONDS_PER_DAY;
  const years = model.enduranceBytes / (perDay * writeAmplification * DAYS_PER_YEAR);
  return {
    writeAmplification,
    driveWritesPerDay: perDay / model.driveBytes,
    lifetimeYears: Number.isFinite(years) ? years : null,
  };
}
