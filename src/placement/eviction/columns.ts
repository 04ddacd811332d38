/** Columns of policies' state by slot, and longer copies of them for grow(). */

export function grownBytes(from: Uint8Array, length: number): Uint8Array {
  const to = new Uint8Array(length);
  to.set(from);
  return to;
}

export function grownIntegers(from: Int32Array, length: number): Int32Array {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}

export function grownFloats(from: Float64Array, length: number): Float64Array {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}

/** Size of what each slot holds. Where all have one size, as blocks do, that is all that is kept. */
export class SizeColumn {
  private column: Float64Array | null = null;
  private slots: number;
  private one = 0;

  constructor(slots: number) {
    this.slots = slots;
  }

  set(slot: number, size: number): void {
    if (this.column !== null) this.column[slot] = size;
    else if (size !== this.one) this.differ(slot, size);
  }

  get(slot: number): number {
    return this.column === null ? this.one : this.column[slot];
  }

  grow(slots: number): void {
    this.slots = slots;
    if (this.column !== null) this.column = grownFloats(this.column, slots);
  }

  /** The first size of all, or the first that is another. */
  private differ(slot: number, size: number): void {
    if (this.one !== 0) {
      this.column = new Float64Array(this.slots).fill(this.one);
      this.column[slot] = size;
    } else this.one = size;
  }
}
