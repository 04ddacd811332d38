/** When generated sessions begin: a process of mean gap 1, stretched by a rate that may follow the time of day. */
import {factorsFault, factorsOf, instantAfter,  type DayProfile} from '../base/dayRate.ts';
import {exp, ln} from '../base/mathematics.ts';
import type {Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';

export const arrivalParams = {
  arrivals: {
    type: 'group',
    meaning: 'When sessions begin, whatever becomes of those before them.',
    params: {
      process: {
        type: 'choice',
        choices: ['poisson', 'gamma', 'constant', 'burst'],
        default: 'poisson',
        meaning: 'Gaps: exponential, gamma of a given variation, all alike, or groups at once with exponential gaps between them.',
      },
      rate: {
        type: 'quantity',
        dimension: 'rate',
        default: '1 /s',
        meaning: 'Sessions per second on average, where profile is 1.',
        source: 'a choice',
      },
      variation: {
        type: 'number',
        min: 0.05,
        max: 20,
        fraction: true,
        default: 2,
        meaning: 'gamma: standard deviation of a gap / its mean.',
        source: 'a choice: burstier than Poisson, which has 1',
      },
      burst: {type: 'number', min: 2, max: 100000, default: 10, meaning: 'burst: sessions that begin at once.', source: 'a choice'},
      profile: {
        type: 'text',
        default: '1',
        meaning: 'Factors of the rate over the period, in equal parts: "0.3, 0.2, 1, 1.5" are the quarters of a day.',
      },
      period: {type: 'quantity', dimension: 'time', default: '24 h', meaning: 'After which the profile begins again.', source: 'a day'},
    },
  },
  sessionCount: {type: 'number', min: 1, max: 1e9, default: 1000, meaning: 'Sessions to make.', source: 'a choice'},
  requestsMax: {type: 'number', min: 1, max: 1e12, optional: true, meaning: 'End after this many requests.'},
} as const satisfies Params;

type Values = ValuesOf<typeof arrivalParams>['arrivals'];

/** What is wrong with the profile; null where nothing is. */
export function arrivalFault({arrivals}: {readonly arrivals: Values}): {field: string; message: string} | null {
  const message = factorsFault(factorsOf(arrivals.profile));
  return message === null ? null : {field: 'arrivals', message};
}

export class Arrivals {
  private readonly values: Values;
  private readonly stream: Stream;
  private readonly profile: DayProfile;
  private count = 0;
  private now = 0;

  constructor(values: Values, seed: number) {
    this.values = values;
    this.stream = new Stream(seed, 'workload/arrivals');
    this.profile = {factors: factorsOf(values.profile), periodNs: values.period};
  }

  /** Nanoseconds, never before the last. */
  next(): number {
    const gap = this.gap();
    this.count++;
    this.now = instantAfter(this.now, gap, this.values.rate, this.profile);
    return Math.round(this.now);
  }

  /** Of mean 1. */
  private gap(): number {
    const {process, variation, burst} = this.values;
    if (process === 'constant') return this.count === 0 ? 0 : 1;
    if (process === 'gamma') return gamma(this.stream, 1 / (variation * variation)) * variation * variation;
    if (process === 'burst') return this.count % burst === 0 ? this.stream.exponential() * burst : 0;
    return this.stream.exponential();
  }
}

/** Gamma of that shape and scale 1 (Marsaglia and Tsang, ACM TOMS 26(3), 2000); below shape 1 by a power of a uniform. */
export function gamma(stream: Stream, shape: number): number {
  if (shape < 1) return gamma(stream, shape + 1) * exp(ln(1 - stream.uniform()) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v <= 0) continue;
    if (ln(1 - stream.uniform()) < 0.5 * x * x + d - d * v + d * ln(v)) return d * v;
  }
}
