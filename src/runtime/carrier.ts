/**
 * Carries commands out on real memory and real drives. A pool is held by a SlotStore, by memory of this process, or, where it is a GPU's,
 * by nothing: what leaves a GPU is made up (it follows from the block's content id), and what reaches one is checked against that, so every
 * load proves that the right bytes came back.
 */
import {DONE, FAILED, NONE, type Carrier, type Commands, type PoolIndex, type Ticks, type TransferId} from '../placement/ports.ts';
import type {Placement} from '../placement/placement.ts';
import type {SlotStore} from './slotStore.ts';

/** Every so many bytes a block says which it is. */
const STAMP_BYTES = 4096;
/** Memory is taken in pieces of about this. */
const CHUNK_BYTES = 64 * 1024 * 1024;

export type Backing = {readonly kind: 'gpu'} | {readonly kind: 'memory'} | {readonly kind: 'store'; readonly store: SlotStore};

/** A block of a run on its way. */
interface Step {
  readonly transfer: Transfer;
  readonly content: number;
  readonly sourceSlot: number;
  readonly targetSlot: number;
}

interface Transfer {
  readonly id: TransferId;
  readonly source: PoolIndex;
  readonly target: PoolIndex;
  left: number;
  outcome: number;
}

export class RealCarrier implements Carrier {
  inFlight = 0;
  /** Blocks that reached a GPU: right, and wrong. Wrong ones fail their transfer; they should never be. */
  verified = 0;
  wrong = 0;
  private readonly backings: readonly Backing[];
  private readonly memories: (BlockMemory | null)[];
  private readonly blockBytes: number;
  private readonly template: Uint8Array;
  private readonly scratch: Uint8Array;
  private placement: Placement | null = null;
  private ended: (transfer: TransferId, outcome: number) => void = () => {};
  private readonly copies: Step[] = [];
  private copying = false;
  private rows = new Int32Array(64);

  constructor(backings: readonly Backing[], blockBytes: number) {
    this.backings = backings;
    this.blockBytes = blockBytes;
    this.memories = backings.map(({kind}) => (kind === 'memory' ? new BlockMemory(blockBytes) : null));
    this.template = Uint8Array.from({length: blockBytes}, (_, i) => (i * 2654435761) >>> 24);
    this.scratch = new Uint8Array(blockBytes);
  }

  /** The brain whose commands these are: slots and contents are looked up there. */
  serve(placement: Placement): void {
    this.placement = placement;
  }

  /** Who is told that a transfer has ended; never inside submit. */
  onEnd(ended: (transfer: TransferId, outcome: number) => void): void {
    this.ended = ended;
  }

  submit(_now: Ticks, commands: Commands, row: number): void {
    const {pools, blocks} = this.placement!.core;
    const count = commands.blocks[row]!;
    const source = commands.source[row]!;
    const target = commands.target[row]!;
    const transfer: Transfer = {id: commands.transfer[row]!, source, target, left: Math.max(1, count), outcome: DONE};
    this.inFlight++;
    // A hand-off of nothing but a partial block has no run.
    if (count === 0) return this.copy({transfer, content: NONE, sourceSlot: NONE, targetSlot: NONE});
    if (this.rows.length < count) this.rows = new Int32Array(count * 2);
    blocks.path(commands.tip[row]!, count, this.rows);
    for (let i = 0; i < count; i++) {
      const block = this.rows[i]!;
      const step = {
        transfer,
        content: blocks.contentOf(block),
        sourceSlot: pools[source]!.findRead(block),
        targetSlot: pools[target]!.find(block),
      };
      this.start(step);
    }
  }

  flush(): void {
    for (const backing of this.backings) if (backing.kind === 'store') backing.store.flush();
  }

