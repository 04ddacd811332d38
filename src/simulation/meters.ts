/** Reads the run's meters: tiers from the brain's pools, resources from their stations, GPUs from the instances; at every interval and at the end. */
import {Histogram} from '../metrics/histogram.ts';
import type {IntervalRecord, NetworkMeter, ResourceMeter, RunInfo, TierMeter} from '../metrics/records.ts';
import type {Placement} from '../placement/placement.ts';
import type {Server} from '../scenario/hardware.ts';
import {networkNames, networkPrice, type NetworkName} from '../scenario/networks.ts';
import type {Scenario} from '../scenario/scenario.ts';
import type {Serving} from '../serving/serving.ts';
import {ticksPerSecond, type Topology} from './topology.ts';
import {portsRate} from './wiring.ts';

export class Meters {
  readonly info: RunInfo;
  private readonly scenario: Scenario;
  private readonly topology: Topology;
  private readonly placement: Placement;
  private readonly serving: Serving;
  private readonly record: IntervalRecord;
  private readonly ticksPerNs: number;
  /** Sum over intervals of used bytes x length, and the most seen; by tier. */
  private readonly usedByteTicks: Float64Array;
  private readonly usedBytesMax: Float64Array;
  /** The end of the last interval, in ticks. */
  sampledTo = 0;

  constructor(scenario: Scenario, topology: Topology, placement: Placement, serving: Serving) {
    this.scenario = scenario;
    this.topology = topology;
    this.placement = placement;
    this.serving = serving;
    this.ticksPerNs = ticksPerSecond(scenario) / 1e9;
    const tiers = scenario.tiers.length;
    const resources = topology.stations.length;
    this.usedByteTicks = new Float64Array(tiers);
    this.usedBytesMax = new Float64Array(tiers);
    this.info = {
      tierNames: scenario.tiers.map((tier) => tier.name),
      tierCapacityBytes: scenario.tiers.map((_, tier) => this.sum(tier, (pool) => pool.capacity * topology.bytesOfBlock(pool.index))),
      resources: topology.stations.map(({name, class: stationClass, kind, tier, bytesPerSecond, joulesPerBit}) => ({
        name,
        class: stationClass,
        kind,
        tier,
        bytesPerSecond,
        joulesPerBit,
      })),
      blockBytes: topology.blockBytes,
      blockTokens: scenario.kv.blockTokens,
      warmupNs: scenario.warmupNs,
      instances: topology.instances.length,
      gpus: topology.instances.reduce((sum, instance) => sum + instance.gpus, 0),
    };
    this.record = {
      endNs: 0,
      arrived: 0,
      completed: 0,
      waiting: 0,
      running: 0,
      inputTokens: 0,
      hitTokens: 0,
      outputTokens: 0,
      tierUsedBytes: new Float64Array(tiers),
      tierHitBlocks: new Float64Array(tiers),
      blockReferences: 0,
      gpuBusyNs: 0,
      resourceBusyNs: new Float64Array(resources),
      resourceBytes: new Float64Array(resources),
      resourceQueued: new Float64Array(resources),
      resourceQueuedNs: new Float64Array(resources),
    };
  }

  /** The state of the whole now. The record is reused. `found`: blocks referred to so far, and of these hits by tier. */
  interval(now: number, found: {readonly hitBlocks: Float64Array; readonly blockReferences: number}): IntervalRecord {
    const {record, serving, topology} = this;
    for (const instance of serving.instances) instance.sync();
    record.endNs = now / this.ticksPerNs;
    record.arrived = serving.arrived;
    record.completed = serving.ended;
    record.waiting = serving.waiting;
    record.running = serving.running;
    record.inputTokens = serving.inputTokens;
    record.hitTokens = serving.hitTokens;
    record.outputTokens = serving.outputTokens;
    record.tierHitBlocks.set(found.hitBlocks);
    record.blockReferences = found.blockReferences;
    for (let tier = 0; tier < record.tierUsedBytes.length; tier++) {
      const used = this.sum(tier, (pool) => pool.occupied() * topology.bytesOfBlock(pool.index));
      record.tierUsedBytes[tier] = used;
      this.usedByteTicks[tier] += used * (now - this.sampledTo);
      this.usedBytesMax[tier] = Math.max(this.usedBytesMax[tier], used);
    }
    record.gpuBusyNs = serving.instances.reduce(
      (sum, instance, i) => sum + (topology.instances[i].gpus * instance.busyTicks()) / this.ticksPerNs,
      0,
    );
    this.sampledTo = now;
    topology.stations.forEach(({station}, i) => {
      const meter = station.meter();
      record.resourceBusyNs[i] = meter.busyTicks / this.ticksPerNs;
      record.resourceBytes[i] = meter.bytes;
      record.resourceQueued[i] = station.queued;
      record.resourceQueuedNs[i] = meter.queuedTicks / this.ticksPerNs;
    });
    return record;
  }

