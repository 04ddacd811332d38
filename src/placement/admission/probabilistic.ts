/** A share of what is offered, drawn at random: all of an offer or nothing, since a coin for every block would leave of a chain little more than its head. */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import type {Admission, AdmissionSpace, Offer} from '../ports.ts';

const params = {
  share: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.5,
    meaning: 'Of the offers, each with the same chance; what continues an admitted one is admitted with it.',
    source: 'a choice; RejectRandom of CacheLib',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Probabilistic implements Admission {
  private readonly share: number;
  private readonly stream: Stream;

  constructor({share}: Values, {seed, name}: AdmissionSpace) {
    this.share = share;
    this.stream = new Stream(seed ?? 0, `admission/${name}`);
  }

  admit({count, continues}: Offer): number {
    return continues || this.stream.uniform() < this.share ? count : 0;
  }

  wrote(): void {}
}

export const probabilistic = {
  name: 'probabilistic',
  summary: 'A share of what is offered, drawn at random.',
  source: 'Berg et al., The CacheLib caching engine, OSDI 2020',
  params,
  create: (values: Values, space: AdmissionSpace): Admission => new Probabilistic(values, space),
} as const satisfies Kind<typeof params>;
