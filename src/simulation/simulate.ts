/** The whole pipeline in one function: scenario -> workload -> engine -> devices, networks, gpus -> placement -> metrics. */
import {assert} from '../base/assert.ts';
import {Stream} from '../base/random.ts';
import {Engine} from '../engine/engine.ts';
import type {EventQueue} from '../engine/queue.ts';
import {stepModelOf} from '../gpus/stepModel.ts';
import {Histogram} from '../metrics/histogram.ts';
import {Metrics} from '../metrics/metrics.ts';
import type {Latencies} from '../metrics/latencies.ts';
import type {IntervalRecord, RequestRecord, RunInfo, SessionRecord, StepsRecord, TransferRecord} from '../metrics/records.ts';
import type {Summary} from '../metrics/summary.ts';
import {AccessLog} from '../placement/accessLog.ts';
import {Journal} from '../placement/journal.ts';
import {Loop} from '../placement/loop.ts';
import {routeChoices} from '../placement/paths/choices.ts';
import type {RouteChoice} from '../placement/paths/ways.ts';
import type {Placement} from '../placement/placement.ts';
import type {PlacementConfig} from '../placement/ports.ts';
import type {WordSink} from '../placement/wordStream.ts';
import type {NetworkName} from '../scenario/networks.ts';
import type {Scenario} from '../scenario/scenario.ts';
import type {StepModel} from '../serving/ports.ts';
import {Serving, type ServingConfig} from '../serving/serving.ts';
import type {WorkloadSource} from '../workload/ports.ts';
import {Background} from './background.ts';
import {joulesPerNs, pricePerNs} from './byteCost.ts';
import {SimulatedCarrier} from './carrier.ts';
import {ColdStarts} from './coldStart.ts';
import {Faults} from './faults.ts';
import {Meters} from './meters.ts';
import {ticksPerSecond, Topology} from './topology.ts';
import {TransferWatch} from './transferWatch.ts';
import {SimulatedWorld} from './world.ts';

/** Who watches a run. Records are reused: copy what is kept. */
export interface RunObserver {
  /** Before anything happens: names and sizes. */
  begin?(info: RunInfo): void;
  request?(record: RequestRecord): void;
  session?(record: SessionRecord): void;
  interval?(record: IntervalRecord): void;
  /** Steps of instances, as they end. */
  steps?(record: StepsRecord): void;
  /** Transfers, as they end. */
  transfer?(record: TransferRecord): void;
  /** At the end of time, before the summary: the measured latencies, in nanoseconds. */
  measured?(latencies: {readonly ttft: Latencies; readonly itl: Histogram}): void;
  progress?(done: {readonly requests: number; readonly simulatedNs: number}): void;
  /** Every input of the brain, for replay (placement/journal.ts). */
  journal?: WordSink;
  /** After the journal's last words: the digest of all commands, which its replay must give. */
  journalEnd?(commandDigest: string): void;
  /** What each pool is asked for (placement/accessLog.ts). */
  accesses?: WordSink;
}

export interface RunOptions {
  /** Instead of the heap: any queue gives the same digest. */
  readonly queue?: EventQueue;
  readonly version?: string;
}

/** Intervals are ten seconds unless the scenario says otherwise. */
const INTERVAL_NS = 10e9;
/** Tokens at which the price of recomputing is fitted: between a chat turn and a long agent's context. */
const RECOMPUTE_FIT = 32768;

