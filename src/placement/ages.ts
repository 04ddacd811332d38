/** Slots that may be evicted in order of their last use, oldest first: what a time to live is counted from. 16 bytes a slot, in pools that have one. */
import {NONE, type Slot, type Ticks} from './ports.ts';

export class Ages {
  oldest: Slot = NONE;
  private newest: Slot = NONE;
  private since: Float64Array;
  private older: Int32Array;
  private newer: Int32Array;

  constructor(slots: number) {
    this.since = new Float64Array(slots);
    this.older = new Int32Array(slots);
    this.newer = new Int32Array(slots);
  }

  /** The slot's last use is now; it is not in the list. */
  add(slot: Slot, now: Ticks): void {
    this.since[slot] = now;
    this.older[slot] = this.newest;
    this.newer[slot] = NONE;
    if (this.newest === NONE) this.oldest = slot;
    else this.newer[this.newest] = slot;
    this.newest = slot;
  }

  remove(slot: Slot): void {
    const older = this.older[slot];
    const newer = this.newer[slot];
    if (older === NONE) this.oldest = newer;
    else this.newer[older] = newer;
    if (newer === NONE) this.newest = older;
    else this.older[newer] = older;
  }

  sinceOf(slot: Slot): Ticks {
    return this.since[slot];
  }

  grow(slots: number): void {
    const {since, older, newer} = this;
    (this.since = new Float64Array(slots)).set(since);
    (this.older = new Int32Array(slots)).set(older);
    (this.newer = new Int32Array(slots)).set(newer);
  }
}
