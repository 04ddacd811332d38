/**
 * Serving: sessions become requests, requests go to instances, instances ask the brain for room and take steps. It sees only a World that
 * tells the time and wakes it, the placement loop, and a model of step times; whether drives and GPUs are simulated it cannot tell.
 */
import {assert} from '../base/assert.ts';
import type {Digest} from '../base/digest.ts';
import type {Stream} from '../base/random.ts';
import {HANDOFF, type LatencyClass, type Outcome, type RequestRecord, type SessionRecord, type StepsRecord} from '../metrics/records.ts';
import type {Loop} from '../placement/loop.ts';
import {READY, RETRY, SPACE, TOOL_CALLED, TURN_ENDED, UNSAID} from '../placement/ports.ts';
import type {ServiceClass, ServingParams, SessionRule} from '../scenario/scenario.ts';
import type {RequestPlan, WorkloadSource} from '../workload/ports.ts';
import {Clients} from './clients.ts';
import {Dispatch} from './dispatch.ts';
import {Elastic} from './elastic.ts';
import {Instance, type InstanceConfig} from './instance.ts';
import {LiveRequest} from './liveRequest.ts';
import type {Ticks, World} from './ports.ts';
import {blocksIn, emptyRecord, fillRecord, runsFrom} from './record.ts';
import {Router} from './router.ts';
import {salted, Salts} from './salts.ts';
import {LiveSession, SessionClock} from './sessions.ts';

/** World.wake kinds. */
const ARRIVAL = 0;
const SESSION = 1;
const STEP = 2;
const TURN = 3;
/** Argument of SESSION: not sessions, but who prefills and who decodes. */
const LOOK = 1;

/** Contents that nobody shares are numbered from here. */
const PRIVATE_CONTENT = 2 ** 52;
/** A turn that comes longer than this after what it follows has the latency class afterIdle: the default life of a provider's prompt cache. */
const IDLE_NS = 300e9;

export interface ServingConfig extends ServingParams {
  readonly blockTokens: number;
  readonly blockBytes: number;
  readonly contextTokens: number;
  /** Of the model. */
  readonly layers: number;
  readonly ticksPerNs: number;
  readonly instances: readonly InstanceConfig[];
  readonly sessions: SessionRule | null;
  readonly classes: {readonly [serviceClass: string]: ServiceClass};
  /** No request arrives after this many, or after this time. */
  readonly requestLimit: number;
  /** Requests that clients keep in flight at most. */
  readonly inFlightLimit: number;
  readonly timeLimit: Ticks;
}

/** Where finished things go. Records are reused. */
export interface ServingObserver {
  request(record: RequestRecord): void;
  session(record: SessionRecord): void;
  /** Gaps between output tokens, nanoseconds: first, first + increment, ... `count` of them, each seen by `weight` requests. */
  gaps(firstNs: number, incrementNs: number, count: number, weight: number): void;
  /** Steps of an instance, as they end. */
  steps?(record: StepsRecord): void;
}

export class Serving {
  readonly world: World;
  readonly loop: Loop;
  readonly instances: readonly Instance[];
  readonly blockTokens: number;
  readonly blockBytes: number;
  readonly batchedTokensMax: number;
  readonly requestsMax: number;
  readonly firstTokenFrom: 'prefill' | 'decode';
  readonly stepByStep: boolean;
  readonly asyncScheduling: boolean;
  readonly waitsForLoads: boolean;
  /** Of the model, where KV is loaded behind computing layer by layer; otherwise 0. */
  readonly layers: number;
  /** Requests that have arrived, ended, and been at an instance; waiting and running now. */
  arrived = 0;
  ended = 0;
  outputTokens = 0;
  inputTokens = 0;
  hitTokens = 0;
  readonly dispatch: Dispatch;
  /** null: every instance keeps its role. */
  readonly elastic: Elastic | null;
  /** Instant of the last end. */
  lastEnd: Ticks = 0;
  /** Requests that ended or were held while this was false are not told to the observer (cache warming). */
  measuring = true;
  private readonly config: ServingConfig;
  private readonly observer: ServingObserver;
  private readonly outcomes: Digest;
  private readonly sessions: SessionClock;
  private readonly clients: Clients;
  private readonly salts = new Salts();
  private readonly rows: LiveRequest[] = [];
  private readonly freeRows: LiveRequest[] = [];
  private readonly tiers: number;
  private readonly record: RequestRecord;
  private privateContent = PRIVATE_CONTENT;
  private offered = 0;
  /** Requests whose arrival is a wake-up to come. */
  private scheduled = 0;

