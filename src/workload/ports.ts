/** What a workload hands to serving: sessions in start order, each a small graph of requests over content-named blocks. Types only. */

/**
 * Runs of content ids, flat pairs [first id, count, first id, count, ...]. Ids are integers in 0 .. 2^53-1. Equal ids are equal
 * content *and equal history*: an id names a whole chain, so it always has the same predecessor. One id is one block of the
 * scenario's `kv.blockTokens`, whatever the trace's own block size.
 */
export type Runs = readonly number[];

export interface RequestPlan {
  /** Position in the session, from 0, sub-agents included; unique within the session. */
  readonly turn: number;
  /** Prompt tokens, > 0. */
  readonly inputTokens: number;
  /** Tokens generated, >= 0; 0 means that the request ends with its prefill. */
  readonly outputTokens: number;
  /**
   * Prompt content. Covers floor(input/blockTokens) blocks, or one more where the source names the partial last block
   * (Mooncake). Empty: nobody shares this prompt (Azure).
   */
  readonly promptRuns: Runs;
  /**
   * Content of the blocks that decode completes, from block floor(input/blockTokens) on, as far as the workload knows that a later
   * prompt may use them. Empty: generated blocks are never reused.
   */
  readonly generatedRuns: Runs;
  /** Flat pairs [turn, nanoseconds]: this request arrives once every named turn has completed and its think time has passed. Empty: at session start + offsetNs. */
  readonly after: readonly number[];
  /** Nanoseconds after the session's start; used where `after` is empty. */
  readonly offsetNs: number;
  readonly subagent: boolean;
  /** How the reply ends: with a tool call, or by handing the word to the user. Left out where the source does not say. Known once it has ended. */
  readonly ending?: 'toolCall' | 'turnEnd';
  /** Service class, named by the workload; 'default' where it has none. */
  readonly serviceClass: string;
  /** Nanoseconds allowed from arrival to first token; Infinity: none. */
  readonly deadlineNs: number;
  /** Leading blocks of promptRuns that an infinite cache would hold, sessions read in recorded order. */
  readonly infiniteHitBlocks: number;
}

export interface SessionPlan {
  readonly name: string;
  readonly tenant: string;
  /** Arrival in nanoseconds from the run's start where the workload says it (open loop); null: the merge rule of sessions decides. */
  readonly startNs: number | null;
  /** In recorded order; `after` refers to turns of this list only, and never forward. */
  readonly requests: readonly RequestPlan[];
}

/** Pull interface: a million requests stream through in constant memory. Sessions with startNs come in its order. */
export interface WorkloadSource {
  next(): SessionPlan | null;
  /** Identity of the inputs read, in order, for summary.json; requests counted as far as read. */
  readonly traces: readonly {readonly name: string; readonly sha256: string; readonly requests: number}[];
  /** How sessions were ordered and merged, in a few words: printed beside every hit ratio. */
  readonly merging: string;
  /** Things that a reader of the results must know ("arrivals come in bursts of 3 s"). */
  readonly warnings: readonly string[];
}

/** A file that the command line has found for a trace; text() reads and unzips it whole, and throws TraceError on a truncated archive. */
export interface TraceFile {
  readonly name: string;
  readonly sha256: string;
  text(): string;
}

/** What a workload is made from besides its own parameters. */
export interface WorkloadContext {
  /** The scenario's `kv.blockTokens`: one content id is one such block. */
  readonly blockTokens: number;
  /** The files that the workload's `path` names, as the command line found them; empty for a generator. */
  readonly files: readonly TraceFile[];
  /** The same for each part of a mixture. */
  readonly partFiles?: readonly (readonly TraceFile[])[];
  readonly seed: number;
  /** `sessions.order: shuffled`: the order of sessions is drawn from the seed instead of taken as recorded. */
  readonly shuffle: boolean;
}

/** A trace that cannot be read: the user's mistake, with file and line. */
export class TraceError extends Error {
  readonly file: string;
  readonly line: number;
  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.name = 'TraceError';
    this.file = file;
    this.line = line;
  }
}
