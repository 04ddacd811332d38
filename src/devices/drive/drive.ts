/**
 * An NVMe drive, command by command: submission queues -> controller -> dies and channels -> link; writes into a bounded buffer, from which whole one-shot
 * programs go to the dies in turn. With a flash translation layer, small writes cost what garbage collection moves; without one the drive
 * holds large objects that are trimmed whole, and write amplification is 1. The constants are a DriveModel; docs/model/devices.md has the equations.
 *
 * A command is a row of 34 bytes. A 4 KiB read takes four events and a write two and its share of a program; nothing is allocated in steady state.
 */
import {assert} from '../../base/assert.ts';
import type {Engine} from '../../engine/engine.ts';
import {FlashArray} from './flashArray.ts';
import type {Ftl} from './ftl.ts';
import type {DriveModel} from './model.ts';
import {SubmissionQueues, type QueueOptions} from './submissionQueues.ts';

export const READ = 0;
export const WRITE = 1;
export const TRIM = 2;
export type CommandKind = typeof READ | typeof WRITE | typeof TRIM;

/** Argument of the array's operations that no command waits for. */
const BACKGROUND = -1;
const NONE = -1;
const HOST_PROGRAM = 1;
const MOVE_PROGRAM = 0;

export interface DriveOptions {
  readonly name: string;
  readonly model: DriveModel;
  readonly queues: readonly QueueOptions[];
  /** null: large objects only. */
  readonly ftl: Ftl | null;
}

export class Drive {
  readonly model: DriveModel;
  readonly flash: FlashArray;
  readonly ftl: Ftl | null;
  /** Of the command whose handler is being called: whether it failed (a write to a worn-out drive), and its ticks from submission. */
  failed = false;
  latencyTicks = 0;
  /** Bytes of commands that ended, and of NAND that was programmed. */
  readBytes = 0;
  writtenBytes = 0;
  programmedBytes = 0;
  private readonly engine: Engine;
  private readonly queues: SubmissionQueues;
  private readonly readyOp: number;
  private readonly pieceOp: number;
  private readonly programOp: number;
  private inController = 0;
  /** When each is free, in fractions of a tick, so that no rate suffers from rounding. */
  private controllerFree = 0;
  private outFree = 0;
  private inFree = 0;
  private programFree = 0;
  private bufferFree: number;
  /** Bytes in the buffer that no program holds yet; moved bytes that none does; programs since each die's last erase; the die whose turn it is. */
  private filling = 0;
  private moving = 0;
  private readonly sinceErase: Int32Array;
  private nextDie = 0;
  /** Commands by row. `pieces`: parts of it not yet over; `sent`: bytes of a write that have found room in the buffer. */
  private kind = new Uint8Array(64);
  private status = new Uint8Array(64);
  private queue = new Uint16Array(64);
  private op = new Uint16Array(64);
  private argument = new Int32Array(64);
  private address = new Float64Array(64);
  private bytes = new Int32Array(64);
  private sent = new Int32Array(64);
  private pieces = new Int32Array(64);
  private start = new Float64Array(64);
  /** Free rows, or writes that wait for room in the buffer. */
  private next = new Int32Array(64);
  private freeRow = NONE;
  private rows = 0;
  private waitingHead = NONE;
  private waitingTail = NONE;

  constructor(engine: Engine, {name, model, queues, ftl}: DriveOptions) {
    assert(queues.length <= 65536, `${name}: ${queues.length} queues`);
    const needed = model.programBytes + Math.max(model.pageBytes, model.indirectionBytes);
    assert(model.bufferBytes >= needed, `${name}: a buffer of ${model.bufferBytes} bytes; writes would wait for ever below ${needed}`);
    this.engine = engine;
    this.model = model;
    this.ftl = ftl;
    this.queues = new SubmissionQueues(queues);
    this.bufferFree = model.bufferBytes;
    // Staggered: dies are programmed in turn, and would else all be erased at once.
    this.sinceErase = Int32Array.from({length: model.flash.dies}, (_, die) => Math.floor((die * model.blockPrograms) / model.flash.dies));
    this.readyOp = engine.on(`${name}.ready`, (row) => this.ready(row));
    this.pieceOp = engine.on(`${name}.piece`, (row) => this.pieceEnded(row));
    this.programOp = engine.on(`${name}.program`, (kind) => this.program(kind));
    this.flash = new FlashArray(engine, name, model.flash, this);
  }

