/** A request from its arrival to its end, and the clock of the state that it is in. */
import {DECODE, QUEUED, type LatencyClass} from '../metrics/records.ts';
import type {RequestPlan} from '../workload/ports.ts';
import type {Instance} from './instance.ts';
import type {LiveSession} from './sessions.ts';
import type {Ticks} from './ports.ts';
import {StatePath} from './statePath.ts';

export class LiveRequest {
  /** Row in serving's table and in the brain's; stable while the request lives. */
  readonly row: number;
  session!: LiveSession;
  plan!: RequestPlan;
  /** Index in its session's plan. */
  position = 0;
  latencyClass: LatencyClass = 'cold';
  arrival: Ticks = 0;
  /** Admitted before those of a lower one. */
  priority = 0;
  /** Of the names of its blocks. */
  salt = 0;
  /** Order of arrival over the whole run: the younger is preempted first. */
  order = 0;
  inputTokens = 0;
  outputTokens = 0;
  /** Full blocks of the prompt, and how many of them may be reused. */
  fullBlocks = 0;
  usableBlocks = 0;
  /** Of the full blocks, those that it has generated and kept when it was thrown out. */
  keptBlocks = 0;
  /** Where it is queued, prefilled, or decoded. */
  instance: Instance | null = null;
  prefillInstance = -1;
  decodeInstance = -1;
  /** Tokens whose KV is there; up to prefillEnd they come from prefill steps. */
  prefilled = 0;
  prefillEnd = 0;
  /** Tokens up to which it can compute before what it loads must have come; prefillEnd where it computes all in one. */
  pieceEnd = 0;
  generated = 0;
  /** Blocks that grow() has given it in its present place. */
  grownBlocks = 0;
  /** Private blocks that its last admission asked for. */
  askedBlocks = 0;
  /** Tokens that its instance still owes it, as the router counts them. */
  owedTokens = 0;
  /** Steps of its decode instance at which it is done, and at which it joined. */
  finishStep = 0;
  joinStep = 0;
  joinContext = 0;
  inDecode = false;
  /** Ready to compute, but since too late for the step that is put together next. */
  fresh = false;
  /** Last token left at; NaN before the first. */
  lastToken: Ticks = NaN;
  firstToken: Ticks = NaN;
  admitted: Ticks = NaN;
  preemptions = 0;
  /** Times that the instance it was at stopped. */
  restarts = 0;
  recomputedTokens = 0;
  /** For which it loaded and computed at once. */
  hiddenTicks = 0;
  /** First token that its admission expected to compute. */
  expectedFrom = 0;
  hitTokens = 0;
  refusedBlocks = 0;
  hitBlocks: Float64Array;
  /** Ticks in each state, in all and until the first token. */
  readonly spent: Float64Array;
  readonly spentToFirstToken: Float64Array;
  state = QUEUED;
  /** States so far, the present one included. */
  readonly path = new StatePath();
  private since: Ticks = 0;

  constructor(row: number, states: number, tiers: number) {
    this.row = row;
    this.spent = new Float64Array(states);
    this.spentToFirstToken = new Float64Array(states);
    this.hitBlocks = new Float64Array(tiers);
  }

  /** Begins a new life in this row. */
  begin(session: LiveSession, plan: RequestPlan): void {
    this.session = session;
    this.plan = plan;
    this.inputTokens = plan.inputTokens;
    this.outputTokens = plan.outputTokens;
    this.instance = null;
    this.prefillInstance = -1;
    this.decodeInstance = -1;
    this.prefilled = 0;
    this.generated = 0;
    this.grownBlocks = 0;
    this.owedTokens = 0;
    this.inDecode = false;
    this.lastToken = NaN;
    this.firstToken = NaN;
    this.admitted = NaN;
    this.preemptions = 0;
    this.keptBlocks = 0;
    this.restarts = 0;
    this.recomputedTokens = 0;
    this.hiddenTicks = 0;
    this.hitTokens = 0;
    this.refusedBlocks = 0;
    this.hitBlocks.fill(0);
    this.spent.fill(0);
    this.spentToFirstToken.fill(0);
  }

  arrive(now: Ticks, order: number): void {
    this.arrival = now;
    this.order = order;
    this.state = QUEUED;
    this.since = now;
    this.path.clear();
    this.path.add(QUEUED, now);
  }

  /** From now on the request is in `state`. */
  enter(state: number, now: Ticks): void {
    this.spent[this.state] += now - this.since;
    if (state !== this.state) this.path.add(state, now);
    this.state = state;
    this.since = now;
  }

  /** The first output token leaves. */
  emitFirst(now: Ticks): void {
    this.firstToken = now;
    this.lastToken = now;
    this.enter(this.state, now);
    this.spentToFirstToken.set(this.spent);
  }

  /** KV tokens at step `step` of the instance that decodes it, before that step. */
  contextAt(step: number): number {
    return this.joinContext + (step - this.joinStep);
  }

  /** Tokens generated once its decode instance has done `step` steps. */
  generatedAt(step: number): number {
    return this.state === DECODE && this.inDecode ? this.generated + (step - this.joinStep) : this.generated;
  }
}
