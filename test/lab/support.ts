/** Traces and policies for the laboratory's tests. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {Stream} from '../../src/base/random.ts';
import {exp, ln} from '../../src/base/mathematics.ts';
import type {Params} from '../../src/base/params.ts';
import {catalogue} from '../../src/catalogue.ts';
import {Belady, nextReferences} from '../../src/lab/belady.ts';
import {foretold, Oracle, oracle, type OracleValues} from '../../src/lab/oracle.ts';
import {readMooncakeBlocks} from '../../src/lab/formats/kvTraces.ts';
import {replay, type Replay} from '../../src/lab/replay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import type {EvictionPolicy, PolicySpace} from '../../src/placement/ports.ts';

/** Where real traces lie beside the checkout, or null. */
export const traces = ((): string | null => {
  const folder = path.resolve(import.meta.dirname, '../../../shared/traces');
  return fs.existsSync(folder) ? folder : null;
})();

export function defaultsOf(params: Params): {[name: string]: unknown} {
  return valuesOf(params, {}, undefined, []);
}

/** A policy of the catalogue, or one that reads the future of `trace`. */
export function creatorOf(name: string, trace: LabTrace, values: object = {}): (space: PolicySpace) => EvictionPolicy {
  if (name.startsWith('belady')) {
    const next = nextReferences(trace.blocks, trace.distinct);
    return (space) => new Belady(next, space, name === 'belady-bypass');
  }
  if (name === 'oracle') {
    const all = {...defaultsOf(oracle.params), ...values} as OracleValues;
    const said = foretold(trace, all);
    return (space) => new Oracle(said, all, space);
  }
  const kind = catalogue.policies.find((one) => one.name === name)!;
  const create = kind.create as (values: object, space: PolicySpace) => EvictionPolicy;
  return (space) => create({...defaultsOf(kind.params), ...values}, space);
}

export function replayWith(name: string, trace: LabTrace, capacity: number, values: object = {}): Replay {
  return replay(trace, capacity, creatorOf(name, trace, values));
}

/** Ids renumbered by an honest Map. */
export function traceOf(ids: readonly (number | bigint)[], sizes: Uint32Array | null = null, name = 'test'): LabTrace {
  const dense = new Map<number | bigint, number>();
  const blocks = new Int32Array(ids.length);
  ids.forEach((id, i) => {
    if (!dense.has(id)) dense.set(id, dense.size);
    blocks[i] = dense.get(id)!;
  });
  return {
    name,
    merging: '',
    blocks,
    distinct: dense.size,
    sizes,
    requests: null,
    times: null,
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

/** `requests` references, block k with a chance in proportion to about 1/(k+1). */
export function zipf(requests: number, objects: number, seed = 1): LabTrace {
  const stream = new Stream(seed, 'test/zipf');
  const span = ln(objects);
  return traceOf(Array.from({length: requests}, () => Math.floor(exp(stream.uniform() * span))));
}

export function readMooncakeRequests(): LabTrace {
  const text = zlib.gunzipSync(fs.readFileSync(path.join(traces!, 'mooncake/conversation_trace.jsonl.gz'))).toString('utf8');
  return readMooncakeBlocks('chat', text);
}

export function readCloudPhysics(): {ids: bigint[]; sizes: Uint32Array} {
  const bytes = zlib.gunzipSync(fs.readFileSync(path.join(traces!, 'cache/cloudPhysicsIO.oracleGeneral.bin.gz')));
  const count = bytes.length / 24;
  return {
    ids: Array.from({length: count}, (_, i) => bytes.readBigUInt64LE(24 * i + 4)),
    sizes: Uint32Array.from({length: count}, (_, i) => bytes.readUInt32LE(24 * i + 12)),
  };
}
