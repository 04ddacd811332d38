/**
 * Traces of independent requests with arrival times: each request is a session of its own. The formats (mooncakeTrace.ts,
 * azureTrace.ts) read lines; this file decides when their requests arrive and where the trace is cut.
 */
import type {Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';
import {labelParams, labelsOf} from './labels.ts';
import {TraceError} from './ports.ts';
import type {RequestPlan, Runs, SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from './ports.ts';

export const openLoopParams = {
  path: {type: 'text', meaning: 'The trace file.'},
  arrivals: {
    type: 'choice',
    choices: ['asIs', 'spread', 'poisson'],
    default: 'asIs',
    meaning:
      'When requests arrive. asIs: as recorded. spread: those that share a timestamp are spaced evenly up to the next one. poisson: exponential gaps at the recorded mean rate, recorded order.',
  },
  timeScale: {
    type: 'number',
    min: 1e-6,
    max: 1e6,
    fraction: true,
    default: 1,
    meaning: 'Recorded times are multiplied by this; 0.5 is twice the load.',
  },
  requestsMax: {type: 'number', min: 1, max: 1e12, optional: true, meaning: 'End after this many requests.'},
  durationMax: {type: 'quantity', dimension: 'time', optional: true, meaning: 'End before the first request that arrives later than this.'},
  ...labelParams,
} as const satisfies Params;

export type OpenLoopValues = ValuesOf<typeof openLoopParams>;

/** A time of day and date, or of a trace's own zero: whole seconds, and nanoseconds within the second (together they may exceed a float64). */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** One line of a trace. */
export interface RecordedRequest {
  readonly instant: Instant;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly promptRuns: Runs;
  readonly infiniteHitBlocks: number;
}

/** How a format reads its text. All throw TraceError. */
export interface OpenLoopFormat {
  /** The lines that hold requests. */
  rows(file: string, text: string): Iterable<Line>;
  /** Called once a line, in file order. */
  read(file: string, line: Line): RecordedRequest;
  instantOf(file: string, line: Line): Instant;
}

/** A line of a text file, numbered from 1. Empty lines are passed over. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

export function* linesOf(text: string): Generator<Line, undefined> {
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trim();
    if (line !== '') yield {number, text: line};
    start = end + 1;
  }
}

/** The one file of an open-loop trace. @throws TraceError if there are more */
export function onlyFile(context: WorkloadContext): TraceFile {
  const [file, second] = context.files;
  if (file === undefined) throw new TraceError('path', 1, 'expected a trace file, found none');
  if (second !== undefined)
    throw new TraceError(second.name, 1, `expected one trace file, found ${context.files.length}: name one in path`);
  return file;
}

/** A request and its nanoseconds after the trace's first. */
interface Timed {
  readonly at: number;
  readonly recorded: RecordedRequest;
}

export class OpenLoop implements WorkloadSource {
  readonly traces: {name: string; sha256: string; requests: number}[];
  readonly merging: string;
  private readonly file: string;
  private readonly values: OpenLoopValues;
  private readonly shuffled: boolean;
  private readonly requests: Iterator<Timed>;
  /** When the request just taken arrives, in nanoseconds at the recorded speed. */
  private readonly arrivalOf: (at: number) => number;
  /** Requests that share a timestamp, and how many of them have been taken. */
  private group: readonly Timed[] = [];
  private taken = 0;
  /** Nanoseconds from this group to the next; for the last one, from the one before. */
  private groupGap = 0;
  private lookahead: Timed | null;
  /** Requests that arrived with the one before. */
  private coinciding = 0;
  private ended = false;

  /** @throws TraceError for a trace without requests, or at its first line if that is bad */
  constructor(values: OpenLoopValues, context: WorkloadContext, format: OpenLoopFormat) {
    const file = onlyFile(context);
    const text = file.text();
    this.file = file.name;
    this.values = values;
    this.shuffled = context.shuffle;
    this.traces = [{name: file.name, sha256: file.sha256, requests: 0}];
    this.merging = `one recorded arrival process, arrivals ${values.arrivals}, times x ${values.timeScale}`;
    this.requests = timed(file.name, text, format);
    this.lookahead = this.read();
    if (this.lookahead === null) throw new TraceError(file.name, 1, 'expected at least one request, found none');
    this.arrivalOf = this.arrivalRule(() => meanGapOf(file.name, text, format), context.seed);
  }

  get warnings(): readonly string[] {
    const read = this.traces[0].requests;
    const warnings: string[] = [];
    if (this.values.arrivals === 'asIs' && this.coinciding * 10 > read) {
      warnings.push(
        `${this.coinciding} of ${read} requests arrive with the one before: bursts of the recording; see arrivals: spread or poisson`,
      );
    }
    if (this.shuffled) warnings.push('sessions.order: shuffled does not apply to a trace with arrival times');
    return warnings;
  }

  next(): SessionPlan | null {
    const index = this.traces[0].requests;
    const timed = this.ended || index >= (this.values.requestsMax ?? Infinity) ? null : this.take();
    const startNs = timed === null ? Infinity : Math.round(this.arrivalOf(timed.at) * this.values.timeScale);
    this.ended = timed === null || startNs > (this.values.durationMax ?? Infinity);
    if (timed === null || this.ended) return null;
    this.traces[0].requests++;
    if (this.taken > 1) this.coinciding++;
    return {name: `${this.file}#${index}`, tenant: this.values.tenant, startNs, requests: [planOf(timed.recorded, this.values)]};
  }

  private arrivalRule(meanGap: () => number, seed: number): (at: number) => number {
    if (this.values.arrivals === 'asIs') return (at) => at;
    if (this.values.arrivals === 'spread') return (at) => at + (this.groupGap * (this.taken - 1)) / this.group.length;
    const stream = new Stream(seed, 'workload/arrivals');
    const gap = meanGap();
    let now = -1;
    return () => (now = now < 0 ? 0 : now + stream.exponential() * gap);
  }

  private take(): Timed | null {
    if (this.taken === this.group.length) this.readGroup();
    return this.group[this.taken++] ?? null;
  }

  /** Reads requests up to the next distinct timestamp. */
  private readGroup(): void {
    const group: Timed[] = [];
    const first = this.lookahead;
    while (this.lookahead !== null && this.lookahead.at === first!.at) {
      group.push(this.lookahead);
      this.lookahead = this.read();
    }
    if (this.lookahead !== null) this.groupGap = this.lookahead.at - first!.at;
    this.group = group;
    this.taken = 0;
  }

  private read(): Timed | null {
    const result = this.requests.next();
    return result.done === true ? null : result.value;
  }
}

/** Reads line by line. @throws TraceError where a time goes back */
function* timed(file: string, text: string, format: OpenLoopFormat): Generator<Timed, undefined> {
  let first: Instant | null = null;
  let before = 0;
  for (const line of format.rows(file, text)) {
    const recorded = format.read(file, line);
    first ??= recorded.instant;
    const at = nanosecondsBetween(first, recorded.instant);
    if (at < before)
      throw new TraceError(file, line.number, `expected a time not before the line before's, found one ${(before - at) / 1e9} s earlier`);
    if (at > Number.MAX_SAFE_INTEGER)
      throw new TraceError(file, line.number, `expected a time within 104 days of the first, found one ${at / 86400e9} days later`);
    before = at;
    yield {at, recorded};
  }
}

/** Mean nanoseconds from request to request over the whole trace. */
function meanGapOf(file: string, text: string, format: OpenLoopFormat): number {
  let count = 0;
  let first: Line | null = null;
  let last: Line | null = null;
  for (const line of format.rows(file, text)) {
    first ??= line;
    last = line;
    count++;
  }
  if (first === null || last === null || count < 2) return 0;
  return nanosecondsBetween(format.instantOf(file, first), format.instantOf(file, last)) / (count - 1);
}

function nanosecondsBetween(from: Instant, to: Instant): number {
  return (to.seconds - from.seconds) * 1e9 + (to.nanoseconds - from.nanoseconds);
}

function planOf(recorded: RecordedRequest, values: OpenLoopValues): RequestPlan {
  return {
    turn: 0,
    inputTokens: recorded.inputTokens,
    outputTokens: recorded.outputTokens,
    promptRuns: recorded.promptRuns,
    generatedRuns: [],
    after: [],
    offsetNs: 0,
    subagent: false,
    ...labelsOf(values),
    infiniteHitBlocks: recorded.infiniteHitBlocks,
  };
}
