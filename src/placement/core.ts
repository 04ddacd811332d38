/** The state that the brain's parts share, and the three things that all of them do: find copies, open transfers, wait on slots. */
import {assert, fail} from '../base/assert.ts';
import type {AccessLog} from './accessLog.ts';
import {BlockTable} from './blockTable.ts';
import {CommandBuffer, NoticeBuffer} from './commandBuffer.ts';
import {Lanes} from './lanes.ts';
import {ARRIVING, LEAVING, Pool, RESIDENT, type Scene} from './pool.ts';
import {
  LOADING,
  NONE,
  SPACE,
  type Ticks,
  UNSAID,
  WAITING,
  WAIT_EVICTION,
  WAIT_SHARED,
  READY,
  type BlockRow,
  type Occasion,
  type PlacementConfig,
  type PoolIndex,
  type RequestRow,
  type Slot,
} from './ports.ts';
import {RequestTable} from './requestTable.ts';
import {RouteIndex} from './routeIndex.ts';
import {Transfers} from './transfers.ts';
import {WaitingLine} from './waitingLine.ts';

export class Core {
  readonly config: PlacementConfig;
  readonly blocks = new BlockTable();
  readonly pools: Pool[] = [];
  readonly requests: RequestTable;
  readonly waiting: WaitingLine;
  readonly transfers = new Transfers();
  readonly commands = new CommandBuffer();
  readonly notices = new NoticeBuffer();
  /** What the policies' calls are about; one for all pools. */
  readonly occasion: Occasion = {now: 0, use: NONE, ending: UNSAID, length: 0, depth: 0};
  readonly tiers: number;
  /** Pools whose copies have a time to live. */
  readonly expires: readonly Pool[];
  /** Told of what every pool is asked for; null: nobody wants to know. */
  accessLog: AccessLog | null = null;
  /** Requests may compute their prompts in pieces (pieces.ts). */
  readonly inPieces: boolean;
  private readonly routes: RouteIndex;
  private readonly lanes: Lanes;
  /** By first route between two pools: how many there are. */
  private readonly ways: Uint8Array;
  /** By route: bytes per second that the brain believes in; 0: it is closed. And how many are closed. */
  readonly routeRate: Float64Array;
  closedRoutes = 0;
  /** Bytes that are out on each route. */
  private readonly outstandingBytes: Float64Array;
  /** Bytes read from and written to each pool by transfers that have ended. */
  readonly readBytes: Float64Array;
  readonly writtenBytes: Float64Array;
  /** By pool of the first tier: blocks that requests which compute in pieces still have to compute there. */
  readonly owedBlocks: Float64Array;
  /** And how many such requests there are. */
  readonly owing: Int32Array;
  /** Instant of the input in hand. */
  now: Ticks = 0;
  /** Bytes moved so far from tier to tier: [from x tiers + to]. */
  readonly movedBytes: Float64Array;
  /** Slot found by the last `best`. */
  bestSlot: Slot = NONE;
  /** Heads of the lists of requests that wait for a slot, by pool. Looked up, never iterated. */
  private readonly waitersOf: Map<Slot, number>[] = [];
  private waiterRequest = new Int32Array(64);
  private waiterEpoch = new Int32Array(64);
  private waiterNext = new Int32Array(64);
  private waiterFree = NONE;
  private waiterUsed = 0;
  /** Requests that the last fire() woke because their block was lost. */
  readonly losers: RequestRow[] = [];

  constructor(config: PlacementConfig) {
    this.config = config;
    this.inPieces = config.reload === 'split' || config.hit === 'fillHoles';
    this.tiers = config.pools.reduce((most, pool) => Math.max(most, pool.tier + 1), 1);
    this.requests = new RequestTable(this.tiers);
    this.waiting = new WaitingLine(this.blocks, this.requests);
    const promotes = Math.min(...config.pools.map(({tier, promoteOn = 0}) => (promoteOn > 0 ? tier : Infinity)));
    config.pools.forEach((pool, index) =>
      this.pools.push(new Pool(index, pool, this.blocks, this.pools, this.scene(), pool.tier > promotes)),
    );
    const guarded = this.pools.filter(({admission}) => admission !== null);
    for (const pool of this.pools) if (guarded.some(({index}) => this.isBelow(index, pool))) pool.keepVerdicts();
    this.expires = this.pools.filter(({ttl}) => ttl !== Infinity);
    const count = this.pools.length;
    this.routes = new RouteIndex(config.routes);
    this.ways = new Uint8Array(config.routes.length);
    for (const {source, target} of config.routes) this.ways[this.route(source, target)]++;
    this.routeRate = Float64Array.from(config.routes, ({bytesPerSecond}) => bytesPerSecond);
    this.lanes = new Lanes(config, this.routeRate);
    this.outstandingBytes = new Float64Array(config.routes.length);
    this.readBytes = new Float64Array(count);
    this.writtenBytes = new Float64Array(count);
    this.owedBlocks = new Float64Array(count);
    this.owing = new Int32Array(count);
    this.movedBytes = new Float64Array(this.tiers * this.tiers);
    for (let i = 0; i < count; i++) this.waitersOf.push(new Map());
  }

