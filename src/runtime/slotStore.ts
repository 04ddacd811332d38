/**
 * Slots of one size on files or devices, striped over them. Each slot describes itself: a header with the store's identity, the slot's own
 * number, the key, a sequence number and checksums, and behind it the block, in one write. There is no other metadata, so nothing can be
 * out of step after a crash: what was written whole is found again by scan(), a torn or flipped or misplaced block is a miss, never wrong
 * bytes. (A CRC-32 over the block and another over the header: damage passes for whole once in 2^32, and short bursts never.)
 */
import {crc32} from 'node:zlib';
import {faultOfResult, type FaultCode} from './faults.ts';
import {openRing, OP_READ, OP_SYNC, OP_WRITE, type EngineInfo, type EngineName, type Ring} from './ring.ts';
import {MARK_BYTES, openTarget, type Target} from './target.ts';

/** What direct I/O and every known device agree on. */
const SECTOR = 4096;
const MAGIC = 0x31425354;
/** magic, header CRC, store CRC, payload length, payload CRC, key length, sequence, slot, key. */
const KEY_AT = 40;
const KEY_BYTES = 88;
const HEADER_BYTES = KEY_AT + KEY_BYTES;

export interface SlotStoreOptions {
  readonly paths: readonly string[];
  /** Bytes of a block at most. */
  readonly blockBytes: number;
  /** Requests in flight. */
  readonly depth: number;
  readonly engine?: EngineName | 'auto';
}

/** null: done; or why not. CORRUPT: what lies there is not the block that was asked for. */
export type SlotOutcome = FaultCode | 'CORRUPT' | null;

/** What a slot says of itself. */
export interface SlotHeader {
  readonly slot: number;
  readonly key: string;
  /** Later writes have larger ones. */
  readonly sequence: number;
  /** Bytes of the block. */
  readonly length: number;
  readonly crc: number;
}

/** Told how a read ended; `block` is the engine's own memory, to be used or copied before this returns. */
export type ReadEnded = (outcome: SlotOutcome, block: Uint8Array | null) => void;

interface Job {
  readonly op: number;
  readonly slot: number;
  readonly key: string;
  /** Bytes of the block for a write, or to read of the slot. */
  readonly length: number;
  /** Puts a write's block together in the engine's memory. */
  readonly fill: ((into: Uint8Array) => void) | null;
  readonly ended: (outcome: SlotOutcome, place: number, header: SlotHeader | null) => void;
}

export class SlotStore {
  readonly slots: number;
  readonly blockBytes: number;
  readonly engine: EngineInfo;
  /** Outcomes other than null, counted. */
  readonly faults = new Map<string, number>();
  reads = 0;
  writes = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** Nanoseconds with something in flight. */
  busyNs = 0;
  /** Latencies of reads and writes as they were seen, if somebody wants them. Nanoseconds. */
  onLatency: (write: boolean, ns: number) => void = () => {};
  private readonly targets: Target[];
  private readonly ring: Ring;
  private readonly slotBytes: number;
  private readonly identity: number;
  private readonly places: (Job | null)[];
  private readonly freePlaces: number[];
  private readonly waiting: Job[] = [];
  private waitingHead = 0;
  private rows = 0;
  private flushing = false;
  private busySince = 0;
  private sequence = 0;
  private closed = false;

  /** Opens what `device prepare --for store` made. Throws Fault. */
  constructor({paths, blockBytes, depth, engine = 'auto'}: SlotStoreOptions) {
    this.blockBytes = blockBytes;
    this.slotBytes = Math.ceil((HEADER_BYTES + blockBytes) / SECTOR) * SECTOR;
    this.ring = openRing({depth, arenaBytes: depth * this.slotBytes, engine});
    this.engine = this.ring.engine;
    this.targets = [];
    try {
      for (const path of paths) this.targets.push(openTarget(path, {write: true, purpose: 'store', direct: this.engine.name !== 'fs'}));
    } catch (error) {
      this.close();
      throw error;
    }
    const least = Math.min(...this.targets.map(({bytes}) => bytes));
    this.slots = Math.max(0, Math.floor((least - MARK_BYTES) / this.slotBytes)) * this.targets.length;
    // A slot of another geometry or another life of the file is not ours.
    this.identity = crc32(`${this.targets.map(({id}) => id).join()}:${this.slotBytes}`);
    this.places = Array.from({length: depth}, () => null);
    this.freePlaces = Array.from({length: depth}, (_, place) => depth - 1 - place);
    this.ring.setFiles(this.targets.map(({descriptor}) => descriptor));
    this.ring.onComplete((count) => this.complete(count));
  }

