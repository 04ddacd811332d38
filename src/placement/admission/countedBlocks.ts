/** Blocks of a pool without a limit that an admission provides for. */
const UNLIMITED = 2 ** 22;

/** What an admission's memory is sized by: the blocks that fit. */
export function countedBlocks(capacity: number): number {
  return Math.max(1, capacity === Infinity ? UNLIMITED : capacity);
}