  private start(step: Step): void {
    const {source, target} = step.transfer;
    const from = this.backings[source]!;
    const to = this.backings[target]!;
    const key = String(step.content);
    if (from.kind === 'store' && to.kind === 'store') this.relay(step, key, from.store, to.store);
    else if (from.kind === 'store') {
      from.store.read(step.sourceSlot, key, (_outcome, block) => this.end(step, block !== null && this.put(step, block)));
    } else if (to.kind === 'store' && step.targetSlot < to.store.slots) {
      to.store.write(
        step.targetSlot,
        key,
        this.blockBytes,
        (into) => this.take(step, into),
        (outcome) => this.end(step, outcome === null),
      );
    } else this.copy(step); // of memory, or of what has no slot on the device: that fails, later
  }

  /** From drive to drive, through memory. */
  private relay(step: Step, key: string, from: SlotStore, to: SlotStore): void {
    from.read(step.sourceSlot, key, (_outcome, block) => {
      if (block === null || step.targetSlot >= to.slots) return this.end(step, false);
      const bytes = block.slice();
      to.write(
        step.targetSlot,
        key,
        bytes.length,
        (into) => into.set(bytes),
        (written) => this.end(step, written === null),
      );
    });
  }

  /** Between memories: not inside submit, and one block a turn of the event loop, so that drives are heard between. */
  private copy(step: Step): void {
    this.copies.push(step);
    if (this.copying) return;
    this.copying = true;
    setImmediate(() => this.copyNext());
  }

  private copyNext(): void {
    const step = this.copies.shift();
    this.copying = this.copies.length > 0;
    if (this.copying) setImmediate(() => this.copyNext());
    if (step === undefined) return;
    if (step.content === NONE) return this.end(step, true);
    if (this.backings[step.transfer.target]!.kind === 'store') return this.end(step, false);
    const from = this.memories[step.transfer.source];
    const to = this.memories[step.transfer.target];
    if (to !== null && to !== undefined) {
      this.take(step, to.block(step.targetSlot));
      return this.end(step, true);
    }
    if (from === null || from === undefined) this.take(step, this.scratch);
    this.end(step, this.put(step, from?.block(step.sourceSlot) ?? this.scratch));
  }

  /** Fills `into` with the block from where it is: memory, or a GPU. */
  private take({transfer, content, sourceSlot}: Step, into: Uint8Array): void {
    const memory = this.memories[transfer.source];
    if (memory !== null && memory !== undefined) return into.set(memory.block(sourceSlot));
    into.set(this.template.subarray(0, into.length));
    const view = new DataView(into.buffer, into.byteOffset, into.length);
    for (let at = 0; at + 8 <= into.length; at += STAMP_BYTES) view.setFloat64(at, content + at);
  }

  /** Puts the block where it goes; false where a GPU is given another than it asked for. */
  private put({transfer, content, targetSlot}: Step, block: Uint8Array): boolean {
    const memory = this.memories[transfer.target];
    if (memory !== null && memory !== undefined) {
      memory.block(targetSlot).set(block);
      return true;
    }
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    let right = block.length === this.blockBytes;
    for (let at = 0; at + 8 <= block.length; at += STAMP_BYTES) right &&= view.getFloat64(at) === content + at;
    if (right) this.verified++;
    else this.wrong++;
    return right;
  }

  private end({transfer}: Step, well: boolean): void {
    if (!well) transfer.outcome = FAILED;
    if (--transfer.left > 0) return;
    this.inFlight--;
    this.ended(transfer.id, transfer.outcome);
  }
}

/** Blocks by slot, in memory that is taken when a slot is first used. */
class BlockMemory {
  private readonly blockBytes: number;
  private readonly perChunk: number;
  private readonly chunks: (Uint8Array | undefined)[] = [];

  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
    this.perChunk = Math.max(1, Math.floor(CHUNK_BYTES / blockBytes));
  }

  block(slot: number): Uint8Array {
    const chunk = Math.floor(slot / this.perChunk);
    const bytes = (this.chunks[chunk] ??= new Uint8Array(this.perChunk * this.blockBytes));
    const start = (slot % this.perChunk) * this.blockBytes;
    return bytes.subarray(start, start + this.blockBytes);
  }
}
