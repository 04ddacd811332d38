/** Transfers planned and in flight, as rows of typed columns; and, linked, those of each request. */
import {assert} from '../base/assert.ts';
import {NONE, type BlockRow, type PoolIndex, type RequestRow, type TransferId} from './ports.ts';

const GENERATION = 2 ** 20;

export class Transfers {
  kind = new Uint8Array(64);
  /** The request that waits for it; NONE where none does. */
  request = new Int32Array(64);
  source = new Int32Array(64);
  target = new Int32Array(64);
  /** Once issued: the route that it takes. */
  route = new Int32Array(64);
  tip = new Int32Array(64);
  blocks = new Int32Array(64);
  bytes = new Float64Array(64);
  /** 1 once the command has gone out. */
  issued = new Uint8Array(64);
  /** The request whose place the blocks of a STORE make free, and its epoch; NONE without one. */
  waiter = new Int32Array(64);
  waiterEpoch = new Int32Array(64);
  /** Next transfer of the same request; for a free row, the next free one. */
  next = new Int32Array(64);
  inFlight = 0;
  private generation = new Float64Array(64);
  private freeHead = NONE;
  private used = 0;

  open(kind: number, request: RequestRow, source: PoolIndex, target: PoolIndex, tip: BlockRow, blocks: number, bytes: number): number {
    let row = this.freeHead;
    if (row !== NONE) this.freeHead = this.next[row];
    else {
      if (this.used === this.kind.length) this.grow();
      row = this.used++;
      assert(row < GENERATION, 'more than a million transfers in flight');
    }
    this.kind[row] = kind;
    this.request[row] = request;
    this.source[row] = source;
    this.target[row] = target;
    this.tip[row] = tip;
    this.blocks[row] = blocks;
    this.bytes[row] = bytes;
    this.issued[row] = 0;
    this.waiter[row] = NONE;
    this.next[row] = NONE;
    this.inFlight++;
    return row;
  }

  idOf(row: number): TransferId {
    return row + this.generation[row] * GENERATION;
  }

  /** Row of a live transfer; a late or foreign completion stops the run. */
  rowOf(id: TransferId): number {
    const row = id % GENERATION;
    assert(
      row < this.used && this.generation[row] === (id - row) / GENERATION && this.issued[row] === 1,
      `completion of transfer ${id}, which is not in flight`,
    );
    return row;
  }

  close(row: number): void {
    this.generation[row]++;
    this.issued[row] = 0;
    this.next[row] = this.freeHead;
    this.freeHead = row;
    this.inFlight--;
  }

  private grow(): void {
    const rows = this.kind.length * 2;
    const copy = <T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T => {
      (to as Int32Array).set(from as Int32Array);
      return to;
    };
    this.kind = copy(this.kind, new Uint8Array(rows));
    this.request = copy(this.request, new Int32Array(rows));
    this.source = copy(this.source, new Int32Array(rows));
    this.target = copy(this.target, new Int32Array(rows));
    this.route = copy(this.route, new Int32Array(rows));
    this.tip = copy(this.tip, new Int32Array(rows));
    this.blocks = copy(this.blocks, new Int32Array(rows));
    this.bytes = copy(this.bytes, new Float64Array(rows));
    this.issued = copy(this.issued, new Uint8Array(rows));
    this.waiter = copy(this.waiter, new Int32Array(rows));
    this.waiterEpoch = copy(this.waiterEpoch, new Int32Array(rows));
    this.next = copy(this.next, new Int32Array(rows));
    this.generation = copy(this.generation, new Float64Array(rows));
  }
}
