/** How requests and copies leave: transfers that land or fail, releases, and what is lost with them. */
import type {Core} from './core.ts';
import {ARRIVING, COMPUTING, type Pool} from './pool.ts';
import {LOAD, MOVE, NONE, RETRY, type BlockRow, type RequestRow, type Slot} from './ports.ts';
import type {Space} from './space.ts';

export class Departure {
  private readonly core: Core;
  private readonly space: Space;

  constructor(core: Core, space: Space) {
    this.core = core;
    this.space = space;
  }

  /**
   * A LOAD or MOVE has ended. What could not be loaded, its request computes; whose KV did not come over begins again; a request that has left
   * meanwhile no longer cares. What could not be read is lost.
   */
  landed(row: number, source: Pool, target: Pool, failed: boolean, unreadable: boolean): void {
    const {core} = this;
    const {transfers, blocks, requests} = core;
    const request = transfers.request[row];
    const loading = transfers.kind[row] === LOAD;
    let block = transfers.tip[row];
    for (let i = transfers.blocks[row]; i > 0; i--) {
      const parent = blocks.parent[block];
      const slot = target.find(block);
      const read = source.findRead(block);
      const loads = source.loads === null ? 0 : source.loads[read];
      if (!failed) core.arrived(target, slot);
      else if (request !== NONE) target.state[slot] = COMPUTING;
      else this.lose(target, slot);
      if (unreadable) this.space.lose(source, read);
      this.space.endRead(source, read);
      if (!failed && loading) this.promoted(source, read, block, target, slot, loads);
      block = parent;
    }
    this.space.flush();
    if (request === NONE) return;
    if (failed) this.computeAgain(request, transfers.tip[row], transfers.blocks[row]);
    this.unlinkTransfer(request, row);
    requests.loads[request]--;
    requests.loadsByTier[request * core.tiers + source.tier]--;
    if (failed && transfers.kind[row] === MOVE) return this.comeToNothing(request);
    if (requests.loads[request] === 0 && requests.oldPool[request] !== NONE) this.leaveOldPool(request);
    core.settle(request);
  }

  /** A block has been loaded: where its copy was, it stays or goes; and a tier passed on the way may take a copy too. */
  private promoted(source: Pool, read: Slot, block: BlockRow, target: Pool, slot: Slot, loads: number): void {
    if (source.promote === 'move' && source.block[read] === block && source.guards[read] === 0 && source.reads[read] === 0)
      this.space.lose(source, read);
    if (loads > 0) this.space.promote(target, slot, source, loads);
  }

  /** A hand-off has failed: the request has lost its KV where it was going, and is told to begin again. */
  private comeToNothing(request: RequestRow): void {
    this.core.losers.push(request);
    this.releaseRequest(request, 0);
  }

  releaseRequest(request: RequestRow, grownBlocks: number): void {
    const {requests, pools} = this.core;
    const pool = pools[requests.pool[request]];
    this.detachTransfers(request);
    if (requests.oldPool[request] !== NONE) this.leaveOldPool(request);
    requests.epoch[request]++;
    const slots = requests.slots[request];
    const own = requests.own[request];
    let stays = requests.blocks[request];
    for (let i = stays - 1; i >= 0; i--) {
      if (own !== null) this.core.owedBlocks[pool.index] -= own[i];
      const computing = own === null ? i >= requests.computed[request] : own[i] === 1;
      if (computing && pool.state[slots[i]] === COMPUTING) {
        this.lose(pool, slots[i]);
        if (stays === i + 1) stays = i;
      } else pool.unpin(slots[i]);
    }
    const found = Math.min(requests.found[request], stays);
    this.core.accessLog?.record(this.core.now, pool.index, request, found, requests.rows[request], 0, stays);
    this.core.setOwn(request, null);
    const given = requests.privateBlocks[request] + grownBlocks;
    pool.used -= given;
    pool.privateBlocks -= given;
    requests.pool[request] = NONE;
    requests.recycle(requests.rows[request]);
    requests.recycle(slots);
    this.core.waiting.join(request);
  }

