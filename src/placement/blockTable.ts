/**
 * Blocks as rows of typed columns: 26 bytes a block and 5 to 11 for the index from content to row. A row lives while anything refers
 * to it: a copy, a child, or a request whose prompt ends there. Parent links make a chain, so a prompt is (tip, length).
 */
import {fail} from '../base/assert.ts';
import {NONE, type BlockRow} from './ports.ts';

/** Contents are hashed by group of 16, so that blocks numbered one after the other lie one after the other in the index. */
const GROUP_BITS = 4;
const GROUP_MASK = (1 << GROUP_BITS) - 1;
const INDEX_MIN = 2048;
/** Content of a free row. */
const FREED = -1;

export class BlockTable {
  /** Row of the block before; NONE at the head of a chain. For a free row: the next free row. */
  parent: Int32Array;
  /** Blocks before this one in its chain. */
  depth: Int32Array;
  /** First copy of the block: pool and slot; NONE without one. */
  firstPool: Int16Array;
  firstSlot: Int32Array;
  /** Live rows. */
  count = 0;
  /** Most rows ever live at once. */
  countMax = 0;
  private content: Float64Array;
  private refs: Int32Array;
  private freeHead: BlockRow = NONE;
  private used = 0;
  /** Row + 1 by hashed content; 0 where empty. */
  private index: Int32Array;
  private mask: number;

  /** Columns are as long as most runs need: pages that are never touched cost no memory, and growing copies. */
  constructor(rows = 2 ** 23) {
    this.parent = new Int32Array(rows);
    this.depth = new Int32Array(rows);
    this.firstPool = new Int16Array(rows);
    this.firstSlot = new Int32Array(rows);
    this.content = new Float64Array(rows);
    this.refs = new Int32Array(rows);
    this.index = new Int32Array(INDEX_MIN);
    this.mask = INDEX_MIN - 1;
  }

  /** Row of the block with this content after `parent`, made if it is not there. A new row has no reference yet: hold it, or a child or copy of it. */
  intern(content: number, parent: BlockRow): BlockRow {
    // Blocks first seen one after the other lie so: most look-ups end here.
    if (parent !== NONE && parent + 1 < this.used && this.content[parent + 1] === content && this.parent[parent + 1] === parent)
      return parent + 1;
    const {index, mask} = this;
    let at = home(content, mask);
    for (let entry = index[at]; entry !== 0; entry = index[at]) {
      if (this.content[entry - 1] === content) {
        if (this.parent[entry - 1] !== parent) fail(`block ${content} follows two different blocks: content ids must name whole chains`);
        return entry - 1;
      }
      at = (at + 1) & mask;
    }
    return this.add(content, parent, at);
  }

  /** Names the row's content in 32 bits, also after the row has been freed and given to another content. */
  key(row: BlockRow): number {
    return this.content[row] | 0;
  }

  hold(row: BlockRow): void {
    this.refs[row]++;
  }

  /** Gives a reference back; frees the row, and its ancestors that nothing else needs. */
  drop(row: BlockRow): void {
    while (row !== NONE) {
      if (this.refs[row] <= 0) fail(`block row ${row} dropped more often than held`);
      if (--this.refs[row] > 0) return;
      const parent = this.parent[row];
      this.remove(row);
      row = parent;
    }
  }

  /** Rows of the last `count` blocks of the chain ending at `tip`, in chain order, into out[0 .. count). */
  path(tip: BlockRow, count: number, out: Int32Array): void {
    const {parent} = this;
    let row = tip;
    for (let i = count - 1; i >= 0; i--) {
      out[i] = row;
      row = parent[row];
    }
  }

  contentOf(row: BlockRow): number {
    return this.content[row];
  }

  /** Bytes held by the columns and the index. */
  bytes(): number {
    return (
      this.parent.byteLength +
      this.depth.byteLength +
      this.firstPool.byteLength +
      this.firstSlot.byteLength +
      this.content.byteLength +
      this.refs.byteLength +
      this.index.byteLength
    );
  }

  private add(content: number, parent: BlockRow, at: number): BlockRow {
    let row = this.freeHead;
    if (row !== NONE) this.freeHead = this.parent[row];
    else {
      if (this.used === this.parent.length) this.growColumns();
      row = this.used++;
    }
    this.content[row] = content;
    this.parent[row] = parent;
    this.depth[row] = parent === NONE ? 0 : this.depth[parent] + 1;
    this.refs[row] = 0;
    this.firstPool[row] = NONE;
    if (parent !== NONE) this.refs[parent]++;
    this.index[at] = row + 1;
    if (++this.count > this.countMax) this.countMax = this.count;
    if (this.count * 4 > this.index.length * 3) this.growIndex();
    return row;
  }

  /** Takes a row out of the index, moving back the entries that had been pushed past it. */
  private remove(row: BlockRow): void {
    if (this.firstPool[row] !== NONE) fail(`block row ${row} freed with a copy`);
    const {index, mask, content} = this;
    let at = home(content[row], mask);
    while (index[at] !== row + 1) at = (at + 1) & mask;
    for (let next = (at + 1) & mask; index[next] !== 0; next = (next + 1) & mask) {
      const wanted = home(content[index[next] - 1], mask);
      if (((next - wanted) & mask) >= ((next - at) & mask)) {
        index[at] = index[next];
        at = next;
      }
    }
    index[at] = 0;
    content[row] = FREED;
    this.parent[row] = this.freeHead;
    this.freeHead = row;
    this.count--;
  }

  private growColumns(): void {
    const rows = this.parent.length * 2;
    this.parent = grown(this.parent, new Int32Array(rows));
    this.depth = grown(this.depth, new Int32Array(rows));
    this.firstPool = grown(this.firstPool, new Int16Array(rows));
    this.firstSlot = grown(this.firstSlot, new Int32Array(rows));
    this.content = grown(this.content, new Float64Array(rows));
    this.refs = grown(this.refs, new Int32Array(rows));
  }

  private growIndex(): void {
    const old = this.index;
    const mask = old.length * 2 - 1;
    const index = new Int32Array(mask + 1);
    for (let i = 0; i < old.length; i++) {
      if (old[i] === 0) continue;
      let at = home(this.content[old[i] - 1], mask);
      while (index[at] !== 0) at = (at + 1) & mask;
      index[at] = old[i];
    }
    this.index = index;
    this.mask = mask;
  }
}

/** Home of a content in an index of mask + 1 entries. */
function home(content: number, mask: number): number {
  const low = content >>> 0;
  const high = (content - low) / 4294967296;
  let hash = Math.imul((low >>> GROUP_BITS) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  hash ^= hash >>> 15;
  return ((hash << GROUP_BITS) | (low & GROUP_MASK)) & mask;
}

function grown<T extends Int32Array | Int16Array | Float64Array>(from: T, to: T): T {
  (to as Int32Array).set(from as Int32Array);
  return to;
}