  /** Requests accepted and not ended. */
  get pending(): number {
    return this.ring.depth - this.freePlaces.length + this.waiting.length - this.waitingHead;
  }

  /** Writes a block of `length` bytes that `fill` puts together when its turn has come. `ended` is never called inside write. */
  write(slot: number, key: string, length: number, fill: (into: Uint8Array) => void, ended: (outcome: SlotOutcome) => void): void {
    if (length > this.blockBytes) throw new RangeError(`a block of ${length} bytes in slots for ${this.blockBytes}`);
    if (Buffer.byteLength(key) > KEY_BYTES) throw new RangeError(`a key has at most ${KEY_BYTES} bytes`);
    this.accept({op: OP_WRITE, slot, key, length, fill, ended});
  }

  /** Reads the block of this key from its slot. `ended` is never called inside read. */
  read(slot: number, key: string, ended: ReadEnded): void {
    this.accept({
      op: OP_READ,
      slot,
      key,
      length: this.slotBytes,
      fill: null,
      ended: (outcome, place, header) => {
        if (outcome !== null) return ended(outcome, null);
        const start = place * this.slotBytes + HEADER_BYTES;
        const block = this.ring.arena.subarray(start, start + header!.length);
        if (header!.key !== key || crc32(block) !== header!.crc) {
          this.count('CORRUPT');
          return ended('CORRUPT', null);
        }
        ended(null, block);
      },
    });
  }

  /** What was written before survives a loss of power once this has ended. */
  async sync(): Promise<SlotOutcome> {
    const all = this.targets.map(
      (_, file) => new Promise<SlotOutcome>((ended) => this.accept({op: OP_SYNC, slot: file, key: '', length: 0, fill: null, ended})),
    );
    return (await Promise.all(all)).find((outcome) => outcome !== null) ?? null;
  }

