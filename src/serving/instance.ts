/**
 * One model replica: its queue, the requests it holds, and its steps, as vLLM takes them. At each boundary requests end and join, waiting
 * ones are admitted in order, and the next step is composed: one token for each decoding request, and prefill chunks up to the token
 * budget. While only decode runs and nothing changes, a span of steps is one event; whatever comes meanwhile cuts it at the next boundary.
 */
import {BATCHING, DECODE, EVICTING, HANDOFF, LOAD, PREEMPTED, PREFILL, QUEUED, SHARED} from '../metrics/records.ts';
import {LOADING, NONE, WAIT_EVICTION, type PoolIndex} from '../placement/ports.ts';
import {Chunks} from './chunks.ts';
import {DecodeBatch} from './decodeBatch.ts';
import {LayerLoads} from './layerLoads.ts';
import type {LiveRequest} from './liveRequest.ts';
import type {StepModel, Ticks} from './ports.ts';
import {StepClock} from './stepClock.ts';
import type {Serving} from './serving.ts';

export interface InstanceConfig {
  readonly index: number;
  readonly role: 'mixed' | 'prefill' | 'decode';
  readonly pool: PoolIndex;
  /** Blocks that a request may hold at most: the pool less its reserve. */
  readonly capacityBlocks: number;
  readonly model: StepModel;
}

export class Instance {
  readonly index: number;
  role: 'mixed' | 'prefill' | 'decode';
  readonly pool: PoolIndex;
  readonly capacityBlocks: number;
  model: StepModel;
  readonly batch: DecodeBatch;
  /** Arrived, not admitted; the head first. Hand-offs that found no room here wait apart. */
  readonly queue: LiveRequest[] = [];
  readonly handOffs: LiveRequest[] = [];
  /** Admitted and ready to compute, in order of readiness. */
  readonly prefills: LiveRequest[] = [];
  /** Handed off, to join at the next boundary. */
  readonly joiners: LiveRequest[] = [];
  /** Admitted requests in any state. */
  readonly held = new Set<LiveRequest>();
  /** Prefill tokens that the router believes are still to be computed here. */
  owedTokens = 0;
  /** Ticks of steps with prefill, of decode alone, and of idleness while an admitted request waits for memory. */
  prefillTicks = 0;
  decodeTicks = 0;
  starvedTicks = 0;
  /** Ticks for which it stood still in a fault, up to its last start. */
  stoppedTicks = 0;
  stopped = false;
  /** Takes nothing new, to change its role once it is empty. */
  draining = false;
  /** Stopped, and to be started again. */
  returns = false;
  private readonly serving: Serving;
  private readonly clock: StepClock;
  /** null: no step begins before the KV that it needs is there. */
  private readonly layerLoads: LayerLoads | null;
  /** Instant of the pending boundary; NaN while idle. */
  private boundaryAt: Ticks = NaN;
  /** In boundary(): what comes now is seen before the next step starts. */
  private atBoundary = false;
  private readonly chunks = new Chunks();
  /** Steps of this span whose growth has been taken. */
  private grownSteps = 0;
  /** Joined after their last token had left: their first gap is longer than a step. */
  private readonly late: LiveRequest[] = [];
  /** The head of the queue found no room, and nothing has changed since. */
  private blocked = false;
  private idleSince: Ticks = 0;
  private stoppedSince: Ticks = 0;

  constructor(config: InstanceConfig, serving: Serving) {
    this.index = config.index;
    this.role = config.role;
    this.pool = config.pool;
    this.capacityBlocks = config.capacityBlocks;
    this.model = config.model;
    this.serving = serving;
    this.batch = new DecodeBatch(serving.blockTokens, config.model.window);
    this.clock = new StepClock(config.model.fractionBits);
    this.layerLoads = serving.layers > 0 ? new LayerLoads(serving.layers) : null;
  }

  get load(): number {
    return this.queue.length + this.held.size;
  }

  /** Ticks of steps so far, the span under way up to now included. */
  busyTicks(): number {
    const running = this.clock.steps > 0 ? this.serving.world.now() - this.clock.start : 0;
    return this.prefillTicks + this.decodeTicks + running;
  }