  /** Tells serving of the requests that lost what they waited for. */
  retryLosers(): void {
    const {losers, notices} = this.core;
    for (let i = 0; i < losers.length; i++) notices.push(RETRY, losers[i], 0);
    losers.length = 0;
  }

  /** The run ending at `tip` could not be loaded: the request computes from its first block on. */
  private computeAgain(request: RequestRow, tip: number, count: number): void {
    if (count === 0) return;
    const {requests} = this.core;
    const rows = requests.rows[request];
    let last = requests.blocks[request] - 1;
    while (rows[last] !== tip) last--;
    if (this.core.inPieces) {
      if (requests.own[request] === null) this.core.setOwn(request, new Uint8Array(requests.blocks[request]));
      requests.own[request]!.fill(1, last + 1 - count, last + 1);
      this.core.owedBlocks[requests.pool[request]] += count;
    }
    requests.computed[request] = Math.min(requests.computed[request], last + 1 - count);
  }

  private unlinkTransfer(request: RequestRow, row: number): void {
    const {requests, transfers} = this.core;
    let at = requests.transfers[request];
    if (at === row) {
      requests.transfers[request] = transfers.next[row];
      return;
    }
    while (transfers.next[at] !== row) at = transfers.next[at];
    transfers.next[at] = transfers.next[row];
  }

  /** A hand-off is complete: unpin the place it came from. */
  private leaveOldPool(request: RequestRow): void {
    const {requests, pools} = this.core;
    const pool = pools[requests.oldPool[request]];
    const slots = requests.oldSlots[request];
    const count = requests.blocks[request];
    for (let i = count - 1; i >= 0; i--) pool.unpin(slots[i]);
    this.core.accessLog?.record(this.core.now, pool.index, request, requests.oldFound[request], requests.rows[request], 0, count);
    pool.used -= requests.oldPrivateBlocks[request];
    pool.privateBlocks -= requests.oldPrivateBlocks[request];
    requests.oldPool[request] = NONE;
    requests.recycle(slots);
    this.core.tellSpace(pool);
  }

  /** A copy that will never be there: it dies with the request that was to make it, and whoever waits for it is released and must ask again. */
  private lose(pool: Pool, slot: Slot): void {
    const {core} = this;
    if (pool.pins[slot] > 0) pool.pins[slot]--;
    else if (pool.state[slot] === ARRIVING) pool.adrift--;
    const first = core.losers.length;
    core.fire(pool, slot, false);
    for (let i = first; i < core.losers.length; i++)
      if (core.requests.pool[core.losers[i]] !== NONE) this.releaseRequest(core.losers[i], 0);
    pool.policy.remove(slot);
    pool.remove(slot);
  }

  /** Transfers of a request that leaves: those not yet issued never happen, the others land for nobody. */
  private detachTransfers(request: RequestRow): void {
    const {core} = this;
    const {requests, transfers, pools} = core;
    for (let row = requests.transfers[request]; row !== NONE;) {
      const next = transfers.next[row];
      requests.loadsByTier[request * core.tiers + pools[transfers.source[row]].tier]--;
      transfers.request[row] = NONE;
      if (transfers.issued[row] === 0) this.cancel(request, row);
      row = next;
    }
    requests.transfers[request] = NONE;
    requests.loads[request] = 0;
  }

  /** An unissued load: its targets become the request's to compute, and so are lost with it. */
  private cancel(request: RequestRow, row: number): void {
    this.computeAgain(request, this.core.transfers.tip[row], this.core.transfers.blocks[row]);
    const {transfers, blocks, pools} = this.core;
    const target = pools[transfers.target[row]];
    const source = pools[transfers.source[row]];
    let block = transfers.tip[row];
    for (let i = transfers.blocks[row]; i > 0; i--) {
      target.state[target.find(block)] = COMPUTING;
      this.space.endRead(source, source.findRead(block));
      block = blocks.parent[block];
    }
    transfers.close(row);
  }
}
