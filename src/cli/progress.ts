/** A bar on stderr, where that is a terminal and the work takes more than a second. */
export class Progress {
  private readonly started = Date.now();
  private last = 0;
  private shown = false;

  /** `total`: requests, where known. */
  update(requests: number, total: number | null, simulatedSeconds: number): void {
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.started < 1000 || now - this.last < 100) return;
    this.last = now;
    this.shown = true;
    const share = total === null ? '' : `${bar(requests / total)} `;
    process.stderr.write(`\r\x1b[2K${share}${requests} requests, ${simulatedSeconds.toFixed(0)} s simulated`);
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[2K');
    this.shown = false;
  }
}

function bar(share: number): string {
  const full = Math.max(0, Math.min(24, Math.round(share * 24)));
  return `[${'#'.repeat(full)}${' '.repeat(24 - full)}] ${String(Math.round(Math.min(1, share) * 100)).padStart(3)} %`;
}