  enqueue(request: LiveRequest): void {
    request.instance = this;
    this.insert(request);
    if (this.queue[0] === request) this.blocked = false;
    if (!this.blocked) this.poke();
  }

  /** Room may have come free in this instance's pool. */
  unblock(): void {
    this.blocked = false;
    if (this.queue.length > 0 || this.handOffs.length > 0) this.poke();
  }

  /** Something can take part in the next step: end the span at the next boundary, or wake up. */
  poke(): void {
    if (this.atBoundary || this.stopped) return;
    const now = this.serving.world.now();
    if (this.clock.steps === 1) return;
    if (Number.isNaN(this.boundaryAt)) return this.wakeAt(now);
    const steps = this.clock.stepsUntil(now);
    if (steps >= this.clock.steps) return;
    this.clock.steps = steps;
    this.wakeAt(this.clock.boundary(steps));
  }

  /** Counts in the growth of steps that have begun, so that whoever looks into the pool now sees what stepping would show. */
  sync(): void {
    if (this.clock.steps > 0 && this.batch.size > 0) this.growTo(this.clock.begun(this.serving.world.now()));
  }

  /** The pending boundary, or a wake-up. False: an event that a cut has made stale. */
  boundary(now: Ticks): boolean {
    if (this.boundaryAt !== now) return false;
    this.boundaryAt = NaN;
    if (this.awaitsLayers(now)) return true;
    this.atBoundary = true;
    if (this.clock.steps > 0) this.endSpan(now);
    else this.endIdle(now);
    this.admitHandOffs(now);
    this.admitQueue(now);
    this.startSpan(now);
    this.atBoundary = false;
    return true;
  }

  /** Its GPUs stop, and the step in flight is lost. What it holds is serving's to take away. */
  stop(now: Ticks, returns: boolean): void {
    this.sync();
    if (this.clock.steps > 0) this.breakOff(now);
    else this.endIdle(now);
    this.boundaryAt = NaN;
    this.stopped = true;
    this.returns = returns;
    this.stoppedSince = now;
  }

  start(now: Ticks): void {
    this.stopped = false;
    this.returns = false;
    this.stoppedTicks += now - this.stoppedSince;
    this.blocked = false;
    this.rest(now);
  }

  /** From the next step on, steps take the times of `model`. */
  pace(model: StepModel): void {
    this.model = model;
    if (this.clock.steps > 1) this.poke();
  }

  /** Ticks for which it stood still so far. */
  stoppedTicksAt(now: Ticks): number {
    return this.stoppedTicks + (this.stopped ? now - this.stoppedSince : 0);
  }

  /** The steps of the span that are done count; the one in flight gives no token, though it has taken its blocks. A step that would end at this very instant is in flight. */
  private breakOff(now: Ticks): void {
    const {clock, batch, serving} = this;
    const done = clock.begun(now) - 1;
    const last = done > 0 ? clock.boundary(done) : clock.start;
    const late = done > 0 ? [] : [...this.late];
    if (done > 0) this.recordGaps(done);
    if (this.chunks.count > 0) this.prefillTicks += now - clock.start;
    else this.decodeTicks += now - clock.start;
    this.chunks.clear();
    batch.advance(done);
    clock.rest();
    for (const request of batch.members.all()) {
      if (!late.includes(request)) request.lastToken = last;
      if (request.contextAt(batch.step) % serving.blockTokens === 0) request.grownBlocks++;
    }
  }

  /** What the brain says of an admitted request that it waits for. */
  waiting(request: LiveRequest, wait: number, now: Ticks): void {
    if (request.state === HANDOFF) return;
    request.enter(wait === WAIT_EVICTION ? EVICTING : wait >= LOADING ? LOAD + wait - LOADING - 1 : SHARED, now);
    if (this.layerLoads !== null) this.followLoad(this.layerLoads, request, now);
    if (this.serving.waitsForLoads && request.state >= LOAD) this.poke();
  }

