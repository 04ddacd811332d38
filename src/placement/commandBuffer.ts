/** The two outputs of the brain, refilled by every input: commands for the carriers and notices for serving. They grow to the largest answer ever given. */
import type {Commands, Notices} from './ports.ts';

export class CommandBuffer implements Commands {
  count = 0;
  kind = new Uint8Array(64);
  transfer = new Float64Array(64);
  source = new Int32Array(64);
  target = new Int32Array(64);
  way = new Uint8Array(64);
  tip = new Int32Array(64);
  blocks = new Int32Array(64);
  bytes = new Float64Array(64);

  push(kind: number, transfer: number, source: number, target: number, way: number, tip: number, blocks: number, bytes: number): void {
    const row = this.count++;
    if (row === this.kind.length) this.grow();
    this.kind[row] = kind;
    this.transfer[row] = transfer;
    this.source[row] = source;
    this.target[row] = target;
    this.way[row] = way;
    this.tip[row] = tip;
    this.blocks[row] = blocks;
    this.bytes[row] = bytes;
  }

  private grow(): void {
    const old = {...this};
    const rows = old.kind.length * 2;
    (this.kind = new Uint8Array(rows)).set(old.kind);
    (this.transfer = new Float64Array(rows)).set(old.transfer);
    (this.source = new Int32Array(rows)).set(old.source);
    (this.target = new Int32Array(rows)).set(old.target);
    (this.way = new Uint8Array(rows)).set(old.way);
    (this.tip = new Int32Array(rows)).set(old.tip);
    (this.blocks = new Int32Array(rows)).set(old.blocks);
    (this.bytes = new Float64Array(rows)).set(old.bytes);
  }
}

export class NoticeBuffer implements Notices {
  count = 0;
  kind = new Uint8Array(64);
  request = new Int32Array(64);
  value = new Int32Array(64);

  push(kind: number, request: number, value: number): void {
    const row = this.count++;
    if (row === this.kind.length) this.grow();
    this.kind[row] = kind;
    this.request[row] = request;
    this.value[row] = value;
  }

  private grow(): void {
    const {kind, request, value} = this;
    (this.kind = new Uint8Array(kind.length * 2)).set(kind);
    (this.request = new Int32Array(kind.length * 2)).set(request);
    (this.value = new Int32Array(kind.length * 2)).set(value);
  }
}
