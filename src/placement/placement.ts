/**
 * The brain: where every block of KV cache lives. A pure state machine: calls carry `now`, decisions are rows of `commands` and `notices` that
 * the caller drains after each call. It reads no clock, draws no chance and does no I/O, so that one brain runs simulated and real drives.
 *
 * The life of a request: open (its prompt becomes a chain of block rows), demand (admitted to an instance's pool: hits are pinned, victims
 * leave, copies are loaded or left to compute), computed (after each prefill chunk), grow (decode), handOff (to another instance), keep
 * (generated blocks that a later prompt will use), release, close. An input either happens whole or returns false and changes nothing.
 */
import {assert} from '../base/assert.ts';
import {Core} from './core.ts';
import {Departure} from './departure.ts';
import {Forecast} from './forecast.ts';
import {checkPlacement} from './invariants.ts';
import {ARRIVING, COMPUTING, RESIDENT, type Pool} from './pool.ts';
import {
  DONE,
  FAILED,
  LOAD,
  MOVE,
  NONE,
  STORE,
  UNSAID,
  WAITING,
  type Commands,
  type Notices,
  type PlacementConfig,
  type PoolIndex,
  type RequestRow,
  type Slot,
  type Ticks,
  type TransferId,
} from './ports.ts';
import {Pieces} from './pieces.ts';
import {Planner, type Plan} from './planner.ts';
import {Reach} from './reach.ts';
import {Space} from './space.ts';

export class Placement {
  readonly commands: Commands;
  readonly notices: Notices;
  readonly plan: Plan;
  readonly core: Core;
  readonly reach: Reach;
  readonly forecast: Forecast;
  private readonly space: Space;
  private readonly planner: Planner;
  /** null: every request computes its prompt from one block on to the end. */
  private readonly pieces: Pieces | null;
  private readonly departure: Departure;

  constructor(config: PlacementConfig) {
    this.core = new Core(config);
    this.space = new Space(this.core);
    this.reach = new Reach(this.core);
    this.forecast = new Forecast(this.core);
    this.planner = new Planner(this.core);
    this.pieces = this.core.inPieces ? new Pieces(this.core, this.planner) : null;
    this.departure = new Departure(this.core, this.space);
    this.commands = this.core.commands;
    this.notices = this.core.notices;
    this.plan = this.planner.plan;
  }

  /** A request has come. `runs` are content ids, flat pairs [first, count], of which the first `blocks` are the prompt's full blocks. */
  open(request: RequestRow, runs: readonly number[], blocks: number): void {
    const {requests} = this.begin();
    requests.ensure(request);
    requests.tip[request] = this.intern(NONE, runs, 0, blocks);
    requests.blocks[request] = blocks;
    requests.pool[request] = NONE;
    requests.wait[request] = NONE;
    if (blocks > 0) this.core.blocks.hold(requests.tip[request]);
    this.core.waiting.join(request);
  }

  /** The request has ended, and is not admitted. */
  close(request: RequestRow): void {
    const {requests} = this.begin();
    assert(requests.pool[request] === NONE, `request ${request} closed while admitted`);
    if (requests.tip[request] !== NONE) this.core.blocks.drop(requests.tip[request]);
    requests.tip[request] = NONE;
    this.core.waiting.leave(request);
  }

  /**
   * The request asks to run in `pool`: its prompt's blocks, and `privateBlocks` more for its partial block and first token. At most
   * `usableBlocks` leading blocks may be reused (at least one token must be computed). False: no room now; nothing has changed.
   */
  demand(now: Ticks, request: RequestRow, poolIndex: PoolIndex, usableBlocks: number, privateBlocks: number): boolean {
    const {requests, blocks} = this.beginFor(now, request);
    assert(requests.pool[request] === NONE, `request ${request} is admitted already`);
    const pool = this.core.pools[poolIndex];
    const count = requests.blocks[request];
    const rows = requests.buffer(count);
    const slots = requests.buffer(count);
    if (count > 0) blocks.path(requests.tip[request], count, rows);
    this.space.expire();
    if (this.pieces !== null) return this.demandPieces(this.pieces, request, pool, rows, slots, usableBlocks, privateBlocks);
    const here = this.planner.findHere(pool, rows, slots, count);
    const unpinned = this.planner.countUnpinned(pool, slots, here);
    const extra = privateBlocks + (here > usableBlocks ? 1 : 0);
    if (!hasRoom(pool, count - here + extra, unpinned)) {
      requests.recycle(rows);
      requests.recycle(slots);
      return false;
    }
    const found = here < usableBlocks ? this.planner.findBelow(pool, rows, here, usableBlocks) : here;
    const loadEnd = this.planner.chooseLoad(pool, here, found, count);
    this.planner.tellPlan(here, usableBlocks, found, loadEnd);
    requests.admit(request, poolIndex, here, rows, slots);
    this.core.waiting.leave(request);
    this.pinHits(request, pool, slots, here);
    this.adopt(pool, rows, slots, here);
    this.planner.openLoads(request, pool, rows, here, loadEnd, LOAD); // before evictions: what is read may leave, but not go
    this.reserve(request, pool, count - here + extra, extra);
    this.insertCopies(pool, rows, slots, here, loadEnd, count);
    requests.computed[request] = Math.max(here, loadEnd);
    this.start(request, pool);
    return true;
  }

