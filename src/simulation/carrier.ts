/**
 * Carries commands over simulated stages. A transfer is a pipeline: it is cut into slabs, each slab passes the stages of its route in order,
 * and the next slab enters a stage as the one before leaves it. Alone it takes its slowest stage plus the filling of the others; together,
 * transfers share each station slab by slab. The bytes of a slab are charged to every stage, so none moves more than its rate allows.
 */
import {assert} from '../base/assert.ts';
import type {Engine} from '../engine/engine.ts';
import type {Stage} from '../engine/stage.ts';
import {CUT, DONE, NONE, type Carrier, type Commands, type PoolIndex, type Ticks, type TransferId} from '../placement/ports.ts';

/** What the carrier knows of the ways between pools. */
export interface Ways {
  route(
    source: PoolIndex,
    target: PoolIndex,
    way: number,
  ): {readonly stages: Stages; /** Between submission and the first byte. */ readonly startUpTicks: Ticks; readonly isOpen: boolean};
}

/** Stages of a route at most; (flow, stage) is packed into an event's argument. */
const STAGES_MAX = 16;

/** The stages that a transfer passes, in order. */
export type Stages = readonly Stage[];

export class SimulatedCarrier implements Carrier {
  /** While true, transfers take no time: tiers are filled by placement alone. */
  instant = false;
  private readonly engine: Engine;
  private readonly slabBytes: number;
  private readonly ways: Ways;
  private readonly passedOp: number;
  private readonly beginOp: number;
  private readonly instantOp: number;
  private readonly brokenOp: number;
  private ended: (transfer: TransferId, outcome: number) => void = () => {};
  private timed: (source: PoolIndex, target: PoolIndex, way: number, ticks: Ticks) => void = () => {};
  /** Columns by flow: the transfer (NONE: broken off, or no flow), when, between which pools and which way it began, its slabs, the size of the last one, and how many have passed each stage. */
  private transfer = new Float64Array(64);
  private begunAt = new Float64Array(64);
  private source = new Int32Array(64);
  private target = new Int32Array(64);
  private way = new Uint8Array(64);
  private slabs = new Int32Array(64);
  private lastBytes = new Float64Array(64);
  private passed = new Int32Array(64 * STAGES_MAX);
  /** Slabs in some stage, and the wait for the first byte: events that will still name the flow. */
  private underWay = new Int32Array(64);
  private readonly stages: Stages[] = [];
  private readonly freeFlows: number[] = [];
  private flows = 0;

  constructor(engine: Engine, slabBytes: number, ways: Ways) {
    this.engine = engine;
    this.slabBytes = slabBytes;
    this.ways = ways;
    this.passedOp = engine.on('carrier.passed', (argument) => this.pass(argument));
    this.beginOp = engine.on('carrier.begin', (flow) => this.begin(flow));
    this.instantOp = engine.on('carrier.instant', (flow) => this.end(flow));
    this.brokenOp = engine.on('carrier.broken', (flow) => this.breakOff(flow));
  }

  /** Who is told that a transfer has ended. */
  onEnd(ended: (transfer: TransferId, outcome: number) => void): void {
    this.ended = ended;
  }

  /** Who is told how long each transfer took, those that took no time apart. */
  onTimed(timed: (source: PoolIndex, target: PoolIndex, way: number, ticks: Ticks) => void): void {
    this.timed = timed;
  }

  submit(now: Ticks, commands: Commands, row: number): void {
    const flow = this.freeFlows.pop() ?? this.addFlow();
    const bytes = commands.bytes[row];
    const {stages, startUpTicks, isOpen} = this.ways.route(commands.source[row], commands.target[row], commands.way[row]);
    assert(stages.length > 0 && stages.length <= STAGES_MAX && bytes > 0, `a transfer of ${bytes} bytes over ${stages.length} stages`);
    this.transfer[flow] = commands.transfer[row];
    this.begunAt[flow] = now;
    this.source[flow] = commands.source[row];
    this.target[flow] = commands.target[row];
    this.way[flow] = commands.way[row];
    this.slabs[flow] = Math.ceil(bytes / this.slabBytes);
    this.lastBytes[flow] = bytes - (this.slabs[flow] - 1) * this.slabBytes;
    this.stages[flow] = stages;
    this.passed.fill(0, flow * STAGES_MAX, flow * STAGES_MAX + stages.length);
    if (!isOpen) this.engine.at(now, this.brokenOp, flow);
    else if (this.instant) this.engine.at(now, this.instantOp, flow);
    else this.start(now, flow, startUpTicks);
  }