  /** Worn out: the drive can be read only. */
  get worn(): boolean {
    return this.programmedBytes >= this.model.enduranceBytes;
  }

  /** NAND bytes programmed for each byte of the host. */
  get writeAmplification(): number {
    return this.ftl?.writeAmplification ?? 1;
  }

  /** Puts a command into a submission queue; false where that is full. Handler `op` is called with `argument` when it has ended, with latencyTicks and failed set. */
  submit(queue: number, kind: CommandKind, address: number, bytes: number, op: number, argument: number): boolean {
    if (this.queues.full(queue)) return false;
    const row = this.addRow();
    this.kind[row] = kind;
    this.status[row] = 0;
    this.queue[row] = queue;
    this.op[row] = op;
    this.argument[row] = argument;
    this.address[row] = address;
    this.bytes[row] = bytes;
    this.start[row] = this.engine.now;
    this.queues.put(queue, row);
    this.fetch();
    return true;
  }

  /** FlashUser: a page's bytes are out of the array. */
  readEnded(bytes: number, row: number): void {
    if (row === BACKGROUND) return;
    this.outFree = Math.max(this.outFree, this.engine.now) + bytes * this.model.linkTicksPerByte;
    this.engine.at(Math.ceil(this.outFree), this.pieceOp, row);
  }

  /** FlashUser: what was programmed leaves the buffer. */
  programEnded(kind: number): void {
    if (kind !== HOST_PROGRAM) return;
    this.bufferFree += this.model.programBytes;
    this.admitWrites();
  }

  private fetch(): void {
    const {queues, model} = this;
    while (queues.waiting > 0 && this.inController < model.fetchWindow) {
      const row = queues.take();
      this.inController++;
      this.controllerFree = Math.max(this.controllerFree, this.engine.now) + model.controllerTicks;
      const kind = this.kind[row];
      const delay = kind === READ ? model.firmwareTicks : kind === WRITE ? model.writeTicks : 0;
      this.engine.at(Math.ceil(this.controllerFree) + delay, this.readyOp, row);
    }
  }

  /** Firmware has done its part. */
  private ready(row: number): void {
    const kind = this.kind[row];
    if (kind === READ) return this.sense(row);
    if (kind === TRIM) return this.trim(row);
    if (this.worn) {
      this.status[row] = 1;
      return this.end(row);
    }
    this.sent[row] = 0;
    this.pieces[row] = Math.ceil(this.bytes[row] / this.model.pageBytes);
    this.next[row] = NONE;
    if (this.waitingHead === NONE) this.waitingHead = row;
    else this.next[this.waitingTail] = row;
    this.waitingTail = row;
    this.admitWrites();
  }

  /** Reads each page, or part of one, that the command touches. */
  private sense(row: number): void {
    const {pageBytes, senseTicks, flash} = this.model;
    const first = this.address[row];
    const end = first + this.bytes[row];
    let page = Math.floor(first / pageBytes);
    this.pieces[row] = Math.ceil(end / pageBytes) - page;
    for (let at = first; at < end; page++) {
      const to = Math.min(end, (page + 1) * pageBytes);
      const type = Math.floor(page / flash.dies) % senseTicks.length;
      this.flash.read(page % flash.dies, to - at, senseTicks[type], row);
      at = to;
    }
  }

  private pieceEnded(row: number): void {
    if (this.kind[row] === WRITE) this.landed(row);
    if (--this.pieces[row] === 0) this.end(row);
  }

  /** Sends pieces of waiting writes over the link while the buffer has room, first come first served. */
  private admitWrites(): void {
    const {model} = this;
    while (this.waitingHead !== NONE) {
      const row = this.waitingHead;
      while (this.sent[row] < this.bytes[row]) {
        const piece = Math.min(model.pageBytes, this.bytes[row] - this.sent[row]);
        const held = roundUp(piece, model.indirectionBytes);
        if (held > this.bufferFree) return;
        this.bufferFree -= held;
        this.sent[row] += piece;
        this.inFree = Math.max(this.inFree, this.engine.now) + piece * model.linkTicksPerByte;
        this.engine.at(Math.ceil(this.inFree), this.pieceOp, row);
      }
      this.waitingHead = this.next[row];
    }
  }

