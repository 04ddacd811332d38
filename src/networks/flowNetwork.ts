/**
 * Flows over links, max-min fair. A path is a stage: bytes submitted to it are a flow that crosses all its links at one rate, which changes
 * whenever a flow begins or ends somewhere in the same component. Begin and end of one instant are solved once, at its end.
 *
 * Time is whole ticks. The flows of a path share a clock (bytes that each has moved since the path was last idle), so a change of rate costs a
 * path one addition, however many flows it has. A flow ends at the first tick at which it has all its bytes; what its share could have
 * moved in the rest of that tick goes to the path's next flow if one begins in that same tick, so n flows of b bytes, one after another,
 * end when one of n x b would. One pending event for the whole network.
 */
import {assert} from '../base/assert.ts';
import type {Engine} from '../engine/engine.ts';
import type {StationMeter} from '../engine/meter.ts';
import type {Metered, Stage} from '../engine/stage.ts';
import {Departures} from './departures.ts';
import {Flows} from './flows.ts';
import {Gates} from './gates.ts';
import {grown, NONE} from './columns.ts';
import {MaxMin} from './maxMin.ts';
import {Crowd} from './crowd.ts';

export interface LinkOptions {
  readonly name: string;
  readonly bytesPerSecond: number;
  /** Follows the bytes, and occupies nothing. */
  readonly latencyTicks?: number;
  /** Flows in flight at most; others wait, in order. Default no limit. */
  readonly flowsMax?: number;
}

export interface PathOptions {
  readonly name: string;
  readonly links: readonly NetworkLink[];
  /** By link: which part of the bytes crosses it, where a flow is striped over several ways whose parts end together. Default all of them. */
  readonly parts?: readonly number[];
  /** Beyond that of its links. */
  readonly latencyTicks?: number;
  /** Share of each flow where a link is full, relative to others'. Default 1. */
  readonly weight?: number;
  /** Rate of one flow at most. */
  readonly flowBytesPerSecondMax?: number;
  /** Flows in flight at most; 1 is a queue pair that is served first come, first served. Default no limit. */
  readonly flowsMax?: number;
}

/** Part of a tick's work that rounding may take away: 300.00000000000006 ticks are 300. A rate is met to one part in 2^40. */
const ROUNDING = 1 - 2 ** -40;
/** Among the late events of an instant, after whatever may still begin a flow. */
const RANK = 2 ** 40;

export class FlowNetwork {
  readonly engine: Engine;
  private readonly ticksPerSecond: number;
  private readonly departOp: number;
  private readonly settleOp: number;
  private readonly maxMin = new MaxMin();
  private readonly flows = new Flows();
  private readonly gates = new Gates(this.flows);
  private readonly departures = new Departures();
  private readonly links: NetworkLink[] = [];
  private readonly paths: NetworkPath[] = [];
  /** By link: the gate of its card, or NONE. */
  private readonly gateOfLink: number[] = [];
  /** By path: bytes that each of its flows has moved, when that was, the rate of each since then, the root of its flows, and how many they are. */
  private clock = new Float64Array(16);
  private since = new Float64Array(16);
  private rate = new Float64Array(16);
  private root = new Int32Array(16);
  private inFlight = new Int32Array(16);
  /** By path: bytes left over in the tick `since`. */
  private unused = new Float64Array(16);
  /** Paths whose first flow has changed since the last settling. */
  private moved = new Int32Array(16);
  private isMoved = new Uint8Array(16);
  private movedCount = 0;
  /** Paths whose links have yet to be told what has passed. */
  private readonly untold: NetworkPath[] = [];
  private ended = new Int32Array(64);
  /** When the earliest pending event is, and the instant that will be settled. */
  private pendingAt = Infinity;
  private settlesAt = -1;
  private departing = false;

  constructor(engine: Engine, options: {readonly name?: string; readonly ticksPerSecond?: number} = {}) {
    const name = options.name ?? 'network';
    this.engine = engine;
    this.ticksPerSecond = options.ticksPerSecond ?? 1e9;
    this.departOp = engine.on(`${name}.depart`, () => this.depart());
    this.settleOp = engine.on(`${name}.settle`, () => this.settle());
  }

