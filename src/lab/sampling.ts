/**
 * Counts from a part of a trace: SHARDS at a fixed rate (Waldspurger, Park, Garthwaite and Ahmad, FAST 2015). A block is of the sample if the hash of
 * its name is below rate x 2^32, so that a sampled block keeps all of its references; a cache of C blocks is stood for by one of rate x C that is
 * given the sample alone. That is so for LRU's curve, and for any policy by a miniature of its cache (Waldspurger, Saemundsson, Ahmad and Park, ATC
 * 2017).
 *
 * SHARDS-adj: a few very hot blocks, in the sample or not, move the count of its references far more than that of its misses. What the sample has
 * more or less than rate x references is therefore taken for hits at every capacity, which comes to misses over the references expected instead of
 * those found.
 *
 * Prompts can only be sampled whole, by session: a prompt without some of its blocks is another prompt. How long sessions are is no matter of hot
 * blocks; misses are set against the references found, and capacity against the share of all blocks that the chosen sessions have.
 */
import {Stream} from '../base/random.ts';
import type {LabRow} from './study.ts';
import {requestsIn, requestStart, type LabTrace} from './trace.ts';

export interface SampleRule {
  /** Share of the blocks or of the sessions; > 0, at most 1. */
  readonly rate: number;
  readonly unit: 'blocks' | 'sessions';
}

/** What a sampled trace stands for. */
export interface Sample extends SampleRule {
  /** Capacity of the miniature to that of the cache that it stands for. */
  readonly share: number;
  /** Of the whole trace, and of the sample. */
  readonly references: number;
  readonly sampledReferences: number;
  /** References found to references expected, and the same of their bytes: what a ratio in the sample is multiplied by. */
  readonly weight: number;
  readonly byteWeight: number;
}

export interface Sampled {
  readonly trace: LabTrace;
  readonly sample: Sample;
}

/** @param trace without requests where blocks are sampled, with sessions where those are @returns null where nothing is of the sample */
export function sampled(trace: LabTrace, rule: SampleRule, seed: number): Sampled | null {
  const isChosen = chooser(rule.rate, seed);
  const part = rule.unit === 'blocks' ? chosenBlocks(trace, isChosen) : chosenSessions(trace, isChosen);
  if (part.blocks.length === 0) return null;
  const inBlocks = rule.unit === 'blocks';
  const sample = {
    ...rule,
    share: inBlocks ? rule.rate : part.distinct / trace.distinct,
    references: trace.blocks.length,
    sampledReferences: part.blocks.length,
    weight: inBlocks ? part.blocks.length / (rule.rate * trace.blocks.length) : 1,
    byteWeight: inBlocks && trace.sizes !== null ? bytesIn(part.sizes!) / (rule.rate * bytesIn(trace.sizes)) : 1,
  };
  return {trace: part, sample};
}

/** Capacity of the miniature, in the same unit; at least 1. */
export function miniatureOf(capacity: number, {share}: Sample): number {
  return Math.max(1, Math.round(capacity * share));
}

/** What a row of the miniature says of the cache that it stands for; its capacity is still the miniature's. */
export function estimateOf(row: LabRow, sample: Sample): LabRow {
  const {references, sampledReferences, weight, byteWeight} = sample;
  const scale = (references / sampledReferences) * weight;
  const times = (count: number | null): number | null => (count === null ? null : Math.round(count * scale));
  const missRatio = Math.min(1, row.missRatio * weight);
  return {
    ...row,
    references,
    misses: Math.round(missRatio * references),
    missRatio,
    byteMissRatio: row.byteMissRatio === null ? null : Math.min(1, row.byteMissRatio * byteWeight),
    evictions: times(row.evictions),
    insertedBytes: times(row.insertedBytes),
    stranded: times(row.stranded),
    gpuSeconds: row.gpuSeconds === null ? null : row.gpuSeconds * scale,
    sampleRate: sample.rate,
    sampleUnit: sample.unit,
    sampledReferences,
  };
}

/** Hashes a number with the finaliser of MurmurHash3 (Austin Appleby, public domain), which maps 32 bits one to one; other seeds choose others. */
function chooser(rate: number, seed: number): (number: number) => boolean {
  const salt = new Stream(seed, 'lab/sample').uint32();
  const below = rate * 2 ** 32;
  return (number) => {
    let hash = number ^ salt;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0 < below;
  };
}

function chosenBlocks(trace: LabTrace, isChosen: (block: number) => boolean): LabTrace {
  const numbers = new Int32Array(trace.distinct);
  for (let block = 0; block < trace.distinct; block++) numbers[block] = isChosen(block) ? UNSEEN : LEFT_OUT;
  let count = 0;
  for (const block of trace.blocks) if (numbers[block] === UNSEEN) count++;
  const kept = new Int32Array(count);
  for (let i = 0, at = 0; i < trace.blocks.length; i++) if (numbers[trace.blocks[i]] === UNSEEN) kept[at++] = i;
  return referencesOf(trace, kept, numbers);
}

function chosenSessions(trace: LabTrace, isChosen: (session: number) => boolean): LabTrace {
  const sessions = trace.sessions!;
  const kept: number[] = [];
  for (let request = 0; request < requestsIn(trace); request++) if (isChosen(sessions[request])) kept.push(request);
  const starts = Int32Array.from([0, ...kept]);
  kept.forEach((request, i) => (starts[i + 1] = starts[i] + requestStart(trace, request + 1) - requestStart(trace, request)));
  const references = new Int32Array(starts[kept.length]);
  kept.forEach((request, i) => {
    for (let at = starts[i]; at < starts[i + 1]; at++) references[at] = requestStart(trace, request) + at - starts[i];
  });
  return {
    ...referencesOf(trace, references, new Int32Array(trace.distinct).fill(UNSEEN)),
    requests: trace.requests === null ? null : starts,
    times: trace.times === null ? null : Float64Array.from(kept, (request) => trace.times![request]),
    sessions: Int32Array.from(kept, (request) => sessions[request]),
    endings: trace.endings === null ? null : Uint8Array.from(kept, (request) => trace.endings![request]),
  };
}

const UNSEEN = -1;
const LEFT_OUT = -2;

/** The references at `kept`, their blocks numbered anew. @param numbers UNSEEN for each block of theirs */
function referencesOf(trace: LabTrace, kept: Int32Array, numbers: Int32Array): LabTrace {
  let distinct = 0;
  const blocks = kept.map((at) => {
    const block = trace.blocks[at];
    if (numbers[block] === UNSEEN) numbers[block] = distinct++;
    return numbers[block];
  });
  return {...trace, blocks, distinct, sizes: trace.sizes === null ? null : Uint32Array.from(kept, (at) => trace.sizes![at])};
}

function bytesIn(sizes: Uint32Array): number {
  let bytes = 0;
  for (const size of sizes) bytes += size;
  return bytes;
}
