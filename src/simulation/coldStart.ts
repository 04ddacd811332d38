/**
 * Instances that start: weights come from a tier over the stations that blocks pass, in competition with them, then processes, memory and graphs take a
 * fixed time; then the instance takes requests. A start that its own fault interrupts is forgotten; one whose way breaks off begins again.
 */
import type {Engine} from '../engine/engine.ts';
import {Histogram} from '../metrics/histogram.ts';
import {DONE, NONE, type Commands} from '../placement/ports.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {SimulatedCarrier} from './carrier.ts';
import type {Topology} from './topology.ts';

/** Until a start whose way is closed is tried again. */
const RETRY_NS = 1e9;

export class ColdStarts {
  /** Nanoseconds from the call to readiness. */
  readonly durations = new Histogram();
  private readonly engine: Engine;
  private readonly topology: Topology;
  private readonly ready: (instance: number) => void;
  private readonly source: number | null;
  private readonly overheadTicks: number;
  private readonly ticksPerNs: number;
  private readonly carrier: SimulatedCarrier | null;
  private readonly readyOp: number = NONE;
  private readonly retryOp: number = NONE;
  /** By instance: when its start began; NaN: it is not starting. */
  private readonly began: Float64Array;
  /** And when the event comes that takes it further; others are stale. */
  private readonly due: Float64Array;

  /** `ready` is told of every instance that may take requests. */
  constructor(engine: Engine, scenario: Scenario, topology: Topology, ticksPerNs: number, ready: (instance: number) => void) {
    const {weightsFrom, overheadNs} = scenario.serving.coldStart;
    this.engine = engine;
    this.topology = topology;
    this.ready = ready;
    this.ticksPerNs = ticksPerNs;
    this.overheadTicks = Math.round(overheadNs * ticksPerNs);
    this.began = new Float64Array(topology.instances.length).fill(NaN);
    this.due = new Float64Array(topology.instances.length).fill(NaN);
    this.source = weightsFrom === null ? null : scenario.tiers.findIndex(({name}) => name === weightsFrom);
    this.carrier = this.source === null ? null : new SimulatedCarrier(engine, scenario.kv.slabBytes, topology);
    if (this.source === null && overheadNs === 0) return;
    this.readyOp = engine.on('coldStart.ready', (instance) => this.end(instance));
    this.retryOp = engine.on('coldStart.retry', (instance) => this.retry(instance));
    this.carrier?.onEnd((instance, outcome) => this.loaded(instance, outcome));
  }

  /** An instance may start, now or once it has what it needs. */
  begin(instance: number): void {
    if (!Number.isNaN(this.began[instance])) return;
    if (this.readyOp === NONE) return this.ready(instance);
    this.began[instance] = this.engine.now;
    this.load(instance);
  }

  /** It may not after all. */
  cancel(instance: number): void {
    this.began[instance] = NaN;
    this.due[instance] = NaN;
  }

  /** Ways have closed. */
  cut(): void {
    this.carrier?.cut();
  }

  private load(instance: number): void {
    if (this.source === null) return this.loaded(instance, DONE);
    const {pool, ledger} = this.topology.instances[instance]!;
    this.carrier!.submit(this.engine.now, weights(instance, this.topology.poolAt(instance, this.source), pool, ledger.weightBytes), 0);
  }

  private loaded(instance: number, outcome: number): void {
    if (Number.isNaN(this.began[instance])) return;
    const delay = outcome === DONE ? this.overheadTicks : Math.round(RETRY_NS * this.ticksPerNs);
    this.due[instance] = this.engine.now + delay;
    this.engine.at(this.due[instance]!, outcome === DONE ? this.readyOp : this.retryOp, instance);
  }

  private retry(instance: number): void {
    if (this.due[instance] !== this.engine.now) return this.engine.stale();
    this.load(instance);
  }

  private end(instance: number): void {
    if (this.due[instance] !== this.engine.now) return this.engine.stale();
    this.durations.record((this.engine.now - this.began[instance]!) / this.ticksPerNs);
    this.began[instance] = NaN;
    this.ready(instance);
  }
}

function weights(instance: number, source: number, target: number, bytes: number): Commands {
  return {
    count: 1,
    kind: Uint8Array.of(0),
    transfer: Float64Array.of(instance),
    source: Int32Array.of(source),
    target: Int32Array.of(target),
    way: Uint8Array.of(0),
    tip: Int32Array.of(NONE),
    blocks: Int32Array.of(0),
    bytes: Float64Array.of(bytes),
  };
}
