/**
 * The tables of a run as CSV (quoted as RFC 4180 has it, lines ended by LF): a row a request, a session, an interval, and a row a tier, station class and link. A column is declared
 * once, with its meaning; docs/outputs.md is made from the declarations. Units are in the names; an empty cell says that there is none.
 */
import {stringify} from 'csv-stringify/sync';
import {statesOf, type IntervalRecord, type RequestRecord, type RunInfo, type SessionRecord} from '../metrics/records.ts';
import type {ResourceSummary, Summary, TierSummary} from '../metrics/summary.ts';

type Cell = string | number | null;

export interface Column<Row = never> {
  readonly name: string;
  readonly meaning: string;
  readonly of: (row: Row) => Cell;
}

function column<Row>(name: string, meaning: string, of: (row: Row) => Cell): Column<Row> {
  return {name, meaning, of};
}

/** Rows of one table, turned into text a batch at a time. */
export class CsvTable<Row = never> {
  private readonly columns: readonly Column<Row>[];
  private rows: Cell[][];

  constructor(columns: readonly Column<Row>[]) {
    this.columns = columns;
    this.rows = [columns.map(({name}) => name)];
  }

  record(row: Row): void {
    this.rows.push(this.columns.map(({of}) => of(row)));
  }

  get pending(): number {
    return this.rows.length;
  }

  /** The text of what has been added since the last call. */
  take(): string {
    const text = stringify(this.rows);
    this.rows = [];
    return text;
  }
}

/** requests.csv. */
export function requestColumns(tierNames: readonly string[]): Column<RequestRecord>[] {
  const states = statesOf(tierNames);
  return [
    column('session', 'Ordinal of the session, in start order.', (r) => r.session),
    column('turn', 'Place of the request in its session, from 0.', (r) => r.turn),
    column('latencyClass', 'cold (first turn), warm, afterIdle (long after the turn before) or subagent.', (r) => r.latencyClass),
    column('serviceClass', "The workload's class of the request.", (r) => r.serviceClass),
    column('tenant', 'Whose session it is.', (r) => r.tenant),
    column('outcome', 'completed, rejected or failed.', (r) => r.outcome),
    column('reason', 'Why it was rejected or failed.', (r) => r.reason),
    column('prefillInstance', 'Ordinal of the instance that computed the prompt.', (r) => index(r.prefillInstance)),
    column('decodeInstance', 'Ordinal of the instance that generated.', (r) => index(r.decodeInstance)),
    column('arrivalSeconds', 'Arrival at the router.', (r) => seconds(r.arrivalNs)),
    column('admittedSeconds', 'First admission to an instance.', (r) => seconds(r.admittedNs)),
    column('firstTokenSeconds', 'The first token leaves.', (r) => seconds(r.firstTokenNs)),
    column('endSeconds', 'The last token leaves, or the request is given up.', (r) => seconds(r.endNs)),
    column('ttftSeconds', 'From arrival to the first token.', (r) => seconds(r.firstTokenNs - r.arrivalNs)),
    column('tpotSeconds', '(e2e - ttft) / (output tokens - 1).', (r) =>
      seconds(r.outputTokens < 2 ? NaN : (r.endNs - r.firstTokenNs) / (r.outputTokens - 1)),
    ),
    column('e2eSeconds', 'From arrival to the end.', (r) => seconds(r.endNs - r.arrivalNs)),
    column('inputTokens', 'Tokens of the prompt.', (r) => r.inputTokens),
    column('outputTokens', 'Tokens generated.', (r) => r.outputTokens),
    column('hitTokens', 'Tokens of the prompt that were not computed, at first admission.', (r) => r.hitTokens),
    column('recomputedTokens', 'Tokens of the prompt computed again after preemption or loss.', (r) => r.recomputedTokens),
    column('blocks', 'Blocks of the prompt.', (r) => r.blocks),
    column('infiniteHitBlocks', 'Leading blocks that a cache without limit would hold.', (r) => r.infiniteHitBlocks),
    ...tierNames.map((name, tier) =>
      column<RequestRecord>(`hitBlocks.${name}`, 'Blocks found in this tier at first admission.', (r) => r.hitBlocks[tier]!),
    ),
    column('missPartial', 'Of the infinite hits: the partial last block, which cannot be cached.', (r) => r.missPartial),
    column('missLast', 'Of the infinite hits: the last block, computed for its logits.', (r) => r.missLast),
    column('missAbsent', 'Of the infinite hits: evicted, or not yet computed.', (r) => r.missAbsent),
    column('missRecomputed', 'Of the infinite hits: found, and computed because that was expected to be sooner.', (r) => r.missRecomputed),
    column('preemptions', 'How often it was thrown out of HBM.', (r) => r.preemptions),
    column('restarts', 'How often the instance that it was at failed.', (r) => r.restarts),
    ...states.map((state, i) =>
      column<RequestRecord>(`ttftSeconds.${state}`, 'Time to the first token spent in this state.', (r) => seconds(r.ttftNs[i]!)),
    ),
    ...states.map((state, i) =>
      column<RequestRecord>(`e2eSeconds.${state}`, 'Time to the end spent in this state.', (r) => seconds(r.e2eNs[i]!)),
    ),
  ];
}

