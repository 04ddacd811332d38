/** Sessions: when each begins, and when each of its requests comes, closed loop: once those it follows have completed and the user or the tool has thought. */
import {instantAfter, type DayProfile} from '../base/dayRate.ts';
import type {Stream} from '../base/random.ts';
import type {SessionRule} from '../scenario/scenario.ts';
import type {SessionPlan, WorkloadSource} from '../workload/ports.ts';
import type {Ticks} from './ports.ts';

export class LiveSession {
  readonly ordinal: number;
  readonly plan: SessionPlan;
  readonly start: Ticks;
  /** By position in plan.requests: completions still awaited, and the earliest arrival known so far. */
  readonly awaited: Int32Array;
  readonly earliest: Float64Array;
  /** By position: [position that follows, think nanoseconds] pairs. */
  readonly followers: number[][];
  /** Instances that its requests stay with, where routing is by session; -1: none yet. */
  prefiller = -1;
  decoder = -1;
  open: number;
  completed = 0;
  inputTokens = 0;
  outputTokens = 0;
  hitTokens = 0;

  constructor(ordinal: number, plan: SessionPlan, start: Ticks) {
    this.ordinal = ordinal;
    this.plan = plan;
    this.start = start;
    const count = plan.requests.length;
    this.awaited = new Int32Array(count);
    this.earliest = new Float64Array(count);
    this.followers = Array.from({length: count}, () => []);
    this.open = count;
    const positions = new Map(plan.requests.map((request, position) => [request.turn, position]));
    plan.requests.forEach((request, position) => {
      this.awaited[position] = request.after.length / 2;
      for (let i = 0; i < request.after.length; i += 2)
        this.followers[positions.get(request.after[i])!].push(position, request.after[i + 1]);
    });
  }
}

/** What the session clock asks of serving. */
export interface SessionHost {
  now(): Ticks;
  ticksOf(nanoseconds: number): Ticks;
  wakeForSession(at: Ticks): void;
  begin(session: LiveSession): void;
}

/** Starts sessions by the merge rule: together, every T, or as a Poisson process, at most `keep` at once; or at the times that the workload says. */
export class SessionClock {
  private readonly source: WorkloadSource;
  private readonly rule: SessionRule;
  private readonly arrivals: Stream;
  private readonly host: SessionHost;
  private next: SessionPlan | null;
  private nextStart: Ticks = 0;
  /** Where the rate follows the time of day: when the next begins, in nanoseconds. */
  private dueNs = 0;
  private active = 0;
  private ordinal = 0;
  private waking = false;
  /** Past the limits of the run: whatever is still to come will not. */
  closed = false;

  constructor(source: WorkloadSource, rule: SessionRule | null, arrivals: Stream, host: SessionHost) {
    this.source = source;
    this.rule = rule ?? {start: 'together', everyNs: null, perSecond: null, profile: null, keep: Infinity, order: 'recorded'};
    this.arrivals = arrivals;
    this.host = host;
    this.next = source.next();
    if (this.next !== null) this.nextStart = this.next.startNs === null ? 0 : host.ticksOf(this.next.startNs);
  }

  /** Begins every session that is due and may, and asks to be woken for the next. */
  run(): void {
    this.waking = false;
    const now = this.host.now();
    while (!this.closed && this.next !== null && this.nextStart <= now && this.active < this.rule.keep) this.beginNext(now);
    if (this.closed || this.next === null || this.waking || this.nextStart <= now) return;
    this.waking = true;
    this.host.wakeForSession(this.nextStart);
  }

  /** A session has ended: the next may begin. */
  ended(): void {
    this.active--;
    if (!this.closed && this.next !== null && this.nextStart <= this.host.now()) this.run();
  }

  /** No further session begins. */
  close(): void {
    this.closed = true;
  }

  get exhausted(): boolean {
    return this.next === null;
  }

  private beginNext(now: Ticks): void {
    const session = new LiveSession(this.ordinal++, this.next!, now);
    this.active++;
    const last = this.nextStart;
    this.next = this.source.next();
    if (this.next !== null) this.nextStart = this.startAfter(last, this.next.startNs);
    this.host.begin(session);
  }

  private startAfter(last: Ticks, givenNs: number | null): Ticks {
    const {profile} = this.rule;
    if (givenNs !== null) return Math.max(last, this.host.ticksOf(givenNs));
    return profile === null ? last + this.gap() : this.dueInDay(profile);
  }

  private gap(): Ticks {
    const {start, everyNs, perSecond} = this.rule;
    if (start === 'together') return 0;
    if (start === 'every') return this.host.ticksOf(everyNs!);
    return this.host.ticksOf((this.arrivals.exponential() / perSecond!) * 1e9);
  }

  private dueInDay(profile: DayProfile): Ticks {
    this.dueNs = instantAfter(this.dueNs, this.arrivals.exponential(), this.rule.perSecond!, profile);
    return this.host.ticksOf(this.dueNs);
  }
}
