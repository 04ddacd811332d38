/** What a run tells its metrics: one record a request, a session and an interval, and the meters of every resource at the end. Types and names only. */
import type {Histogram} from './histogram.ts';

import type {Scenario, Tier} from '../scenario/scenario.ts';

/**
 * Where a request's time goes. At each instant a request is in exactly one of these; the order is the order of columns in the
 * outputs. Loads are split by the tier that they come from: state = LOAD + rank of the source tier (1 .. tiers-1).
 */
export const QUEUED = 0; // at the router or the instance, not admitted
export const EVICTING = 1; // admitted, waiting for victims to be stored below
export const SHARED = 2; // waiting for blocks that another request computes or loads
export const BATCHING = 3; // ready, waiting for a step with room
export const PREFILL = 4; // in prefill steps
export const HANDOFF = 5; // KV moving, or waiting to move, to a decode instance
export const DECODE = 6; // in decode steps
export const PREEMPTED = 7; // thrown out of HBM, waiting to be admitted again
export const LOAD = 8;
export const stateNames = ['queued', 'evicting', 'shared', 'batching', 'prefill', 'handOff', 'decode', 'preempted'] as const;
/** Names of all states of a run with these tiers: the eight above, then load:<tier> for each tier but the first. */
export function statesOf(tierNames: readonly string[]): string[] {
  return [...stateNames, ...tierNames.slice(1).map((name) => `load:${name}`)];
}

export type Outcome = 'completed' | 'rejected' | 'failed';
export type LatencyClass = 'cold' | 'warm' | 'afterIdle' | 'subagent';

/** One finished request. The object is reused: copy what is kept. Times in nanoseconds (integers; fractions only in a ps timebase). */
export interface RequestRecord {
  /** Ordinal of its session in start order, and its position there. */
  session: number;
  turn: number;
  latencyClass: LatencyClass;
  serviceClass: string;
  tenant: string;
  outcome: Outcome;
  /** '' when completed; else why: 'overlength', 'neverFits', 'queueFull', 'tooLate', 'noInstance' */
  reason: string;
  /** Ordinal of the instance that prefilled it, and of the one that decoded it; -1: none. */
  prefillInstance: number;
  decodeInstance: number;
  /** Order of arrival over the whole run, from 0. */
  order: number;
  arrivalNs: number;
  /** First admission; NaN if never. */
  admittedNs: number;
  /** First output token leaving; NaN where there was none. */
  firstTokenNs: number;
  endNs: number;
  inputTokens: number;
  outputTokens: number;
  deadlineNs: number;
  /** Block references of the prompt: ceil(input/blockTokens) or the trace's own count. */
  blocks: number;
  /** Leading blocks that an infinite cache would have held. */
  infiniteHitBlocks: number;
  /** At first admission: leading blocks found, by tier rank. Rank 0 includes those being computed or loaded for another request. */
  readonly hitBlocks: Float64Array;
  /** Of the infinite cache's hits not found: the partial last block; the last block, computed for its logits; evicted or not yet computed; chosen to be recomputed though found. */
  missPartial: number;
  missLast: number;
  missAbsent: number;
  missRecomputed: number;
  /** Prompt tokens not computed at first admission. */
  hitTokens: number;
  /** Prompt tokens computed again after preemption or loss. */
  recomputedTokens: number;
  preemptions: number;
  /** Times that the instance it was at failed. */
  restarts: number;
  /** Nanoseconds in each state until the first token, and until the end; sums equal ttft and e2e. */
  readonly ttftNs: Float64Array;
  readonly e2eNs: Float64Array;
  /** Nanoseconds of loading that computing hid. */
  hiddenNs: number;
  /** The states that it was in, in order, and since when each; the first since arrival. */
  readonly path: {readonly count: number; readonly states: ArrayLike<number>; readonly since: ArrayLike<number>};
}

export interface SessionRecord {
  session: number;
  name: string;
  tenant: string;
  startNs: number;
  endNs: number;
  requests: number;
  completed: number;
  inputTokens: number;
  outputTokens: number;
  hitTokens: number;
}

/** Steps that an instance took one after another, all of one kind. */
export interface StepsRecord {
  readonly instance: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly steps: number;
  /** Prompt tokens computed in each; and requests that decoded. */
  readonly prefillTokens: number;
  readonly decoding: number;
}

