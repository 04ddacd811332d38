/**
 * Latency and throughput of one drive against queue depth: a closed loop that keeps `depth` commands outstanding, as fio does. Each point is a run of its own
 * with named random streams; the order of points changes nothing but the state of the garbage collector, which starts in steady state.
 */
import {Stream} from '../base/random.ts';
import {Drive, READ, WRITE} from '../devices/drive/drive.ts';
import {Ftl} from '../devices/drive/ftl.ts';
import {readAloneTicks, readLimit, type DriveModel} from '../devices/drive/model.ts';
import {wearOf} from '../devices/drive/wear.ts';
import {Engine} from '../engine/engine.ts';
import type {CurvePoint, LatencySummary} from '../metrics/curvePoint.ts';
import {Histogram} from '../metrics/histogram.ts';

export interface CurveOptions {
  readonly ioBytes: readonly number[];
  readonly depths: readonly number[];
  /** Share of commands that read, 0 to 1. */
  readonly readShare: number;
  readonly pattern: 'random' | 'sequential';
  /** Commands measured at each point. */
  readonly commands: number;
  /** Of large commands, which are many pages each, at least so many. Default 1000. */
  readonly commandsMin?: number;
  readonly seed: number;
}

/** Blocks and pages of the scale model of the flash translation layer. */
const FTL_BLOCKS = 1024;
const FTL_PAGES = 256;
const BATCHES = 20;

export function curve(model: DriveModel, options: CurveOptions): CurvePoint[] {
  const ftl = options.readShare < 1 && options.pattern === 'random' ? steadyFtl(model, options.seed) : null;
  return options.ioBytes.flatMap((ioBytes) => options.depths.map((depth) => new ClosedLoop(model, ftl, options, ioBytes, depth).run()));
}

/** A full drive after three drive writes at random: write amplification has settled. */
export function steadyFtl(model: DriveModel, seed: number): Ftl {
  const ftl = new Ftl({blocks: FTL_BLOCKS, pagesPerBlock: FTL_PAGES, overProvisioning: model.overProvisioning});
  const stream = new Stream(seed, 'curve.precondition');
  for (let page = 0; page < ftl.logicalPages; page++) ftl.write(page);
  for (let left = 3 * ftl.logicalPages; left > 0; left--) ftl.write(stream.below(ftl.logicalPages));
  return ftl;
}

class ClosedLoop {
  private readonly engine = new Engine();
  private readonly drive: Drive;
  private readonly options: CurveOptions;
  private readonly ioBytes: number;
  private readonly depth: number;
  private readonly stream: Stream;
  private readonly slots: number;
  private readonly doneOp: number;
  private readonly reads = new Histogram();
  private readonly writes = new Histogram();
  private readonly warmup: number;
  private readonly commands: number;
  private ended = 0;
  private position = 0;
  /** When each batch of measured commands had ended. */
  private readonly batchEnds: number[] = [];
  private readonly ticksToSeconds: number;

  constructor(model: DriveModel, ftl: Ftl | null, options: CurveOptions, ioBytes: number, depth: number) {
    this.drive = new Drive(this.engine, {name: 'drive', model, queues: [{depth}], ftl});
    this.options = options;
    this.ioBytes = ioBytes;
    this.depth = depth;
    this.stream = new Stream(options.seed, `curve.${ioBytes}.${depth}`);
    this.slots = Math.max(1, Math.floor(model.driveBytes / ioBytes));
    this.doneOp = this.engine.on('curve.done', (kind) => this.done(kind));
    const pages = Math.max(1, ioBytes / model.pageBytes);
    this.commands = Math.max(options.commandsMin ?? BATCHES * 50, Math.ceil(options.commands / pages));
    const bufferCommands = options.readShare < 1 ? (4 * model.bufferBytes) / ioBytes / (1 - options.readShare) : 0;
    this.warmup = Math.ceil(Math.min(4 * this.commands, Math.max(this.commands / 10, 2 * depth, bufferCommands)));
    this.ticksToSeconds = 1 / model.ticksPerSecond;
    ftl?.resetCounts();
  }

  run(): CurvePoint {
    for (let i = 0; i < this.depth; i++) this.submit();
    this.engine.run();
    const {model} = this.drive;
    const spans = this.batchEnds.slice(1).map((end, i) => end - this.batchEnds[i]!);
    const seconds = spans.reduce((sum, span) => sum + span, 0) * this.ticksToSeconds;
    const perBatch = Math.floor(this.commands / BATCHES);
    const iops = (perBatch * BATCHES) / seconds;
    const mean = seconds / BATCHES;
    const variance = spans.reduce((sum, span) => sum + square(span * this.ticksToSeconds - mean), 0) / (BATCHES - 1);
    const {ioBytes, depth} = this;
    const {perSecond, by} = readLimit(model, ioBytes);
    const alone = model.ticksPerSecond / readAloneTicks(model, ioBytes);
    const bounded = this.options.readShare === 1 && ioBytes <= model.pageBytes;
    return {
      ioBytes,
      depth,
      iops,
      iopsError: (iops * Math.sqrt(variance / BATCHES)) / mean,
      bytesPerSecond: iops * ioBytes,
      read: this.summary(this.reads),
      write: this.summary(this.writes),
      limit: bounded ? (depth * alone < perSecond ? {iops: depth * alone, by: 'depth'} : {iops: perSecond, by}) : null,
      wear:
        this.options.readShare === 1 ? null : wearOf(model, iops * ioBytes * (1 - this.options.readShare), this.drive.writeAmplification),
    };
  }

  private submit(): void {
    const kind = this.options.readShare === 1 || this.stream.uniform() < this.options.readShare ? READ : WRITE;
    const slot = this.options.pattern === 'random' ? this.stream.below(this.slots) : this.position++ % this.slots;
    this.drive.submit(0, kind, slot * this.ioBytes, this.ioBytes, this.doneOp, kind);
  }

  private done(kind: number): void {
    const measured = ++this.ended - this.warmup;
    if (measured > 0) (kind === READ ? this.reads : this.writes).record(this.drive.latencyTicks * this.ticksToSeconds);
    if (measured >= 0 && measured % Math.floor(this.commands / BATCHES) === 0 && this.batchEnds.length <= BATCHES)
      this.batchEnds.push(this.engine.now);
    if (measured >= this.commands) this.engine.stop();
    else this.submit();
  }

  private summary(histogram: Histogram): LatencySummary | null {
    if (histogram.count === 0) return null;
    return {
      count: histogram.count,
      mean: histogram.mean,
      p50: histogram.percentile(0.5),
      p99: histogram.percentile(0.99),
      p999: histogram.percentile(0.999),
      max: histogram.max,
    };
  }
}

function square(x: number): number {
  return x * x;
}
