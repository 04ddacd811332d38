/**
 * For every reference of a sequence: how many distinct blocks were used since the last use of its block, and how long ago that was. Under LRU the
 * blocks that a time limit drops are always those used longest ago, so a block is found exactly where its stack distance is below the
 * capacity and its age below the limit: one walk gives every capacity and every limit.
 */
export interface Reuse {
  /** Distinct blocks used since; Infinity: never used before. */
  readonly distance: Float64Array;
  /** Milliseconds since. */
  readonly age: Float64Array;
}

/** `blocks` from 0 to distinct-1; a Fenwick tree over the references counts those that are the latest of their block. */
export function reuseOf(blocks: Int32Array, ms: Float64Array, distinct: number): Reuse {
  const tree = new Int32Array(blocks.length + 1);
  const add = (at: number, by: number): void => {
    for (let i = at + 1; i < tree.length; i += i & -i) tree[i]! += by;
  };
  const below = (at: number): number => {
    let sum = 0;
    for (let i = at; i > 0; i -= i & -i) sum += tree[i]!;
    return sum;
  };
  const last = new Int32Array(distinct).fill(-1);
  const distance = new Float64Array(blocks.length).fill(Infinity);
  const age = new Float64Array(blocks.length).fill(Infinity);
  for (let i = 0; i < blocks.length; i++) {
    const before = last[blocks[i]!]!;
    if (before >= 0) {
      distance[i] = below(i) - below(before + 1);
      age[i] = ms[i]! - ms[before]!;
      add(before, -1);
    }
    add(i, 1);
    last[blocks[i]!] = i;
  }
  return {distance, age};
}
