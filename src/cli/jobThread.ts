/** A worker thread's entry: runs the jobs it is handed. */
import {runJob, type Job, type Outcome} from '../experiments/job.ts';
import {openWorkload} from './scenarioFile.ts';
import {version} from './version.ts';

export default function run(job: Job): Outcome {
  return runJob(job, openWorkload, version);
}
