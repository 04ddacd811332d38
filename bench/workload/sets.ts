/** The two kinds of sets that are compared, the recorded sessions and as many generated ones, and what a cache finds in them. */
import type {Kind} from '../../src/base/params.ts';
import {Stream} from '../../src/base/random.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import {agentSessions} from '../../src/workload/agentSessions.ts';
import {agentTrace} from '../../src/workload/agentTrace.ts';
import type {SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from '../../src/workload/ports.ts';
import {LruStack} from './lruStack.ts';
import {mergeSessions} from './merge.ts';

/** The recorded sessions' own. */
export const blockTokens = 64;
/** GLM-5.1 in BF16, the model of the trace authors' own table of hit ratios. */
export const bytesPerToken = 109_824;
export const capacitiesGib = [64, 128, 256, 512, 1024];

/** @param given parameters of agentTrace */
export function recordedSet(files: readonly TraceFile[], given: {readonly [name: string]: unknown} = {}): SessionPlan[] {
  return sessionsOf(agentTrace, {path: 'recorded', ...given}, {files, seed: 0});
}

/** Sessions with every parameter at its default but the shared prefix, which the records do not tell of. */
export function generatedSet(seed: number, sessionCount: number): SessionPlan[] {
  return sessionsOf(agentSessions, {sharedPrefix: 'none', sessionCount}, {files: [], seed});
}

function sessionsOf(
  kind: Kind,
  given: {readonly [name: string]: unknown},
  context: Pick<WorkloadContext, 'files' | 'seed'>,
): SessionPlan[] {
  const create = kind.create as (values: object, context: WorkloadContext) => WorkloadSource;
  const source = create(valuesOf(kind.params, given, undefined, []), {blockTokens, shuffle: false, ...context});
  const plans: SessionPlan[] = [];
  for (let plan = source.next(); plan !== null; plan = source.next()) plans.push(plan);
  return plans;
}

export function shuffled(plans: readonly SessionPlan[], seed: number): SessionPlan[] {
  return new Stream(seed, 'bench/order').shuffle([...plans]);
}

/**
 * Percent of the blocks referred to that lead their prompt and are held by an LRU of each capacity.
 * @param keep sessions at a time
 */
export function hitRatios(plans: readonly SessionPlan[], keep: number): number[] {
  const stack = new LruStack(capacitiesGib.map((capacity) => Math.floor((capacity * 2 ** 30) / (bytesPerToken * blockTokens))));
  mergeSessions(plans, keep, (request) => stack.prompt(request.promptRuns));
  return stack.hits.map((hits) => (100 * hits) / stack.references);
}

/** 1 .. count: seeds. */
export function range(count: number): number[] {
  return Array.from({length: count}, (_, index) => index + 1);
}
