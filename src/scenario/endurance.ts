/** What drives may be written. */

/** Bytes a day that a pool's drives are rated for over their life, by a tier's parameters; undefined where it has none, or they have no rating. */
export function ratedBytesPerDay(params: {readonly [name: string]: unknown}): number | undefined {
  const {drives, driveBytes, driveWritesPerDay} = params as {drives?: number; driveBytes?: number; driveWritesPerDay?: number};
  if (drives === undefined || driveBytes === undefined || driveWritesPerDay === undefined) return undefined;
  return drives * driveBytes * driveWritesPerDay;
}
