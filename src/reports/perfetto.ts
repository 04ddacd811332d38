/**
 * A run as a timeline for Perfetto (ui.perfetto.dev) or chrome://tracing: JSON of the trace-event format, which counts in microseconds. Tracks are
 * GPUs, one an instance; every drive, memory and link, in as many lanes as transfers overlap; tiers and stations as counters; and requests, in
 * lanes too, with arrows from a request to the moves of its blocks. A window of simulated time and a sample of requests keep it loadable.
 */
import {wordsOf} from '../metrics/answer.ts';
import {
  statesOf,
  type IntervalRecord,
  type RequestRecord,
  type RunInfo,
  type StepsRecord,
  type TransferRecord,
} from '../metrics/records.ts';

export interface PerfettoOptions {
  /** Nanoseconds of simulated time; what reaches beyond is cut. */
  readonly fromNs: number;
  readonly toNs: number;
  /** One request in so many, with its transfers; of those that belong to no request, one in as many. */
  readonly sample: number;
}

/** Events at most, some 150 bytes each; what comes later is counted and left out. */
export const EVENTS_MAX = 1_000_000;

const GPUS = 1;
const STATIONS = 2;
const TIERS = 3;
const REQUESTS = 4;
const processes: readonly (readonly [number, string])[] = [
  [GPUS, 'GPUs'],
  [STATIONS, 'drives, memories and links'],
  [TIERS, 'tiers'],
  [REQUESTS, 'requests'],
];

/** From a request to the first station of a transfer, when that begins. */
interface Arrow {
  readonly ns: number;
  readonly tid: number;
}

/** Slices side by side in as few lanes as they need, where they come in the order of their ends. */
class Lanes {
  readonly ends: number[] = [];

  take(startNs: number, endNs: number): number {
    const free = this.ends.findIndex((end) => end <= startNs);
    const lane = free < 0 ? this.ends.length : free;
    this.ends[lane] = endNs;
    return lane;
  }
}

export class PerfettoTrace {
  /** Events left out because there were too many. */
  leftOut = 0;
  private readonly info: RunInfo;
  private readonly options: PerfettoOptions;
  private readonly states: readonly string[];
  private readonly lanes = new Map<string, Lanes>();
  /** Thread of each lane that has been named, by process and name. */
  private readonly threads = new Map<string, number>();
  /** Arrows that wait for the end of their request. */
  private readonly arrows = new Map<string, Arrow[]>();
  private readonly last: {endNs: number; busyNs: number[]};
  private text = '{"displayTimeUnit":"ns","traceEvents":[';
  private events = 0;
  private ids = 0;
  private strays = 0;

  constructor(info: RunInfo, options: PerfettoOptions) {
    this.info = info;
    this.options = options;
    this.states = statesOf(info.tierNames);
    this.last = {endNs: 0, busyNs: info.resources.map(() => 0)};
    for (const [pid, name] of processes) {
      this.write({ph: 'M', name: 'process_name', pid, tid: 0, args: {name}});
      this.write({ph: 'M', name: 'process_sort_index', pid, tid: 0, args: {sort_index: pid}});
    }
  }

  /** Steps of an instance, of one kind. */
  steps({instance, startNs, endNs, steps, prefillTokens, decoding}: StepsRecord): void {
    const name = prefillTokens > 0 ? (decoding > 0 ? 'prefill and decode' : 'prefill') : 'decode';
    this.slice(GPUS, `instance ${instance}`, 0, name, startNs, endNs, {steps, prefillTokens, decoding});
  }

  transfer(record: TransferRecord): void {
    if (!this.sampled(record.session, record.turn)) return;
    const {startNs, endNs, source, target, bytes, blocks, session, turn} = record;
    const owner = session < 0 ? {} : {session, turn};
    if (endNs < this.options.fromNs || startNs > this.options.toNs) return;
    [...new Set(record.stations)].forEach((station, i) => {
      const lane = this.laneOf(station).take(startNs, endNs);
      this.slice(STATIONS, station, lane, `${record.kind} ${source} to ${target}`, startNs, endNs, {bytes, blocks, ...owner});
      if (i > 0 || session < 0) return;
      this.remember(`${session} ${turn}`, {ns: Math.max(startNs, this.options.fromNs), tid: this.thread(STATIONS, station, lane)});
    });
  }

