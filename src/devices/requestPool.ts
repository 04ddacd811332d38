/**
 * The request pool of a host: the entries, shared by its DRAM and its CXL cards, in which every read and write of a line waits for its answer. While
 * they suffice, memories do not feel each other. Where the transfers under way want more than there are, the pool is full, and it is served in
 * order: each transfer gets an entry as often as every other, so all move at one rate, which is that of the slowest memory:
 *
 *   (p + q) x window > entries and q > 0:   DRAM's rate = min(DRAM, CXL x p / q)
 *
 * with p and q the slabs at DRAM and at CXL cards. So an overloaded card takes DRAM's bandwidth away: 1 - CXL / DRAM of it at p = q, against a loss
 * of up to 81 % that was measured (MIKU, arXiv:2503.17864).
 */
import type {StationMeter} from '../engine/meter.ts';
import type {Stage} from '../engine/stage.ts';

export class RequestPool {
  private readonly transfersMax: number;
  private readonly fast: PooledMemory[] = [];
  private readonly slow: PooledMemory[] = [];

  /** Entries of the host, and those that one transfer can fill: its engine's reads in flight. */
  constructor(entries: number, window: number) {
    this.transfersMax = entries / window;
  }

  /** The stage that counts what passes a memory of this host. */
  join(memory: Stage, kind: 'dram' | 'cxl'): Stage {
    const pooled = new PooledMemory(memory, this);
    (kind === 'dram' ? this.fast : this.slow).push(pooled);
    return pooled;
  }

  /** What is under way has changed: a memory says so when a slab leaves it. */
  balance(): void {
    const fast = this.fast.reduce((sum, {queued}) => sum + queued, 0);
    let limit = Infinity;
    let slow = 0;
    for (const card of this.slow) slow += card.queued;
    if (slow > 0 && fast > 0 && fast + slow > this.transfersMax)
      for (const card of this.slow) if (card.queued > 0) limit = Math.min(limit, (card.bytesPerSecondNow * fast) / card.queued);
    for (const memory of this.fast) memory.limit(Math.min(1, limit / memory.bytesPerSecond));
  }
}

/** A memory behind the pool. A fault slows it besides. */
class PooledMemory implements Stage {
  private readonly memory: Stage;
  private readonly pool: RequestPool;
  private faultShare = 1;
  private poolShare = 1;

  constructor(memory: Stage, pool: RequestPool) {
    this.memory = memory;
    this.pool = pool;
  }

  get name(): string {
    return this.memory.name;
  }

  get bytesPerSecond(): number {
    return this.memory.bytesPerSecond;
  }

  get bytesPerSecondNow(): number {
    return this.memory.bytesPerSecond * this.faultShare;
  }

  get queued(): number {
    return this.memory.queued;
  }

  submit(bytes: number, op: number, argument: number): void {
    this.memory.submit(bytes, op, argument);
    this.pool.balance();
  }

  meter(): StationMeter {
    return this.memory.meter();
  }

  setRate(share: number): void {
    this.faultShare = share;
    this.memory.setRate(share * this.poolShare);
    this.pool.balance();
  }

  limit(share: number): void {
    if (share === this.poolShare) return;
    this.poolShare = share;
    this.memory.setRate(this.faultShare * share);
  }
}
