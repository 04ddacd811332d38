/**
 * Blocks that have left, by key, oldest first: what a policy remembers of the past. An open table, at most half full, finds the place of a key in a
 * ring that keeps the order; who is recalled from the middle leaves a gap, known by the table no longer pointing to it. 20 to 40 bytes a ghost.
 */
import {SizeColumn} from './columns.ts';

const RING_MIN = 64;
const EMPTY = 0;

export class Ghosts {
  /** Live ghosts, and the sum of their sizes. */
  count = 0;
  size = 0;
  /** Key and place in the ring + 1, side by side. */
  private table = new Int32Array(4 * RING_MIN);
  private shift = 32 - 7;
  private ring = new Int32Array(RING_MIN);
  private sizes = new SizeColumn(RING_MIN);
  /** Of the ring: positions first .. next), modulo its length. */
  private first = 0;
  private next = 0;

  has(key: number): boolean {
    return this.table[2 * this.find(key) + 1] !== EMPTY;
  }

  /** In as the newest. @param size > 0 */
  add(key: number, size: number): void {
    if (this.next - this.first === this.ring.length) this.rebuild();
    const {table} = this;
    const at = this.find(key);
    const before = table[2 * at + 1];
    if (before === EMPTY) this.count++;
    else this.size -= this.sizes.get(before - 1);
    const place = this.next++ & (this.ring.length - 1);
    this.ring[place] = key;
    this.sizes.set(place, size);
    table[2 * at] = key;
    table[2 * at + 1] = place + 1;
    this.size += size;
  }

  /** Forgets the key. @returns its size, 0 where it was not known */
  take(key: number): number {
    const at = this.find(key);
    const place = this.table[2 * at + 1] - 1;
    return place < 0 ? 0 : this.forget(at, place);
  }

  /** Forgets the oldest. @returns its key; 0 where there is none */
  dropOldest(): number {
    const {ring, table} = this;
    const mask = ring.length - 1;
    while (this.first < this.next) {
      const place = this.first++ & mask;
      const at = this.find(ring[place]);
      if (table[2 * at + 1] !== place + 1) continue;
      this.forget(at, place);
      return ring[place];
    }
    return 0;
  }

  private forget(at: number, place: number): number {
    const size = this.sizes.get(place);
    this.erase(at);
    this.count--;
    this.size -= size;
    return size;
  }

  /** The key's place in the table, or the empty one where it would be. */
  private find(key: number): number {
    const {table} = this;
    const mask = (table.length >> 1) - 1;
    let at = Math.imul(key, 0x9e3779b1) >>> this.shift;
    while (table[2 * at + 1] !== EMPTY && table[2 * at] !== key) at = (at + 1) & mask;
    return at;
  }

  /** Empties a place, and moves up those behind it that it had kept from home. */
  private erase(at: number): void {
    const {table, shift} = this;
    const mask = (table.length >> 1) - 1;
    for (let from = (at + 1) & mask; table[2 * from + 1] !== EMPTY; from = (from + 1) & mask) {
      const home = Math.imul(table[2 * from], 0x9e3779b1) >>> shift;
      if (((from - home) & mask) < ((from - at) & mask)) continue;
      table[2 * at] = table[2 * from];
      table[2 * at + 1] = table[2 * from + 1];
      at = from;
    }
    table[2 * at + 1] = EMPTY;
  }

  /** The ring is full: of ghosts, then it doubles, or of gaps, then they are closed. */
  private rebuild(): void {
    const {ring, sizes, table, first, next} = this;
    const mask = ring.length - 1;
    const live: number[] = [];
    for (let i = first; i < next; i++) if (table[2 * this.find(ring[i & mask]) + 1] === (i & mask) + 1) live.push(i & mask);
    const length = 4 * this.count > 3 * ring.length ? 2 * ring.length : ring.length;
    this.ring = new Int32Array(length);
    this.sizes = new SizeColumn(length);
    this.table = new Int32Array(4 * length);
    this.shift = Math.clz32(2 * length) + 1;
    this.first = this.next = this.count = this.size = 0;
    for (const place of live) this.add(ring[place], sizes.get(place));
  }
}