  request(record: RequestRecord): void {
    const key = `${record.session} ${record.turn}`;
    const arrows = this.arrows.get(key) ?? [];
    this.arrows.delete(key);
    if (!this.sampled(record.session, record.turn)) return;
    const lane = this.laneOf('requests').take(record.arrivalNs, record.endNs);
    const {session, turn, inputTokens, outputTokens, hitTokens, outcome, latencyClass} = record;
    const details = {inputTokens, outputTokens, hitTokens, outcome, latencyClass};
    if (!this.slice(REQUESTS, 'lane', lane, `session ${session}, turn ${turn}`, record.arrivalNs, record.endNs, details)) return;
    const {path} = record;
    for (let i = 0; i < path.count; i++) {
      const until = i + 1 < path.count ? path.since[i + 1]! : record.endNs;
      this.slice(REQUESTS, 'lane', lane, wordsOf(this.states[path.states[i]!]!), path.since[i]!, until, {});
    }
    for (const {ns, tid} of arrows) {
      const both = {name: 'move', cat: 'move', id: this.ids++, ts: ns / 1e3};
      this.event(
        {ph: 's', ...both, pid: REQUESTS, tid: this.thread(REQUESTS, 'lane', lane)},
        {ph: 'f', bp: 'e', ...both, pid: STATIONS, tid},
      );
    }
  }

  interval(record: IntervalRecord): void {
    const {endNs} = record;
    const {tierNames, resources} = this.info;
    const lengthNs = endNs - this.last.endNs;
    tierNames.forEach((name, tier) => this.counter(TIERS, `${name}, bytes in use`, endNs, record.tierUsedBytes[tier]!));
    this.counter(TIERS, 'requests waiting', endNs, record.waiting);
    this.counter(TIERS, 'requests held', endNs, record.running);
    resources.forEach(({name}, i) => {
      const busy = lengthNs > 0 ? (record.resourceBusyNs[i]! - this.last.busyNs[i]!) / lengthNs : 0;
      this.counter(STATIONS, `${name}, busy percent`, endNs, Math.round(Math.min(1, busy) * 1000) / 10);
      this.counter(STATIONS, `${name}, queued`, endNs, record.resourceQueued[i]!);
    });
    this.last.endNs = endNs;
    this.last.busyNs = Array.from(record.resourceBusyNs);
  }

  get pending(): number {
    return this.text.length;
  }

  /** The text since the last call. */
  take(): string {
    const {text} = this;
    this.text = '';
    return text;
  }

  /** The last text. */
  end(): string {
    return `${this.take()}\n]}\n`;
  }

  /** False: it lies outside the window. */
  private slice(pid: number, track: string, lane: number, name: string, startNs: number, endNs: number, args: object): boolean {
    const {fromNs, toNs} = this.options;
    if (endNs < fromNs || startNs > toNs) return false;
    const from = Math.max(startNs, fromNs);
    const to = Math.min(endNs, toNs);
    this.event({ph: 'X', name, cat: track, pid, tid: this.thread(pid, track, lane), ts: from / 1e3, dur: (to - from) / 1e3, args});
    return true;
  }

  private counter(pid: number, name: string, ns: number, value: number): void {
    if (ns >= this.options.fromNs && ns <= this.options.toNs) this.event({ph: 'C', name, pid, tid: 0, ts: ns / 1e3, args: {value}});
  }

  private remember(key: string, arrow: Arrow): void {
    const known = this.arrows.get(key);
    if (known === undefined) this.arrows.set(key, [arrow]);
    else known.push(arrow);
  }

  /** The thread that stands for a lane; named when it is first asked for. */
  private thread(pid: number, track: string, lane: number): number {
    const key = `${pid} ${track} ${lane}`;
    let tid = this.threads.get(key);
    if (tid === undefined) {
      this.threads.set(key, (tid = this.threads.size + 1));
      this.write({ph: 'M', name: 'thread_name', pid, tid, args: {name: lane === 0 ? track : `${track} (${lane + 1})`}});
    }
    return tid;
  }

  private laneOf(track: string): Lanes {
    let lanes = this.lanes.get(track);
    if (lanes === undefined) this.lanes.set(track, (lanes = new Lanes()));
    return lanes;
  }

  /** The same requests in every run, spread over sessions and turns. */
  private sampled(session: number, turn: number): boolean {
    const {sample} = this.options;
    if (session < 0) return this.strays++ % sample === 0;
    return (Math.imul(session * 8191 + turn, 0x9e3779b1) >>> 8) % sample === 0;
  }

  /** All of them or none. */
  private event(...events: object[]): void {
    if (this.events + events.length > EVENTS_MAX) {
      this.leftOut += events.length;
      return;
    }
    this.events += events.length;
    for (const event of events) this.write(event);
  }

  private write(event: object): void {
    this.text += `${this.text.endsWith('[') ? '' : ','}\n${JSON.stringify(event)}`;
  }
}