  /** What all policies may know. */
  private scene(): Scene {
    const {blockTokens, blockBytes, recompute} = this.config;
    const {perTokenNs, perTokenSquaredNs} = recompute;
    const recomputeNs = (depth: number): number => blockTokens * (perTokenNs + perTokenSquaredNs * blockTokens * (2 * depth + 1));
    return {occasion: this.occasion, waiting: this.waiting, recomputeNs, blockBytes};
  }

  /** Index of the route from pool to pool, the first where there are several; or NONE. */
  route(source: PoolIndex, target: PoolIndex): number {
    return this.routes.find(source, target);
  }

  /** Whether bytes can go from pool to pool now. */
  isOpen(source: PoolIndex, target: PoolIndex): boolean {
    const first = this.routes.find(source, target);
    if (first === NONE || this.closedRoutes === 0) return first !== NONE;
    for (let way = 0; way < this.ways[first]; way++) if (this.routeRate[first + way] > 0) return true;
    return false;
  }

  /** Where a pool's victims go: the next one below it that can be reached now, or NONE. */
  below(pool: Pool): PoolIndex {
    let at = pool.below;
    if (this.closedRoutes > 0) while (at !== NONE && !this.isOpen(pool.index, at)) at = this.pools[at].below;
    return at;
  }

  /**
   * The pool below `target` to load the block from: of those that hold it and have an open route there, one of the nearest tier, and of several the
   * one from which a block is expected first. NONE without one. Sets bestSlot.
   */
  best(row: BlockRow, target: PoolIndex): PoolIndex {
    let found: PoolIndex = NONE;
    let slot = this.blocks.firstSlot[row];
    for (let pool = this.blocks.firstPool[row]; pool !== NONE;) {
      const owner = this.pools[pool];
      if (
        owner.tier > this.pools[target].tier &&
        owner.state[slot] === RESIDENT &&
        this.isOpen(pool, target) &&
        (found === NONE || this.isNearer(owner, this.pools[found], target))
      ) {
        found = pool;
        this.bestSlot = slot;
      }
      const next = owner.nextSlot[slot];
      pool = owner.nextPool[slot];
      slot = next;
    }
    return found;
  }

  private isNearer(pool: Pool, other: Pool, target: PoolIndex): boolean {
    if (pool.tier !== other.tier) return pool.tier < other.tier;
    const {blockBytes} = this.config;
    return this.expectedNs(pool.index, target, blockBytes) < this.expectedNs(other.index, target, blockBytes);
  }

  /** Whether some pool below `pool` holds the block, or soon will. */
  savedBelow(row: BlockRow, pool: Pool): boolean {
    let slot = this.blocks.firstSlot[row];
    for (let at = this.blocks.firstPool[row]; at !== NONE;) {
      const owner = this.pools[at];
      if (owner.tier > pool.tier && owner.state[slot] !== LEAVING && this.isBelow(at, pool)) return true;
      const next = owner.nextSlot[slot];
      at = owner.nextPool[slot];
      slot = next;
    }
    return false;
  }

  /** A transfer of the run of `count` blocks that ends at `tip`. It goes out with issue(). */
  open(kind: number, request: RequestRow, source: PoolIndex, target: PoolIndex, tip: BlockRow, count: number, extraBytes: number): number {
    const transfer = this.transfers.open(kind, request, source, target, tip, count, count * this.config.blockBytes + extraBytes);
    if (request === NONE) return transfer;
    const {requests, transfers} = this;
    transfers.next[transfer] = requests.transfers[request];
    requests.transfers[request] = transfer;
    requests.loads[request]++;
    requests.loadsByTier[request * this.tiers + this.pools[source].tier]++;
    return transfer;
  }