/** A transfer that has ended. */
export interface TransferRecord {
  readonly kind: 'load' | 'store' | 'move';
  /** Names of the pools, and of the stations and links between them. */
  readonly source: string;
  readonly target: string;
  readonly stations: readonly string[];
  readonly bytes: number;
  readonly blocks: number;
  readonly startNs: number;
  readonly endNs: number;
  /** Of the request that it was for; -1: for none. */
  readonly session: number;
  readonly turn: number;
}

/** State of the whole at the end of an interval; counters are totals since the run's start. Arrays by tier rank or by resource, see RunInfo. */
export interface IntervalRecord {
  endNs: number;
  arrived: number;
  completed: number;
  /** Requests waiting and running now. */
  waiting: number;
  running: number;
  inputTokens: number;
  hitTokens: number;
  outputTokens: number;
  readonly tierUsedBytes: Float64Array;
  readonly tierHitBlocks: Float64Array;
  /** Block references so far of those that the hits are counted of. */
  blockReferences: number;
  /** GPU-nanoseconds in prefill and decode. */
  gpuBusyNs: number;
  readonly resourceBusyNs: Float64Array;
  readonly resourceBytes: Float64Array;
  readonly resourceQueued: Float64Array;
  /** Integral over time of those waiting and in service. */
  readonly resourceQueuedNs: Float64Array;
}

/** Names and sizes that do not change during a run. */
export interface RunInfo {
  readonly tierNames: readonly string[];
  readonly tierCapacityBytes: readonly number[];
  /** Every station that bytes pass: 'server0.dram', 'instance3.host.up', 'server0.nvme.read', ... */
  readonly resources: readonly {
    readonly name: string;
    readonly class: string;
    readonly kind: 'memory' | 'device' | 'link' | 'gpu';
    readonly tier: string | null;
    readonly bytesPerSecond: number;
    readonly joulesPerBit: number;
  }[];
  /** Requests that arrive before this are not measured. */
  readonly warmupNs: number;
  readonly blockBytes: number;
  readonly blockTokens: number;
  readonly instances: number;
  readonly gpus: number;
}

/** Pools of a tier: one an instance, a server, or one for the whole cluster. */
export function poolsOf({servers}: Scenario, {instances}: RunInfo, per: Tier['per']): number {
  return per === 'cluster' ? 1 : per === 'server' ? servers.count : instances;
}

/** One of the networks of all servers together. */
export interface NetworkMeter {
  readonly name: string;
  readonly fabric: string;
  /** Of a server, and what they give it in each direction. */
  readonly ports: number;
  readonly serverBytesPerSecond: number;
  /** Moved for placement; background traffic is not in it. */
  readonly bytes: number;
  readonly joules: number;
  /** Nanoseconds from submission to end of each transfer that crossed it. */
  readonly transfers: Histogram;
  /** Nanoseconds of each burst of background traffic. */
  readonly bursts: Histogram;
  /** Purchase, US dollars, of all servers' ports with their switches. */
  readonly price: number;
  readonly pricesDated: string;
}

/** What a tier did, all of its pools together. */
export interface TierMeter {
  readonly ledger: {readonly [item: string]: number};
  readonly capacityBytes: number;
  readonly usedBytesMean: number;
  readonly usedBytesMax: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Bytes moved from here to each tier, by rank. */
  readonly movedBytes: readonly number[];
  readonly evictedBlocks: number;
  /** Evicted without a copy left anywhere below. */
  readonly droppedBlocks: number;
  /** Dropped because their time to live was over. */
  readonly expiredBlocks: number;
  /** Not written here because the tier's admission refused. */
  readonly refusedBlocks: number;
}

/** What a fault did as it began, and how long GPUs stood still for it. */
export interface FaultMeter {
  readonly on: string;
  readonly atNs: number;
  /** null: for good. */
  readonly forNs: number | null;
  /** Share of the rate that was left. */
  readonly rate: number;
  /** Transfers that were under way and broke off. */
  readonly transfersCut: number;
  readonly lostBlocks: number;
  readonly lostBytes: number;
  /** Requests that had to begin again, and tokens whose KV they had in HBM. */
  readonly restarts: number;
  readonly lostTokens: number;
  readonly gpuNsDown: number;
}

/** What a station did. */
export interface ResourceMeter {
  readonly busyNs: number;
  readonly bytes: number;
  readonly operations: number;
  /** Integral over time of those waiting and in service. */
  readonly queuedNs: number;
  readonly queuedMax: number;
}
