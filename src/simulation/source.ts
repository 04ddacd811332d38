/** The workload of a scenario, over the files that were found for it. */
import type {Scenario} from '../scenario/scenario.ts';
import type {TraceFile, WorkloadContext, WorkloadSource} from '../workload/ports.ts';

/** `partFiles`: those of each part of a mixture. */
export function openSource(
  scenario: Scenario,
  files: readonly TraceFile[],
  partFiles: readonly (readonly TraceFile[])[] = [],
): WorkloadSource {
  const {kind, params, sessions} = scenario.workload;
  const create = kind.create as (params: object, context: WorkloadContext) => WorkloadSource;
  return create(params, {
    blockTokens: scenario.kv.blockTokens,
    files,
    partFiles,
    seed: scenario.seed,
    shuffle: sessions?.order === 'shuffled',
  });
}
