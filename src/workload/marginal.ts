/**
 * A distribution given by quantiles, drawn through a standard normal score, so that correlated scores give correlated draws and
 * every draw keeps its own distribution (a Gaussian copula).
 */
import {assert} from '../base/assert.ts';
import {exp, ln} from '../base/mathematics.ts';

/** The probabilities of a table's quantiles, and their standard normal scores (symmetric; Wichura's AS 241 to four digits). */
export const levels = [
  0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999,
] as const;
const scores = [
  -3.719, -3.0902, -2.5758, -2.3263, -1.96, -1.6449, -1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816, 1.6449, 1.96,
  2.3263, 2.5758, 3.0902, 3.719,
];

export class Marginal {
  private readonly logs: readonly number[];

  /** @param quantiles one a level, > 0, not decreasing */
  constructor(quantiles: readonly number[]) {
    assert(quantiles.length === levels.length, `a table of quantiles has ${levels.length} entries, not ${quantiles.length}`);
    assert(
      quantiles.every((value, index) => value > 0 && (index === 0 || value >= quantiles[index - 1])),
      'quantiles are positive and do not decrease',
    );
    this.logs = quantiles.map((value) => ln(value));
  }

  /**
   * The value whose rank is that of `score` among standard normal numbers. Between quantiles its logarithm is linear in the score,
   * which is exact for lognormal pieces; beyond the outermost ones it stays there.
   */
  at(score: number): number {
    const last = scores.length - 1;
    if (score <= scores[0]) return exp(this.logs[0]);
    if (score >= scores[last]) return exp(this.logs[last]);
    let above = 1;
    while (scores[above] < score) above++;
    const share = (score - scores[above - 1]) / (scores[above] - scores[above - 1]);
    return exp(this.logs[above - 1] + share * (this.logs[above] - this.logs[above - 1]));
  }
}