  /** A transfer goes out: whole, or in pieces where there are several ways and the choice is to use more than one. */
  issue(transfer: number): void {
    const {transfers} = this;
    const first = this.route(transfers.source[transfer], transfers.target[transfer]);
    const ways = this.ways[first];
    if (ways === 1) return this.send(transfer, first, 0);
    const blocks = transfers.blocks[transfer];
    const key = this.blocks.key(transfers.tip[transfer]);
    const run = {blocks, blockBytes: this.config.blockBytes, bytes: transfers.bytes[transfer], key};
    const open = this.lanes.divide(this.now, first, ways, run);
    const {share, at} = this.lanes;
    let last = open - 1;
    while (last > 0 && share[last] === 0) last--;
    for (let i = 0; i < last; i++)
      if (share[i] > 0) this.send(share[i] === blocks ? transfer : this.cutHead(transfer, share[i]), first + at[i], at[i]);
    if (transfers.issued[transfer] === 0) this.send(transfer, first + at[last], at[last]);
  }

  /** Bytes that are out on a route, more or fewer. */
  count(route: number, bytes: number): void {
    const {lane} = this.config.routes[route];
    this.outstandingBytes[route] += bytes;
    if (lane !== undefined) this.lanes.add(this.now, lane, bytes);
  }

  /** Nanoseconds until `bytes` more would have come from pool to pool, behind what is known to be out on the way. */
  expectedNs(source: PoolIndex, target: PoolIndex, bytes: number): number {
    const route = this.route(source, target);
    if (this.ways[route] > 1) return this.lanes.expectedNs(this.now, route, this.ways[route], bytes);
    return this.config.routes[route].latencyNs + ((this.outstandingBytes[route] + bytes) / this.routeRate[route]) * 1e9;
  }

  private send(transfer: number, route: number, way: number): void {
    const {transfers} = this;
    assert(transfers.issued[transfer] === 0, 'a transfer is issued once');
    transfers.issued[transfer] = 1;
    transfers.route[transfer] = route;
    const bytes = transfers.bytes[transfer];
    this.count(route, bytes);
    this.commands.push(
      transfers.kind[transfer],
      transfers.idOf(transfer),
      transfers.source[transfer],
      transfers.target[transfer],
      way,
      transfers.tip[transfer],
      transfers.blocks[transfer],
      bytes,
    );
  }

  /** The first `blocks` blocks of a transfer's run become a transfer of their own, for which the same request waits. Returns it. */
  private cutHead(transfer: number, blocks: number): number {
    const {transfers, requests} = this;
    const request = transfers.request[transfer];
    const left = transfers.blocks[transfer] - blocks;
    let tip = transfers.tip[transfer];
    for (let i = 0; i < left; i++) tip = this.blocks.parent[tip];
    const head = this.open(transfers.kind[transfer], request, transfers.source[transfer], transfers.target[transfer], tip, blocks, 0);
    transfers.blocks[transfer] = left;
    transfers.bytes[transfer] -= transfers.bytes[head];
    const waiter = transfers.waiter[transfer];
    if (waiter === NONE) return head;
    transfers.waiter[head] = waiter;
    transfers.waiterEpoch[head] = transfers.waiterEpoch[transfer];
    requests.evictions[waiter]++;
    return head;
  }

  /** From now on the request computes the blocks marked in `own`; null: no more in pieces. */
  setOwn(request: RequestRow, own: Uint8Array | null): void {
    const {requests} = this;
    const pool = requests.pool[request];
    if (requests.own[request] !== null) this.owing[pool]--;
    if (own !== null) this.owing[pool]++;
    requests.own[request] = own;
  }

  /** The request is told when the slot becomes resident, is lost, or is free. */
  wait(pool: Pool, slot: Slot, request: RequestRow): void {
    let waiter = this.waiterFree;
    if (waiter !== NONE) this.waiterFree = this.waiterNext[waiter];
    else {
      if (this.waiterUsed === this.waiterRequest.length) this.growWaiters();
      waiter = this.waiterUsed++;
    }
    const heads = this.waitersOf[pool.index];
    this.waiterRequest[waiter] = request;
    this.waiterEpoch[waiter] = this.requests.epoch[request];
    this.waiterNext[waiter] = heads.get(slot) ?? NONE;
    heads.set(slot, waiter);
    if (pool.state[slot] === LEAVING) this.requests.evictions[request]++;
    else this.requests.shared[request]++;
  }