  constructor(
    config: ServingConfig,
    world: World,
    loop: Loop,
    source: WorkloadSource,
    arrivals: Stream,
    observer: ServingObserver,
    outcomes: Digest,
  ) {
    this.config = config;
    this.world = world;
    this.loop = loop;
    this.observer = observer;
    this.outcomes = outcomes;
    this.blockTokens = config.blockTokens;
    this.blockBytes = config.blockBytes;
    this.batchedTokensMax = config.batchedTokensMax;
    this.requestsMax = config.requestsMax;
    this.firstTokenFrom = config.firstTokenFrom;
    this.asyncScheduling = config.asyncScheduling;
    this.waitsForLoads = config.loading === 'sync';
    this.layers = config.loading === 'layered' ? config.layers : 0;
    this.stepByStep = config.decode === 'step';
    this.clients = new Clients(config.inFlightLimit);
    this.tiers = loop.placement.core.tiers;
    this.record = emptyRecord(this.states, this.tiers);
    this.instances = config.instances.map((instance) => new Instance(instance, this));
    const {routing: rule, blockTokens, scores: weights, ticksPerNs} = config;
    const [loadAge, indexAge] = [config.loadAge, config.indexAge].map((ns) => Math.round(ns * ticksPerNs));
    this.dispatch = new Dispatch(
      this,
      new Router({rule, blockTokens, loadAge, indexAge, weights}, this.instances, loop, () => world.now()),
    );
    const {elasticEveryNs: every} = config;
    const look = (at: Ticks): void => world.wake(at, SESSION, LOOK);
    this.elastic = every === null ? null : new Elastic(this, this.dispatch, Math.round(every * ticksPerNs), ticksPerNs, look);
    loop.listen((kind, request, value) => this.notice(kind, request, value));
    this.sessions = new SessionClock(source, config.sessions, arrivals, {
      now: () => world.now(),
      ticksOf: (nanoseconds) => Math.round(nanoseconds * config.ticksPerNs),
      wakeForSession: (at) => world.wake(at, SESSION, 0),
      begin: (session) => this.beginSession(session),
    });
  }

  /** States of a request: eight, and one load for each tier below the first. */
  get states(): number {
    return 8 + this.tiers - 1;
  }

  start(): void {
    this.world.wake(this.world.now(), SESSION, 0);
  }

  /** A wake-up. False: it had become stale, and nothing has happened. */
  handle(kind: number, argument: number): boolean {
    if (kind === STEP) return this.instances[argument].boundary(this.world.now());
    if (kind === ARRIVAL && this.clients.send(this.rows[argument])) this.arrive(this.rows[argument]);
    else if (kind === TURN) this.arrive(this.rows[argument]);
    else if (kind !== SESSION) return true;
    else if (argument === LOOK) this.elastic!.look();
    else this.sessions.run();
    return true;
  }

  wakeInstance(at: Ticks, index: number): void {
    this.world.wakeLast(at, STEP, index);
  }

  gaps(firstTicks: number, incrementTicks: number, count: number, weight: number): void {
    if (!this.measuring || weight === 0) return;
    const {ticksPerNs} = this.config;
    this.observer.gaps(firstTicks / ticksPerNs, incrementTicks / ticksPerNs, count, weight);
  }

  /** Whether somebody wants to know of steps. */
  get tellsSteps(): boolean {
    return this.observer.steps !== undefined;
  }

  stepped(instance: number, start: Ticks, end: Ticks, steps: number, prefillTokens: number, decoding: number): void {
    if (!this.measuring) return;
    const {ticksPerNs} = this.config;
    this.observer.steps!({instance, startNs: start / ticksPerNs, endNs: end / ticksPerNs, steps, prefillTokens, decoding});
  }

  /** Ordinal of the session of a request under way, and its turn. */
  sessionOf(row: number): number {
    return this.rows[row].session.ordinal;
  }

  turnOf(row: number): number {
    return this.rows[row].plan.turn;
  }

  /** Whether anything is still to come or to end. */
  get busy(): boolean {
    return this.arrived > this.ended || (!this.sessions.closed && (this.scheduled > 0 || !this.sessions.exhausted));
  }

  get waiting(): number {
    return this.instances.reduce((sum, instance) => sum + instance.queue.length, this.dispatch.stranded);
  }