  private demandPieces(
    pieces: Pieces,
    request: RequestRow,
    pool: Pool,
    rows: Int32Array,
    slots: Int32Array,
    usableBlocks: number,
    privateBlocks: number,
  ): boolean {
    const {requests} = this.core;
    const count = requests.blocks[request];
    const found = pieces.findHere(pool, rows, slots, count);
    const extra = privateBlocks + (count > usableBlocks && slots[count - 1] !== NONE ? 1 : 0);
    if (!hasRoom(pool, count - found + extra, pieces.countUnpinned(pool, slots, count))) {
      requests.recycle(rows);
      requests.recycle(slots);
      return false;
    }
    const own = pieces.lay(pool, rows, slots, usableBlocks, count);
    requests.admit(request, pool.index, found, rows, slots);
    this.core.waiting.leave(request);
    const missing = own.slice();
    pieces.open(request, pool, rows, slots, own, usableBlocks, count);
    this.reserve(request, pool, count - found + extra, extra);
    for (let i = 0; i < count; i++) {
      if (slots[i] !== NONE) continue;
      slots[i] = pool.insert(rows[i], missing[i] === 1 ? COMPUTING : ARRIVING, i > 0 ? slots[i - 1] : NONE);
      pool.pins[slots[i]] = 1;
    }
    this.start(request, pool);
    return true;
  }

  /** Whether the request holds a place in some pool. It may have lost it before serving has read the notice. */
  isAdmitted(request: RequestRow): boolean {
    return this.core.requests.pool[request] !== NONE;
  }

  /** What the request waits for (a Wait), NONE once it can run. */
  waitOf(request: RequestRow): number {
    return this.core.waitOf(request);
  }

  /** First block of the prompt that is neither there nor on its way. */
  computeFrom(request: RequestRow): number {
    return this.core.requests.computed[request];
  }

  /** End of the blocks that it computes from there on before it may have to wait again. */
  computeUntil(request: RequestRow): number {
    return this.pieces === null ? this.core.requests.blocks[request] : this.pieces.end(request);
  }

  /** The first `upTo` full blocks of the prompt are now computed. */
  computed(now: Ticks, request: RequestRow, upTo: number): void {
    const {requests} = this.beginFor(now, request);
    const pool = this.core.pools[requests.pool[request]];
    const slots = requests.slots[request];
    const from = requests.computed[request];
    if (requests.own[request] !== null) {
      this.pieces!.computed(request, pool, upTo);
      if (upTo > from) this.space.writeThrough(pool, requests.rows[request], from, upTo);
      return this.core.settle(request);
    }
    for (let i = from; i < upTo; i++) {
      if (pool.state[slots[i]] !== COMPUTING) continue;
      pool.state[slots[i]] = RESIDENT;
      this.core.fire(pool, slots[i], true);
    }
    if (upTo <= from) return;
    requests.computed[request] = upTo;
    this.space.writeThrough(pool, requests.rows[request], from, upTo);
  }

  /** Decode needs `blocks` more in this pool. False: there is no room even with every block evicted that may be. */
  grow(now: Ticks, poolIndex: PoolIndex, blocks: number): boolean {
    this.beginFor(now, NONE);
    const pool = this.core.pools[poolIndex];
    if (!this.space.forceRoom(pool, blocks)) return false;
    pool.take(blocks);
    pool.privateBlocks += blocks;
    this.space.replenish(pool);
    return true;
  }

  /** Blocks by which decode can grow before this pool has to act: a span of steps may end there at the latest. */
  headroom(poolIndex: PoolIndex): number {
    const pool = this.core.pools[poolIndex];
    const slack = pool.capacity - pool.used;
    return Math.max(0, Math.min(slack, slack + pool.leaving - pool.reserveLow));
  }

