/** `[ 37/480] 2 running, 3 cached, 04:10 left` on stderr, where that is a terminal. */
export class SweepProgress {
  private readonly total: number;
  private readonly cached: number;
  private readonly running: number;
  private readonly started = Date.now();
  private done = 0;

  constructor(total: number, cached: number, running: number) {
    this.total = total;
    this.cached = cached;
    this.running = running;
  }

  /** One more run has ended. */
  step(): void {
    this.done++;
    if (!process.stderr.isTTY) return;
    const open = this.total - this.cached;
    const left = ((Date.now() - this.started) / this.done) * (open - this.done);
    const clock = `${String(Math.floor(left / 60_000)).padStart(2, '0')}:${String(Math.floor((left / 1000) % 60)).padStart(2, '0')}`;
    const count = `[${String(this.cached + this.done).padStart(String(this.total).length)}/${this.total}]`;
    process.stderr.write(`\r\x1b[2K${count} ${Math.min(this.running, open - this.done)} running, ${this.cached} cached, ${clock} left`);
  }

  clear(): void {
    if (process.stderr.isTTY && this.done > 0) process.stderr.write('\r\x1b[2K');
  }
}