  /** Breaks off what is on ways that are closed now; returns how many transfers that were. Slabs that are in a stage pass it, for nobody. */
  cut(): number {
    let count = 0;
    const flows = this.flows;
    for (let flow = 0; flow < flows; flow++) {
      if (this.transfer[flow] === NONE || this.underWay[flow] === 0) continue;
      if (this.ways.route(this.source[flow], this.target[flow], this.way[flow]).isOpen) continue;
      count++;
      this.breakOff(flow);
    }
    return count;
  }

  flush(): void {}

  private start(now: Ticks, flow: number, startUp: Ticks): void {
    if (startUp === 0) return this.enter(flow, 0, 0);
    this.underWay[flow]++;
    this.engine.at(now + startUp, this.beginOp, flow);
  }

  private begin(flow: number): void {
    this.underWay[flow]--;
    if (this.transfer[flow] === NONE) this.recycle(flow);
    else this.enter(flow, 0, 0);
  }

  /** Slab `slab` of a flow enters a stage. */
  private enter(flow: number, stage: number, slab: number): void {
    const bytes = slab === this.slabs[flow] - 1 ? this.lastBytes[flow] : this.slabBytes;
    this.underWay[flow]++;
    this.stages[flow][stage].submit(bytes, this.passedOp, flow * STAGES_MAX + stage);
  }

  /** A slab has left a stage: on to the next one; behind it the next slab comes in. */
  private pass(argument: number): void {
    const stage = argument % STAGES_MAX;
    const flow = (argument - stage) / STAGES_MAX;
    const slab = this.passed[argument]++;
    this.underWay[flow]--;
    if (this.transfer[flow] === NONE) return this.recycle(flow);
    if (stage === 0 && slab + 1 < this.slabs[flow]) this.enter(flow, 0, slab + 1);
    if (stage + 1 < this.stages[flow].length) this.enter(flow, stage + 1, slab);
    else if (slab + 1 === this.slabs[flow]) this.end(flow);
  }

  private end(flow: number): void {
    const transfer = this.transfer[flow];
    if (!this.instant) this.timed(this.source[flow], this.target[flow], this.way[flow], this.engine.now - this.begunAt[flow]);
    this.transfer[flow] = NONE;
    this.freeFlows.push(flow);
    this.ended(transfer, DONE);
  }

  private breakOff(flow: number): void {
    const transfer = this.transfer[flow];
    this.transfer[flow] = NONE;
    this.recycle(flow);
    this.ended(transfer, CUT);
  }

  /** The row of a flow that was broken off is free once nothing names it any more. */
  private recycle(flow: number): void {
    if (this.underWay[flow] === 0) this.freeFlows.push(flow);
  }

  private addFlow(): number {
    const flow = this.flows++;
    assert(flow < 2 ** 27, 'too many transfers in flight');
    if (flow === this.transfer.length) {
      const {transfer, begunAt, source, target, way, slabs, lastBytes, passed, underWay} = this;
      (this.transfer = new Float64Array(flow * 2)).set(transfer);
      (this.begunAt = new Float64Array(flow * 2)).set(begunAt);
      (this.source = new Int32Array(flow * 2)).set(source);
      (this.target = new Int32Array(flow * 2)).set(target);
      (this.way = new Uint8Array(flow * 2)).set(way);
      (this.slabs = new Int32Array(flow * 2)).set(slabs);
      (this.lastBytes = new Float64Array(flow * 2)).set(lastBytes);
      (this.passed = new Int32Array(flow * 2 * STAGES_MAX)).set(passed);
      (this.underWay = new Int32Array(flow * 2)).set(underWay);
    }
    return flow;
  }
}
