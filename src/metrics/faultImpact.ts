/** What a fault did to the requests: those that arrived before, while and after it lasted, over windows of its own length, and what stood still cost. */
import type {Fault} from '../scenario/faults.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {Histogram} from './histogram.ts';
import {distribution} from './latencies.ts';
import type {FaultMeter} from './records.ts';
import type {FaultSummary, FaultWindow} from './summary.ts';

class Window {
  readonly fromNs: number;
  readonly toNs: number;
  private readonly ttft = new Histogram();
  private readonly e2e = new Histogram();
  private requests = 0;
  private good = 0;

  constructor(fromNs: number, toNs: number) {
    this.fromNs = fromNs;
    this.toNs = toNs;
  }

  add(ttftNs: number, e2eNs: number, good: boolean): void {
    this.requests++;
    if (good) this.good++;
    if (Number.isNaN(ttftNs)) return;
    this.ttft.record(ttftNs);
    this.e2e.record(e2eNs);
  }

  result(): FaultWindow {
    return {
      requests: this.requests,
      goodShare: this.requests === 0 ? null : this.good / this.requests,
      ttft: distribution(this.ttft),
      e2e: distribution(this.e2e),
    };
  }
}

export class FaultImpact {
  private readonly windows: readonly {readonly before: Window; readonly during: Window; readonly after: Window}[];

  constructor(faults: readonly Fault[]) {
    this.windows = faults.map(({atNs, forNs}) => {
      const length = forNs ?? Infinity;
      return {
        before: new Window(Math.max(0, atNs - length), atNs),
        during: new Window(atNs, atNs + length),
        after: new Window(atNs + length, atNs + 2 * length),
      };
    });
  }

  /** NaN: it got no token. */
  request(arrivalNs: number, ttftNs: number, e2eNs: number, good: boolean): void {
    for (const {before, during, after} of this.windows)
      for (const window of [before, during, after])
        if (arrivalNs >= window.fromNs && arrivalNs < window.toNs) window.add(ttftNs, e2eNs, good);
  }

  result(meters: readonly FaultMeter[], {economics}: Scenario): FaultSummary[] {
    return meters.map(({atNs, forNs, gpuNsDown, ...counts}, index) => {
      const {before, during, after} = this.windows[index]!;
      return {
        ...counts,
        atSeconds: atNs / 1e9,
        forSeconds: forNs === null ? null : forNs / 1e9,
        gpuSecondsDown: gpuNsDown / 1e9,
        rent: economics.ownership === 'rent' && economics.gpuHourPrice !== null ? (gpuNsDown / 3600e9) * economics.gpuHourPrice : null,
        before: before.result(),
        during: during.result(),
        after: forNs === null ? null : after.result(),
      };
    });
  }
}