/** sessions.csv. */
export const sessionColumns: readonly Column<SessionRecord>[] = [
  column('session', 'Ordinal, in start order.', (s) => s.session),
  column('name', 'Name in the workload.', (s) => s.name),
  column('tenant', 'Whose it is.', (s) => s.tenant),
  column('startSeconds', 'First arrival.', (s) => seconds(s.startNs)),
  column('endSeconds', 'Last end.', (s) => seconds(s.endNs)),
  column('requests', 'Requests in it.', (s) => s.requests),
  column('completed', 'Of these, completed.', (s) => s.completed),
  column('inputTokens', 'Tokens of all prompts.', (s) => s.inputTokens),
  column('outputTokens', 'Tokens generated.', (s) => s.outputTokens),
  column('hitTokens', 'Tokens of prompts that were not computed.', (s) => s.hitTokens),
];

/** An interval with the totals at its start, so that rates can be told. */
interface Interval {
  readonly now: IntervalRecord;
  readonly before: {readonly endNs: number; readonly busyNs: readonly number[]; readonly bytes: readonly number[]};
}

/** timeline.csv: states at the end of each interval, totals since the start, and rates in the interval. */
export function timelineColumns(tierNames: readonly string[], resources: RunInfo['resources']): Column<Interval>[] {
  const classes = [...new Set(resources.map((resource) => resource.class))];
  const total =
    (name: string, of: (interval: Interval, station: number) => number) =>
    (interval: Interval): number =>
      resources.reduce((sum, resource, i) => (resource.class === name ? sum + of(interval, i) : sum), 0);
  const lengthNs = ({now, before}: Interval): number => now.endNs - before.endNs;
  return [
    column('endSeconds', 'End of the interval.', ({now}) => seconds(now.endNs)),
    column('arrived', 'Requests that have arrived.', ({now}) => now.arrived),
    column('ended', 'Requests that have ended.', ({now}) => now.completed),
    column('waiting', 'Requests not admitted now.', ({now}) => now.waiting),
    column('running', 'Requests held by instances now.', ({now}) => now.running),
    column('inputTokens', 'Prompt tokens so far.', ({now}) => now.inputTokens),
    column('hitTokens', 'Of these, not computed.', ({now}) => now.hitTokens),
    column('outputTokens', 'Tokens generated so far.', ({now}) => now.outputTokens),
    ...tierNames.map((name, tier) => column<Interval>(`usedBytes.${name}`, 'In use now.', ({now}) => now.tierUsedBytes[tier]!)),
    ...tierNames.map((name, tier) =>
      column<Interval>(`hitBlocks.${name}`, 'Blocks found here so far.', ({now}) => now.tierHitBlocks[tier]!),
    ),
    ...classes.flatMap((name): Column<Interval>[] => {
      const count = resources.filter((resource) => resource.class === name).length;
      const busy = total(name, ({now, before}, i) => now.resourceBusyNs[i]! - (before.busyNs[i] ?? 0));
      const bytes = total(name, ({now, before}, i) => now.resourceBytes[i]! - (before.bytes[i] ?? 0));
      const rate = (interval: Interval, amount: number): number => (lengthNs(interval) > 0 ? amount / lengthNs(interval) : 0);
      return [
        column(`utilisation.${name}`, 'Busy share of these stations in the interval.', (one) => rate(one, busy(one) / count)),
        column(`bytesPerSecond.${name}`, 'Rate of these stations in the interval.', (one) => rate(one, bytes(one)) * 1e9),
        column(
          `queued.${name}`,
          'Slabs waiting or in service now.',
          total(name, ({now}, i) => now.resourceQueued[i]!),
        ),
      ];
    }),
  ];
}