  /** Everything that the request waited for is there. */
  ready(request: LiveRequest, now: Ticks): void {
    const placement = this.serving.loop.placement;
    const from = Math.min(placement.computeFrom(request.row), request.usableBlocks) * this.serving.blockTokens;
    const inStep = this.layerLoads?.land(request, now) ?? false;
    if (inStep && from < request.prefilled) this.chunks.remove(request);
    request.prefilled = Math.min(from, request.prefillEnd);
    this.measurePiece(request);
    request.recomputedTokens += Math.max(0, request.expectedFrom - request.prefilled);
    request.enter(inStep ? PREFILL : BATCHING, now);
    request.fresh = !inStep && this.serving.asyncScheduling;
    this.prefills.push(request);
    if (inStep) this.resume(now);
    else this.poke();
  }

  /** A request whose KV comes layer by layer may be computed from the next step on; one that waits for something else besides may not. */
  private followLoad(loads: LayerLoads, request: LiveRequest, now: Ticks): void {
    if (request.state >= LOAD) {
      if (loads.waiting.includes(request)) return;
      request.prefilled = Math.min(request.expectedFrom, request.prefillEnd);
      request.pieceEnd = request.prefillEnd;
      request.fresh = this.serving.asyncScheduling;
      loads.waiting.push(request);
      this.poke();
    } else if (loads.leave(request)) {
      this.chunks.remove(request);
      this.resume(now);
    }
  }

  /** The step has computed what it can: it ends when the KV of its last layer has come and is computed. */
  private awaitsLayers(now: Ticks): boolean {
    const {clock, layerLoads} = this;
    if (layerLoads === null || clock.steps !== 1) return false;
    if (layerLoads.isWaiting) return true;
    const end = Math.max(now, layerLoads.endAt);
    if (end > clock.boundary(1)) clock.stretch(end);
    if (end > now) this.wakeAt(end);
    return end > now;
  }

  /** One load less is awaited; a step that stands still for it goes on. */
  private resume(now: Ticks): void {
    if (Number.isNaN(this.boundaryAt) && this.clock.steps === 1 && !this.layerLoads!.isWaiting) this.wakeAt(now);
  }

  /** KV has come from the prefill instance. */
  landed(request: LiveRequest, now: Ticks): void {
    if (this.serving.firstTokenFrom === 'decode' && Number.isNaN(request.firstToken)) request.emitFirst(now);
    this.joiners.push(request);
    this.poke();
  }

  /** Out of this instance's hands: queued again, moved, or ended. */
  letGo(request: LiveRequest): void {
    this.held.delete(request);
    if (request.inDecode) this.batch.leave(request);
    drop(this.prefills, request);
    drop(this.joiners, request);
    drop(this.late, request);
    if (this.layerLoads?.leave(request)) this.resume(this.serving.world.now());
    this.settleOwed(request);
    this.blocked = false;
  }

  settleOwed(request: LiveRequest): void {
    this.owedTokens -= request.owedTokens;
    request.owedTokens = 0;
  }

  /** Tries to bring a request whose prompt is computed elsewhere here. */
  accept(request: LiveRequest, now: Ticks): boolean {
    if (this.held.size >= this.serving.requestsMax) return false;
    this.sync();
    const {blockTokens, blockBytes, loop} = this.serving;
    const tokens = request.prefilled - request.fullBlocks * blockTokens;
    const blocks = Math.ceil(tokens / blockTokens);
    if (
      !loop.handOff(now, request.row, this.pool, blocks, Math.max(1, Math.round((tokens / blockTokens) * blockBytes)), request.grownBlocks)
    )
      return false;
    const from = request.instance!;
    from.letGo(request);
    request.grownBlocks = 0;
    request.instance = this;
    request.decodeInstance = this.index;
    this.held.add(request);
    from.unblock();
    this.poke(); // the blocks that it has taken may be those that a span under way was counting on
    return true;
  }

  private wakeAt(at: Ticks): void {
    if (this.boundaryAt === at) return;
    this.boundaryAt = at;
    this.serving.wakeInstance(at, this.index);
  }

  private endIdle(now: Ticks): void {
    if (this.held.size > 0) this.starvedTicks += now - this.idleSince;
  }

