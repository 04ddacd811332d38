/**
 * A share of what is offered, drawn at random, that follows a budget of bytes a day. Once an interval the rate that is still to be kept to,
 * (budget x (elapsed + 1 day) - written) / 1 day, is set against the rate of the interval, and the share moves by their ratio.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Stream} from '../../base/random.ts';
import type {Admission, AdmissionSpace, Offer} from '../ports.ts';

const params = {
  bytesPerDay: {
    type: 'quantity',
    dimension: 'bytes',
    optional: true,
    meaning: 'Budget of each pool. Default: what its drives are rated for (driveWritesPerDay).',
  },
  every: {
    type: 'quantity',
    dimension: 'time',
    default: '60 s',
    meaning: 'How often the share is set anew.',
    source: 'DynamicRandomAP of CacheLib',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

const DAY_SECONDS = 86400;
/** Bounds of the share, and of its change in one interval (DynamicRandomAP of CacheLib). */
const SHARE_MIN = 0.001;
const FALL_MOST = 0.75;
const RISE_MOST = 1.25;

class DynamicRandom implements Admission {
  private readonly blockBytes: number;
  private readonly occasion: AdmissionSpace['occasion'];
  private readonly ticksPerSecond: number;
  private readonly bytesPerSecond: number;
  private readonly intervalSeconds: number;
  private readonly stream: Stream;
  private share = 1;
  private setAtSeconds = 0;
  private writtenBytes = 0;
  /** When the share was last set. */
  private writtenBytesThen = 0;

  constructor({bytesPerDay, every}: Values, {seed, name, blockBytes, occasion, ticksPerSecond, ratedBytesPerDay}: AdmissionSpace) {
    this.blockBytes = blockBytes;
    this.occasion = occasion;
    this.ticksPerSecond = ticksPerSecond ?? 1e9;
    this.bytesPerSecond = (bytesPerDay ?? ratedBytesPerDay ?? Infinity) / DAY_SECONDS;
    this.intervalSeconds = every / 1e9;
    this.stream = new Stream(seed ?? 0, `admission/${name}`);
  }

  admit({count, continues}: Offer): number {
    const now = this.occasion.now / this.ticksPerSecond;
    while (this.setAtSeconds + this.intervalSeconds <= now) this.setShare();
    return continues || this.stream.uniform() < this.share ? count : 0;
  }

  wrote(): void {
    this.writtenBytes += this.blockBytes;
  }

  private setShare(): void {
    this.setAtSeconds += this.intervalSeconds;
    const target = (this.bytesPerSecond * (this.setAtSeconds + DAY_SECONDS) - this.writtenBytes) / DAY_SECONDS;
    const observed = (this.writtenBytes - this.writtenBytesThen) / this.intervalSeconds;
    const ratio = target <= 0 ? FALL_MOST : target / observed; // Infinity where nothing was written
    this.share = Math.max(SHARE_MIN, Math.min(this.share * Math.max(FALL_MOST, Math.min(ratio, RISE_MOST)), 1));
    this.writtenBytesThen = this.writtenBytes;
  }
}

export const dynamicRandom = {
  name: 'dynamicRandom',
  summary: "A share drawn at random that keeps to a budget of bytes a day: the drives' endurance.",
  source: 'Berg et al., The CacheLib caching engine, OSDI 2020',
  params,
  create: (values: Values, space: AdmissionSpace): Admission => new DynamicRandom(values, space),
} as const satisfies Kind<typeof params>;