/** timeline.csv, as it is filled: keeps the totals of the interval before. */
export class TimelineTable extends CsvTable<Interval> {
  private before: Interval['before'] = {endNs: 0, busyNs: [], bytes: []};

  constructor({tierNames, resources}: RunInfo) {
    super(timelineColumns(tierNames, resources));
  }

  interval(now: IntervalRecord): void {
    this.record({now, before: this.before});
    this.before = {endNs: now.endNs, busyNs: [...now.resourceBusyNs], bytes: [...now.resourceBytes]};
  }
}

type Part = {readonly name: string; readonly tier?: TierSummary; readonly stations?: ResourceSummary};

/** tiers.csv: a row a tier, then a row a class of stations; what the one has, the other leaves empty. */
export const tierColumns: readonly Column<Part>[] = [
  column('kind', 'tier, memory, device or link.', ({stations}) => stations?.kind ?? 'tier'),
  column('name', 'Of the tier or the class of stations.', ({name}) => name),
  column('count', 'Stations of the class.', ({stations}) => stations?.count ?? null),
  column('capacityBytes', 'Capacity of all pools of the tier; empty where unlimited.', ({tier}) => tier?.capacityBytes ?? null),
  column('usedBytesMean', 'In use, over time.', ({tier}) => tier?.usedBytes.mean ?? null),
  column('usedBytesMax', 'In use, the most.', ({tier}) => tier?.usedBytes.max ?? null),
  column('readBytes', 'Moved out of the tier.', ({tier}) => tier?.readBytes ?? null),
  column('writtenBytes', 'Moved into the tier, or made there.', ({tier}) => tier?.writtenBytes ?? null),
  column('hitBlocks', 'Prompt blocks found in the tier.', ({tier}) => tier?.hitBlocks ?? null),
  column('evictedBlocks', 'Blocks that left for others.', ({tier}) => tier?.evictedBlocks ?? null),
  column('droppedBlocks', 'Of these, without a copy left below.', ({tier}) => tier?.droppedBlocks ?? null),
  column('refusedBlocks', 'Not written, because the admission of the tier refused.', ({tier}) => tier?.refusedBlocks ?? null),
  column('refusedBytes', 'Of these.', ({tier}) => tier?.refusedBytes ?? null),
  column('bytesPerSecond', 'Rate of all stations of the class.', ({stations}) => stations?.bytesPerSecond ?? null),
  column('bytes', 'Bytes that passed them.', ({stations}) => stations?.bytes ?? null),
  column('operations', 'Slabs that they served.', ({stations}) => stations?.operations ?? null),
  column('utilisationMean', 'Busy share, mean of the stations.', ({stations}) => stations?.utilisation.mean ?? null),
  column('utilisationMax', 'Busy share of the busiest.', ({stations}) => stations?.utilisation.max ?? null),
  column('hottest', 'The busiest.', ({stations}) => stations?.utilisation.hottest ?? null),
  column('queueMean', 'Slabs waiting or in service, over time.', ({stations}) => stations?.queue.mean ?? null),
  column('queueMax', 'The most at one station.', ({stations}) => stations?.queue.max ?? null),
];

/** tiers.csv, whole. */
export function* tiersCsv({tiers, devices, networks}: Summary): Generator<string> {
  const table = new CsvTable(tierColumns);
  for (const [name, tier] of Object.entries(tiers)) table.record({name, tier});
  for (const [name, stations] of [...Object.entries(devices), ...Object.entries(networks)]) table.record({name, stations});
  yield table.take();
}

/** Empty where there is none. */
function seconds(nanoseconds: number): number | null {
  return Number.isNaN(nanoseconds) ? null : nanoseconds / 1e9;
}

function index(instance: number): number | null {
  return instance < 0 ? null : instance;
}
