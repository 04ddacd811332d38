/**
 * Flows as rows of columns: 40 bytes each, reused. The flows of a path depart in the order of their marks (the path's clock at which
 * each has all its bytes), which a pairing heap keeps through the rows themselves; those that wait form queues the same way.
 */
import {grown, NONE} from './columns.ts';

export class Flows {
  bytes = new Float64Array(64);
  op = new Uint16Array(64);
  argument = new Int32Array(64);
  path = new Int32Array(64);
  mark = new Float64Array(64);
  /** Ties between marks: the order in which flows began. */
  private order = new Float64Array(64);
  private child = new Int32Array(64);
  /** In a heap the next sibling; in a queue, and among free rows, the next row. */
  next = new Int32Array(64);
  private rows = 0;
  private free = NONE;
  private begun = 0;

  add(path: number, bytes: number, op: number, argument: number): number {
    let row = this.free;
    if (row === NONE) {
      row = this.rows++;
      if (row === this.bytes.length) this.grow();
    } else this.free = this.next[row];
    this.path[row] = path;
    this.bytes[row] = bytes;
    this.op[row] = op;
    this.argument[row] = argument;
    this.next[row] = NONE;
    return row;
  }

  remove(row: number): void {
    this.next[row] = this.free;
    this.free = row;
  }

  /** Puts a flow into the heap with this root; returns the new root. */
  insert(root: number, row: number, mark: number): number {
    this.mark[row] = mark;
    this.order[row] = this.begun++;
    this.child[row] = NONE;
    this.next[row] = NONE;
    return root === NONE ? row : this.meld(root, row);
  }

  /** Takes the root out; returns the new one. */
  pop(root: number): number {
    const {child, next} = this;
    let pairs = NONE;
    // Left to right, two by two; then the pairs, last to first.
    for (let row = child[root]; row !== NONE;) {
      const other = next[row];
      if (other === NONE) {
        next[row] = pairs;
        pairs = row;
        break;
      }
      const rest = next[other];
      next[row] = NONE;
      next[other] = NONE;
      const pair = this.meld(row, other);
      next[pair] = pairs;
      pairs = pair;
      row = rest;
    }
    let top = NONE;
    while (pairs !== NONE) {
      const rest = next[pairs];
      next[pairs] = NONE;
      top = top === NONE ? pairs : this.meld(top, pairs);
      pairs = rest;
    }
    return top;
  }

  private meld(a: number, b: number): number {
    const {mark, order, child, next} = this;
    const first = mark[a] < mark[b] || (mark[a] === mark[b] && order[a] < order[b]) ? a : b;
    const second = first === a ? b : a;
    next[second] = child[first];
    child[first] = second;
    return first;
  }

  private grow(): void {
    const size = this.bytes.length * 2;
    this.bytes = grown(this.bytes, new Float64Array(size));
    this.op = grown(this.op, new Uint16Array(size));
    this.argument = grown(this.argument, new Int32Array(size));
    this.path = grown(this.path, new Int32Array(size));
    this.mark = grown(this.mark, new Float64Array(size));
    this.order = grown(this.order, new Float64Array(size));
    this.child = grown(this.child, new Int32Array(size));
    this.next = grown(this.next, new Int32Array(size));
  }
}