/** Runs a scenario to its end. Same scenario, same workload: same summary, same records, bit for bit, digest included. */
export function simulate(scenario: Scenario, source: WorkloadSource, observer: RunObserver = {}, options: RunOptions = {}): Summary {
  const engine = new Engine(options.queue);
  const world = new SimulatedWorld(engine);
  const topology = new Topology(engine, scenario);
  const carrier = new SimulatedCarrier(engine, scenario.kv.slabBytes, topology);
  const models = modelsOf(scenario, topology);
  const journal = observer.journal === undefined ? null : new Journal(observer.journal);
  const watch =
    observer.transfer === undefined
      ? null
      : new TransferWatch(carrier, topology, ticksPerSecond(scenario) / 1e9, (record) => serving.measuring && observer.transfer?.(record));
  const loop = new Loop(placementConfig(scenario, topology, models[0]), watch ?? carrier, journal);
  const serving: Serving = createServing(
    scenario,
    servingConfig(scenario, topology, models),
    world,
    loop,
    source,
    observer,
    (...gap) => metrics.gaps(...gap),
    (record) => metrics.request(record),
    (record) => metrics.session(record),
  );
  const {core} = loop.placement;
  if (observer.accesses !== undefined)
    core.accessLog = new AccessLog(observer.accesses, core.blocks, (request) => serving.sessionOf(request));
  const meters = new Meters(scenario, topology, loop.placement, serving);
  const metrics: Metrics = new Metrics(meters.info, scenario);

  observer.begin?.(meters.info);
  let moved = 0; // when the last transfer ended
  carrier.onEnd((transfer, outcome) => {
    moved = engine.now;
    watch?.ended(engine.now, transfer);
    loop.complete(engine.now, transfer, outcome);
  });
  const {transfers: rows} = core;
  watch?.serve((transfer) => rows.request[rows.rowOf(transfer)]!, serving);
  world.onWake((kind, argument) => serving.handle(kind, argument));
  const transfers = timeTransfers(carrier, topology, ticksPerSecond(scenario) / 1e9);
  const background = new Background(
    engine,
    scenario,
    topology.wiring,
    ticksPerSecond(scenario) / 1e9,
    scenario.warm.replayNs,
    () => serving.busy,
  );
  const coldStarts = new ColdStarts(engine, scenario, topology, ticksPerSecond(scenario) / 1e9, (instance) => {
    serving.dispatch.start(instance);
    serving.dispatch.resume();
  });
  const faults = new Faults(engine, scenario.faults, topology, carrier, loop, serving, coldStarts, models, ticksPerSecond(scenario) / 1e9);
  const measured = warm(scenario, engine, carrier, serving, models);
  const sample = (now: number): void => {
    const record = meters.interval(now, metrics);
    metrics.interval(record);
    observer.interval?.(record);
    observer.progress?.({requests: serving.ended, simulatedNs: record.endNs});
  };
  sampleEvery(scenario, engine, serving, sample);
  if (scenario.serving.coldStart.atBegin) {
    topology.instances.forEach(({index}) => serving.dispatch.stop(index, true));
    topology.instances.forEach(({index}) => coldStarts.begin(index));
  }
  serving.start();
  engine.run();
  // sessions may go on thinking, about requests that no longer come: the run has ended with its last request or transfer
  const ended = Math.max(serving.lastEnd, moved, meters.sampledTo);
  if (ended > meters.sampledTo) sample(ended);
  if (journal !== null) {
    journal.end();
    observer.journalEnd?.(loop.commandDigest.hex());
  }
  core.accessLog?.end();
  loop.placement.checkInvariants();
  assert(
    serving.ended === serving.arrived,
    `${serving.arrived - serving.ended} requests never ended: nothing was left that could move them`,
  );

  observer.measured?.(metrics);
  return metrics.summary({
    digest: loop.digest.hex(),
    eventDigest: engine.eventDigest(),
    events: engine.events,
    simulatedNs: serving.lastEnd / (ticksPerSecond(scenario) / 1e9),
    measuredFromNs: measured,
    version: options.version ?? '',
    traces: source.traces,
    merging: source.merging,
    warnings: source.warnings,
    tiers: meters.tiers(),
    resources: meters.resources(),
    networks: meters.networks(transfers, background.bursts),
    faults: faults.meters(serving.lastEnd),
    coldStarts: coldStarts.durations,
    roleMoves: serving.elastic?.moves ?? 0,
    instances: serving.instances.map(({prefillTicks, decodeTicks, starvedTicks}, index) => ({
      gpus: topology.instances[index].gpus,
      prefillNs: prefillTicks / (ticksPerSecond(scenario) / 1e9),
      decodeNs: decodeTicks / (ticksPerSecond(scenario) / 1e9),
      starvedNs: starvedTicks / (ticksPerSecond(scenario) / 1e9),
    })),
  });
}

