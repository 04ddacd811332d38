/**
 * What is offered is written if reading it back would save enough computing for each byte. Deep blocks save more than shallow ones, which must be written with
 * them; so the mean of the whole offer decides.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import type {Admission, AdmissionSpace, Offer} from '../ports.ts';

const params = {
  atLeast: {
    type: 'number',
    min: 0,
    max: 1e6,
    fraction: true,
    default: 0.1,
    meaning: 'GPU seconds of prefill that one read back saves, for each gigabyte written.',
    source: 'what both cost at 2 USD a GPU hour and 100 USD a terabyte of flash written 1,825 times (once a day over five years)',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class SavedSeconds implements Admission {
  /** Nanoseconds of prefill that a block must save. */
  private readonly leastNs: number;
  private readonly recomputeNs: AdmissionSpace['recomputeNs'];

  constructor({atLeast}: Values, {blockBytes, recomputeNs, gpus}: AdmissionSpace) {
    this.leastNs = (atLeast * blockBytes) / (gpus ?? 1); // seconds / 10^9 bytes = nanoseconds / byte
    this.recomputeNs = recomputeNs;
  }

  /** Cost is linear in depth, so that the mean of the first and the last is that of all. */
  admit({count, depth}: Offer): number {
    const meanNs = (this.recomputeNs(depth) + this.recomputeNs(depth + count - 1)) / 2;
    return meanNs >= this.leastNs ? count : 0;
  }

  wrote(): void {}
}

export const savedSeconds = {
  name: 'savedSeconds',
  summary: 'What is offered is written if reading it back saves enough prefill for each byte.',
  params,
  create: (values: Values, space: AdmissionSpace): Admission => new SavedSeconds(values, space),
} as const satisfies Kind<typeof params>;
