/** How often keys were used lately, about: a count-min sketch of four rows of 4-bit counters, all halved once it has counted so many uses for each block that fits. 8 to 16 bytes a block. */

const ROWS = 4;
const MOST = 15;
const USES_A_BLOCK = 10;
const SEEDS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

export class FrequencySketch {
  private readonly counters: Uint8Array;
  private readonly shift: number;
  private readonly halvedAt: number;
  private uses = 0;

  /** @param blocks that fit @param usesABlock after which all counters are halved */
  constructor(blocks: number, usesABlock = USES_A_BLOCK) {
    const bits = Math.max(4, Math.min(26, 32 - Math.clz32(Math.max(1, Math.ceil(Math.min(blocks, 2 ** 25))))));
    this.counters = new Uint8Array(ROWS << bits);
    this.shift = 32 - bits;
    this.halvedAt = usesABlock * Math.max(1, blocks);
  }

  /** One use more; only the least of a key's counters grow, since the others are known to be too high. */
  add(key: number): void {
    const least = this.count(key);
    if (least < MOST)
      for (let row = 0; row < ROWS; row++) if (this.counters[this.at(row, key)] === least) this.counters[this.at(row, key)]++;
    if (++this.uses < this.halvedAt) return;
    for (let i = 0; i < this.counters.length; i++) this.counters[i] >>= 1;
    this.uses /= 2;
  }

  /** At most 15; at least the uses since the last halving, and half of those before. */
  count(key: number): number {
    let least = MOST;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.counters[this.at(row, key)]);
    return least;
  }

  private at(row: number, key: number): number {
    const mixed = Math.imul(key ^ (key >>> 15), SEEDS[row]);
    return (row << (32 - this.shift)) + (Math.imul(mixed ^ (mixed >>> 13), 0x9e3779b1) >>> this.shift);
  }
}
