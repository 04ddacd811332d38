/**
 * A number of equal servers before one queue, first come first served, of jobs that say how long they take: workers, metadata servers, dies. One
 * pending event a busy server, whatever waits. The queue may be bounded: what finds it full is refused.
 */
import {assert} from '../base/assert.ts';
import type {Engine} from './engine.ts';
import {JobRing} from './jobRing.ts';
import {Meter, type StationMeter} from './meter.ts';
import {WorkClock} from './workClock.ts';

export interface ServerOptions {
  readonly name: string;
  readonly servers: number;
  /** Jobs that may wait; any number unless given. */
  readonly waitingMax?: number;
}

/** Instead of a ticket: the queue was full. */
export const REFUSED = -1;
const NONE = -1;
/** Work of a job that was cancelled while it waited. */
const CANCELLED = -1;

export class ServerStation {
  readonly name: string;
  readonly servers: number;
  /** Jobs waiting and in service now. */
  queued = 0;
  refused = 0;
  private readonly engine: Engine;
  private readonly doneOp: number;
  private readonly waitingMax: number;
  private readonly waiting = new JobRing();
  private readonly meters = new Meter();
  /** Ticks at full rate; stands still with the station. */
  private readonly clock = new WorkClock(1);
  private share = 1;
  private busy = 0;
  /** Jobs submitted so far: the number of a job is its ticket. */
  private submitted = 0;
  /** By server: the job in service, when the clock reads its end, whom to call, and the generation of the event that is not stale. */
  private readonly ticket: Float64Array;
  private readonly due: Float64Array;
  private readonly ops: Uint16Array;
  private readonly args: Int32Array;
  private readonly generation: Int32Array;
  private readonly generations: number;
  /** The first of these are idle. */
  private readonly idle: Int32Array;

  constructor(engine: Engine, options: ServerOptions) {
    const {name, servers, waitingMax = Infinity} = options;
    assert(Number.isInteger(servers) && servers > 0 && servers <= 2 ** 20, `${name}: ${servers} servers`);
    assert(waitingMax >= 0, `${name}: a queue of ${waitingMax}`);
    this.engine = engine;
    this.name = name;
    this.servers = servers;
    this.waitingMax = waitingMax;
    this.doneOp = engine.on(`station.${name}`, (argument) => this.done(argument));
    this.ticket = new Float64Array(servers).fill(NONE);
    this.due = new Float64Array(servers);
    this.ops = new Uint16Array(servers);
    this.args = new Int32Array(servers);
    this.generation = new Int32Array(servers);
    this.generations = Math.floor(2 ** 31 / servers);
    this.idle = Int32Array.from({length: servers}, (_, i) => servers - 1 - i);
  }

  /** Handler `op` is called with `argument` when a server has worked on the job for so many ticks. Returns a ticket for cancel(), or REFUSED. */
  submit(serviceTicks: number, op: number, argument: number): number {
    const {busy, servers, waiting} = this;
    if (busy === servers && this.queued - busy >= this.waitingMax) {
      this.refused++;
      return REFUSED;
    }
    this.count();
    this.queued++;
    if (busy === 0) this.clock.reset(this.engine.now);
    const ticket = this.submitted++;
    waiting.push(serviceTicks, op, argument);
    if (busy < servers) this.begin();
    return ticket;
  }

  /** Takes a job back: its handler is not called. False where it has ended or was cancelled before. */
  cancel(ticket: number): boolean {
    const place = ticket - (this.submitted - this.waiting.length);
    const server = place < 0 ? this.ticket.indexOf(ticket) : NONE;
    if (place < 0 ? server === NONE : place >= this.waiting.length || this.waiting.workAt(place) === CANCELLED) return false;
    this.count();
    this.queued--;
    if (place >= 0) this.waiting.setWorkAt(place, CANCELLED);
    else {
      this.turn(server);
      this.leave(server);
    }
    return true;
  }

  /** From now on every server works at this share of its rate, 0 to 1 (or more). Work in flight slows with it. */
  setRate(share: number): void {
    assert(share >= 0 && share < Infinity, `${this.name}: a rate of ${share}`);
    if (share === this.share) return;
    this.share = share;
    this.clock.setRate(this.engine.now, share);
    for (let server = 0; server < this.servers; server++) {
      if (this.ticket[server] === NONE) continue;
      this.turn(server);
      this.schedule(server);
    }
  }

  meter(): StationMeter {
    this.count();
    return this.meters.read();
  }

  /** An idle server takes the first job that waits, if any does. */
  private begin(): void {
    const {waiting, servers} = this;
    let work = CANCELLED;
    while (waiting.length > 0 && work === CANCELLED) work = waiting.shift();
    if (work === CANCELLED) return;
    const server = this.idle[servers - ++this.busy];
    this.ticket[server] = this.submitted - waiting.length - 1;
    this.due[server] = this.clock.read(this.engine.now) + work;
    this.ops[server] = waiting.op;
    this.args[server] = waiting.argument;
    this.schedule(server);
  }

  private schedule(server: number): void {
    const end = this.clock.when(this.due[server]);
    if (end < Infinity) this.engine.at(end, this.doneOp, this.generation[server] * this.servers + server);
  }

  private done(argument: number): void {
    const server = argument % this.servers;
    if (argument !== this.generation[server] * this.servers + server) return this.engine.stale();
    this.count();
    this.queued--;
    this.meters.operations++;
    const op = this.ops[server];
    const operand = this.args[server];
    this.leave(server);
    this.engine.call(op, operand);
  }

  /** The server's job is no longer its own. */
  private leave(server: number): void {
    this.ticket[server] = NONE;
    this.idle[this.servers - this.busy--] = server;
    this.begin();
  }

  /** The server's event, if one is pending, becomes stale. */
  private turn(server: number): void {
    this.generation[server] = (this.generation[server] + 1) % this.generations;
  }

  private count(): void {
    this.meters.advance(this.engine.now, this.queued, this.busy);
  }
}
