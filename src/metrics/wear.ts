/** What a run does to its drives. */
import type {Scenario} from '../scenario/scenario.ts';
import {poolsOf, type RunInfo} from './records.ts';
import type {DriveWear, RunEnd} from './summary.ts';

const SECONDS_PER_DAY = 86400;
/** Endurance is rated over so long (vendors' usual warranty). */
const RATED_YEARS = 5;

/** Wear of the drives behind each station class that has any. */
export function wearOf(scenario: Scenario, info: RunInfo, end: RunEnd): {readonly [stationClass: string]: DriveWear} {
  const wear: {[stationClass: string]: DriveWear} = {};
  scenario.tiers.forEach((tier, rank) => {
    const {
      drives,
      driveBytes,
      driveWritesPerDay: rated,
    } = tier.params as {
      readonly drives?: number;
      readonly driveBytes?: number;
      readonly driveWritesPerDay?: number;
    };
    const station = info.resources.find((resource) => resource.tier === tier.name && resource.kind === 'device');
    if (drives === undefined || driveBytes === undefined || station === undefined) return;
    const capacity = drives * driveBytes * poolsOf(scenario, info, tier.per);
    const days = end.simulatedNs / 1e9 / SECONDS_PER_DAY;
    const perDay = days > 0 ? end.tiers[rank]!.writtenBytes / capacity / days : 0;
    wear[station.class] = {
      writeAmplification: 1,
      driveWritesPerDay: perDay,
      lifetimeYears: rated === undefined || perDay === 0 ? null : (RATED_YEARS * rated) / perDay,
    };
  });
  return wear;
}
