/** A worker thread's entry: one study of the laboratory. A thread of its own for each lets the compiler see one policy only. */
import {runStudy, type LabRow, type Study} from '../lab/study.ts';
import {policyNamed} from './policySpec.ts';

export interface PolicyJob extends Study {
  readonly values: {readonly [name: string]: unknown};
  /** Name in the catalogue; null for a clairvoyant. */
  readonly kind: string | null;
}

export default function run({kind, values, ...study}: PolicyJob): LabRow[] {
  return runStudy(study, (space) => policyNamed(kind!).create(values, space));
}