  /** The slot has become resident (gained), or its copy is gone: free where it was leaving, lost where it was wanted (the losers). */
  fire(pool: Pool, slot: Slot, gained: boolean): void {
    const heads = this.waitersOf[pool.index];
    if (heads.size === 0) return;
    let waiter = heads.get(slot) ?? NONE;
    if (waiter === NONE) return;
    heads.delete(slot);
    const leaving = pool.state[slot] === LEAVING;
    const {requests} = this;
    while (waiter !== NONE) {
      const request = this.waiterRequest[waiter];
      if (requests.epoch[request] === this.waiterEpoch[waiter]) {
        if (leaving) requests.evictions[request]--;
        else requests.shared[request]--;
        if (leaving || gained) this.settle(request);
        else this.losers.push(request);
      }
      const next = this.waiterNext[waiter];
      this.waiterNext[waiter] = this.waiterFree;
      this.waiterFree = waiter;
      waiter = next;
    }
  }

  /** What the request waits for now; NONE: nothing. */
  waitOf(request: RequestRow): number {
    const {requests, tiers} = this;
    if (requests.evictions[request] > 0) return WAIT_EVICTION;
    if (requests.pool[request] !== NONE && requests.own[request] !== null && this.isPresent(request)) return NONE;
    if (requests.loads[request] > 0) {
      for (let tier = tiers - 1; tier >= 0; tier--) if (requests.loadsByTier[request * tiers + tier] > 0) return LOADING + tier;
    }
    return requests.shared[request] > 0 ? WAIT_SHARED : NONE;
  }

  /** Sends out what was held back for evictions, and tells serving if what the request waits for has changed. */
  settle(request: RequestRow): void {
    const {requests, transfers} = this;
    if (requests.evictions[request] === 0) {
      for (let transfer = requests.transfers[request]; transfer !== NONE; transfer = transfers.next[transfer])
        if (transfers.issued[transfer] === 0) this.issue(transfer);
    }
    const wait = this.waitOf(request);
    if (wait === requests.wait[request]) return;
    requests.wait[request] = wait;
    if (wait !== NONE) this.notices.push(WAITING, request, wait);
    else this.notices.push(READY, request, 0);
  }

  /** Serving may find room in this pool that was not there before. */
  tellSpace(pool: Pool): void {
    if (pool.tier > 0) return;
    const {notices} = this;
    for (let i = 0; i < notices.count; i++) if (notices.kind[i] === SPACE && notices.value[i] === pool.index) return;
    notices.push(SPACE, NONE, pool.index);
  }

  /** A copy on its way has come. */
  arrived(pool: Pool, slot: Slot): void {
    if (pool.state[slot] !== ARRIVING) fail(`${pool.name}: a copy arrived twice`);
    pool.state[slot] = RESIDENT;
    if (pool.pins[slot] === 0) {
      pool.settle(slot);
      if (pool.tier === 0) pool.adrift--;
      this.tellSpace(pool);
    }
    this.fire(pool, slot, true);
  }

  /** Of a request that computes in pieces: whether every block before the one that it computes next is there. */
  private isPresent(request: RequestRow): boolean {
    const {requests} = this;
    const {state} = this.pools[requests.pool[request]];
    const slots = requests.slots[request];
    const next = requests.computed[request];
    let present = requests.present[request];
    while (present < next && state[slots[present]] === RESIDENT) present++;
    requests.present[request] = present;
    return present >= next;
  }

  /** Whether what is evicted from `pool` may come to `candidate`, now or past other pools. */
  isBelow(candidate: PoolIndex, pool: Pool): boolean {
    for (let at = pool.below; at !== NONE; at = this.pools[at].below) if (at === candidate) return true;
    return false;
  }

  private growWaiters(): void {
    const {waiterRequest, waiterEpoch, waiterNext} = this;
    const rows = waiterRequest.length * 2;
    (this.waiterRequest = new Int32Array(rows)).set(waiterRequest);
    (this.waiterEpoch = new Int32Array(rows)).set(waiterEpoch);
    (this.waiterNext = new Int32Array(rows)).set(waiterNext);
  }
}
