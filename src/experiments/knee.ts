/** Where a curve bends. */

/**
 * The knee of a curve: where it lies farthest from the chord between its ends, both axes scaled to 0..1 (Satopää et al., "Finding a 'Kneedle' in a haystack", 2011).
 * @returns index of the knee; null for fewer than three points, or where no point lies a tenth of the way off the chord
 */
export function kneeOf(points: readonly (readonly [number, number])[]): number | null {
  if (points.length < 3) return null;
  const [x0, y0] = points[0]!;
  const [x1, y1] = points.at(-1)!;
  const height = Math.max(...points.map(([, y]) => y)) - Math.min(...points.map(([, y]) => y));
  if (x1 === x0 || height === 0) return null;
  let knee: number | null = null;
  let farthest = 0.1;
  points.forEach(([x, y], i) => {
    const chord = y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
    const distance = Math.abs(y - chord) / height;
    if (distance <= farthest) return;
    farthest = distance;
    knee = i;
  });
  return knee;
}
