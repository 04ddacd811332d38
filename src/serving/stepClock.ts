/**
 * The time of a span of steps, exactly as if they were taken one by one: step j of a span lasts first + j x increment, in integers of
 * 2^-fractionBits ticks; the fraction of a tick left at a boundary is carried into the next step. A span never sums past 2^53.
 */
import {assert} from '../base/assert.ts';
import {powerOfTwo} from '../base/mathematics.ts';
import type {Ticks} from './ports.ts';

const EXACT = 2 ** 53;

export class StepClock {
  /** Instant at which the span began, and its length in steps; 0: no span. */
  start: Ticks = 0;
  steps = 0;
  /** Fixed-point time of the span's first step, and by how much each later one is longer. */
  first = 0;
  increment = 0;
  private carry = 0;
  private readonly one: number;

  constructor(fractionBits: number) {
    this.one = powerOfTwo(fractionBits);
  }

  /** Starts a span of at most `steps` steps at `now`; fewer where the sum would not be exact. */
  begin(now: Ticks, first: number, increment: number, steps: number): void {
    assert(
      Number.isSafeInteger(first) && Number.isSafeInteger(increment) && first >= 0 && steps >= 1,
      `a step of ${first} + ${increment} fixed-point ticks`,
    );
    this.start = now;
    this.first = first;
    this.increment = increment;
    this.steps = steps;
    while (this.steps > 1 && this.first * this.steps + (this.increment * this.steps * (this.steps - 1)) / 2 + this.one >= EXACT)
      this.steps = Math.floor(this.steps / 2);
  }

  /** A wait of no step: the next span starts without a carried fraction. */
  rest(): void {
    this.carry = 0;
    this.steps = 0;
  }

  /** Instant at which the first k steps are done. */
  boundary(k: number): Ticks {
    return this.start + Math.floor((this.carry + this.sum(k)) / this.one);
  }

  /** Steps after which something that came at `now` can take part: the first boundary at or after it, at least one step on. */
  stepsUntil(now: Ticks): number {
    let low = 1;
    let high = this.steps;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.boundary(middle) >= now) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Steps that have begun before `now`, the first included. What comes at a boundary's instant comes before the boundary. */
  begun(now: Ticks): number {
    return now <= this.start ? Math.min(1, this.steps) : this.stepsUntil(now);
  }

  /** The span's only step ends at `at`, not at its own boundary: it waited for something. */
  stretch(at: Ticks): void {
    assert(this.steps === 1 && at >= this.boundary(1), `a step of ${this.steps} that ends at ${at}`);
    this.first = (at - this.start) * this.one - this.carry;
  }

  /** The span ends after its `steps` steps. */
  end(): void {
    const sum = this.carry + this.sum(this.steps);
    this.carry = sum - Math.floor(sum / this.one) * this.one;
    this.steps = 0;
  }

  /** Fixed-point to ticks, fraction and all. */
  ticks(fixed: number): number {
    return fixed / this.one;
  }

  private sum(k: number): number {
    return k * this.first + this.increment * ((k * (k - 1)) / 2);
  }
}
