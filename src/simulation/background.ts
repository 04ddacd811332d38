/**
 * Other traffic on the networks: every period each server sends or receives a burst, as equal flows over its ports. A burst that is still under
 * way when the next one is due takes its place: a collective begins when the one before has ended, so an overloaded network gets fewer.
 */
import type {Engine} from '../engine/engine.ts';
import {Histogram} from '../metrics/histogram.ts';
import type {NetworkPath} from '../networks/flowNetwork.ts';
import {networkNames, type Network, type NetworkName} from '../scenario/networks.ts';
import type {Scenario} from '../scenario/scenario.ts';
import type {Direction, Wiring} from './wiring.ts';

/** The bursts of one server in one direction. */
interface Lane {
  readonly network: NetworkName;
  readonly path: NetworkPath;
  readonly flows: number;
  readonly flowBytes: number;
  readonly periodTicks: number;
  /** Beyond the bytes, of every burst. */
  readonly startNs: number;
  underWay: number;
  begunAt: number;
}

export class Background {
  /** Nanoseconds of every burst that ended, by network. */
  readonly bursts = new Map<NetworkName, Histogram>();
  private readonly engine: Engine;
  private readonly ticksPerNs: number;
  private readonly busy: () => boolean;
  private readonly lanes: Lane[] = [];
  private readonly beginOp: number;
  private readonly endedOp: number;

  /** Bursts come from `fromNs` on, as long as `busy` says that there is something for them to be beside. */
  constructor(engine: Engine, scenario: Scenario, wiring: Wiring, ticksPerNs: number, fromNs: number, busy: () => boolean) {
    this.engine = engine;
    this.ticksPerNs = ticksPerNs;
    this.busy = busy;
    this.beginOp = engine.on('background.begin', (lane) => this.begin(lane));
    this.endedOp = engine.on('background.ended', (lane) => this.ended(this.lanes[lane]!));
    for (const name of networkNames) {
      const network = scenario.networks[name];
      if (network.background.size === undefined || network.ports === 0) continue;
      this.bursts.set(name, new Histogram());
      for (let server = 0; server < scenario.servers.count; server++) this.addLanes(name, network, wiring, server, fromNs);
    }
  }

  private addLanes(name: NetworkName, network: Network, wiring: Wiring, server: number, fromNs: number): void {
    const {size, period, phase, direction, flows} = network.background;
    const directions: readonly Direction[] = direction === 'exchange' ? ['in', 'out'] : [direction as Direction];
    for (const one of directions) {
      const way = wiring.toCluster(name, server, null, one);
      const path = wiring.path(`background.server${server}.${name}.${one}`, way);
      const lane = this.lanes.push({
        network: name,
        path,
        flows,
        flowBytes: Math.max(1, Math.round(size! / flows)),
        periodTicks: Math.round(period * this.ticksPerNs),
        startNs: way.startNs,
        underWay: 0,
        begunAt: 0,
      });
      this.engine.at(Math.round((fromNs + period + server * phase) * this.ticksPerNs), this.beginOp, lane - 1);
    }
  }

  private begin(index: number): void {
    if (!this.busy()) return;
    const lane = this.lanes[index]!;
    this.engine.after(lane.periodTicks, this.beginOp, index);
    if (lane.underWay > 0) return;
    lane.underWay = lane.flows;
    lane.begunAt = this.engine.now;
    for (let flow = 0; flow < lane.flows; flow++) lane.path.submit(lane.flowBytes, this.endedOp, index);
  }

  private ended(lane: Lane): void {
    if (--lane.underWay > 0) return;
    this.bursts.get(lane.network)!.record((this.engine.now - lane.begunAt) / this.ticksPerNs + lane.startNs);
  }
}
