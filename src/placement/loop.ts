/**
 * The one loop around the brain, shared by both worlds: one input, then everything it decided goes out, then the next. Commands go to the
 * carriers at once; notices go to serving after them, in order, and what serving does on a notice is again an input.
 */
import {assert} from '../base/assert.ts';
import {Digest} from '../base/digest.ts';
import {
  CLOSE,
  COMPLETE,
  COMPUTED,
  DEMAND,
  digestCommands,
  EXPIRE,
  GROW,
  HAND_OFF,
  KEEP,
  LOSE,
  OPEN,
  RELEASE,
  ROUTE_RATE,
  type Journal,
} from './journal.ts';
import {NoticeBuffer} from './commandBuffer.ts';
import type {Forecast} from './forecast.ts';
import {Placement} from './placement.ts';
import type {Plan} from './planner.ts';
import {UNSAID, type Carrier, type PlacementConfig, type PoolIndex, type RequestRow, type Ticks, type TransferId} from './ports.ts';
import type {Reach} from './reach.ts';

/** Serving's ear: READY, RETRY, WAITING and SPACE. */
export type NoticeHandler = (kind: number, request: RequestRow, value: number) => void;

export class Loop {
  readonly digest = new Digest();
  /** Of the commands alone, kept where there is a journal: what its replay must give. */
  readonly commandDigest = new Digest();
  readonly placement: Placement;
  private readonly carrier: Carrier;
  private readonly journal: Journal | null;
  private handler: NoticeHandler = () => {};
  private readonly pending = new NoticeBuffer();
  private delivered = 0;
  private delivering = false;
  private draining = false;

  constructor(config: PlacementConfig, carrier: Carrier, journal: Journal | null) {
    this.placement = new Placement(config);
    this.carrier = carrier;
    this.journal = journal;
  }

  listen(handler: NoticeHandler): void {
    this.handler = handler;
  }

  get plan(): Plan {
    return this.placement.plan;
  }

  get forecast(): Forecast {
    return this.placement.forecast;
  }

  get reach(): Reach {
    return this.placement.reach;
  }

  open(request: RequestRow, runs: readonly number[], blocks: number): void {
    this.journal?.record(OPEN, request, blocks);
    this.journal?.runs(runs);
    this.placement.open(request, runs, blocks);
  }

  close(request: RequestRow): void {
    this.journal?.record(CLOSE, request);
    this.placement.close(request);
  }

  demand(now: Ticks, request: RequestRow, pool: PoolIndex, usableBlocks: number, privateBlocks: number): boolean {
    this.journal?.record(DEMAND, now, request, pool, usableBlocks, privateBlocks);
    const admitted = this.placement.demand(now, request, pool, usableBlocks, privateBlocks);
    this.drain(now);
    return admitted;
  }

  computed(now: Ticks, request: RequestRow, upTo: number): void {
    this.journal?.record(COMPUTED, now, request, upTo);
    this.placement.computed(now, request, upTo);
    this.drain(now);
  }

  grow(now: Ticks, pool: PoolIndex, blocks: number): boolean {
    this.journal?.record(GROW, now, pool, blocks);
    const grown = this.placement.grow(now, pool, blocks);
    this.drain(now);
    return grown;
  }

  keep(now: Ticks, request: RequestRow, runs: readonly number[], blocks: number): void {
    this.journal?.record(KEEP, now, request, blocks);
    this.journal?.runs(runs);
    this.placement.keep(now, request, runs, blocks);
    this.drain(now);
  }

  release(now: Ticks, request: RequestRow, grownBlocks: number, ending = UNSAID): void {
    this.journal?.record(RELEASE, now, request, grownBlocks, ending);
    this.placement.release(now, request, grownBlocks, ending);
    this.drain(now);
  }

  handOff(now: Ticks, request: RequestRow, to: PoolIndex, privateBlocks: number, privateBytes: number, grownBlocks: number): boolean {
    this.journal?.record(HAND_OFF, now, request, to, privateBlocks, privateBytes, grownBlocks);
    const moving = this.placement.handOff(now, request, to, privateBlocks, privateBytes, grownBlocks);
    this.drain(now);
    return moving;
  }

  /** Before a prompt is looked for: drops copies whose time to live is over. */
  expire(now: Ticks): void {
    if (!this.placement.ages) return;
    this.journal?.record(EXPIRE, now);
    this.placement.expire(now);
    this.drain(now);
  }

  complete(now: Ticks, transfer: TransferId, outcome: number): void {
    this.journal?.record(COMPLETE, now, transfer, outcome);
    this.placement.complete(now, transfer, outcome);
    this.drain(now);
  }

  routeRate(now: Ticks, route: number, bytesPerSecond: number): void {
    this.journal?.record(ROUTE_RATE, now, route, bytesPerSecond);
    this.placement.routeRate(now, route, bytesPerSecond);
    this.drain(now);
  }

  lose(now: Ticks, pool: PoolIndex, share: number): void {
    this.journal?.record(LOSE, now, pool, share);
    this.placement.lose(now, pool, share);
    this.drain(now);
  }

  private drain(now: Ticks): void {
    const {commands, notices} = this.placement;
    assert(!this.draining, 'a carrier completed a transfer inside submit');
    if (commands.count > 0) {
      this.draining = true;
      digestCommands(this.digest, commands);
      if (this.journal !== null) digestCommands(this.commandDigest, commands);
      for (let row = 0; row < commands.count; row++) this.carrier.submit(now, commands, row);
      this.carrier.flush();
      this.draining = false;
    }
    for (let i = 0; i < notices.count; i++) this.pending.push(notices.kind[i], notices.request[i], notices.value[i]);
    if (!this.delivering) this.deliver();
  }

  /** Notices in order; what they cause is appended and follows. */
  private deliver(): void {
    const {pending} = this;
    this.delivering = true;
    while (this.delivered < pending.count) {
      const i = this.delivered++;
      this.handler(pending.kind[i], pending.request[i], pending.value[i]);
    }
    pending.count = 0;
    this.delivered = 0;
    this.delivering = false;
  }
}
