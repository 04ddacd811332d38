/** What a station has done so far. */
export interface StationMeter {
  /** Sum over time of servers at work; a station that stands still with work before it is at work. */
  readonly busyTicks: number;
  /** Bytes that have left; 0 where jobs are no bytes. */
  readonly bytes: number;
  readonly operations: number;
  /** Sum over time of jobs waiting or in service, and the most there were. */
  readonly queuedTicks: number;
  readonly queuedMax: number;
}

/** The sums behind a StationMeter. */
export class Meter {
  operations = 0;
  bytes = 0;
  private busyTicks = 0;
  private queuedTicks = 0;
  private queuedMax = 0;
  private changedAt = 0;

  /** Before the number of jobs or of servers at work changes: both held until now. */
  advance(now: number, queued: number, busy: number): void {
    this.queuedTicks += queued * (now - this.changedAt);
    this.busyTicks += busy * (now - this.changedAt);
    this.changedAt = now;
    if (queued > this.queuedMax) this.queuedMax = queued;
  }

  /** The reading now, after advance(). */
  read(): StationMeter {
    const {busyTicks, bytes, operations, queuedTicks, queuedMax} = this;
    return {busyTicks, bytes, operations, queuedTicks, queuedMax};
  }
}
