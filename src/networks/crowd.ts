/** How many flows are on a path or a link, and that over time. */
export class Crowd {
  present = 0;
  most = 0;
  private presentTicks = 0;
  private changedAt = 0;

  change(now: number, by: number): void {
    this.count(now);
    this.present += by;
    if (this.present > this.most) this.most = this.present;
  }

  /** Sum over time of those present, until now. */
  ticks(now: number): number {
    this.count(now);
    return this.presentTicks;
  }

  private count(now: number): void {
    if (now === this.changedAt) return;
    this.presentTicks += this.present * (now - this.changedAt);
    this.changedAt = now;
  }
}