  get running(): number {
    return this.instances.reduce((sum, instance) => sum + instance.held.size, 0);
  }

  /** First admission: what was found is what the cache is judged by. */
  admitted(request: LiveRequest, now: Ticks): void {
    const {plan} = this.loop;
    const found = Math.min(plan.reusedBlocks, request.usableBlocks) * this.blockTokens;
    request.expectedFrom = this.loop.placement.core.inPieces ? 0 : found;
    if (!Number.isNaN(request.admitted)) {
      request.recomputedTokens += request.inputTokens + request.generated - found;
      return;
    }
    request.admitted = now;
    request.hitBlocks.set(plan.hitBlocks);
    request.refusedBlocks = plan.refusedBlocks;
    request.hitTokens = found;
  }

  /** All of the request's tokens have their KV: the next token leaves, and it ends, moves, or decodes. */
  prefilled(request: LiveRequest, now: Ticks): void {
    const instance = request.instance!;
    const first = request.generated === 0;
    if (request.outputTokens > 0) request.generated++;
    if (request.generated >= request.outputTokens) {
      this.emit(request, now);
      instance.letGo(request);
      return this.finish(request, now);
    }
    if (!first || this.firstTokenFrom === 'prefill' || instance.role === 'mixed') this.emit(request, now);
    if (instance.role === 'mixed') return instance.join(request, now);
    request.enter(HANDOFF, now);
    this.dispatch.handOver(request, now);
  }

  /** Thrown out of HBM: it keeps its tokens, not their KV. */
  preempt(request: LiveRequest, now: Ticks): void {
    const decoded = request.inDecode;
    if (decoded) request.lastToken = now;
    request.instance!.letGo(request);
    if (decoded && this.config.preemption === 'swap') this.keepGenerated(request, now);
    if (this.loop.placement.isAdmitted(request.row)) this.loop.release(now, request.row, request.grownBlocks);
    request.preemptions++;
    this.sendBack(request, now);
  }

  /** Full blocks of what it has generated become copies like those of its prompt: they may move down, and are found when it is admitted again. */
  private keepGenerated(request: LiveRequest, now: Ticks): void {
    const {plan, row, salt, keptBlocks} = request;
    const count = Math.floor(request.prefilled / this.blockTokens) - request.fullBlocks;
    if (count <= 0) return;
    const named = runsFrom(plan.generatedRuns, keptBlocks);
    const missing = Math.max(0, count - blocksIn(named));
    this.privateContent += missing;
    const own = missing > 0 ? [this.privateContent - missing, missing] : [];
    this.loop.keep(now, row, [...salted(named, salt), ...own], count);
    request.keptBlocks += count;
    request.fullBlocks += count;
    request.usableBlocks = Math.min(request.fullBlocks, Math.floor((request.inputTokens + request.generated - 1) / this.blockTokens));
  }

  finish(request: LiveRequest, now: Ticks): void {
    const {plan} = request;
    const written = Math.floor((request.inputTokens + Math.max(0, request.outputTokens - 1)) / this.blockTokens);
    const produced = written - (request.fullBlocks - request.keptBlocks);
    const kept = Math.min(produced, blocksIn(plan.generatedRuns)) - request.keptBlocks;
    if (kept > 0) this.loop.keep(now, request.row, salted(runsFrom(plan.generatedRuns, request.keptBlocks), request.salt), kept);
    this.loop.release(now, request.row, request.grownBlocks, endingOf(plan));
    this.outputTokens += request.outputTokens;
    this.end(request, now, 'completed', '');
  }

  private emit(request: LiveRequest, now: Ticks): void {
    if (request.outputTokens === 0) return;
    if (Number.isNaN(request.firstToken)) return request.emitFirst(now);
    this.gaps(now - request.lastToken, 0, 1, 1);
    request.lastToken = now;
  }

  /** Back to the head of a queue: the instance that it was at, or for a decoder's the one that prefilled it. */
  private sendBack(request: LiveRequest, now: Ticks): void {
    const instance = request.instance!.role === 'decode' ? this.instances[request.prefillInstance] : request.instance!;
    request.grownBlocks = 0;
    if (instance.stopped || instance.draining || instance.role === 'decode') this.dispatch.place(request, now);
    else instance.requeue(request, now);
  }

  /** No instance will ever take it. */
  fail(request: LiveRequest, now: Ticks): void {
    request.instance?.letGo(request);
    if (this.loop.placement.isAdmitted(request.row)) this.loop.release(now, request.row, request.grownBlocks);
    this.end(request, now, 'failed', 'noInstance');
  }