  /** The span's steps are done: gaps, prefill progress, requests that end. */
  private endSpan(now: Ticks): void {
    const {clock, batch} = this;
    const steps = clock.steps;
    if (batch.size > 0) this.growTo(steps);
    this.recordGaps(steps);
    if (this.serving.tellsSteps) this.serving.stepped(this.index, clock.start, now, steps, this.chunks.tokens, batch.size);
    if (this.chunks.count > 0) this.prefillTicks += now - clock.start;
    else this.decodeTicks += now - clock.start;
    clock.end();
    batch.advance(steps);
    for (let next = batch.members.peek(); next !== undefined && next.finishStep <= batch.step; next = batch.members.peek()) {
      this.letGo(next);
      this.serving.finish(next, now);
    }
    this.endChunks(now);
  }

  private recordGaps(steps: number): void {
    const {batch, clock, late, serving} = this;
    if (batch.size === 0) return;
    const first = clock.ticks(clock.first);
    if (late.length === 0) return serving.gaps(first, clock.ticks(clock.increment), steps, batch.size);
    serving.gaps(first, 0, 1, batch.size - late.length);
    const firstEnd = clock.boundary(1);
    for (const request of late) serving.gaps(firstEnd - request.lastToken, 0, 1, 1);
    late.length = 0;
    if (steps > 1) serving.gaps(first + clock.ticks(clock.increment), clock.ticks(clock.increment), steps - 1, batch.size);
  }

  private endChunks(now: Ticks): void {
    const {chunks} = this;
    for (let i = 0; i < chunks.count; i++) {
      const request = chunks.requests[i];
      if (!this.held.has(request)) continue; // thrown back while it computed: a block that it waited for was lost
      request.prefilled += chunks.tokensOf(i);
      this.payOwed(request, chunks.tokensOf(i));
      const blocks = Math.min(request.fullBlocks, Math.floor(request.prefilled / this.serving.blockTokens));
      this.serving.loop.computed(now, request.row, blocks);
      if (request.prefilled === request.pieceEnd && request.prefilled < request.prefillEnd) this.nextPiece(request);
      if (request.prefilled < request.prefillEnd) continue;
      drop(this.prefills, request);
      this.serving.prefilled(request, now);
    }
    chunks.clear();
  }

  /** How far a request can compute from where it is. */
  private measurePiece(request: LiveRequest): void {
    const until = this.serving.loop.placement.computeUntil(request.row);
    request.pieceEnd = until >= request.fullBlocks ? request.prefillEnd : until * this.serving.blockTokens;
  }

  /** A piece of the prompt is computed: on behind what has been loaded meanwhile, or wait for it. */
  private nextPiece(request: LiveRequest): void {
    const {placement} = this.serving.loop;
    if (placement.waitOf(request.row) !== NONE) return drop(this.prefills, request);
    const from = Math.min(placement.computeFrom(request.row), request.usableBlocks) * this.serving.blockTokens;
    request.prefilled = Math.max(request.prefilled, from);
    this.measurePiece(request);
  }

  private payOwed(request: LiveRequest, tokens: number): void {
    const paid = Math.min(tokens, request.owedTokens);
    request.owedTokens -= paid;
    this.owedTokens -= paid;
  }

  /** Decodes from the next step on. */
  join(request: LiveRequest, now: Ticks): void {
    request.enter(DECODE, now);
    if (request.lastToken !== now) this.late.push(request);
    this.batch.join(request, request.prefilled, request.outputTokens - request.generated);
  }

  private admitHandOffs(now: Ticks): void {
    for (const request of this.joiners) this.join(request, now);
    this.joiners.length = 0;
    while (this.handOffs.length > 0 && !this.blocked) {
      if (!this.accept(this.handOffs[0], now)) this.blocked = true;
      else this.handOffs.shift();
    }
  }

  private admitQueue(now: Ticks): void {
    while (this.queue.length > 0 && !this.blocked && this.held.size < this.serving.requestsMax) {
      if (this.admit(this.queue[0], now)) this.queue.shift();
      else this.blocked = true;
    }
  }

