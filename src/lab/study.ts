/** One line of the laboratory's table: a policy on a trace, at several capacities. What worker threads are handed, and what they give back. */
import type {PolicySpace, EvictionPolicy} from '../placement/ports.ts';
import {Belady, nextReferences} from './belady.ts';
import {bootstrapInterval, countsBySession} from './bootstrap.ts';
import {measured, type Clock} from './costs.ts';
import {lruCurve} from './lruCurve.ts';
import {foretold, Oracle, oracle, type OracleValues} from './oracle.ts';
import {replayPrefixes, type TouchOrder} from './prefixReplay.ts';
import {replay} from './replay.ts';
import {estimateOf, miniatureOf, type Sample} from './sampling.ts';
import {requestsIn, type LabTrace} from './trace.ts';
import {windowsOf, type Window, type WindowRule} from './windows.ts';
export type {Window, WindowRule} from './windows.ts';

/** Bounds that read the future. `belady-bypass` may also pass a block by, `oracle` is wrong about a share of the requests. */
export const clairvoyants: readonly string[] = ['belady', 'belady-bypass', oracle.name];

export interface Study {
  /** The sample alone, where there is one. */
  readonly trace: LabTrace;
  /** As in the table: a name of the catalogue, or a clairvoyant, with its parameters. */
  readonly policy: string;
  /** Of the oracle; null: it is another policy. */
  readonly oracle: OracleValues | null;
  /** In bytes where the trace has sizes, else in blocks. */
  readonly capacities: readonly number[];
  /** null: every reference by itself. */
  readonly prefix: TouchOrder | null;
  /** null: no windows. */
  readonly windows: WindowRule | null;
  /** Seed of the sessions drawn for intervals; null: no intervals. */
  readonly bootstrapSeed: number | null;
  /** What the trace is a sample of; null: it is whole. */
  readonly sample: Sample | null;
}

export interface LabRow {
  readonly trace: string;
  readonly policy: string;
  /** null where sizes are honoured. */
  readonly capacityBlocks: number | null;
  /** null where a block's bytes are unknown. */
  readonly capacityBytes: number | null;
  readonly references: number;
  readonly misses: number;
  /** Six digits are significant. */
  readonly missRatio: number;
  /** Interval of 95 % of the miss ratio over sessions (bootstrap.ts); null where it is not asked for. */
  readonly missRatioLow: number | null;
  readonly missRatioHigh: number | null;
  /** null where sizes are not honoured. */
  readonly byteMissRatio: number | null;
  /** null where it was not simulated but computed. */
  readonly evictions: number | null;
  readonly insertedBytes: number | null;
  /** Hits behind an absent block, with prefix semantics; null without. */
  readonly stranded: number | null;
  /** GPU time to compute what was missed, with prefix semantics and a known cost; else null. */
  readonly gpuSeconds: number | null;
  /** null where they are not asked for. */
  readonly windows: readonly Window[] | null;
  /** Counts are estimates from so many references, of this share of the blocks or sessions (sampling.ts); null where everything is counted. */
  readonly sampleRate: number | null;
  readonly sampleUnit: 'blocks' | 'sessions' | null;
  readonly sampledReferences: number | null;
  /** Bytes of the policy's state for each entry that the cache may hold; null where not asked for, and of a clairvoyant or a plug-in. */
  readonly bytesPerEntry: number | null;
  /** Measured: what a reference took on this machine, look-up included; null where not asked for. */
  readonly nanosecondsPerReference: number | null;
  readonly merging: string;
}

export type CreatePolicy = (space: PolicySpace) => EvictionPolicy;

/** @param create makes the policy; not asked for a clairvoyant @param clock to measure by; null: nothing is measured */
export function runStudy(study: Study, create: CreatePolicy, clock: Clock | null = null): LabRow[] {
  const {sample, capacities} = study;
  if (sample === null) return count(study, create, clock);
  const rows = count({...study, capacities: capacities.map((capacity) => miniatureOf(capacity, sample))}, create, clock);
  return rows.map((row, i) => ({...estimateOf(row, sample), ...naming(study, capacities[i])}));
}

function count(study: Study, create: CreatePolicy, clock: Clock | null): LabRow[] {
  const {trace, policy, prefix} = study;
  const missesOf = study.windows === null && study.bootstrapSeed === null ? null : new Uint32Array(requestsIn(trace));
  const isCurve = policy === 'lru' && prefix === null && trace.sizes === null && missesOf === null && clock === null;
  if (isCurve && study.capacities.length > CURVE_PAYS) return rowsOfCurve(study);
  const make = study.oracle !== null || clairvoyants.includes(policy) ? clairvoyant(study) : create;
  return study.capacities.map((capacity) => {
    const run = (by: CreatePolicy): Counts => countsOf(study, capacity, by, missesOf);
    const {result, costs} = clock === null ? {result: run(make), costs: null} : measured(clock, make, run);
    return {
      ...naming(study, capacity),
      ...unasked,
      ...result,
      ...byRequest(study, missesOf),
      bytesPerEntry: costs?.bytesPerEntry ?? null,
      nanosecondsPerReference: costs === null ? null : costs.nanoseconds / result.references,
    };
  });
}

