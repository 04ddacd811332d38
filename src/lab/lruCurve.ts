/**
 * The whole LRU miss curve in one pass, exactly: a reference hits in a cache of c blocks if fewer than c others were used since the last one to the
 * same block (Mattson 1970). Last uses are bits on a time axis; a bitmap of 32-bit words under a Fenwick tree of their counts tells how many lie
 * behind a given one. The axis is renumbered when it is full. 10 bytes a distinct block; about 100 ns a reference.
 */
export interface LruCurve {
  readonly references: number;
  /** Hits of a cache of c blocks: hits[c], c = 0 .. distinct. */
  readonly hits: Float64Array;
}

export function lruCurve(blocks: Int32Array, distinct: number): LruCurve {
  const axis = new LastUses(distinct);
  const hits = new Float64Array(distinct + 1);
  for (let i = 0; i < blocks.length; i++) {
    const others = axis.use(blocks[i]);
    if (others >= 0) hits[others + 1]++;
  }
  for (let size = 1; size <= distinct; size++) hits[size] += hits[size - 1];
  return {references: blocks.length, hits};
}

const NEVER = -1;

class LastUses {
  /** Time of a block's last use; NEVER. */
  private readonly last: Int32Array;
  private readonly owner: Int32Array;
  private readonly bits: Int32Array;
  /** Fenwick tree, from 1, over the words' counts of bits. */
  private readonly tree: Int32Array;
  private readonly length: number;
  private now = 0;
  private live = 0;

  constructor(distinct: number) {
    this.length = 32 * Math.max(2, Math.ceil((2 * distinct) / 32));
    this.last = new Int32Array(distinct).fill(NEVER);
    this.owner = new Int32Array(this.length);
    this.bits = new Int32Array(this.length >> 5);
    this.tree = new Int32Array((this.length >> 5) + 1);
  }

  /** @returns how many other blocks were used since the block's last use, or NEVER */
  use(block: number): number {
    if (this.now === this.length) this.renumber();
    const before = this.last[block];
    let others = NEVER;
    if (before === NEVER) this.live++;
    else {
      others = this.live - this.upTo(before);
      this.bits[before >> 5] &= ~(1 << (before & 31));
      this.add(before >> 5, -1);
    }
    const now = this.now++;
    this.last[block] = now;
    this.owner[now] = block;
    this.bits[now >> 5] |= 1 << (now & 31);
    this.add(now >> 5, 1);
    return others;
  }

  /** Last uses at or before `time`. */
  private upTo(time: number): number {
    const {tree} = this;
    const word = time >> 5;
    let sum = bitsIn(this.bits[word] & (-1 >>> (31 - (time & 31))));
    for (let i = word; i > 0; i &= i - 1) sum += tree[i];
    return sum;
  }

  private add(word: number, count: number): void {
    const {tree} = this;
    for (let i = word + 1; i < tree.length; i += i & -i) tree[i] += count;
  }

  /** Closes the gaps: the live uses become 0 .. live-1, in order. */
  private renumber(): void {
    const {bits, owner, last, tree} = this;
    let next = 0;
    for (let time = 0; time < this.length; time++) {
      if ((bits[time >> 5] & (1 << (time & 31))) === 0) continue;
      last[owner[time]] = next;
      owner[next++] = owner[time];
    }
    bits.fill(0);
    for (let time = 0; time < next; time++) bits[time >> 5] |= 1 << (time & 31);
    tree.fill(0);
    for (let i = 1; i < tree.length; i++) {
      tree[i] += bitsIn(bits[i - 1]);
      const above = i + (i & -i);
      if (above < tree.length) tree[above] += tree[i];
    }
    this.now = next;
  }
}

function bitsIn(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
