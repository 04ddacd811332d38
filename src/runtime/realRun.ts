/** The pipeline of simulation/simulate.ts with real drives: the same serving and the same brain; only World and Carrier are others. */
import {assert} from '../base/assert.ts';
import {Stream} from '../base/random.ts';
import {Histogram} from '../metrics/histogram.ts';
import type {Latencies} from '../metrics/latencies.ts';
import {Metrics} from '../metrics/metrics.ts';
import type {IntervalRecord, RequestRecord, RunInfo, SessionRecord, TierMeter} from '../metrics/records.ts';
import type {Summary} from '../metrics/summary.ts';
import {Journal} from '../placement/journal.ts';
import type {WordSink} from '../placement/wordStream.ts';
import {Loop} from '../placement/loop.ts';
import type {Placement} from '../placement/placement.ts';
import type {PlacementConfig} from '../placement/ports.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {Serving, type ServingConfig} from '../serving/serving.ts';
import type {WorkloadSource} from '../workload/ports.ts';
import {RealCarrier, type Backing} from './carrier.ts';
import {RealWorld} from './world.ts';

/** What simulation/simulate.ts makes of the scenario (blueprintOf). */
export interface RealBlueprint {
  readonly placement: PlacementConfig;
  readonly serving: ServingConfig;
  readonly gpus: readonly number[];
  meters(
    placement: Placement,
    serving: Serving,
  ): {
    readonly info: RunInfo;
    interval(now: number, found: {readonly hitBlocks: Float64Array; readonly blockReferences: number}): IntervalRecord;
    tiers(): TierMeter[];
  };
}

export interface RealObserver {
  begin(info: RunInfo): void;
  request(record: RequestRecord): void;
  session(record: SessionRecord): void;
  interval(record: IntervalRecord): void;
  /** The measured latencies, in nanoseconds, at the end. */
  measured?(latencies: {readonly ttft: Latencies; readonly itl: Histogram}): void;
  /** Every input of the brain, and the digest of its commands: tierscape replay must find the same. */
  readonly journal: WordSink;
  journalEnd(commandDigest: string): void;
}

export interface RealResult {
  readonly summary: Summary;
  readonly commandDigest: string;
  /** Blocks that reached a GPU, right and wrong. */
  readonly verified: number;
  readonly wrong: number;
  /** The most that the event loop was late, nanoseconds. */
  readonly latestNs: number;
}

const INTERVAL_NS = 10e9;
/** A wake-up kind that serving does not have. */
const INTERVAL = 3;

/** Runs the scenario; `backings` by pool. `idle: skip` leaves out the time in which nothing moves. */
export async function runReal(
  scenario: Scenario,
  blueprint: RealBlueprint,
  source: WorkloadSource,
  backings: readonly Backing[],
  idle: 'skip' | 'wait',
  observer: RealObserver,
  version: string,
): Promise<RealResult> {
  const {placement, gpus, serving: config} = blueprint;
  const {ticksPerNs} = config;
  const world = new RealWorld(ticksPerNs, idle);
  const carrier = new RealCarrier(backings, placement.blockBytes);
  const journal = new Journal(observer.journal);
  const loop = new Loop(placement, carrier, journal);
  carrier.serve(loop.placement);
  const told = {
    request: (record: RequestRecord): void => {
      metrics.request(record);
      observer.request(record);
    },
    session: (record: SessionRecord): void => {
      metrics.session(record);
      observer.session(record);
    },
    gaps: (...gap: Parameters<Metrics['gaps']>): void => metrics.gaps(...gap),
  };
  const serving = new Serving(config, world, loop, source, new Stream(scenario.seed, 'sessions/arrivals'), told, loop.digest);
  const meters = blueprint.meters(loop.placement, serving);
  const info: RunInfo = {...meters.info, resources: []}; // stations are the simulator's
  const metrics: Metrics = new Metrics(info, scenario);
  const none = new Float64Array(0);
  observer.begin(info);
  const interval = Math.round((scenario.timelineNs ?? INTERVAL_NS) * ticksPerNs);
  const sample = (): void => {
    const record = {
      ...meters.interval(world.now(), metrics),
      resourceBusyNs: none,
      resourceBytes: none,
      resourceQueued: none,
      resourceQueuedNs: none,
    };
    metrics.interval(record);
    observer.interval(record);
  };
  world.onWake((kind, argument) => {
    if (kind !== INTERVAL) return void serving.handle(kind, argument);
    sample();
    if (serving.busy) world.wake(world.now() + interval, INTERVAL, 0);
  });
  carrier.onEnd((transfer, outcome) => world.input(() => loop.complete(world.now(), transfer, outcome)));
  serving.start();
  world.wake(interval, INTERVAL, 0);
  await world.run(
    () => carrier.inFlight,
    () => serving.busy,
  );
  sample();
  journal.end();
  observer.journalEnd(loop.commandDigest.hex());
  observer.measured?.(metrics);
  loop.placement.checkInvariants();
  assert(serving.ended === serving.arrived, `${serving.arrived - serving.ended} requests never ended`);
  const toNs = (ticks: number): number => ticks / ticksPerNs;
  const summary = metrics.summary({
    digest: loop.digest.hex(),
    eventDigest: '',
    events: 0,
    simulatedNs: toNs(serving.lastEnd),
    measuredFromNs: 0,
    version,
    traces: source.traces,
    merging: source.merging,
    warnings: [
      ...source.warnings,
      ...(scenario.warm.replayNs > 0 ? ['warm: real tiers are not filled beforehand; use warmup'] : []),
      ...(scenario.faults.length > 0 ? ['faults: real devices are not made to fail'] : []),
    ],
    tiers: meters.tiers(),
    resources: [],
    networks: [],
    faults: [],
    coldStarts: new Histogram(),
    roleMoves: serving.elastic?.moves ?? 0,
    instances: serving.instances.map(({prefillTicks, decodeTicks, starvedTicks}, index) => ({
      gpus: gpus[index]!,
      prefillNs: toNs(prefillTicks),
      decodeNs: toNs(decodeTicks),
      starvedNs: toNs(starvedTicks),
    })),
  });
  return {summary, commandDigest: loop.commandDigest.hex(), verified: carrier.verified, wrong: carrier.wrong, latestNs: world.latestNs};
}
