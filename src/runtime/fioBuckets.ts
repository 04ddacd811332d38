/** Latency histograms in fio's buckets (fio stat.h: 64 an octave, 29 groups), so that both can be laid one upon the other. Nanoseconds. */
const BITS = 6;
export const FIO_BUCKETS = 29 << BITS;

/** The bucket of a whole number of nanoseconds. */
export function bucketOf(ns: number): number {
  const value = Math.floor(ns);
  if (value < 2 << BITS) return value;
  const top = Math.floor(Math.log2(value));
  const shift = top - BITS;
  return Math.min(FIO_BUCKETS - 1, ((shift + 1) << BITS) + (Math.floor(value / 2 ** shift) & 63));
}

/** Middle of a bucket, as fio names it. */
export function bucketNs(bucket: number): number {
  if (bucket < 2 << BITS) return bucket;
  const shift = (bucket >> BITS) - 1;
  return 2 ** (shift + BITS) + ((bucket & 63) + 0.5) * 2 ** shift;
}

/** Nearest rank over counts by bucket; null where there are none. */
export function percentileNs(counts: Float64Array, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total - 1e-9));
  let seen = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket]!;
    if (seen >= rank) return bucketNs(bucket);
  }
  return bucketNs(counts.length - 1);
}