  /** A piece of a write is in the buffer: map it, and send full programs on their way. */
  private landed(row: number): void {
    const {model, ftl} = this;
    const index = Math.ceil(this.bytes[row] / model.pageBytes) - this.pieces[row];
    const first = this.address[row] + index * model.pageBytes;
    const bytes = Math.min(model.pageBytes, this.bytes[row] - index * model.pageBytes);
    const held = roundUp(bytes, model.indirectionBytes);
    if (held > bytes) this.background(held);
    if (ftl !== null)
      for (let at = first; at < first + bytes; at += model.indirectionBytes)
        ftl.write(Math.floor(at / model.indirectionBytes) % ftl.logicalPages);
    this.filling += held;
    if (ftl !== null) this.moving += held * ftl.movesPerWrite;
    for (; this.filling >= model.programBytes; this.filling -= model.programBytes) this.schedule(HOST_PROGRAM);
    for (; this.moving >= model.programBytes; this.moving -= model.programBytes) this.schedule(MOVE_PROGRAM);
  }

  /** Programs start no closer than the drive's write rate allows. */
  private schedule(kind: number): void {
    const begin = Math.max(this.programFree, this.engine.now);
    this.programFree = begin + this.model.programSpacingTicks;
    this.engine.at(Math.ceil(begin), this.programOp, kind);
  }

  /** One program on the die whose turn it is; what it moves is read first, from wherever it lies. */
  private program(kind: number): void {
    const {model, nextDie} = this;
    if (kind === MOVE_PROGRAM)
      for (let left = model.programBytes; left > 0; left -= model.pageBytes) this.background(Math.min(left, model.pageBytes));
    this.flash.program(nextDie, model.programBytes, kind);
    this.programmedBytes += model.programBytes;
    if (++this.sinceErase[nextDie] >= model.blockPrograms) {
      this.sinceErase[nextDie] = 0;
      if (model.flash.eraseTicks > 0) this.flash.erase(nextDie);
    }
    this.nextDie = (nextDie + 1) % model.flash.dies;
  }

  /** A read that no command waits for; its die comes from a Weyl sequence, which meets all dies evenly and is no stream of chance. */
  private background(bytes: number): void {
    const {flash, senseTicks} = this.model;
    const turn = Math.imul(this.flash.reads + 1, 0x9e3779b1) >>> 0;
    this.flash.read(Math.floor((turn / 4294967296) * flash.dies), bytes, senseTicks[turn % senseTicks.length], BACKGROUND);
  }

  private trim(row: number): void {
    const {ftl, model} = this;
    if (ftl !== null) {
      const first = Math.ceil(this.address[row] / model.indirectionBytes);
      const end = Math.floor((this.address[row] + this.bytes[row]) / model.indirectionBytes);
      for (let page = first; page < end; page++) ftl.trim(page % ftl.logicalPages, 1);
    }
    this.end(row);
  }

  private end(row: number): void {
    const kind = this.kind[row];
    if (kind === READ) this.readBytes += this.bytes[row];
    if (kind === WRITE && this.status[row] === 0) this.writtenBytes += this.bytes[row];
    this.inController--;
    this.queues.release(this.queue[row]);
    this.failed = this.status[row] !== 0;
    this.latencyTicks = this.engine.now - this.start[row];
    this.next[row] = this.freeRow;
    this.freeRow = row;
    this.engine.call(this.op[row], this.argument[row]);
    this.fetch();
  }

  private addRow(): number {
    const row = this.freeRow;
    if (row !== NONE) {
      this.freeRow = this.next[row];
      return row;
    }
    if (this.rows === this.kind.length) this.grow();
    return this.rows++;
  }

  private grow(): void {
    const size = this.kind.length * 2;
    const wider = <T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(column: T, wide: T): T => (wide.set(column), wide);
    this.kind = wider(this.kind, new Uint8Array(size));
    this.status = wider(this.status, new Uint8Array(size));
    this.queue = wider(this.queue, new Uint16Array(size));
    this.op = wider(this.op, new Uint16Array(size));
    this.argument = wider(this.argument, new Int32Array(size));
    this.address = wider(this.address, new Float64Array(size));
    this.bytes = wider(this.bytes, new Int32Array(size));
    this.sent = wider(this.sent, new Int32Array(size));
    this.pieces = wider(this.pieces, new Int32Array(size));
    this.start = wider(this.start, new Float64Array(size));
    this.next = wider(this.next, new Int32Array(size));
  }
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
