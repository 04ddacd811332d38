/** What a report's pictures need, gathered while a run goes, in constant memory; as plain data it is report.json. */
import type {Histogram} from '../metrics/histogram.ts';
import type {Latencies} from '../metrics/latencies.ts';
import {statesOf, type IntervalRecord, type RequestRecord, type RunInfo} from '../metrics/records.ts';
import {Exemplars, type Exemplar} from './exemplars.ts';

/** Points of a timeline at most; beyond that, neighbours are merged. */
const POINTS_MAX = 200;
/** Rows of stations at most; beyond that, a row is a class of them. */
const ROWS_MAX = 20;

/** Totals since the run began, at an instant; what is now, now. Arrays by tier or by row. */
export interface Point {
  readonly seconds: number;
  readonly used: readonly number[];
  readonly hits: readonly number[];
  readonly blocks: number;
  readonly waiting: number;
  readonly running: number;
  readonly gpuBusySeconds: number;
  /** Mean over the stations of a row. */
  readonly busySeconds: readonly number[];
  readonly queuedSeconds: readonly number[];
}

/** Stations that are drawn as one. */
export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly stations: number;
}

/** A distribution: [seconds, share that took no longer]. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface ReportData {
  /** What to type to get this run again. */
  readonly command: string;
  readonly tierNames: readonly string[];
  /** null: unlimited. */
  readonly tierCapacityBytes: readonly (number | null)[];
  readonly states: readonly string[];
  readonly gpus: number;
  readonly rows: readonly Row[];
  readonly ttft: readonly Curve[];
  readonly itl: readonly Curve[];
  readonly points: readonly Point[];
  readonly exemplars: readonly Exemplar[];
}

export class ReportGatherer {
  private readonly info: RunInfo;
  private readonly command: string;
  private readonly rows: Row[] = [];
  /** By station, its row. */
  private readonly rowOf: Int32Array;
  private readonly exemplars = new Exemplars();
  private points: Point[] = [];
  private curves: Pick<ReportData, 'ttft' | 'itl'> = {ttft: [], itl: []};
  private stride = 1;
  private skipped = 0;

  constructor(info: RunInfo, command: string) {
    this.info = info;
    this.command = command;
    const {resources} = info;
    const byName = resources.length <= ROWS_MAX;
    const names = resources.map((resource) => (byName ? resource.name : resource.class));
    this.rowOf = Int32Array.from(names, (name) => [...new Set(names)].indexOf(name));
    for (const name of new Set(names))
      this.rows.push({
        name,
        kind: resources[names.indexOf(name)]!.kind,
        stations: names.filter((other) => other === name).length,
      });
  }

  request(record: RequestRecord): void {
    this.exemplars.record(record);
  }

  interval(record: IntervalRecord): void {
    if (++this.skipped < this.stride) return;
    this.skipped = 0;
    this.points.push({
      seconds: record.endNs / 1e9,
      used: Array.from(record.tierUsedBytes),
      hits: Array.from(record.tierHitBlocks),
      blocks: record.blockReferences,
      waiting: record.waiting,
      running: record.running,
      gpuBusySeconds: record.gpuBusyNs / 1e9,
      busySeconds: this.meanOf(record.resourceBusyNs),
      queuedSeconds: this.meanOf(record.resourceQueuedNs),
    });
    if (this.points.length < POINTS_MAX) return;
    this.points = this.points.filter((_, i) => i % 2 === 1);
    this.stride *= 2;
  }

  measured({ttft, itl}: {readonly ttft: Latencies; readonly itl: Histogram}): void {
    const classes = ['cold', 'warm', 'afterIdle', 'subagent'].flatMap((name) => {
      const histogram = ttft.ofClass(name);
      return histogram === undefined || histogram.count === 0 ? [] : [curveOf(name, histogram)];
    });
    this.curves = {
      ttft: [curveOf('all', ttft.all), ...(classes.length > 1 ? classes : [])],
      itl: [curveOf('all gaps', itl)],
    };
  }

  data(): ReportData {
    const {tierNames, tierCapacityBytes, gpus} = this.info;
    return {
      command: this.command,
      tierNames,
      tierCapacityBytes: tierCapacityBytes.map((bytes) => (bytes === Infinity ? null : bytes)),
      states: statesOf(tierNames),
      gpus,
      rows: this.rows,
      ...this.curves,
      points: this.points,
      exemplars: this.exemplars.list(),
    };
  }

  private meanOf(nanoseconds: Float64Array): number[] {
    const sums = this.rows.map(() => 0);
    nanoseconds.forEach((value, station) => (sums[this.rowOf[station]!]! += value));
    return sums.map((sum, row) => Math.round(sum / this.rows[row]!.stations / 1e3) / 1e6);
  }
}

function curveOf(name: string, histogram: Histogram): Curve {
  const points = histogram.cumulative().map(([nanoseconds, share]): [number, number] => [nanoseconds / 1e9, share]);
  return {name, points: thinned(points)};
}

/** Points that differ by 2 % of the time or by 1 % of the requests, and the last: some hundreds. */
function thinned(points: readonly [number, number][]): [number, number][] {
  let time = -1;
  let share = -1;
  return points.filter(([seconds, own], i) => {
    if (i < points.length - 1 && seconds < time * 1.02 && own - share < 0.01) return false;
    time = seconds;
    share = own;
    return true;
  });
}