  private notice(kind: number, row: number, value: number): void {
    const now = this.world.now();
    if (kind === SPACE) return this.unblock(value);
    const request = this.rows[row];
    if (kind === RETRY) return this.retry(request, now);
    if (!this.loop.placement.isAdmitted(row) || request.instance === null || !request.instance.held.has(request)) return;
    const wait = this.loop.placement.waitOf(row);
    if (kind !== READY) request.instance.waiting(request, value, now);
    else if (wait < 0) this.proceed(request, now);
  }

  private proceed(request: LiveRequest, now: Ticks): void {
    if (request.state === HANDOFF) request.instance!.landed(request, now);
    else request.instance!.ready(request, now);
  }

  /** The brain has released the request: a block that it waited for was lost. */
  private retry(request: LiveRequest, now: Ticks): void {
    if (request.instance === null || !request.instance.held.has(request)) return;
    request.instance.letGo(request);
    this.sendBack(request, now);
  }

  private unblock(pool: number): void {
    for (const instance of this.instances) if (instance.pool === pool) instance.unblock();
  }

  private beginSession(session: LiveSession): void {
    const now = this.world.now();
    session.plan.requests.forEach((plan, position) => {
      if (session.awaited[position] === 0) this.schedule(session, position, now + Math.round(plan.offsetNs * this.config.ticksPerNs));
    });
    if (session.plan.requests.length === 0) this.endSession(session, now);
  }

  private schedule(session: LiveSession, position: number, at: Ticks): void {
    const request = this.takeRow();
    request.begin(session, session.plan.requests[position]);
    request.position = position;
    this.scheduled++;
    this.world.wake(at, ARRIVAL, request.row);
  }

  /** A request is back at its client, who sends the next that waits there. */
  private sendNext(now: Ticks): void {
    const next = this.clients.back();
    if (next !== null) this.world.wake(now, TURN, next.row);
  }

  private arrive(request: LiveRequest): void {
    const now = this.world.now();
    this.scheduled--;
    if (this.offered >= this.config.requestLimit || now > this.config.timeLimit) return this.withdraw(request);
    this.offered++;
    this.elastic?.stir();
    request.arrive(now, this.arrived++);
    const {plan} = request;
    request.latencyClass = latencyClassOf(plan);
    const refusal = this.fit(request);
    if (refusal !== '') return this.end(request, now, 'rejected', refusal);
    request.fullBlocks = Math.floor(request.inputTokens / this.blockTokens);
    request.usableBlocks = Math.floor((request.inputTokens - 1) / this.blockTokens);
    request.salt = this.saltOf(request, now);
    request.priority = this.config.classes[plan.serviceClass]?.priority ?? 0;
    this.loop.open(request.row, salted(this.contentOf(plan, request.fullBlocks), request.salt), request.fullBlocks);
    this.inputTokens += request.inputTokens;
    this.loop.expire(now);
    const instance = this.dispatch.router.choose(request);
    if (instance === null) return this.dispatch.place(request, now);
    const refused = this.refusal(request, instance);
    if (refused !== '') return this.refuse(request, instance, now, refused);
    instance.enqueue(request);
  }

  private saltOf({session}: LiveRequest, now: Ticks): number {
    const {isolation, updateEveryNs, ticksPerNs} = this.config;
    if (isolation === 'none' && updateEveryNs === null) return 0;
    const version = updateEveryNs === null ? 0 : Math.floor(now / ticksPerNs / updateEveryNs);
    return this.salts.of(isolation === 'tenant' ? session.plan.tenant : '', version);
  }

  /** Why it may not wait at the instance chosen for it, which counts its tokens already; '' where it may. */
  private refusal({owedTokens}: LiveRequest, {queue, model, owedTokens: owed}: Instance): string {
    const {queueMax, waitMaxNs} = this.config.admission;
    if (queueMax !== null && queue.length >= queueMax) return 'queueFull';
    return waitMaxNs !== null && model.prefillNs(0, owed - owedTokens) > waitMaxNs ? 'tooLate' : '';
  }

  private refuse(request: LiveRequest, instance: Instance, now: Ticks, reason: string): void {
    instance.settleOwed(request);
    this.inputTokens -= request.inputTokens;
    this.loop.close(request.row);
    this.end(request, now, 'rejected', reason);
  }

