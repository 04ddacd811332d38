/** Small numbers in no order, side by side: items[0 .. size). */
import {grown} from './columns.ts';

export class DenseSet {
  size = 0;
  items = new Int32Array(16);
  private place = new Int32Array(16);

  /** It must not be there yet. */
  add(item: number): void {
    if (this.size === this.items.length) this.items = grown(this.items, new Int32Array(this.size * 2));
    while (item >= this.place.length) this.place = grown(this.place, new Int32Array(this.place.length * 2));
    this.place[item] = this.size;
    this.items[this.size++] = item;
  }

  /** It must be there. */
  remove(item: number): void {
    const last = this.items[--this.size];
    const at = this.place[item];
    this.items[at] = last;
    this.place[last] = at;
  }
}
