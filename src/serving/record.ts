/** What is told of a request that has ended: its times, its hits, and where those that an unlimited cache would have had were missed. */
import type {Outcome, RequestRecord} from '../metrics/records.ts';
import type {LiveRequest} from './liveRequest.ts';
import type {Ticks} from './ports.ts';
import {StatePath} from './statePath.ts';

export function blocksIn(runs: readonly number[]): number {
  let blocks = 0;
  for (let i = 1; i < runs.length; i += 2) blocks += runs[i];
  return blocks;
}

/** Runs without their first `skip` blocks. */
export function runsFrom(runs: readonly number[], skip: number): readonly number[] {
  if (skip === 0) return runs;
  const rest: number[] = [];
  let left = skip;
  for (let i = 0; i < runs.length; i += 2) {
    const passed = Math.min(left, runs[i + 1]);
    left -= passed;
    if (runs[i + 1] > passed) rest.push(runs[i] + passed, runs[i + 1] - passed);
  }
  return rest;
}

export function emptyRecord(states: number, tiers: number): RequestRecord {
  return {
    session: 0,
    turn: 0,
    latencyClass: 'cold',
    serviceClass: '',
    tenant: '',
    outcome: 'completed',
    reason: '',
    prefillInstance: -1,
    decodeInstance: -1,
    order: 0,
    arrivalNs: 0,
    admittedNs: NaN,
    firstTokenNs: NaN,
    endNs: 0,
    inputTokens: 0,
    outputTokens: 0,
    deadlineNs: Infinity,
    blocks: 0,
    infiniteHitBlocks: 0,
    hitBlocks: new Float64Array(tiers),
    missPartial: 0,
    missLast: 0,
    missAbsent: 0,
    missRecomputed: 0,
    hitTokens: 0,
    recomputedTokens: 0,
    preemptions: 0,
    restarts: 0,
    ttftNs: new Float64Array(states),
    e2eNs: new Float64Array(states),
    hiddenNs: 0,
    path: new StatePath(),
  };
}

export function fillRecord(
  record: RequestRecord,
  request: LiveRequest,
  now: Ticks,
  outcome: Outcome,
  reason: string,
  ticksPerNs: number,
  blockTokens: number,
): RequestRecord {
  const {plan, session} = request;
  record.session = session.ordinal;
  record.turn = plan.turn;
  record.latencyClass = request.latencyClass;
  record.serviceClass = plan.serviceClass;
  record.tenant = session.plan.tenant;
  record.outcome = outcome;
  record.reason = reason;
  record.prefillInstance = request.prefillInstance;
  record.decodeInstance = request.decodeInstance;
  record.order = request.order;
  record.arrivalNs = request.arrival / ticksPerNs;
  record.admittedNs = request.admitted / ticksPerNs;
  record.firstTokenNs = request.firstToken / ticksPerNs;
  record.endNs = now / ticksPerNs;
  record.inputTokens = request.inputTokens;
  record.outputTokens = request.outputTokens;
  record.deadlineNs = plan.deadlineNs;
  record.hitTokens = request.hitTokens;
  record.recomputedTokens = request.recomputedTokens;
  record.hiddenNs = request.hiddenTicks / ticksPerNs;
  record.preemptions = request.preemptions;
  record.restarts = request.restarts;
  record.hitBlocks.set(request.hitBlocks);
  (record.path as StatePath).copy(request.path, ticksPerNs);
  explainMisses(record, request, outcome, blockTokens);
  for (let state = 0; state < request.spent.length; state++) {
    record.e2eNs[state] = request.spent[state] / ticksPerNs;
    record.ttftNs[state] = request.spentToFirstToken[state] / ticksPerNs;
  }
  return record;
}

/** Of what an infinite cache would have held: the partial block, the last block, what was found but computed all the same, and the rest. */
function explainMisses(record: RequestRecord, request: LiveRequest, outcome: Outcome, blockTokens: number): void {
  const {plan} = request;
  const full = Math.floor(request.inputTokens / blockTokens);
  const held = Math.ceil(request.inputTokens / blockTokens); // a truncated prompt refers to fewer blocks than its plan
  record.blocks = outcome === 'rejected' ? 0 : Math.min(held, plan.promptRuns.length === 0 ? held : blocksIn(plan.promptRuns));
  record.infiniteHitBlocks = outcome === 'rejected' ? 0 : Math.min(plan.infiniteHitBlocks, record.blocks);
  const infinite = Math.min(record.infiniteHitBlocks, full);
  const usable = Math.min(infinite, Math.floor((request.inputTokens - 1) / blockTokens));
  let hits = 0;
  for (let tier = 0; tier < record.hitBlocks.length; tier++) hits += record.hitBlocks[tier];
  const missing = Math.max(0, usable - hits);
  record.missPartial = record.infiniteHitBlocks - infinite;
  record.missLast = infinite - usable;
  record.missRecomputed = Math.min(missing, request.refusedBlocks);
  record.missAbsent = missing - record.missRecomputed;
}
