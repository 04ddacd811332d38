/** A run without its start, where the scenario says `warmup: auto`: one run to find where the start ends, and the same again that leaves it out. */
import type {Summary} from '../metrics/summary.ts';
import type {Scenario} from '../scenario/scenario.ts';
import type {WorkloadSource} from '../workload/ports.ts';
import {simulate, type RunObserver, type RunOptions} from './simulate.ts';

/** @param open the workload from its beginning, each time that it is called */
export function simulateSettled(
  scenario: Scenario,
  open: () => WorkloadSource,
  observer: RunObserver = {},
  options: RunOptions = {},
): Summary {
  if (!scenario.warmupAuto) return simulate(scenario, open(), observer, options);
  const {progress} = observer;
  const {warmup} = simulate(scenario, open(), progress === undefined ? {} : {progress}, options).intervals;
  // requests that arrive before `warmup` are left out: one tick after the last of the start
  const warmupNs = warmup.requests === 0 ? 0 : Math.floor(warmup.seconds * 1e9) + 1;
  return simulate({...scenario, warmupNs}, open(), observer, options);
}