  /** The request's first generated blocks, by content, after its whole prompt: they stay as copies that a later prompt can hit. At most the private blocks that hold them. */
  keep(now: Ticks, request: RequestRow, runs: readonly number[], count: number): void {
    const {requests, blocks} = this.beginFor(now, request);
    const pool = this.core.pools[requests.pool[request]];
    const first = requests.blocks[request];
    const rows = widened(requests.rows[request], first, first + count);
    const slots = widened(requests.slots[request], first, first + count);
    const oldTip = requests.tip[request];
    const tip = this.intern(oldTip, runs, 0, count);
    blocks.hold(tip);
    if (oldTip !== NONE) blocks.drop(oldTip);
    blocks.path(tip, first + count, rows);
    let parentSlot = first > 0 ? slots[first - 1] : NONE;
    for (let i = first; i < first + count; i++) {
      slots[i] = pool.find(rows[i]);
      if (slots[i] === NONE) {
        pool.used--;
        pool.privateBlocks--;
        requests.privateBlocks[request]--;
        slots[i] = pool.insert(rows[i], RESIDENT, parentSlot);
        pool.pins[slots[i]] = 1;
        if (this.core.config.offload === 'prompts') pool.unsaved.add(slots[i]);
      } else pool.pin(slots[i]);
      parentSlot = slots[i];
    }
    requests.tip[request] = tip;
    requests.blocks[request] = first + count;
    requests.computed[request] = first + count;
    requests.rows[request] = rows;
    requests.slots[request] = slots;
    if (this.core.config.offload !== 'prompts') this.space.writeThrough(pool, rows, first, first + count);
  }

  /** The request leaves its pool: ended, or preempted, or thrown back. `grownBlocks`: what grow() has given it; `ending`: how it ended (Occasion.ending). Its prompt's computed blocks stay, unpinned. */
  release(now: Ticks, request: RequestRow, grownBlocks: number, ending = UNSAID): void {
    this.beginFor(now, request);
    this.core.occasion.ending = ending;
    this.departure.releaseRequest(request, grownBlocks);
    this.departure.retryLosers();
  }

  /**
   * The request, its prompt computed, moves from its pool to `to`, with `privateBlocks` of its own that hold `privateBytes`. It keeps
   * both places until all has come, and then only the new one. `grownBlocks` as in release. False: no room there now.
   */
  handOff(now: Ticks, request: RequestRow, to: PoolIndex, privateBlocks: number, privateBytes: number, grownBlocks: number): boolean {
    const {requests} = this.beginFor(now, request);
    const from = requests.pool[request];
    const pool = this.core.pools[to];
    const count = requests.blocks[request];
    const rows = requests.rows[request];
    const slots = requests.buffer(count);
    const here = this.planner.findHere(pool, rows, slots, count);
    if (!hasRoom(pool, count - here + privateBlocks, this.planner.countUnpinned(pool, slots, here))) {
      requests.recycle(slots);
      return false;
    }
    requests.oldPool[request] = from;
    requests.oldSlots[request] = requests.slots[request];
    requests.oldPrivateBlocks[request] = requests.privateBlocks[request] + grownBlocks;
    this.planner.comeFrom(from, requests.oldSlots[request], here, count);
    requests.oldFound[request] = requests.found[request];
    requests.admit(request, to, here, rows, slots);
    this.pinHits(request, pool, slots, here);
    if (here < count) this.planner.openLoads(request, pool, rows, here, count, MOVE, privateBytes);
    else this.core.open(MOVE, request, from, to, requests.tip[request], 0, privateBytes);
    this.reserve(request, pool, count - here + privateBlocks, privateBlocks);
    this.insertCopies(pool, rows, slots, here, count, count);
    this.start(request, pool);
    return true;
  }

  /** Whether copies age: then expire() before a prompt is looked for. */
  get ages(): boolean {
    return this.core.expires.length > 0;
  }

  /** Drops copies whose time to live is over. */
  expire(now: Ticks): void {
    this.beginFor(now, NONE);
    this.space.expire();
  }

  /** A transfer has ended, `outcome` DONE, FAILED or CUT. */
  complete(now: Ticks, id: TransferId, outcome: number): void {
    const {transfers} = this.beginFor(now, NONE);
    const row = transfers.rowOf(id);
    const source = this.core.pools[transfers.source[row]];
    const target = this.core.pools[transfers.target[row]];
    const failed = outcome !== DONE;
    const bytes = transfers.bytes[row];
    this.core.count(transfers.route[row], -bytes);
    if (!failed) {
      this.core.readBytes[source.index] += bytes;
      this.core.writtenBytes[target.index] += bytes;
      this.core.movedBytes[source.tier * this.core.tiers + target.tier] += bytes;
    }
    if (transfers.kind[row] === STORE) this.space.stored(row, source, target, failed);
    else this.departure.landed(row, source, target, failed, outcome === FAILED);
    transfers.close(row);
    this.departure.retryLosers();
  }

