/**
 * The models of bench:engine on our engine, each in a process of its own:
 *   node models.mjs hold heap|heap PENDING HOLDS | node models.mjs mmc heap|heap SERVERS CUSTOMERS
 * Prints CPU nanoseconds an event (a hold; two a customer), and the mean wait in ticks. A fifth of the work, in a model of its own, warms the compiler.
 */
import {Stream} from '../../src/base/random.ts';
import {Engine} from '../../src/engine/engine.ts';
import {HeapQueue} from '../../src/engine/heapQueue.ts';
import {LadderQueue} from '../../src/engine/ladderQueue.ts';
import type {EventQueue} from '../../src/engine/queue.ts';

const cpuNs = (): number => {
  const {user, system} = process.cpuUsage();
  return (user + system) * 1000;
};

function hold(queue: EventQueue, pending: number, holds: number): [number, number] {
  const stream = new Stream(7, 'hold');
  const delays = Float64Array.from({length: 65536}, () => Math.round(stream.exponential() * 1e5));
  let order = 0;
  for (let i = 0; i < pending; i++, order++) queue.push(delays[order & 65535], order, 0, i);
  let start = 0;
  for (let i = -holds / 4; i < holds; i++) {
    if (i === 0) start = cpuNs();
    queue.pop(Infinity, Infinity);
    queue.push(queue.time + delays[order & 65535], order, queue.op, queue.argument);
    order++;
  }
  return [(cpuNs() - start) / holds, queue.time];
}

/** Arrivals at 0.8 (one server) or 0.9 of what the servers can do, service of mean 1 ms. State is in fields: V8 boxes a double that a closure assigns. */
class Mmc {
  private readonly engine: Engine;
  private readonly servers: number;
  private readonly customers: number;
  private readonly arrivals = new Stream(1, 'arrivals');
  private readonly services = new Stream(1, 'services');
  private readonly meanArrival: number;
  private readonly waiting = new Float64Array(65536);
  private head = 0;
  private tail = 0;
  private busy = 0;
  private arrived = 0;
  private readonly arriveOp: number;
  private readonly departOp: number;
  served = 0;
  waited = 0;

  constructor(queue: EventQueue, servers: number, customers: number) {
    this.engine = new Engine(queue);
    this.servers = servers;
    this.customers = customers;
    this.meanArrival = 1e6 / ((servers === 1 ? 0.8 : 0.9) * servers);
    this.arriveOp = this.engine.on('arrive', () => this.arrive());
    this.departOp = this.engine.on('depart', () => this.depart());
  }

  run(): number {
    this.nextArrival();
    this.engine.run();
    return this.waited / this.served;
  }

  private arrive(): void {
    if (++this.arrived < this.customers) this.nextArrival();
    if (this.busy < this.servers) {
      this.busy++;
      this.serve();
    } else this.waiting[this.tail++ & 65535] = this.engine.now;
  }

  private depart(): void {
    this.served++;
    if (this.head === this.tail) this.busy--;
    else {
      this.waited += this.engine.now - this.waiting[this.head++ & 65535];
      this.serve();
    }
  }

  private nextArrival(): void {
    this.engine.after(Math.round(this.arrivals.exponential() * this.meanArrival), this.arriveOp, 0);
  }

  private serve(): void {
    this.engine.after(Math.round(this.services.exponential() * 1e6), this.departOp, 0);
  }
}

function mmc(queue: EventQueue, servers: number, customers: number): [number, number] {
  const model = new Mmc(queue, servers, customers);
  const start = cpuNs();
  const wait = model.run();
  return [(cpuNs() - start) / (2 * customers), wait];
}

const [model, kind, size, count] = process.argv.slice(2);
const queue = (): EventQueue => (kind === 'ladder' ? new LadderQueue() : new HeapQueue());
const run = model === 'hold' ? hold : mmc;
run(queue(), Number(size), Number(count) / 5);
const [ns, check] = run(queue(), Number(size), Number(count));
console.log(`${ns.toFixed(4)} ${check.toFixed(1)}`);