/** What a run of the scenario is made of in any world: src/runtime has another. */
export interface Blueprint {
  readonly placement: PlacementConfig;
  readonly serving: ServingConfig;
  /** GPUs of each instance. */
  readonly gpus: readonly number[];
  meters(placement: Placement, serving: Serving): Meters;
}

export function blueprintOf(scenario: Scenario): Blueprint {
  const topology = new Topology(new Engine(), scenario);
  const models = modelsOf(scenario, topology);
  return {
    placement: placementConfig(scenario, topology, models[0]),
    serving: servingConfig(scenario, topology, models),
    gpus: topology.instances.map(({gpus}) => gpus),
    meters: (placement, serving) => new Meters(scenario, topology, placement, serving),
  };
}

/** Nanoseconds of each transfer, by the network that it crosses. */
function timeTransfers(carrier: SimulatedCarrier, topology: Topology, ticksPerNs: number): ReadonlyMap<NetworkName, Histogram> {
  const times = new Map<NetworkName, Histogram>();
  carrier.onTimed((source, target, way, ticks) => {
    const {network} = topology.route(source, target, way);
    if (network === null) return;
    let histogram = times.get(network);
    if (histogram === undefined) times.set(network, (histogram = new Histogram()));
    histogram.record(ticks / ticksPerNs);
  });
  return times;
}

/** The brain's configuration for a scenario: what a journal is replayed with. */
export function placementOf(scenario: Scenario): PlacementConfig {
  return blueprintOf(scenario).placement;
}

/** The instances of a group share one, with what it has worked out already. */
function modelsOf(scenario: Scenario, topology: Topology): StepModel[] {
  const models = new Map(scenario.instances.map(({parallel}) => [parallel, stepModelOf(scenario, parallel)]));
  return topology.instances.map(({parallel}) => models.get(parallel)!);
}

/** What the brain is told of the hardware. */
function placementConfig(scenario: Scenario, topology: Topology, model: StepModel): PlacementConfig {
  const {reload} = scenario.placement;
  const {gpus} = topology.instances[0]!;
  const once = model.prefillNs(0, RECOMPUTE_FIT);
  const twice = model.prefillNs(0, 2 * RECOMPUTE_FIT);
  const perTokenSquaredNs = Math.max(0, (twice - 2 * once) / (2 * RECOMPUTE_FIT * RECOMPUTE_FIT));
  return {
    pools: topology.pools,
    routes: topology.routes,
    blockTokens: scenario.kv.blockTokens,
    blockBytes: topology.blockBytes,
    reload: reload === 'leastEnergy' || reload === 'leastPrice' ? 'cheaper' : reload,
    hit: scenario.placement.hit,
    offload: scenario.serving.offload,
    ...lanesOf(scenario, topology),
    recompute: {
      perTokenNs: once / RECOMPUTE_FIT - perTokenSquaredNs * RECOMPUTE_FIT,
      perTokenSquaredNs,
      perPieceNs: model.prefillNs(0, 1),
      costPerNs: reload === 'leastEnergy' ? joulesPerNs(scenario, gpus) : pricePerNs(scenario, gpus),
    },
  };
}

