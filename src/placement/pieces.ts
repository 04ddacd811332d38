/**
 * Requests that compute their prompt in pieces. A request that splits its prefix computes from the front while it loads from the back; one that fills
 * holes computes what is missing before copies that it found. Each piece can be computed once every block before it is there, whatever else
 * is still under way behind it.
 */
import type {Core} from './core.ts';
import type {Planner} from './planner.ts';
import {COMPUTING, RESIDENT, type Pool} from './pool.ts';
import {LOAD, NONE, type RequestRow} from './ports.ts';

/** A split must promise this much of the better of loading all and computing all: the estimates know nothing of decoding beside them. */
const GAIN_MIN = 0.2;

export class Pieces {
  private readonly core: Core;
  private readonly planner: Planner;
  /** Pools that blocks of the prompt in hand would be loaded from, and bytes from each so far. */
  private readonly sources: number[] = [];
  private readonly sourceBytes: Float64Array;

  constructor(core: Core, planner: Planner) {
    this.core = core;
    this.planner = planner;
    this.sourceBytes = new Float64Array(core.pools.length);
  }

  /** Blocks of the prompt with a copy in the pool, into slots; NONE where there is none. */
  findHere(pool: Pool, rows: Int32Array, slots: Int32Array, count: number): number {
    let found = 0;
    for (let i = 0; i < count; i++) {
      slots[i] = pool.find(rows[i]);
      if (slots[i] !== NONE) found++;
    }
    return found;
  }

  countUnpinned(pool: Pool, slots: Int32Array, count: number): number {
    let unpinned = 0;
    for (let i = 0; i < count; i++) if (slots[i] !== NONE && pool.pins[slots[i]] === 0 && pool.state[slots[i]] === RESIDENT) unpinned++;
    return unpinned;
  }

  /** Decides for every block that has no copy here whether the request computes it (1 in the result) or loads it; tells the plan. */
  lay(pool: Pool, rows: Int32Array, slots: Int32Array, usable: number, count: number): Uint8Array {
    const own = new Uint8Array(count);
    const {planner} = this;
    const found = planner.findAnywhere(pool, rows, slots, usable);
    for (let i = 0; i < count; i++) if (slots[i] === NONE) own[i] = i < usable && planner.sourceOf(i) !== NONE ? 0 : 1;
    const {reload} = this.core.config;
    if (reload === 'split') this.split(pool, slots, own, usable, count);
    else if (reload !== 'always') this.refuseRuns(pool, slots, own, usable, reload === 'cheaper');
    planner.tellPieces(slots, own, usable, found);
    return own;
  }

  /** The prompt's copies are pinned, those on their way waited for, and each run of blocks to load is a transfer. */
  open(request: RequestRow, pool: Pool, rows: Int32Array, slots: Int32Array, own: Uint8Array, usable: number, count: number): void {
    const {core, planner} = this;
    core.setOwn(request, own);
    core.requests.present[request] = 0;
    for (let i = 0; i < count; i++) {
      if (slots[i] === NONE) {
        core.owedBlocks[pool.index] += own[i];
        continue;
      }
      pool.pin(slots[i]);
      if (pool.state[slots[i]] !== RESIDENT) core.wait(pool, slots[i], request);
    }
    for (let last = usable; last > 0;) {
      if (slots[last - 1] !== NONE || own[last - 1] === 1) {
        last--;
        continue;
      }
      let first = last - 1;
      while (first > 0 && slots[first - 1] === NONE && own[first - 1] === 0) first--;
      planner.openLoads(request, pool, rows, first, last, LOAD);
      last = first;
    }
    this.advance(request, 0);
  }

  /** Blocks [from, upTo) of the request's own are computed; the next to compute is looked for from there on. */
  computed(request: RequestRow, pool: Pool, upTo: number): void {
    const {core} = this;
    const {requests} = core;
    const own = requests.own[request]!;
    const slots = requests.slots[request];
    for (let i = requests.computed[request]; i < upTo; i++) {
      if (own[i] === 0) continue;
      own[i] = 0;
      core.owedBlocks[pool.index]--;
      if (pool.state[slots[i]] !== COMPUTING) continue;
      pool.state[slots[i]] = RESIDENT;
      core.fire(pool, slots[i], true);
    }
    this.advance(request, upTo);
  }

