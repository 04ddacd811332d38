/** A clock of work done: it runs at a rate that can change, 0 included, and tells when it will have reached a mark. Nothing is rounded but that instant. */
export class WorkClock {
  private at = 0;
  private reading = 0;
  private rate: number;

  /** `rate`: work a tick. */
  constructor(rate: number) {
    this.rate = rate;
  }

  /** From now on at this rate. */
  setRate(now: number, rate: number): void {
    this.reading = this.read(now);
    this.at = now;
    this.rate = rate;
  }

  /** Back to 0, at the same rate. */
  reset(now: number): void {
    this.reading = 0;
    this.at = now;
  }

  read(now: number): number {
    return this.reading + (now - this.at) * this.rate;
  }

  /** The first tick at which the clock reads `mark` or more; Infinity while it stands still. Marks lie ahead, but for rounding. */
  when(mark: number): number {
    return this.rate === 0 ? Infinity : this.at + Math.max(0, Math.ceil((mark - this.reading) / this.rate));
  }
}
