/**
 * Faults of a scenario: at its time something stops, slows or loses what it holds, and later it comes back. A fault closes ways, stops instances, breaks off
 * transfers and takes copies away, in this order, so that whatever begins again already sees what is left. Who is hit knows at once.
 */
import type {Engine} from '../engine/engine.ts';
import type {Metered} from '../engine/stage.ts';
import type {FaultMeter} from '../metrics/records.ts';
import type {Loop} from '../placement/loop.ts';
import type {Fault} from '../scenario/faults.ts';
import type {StepModel} from '../serving/ports.ts';
import type {Serving} from '../serving/serving.ts';
import type {SimulatedCarrier} from './carrier.ts';
import type {ColdStarts} from './coldStart.ts';
import {slowed} from './slowed.ts';
import type {Topology} from './topology.ts';

/** What a fault is on. */
interface Parts {
  readonly instances: readonly number[];
  readonly pools: readonly number[];
  readonly stations: readonly Metered[];
}

/** What was counted as a fault began. */
type Tally = {-readonly [Name in 'transfersCut' | 'lostBlocks' | 'lostBytes' | 'restarts' | 'lostTokens']: FaultMeter[Name]};

export class Faults {
  private readonly engine: Engine;
  private readonly topology: Topology;
  private readonly carrier: SimulatedCarrier;
  private readonly loop: Loop;
  private readonly serving: Serving;
  private readonly coldStarts: ColdStarts;
  private readonly models: readonly StepModel[];
  private readonly faults: readonly Fault[];
  private readonly ticksPerNs: number;
  private readonly parts: readonly Parts[];
  private readonly tallies: Tally[];
  private readonly active = new Set<number>();

  constructor(
    engine: Engine,
    faults: readonly Fault[],
    topology: Topology,
    carrier: SimulatedCarrier,
    loop: Loop,
    serving: Serving,
    coldStarts: ColdStarts,
    models: readonly StepModel[],
    ticksPerNs: number,
  ) {
    this.engine = engine;
    this.faults = faults;
    this.topology = topology;
    this.carrier = carrier;
    this.loop = loop;
    this.serving = serving;
    this.coldStarts = coldStarts;
    this.models = models;
    this.ticksPerNs = ticksPerNs;
    this.parts = faults.map(({on}) => partsOf(topology, on));
    this.tallies = faults.map(() => ({transfersCut: 0, lostBlocks: 0, lostBytes: 0, restarts: 0, lostTokens: 0}));
    if (faults.length === 0) return;
    const beginOp = engine.on('fault.begin', (index) => this.begin(index));
    const endOp = engine.on('fault.end', (index) => this.end(index));
    faults.forEach(({atNs, forNs}, index) => {
      engine.at(Math.round(atNs * ticksPerNs), beginOp, index);
      if (forNs !== null) engine.at(Math.round((atNs + forNs) * ticksPerNs), endOp, index);
    });
  }

  /** What each fault did in a run that ended then, in the scenario's order. */
  meters(endTicks: number): FaultMeter[] {
    return this.faults.map(({on, atNs, forNs, rate}, index) => {
      const gpus = this.parts[index]!.instances.reduce((sum, instance) => sum + this.topology.instances[instance]!.gpus, 0);
      const endNs = Math.min(forNs === null ? Infinity : atNs + forNs, endTicks / this.ticksPerNs);
      const downNs = rate > 0 ? 0 : gpus * Math.max(0, endNs - atNs);
      return {on, atNs, forNs, rate, gpuNsDown: downNs, ...this.tallies[index]!};
    });
  }

  private begin(index: number): void {
    if (!this.serving.busy) return this.engine.stale();
    const {loop, serving, topology, engine} = this;
    const {loses} = this.faults[index]!;
    const {pools} = this.parts[index]!;
    const tally = this.tallies[index]!;
    this.active.add(index);
    const [restarts, tokens] = [serving.dispatch.restarts, serving.dispatch.lostTokens];
    this.apply(index);
    tally.restarts = serving.dispatch.restarts - restarts;
    tally.lostTokens = serving.dispatch.lostTokens - tokens;
    tally.transfersCut = this.carrier.cut();
    this.coldStarts.cut();
    for (const pool of loses > 0 ? pools : []) {
      const before = loop.placement.core.pools[pool]!.lostBlocks;
      loop.lose(engine.now, pool, loses);
      const lost = loop.placement.core.pools[pool]!.lostBlocks - before;
      tally.lostBlocks += lost;
      tally.lostBytes += lost * topology.bytesOfBlock(pool);
    }
    serving.dispatch.resume();
  }

  private end(index: number): void {
    if (!this.active.delete(index)) return this.engine.stale();
    this.apply(index);
    this.serving.dispatch.resume();
  }

  /** Puts every part of a fault at the least rate that the faults of this instant leave it. */
  private apply(index: number): void {
    const {instances, stations} = this.parts[index]!;
    for (const station of stations)
      this.topology.setRate(
        station,
        this.shareOf(station, ({stations: hit}) => hit),
      );
    this.tellRoutes();
    for (const instance of instances) this.setInstance(instance);
  }

  private tellRoutes(): void {
    const {loop, topology, engine} = this;
    const dead = new Set([...this.active].flatMap((index) => (this.faults[index]!.rate === 0 ? this.parts[index]!.pools : [])));
    topology.routes.forEach((_, route) => {
      const rate = topology.rateNow(route, dead);
      if (rate !== loop.placement.core.routeRate[route]) loop.routeRate(engine.now, route, rate);
    });
  }

  private setInstance(instance: number): void {
    const {serving, models, coldStarts} = this;
    const rate = this.shareOf(instance, ({instances}) => instances);
    const {stopped} = serving.instances[instance]!;
    if (rate === 0 && !stopped) serving.dispatch.stop(instance, this.returns(instance));
    if (rate === 0) coldStarts.cancel(instance);
    if (rate > 0 && stopped) coldStarts.begin(instance);
    if (rate > 0) serving.dispatch.pace(instance, rate === 1 ? models[instance]! : slowed(models[instance]!, rate));
  }

  private shareOf<Part>(part: Part, among: (parts: Parts) => readonly Part[]): number {
    let share = 1;
    for (const index of this.active) if (among(this.parts[index]!).includes(part)) share = Math.min(share, this.faults[index]!.rate);
    return share;
  }

  /** Whether every fault that stops the instance now will end. */
  private returns(instance: number): boolean {
    return [...this.active].every((index) => {
      const {rate, forNs} = this.faults[index]!;
      return rate > 0 || forNs !== null || !this.parts[index]!.instances.includes(instance);
    });
  }
}

/** `on` itself, and all whose names begin with it and a dot; a server also has the instances on its GPUs, with all that is theirs. */
function partsOf({instances, pools, stations}: Topology, on: string): Parts {
  const [, owner, ordinal] = /^(instance|server)(\d+)$/.exec(on) ?? [];
  const number = Number(ordinal);
  const hit = instances.filter(({index, server, lastServer}) =>
    owner === 'server' ? server <= number && number <= lastServer : owner === 'instance' && index === number,
  );
  const roots = [on, ...hit.map(({index}) => `instance${index}`)];
  const belongs = (name: string): boolean => roots.some((root) => name === root || name.startsWith(`${root}.`));
  return {
    instances: hit.map(({index}) => index),
    pools: pools.flatMap(({name}, index) => (belongs(name) ? [index] : [])),
    stations: stations.filter(({name}) => belongs(name)).map(({station}) => station),
  };
}
