/** Traces for the benches of the policies: generated sessions, and where they lie beside the checkout, the public ones. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {Stream} from '../../src/base/random.ts';
import {readAgenticBlocks, readMooncakeBlocks} from '../../src/lab/formats/kvTraces.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {agentSessions} from '../../src/workload/agentSessions.ts';
import type {SessionPlan} from '../../src/workload/ports.ts';
import {mergeSessions} from '../workload/merge.ts';

const shared = path.resolve(process.cwd(), '../shared/traces');

/** Sessions of the built-in generator, `together` at a time, nothing common to two sessions. */
export function generatedSessions(sessions: number, together: number, seed: number): LabTrace {
  const values = valuesOf(agentSessions.params, {sessionCount: sessions, sharedPrefix: 'none'}, undefined, []);
  const source = agentSessions.create(values as Parameters<typeof agentSessions.create>[0], {
    blockTokens: 64,
    files: [],
    seed,
    shuffle: false,
  });
  const plans: SessionPlan[] = [];
  for (let plan = source.next(); plan !== null; plan = source.next()) plans.push(plan);
  const names = new Map<number, number>();
  const blocks: number[] = [];
  const requests = [0];
  const times: number[] = [];
  mergeSessions(plans, together, ({promptRuns}, at) => {
    for (let i = 0; i < promptRuns.length; i += 2)
      for (let k = 0; k < promptRuns[i + 1]; k++) {
        const id = promptRuns[i] + k;
        if (!names.has(id)) names.set(id, names.size);
        blocks.push(names.get(id)!);
      }
    requests.push(blocks.length);
    times.push(at);
  });
  return {
    name: `generated, seed ${seed}`,
    merging: `${sessions} sessions, ${together} at a time`,
    blocks: Int32Array.from(blocks),
    distinct: names.size,
    sizes: null,
    requests: Int32Array.from(requests),
    times: Float64Array.from(times),
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: 64 * 109_824,
  };
}

/** The recorded sessions, in order of name (order 0) or shuffled; null where they are not there. */
export function recordedSessions(together: number, order: number): LabTrace | null {
  const folder = path.join(shared, 'agentic-coding');
  if (!fs.existsSync(folder)) return null;
  const names = fs.readdirSync(folder).sort();
  if (order > 0) new Stream(order, 'bench/order').shuffle(names);
  const files = names.map((name) => ({name, text: () => unpacked(path.join(folder, name))}));
  return {...readAgenticBlocks(`recorded, order ${order}`, files, {together}), blockBytes: 64 * 109_824};
}

export function recordedChat(): LabTrace | null {
  const file = path.join(shared, 'mooncake/conversation_trace.jsonl.gz');
  return fs.existsSync(file) ? readMooncakeBlocks('chat', unpacked(file)) : null;
}

function unpacked(file: string): string {
  return zlib.gunzipSync(fs.readFileSync(file)).toString();
}
