/** What the tests of workloads share: kinds with their defaults, files in memory, fixtures, and the public traces where they are there. */
import fs from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import type {Kind} from '../../src/base/params.ts';
import {valuesOf} from '../../src/scenario/values.ts';
import type {RequestPlan, SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from '../../src/workload/ports.ts';

/** A source with the kind's defaults, but for `given`, written as in a scenario. */
export function createSource(kind: Kind, given: object, context: Partial<WorkloadContext>): WorkloadSource {
  const create = kind.create as (values: object, context: WorkloadContext) => WorkloadSource;
  const values = valuesOf(kind.params, {...('path' in kind.params ? {path: 'trace'} : {}), ...given}, undefined, []);
  return create(values, {blockTokens: 16, files: [], seed: 1, shuffle: false, ...context});
}

export function sessionsOf(source: WorkloadSource): SessionPlan[] {
  const sessions: SessionPlan[] = [];
  for (let session = source.next(); session !== null; session = source.next()) sessions.push(session);
  return sessions;
}

export function requestsOf(source: WorkloadSource): RequestPlan[] {
  return sessionsOf(source).flatMap((session) => session.requests);
}

export function memoryFile(name: string, text: string): TraceFile {
  return {name, sha256: `sha of ${name}`, text: () => text};
}

const fixtures = path.join(import.meta.dirname, 'fixtures');

/** The files that are named after a kind: `kind.json`, `kind.second.json`. */
export function fixturesOf(kind: string): TraceFile[] {
  const names = fs.readdirSync(fixtures).filter((name) => name.startsWith(`${kind}.`));
  return names.sort().map((name) => memoryFile(name, fs.readFileSync(path.join(fixtures, name), 'utf8')));
}

/** Every content id of runs, one by one. */
export function idsOf(runs: readonly number[]): number[] {
  const ids: number[] = [];
  for (let run = 0; run < runs.length; run += 2) for (let index = 0; index < runs[run + 1]; index++) ids.push(runs[run] + index);
  return ids;
}

/** Blocks that runs hold. */
export function blocksIn(runs: readonly number[]): number {
  let blocks = 0;
  for (let run = 1; run < runs.length; run += 2) blocks += runs[run];
  return blocks;
}

const traces = path.resolve(import.meta.dirname, '../../../shared/traces');

/** Public trace files of a folder; none where they are absent: the test's title then says that it is skipped. */
export function publicTraces(folder: string): TraceFile[] {
  const directory = path.join(traces, folder);
  if (!fs.existsSync(directory)) return [];
  const names = fs.readdirSync(directory).sort();
  return names.map((name) => ({name, sha256: '', text: () => gunzipSync(fs.readFileSync(path.join(directory, name))).toString()}));
}