  link(options: LinkOptions): NetworkLink {
    assert(options.bytesPerSecond > 0, `${options.name}: a rate of ${options.bytesPerSecond} B/s`);
    const index = this.maxMin.addLink(options.bytesPerSecond / this.ticksPerSecond);
    const link = new NetworkLink(this, index, options, this.ticksPerSecond);
    this.links.push(link);
    this.gateOfLink.push(options.flowsMax === undefined ? NONE : this.gates.add(options.flowsMax));
    return link;
  }

  path(options: PathOptions): NetworkPath {
    const links = options.links.map((link) => link.index);
    const flowRateMax = options.flowBytesPerSecondMax === undefined ? Infinity : options.flowBytesPerSecondMax / this.ticksPerSecond;
    const parts = options.parts === undefined ? {} : {parts: options.parts};
    const index = this.maxMin.addPath({links, ...parts, weight: options.weight ?? 1, flowRateMax});
    if (index === this.root.length) this.growPaths();
    this.departures.add();
    this.root[index] = NONE;
    const gates = links.map((link) => this.gateOfLink[link]).filter((gate) => gate !== NONE);
    if (options.flowsMax !== undefined) gates.push(this.gates.add(options.flowsMax));
    this.gates.addPath(gates);
    const path = new NetworkPath(this, index, options, this.ticksPerSecond);
    this.paths.push(path);
    return path;
  }

  /** A path's submit(): a flow begins, or waits at a gate. */
  submit(path: number, bytes: number, op: number, argument: number): void {
    assert(bytes > 0, `${this.paths[path].name}: a flow of ${bytes} bytes`);
    this.paths[path].crowd.change(this.engine.now, 1);
    const row = this.flows.add(path, bytes, op, argument);
    if (this.gates.enter(row)) this.begin(row);
    else {
      this.move(path);
      this.settleLater();
    }
  }

  /** A link's setRate(). */
  setCapacity(link: number, bytesPerSecond: number): void {
    this.maxMin.setCapacity(link, bytesPerSecond / this.ticksPerSecond);
    this.settleLater();
  }

  /** A path's setRate(): all of its flows together. */
  setPathRateMax(path: number, bytesPerSecond: number): void {
    this.maxMin.setPathRateMax(path, bytesPerSecond / this.ticksPerSecond);
    this.settleLater();
  }

  /** Bytes per second of each flow of a path now. */
  flowBytesPerSecond(path: number): number {
    return this.inFlight[path] === 0 ? 0 : this.rate[path] * this.ticksPerSecond;
  }

  private begin(row: number): void {
    const path = this.flows.path[row];
    const {now} = this.engine;
    if (this.since[path] !== now) {
      if (this.inFlight[path] === 0) this.clock[path] = 0;
      this.advance(path, now);
    }
    const bytes = this.flows.bytes[row];
    const given = Math.min(bytes, this.unused[path]);
    this.unused[path] -= given;
    this.root[path] = this.flows.insert(this.root[path], row, this.clock[path] + (bytes - given));
    this.maxMin.setFlows(path, ++this.inFlight[path]);
    this.move(path);
    if (!this.departing) this.settleLater();
  }

  /** The event of the network: whatever has all its bytes by now ends. */
  private depart(): void {
    const {engine, departures, flows, paths} = this;
    const {now} = engine;
    if (now !== this.pendingAt) return engine.stale();
    this.pendingAt = Infinity;
    let count = 0;
    while (departures.firstAt() <= now) count = this.departFrom(departures.first(), now, count);
    if (count === 0) {
      engine.stale();
      return this.schedule();
    }
    this.departing = true;
    const {ended} = this;
    // Those that wait come before whatever the ends below bring about.
    for (let i = 0; i < count; i++) this.admit(flows.path[ended[i]]);
    for (let i = 0; i < count; i++) {
      const row = ended[i];
      const op = flows.op[row];
      const argument = flows.argument[row];
      const {latencyTicks} = paths[flows.path[row]];
      flows.remove(row);
      if (latencyTicks === 0) engine.call(op, argument);
      else engine.after(latencyTicks, op, argument);
    }
    this.departing = false;
    // Where each flow that ended was followed by another of its path, as slabs of one transfer are, all rates stay.
    if (this.maxMin.changed()) this.settleLater();
    else this.dueAgain();
  }

