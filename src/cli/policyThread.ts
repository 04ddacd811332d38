/** A worker thread's entry: one study of the laboratory. A thread of its own for each lets the compiler see one policy only. */
import {PluginError} from '../lab/pluginPolicy.ts';
import {runStudy, type LabRow, type Study} from '../lab/study.ts';
import {createOf, type PolicySpec} from './policySpec.ts';
import {UserError} from './userError.ts';

export interface PolicyJob extends Study {
  /** Whether what the policy costs is measured. */
  readonly timing: boolean;
  readonly spec: PolicySpec;
}

/** Errors do not keep their class from thread to thread: the user's mistake comes back as its text. */
export type PolicyOutcome = {readonly rows: readonly LabRow[]} | {readonly mistake: string};

export default async function run({spec, timing, ...study}: PolicyJob): Promise<PolicyOutcome> {
  try {
    return {rows: runStudy(study, await createOf(spec), timing ? () => performance.now() * 1e6 : null)};
  } catch (error) {
    if (error instanceof PluginError || error instanceof UserError) return {mistake: error.message};
    throw error;
  }
}