  tiers(): TierMeter[] {
    const {topology, placement, scenario} = this;
    return scenario.tiers.map((_, tier) => ({
      ledger: tier === 0 ? sumLedgers(topology) : {capacity: this.info.tierCapacityBytes[tier]},
      capacityBytes: this.info.tierCapacityBytes[tier],
      usedBytesMean: this.sampledTo > 0 ? this.usedByteTicks[tier] / this.sampledTo : this.usedBytesMax[tier],
      usedBytesMax: this.usedBytesMax[tier],
      readBytes: placement.core.pools.reduce((sum, pool) => sum + (pool.tier === tier ? placement.core.readBytes[pool.index] : 0), 0),
      writtenBytes: placement.core.pools.reduce((sum, pool) => sum + (pool.tier === tier ? placement.core.writtenBytes[pool.index] : 0), 0),
      movedBytes: scenario.tiers.map((_to, to) => placement.core.movedBytes[tier * placement.core.tiers + to] ?? 0),
      evictedBlocks: this.sum(tier, (pool) => pool.evictedBlocks),
      droppedBlocks: this.sum(tier, (pool) => pool.droppedBlocks),
      expiredBlocks: this.sum(tier, (pool) => pool.expiredBlocks),
      refusedBlocks: this.sum(tier, (pool) => pool.refusedBlocks),
    }));
  }

  /** Each network that a server has ports on. `transfers` and `bursts`: their times, in nanoseconds. */
  networks(transfers: ReadonlyMap<NetworkName, Histogram>, bursts: ReadonlyMap<NetworkName, Histogram>): NetworkMeter[] {
    const {networks, servers} = this.scenario;
    return networkNames
      .filter((name) => networks[name].ports > 0)
      .map((name) => {
        const network = networks[name];
        const bytes = this.topology.wiring.crossing[name].reduce((sum, path) => sum + path.passed.bytes, 0);
        return {
          name,
          fabric: network.fabric.name,
          ports: network.ports,
          serverBytesPerSecond: portsRate(network, this.topology.blockBytes),
          bytes,
          joules: bytes * 8e-12 * network.fabric.picojoulesPerBit,
          transfers: transfers.get(name) ?? new Histogram(),
          bursts: bursts.get(name) ?? new Histogram(),
          price: servers.count * networkPrice(network, portsIncluded(servers.server)[name]),
          pricesDated: network.fabric.pricesDated,
        };
      });
  }

  resources(): ResourceMeter[] {
    return this.topology.stations.map(({station}) => {
      const meter = station.meter();
      return {
        busyNs: meter.busyTicks / this.ticksPerNs,
        bytes: meter.bytes,
        operations: meter.operations,
        queuedNs: meter.queuedTicks / this.ticksPerNs,
        queuedMax: meter.queuedMax,
      };
    });
  }

  private sum(tier: number, of: (pool: Placement['core']['pools'][number]) => number): number {
    let sum = 0;
    for (const pool of this.placement.core.pools) if (pool.tier === tier) sum += of(pool);
    return sum;
  }
}

/** The HBM ledger of all instances together. */
function sumLedgers(topology: Topology): {[item: string]: number} {
  const sum: {[item: string]: number} = {};
  for (const {ledger} of topology.instances)
    for (const [item, bytes] of Object.entries(ledger)) if (typeof bytes === 'number') sum[item] = (sum[item] ?? 0) + bytes;
  return sum;
}

/** Ports whose adapters a server's price includes. */
function portsIncluded({storagePorts, eastWestPorts, gpus, contextPorts}: Server): {readonly [Name in NetworkName]: number} {
  return {northSouth: storagePorts, eastWest: eastWestPorts ?? gpus, contextMemory: contextPorts};
}