  /** Ends what is due on one path, into `ended` from `count` on; returns the new count. */
  private departFrom(path: number, now: number, count: number): number {
    const {flows} = this;
    const {passed, crowd} = this.paths[path];
    if (passed.flows === passed.flowsTold) this.untold.push(this.paths[path]);
    const clock = this.clock[path] + this.rate[path] * (now - this.since[path]);
    let root = this.root[path];
    let unused = 0;
    let next = count;
    do {
      const bytes = flows.bytes[root];
      unused += Math.max(0, clock - flows.mark[root]);
      passed.bytes += bytes;
      passed.flows++;
      crowd.change(now, -1);
      if (next === this.ended.length) this.growEnded();
      this.ended[next++] = root;
      root = flows.pop(root);
    } while (root !== NONE && this.dueAt(path, root) <= now);
    this.clock[path] = clock;
    this.since[path] = now;
    this.unused[path] = unused;
    this.root[path] = root;
    this.inFlight[path] -= next - count;
    this.maxMin.setFlows(path, this.inFlight[path]);
    this.departures.set(path, Infinity);
    this.move(path);
    return next;
  }

  /** Brings the counters of all links up to what has passed. */
  tellPassed(): void {
    for (const path of this.untold) path.tellPassed();
    this.untold.length = 0;
  }

  /** A flow of this path has ended; those that wait for its places come in. */
  private admit(path: number): void {
    this.gates.leave(path);
    for (const gate of this.gates.gates(path))
      for (let row = this.gates.take(gate); row !== NONE; row = this.gates.take(gate)) this.begin(row);
  }

  /** The last thing of an instant: new rates, and the tick of the next end. */
  private settle(): void {
    this.settlesAt = -1;
    const {maxMin, rate, departures} = this;
    const {now} = this.engine;
    const count = maxMin.solve();
    for (let i = 0; i < count; i++) {
      const path = maxMin.touched[i];
      const solved = maxMin.rate[path];
      if (solved === rate[path]) continue;
      this.advance(path, now);
      rate[path] = solved;
      departures.set(path, this.dueAt(path, this.root[path]));
    }
    this.dueAgain();
  }

  /** For each path whose flows have changed: when its first one ends, and how many its links count; and the event for the earliest end. */
  private dueAgain(): void {
    const {departures} = this;
    const {now} = this.engine;
    for (let i = 0; i < this.movedCount; i++) {
      const path = this.moved[i];
      this.isMoved[path] = 0;
      this.paths[path].tellLinks(now);
      if (this.root[path] !== NONE) departures.set(path, this.dueAt(path, this.root[path]));
    }
    this.movedCount = 0;
    this.schedule();
  }

  /** The first tick at which a flow has all its bytes, if rates stay as they are. */
  private dueAt(path: number, row: number): number {
    const left = this.flows.mark[row] - this.clock[path];
    if (left <= 0) return this.since[path];
    const rate = this.rate[path];
    return rate === 0 ? Infinity : this.since[path] + Math.ceil((left / rate) * ROUNDING);
  }

  private advance(path: number, now: number): void {
    if (this.inFlight[path] > 0) this.clock[path] += this.rate[path] * (now - this.since[path]);
    if (this.since[path] !== now) this.unused[path] = 0;
    this.since[path] = now;
  }

  private move(path: number): void {
    if (this.isMoved[path] === 1) return;
    this.isMoved[path] = 1;
    this.moved[this.movedCount++] = path;
  }

  private settleLater(): void {
    const {now} = this.engine;
    if (this.settlesAt === now) return;
    this.settlesAt = now;
    this.engine.atLast(now, RANK + this.settleOp, this.settleOp, 0);
  }

  /** An event that comes too early finds nothing due and is counted nowhere; so the earliest pending one is enough. */
  private schedule(): void {
    const first = this.departures.firstAt();
    if (first >= this.pendingAt) return;
    this.pendingAt = first;
    this.engine.at(first, this.departOp, 0);
  }

  private growEnded(): void {
    this.ended = grown(this.ended, new Int32Array(this.ended.length * 2));
  }

  private growPaths(): void {
    const size = this.root.length * 2;
    this.clock = grown(this.clock, new Float64Array(size));
    this.since = grown(this.since, new Float64Array(size));
    this.rate = grown(this.rate, new Float64Array(size));
    this.root = grown(this.root, new Int32Array(size));
    this.inFlight = grown(this.inFlight, new Int32Array(size));
    this.unused = grown(this.unused, new Float64Array(size));
    this.moved = grown(this.moved, new Int32Array(size));
    this.isMoved = grown(this.isMoved, new Uint8Array(size));
  }
}