  /** Cuts or refuses what is too long for the model or for any instance. '' if it may stay. */
  private fit(request: LiveRequest): string {
    const {overlength, contextTokens} = this.config;
    const capacityTokens = Math.min(...this.instances.map((instance) => instance.capacityBlocks)) * this.blockTokens;
    const limit = overlength === 'allow' ? capacityTokens : Math.min(contextTokens, capacityTokens);
    if (request.inputTokens + request.outputTokens <= limit) return '';
    if (overlength !== 'truncate')
      return request.inputTokens + request.outputTokens > contextTokens && overlength === 'reject' ? 'overlength' : 'neverFits';
    request.outputTokens = Math.min(request.outputTokens, Math.max(1, limit - 1));
    request.inputTokens = limit - request.outputTokens;
    return '';
  }

  /** Content of the first `blocks` of a prompt; numbers of its own where nobody shares it. */
  private contentOf(plan: RequestPlan, blocks: number): readonly number[] {
    if (blocks === 0 || blocksIn(plan.promptRuns) >= blocks) return plan.promptRuns;
    assert(plan.promptRuns.length === 0, `a prompt of ${blocks} full blocks names only ${blocksIn(plan.promptRuns)}`);
    this.privateContent += blocks;
    return [this.privateContent - blocks, blocks];
  }

  /** Past the limits of the run: it never came, and nor will what follows it. */
  private withdraw(request: LiveRequest): void {
    this.sessions.close();
    this.freeRows.push(request);
    this.sendNext(this.world.now());
  }

  private end(request: LiveRequest, now: Ticks, outcome: Outcome, reason: string): void {
    request.enter(request.state, now);
    if (outcome !== 'rejected') this.loop.close(request.row);
    this.ended++;
    this.elastic?.stir();
    this.lastEnd = now;
    this.hitTokens += request.hitTokens;
    this.outcomes.add(request.session.ordinal);
    this.outcomes.add(request.plan.turn * 4 + (outcome === 'completed' ? 0 : outcome === 'rejected' ? 1 : 2));
    this.outcomes.add(Number.isNaN(request.firstToken) ? 0 : request.firstToken);
    this.outcomes.add(now);
    if (this.measuring)
      this.observer.request(fillRecord(this.record, request, now, outcome, reason, this.config.ticksPerNs, this.blockTokens));
    const {session, position} = request;
    this.freeRows.push(request);
    this.sendNext(now);
    this.advanceSession(session, position, request, outcome, now);
  }

  private advanceSession(session: LiveSession, position: number, request: LiveRequest, outcome: Outcome, now: Ticks): void {
    if (outcome === 'completed') session.completed++;
    session.inputTokens += request.inputTokens;
    session.outputTokens += request.outputTokens;
    session.hitTokens += request.hitTokens;
    const followers = session.followers[position];
    for (let i = 0; i < followers.length; i += 2) {
      const next = followers[i];
      session.earliest[next] = Math.max(session.earliest[next], now + Math.round(followers[i + 1] * this.config.ticksPerNs));
      if (--session.awaited[next] === 0) this.schedule(session, next, session.earliest[next]);
    }
    if (--session.open === 0) this.endSession(session, now);
  }

  private endSession(session: LiveSession, now: Ticks): void {
    const {ticksPerNs} = this.config;
    if (this.measuring)
      this.observer.session({
        session: session.ordinal,
        name: session.plan.name,
        tenant: session.plan.tenant,
        startNs: session.start / ticksPerNs,
        endNs: now / ticksPerNs,
        requests: session.plan.requests.length,
        completed: session.completed,
        inputTokens: session.inputTokens,
        outputTokens: session.outputTokens,
        hitTokens: session.hitTokens,
      });
    this.sessions.ended();
  }

  private takeRow(): LiveRequest {
    const free = this.freeRows.pop();
    if (free !== undefined) return free;
    const request = new LiveRequest(this.rows.length, this.states, this.tiers);
    this.rows.push(request);
    return request;
  }
}

function latencyClassOf(plan: RequestPlan): LatencyClass {
  if (plan.subagent) return 'subagent';
  if (plan.after.length === 0) return 'cold';
  for (let i = 1; i < plan.after.length; i += 2) if (plan.after[i] > IDLE_NS) return 'afterIdle';
  return 'warm';
}

function endingOf({ending}: RequestPlan): number {
  return ending === undefined ? UNSAID : ending === 'toolCall' ? TOOL_CALLED : TURN_ENDED;
}