/** What is chosen by where several ways lead from one pool to another; nothing where none do. */
function lanesOf(scenario: Scenario, {lanes}: Topology): Pick<PlacementConfig, 'lanes'> {
  const {route = 'fixed', reportsEvery = 0} = scenario.placement;
  if (lanes === 0) return {};
  const reportTicks = Math.round((reportsEvery * ticksPerSecond(scenario)) / 1e9);
  const choice = (): RouteChoice => routeChoices[route]!(new Stream(scenario.seed, 'placement/route'));
  return {lanes: {count: lanes, choice, reportTicks}};
}

function servingConfig(scenario: Scenario, topology: Topology, models: readonly StepModel[]): ServingConfig {
  const ticksPerNs = ticksPerSecond(scenario) / 1e9;
  const instances = topology.instances.map(({index, role, pool}) => ({
    index,
    role,
    pool,
    capacityBlocks: topology.pools[pool].capacityBlocks - topology.pools[pool].reserveLow,
    model: models[index],
  }));
  return {
    ...scenario.serving,
    blockTokens: scenario.kv.blockTokens,
    blockBytes: topology.blockBytes,
    contextTokens: scenario.model.contextTokens,
    layers: scenario.model.layers,
    ticksPerNs,
    instances,
    sessions: scenario.workload.sessions,
    classes: scenario.classes,
    requestLimit: scenario.limits.requests ?? Infinity,
    inFlightLimit: scenario.limits.inFlight ?? Infinity,
    timeLimit: scenario.limits.durationNs === null ? Infinity : scenario.limits.durationNs * ticksPerNs,
  };
}

function createServing(
  scenario: Scenario,
  config: ServingConfig,
  world: SimulatedWorld,
  loop: Loop,
  source: WorkloadSource,
  observer: RunObserver,
  gaps: (firstNs: number, incrementNs: number, count: number, weight: number) => void,
  request: (record: RequestRecord) => void,
  session: (record: SessionRecord) => void,
): Serving {
  return new Serving(
    config,
    world,
    loop,
    source,
    new Stream(scenario.seed, 'sessions/arrivals'),
    {
      request: (record) => {
        request(record);
        observer.request?.(record);
      },
      session: (record) => {
        session(record);
        observer.session?.(record);
      },
      gaps,
      ...(observer.steps === undefined ? {} : {steps: (record) => observer.steps!(record)}),
    },
    loop.digest,
  );
}

/** Until the scenario's `warm.replay` has passed, steps and transfers take no time and nothing is measured: tiers fill by placement alone. Returns when measuring begins. */
function warm(scenario: Scenario, engine: Engine, carrier: SimulatedCarrier, serving: Serving, models: readonly StepModel[]): number {
  const {replayNs} = scenario.warm;
  if (replayNs === 0) return 0;
  carrier.instant = true;
  serving.measuring = false;
  serving.instances.forEach((instance, index) => (instance.model = instantModel(models[index])));
  const op = engine.on('warm.end', () => {
    carrier.instant = false;
    serving.measuring = true;
    serving.instances.forEach((instance, index) => (instance.model = models[index]));
  });
  engine.at(Math.round(replayNs * (ticksPerSecond(scenario) / 1e9)), op, 0);
  return replayNs;
}

function instantModel(model: StepModel): StepModel {
  return {
    fractionBits: model.fractionBits,
    window: model.window,
    decodeBase: () => 0,
    kvTokenCost: () => 0,
    windowTokenCost: () => 0,
    mixed: () => 0,
    prefillNs: (from, to) => model.prefillNs(from, to),
  };
}

/** Calls `sample` at every interval while there is work; returns it for the last one. */
function sampleEvery(scenario: Scenario, engine: Engine, serving: Serving, sample: (now: number) => void): void {
  const interval = Math.round((scenario.timelineNs ?? INTERVAL_NS) * (ticksPerSecond(scenario) / 1e9));
  const op = engine.on('metrics.interval', () => {
    sample(engine.now);
    if (serving.busy && engine.pending > 0) engine.after(interval, op, 0); // where nothing is pending, nothing can come: the run ends and says so
  });
  engine.after(interval, op, 0);
}
