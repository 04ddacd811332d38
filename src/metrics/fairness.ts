/** Latencies and goodput by class of service, and how evenly tenants are served. */
import {Histogram} from './histogram.ts';
import {distribution} from './latencies.ts';
import type {RequestRecord} from './records.ts';
import type {ClassSummary, Summary} from './summary.ts';

class Tally {
  offered = 0;
  good = 0;
  completed = 0;
  outputTokens = 0;
  private readonly ttft = new Histogram();
  private readonly tpot = new Histogram();
  private readonly e2e = new Histogram();

  add(record: RequestRecord, ttftNs: number, tpotNs: number, good: boolean): void {
    this.offered++;
    if (good) this.good++;
    if (record.outcome !== 'completed') return;
    this.completed++;
    this.outputTokens += record.outputTokens;
    this.e2e.record(record.endNs - record.arrivalNs);
    if (!Number.isNaN(ttftNs)) this.ttft.record(ttftNs);
    if (!Number.isNaN(tpotNs)) this.tpot.record(tpotNs);
  }

  get goodShare(): number {
    return this.good / this.offered;
  }

  result(): ClassSummary {
    return {
      offered: this.offered,
      completed: this.completed,
      goodShare: this.goodShare,
      outputTokens: this.outputTokens,
      ttft: distribution(this.ttft),
      tpot: distribution(this.tpot),
      e2e: distribution(this.e2e),
    };
  }
}

/** Tallies by a name that requests carry. */
export class Tallies {
  private readonly tallies = new Map<string, Tally>();

  add(name: string, record: RequestRecord, ttftNs: number, tpotNs: number, good: boolean): void {
    let tally = this.tallies.get(name);
    if (tally === undefined) this.tallies.set(name, (tally = new Tally()));
    tally.add(record, ttftNs, tpotNs, good);
  }

  /** By name, in its order. */
  private sorted(): [string, Tally][] {
    return [...this.tallies].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  classes(): {[name: string]: ClassSummary} {
    return Object.fromEntries(this.sorted().map(([name, tally]) => [name, tally.result()]));
  }

  goodShares(): {[name: string]: number} {
    return Object.fromEntries(this.sorted().map(([name, {goodShare}]) => [name, goodShare]));
  }

  /** Jain's index of the shares of good requests, (sum x)^2 / (n sum x^2): 1 where all are alike, 1/n where one has everything (Jain, Chiu and Hawe 1984). */
  fairness(): Summary['fairness'] {
    const tenants = this.sorted();
    const shares = tenants.map(([, {goodShare}]) => goodShare);
    const sum = shares.reduce((total, share) => total + share, 0);
    const squares = shares.reduce((total, share) => total + share * share, 0);
    const worst = tenants.reduce<[string, Tally] | null>(
      (low, one) => (low === null || one[1].goodShare < low[1].goodShare ? one : low),
      null,
    );
    return {
      tenants: tenants.length,
      jain: squares === 0 ? null : (sum * sum) / (shares.length * squares),
      worst: worst === null ? null : {tenant: worst[0], goodShare: worst[1].goodShare},
    };
  }
}