  private admit(request: LiveRequest, now: Ticks): boolean {
    const {blockTokens, loop} = this.serving;
    const tokens = request.inputTokens + request.generated;
    const privateBlocks = Math.ceil(tokens / blockTokens) - request.fullBlocks;
    if (!loop.demand(now, request.row, this.pool, request.usableBlocks, privateBlocks)) return false;
    this.held.add(request);
    request.prefillEnd = tokens;
    request.prefilled = 0;
    request.prefillInstance = this.index;
    this.serving.admitted(request, now);
    const wait = loop.placement.waitOf(request.row);
    if (wait === NONE) this.ready(request, now);
    else this.waiting(request, wait, now);
    return true;
  }

  /** Composes the next step, or the span that it opens. */
  private startSpan(now: Ticks): void {
    const {batch, clock, model} = this;
    if (this.serving.waitsForLoads && this.isLoading()) return this.rest(now);
    if (batch.size > 0) this.growOrPreempt(now);
    this.chunks.compose(this.computing(), batch.size, this.serving.batchedTokensMax, now);
    if (batch.size === 0 && this.chunks.count === 0) return this.rest(now);
    if (this.chunks.count > 0) {
      clock.begin(now, model.mixed(this.chunks.pairs, this.chunks.count, batch.size, batch.kvTokens, batch.windowTokens), 0, 1);
      this.layerLoads?.begin(now, clock.boundary(1) - now, this.chunks.requests);
    } else {
      const limit = this.serving.stepByStep || this.mayAdmit() || this.computing().length > 0 ? 1 : Infinity;
      const token = model.kvTokenCost(batch.size);
      const windowToken = model.windowTokenCost(batch.size);
      clock.begin(
        now,
        model.decodeBase(batch.size) + token * batch.kvTokens + windowToken * batch.windowTokens,
        token * batch.size + windowToken * batch.windowGrowth,
        batch.spanLength(limit, this.serving.loop.placement.headroom(this.pool)),
      );
    }
    this.grownSteps = 1;
    this.wakeAt(clock.boundary(clock.steps));
  }

  /** Requests that the next step may compute, those that load behind it included. */
  private computing(): readonly LiveRequest[] {
    return this.layerLoads === null ? this.prefills : [...this.prefills, ...this.layerLoads.waiting];
  }

  private isLoading(): boolean {
    for (const {state} of this.held) if (state >= LOAD) return true;
    return false;
  }

  /** A preemption has made room after this boundary's admissions: try again at the next one. */
  private mayAdmit(): boolean {
    return !this.blocked && this.held.size < this.serving.requestsMax && this.queue.length + this.handOffs.length > 0;
  }

  private rest(now: Ticks): void {
    this.clock.rest();
    this.idleSince = now;
  }

  /** Blocks for the next step; where there are none left, the youngest request is thrown out until there are. */
  private growOrPreempt(now: Ticks): void {
    const {batch, serving} = this;
    for (let growth = batch.growthAt(batch.step); growth > 0; growth = batch.growthAt(batch.step)) {
      if (serving.loop.grow(now, this.pool, growth)) return;
      serving.preempt(this.youngest(), now);
    }
  }

  /** Growth of the span's steps up to `steps`, beyond what has been taken: it fits, or the span would be shorter. */
  private growTo(steps: number): void {
    let growth = 0;
    for (let step = this.grownSteps; step < steps; step++) growth += this.batch.growthAt(this.batch.step + step);
    this.grownSteps = Math.max(this.grownSteps, steps);
    if (growth > 0) this.serving.loop.grow(this.serving.world.now(), this.pool, growth);
  }

  /** Of the lowest priority. */
  private youngest(): LiveRequest {
    let youngest: LiveRequest | null = null;
    for (const request of this.held) if (youngest === null || precedes(youngest, request)) youngest = request;
    return youngest!;
  }

  /** Into the queue, behind those that come before it. */
  private insert(request: LiveRequest): void {
    let at = this.queue.length;
    while (at > 0 && precedes(request, this.queue[at - 1])) at--;
    this.queue.splice(at, 0, request);
  }

  /** A preempted or thrown back request, ahead of all that came after it. */
  requeue(request: LiveRequest, now: Ticks): void {
    request.enter(Number.isNaN(request.admitted) ? QUEUED : PREEMPTED, now);
    request.instance = this;
    this.insert(request);
    this.blocked = false;
    this.poke();
  }
}

/** By priority, then by arrival. */
function precedes(a: LiveRequest, b: LiveRequest): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}

function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
