/** Several workloads at once: their sessions in the order in which they start. What one calls by an id is never what another calls so. */
import {instantAfter} from '../base/dayRate.ts';
import {Stream} from '../base/random.ts';
import type {Kind} from '../base/params.ts';
import type {SessionRule, Workload} from '../scenario/scenario.ts';
import type {RequestPlan, Runs, SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from './ports.ts';

/** Content ids of a part begin at its number times this. */
const PART_IDS = 2 ** 32;
/** Ids that a part gives to nobody else's blocks, and where those of the parts begin. */
const PRIVATE_IDS = 2 ** 52;
const PART_PRIVATE_IDS = 2 ** 44;

interface Part {
  readonly source: WorkloadSource;
  /** When the next session starts, where the part does not say it; null: it does. */
  readonly starts: (() => number) | null;
  readonly number: number;
  head: SessionPlan | null;
}

export const mixture = {
  name: 'mixture',
  summary: 'A list of workloads, all at once.',
  params: {},
  create: ({parts}: {readonly parts: readonly Workload[]}, context: WorkloadContext): WorkloadSource => new Mixture(parts, context),
} as const satisfies Kind;

class Mixture implements WorkloadSource {
  private readonly parts: readonly Part[];

  constructor(workloads: readonly Workload[], context: WorkloadContext) {
    this.parts = workloads.map((workload, number) => {
      const seed = new Stream(context.seed, `workload/part${number}`).uint32();
      const create = workload.kind.create as (params: object, context: WorkloadContext) => WorkloadSource;
      const files: readonly TraceFile[] = context.partFiles?.[number] ?? [];
      const source = create(workload.params, {...context, files, seed, shuffle: workload.sessions?.order === 'shuffled'});
      const part: Part = {source, starts: null, number, head: null};
      return {...part, starts: startsOf(workload.sessions, new Stream(seed, 'sessions/arrivals'))};
    });
    for (const part of this.parts) this.advance(part);
  }

  get traces(): WorkloadSource['traces'] {
    return this.parts.flatMap(({source}) => source.traces);
  }

  get merging(): string {
    return this.parts.map(({source}) => source.merging).join('; ');
  }

  get warnings(): readonly string[] {
    return this.parts.flatMap(({source}) => source.warnings);
  }

  next(): SessionPlan | null {
    let first: Part | null = null;
    for (const part of this.parts) if (part.head !== null && (first === null || part.head.startNs! < first.head!.startNs!)) first = part;
    if (first === null) return null;
    const session = first.head!;
    this.advance(first);
    return session;
  }

  private advance(part: Part): void {
    const session = part.source.next();
    if (session === null) {
      part.head = null;
      return;
    }
    const startNs = session.startNs ?? part.starts!();
    part.head = {...session, startNs, requests: session.requests.map((request) => ownOf(request, part.number))};
  }
}

/** When sessions start that leave it to the merge rule. */
function startsOf(rule: SessionRule | null, arrivals: Stream): () => number {
  let next = 0;
  return () => {
    const start = next;
    if (rule?.start === 'every') next += rule.everyNs!;
    if (rule?.start === 'poisson') next = nextOf(next, arrivals.exponential(), rule);
    return Math.round(start);
  };
}

function nextOf(now: number, events: number, {perSecond, profile}: SessionRule): number {
  return profile === null ? now + (events / perSecond!) * 1e9 : instantAfter(now, events, perSecond!, profile);
}

function ownOf(request: RequestPlan, part: number): RequestPlan {
  return {...request, promptRuns: shifted(request.promptRuns, part), generatedRuns: shifted(request.generatedRuns, part)};
}

function shifted(runs: Runs, part: number): Runs {
  return runs.map((word, i) => {
    if (i % 2 === 1) return word;
    return word < PRIVATE_IDS ? word + part * PART_IDS : word + (part + 1) * PART_PRIVATE_IDS;
  });
}
