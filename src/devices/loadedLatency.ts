/**
 * How much later a memory under load answers than an idle one. Of its utilisation u,
 *
 *   latency(u) = L0 + k (64 B / rate) u / (1 - u),  u at most 0.95
 *
 * where k (64 B / rate) is fitted to one measured point: `extra` nanoseconds over L0 at the utilisation `at`. The line of 64 bytes waits in the
 * memory's controller behind those of others, whose number grows as u / (1 - u); above 0.95 the queue is full, and what comes waits before the
 * memory. Against Intel MLC on two Skylake sockets (FD.io CSIT calibration data: 81.4 ns idle, 216.6 GB/s), fitted at 121.9 ns and 160.2 GB/s,
 * it is within 9 % at every lower load and gives 352 ns at the ceiling, where 227 to 283 were measured.
 *
 * The utilisation of an instant is that of the last 32 accesses, or of the last microsecond where that is longer, the idle time between them
 * included and what is older weighing exponentially less. An access sees those before it and not itself, so alone it is answered as by an idle memory.
 */
export const UTILISATION_MAX = 0.95;
const ACCESSES = 32;
/** Longer than an answer of a loaded memory takes: over less, accesses that wait for it would come in waves. */
const WINDOW_SECONDS = 1e-6;

/** Nanoseconds over an idle memory's, at utilisation `u`, where they are `extraNs` at utilisation `at`. */
export function loadedExtraNs(u: number, extraNs: number, at: number): number {
  const busy = Math.min(u, UTILISATION_MAX);
  return (extraNs * (1 - at) * busy) / (at * (1 - busy));
}

export class LoadedLatency {
  private readonly extraTicks: number;
  private readonly at: number;
  private readonly windowTicks: number;
  /** Ticks that the memory was at work and that passed, over the accesses before; and the readings at the last of them. It was idle before the run. */
  private worked = 0;
  private passed: number;
  private busyBefore = 0;
  private leftAt = 0;

  constructor(extraNs: number, at: number, ticksPerSecond: number) {
    this.extraTicks = (extraNs * ticksPerSecond) / 1e9;
    this.at = at;
    this.windowTicks = WINDOW_SECONDS * ticksPerSecond;
    this.passed = this.windowTicks;
  }

  /** Share of the time that the memory is at work, as the next access finds it. */
  get utilisation(): number {
    return this.worked / this.passed;
  }

  /** An access leaves the memory, which has been at work for `busyTicks` in all: whole ticks by which its answer is later than an idle memory's. */
  left(now: number, busyTicks: number): number {
    const later = Math.round(loadedExtraNs(this.utilisation, this.extraTicks, this.at));
    const ticks = now - this.leftAt;
    const forgotten = Math.min(1 / ACCESSES, ticks / this.windowTicks);
    this.worked += busyTicks - this.busyBefore - this.worked * forgotten;
    this.passed += ticks - this.passed * forgotten;
    this.busyBefore = busyTicks;
    this.leftAt = now;
    return later;
  }
}