type Counts = Pick<
  LabRow,
  'references' | 'misses' | 'missRatio' | 'byteMissRatio' | 'evictions' | 'insertedBytes' | 'stranded' | 'gpuSeconds'
>;

/** One replay. */
function countsOf({trace, prefix}: Study, capacity: number, create: CreatePolicy, missesOf: Uint32Array | null): Counts {
  if (prefix !== null) {
    const {references, misses, evictions, stranded, insertedBlocks, missNs} = replayPrefixes(trace, capacity, prefix, create, missesOf);
    return {
      references,
      misses,
      missRatio: misses / references,
      byteMissRatio: null,
      evictions,
      insertedBytes: bytesOf(trace, insertedBlocks),
      stranded,
      gpuSeconds: trace.prefill === null ? null : missNs / 1e9,
    };
  }
  const {references, misses, missBytes, bytes, evictions, insertedBytes} = replay(trace, capacity, create, missesOf);
  return {
    references,
    misses,
    missRatio: misses / references,
    byteMissRatio: trace.sizes === null ? null : missBytes / bytes,
    evictions,
    insertedBytes: trace.sizes === null ? bytesOf(trace, insertedBytes) : insertedBytes,
    stranded: null,
    gpuSeconds: null,
  };
}

/** What is told of the misses of each request. */
function byRequest(
  {trace, windows, bootstrapSeed}: Study,
  missesOf: Uint32Array | null,
): Pick<LabRow, 'windows' | 'missRatioLow' | 'missRatioHigh'> {
  const interval = bootstrapSeed === null ? null : bootstrapInterval(countsBySession(trace, missesOf!), bootstrapSeed);
  return {
    windows: windows === null ? null : windowsOf(trace, windows, missesOf!),
    missRatioLow: interval?.low ?? null,
    missRatioHigh: interval?.high ?? null,
  };
}

/** From so many capacities on, one pass for the whole curve is cheaper than one for each. */
const CURVE_PAYS = 8;

function rowsOfCurve(study: Study): LabRow[] {
  const {references, hits} = lruCurve(study.trace.blocks, study.trace.distinct);
  return study.capacities.map((capacity) => {
    const misses = references - hits[Math.min(capacity, study.trace.distinct)];
    const missRatio = misses / references;
    return {
      ...naming(study, capacity),
      ...unasked,
      references,
      misses,
      missRatio,
      byteMissRatio: null,
      evictions: null,
      insertedBytes: null,
      stranded: null,
      gpuSeconds: null,
      ...byRequest(study, null),
    };
  });
}

/** Of what is counted, not estimated, and not measured. */
const unasked = {sampleRate: null, sampleUnit: null, sampledReferences: null, bytesPerEntry: null, nanosecondsPerReference: null} as const;

function naming(
  {trace, policy}: Study,
  capacity: number,
): Pick<LabRow, 'trace' | 'policy' | 'capacityBlocks' | 'capacityBytes' | 'merging'> {
  const isSized = trace.sizes !== null;
  return {
    trace: trace.name,
    policy,
    capacityBlocks: isSized ? null : capacity,
    capacityBytes: isSized ? capacity : bytesOf(trace, capacity),
    merging: trace.merging,
  };
}

function bytesOf({blockBytes}: LabTrace, blocks: number): number | null {
  return blockBytes === null ? null : blocks * blockBytes;
}

function clairvoyant({trace, policy, oracle: values}: Study): CreatePolicy {
  if (values !== null) {
    const said = foretold(trace, values);
    return (space) => new Oracle(said, values, space);
  }
  const next = nextReferences(trace.blocks, trace.distinct);
  return (space) => new Belady(next, space, policy === 'belady-bypass');
}

/** Bytes of all distinct blocks where sizes are honoured, by their first reference; else their number. */
export function footprintOf({blocks, distinct, sizes}: LabTrace): number {
  if (sizes === null) return distinct;
  const seen = new Uint8Array(distinct);
  let bytes = 0;
  for (let i = 0; i < blocks.length; i++) {
    if (seen[blocks[i]] === 1) continue;
    seen[blocks[i]] = 1;
    bytes += sizes[i];
  }
  return bytes;
}
