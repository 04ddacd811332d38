/** The very simulator, in a worker: a scenario's text and overrides in; how far it is, and the summary with what its pictures need, out. */
import {catalogue} from '../src/catalogue.ts';
import type {Summary} from '../src/metrics/summary.ts';
import {ReportGatherer, type ReportData} from '../src/reports/reportData.ts';
import {ScenarioError} from '../src/scenario/diagnostics.ts';
import {loadScenario} from '../src/scenario/load.ts';
import type {Override} from '../src/scenario/overrides.ts';
import {simulate} from '../src/simulation/simulate.ts';
import {openSource} from '../src/simulation/source.ts';

export interface Task {
  readonly text: string;
  readonly overrides: readonly Override[];
}

export type Told =
  | {readonly kind: 'progress'; readonly share: number}
  | {readonly kind: 'done'; readonly summary: Summary; readonly data: ReportData}
  | {readonly kind: 'failed'; readonly message: string};

const PROGRESS_MS = 50;

addEventListener('message', ({data}: MessageEvent<Task>) => {
  try {
    run(data);
  } catch (error) {
    tell({
      kind: 'failed',
      message: error instanceof ScenarioError ? error.diagnostics.map(({message}) => message).join('\n') : String(error),
    });
  }
});

function run({text, overrides}: Task): void {
  const scenario = loadScenario(text, {file: 'scenario.yaml', overrides}, catalogue);
  let gatherer: ReportGatherer | null = null;
  let told = performance.now();
  const summary = simulate(scenario, openSource(scenario, []), {
    begin: (info) => {
      gatherer = new ReportGatherer(info, `tierscape run ${scenario.name}.yaml`);
    },
    request: (record) => gatherer!.request(record),
    interval: (record) => gatherer!.interval(record),
    measured: (latencies) => gatherer!.measured(latencies),
    progress: ({requests}) => {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      tell({kind: 'progress', share: Math.min(1, requests / (scenario.limits.requests ?? Infinity))});
    },
  });
  tell({kind: 'done', summary, data: gatherer!.data()});
}

function tell(message: Told): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  postMessage(message);
}
