/**
 * The real world: CLOCK_MONOTONIC, and wake-ups in its time. Serving sees logical time: a wake-up happens at the instant it was asked for,
 * a completion when it was seen, in order, exactly as in the simulated world; how late the event loop was is metered, not hidden in the answer.
 * `idle: skip` jumps to the next wake-up while no transfer is in flight: think times and GPU steps then cost no waiting, and transfers all of theirs.
 */
import type {Ticks, World} from '../serving/ports.ts';

/** Timers of the event loop are this coarse: shorter waits look again at once. Milliseconds. */
const TIMER_MS = 2;

interface Wake {
  readonly at: Ticks;
  /** Among those of one instant: ordinary ones by sequence, then the last ones by argument. */
  readonly last: number;
  readonly order: number;
  readonly kind: number;
  readonly argument: number;
}

export class RealWorld implements World {
  /** The most that a wake-up was late, nanoseconds. */
  latestNs = 0;
  private readonly ticksPerNs: number;
  private readonly idle: 'skip' | 'wait';
  /** Descending: the next one is the last. */
  private readonly wakes: Wake[] = [];
  private handle: (kind: number, argument: number) => void = () => {};
  private current: Ticks = 0;
  private sequence = 0;
  private readonly startNs = process.hrtime.bigint();
  private skippedNs = 0;
  private turning = false;
  private armed = false;
  private timer: NodeJS.Timeout | undefined;
  private turn: () => void = () => {};
  private fail: (error: unknown) => void = () => {};

  constructor(ticksPerNs: number, idle: 'skip' | 'wait') {
    this.ticksPerNs = ticksPerNs;
    this.idle = idle;
  }

  onWake(handle: (kind: number, argument: number) => void): void {
    this.handle = handle;
  }

  now(): Ticks {
    return this.current;
  }

  wake(at: Ticks, kind: number, argument: number): void {
    this.insert({at, last: 0, order: this.sequence++, kind, argument});
  }

  wakeLast(at: Ticks, kind: number, argument: number): void {
    this.insert({at, last: 1, order: argument, kind, argument});
  }

  /** Something has come from outside: what was due before it happens first, then `tell`, at its own instant. */
  input(tell: () => void): void {
    try {
      const now = this.clock();
      this.dispatch(now);
      this.current = Math.max(this.current, now);
      tell();
    } catch (error) {
      return this.fail(error);
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.arm(0); // what it caused may be due
  }

  /** Runs until nothing is in flight and either nobody is busy or no wake-up is left. Rejects with what a handler throws. */
  run(inFlight: () => number, busy: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.turn = () => {
        this.armed = false;
        try {
          this.dispatch(this.clock());
        } catch (error) {
          return reject(error);
        }
        const next = this.wakes.at(-1);
        if (inFlight() === 0) {
          if (next === undefined || !busy()) return resolve();
          if (this.idle === 'skip') this.skip(next.at);
        }
        this.arm(next === undefined ? Infinity : (next.at - this.clock()) / this.ticksPerNs / 1e6);
      };
      this.arm(0);
    });
  }

  /** The next turn, in this many milliseconds: Infinity, once something comes. */
  private arm(waitMs: number): void {
    if (this.armed) return;
    if (waitMs > TIMER_MS) {
      if (waitMs !== Infinity) this.timer = setTimeout(() => this.turn(), Math.min(waitMs - TIMER_MS / 2, 2 ** 31 - 1));
      return;
    }
    this.armed = true;
    setImmediate(() => this.turn());
  }

  private clock(): Ticks {
    return (Number(process.hrtime.bigint() - this.startNs) + this.skippedNs) * this.ticksPerNs;
  }

  private skip(to: Ticks): void {
    const ahead = (to - this.clock()) / this.ticksPerNs;
    if (ahead > 0) this.skippedNs += Math.ceil(ahead);
  }

  private dispatch(until: Ticks): void {
    if (this.turning) return;
    this.turning = true;
    try {
      for (let next = this.wakes.at(-1); next !== undefined && next.at <= until; next = this.wakes.at(-1)) {
        this.wakes.pop();
        this.latestNs = Math.max(this.latestNs, (until - next.at) / this.ticksPerNs);
        this.current = Math.max(this.current, next.at);
        this.handle(next.kind, next.argument);
      }
    } finally {
      this.turning = false;
    }
  }

  private insert(wake: Wake): void {
    let low = 0;
    for (let high = this.wakes.length; low < high;) {
      const middle = (low + high) >> 1;
      if (isBefore(wake, this.wakes[middle]!)) low = middle + 1;
      else high = middle;
    }
    this.wakes.splice(low, 0, wake);
  }
}

function isBefore(a: Wake, b: Wake): boolean {
  return a.at !== b.at ? a.at < b.at : a.last !== b.last ? a.last < b.last : a.order < b.order;
}
