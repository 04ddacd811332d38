/**
 * Latency and throughput of one pool of a scenario's tier against how many accesses are in flight: a closed loop over the very stations that a run of
 * the scenario has, set-up and switches included, networks and host links not.
 */
import {Stream} from '../base/random.ts';
import type {DeviceContext, TierDevice} from '../devices/ports.ts';
import {Engine} from '../engine/engine.ts';
import type {Stage} from '../engine/stage.ts';
import type {CurvePoint, LatencySummary} from '../metrics/curvePoint.ts';
import {Histogram} from '../metrics/histogram.ts';
import type {Scenario, Tier} from '../scenario/scenario.ts';
import {ticksPerSecond} from '../simulation/topology.ts';
import type {CurveOptions} from './curve.ts';

const BATCHES = 20;

export function tierCurve(scenario: Scenario, tier: Tier, options: Omit<CurveOptions, 'pattern' | 'commandsMin'>): CurvePoint[] {
  return options.ioBytes.flatMap((ioBytes) => options.depths.map((depth) => new ClosedLoop(scenario, tier, options, ioBytes, depth).run()));
}

class ClosedLoop {
  private readonly engine = new Engine();
  private readonly device: TierDevice;
  private readonly stream: Stream;
  private readonly readShare: number;
  private readonly ioBytes: number;
  private readonly depth: number;
  private readonly passedOp: number;
  private readonly perSecond: number;
  /** Accesses of a batch, and those that end before the first. */
  private readonly batch: number;
  private readonly warmup: number;
  private readonly reads = new Histogram();
  private readonly writes = new Histogram();
  /** By access in flight: the stages that are its way, how many it has passed, and when it began. */
  private readonly way: (readonly Stage[])[] = [];
  private readonly passed: number[] = [];
  private readonly begun: number[] = [];
  private ended = 0;
  private readonly batchEnds: number[] = [];

  constructor(
    scenario: Scenario,
    tier: Tier,
    {readShare, commands, seed}: Parameters<typeof tierCurve>[2],
    ioBytes: number,
    depth: number,
  ) {
    this.perSecond = ticksPerSecond(scenario);
    const {count, server} = scenario.servers;
    const place = {name: tier.name, server, servers: count, per: tier.per, ticksPerSecond: this.perSecond, seed};
    const create = tier.kind.create as (params: object, context: DeviceContext) => TierDevice;
    this.device = create(tier.params, {engine: this.engine, ...place});
    this.stream = new Stream(seed, `curve.${ioBytes}.${depth}`);
    this.readShare = readShare;
    this.ioBytes = ioBytes;
    this.depth = depth;
    this.batch = Math.ceil(commands / BATCHES);
    this.warmup = Math.max(10 * this.batch, 2 * depth);
    this.passedOp = this.engine.on('curve.passed', (access) => this.pass(access));
  }

  run(): CurvePoint {
    for (let access = 0; access < this.depth; access++) this.begin(access);
    this.engine.run();
    const {batch, batchEnds, ioBytes, depth, device, readShare} = this;
    const spans = batchEnds.slice(1).map((end, i) => (end - batchEnds[i]!) / this.perSecond);
    const mean = spans.reduce((sum, span) => sum + span, 0) / BATCHES;
    const variance = spans.reduce((sum, span) => sum + (span - mean) * (span - mean), 0) / (BATCHES - 1);
    const iops = batch / mean;
    const rate = device.readBytesPerSecond / ioBytes;
    const alone = 1e9 / (device.readNs + device.read.reduce((sum, stage) => sum + (1e9 * ioBytes) / stage.bytesPerSecond, 0));
    return {
      ioBytes,
      depth,
      iops,
      iopsError: (iops * Math.sqrt(variance / BATCHES)) / mean,
      bytesPerSecond: iops * ioBytes,
      read: summaryOf(this.reads),
      write: summaryOf(this.writes),
      limit: readShare < 1 ? null : depth * alone < rate ? {iops: depth * alone, by: 'depth'} : {iops: rate, by: 'rate'},
      wear: null,
    };
  }

  private begin(access: number): void {
    const isRead = this.readShare === 1 || this.stream.uniform() < this.readShare;
    this.way[access] = isRead ? this.device.read : this.device.write;
    this.passed[access] = 0;
    this.begun[access] = this.engine.now;
    this.way[access][0]!.submit(this.ioBytes, this.passedOp, access);
  }

  private pass(access: number): void {
    const way = this.way[access]!;
    const next = ++this.passed[access]!;
    if (next < way.length) return way[next]!.submit(this.ioBytes, this.passedOp, access);
    const measured = ++this.ended - this.warmup;
    const seconds = (this.engine.now - this.begun[access]!) / this.perSecond;
    if (measured > 0) (way === this.device.read ? this.reads : this.writes).record(seconds);
    if (measured >= 0 && measured % this.batch === 0) this.batchEnds.push(this.engine.now);
    if (measured >= BATCHES * this.batch) this.engine.stop();
    else this.begin(access);
  }
}

function summaryOf(histogram: Histogram): LatencySummary | null {
  if (histogram.count === 0) return null;
  const {count, mean, max} = histogram;
  return {count, mean, p50: histogram.percentile(0.5), p99: histogram.percentile(0.99), p999: histogram.percentile(0.999), max};
}