/** One direction of a cable, a bus or a switch's uplink. */
export class NetworkLink implements Metered {
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly latencyTicks: number;
  readonly index: number;
  /** Flows on it, those that wait included, as of the end of the last instant in which that changed. */
  readonly crowd = new Crowd();
  /** What has ended, as of the last tellPassed(). */
  readonly passed = {bytes: 0, flows: 0};
  private readonly network: FlowNetwork;
  private readonly ticksPerSecond: number;

  constructor(network: FlowNetwork, index: number, options: LinkOptions, ticksPerSecond: number) {
    this.network = network;
    this.index = index;
    this.name = options.name;
    this.bytesPerSecond = options.bytesPerSecond;
    this.latencyTicks = options.latencyTicks ?? 0;
    this.ticksPerSecond = ticksPerSecond;
  }

  get queued(): number {
    return this.crowd.present;
  }

  /** Bytes count when a flow ends, whole. */
  meter(): StationMeter {
    this.network.tellPassed();
    const {bytes, flows} = this.passed;
    return {
      busyTicks: (bytes * this.ticksPerSecond) / this.bytesPerSecond,
      bytes,
      operations: flows,
      queuedTicks: this.crowd.ticks(this.network.engine.now),
      queuedMax: this.crowd.most,
    };
  }

  setRate(share: number): void {
    assert(share >= 0, `${this.name}: a rate of ${share}`);
    this.network.setCapacity(this.index, this.bytesPerSecond * share);
  }
}

/** A way over links, as a stage: each submitted job is a flow. */
export class NetworkPath implements Stage {
  readonly name: string;
  /** Of its slowest link, or of one flow's limit where flows are one at a time. */
  readonly bytesPerSecond: number;
  readonly latencyTicks: number;
  readonly links: readonly NetworkLink[];
  /** By link: which part of the bytes crosses it. */
  readonly parts: readonly number[];
  readonly crowd = new Crowd();
  /** What has ended, and how much of it the links have been told. */
  readonly passed = {bytes: 0, flows: 0, bytesTold: 0, flowsTold: 0};
  private told = 0;
  private readonly network: FlowNetwork;
  private readonly index: number;
  private readonly ticksPerSecond: number;

  constructor(network: FlowNetwork, index: number, options: PathOptions, ticksPerSecond: number) {
    this.network = network;
    this.index = index;
    this.name = options.name;
    this.links = options.links;
    this.parts = options.parts ?? options.links.map(() => 1);
    this.bytesPerSecond = Math.min(
      ...options.links.map((link, i) => link.bytesPerSecond / this.parts[i]),
      (options.flowBytesPerSecondMax ?? Infinity) * (options.flowsMax ?? Infinity),
    );
    this.latencyTicks = options.links.reduce((sum, link) => sum + link.latencyTicks, options.latencyTicks ?? 0);
    this.ticksPerSecond = ticksPerSecond;
  }

  get queued(): number {
    return this.crowd.present;
  }

  /** Bytes per second of each of its flows now. */
  get flowBytesPerSecond(): number {
    return this.network.flowBytesPerSecond(this.index);
  }

  submit(bytes: number, op: number, argument: number): void {
    this.network.submit(this.index, bytes, op, argument);
  }

  meter(): StationMeter {
    const {passed, crowd} = this;
    return {
      busyTicks: (passed.bytes * this.ticksPerSecond) / this.bytesPerSecond,
      bytes: passed.bytes,
      operations: passed.flows,
      queuedTicks: crowd.ticks(this.network.engine.now),
      queuedMax: crowd.most,
    };
  }

  /** Links count the flows of a path where their number has changed; that one took the place of another is nothing to them. */
  tellLinks(now: number): void {
    const by = this.crowd.present - this.told;
    if (by === 0) return;
    this.told += by;
    for (const link of this.links) link.crowd.change(now, by);
  }

  tellPassed(): void {
    const {passed, links, parts} = this;
    for (let i = 0; i < links.length; i++) {
      links[i].passed.bytes += parts[i] * (passed.bytes - passed.bytesTold);
      links[i].passed.flows += passed.flows - passed.flowsTold;
    }
    passed.bytesTold = passed.bytes;
    passed.flowsTold = passed.flows;
  }

  setRate(share: number): void {
    assert(share >= 0, `${this.name}: a rate of ${share}`);
    this.network.setPathRateMax(this.index, this.bytesPerSecond * share);
  }
}