  /** From now on bytes go over a route at this rate, bytes per second; 0: not at all, and nothing more is sent that way. */
  routeRate(now: Ticks, route: number, bytesPerSecond: number): void {
    const core = this.begin(now);
    const closed = (rate: number): number => (rate === 0 ? 1 : 0);
    core.closedRoutes += closed(bytesPerSecond) - closed(core.routeRate[route]);
    if (closed(core.routeRate[route]) !== closed(bytesPerSecond)) this.reach.forgetRoutes();
    core.routeRate[route] = bytesPerSecond;
  }

  /** A share of what a pool holds is gone, all of it at 1. Nothing there is pinned: requests have been released. */
  lose(now: Ticks, pool: PoolIndex, share: number): void {
    const core = this.begin(now);
    this.space.loseShare(core.pools[pool], share);
  }

  /** Recomputes every counter from scratch; throws where one differs. For the end of a run and for tests. */
  checkInvariants(): void {
    checkPlacement(this.core);
  }

  /** @param request whose blocks the policies will hear of; NONE: nobody's */
  private beginFor(now: Ticks, request: RequestRow): Core {
    const {occasion, requests} = this.core;
    occasion.use = request;
    occasion.ending = UNSAID;
    occasion.length = request === NONE ? 0 : requests.blocks[request];
    return this.begin(now);
  }

  private begin(now = this.core.now): Core {
    this.core.now = now;
    this.core.occasion.now = now;
    this.core.commands.count = 0;
    this.core.notices.count = 0;
    return this.core;
  }

  /** Row of the last of `count` blocks after `parent` whose contents `runs` name; `parent` where count is 0. */
  private intern(parent: number, runs: readonly number[], skip: number, count: number): number {
    const {blocks} = this.core;
    let row = parent;
    let left = count;
    for (let i = skip * 2; left > 0; i += 2) {
      const take = Math.min(left, runs[i + 1]);
      for (let k = 0; k < take; k++) row = blocks.intern(runs[i] + k, row);
      left -= take;
    }
    return row;
  }

  /** Pins the leading copies; the request waits for those that others compute or load. */
  private pinHits(request: RequestRow, pool: Pool, slots: Int32Array, here: number): void {
    for (let i = 0; i < here; i++) {
      pool.pin(slots[i]);
      if (pool.state[slots[i]] !== RESIDENT) this.core.wait(pool, slots[i], request);
    }
  }

  /** What decode has made belongs to a prompt now, and goes down like any other. */
  private adopt(pool: Pool, rows: Int32Array, slots: Int32Array, here: number): void {
    if (pool.unsaved.size === 0) return;
    let first = here;
    for (let i = here - 1; i >= 0; i--) if (pool.unsaved.delete(slots[i])) first = i;
    this.space.writeThrough(pool, rows, first, here);
  }

  /** Makes room for `needed` blocks, `privateBlocks` of them the request's own. */
  private reserve(request: RequestRow, pool: Pool, needed: number, privateBlocks: number): void {
    const room = Math.max(0, pool.capacity - pool.used - pool.reserveLow);
    if (needed > room) this.space.evictFor(request, pool, needed - room);
    pool.take(privateBlocks);
    pool.privateBlocks += privateBlocks;
    this.core.requests.privateBlocks[request] = privateBlocks;
  }

  private insertCopies(pool: Pool, rows: Int32Array, slots: Int32Array, here: number, loadEnd: number, count: number): void {
    let parentSlot: Slot = here > 0 ? slots[here - 1] : NONE;
    for (let i = here; i < count; i++) {
      slots[i] = pool.insert(rows[i], i < loadEnd ? ARRIVING : COMPUTING, parentSlot);
      pool.pins[slots[i]] = 1;
      parentSlot = slots[i];
    }
  }

  /** Everything of an admission is in place: issue what need not wait for evictions. */
  private start(request: RequestRow, pool: Pool): void {
    const {core} = this;
    core.requests.wait[request] = NONE;
    core.settle(request);
    this.dropWaitingNotice(request);
    this.space.replenish(pool);
  }

  /** The caller of demand reads waitOf itself. */
  private dropWaitingNotice(request: RequestRow): void {
    const {notices} = this.core;
    const last = notices.count - 1;
    if (last >= 0 && notices.kind[last] === WAITING && notices.request[last] === request) notices.count--;
  }
}

/** Whether `needed` blocks fit beside the reserve once everything is evicted that may be; `unpinned` of the evictable are the request's own hits. */
function hasRoom(pool: Pool, needed: number, unpinned: number): boolean {
  const room = Math.max(0, pool.capacity - pool.used - pool.reserveLow);
  if (needed <= room) return true;
  return pool.adrift === 0 && needed <= room + pool.evictable - unpinned;
}

function widened(from: Int32Array, kept: number, length: number): Int32Array {
  if (from.length >= length) return from;
  const to = new Int32Array(length * 2);
  to.set(from.subarray(0, kept));
  return to;
}