  /** End of the piece that the request computes now. */
  end(request: RequestRow): number {
    const {requests} = this.core;
    const own = requests.own[request];
    const count = requests.blocks[request];
    if (own === null) return count;
    let end = requests.computed[request];
    while (end < count && own[end] === 1) end++;
    return end;
  }

  private advance(request: RequestRow, from: number): void {
    const {requests} = this.core;
    const own = requests.own[request]!;
    const count = requests.blocks[request];
    let next = from;
    while (next < count && own[next] === 0) next++;
    requests.computed[request] = next;
    if (next === count) this.core.setOwn(request, null);
  }

  /**
   * The block from which on to load, so that loading from there and computing up to there end soonest together: they run side by side, computing
   * behind what the pool's other requests still have to compute. What is computed here also holds up those who come behind, who are taken to be as
   * many as those ahead.
   */
  private split(pool: Pool, slots: Int32Array, own: Uint8Array, usable: number, count: number): void {
    const {core, planner} = this;
    const {blockTokens, recompute, blockBytes} = core.config;
    const backlogNs = core.owedBlocks[pool.index] * blockTokens * recompute.perTokenNs;
    let behindNs = 0; // of own blocks behind the cut
    let beforeNs = 0; // of all that would be computed before it
    for (let i = 0; i < count; i++) if (slots[i] === NONE) beforeNs += planner.recomputeNs(i, i + 1);
    for (let i = usable; i < count; i++) {
      if (slots[i] !== NONE) continue;
      const ns = planner.recomputeNs(i, i + 1);
      behindNs += ns;
      beforeNs -= ns;
    }
    const others = core.owing[pool.index];
    const computeAll = backlogNs + (1 + others) * (beforeNs + behindNs);
    let cut = usable;
    let least = computeAll;
    let delay = computeAll; // of the cut in hand; in the end, of loading all
    let loadNs = 0;
    for (let i = usable - 1; i >= 0; i--) {
      if (slots[i] !== NONE) continue;
      const ns = planner.recomputeNs(i, i + 1);
      beforeNs -= ns;
      if (own[i] === 1) behindNs += ns;
      else {
        const source = planner.sourceOf(i);
        if (this.sourceBytes[source] === 0) this.sources.push(source);
        this.sourceBytes[source] += blockBytes;
        loadNs = Math.max(loadNs, core.expectedNs(source, pool.index, this.sourceBytes[source]));
      }
      const frontNs = beforeNs > 0 ? beforeNs + (recompute.perPieceNs ?? 0) : 0;
      delay = Math.max(loadNs, backlogNs + frontNs) + behindNs + others * (frontNs + behindNs);
      if (delay < least) {
        least = delay;
        cut = i;
      }
    }
    const whole = Math.min(delay, computeAll);
    if (least > (1 - GAIN_MIN) * whole) cut = delay <= computeAll ? 0 : usable;
    for (const source of this.sources) this.sourceBytes[source] = 0;
    this.sources.length = 0;
    for (let i = 0; i < cut; i++) if (slots[i] === NONE) own[i] = 1;
  }

  /** Runs between holes that are computed sooner, or for less, than loaded. */
  private refuseRuns(pool: Pool, slots: Int32Array, own: Uint8Array, usable: number, byCost: boolean): void {
    const {core, planner} = this;
    const {blockBytes, routes, recompute} = core.config;
    for (let first = 0; first < usable;) {
      if (slots[first] !== NONE || own[first] === 1) {
        first++;
        continue;
      }
      const source = planner.sourceOf(first);
      let last = first + 1;
      while (last < usable && slots[last] === NONE && own[last] === 0 && planner.sourceOf(last) === source) last++;
      const bytes = (last - first) * blockBytes;
      const computeNs = planner.recomputeNs(first, last);
      const refused = byCost
        ? (recompute.costPerNs ?? 0) * computeNs <= (routes[core.route(source, pool.index)].costPerByte ?? 0) * bytes
        : computeNs <= core.expectedNs(source, pool.index, bytes);
      if (refused) own.fill(1, first, last);
      first = last;
    }
  }
}