  /** Every whole header, the newest of each key alone: what a restart finds. The blocks themselves are checked when they are read. */
  async scan(): Promise<SlotHeader[]> {
    const newest = new Map<string, SlotHeader>();
    await Promise.all(
      Array.from(
        {length: this.slots},
        (_, slot) =>
          new Promise<void>((resolve) => {
            this.accept({
              op: OP_READ,
              slot,
              key: '',
              length: SECTOR,
              fill: null,
              ended: (_outcome, _place, found) => {
                if (found !== null && found.sequence > (newest.get(found.key)?.sequence ?? -1)) newest.set(found.key, found);
                if (found !== null) this.sequence = Math.max(this.sequence, found.sequence + 1);
                resolve();
              },
            });
          }),
      ),
    );
    return [...newest.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Hands over what has been gathered; happens by itself at the end of the turn. */
  flush(): void {
    this.flushing = false;
    if (this.rows === 0 || this.closed) return;
    if (this.ring.inFlight === 0) this.busySince = performance.now();
    this.ring.submit(this.rows);
    this.rows = 0;
  }

  /** Waits in the kernel for what it does; nothing ends after it. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ring.close();
    for (const target of this.targets) target.close();
  }

  private accept(job: Job): void {
    if (job.slot < 0 || (job.op !== OP_SYNC && job.slot >= this.slots)) throw new RangeError(`slot ${job.slot} of ${this.slots}`);
    const place = this.freePlaces.pop();
    if (place === undefined) this.waiting.push(job);
    else this.start(place, job);
  }

  private start(place: number, job: Job): void {
    const {requests} = this.ring;
    const row = this.rows++;
    this.places[place] = job;
    const start = place * this.slotBytes;
    requests.op[row] = job.op;
    requests.tag[row] = place;
    requests.buffer[row] = start;
    requests.file[row] = job.slot % this.targets.length;
    requests.offset[row] = MARK_BYTES + Math.floor(job.slot / this.targets.length) * this.slotBytes;
    requests.length[row] = this.bytesOf(job);
    if (job.op === OP_SYNC) requests.file[row] = job.slot;
    if (job.op === OP_WRITE) this.compose(start, job);
    if (this.rows === this.ring.depth) this.flush();
    else if (!this.flushing) {
      this.flushing = true;
      queueMicrotask(() => this.flush());
    }
  }

  /** Bytes that a request moves. */
  private bytesOf({op, length}: Job): number {
    return op === OP_WRITE ? Math.ceil((HEADER_BYTES + length) / SECTOR) * SECTOR : length;
  }

  private compose(start: number, {slot, key, length, fill}: Job): void {
    const {arena} = this.ring;
    const block = arena.subarray(start + HEADER_BYTES, start + HEADER_BYTES + length);
    fill!(block);
    const header = Buffer.from(arena.buffer, arena.byteOffset + start, HEADER_BYTES);
    header.fill(0);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(this.identity, 8);
    header.writeUInt32LE(length, 12);
    header.writeUInt32LE(crc32(block), 16);
    header.writeUInt32LE(header.write(key, KEY_AT), 20);
    header.writeDoubleLE(this.sequence++, 24);
    header.writeDoubleLE(slot, 32);
    header.writeUInt32LE(crc32(header.subarray(8)), 4);
  }

  private complete(count: number): void {
    const {tag, result, submittedNs, completedNs} = this.ring.completions;
    if (this.ring.inFlight === 0) this.busyNs += (performance.now() - this.busySince) * 1e6;
    for (let row = 0; row < count; row++) {
      const place = tag[row]!;
      const job = this.places[place]!;
      const bytes = this.bytesOf(job);
      let outcome: SlotOutcome = faultOfResult(result[row]!, bytes);
      const header = job.op === OP_READ && outcome === null ? this.header(place * this.slotBytes, job.slot) : null;
      if (job.op === OP_READ && outcome === null && header === null && job.length === this.slotBytes) outcome = 'CORRUPT';
      if (outcome !== null) this.count(outcome);
      this.meter(job, bytes, completedNs[row]! - submittedNs[row]!);
      job.ended(outcome, place, header);
      this.places[place] = null;
      this.freePlaces.push(place);
    }
    while (this.freePlaces.length > 0 && this.waitingHead < this.waiting.length) {
      this.start(this.freePlaces.pop()!, this.waiting[this.waitingHead++]!);
    }
    if (this.waitingHead > 1024 && this.waitingHead * 2 > this.waiting.length) {
      this.waiting.splice(0, this.waitingHead);
      this.waitingHead = 0;
    }
  }

  private count(outcome: string): void {
    this.faults.set(outcome, (this.faults.get(outcome) ?? 0) + 1);
  }

  private meter({op, length}: Job, bytes: number, latencyNs: number): void {
    if (op === OP_WRITE) {
      this.writes++;
      this.bytesWritten += bytes;
    } else if (op === OP_READ) {
      this.reads++;
      this.bytesRead += bytes;
    }
    if (op !== OP_SYNC && length !== SECTOR) this.onLatency(op === OP_WRITE, latencyNs);
  }

  /** The header at this place of the arena, if it is whole and belongs to this slot of this store. */
  private header(start: number, slot: number): SlotHeader | null {
    const {arena} = this.ring;
    const view = Buffer.from(arena.buffer, arena.byteOffset + start, HEADER_BYTES);
    if (view.readUInt32LE(0) !== MAGIC || view.readUInt32LE(4) !== crc32(view.subarray(8))) return null;
    if (view.readUInt32LE(8) !== this.identity || view.readDoubleLE(32) !== slot) return null;
    const length = view.readUInt32LE(12);
    const keyLength = view.readUInt32LE(20);
    if (length > this.blockBytes || keyLength > KEY_BYTES) return null;
    const key = view.toString('utf8', KEY_AT, KEY_AT + keyLength);
    return {slot, key, sequence: view.readDoubleLE(24), length, crc: view.readUInt32LE(16)};
  }
}
