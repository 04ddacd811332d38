/**
 * How fast Cacheus learns: every period the rate goes on the way that it went if the hit ratio has followed it, and back if not; where it stood still
 * and hits became fewer it takes a step by chance, and after ten such periods begins anew (Rodriguez et al., FAST 2021). Rates and hit ratios are
 * compared in thousandths, and steps by chance are of a quarter, as in the authors' code.
 */
import {ln} from '../../base/mathematics.ts';
import type {Stream} from '../../base/random.ts';

const LEAST = 0.001;
const MOST = 1;
const PATIENCE = 10;

export class LearningRate {
  rate: number;
  private readonly period: number;
  private readonly first: number;
  private readonly stream: Stream;
  private before = 0;
  private ratioBefore = 0;
  private requests = 0;
  private hits = 0;
  private hitless = 0;
  private falling = 0;

  /** @param period requests: as many as blocks fit */
  constructor(period: number, stream: Stream) {
    this.period = period;
    this.stream = stream;
    this.rate = Math.sqrt((2 * ln(2)) / period);
    this.first = Math.min(MOST, Math.max(LEAST, this.rate));
  }

  request(isHit: boolean): void {
    if (isHit) this.hits++;
    if (++this.requests < this.period) return;
    const ratio = thousandths(this.hits / this.period);
    const now = this.rate;
    this.adapt(thousandths(now) - thousandths(this.before), ratio, thousandths(ratio - this.ratioBefore));
    this.before = now;
    this.ratioBefore = ratio;
    this.requests = this.hits = 0;
  }

  /** @param moved the rate, a period ago @param ratio of hits in the period that is over @param gained in it */
  private adapt(moved: number, ratio: number, gained: number): void {
    const step = this.rate * Math.abs(moved);
    if (moved * gained > 0) this.rate = Math.min(MOST, this.rate + step);
    else if (moved * gained < 0) this.rate = Math.max(LEAST, this.rate - step);
    else return this.stand(ratio, gained);
    this.hitless = this.falling = 0;
  }

  private stand(ratio: number, gained: number): void {
    if (gained > 0 || (gained === 0 && ratio > 0)) return;
    this.hitless++;
    if (gained < 0) this.falling++;
    if (this.hitless >= PATIENCE || this.falling >= PATIENCE) {
      this.rate = this.first;
      this.hitless = 0;
      this.falling = 0;
    } else if (gained < 0) this.step();
  }

  private step(): void {
    if (this.rate >= MOST) this.rate = 0.9;
    else if (this.rate <= LEAST) this.rate = 0.005;
    else this.rate = this.stream.below(2) === 0 ? Math.min(MOST, this.rate * 1.25) : Math.max(LEAST, this.rate * 0.75);
  }
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
