/** The thread of a run: reads the scenario, simulates, writes the files; tells how far it is, and how it ended. */
import {parentPort, workerData} from 'node:worker_threads';
import {accessesHeader} from '../lab/formats/accesses.ts';
import type {RunInfo, StepsRecord, TransferRecord} from '../metrics/records.ts';
import type {Summary} from '../metrics/summary.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {simulateSettled} from '../simulation/settled.ts';
import {placementOf} from '../simulation/simulate.ts';
import {ticksPerSecond} from '../simulation/topology.ts';
import {endingOf} from './failure.ts';
import {RunOutputs} from './outputs.ts';
import type {RunMessage, RunTask} from './run.ts';
import {commandOf, contentOf, openWorkload, readScenario} from './scenarioFile.ts';
import {UserError} from './userError.ts';
import {version} from './version.ts';

const PROGRESS_MS = 100;

const task = workerData as RunTask;
let outputs: RunOutputs | null = null;
try {
  tell({kind: 'done', summary: run(task)});
} catch (error) {
  (outputs as RunOutputs | null)?.abandon();
  tell({kind: 'failed', ending: endingOf(error, task.args)});
}

function run({file, flags}: RunTask): Summary {
  if (flags.journal && flags.out === undefined) throw new UserError('--journal writes journal.bin into --out: name a directory');
  if (flags.accesses && flags.out === undefined) throw new UserError('--accesses writes accesses.bin into --out: name a directory');
  if (flags.svg && flags.out === undefined) throw new UserError('--svg writes the pictures into --out: name a directory');
  if (flags.trace !== undefined && flags.out === undefined)
    throw new UserError('--trace writes trace.perfetto.json into --out: name a directory');
  const scenario = readScenario(file, flags);
  const total = scenario.limits.requests;
  let told = Date.now();
  const begin = (info: RunInfo): void => {
    if (flags.out === undefined) return;
    outputs = new RunOutputs(flags.out, info, {
      command: commandOf('run', scenario, flags),
      journal: flags.journal ? contentOf(file, flags) : null,
      accesses: flags.accesses ? accessesOf(scenario) : null,
      svg: flags.svg ?? false,
      trace: flags.trace === undefined ? null : {...flags.traceWindow, sample: flags.traceSample},
    });
  };
  const summary = simulateSettled(
    scenario,
    () => openWorkload(scenario, file),
    {
      begin,
      request: (record) => outputs?.request(record),
      session: (record) => outputs?.session(record),
      interval: (record) => outputs?.interval(record),
      measured: (latencies) => outputs?.measured(latencies),
      progress: ({requests, simulatedNs}) => {
        const now = Date.now();
        if (now - told < PROGRESS_MS) return;
        told = now;
        tell({kind: 'progress', requests, total, simulatedSeconds: simulatedNs / 1e9});
      },
      journalEnd: (digest) => outputs?.journalEnd(digest),
      ...(flags.trace === undefined
        ? {}
        : {steps: (record: StepsRecord) => outputs?.steps(record), transfer: (record: TransferRecord) => outputs?.transfer(record)}),
      ...(flags.accesses ? {accesses: (words: Float64Array, count: number) => outputs?.accessWords(words, count)} : {}),
      ...(flags.journal ? {journal: (words: Float64Array, count: number) => outputs?.journalWords(words, count)} : {}),
    },
    {version},
  );
  for (const warning of (outputs as RunOutputs | null)?.finish(summary) ?? []) process.stderr.write(`warning: ${warning}\n`);
  return summary;
}

/** The beginning of accesses.bin. */
function accessesOf(scenario: Scenario): Uint8Array {
  const {pools, blockBytes} = placementOf(scenario);
  return accessesHeader({
    pools: pools.map(({name, capacityBlocks}) => ({name, capacityBlocks: Number.isFinite(capacityBlocks) ? capacityBlocks : null})),
    blockBytes,
    ticksPerSecond: ticksPerSecond(scenario),
  });
}

function tell(message: RunMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread has no origin
  parentPort!.postMessage(message);
}
