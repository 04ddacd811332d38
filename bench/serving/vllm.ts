/**
 * A real vLLM run, replayed: recorded arrivals and lengths go through simulate() with the engine's settings, and the times that come out
 * are set beside the times that were measured.
 *   npm run check:vllm [-- DIRECTORY] [--fit]
 * Reads ../shared/truth/vllm-rtxpro6000-llama-3.1-8b unless a directory is named; says so and stops where it is absent. Only the host's
 * two constants were ever fitted here (--fit), on the requests that arrived in the first ten seconds; errors are of all the others too.
 */
import fs from 'node:fs';
import path from 'node:path';
import {catalogue, loadScenario, simulate, type RequestPlan, type SessionPlan, type WorkloadSource} from '../../src/index.ts';
import {compare, fitHost, runningOver, type RealRequest, type RunningSample, type Times} from './compare.ts';

const arguments_ = process.argv.slice(2);
const directory = path.resolve(arguments_.find((argument) => !argument.startsWith('--')) ?? '../shared/truth/vllm-rtxpro6000-llama-3.1-8b');
if (!fs.existsSync(path.join(directory, 'requests.jsonl'))) {
  console.log(`skipped: there is no ${path.join(directory, 'requests.jsonl')}`);
  process.exit(0);
}

const meta = JSON.parse(fs.readFileSync(path.join(directory, 'meta.json'), 'utf8')) as {
  engine_kwargs: {max_num_seqs: number; max_num_batched_tokens: number};
};
const real = fs
  .readFileSync(path.join(directory, 'requests.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as RealRequest)
  .sort((a, b) => a.arrival_time - b.arrival_time);

/** The engine of meta.json: vLLM's blocks of 16 tokens, prefix caching without anything to share. */
const text = `
version: 1
name: vllm-run
question: Are simulated times those of a real server?
model: llama-3.1-8b
kv: {blockTokens: 16}
servers: {gpus: 1, dramBytes: 256 GB, dramBytesPerSecond: 300 GB/s, driveSlots: 0, gpu: {preset: rtx-pro-6000}}
instances: {mixed: {count: 1, gpus: 1}}
serving: {batchedTokensMax: ${meta.engine_kwargs.max_num_batched_tokens}, requestsMax: ${meta.engine_kwargs.max_num_seqs}, routing: roundRobin}
tiers: {hbm: {kind: hbm}}
workload: {kind: mooncakeTrace, path: recorded}
`;

function replay(overrides: readonly {path: string; value: string}[]): Times[] {
  const scenario = loadScenario(text, {file: 'vllm-run.yaml', overrides}, catalogue);
  const times: Times[] = [];
  simulate(scenario, recorded(), {
    request: (record) =>
      (times[record.session] = {
        arrivalNs: record.arrivalNs,
        admittedNs: record.admittedNs,
        firstTokenNs: record.firstTokenNs,
        endNs: record.endNs,
        outputTokens: record.outputTokens,
      }),
  });
  return times;
}

function recorded(): WorkloadSource {
  const first = real[0]!.arrival_time;
  let next = 0;
  const session = (request: RealRequest): SessionPlan => ({
    name: request.request_id,
    tenant: 'recorded',
    startNs: Math.round((request.arrival_time - first) * 1e9),
    requests: [plan(request)],
  });
  return {next: () => (next < real.length ? session(real[next++]!) : null), traces: [], merging: 'as recorded', warnings: []};
}

function plan(request: RealRequest): RequestPlan {
  return {
    turn: 0,
    inputTokens: request.input_toks,
    outputTokens: request.output_toks,
    promptRuns: [],
    generatedRuns: [],
    after: [],
    offsetNs: 0,
    subagent: false,
    serviceClass: 'default',
    deadlineNs: Infinity,
    infiniteHitBlocks: 0,
  };
}

/** The server's own samples, a second apart (its KV use was not recorded in this run). */
function sampled(): RunningSample[] {
  const [header, ...lines] = fs.readFileSync(path.join(directory, 'timeseries.csv'), 'utf8').trim().split(/\r?\n/);
  const column = header!.split(',').indexOf('running');
  return lines.map((line) => line.split(',')).map((cells) => ({seconds: Number(cells[0]), running: Number(cells[column])}));
}

const started = process.cpuUsage();
if (arguments_.includes('--fit')) fitHost(real, (step, prefill) => replay(host(step, prefill)));
else {
  const times = replay([]);
  for (const line of compare(real, times)) console.log(line);
  console.log(runningOver(sampled(), times));
}
console.log(`${(process.cpuUsage(started).user / 1e6).toFixed(2)} s of CPU`);

function host(stepUs: number, prefillUs: number): {path: string; value: string}[] {
  return [
    {path: 'servers.gpu.stepOverhead', value: `${stepUs} us`},
    {path: 'servers.gpu.prefillStepOverhead', value: `${prefillUs} us`},
  ];
}
