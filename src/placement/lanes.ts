/**
 * Lanes: what several ways between the same two pools go over, such as a server's ports on each of its networks, one direction. A lane is shared by
 * all routes that name it; how many bytes are out on it is known as of the last report, which comes every so often.
 */
import type {PlacementConfig, Ticks} from './ports.ts';
import type {RouteChoice, Run, Ways} from './paths/ways.ts';

/** Lanes between two pools at most. */
const WAYS_MAX = 16;

export class Lanes {
  /** By way, after divide(): blocks of the run. */
  readonly share = new Int32Array(WAYS_MAX);
  /** By place in `share`: the way that it is of, numbered from the first route; closed ones are left out. */
  readonly at = new Int32Array(WAYS_MAX);
  private readonly config: PlacementConfig;
  private readonly routeRate: Float64Array;
  private readonly choice: RouteChoice | null;
  private readonly reportTicks: number;
  /** By lane: bytes out, and those at the report numbered `report`. */
  private readonly bytes: Float64Array;
  private readonly reported: Float64Array;
  private readonly report: Float64Array;
  private readonly ways: Ways = {
    count: 0,
    bytesPerSecond: new Float64Array(WAYS_MAX),
    latencyNs: new Float64Array(WAYS_MAX),
    knownBytes: new Float64Array(WAYS_MAX),
  };

  /** `routeRate`: what each route can do now, bytes per second; 0: it is closed. */
  constructor(config: PlacementConfig, routeRate: Float64Array = Float64Array.from(config.routes, ({bytesPerSecond}) => bytesPerSecond)) {
    const {count, reportTicks, choice} = config.lanes ?? {count: 0, reportTicks: 0, choice: () => null};
    this.config = config;
    this.routeRate = routeRate;
    this.choice = choice();
    this.reportTicks = reportTicks;
    this.bytes = new Float64Array(count);
    this.reported = new Float64Array(count);
    this.report = new Float64Array(count);
  }

  /** So many bytes more, or fewer, are out on a lane. */
  add(now: Ticks, lane: number, bytes: number): void {
    this.hear(now, lane);
    this.bytes[lane] += bytes;
  }

  /** Which of the `count` routes from `first` on take how many blocks of a run: into `share`, by the open ones, whose number is returned. The first stands for all where all are closed. */
  divide(now: Ticks, first: number, count: number, run: Run): number {
    this.look(now, first, count);
    if (this.ways.count === 0) {
      this.at[0] = 0;
      this.share[0] = run.blocks;
      return 1;
    }
    this.choice!.divide(this.ways, run, this.share);
    return this.ways.count;
  }

  expectedNs(now: Ticks, first: number, count: number, bytes: number): number {
    this.look(now, first, count);
    return this.ways.count === 0 ? Infinity : this.choice!.expectedNs(this.ways, bytes);
  }

  private look(now: Ticks, first: number, count: number): void {
    const {ways, config, routeRate} = this;
    ways.count = 0;
    for (let way = 0; way < count; way++) {
      const {latencyNs, lane} = config.routes[first + way];
      this.hear(now, lane!);
      if (routeRate[first + way] === 0) continue;
      const i = ways.count++;
      this.at[i] = way;
      ways.bytesPerSecond[i] = routeRate[first + way];
      ways.latencyNs[i] = latencyNs;
      ways.knownBytes[i] = this.reportTicks === 0 ? this.bytes[lane!] : this.reported[lane!];
    }
  }

  /** Until the first change after it, a report says what is true; so it may be written down then. */
  private hear(now: Ticks, lane: number): void {
    if (this.reportTicks === 0) return;
    const report = Math.floor(now / this.reportTicks);
    if (report === this.report[lane]) return;
    this.report[lane] = report;
    this.reported[lane] = this.bytes[lane];
  }
}
