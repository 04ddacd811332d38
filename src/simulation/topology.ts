/**
 * The hardware of a scenario as stations and pools: which pools there are, what lies below what, and which stations bytes pass between
 * any two of them. Routes of one server's NVMe drives cross host DRAM twice where they bounce; a pool of the whole cluster is reached
 * over the networks that its tier names, a pool of another server by the ways that its tier names for peers, and one instance's HBM from
 * another's over the scale-up domain or the east-west network.
 */
import {assert} from '../base/assert.ts';
import type {TierDevice} from '../devices/ports.ts';
import {RequestPool} from '../devices/requestPool.ts';
import type {Engine} from '../engine/engine.ts';
import type {Metered, Stage} from '../engine/stage.ts';
import {hbmLedger, type HbmLedger} from '../gpus/memory.ts';
import {kvBytesPerToken, kvBytesPerTokenHeld} from '../gpus/kv.ts';
import {BandwidthStation} from '../engine/bandwidthStation.ts';
import {NetworkPath} from '../networks/flowNetwork.ts';
import {NONE, type PoolConfig, type RouteConfig} from '../placement/ports.ts';
import type {Admission, AdmissionSpace, EvictionPolicy, PolicySpace} from '../placement/ports.ts';
import {ratedBytesPerDay} from '../scenario/endurance.ts';
import type {NetworkName, PeerWay} from '../scenario/networks.ts';
import type {InstanceGroup, Parallel, Scenario, Tier} from '../scenario/scenario.ts';
import type {Stages} from './carrier.ts';
import {joulesPerByte, pricePerByte} from './byteCost.ts';
import {socketsOf, type Spot} from './hostTree.ts';
import {joined, NOWHERE, Wiring, type Direction, type Way} from './wiring.ts';

export interface SimulatedInstance {
  readonly index: number;
  readonly role: InstanceGroup['role'];
  readonly gpus: number;
  /** Number of its first GPU, counted over all servers. */
  readonly firstGpu: number;
  readonly parallel: Parallel;
  /** The first and the last server that its GPUs are in. */
  readonly server: number;
  readonly lastServer: number;
  /** GPUs of other servers may belong to the same one. */
  readonly scaleUpDomain: number;
  readonly pool: number;
  readonly ledger: HbmLedger;
  /** Bytes that a block takes in this instance's HBM: tensor-parallel ranks may hold the same KV more than once. */
  readonly heldBlockBytes: number;
}

/** One pool and what stands behind it. */
interface Place {
  readonly index: number;
  readonly tier: number;
  readonly name: string;
  readonly capacityBytes: number;
  /** Ordinal of the instance or server that it belongs to; 0 for the cluster. */
  readonly owner: number;
  readonly device: TierDevice;
}

/** What a transfer crosses inside a server, between where it comes to the host and where it leaves it. */
interface Inside {
  readonly server: number;
  /** Towards the GPUs, and towards the farther pool. */
  readonly near: readonly Spot[];
  readonly far: readonly Spot[];
  /** Each place of one is beside its own of the other. */
  readonly beside: boolean;
}
const NOWHERE_INSIDE: Inside = {server: NONE, near: [], far: [], beside: false};

/** One of the ways from a pool to a pool. */
interface SimulatedRoute {
  readonly stages: Stages;
  /** Ticks between a transfer's submission and its first byte. */
  readonly startUpTicks: number;
  /** Which of the three networks it crosses; null: it stays in a server or a scale-up domain. */
  readonly network: NetworkName | null;
  /** Bytes can pass it now. */
  isOpen: boolean;
}

export interface NamedStation {
  readonly name: string;
  readonly class: string;
  readonly kind: 'memory' | 'device' | 'link';
  readonly tier: string | null;
  readonly bytesPerSecond: number;
  readonly joulesPerBit: number;
  readonly station: Metered;
}

/** Joules a bit: DRAM accesses, and links within a server (LLMServingSim, power model: 6 and 4 pJ). What a network takes is its fabric's. */
const MEMORY_JOULES_PER_BIT = 6e-12;
const LINK_JOULES_PER_BIT = 4e-12;
const CXL_SWITCH = 'cxl-switch';
const IN_SERVER: readonly string[] = ['host', 'scale-up', 'socket-link', 'switch-uplink', CXL_SWITCH];

export class Topology {
  readonly instances: SimulatedInstance[] = [];
  readonly pools: PoolConfig[] = [];
  readonly routes: RouteConfig[] = [];
  readonly stations: NamedStation[] = [];
  /** Bytes of a block below HBM, and on its way: once, and broadcast to the ranks that need it. */
  readonly blockBytes: number;
  private readonly engine: Engine;
  private readonly scenario: Scenario;
  private readonly places: Place[] = [];
  /** By tier rank, by owner: the pool's index. */
  private readonly poolsOf: number[][] = [];
  readonly wiring: Wiring;
  private readonly requestPools = new Map<number, RequestPool>();
  /** Buffers in host DRAM that no tier claims, by server. */
  private readonly buffers = new Map<number, Stage>();
  /** Of a route's stages: names of the stations and links that bytes cross. */
  private readonly crossedOf = new Map<Stages, readonly string[]>();
  /** By pair of pools. */
  private readonly routesOf: SimulatedRoute[][] = [];
  /** In the order of `routes`. */
  private readonly allRoutes: SimulatedRoute[] = [];
  /** Stations that do not work at their full rate, and the share at which they do. */
  private readonly shares = new Map<Metered, number>();
  /** A server's ports on a network, one direction, where the brain chooses between several networks; by what they are called. */
  private readonly laneOf = new Map<string, number>();

  constructor(engine: Engine, scenario: Scenario) {
    this.engine = engine;
    this.scenario = scenario;
    const groups = scenario.instances.flatMap((group) => Array.from({length: group.count}, () => group));
    const {blockTokens} = scenario.kv;
    this.blockBytes = Math.round(kvBytesPerToken(scenario.model) * blockTokens);
    this.wiring = new Wiring(engine, scenario, ticksPerSecond(scenario), this.blockBytes, (link, linkClass) =>
      this.nameStation(link, 'link', linkClass, null),
    );
    const {gpus: serverGpus, scaleUpGpus = serverGpus} = scenario.servers.server;
    let gpusBefore = 0;
    groups.forEach((group, index) => {
      const server = Math.floor(gpusBefore / serverGpus);
      const scaleUpDomain = Math.floor(gpusBefore / Math.max(scaleUpGpus, serverGpus));
      const firstGpu = gpusBefore;
      gpusBefore += group.gpus;
      const lastServer = Math.floor((gpusBefore - 1) / serverGpus);
      const utilisation = scenario.tiers[0].params['utilisation'] as number;
      const ledger = hbmLedger(scenario.model, scenario.servers.server.gpu, group.parallel, utilisation);
      const heldBlockBytes = Math.round(kvBytesPerTokenHeld(scenario.model, group.parallel.tensor) * blockTokens);
      this.instances.push({
        index,
        role: group.role,
        gpus: group.gpus,
        firstGpu,
        parallel: group.parallel,
        server,
        lastServer,
        scaleUpDomain,
        pool: index,
        ledger,
        heldBlockBytes,
      });
    });
    scenario.tiers.forEach((tier, rank) => this.addTier(tier, rank));
    this.places.forEach((place) => this.pools.push(this.poolOf(place)));
    this.addRoutes();
  }

  /** One of the ways between two pools; those that lead over several networks are numbered as their tier names these. */
  route(source: number, target: number, way = 0): SimulatedRoute {
    const route = this.routesOf[source * this.places.length + target]?.[way];
    assert(route !== undefined, `no route ${way} from ${this.places[source].name} to ${this.places[target].name}`);
    return route;
  }

  /** Lanes between which the brain chooses; 0 where no tier is reached over several networks. */
  get lanes(): number {
    return this.laneOf.size;
  }

  /** The pool of a tier below HBM that an instance uses. */
  poolAt(instance: number, tier: number): number {
    let pool = this.instances[instance].pool;
    while (this.places[pool].tier < tier) pool = this.pools[pool].below;
    return pool;
  }

  /** From now on a station works at this share of its rate. rateNow() knows of it. */
  setRate(station: Metered, share: number): void {
    this.shares.set(station, share);
    station.setRate(share);
  }

  /** Bytes per second of a route's slowest stage as things stand; 0 where it is stopped, or where a pool at its end is one of `dead`: then it is closed. */
  rateNow(index: number, dead: ReadonlySet<number>): number {
    const {source, target} = this.routes[index]!;
    const route = this.allRoutes[index]!;
    const shareOf = (station: Metered): number => this.shares.get(station) ?? 1;
    const slowest = Math.min(...route.stages.map((stage) => rateOf(stage, shareOf)));
    const rate = dead.has(source) || dead.has(target) ? 0 : slowest;
    route.isOpen = rate > 0;
    return rate;
  }

  /** Bytes that a block takes in a pool. */
  bytesOfBlock(pool: number): number {
    return pool < this.instances.length ? this.instances[pool].heldBlockBytes : this.blockBytes;
  }

  /** Names of the stations and links that bytes cross on a route of these stages. */
  crossed(stages: Stages): readonly string[] {
    return this.crossedOf.get(stages)!;
  }

  private addTier(tier: Tier, rank: number): void {
    const owners = tier.per === 'instance' ? this.instances.length : tier.per === 'server' ? this.scenario.servers.count : 1;
    this.poolsOf.push([]);
    for (let owner = 0; owner < owners; owner++) {
      const prefix = tier.per === 'instance' ? `instance${owner}.` : tier.per === 'server' ? `server${owner}.` : '';
      this.addPlace(tier, rank, owner, `${prefix}${tier.name}`);
    }
  }

  private addPlace(tier: Tier, rank: number, owner: number, name: string): void {
    const {scenario, engine} = this;
    const create = tier.kind.create as (params: object, context: object) => TierDevice;
    const device = create(tier.params, {
      engine,
      name,
      server: scenario.servers.server,
      servers: scenario.servers.count,
      per: tier.per,
      ticksPerSecond: ticksPerSecond(scenario),
      requests: tier.per === 'server' ? this.requestsOf(owner) : undefined,
      seed: scenario.seed,
    });
    const capacityBytes =
      rank === 0 ? (tier.capacityBytes ?? this.instances[owner].ledger.kvBytes) : (tier.capacityBytes ?? device.capacityBytes);
    const index = this.places.length;
    this.places.push({index, tier: rank, name, capacityBytes, owner, device});
    this.poolsOf[rank].push(index);
    const memory = tier.kind.name === 'dram' || rank === 0 ? 'memory' : 'device';
    for (const station of new Set([...device.read, ...device.write]))
      if (device.switches?.includes(station)) this.nameStation(station, 'link', CXL_SWITCH, null);
      else this.nameStation(station, memory, tier.name, tier.name);
  }

  /** A server's request pool; none where it is not limited. */
  private requestsOf(server: number): RequestPool | undefined {
    const {requestEntries, transferRequests} = this.scenario.servers.server;
    if (requestEntries === undefined || transferRequests === undefined) return undefined;
    const known = this.requestPools.get(server) ?? new RequestPool(requestEntries, transferRequests);
    this.requestPools.set(server, known);
    return known;
  }

  private nameStation(station: Metered, kind: NamedStation['kind'], stationClass: string, tier: string | null): void {
    const inServer = IN_SERVER.includes(stationClass);
    const joulesPerBit = kind === 'memory' ? MEMORY_JOULES_PER_BIT : inServer ? LINK_JOULES_PER_BIT : 0;
    this.stations.push({
      name: station.name,
      class: stationClass,
      kind,
      tier,
      bytesPerSecond: station.bytesPerSecond,
      joulesPerBit,
      station,
    });
  }

  private poolOf(place: Place): PoolConfig {
    const tier = this.scenario.tiers[place.tier];
    const capacityBlocks = Math.floor(place.capacityBytes / this.bytesOfBlock(place.index));
    const last = place.tier === this.scenario.tiers.length - 1;
    const reserves = capacityBlocks !== Infinity && (place.tier === 0 || !last);
    const create = tier.policy.create as (params: object, space: PolicySpace) => EvictionPolicy;
    const admit = tier.admission.create as (params: object, space: AdmissionSpace) => Admission | null;
    const hardware = {
      seed: this.scenario.seed,
      ticksPerSecond: ticksPerSecond(this.scenario),
      gpus: this.instances[0].gpus,
      ratedBytesPerDay: ratedBytesPerDay(tier.params),
    };
    return {
      name: place.name,
      tier: place.tier,
      capacityBlocks,
      below: last ? NONE : this.poolBelow(place),
      write: tier.write,
      ttl: tier.ttlNs === null ? Infinity : Math.round((tier.ttlNs * ticksPerSecond(this.scenario)) / 1e9),
      promote: tier.promote,
      promoteOn: tier.promoteOn,
      reserveLow: reserves ? Math.ceil(capacityBlocks * tier.reserve.low) : 0,
      reserveHigh: reserves ? Math.ceil(capacityBlocks * tier.reserve.high) : 0,
      policy: (space) => create(tier.policyParams, space),
      ...(place.tier === 0 ? {} : {admission: (space) => admit(tier.admissionParams, {...space, ...hardware})}),
    };
  }

  private poolBelow(place: Place): number {
    const below = this.poolsOf[place.tier + 1];
    const per = this.scenario.tiers[place.tier + 1].per;
    if (per === 'cluster') return below[0];
    return per === 'server' ? below[this.serverOf(place)] : below[place.owner];
  }

  private serverOf(place: Place): number {
    const {per} = this.scenario.tiers[place.tier];
    if (per === 'instance') return this.instances[place.owner].server;
    return per === 'server' ? place.owner : NONE;
  }

  /** Ways down from every pool to all below it, ways up from each of those to HBM and from those of other servers, and hand-offs from prefill to decode. */
  private addRoutes(): void {
    for (const place of this.places) {
      for (let at = this.pools[place.index].below; at !== NONE; at = this.pools[at].below) {
        const below = this.places[at];
        this.addWays(place, below);
        if (place.tier === 0) this.addWays(below, place);
      }
    }
    for (const place of this.places) if (this.scenario.tiers[place.tier].peers.length > 0) this.addPeers(place);
    const elastic = this.scenario.serving.elasticEveryNs !== null;
    const prefill = this.instances.filter(({role}) => role === 'prefill' || (elastic && role === 'decode'));
    const decode = prefill.length === 0 ? [] : this.instances.filter(({role}) => role !== 'prefill' || elastic);
    for (const from of prefill)
      for (const to of decode) {
        if (from === to) continue;
        const near = from.scaleUpDomain === to.scaleUpDomain;
        const way = near ? this.wiring.scaleUp(from, to) : this.wiring.eastWest(from, to);
        this.addRoute(this.places[from.pool], this.places[to.pool], [way], near ? undefined : this.lane(from.server, 'eastWest', 'out'));
      }
  }

  /** One way for each network over which the farther of the two is reached. */
  private addWays(source: Place, target: Place): void {
    const [near, far] = source.tier < target.tier ? [source, target] : [target, source];
    const direction: Direction = source === near ? 'out' : 'in';
    const server = this.serverOf(near);
    const {per, networks} = this.scenario.tiers[far.tier];
    const reached = per === 'cluster' && far.device.attachment === undefined && server !== NONE;
    const instance = near.tier === 0 ? this.instances[near.owner] : null;
    const packaged = far.device.attachment === 'package';
    const host = instance === null || packaged ? NOWHERE : this.wiring.host(instance, direction);
    const from = {server, near: this.spotsOf(near)};
    if (!reached) {
      const inside = packaged || server === NONE ? NOWHERE_INSIDE : {...from, far: this.spotsOf(far), beside: per === 'instance'};
      return this.addRoute(source, target, this.between(source, target, host, NOWHERE, inside), undefined);
    }
    for (const network of networks) {
      const beyond = this.wiring.toCluster(network, server, instance, direction);
      const beside = network === 'eastWest' && instance !== null;
      const inside = {...from, far: this.wiring.adapters(network, instance), beside};
      this.addRoute(source, target, this.between(source, target, host, beyond, inside), this.lane(server, network, direction));
    }
  }

  /** Where in its server a pool hangs; for one of the cluster, what leads to it. */
  private spotsOf({tier: rank, owner}: Place): readonly Spot[] {
    const {tree} = this.wiring;
    const {kind, per, attached} = this.scenario.tiers[rank];
    if (tree === null) return [];
    const onSockets = kind.name === 'dram' || kind.name === 'cxl';
    if (per === 'instance') return onSockets ? socketsOf(this.wiring.gpus(this.instances[owner])) : this.wiring.gpus(this.instances[owner]);
    return per === 'cluster' || (onSockets && attached === 'spread') ? tree.memory : tree.at(attached);
  }

  /** From a server's pool to the instances of others. */
  private addPeers(place: Place): void {
    const server = this.serverOf(place);
    for (const instance of this.instances) {
      if (instance.server === server) continue;
      for (const peer of this.scenario.tiers[place.tier].peers) {
        const relay = this.relayFor(instance, server);
        if (peer === 'scaleUp' && relay === undefined) continue;
        const [exit, way] =
          peer === 'scaleUp'
            ? [this.wiring.gpus(relay!), this.wiring.relay(relay!, instance)]
            : [this.wiring.adapters(peer, null), this.wiring.fromPeer(peer, server, instance)];
        const inside = {server, near: exit, far: this.spotsOf(place), beside: false};
        const target = this.places[instance.pool];
        this.addRoute(place, target, this.between(place, target, way, NOWHERE, inside), this.lane(server, peer, 'out'));
      }
    }
  }

  /** Whose GPUs read for an instance in another server of its scale-up domain: readers take that server's instances in turns. */
  private relayFor({index, scaleUpDomain}: SimulatedInstance, server: number): SimulatedInstance | undefined {
    const near = this.instances.filter((one) => one.server === server && one.scaleUpDomain === scaleUpDomain);
    return near[index % near.length];
  }

  /** Lanes are counted where some pool is reached by several ways, and then for all that crosses these. */
  private lane(server: number, way: PeerWay, direction: Direction): number | undefined {
    if (this.scenario.tiers.every(({networks, peers}) => networks.length === 1 && peers.length <= 1)) return undefined;
    const name = `server${server}.${way}.${direction}`;
    const lane = this.laneOf.get(name) ?? this.laneOf.size;
    this.laneOf.set(name, lane);
    return lane;
  }

  /** A way is a path of the flow network; stages are as they are. */
  private addRoute(source: Place, target: Place, parts: readonly (Way | Stage)[], lane: number | undefined): void {
    const routes = (this.routesOf[source.index * this.places.length + target.index] ??= []);
    const number = routes.length === 0 ? '' : `~${routes.length + 1}`;
    const ways = parts.filter((part) => 'links' in part && !('submit' in part)) as Way[];
    let paths = 0;
    const stages = parts.flatMap((part): Stage[] => {
      if ('submit' in part) return [part];
      if (part.links.length === 0) return [];
      const path = this.wiring.path(`${source.name}>${target.name}${number}${paths++ > 0 ? `.${paths}` : ''}`, part);
      if (part.network !== null) this.wiring.crossing[part.network].push(path);
      return [path];
    });
    const {startUpNs = 0} = (source.tier === 0 ? target : source).device;
    const startNs = ways.reduce((sum, way) => sum + way.startNs, startUpNs);
    const idleNs = source.tier === 0 ? target.device.writeNs : source.device.readNs;
    const network = ways.find((way) => way.network !== null)?.network ?? null;
    const route = {stages, startUpTicks: Math.round((startNs * ticksPerSecond(this.scenario)) / 1e9), network, isOpen: true};
    routes.push(route);
    this.allRoutes.push(route);
    this.routes.push({
      source: source.index,
      target: target.index,
      latencyNs: idleNs + startNs,
      bytesPerSecond: Math.min(...stages.map((stage) => stage.bytesPerSecond)),
      costPerByte: this.costPerByte(source, stages, network),
      ...(lane === undefined ? {} : {lane}),
    });
    this.crossedOf.set(
      stages,
      parts.flatMap((part) => ('submit' in part ? [part.name] : part.links.map((link) => link.name))),
    );
  }

  /** Joules or dollars of a byte that comes from a pool, where placement decides by them. */
  private costPerByte(source: Place, stages: readonly Stage[], network: NetworkName | null): number {
    const {placement, tiers, networks} = this.scenario;
    if (placement.reload !== 'leastEnergy' && placement.reload !== 'leastPrice') return 0;
    const memory = this.stations.reduce(
      (sum, {station, joulesPerBit}) => (stages.some((stage) => stage === station) ? sum + joulesPerBit : sum),
      0,
    );
    const crossings = stages.flatMap(crossingsOf).reduce((sum, {part}) => sum + part, 0);
    const link = network === null ? LINK_JOULES_PER_BIT * Math.max(1, crossings) : networks[network].fabric.picojoulesPerBit * 1e-12;
    const rate = source.device.readBytesPerSecond;
    const joules = joulesPerByte(tiers[source.tier], rate, memory + link);
    return placement.reload === 'leastEnergy'
      ? joules
      : pricePerByte(this.scenario, tiers[source.tier], source.capacityBytes, rate, joules);
  }

  /** From one pool's device to another's: `host` between the GPUs and the host that both share, or that the farther is in, and `beyond` between that and what all share. */
  private between(source: Place, target: Place, host: Way, beyond: Way, inside: Inside): (Way | Stage)[] {
    const [near, far] = source.tier < target.tier ? [source, target] : [target, source];
    const out = source === near;
    const bounce = this.bounce(near, far);
    const memory = inside.beside ? socketsOf(inside.near) : (this.wiring.tree?.memory ?? []);
    const hop = (a: readonly Spot[], b: readonly Spot[]): Way =>
      out ? this.wiring.inside(inside.server, a, b, inside.beside) : this.wiring.inside(inside.server, b, a, inside.beside);
    const chain = (...ways: Way[]): Way => (out ? ways : ways.reverse()).reduce((first, second) => joined(first, second));
    if (bounce.length === 0) return [...source.device.read, chain(host, hop(inside.near, inside.far), beyond), ...target.device.write];
    const ends = [chain(host, hop(inside.near, memory)), chain(hop(memory, inside.far), beyond)];
    const [first, last] = out ? ends : ends.reverse();
    return [...source.device.read, first, ...bounce, last, ...target.device.write];
  }

  /** Host DRAM, written and read, where the way between HBM and a device goes through a buffer there: in the device's server, or where all share it, in the instance's. */
  private bounce(near: Place, far: Place): Stage[] {
    if (near.tier !== 0 || this.scenario.tiers[far.tier].params['path'] !== 'bounce') return [];
    const server = this.serverOf(far) === NONE ? this.serverOf(near) : this.serverOf(far);
    const dram = this.places.find((place) => this.scenario.tiers[place.tier].kind.name === 'dram' && this.serverOf(place) === server);
    if (dram !== undefined) return [...dram.device.write, ...dram.device.read];
    const buffer = this.buffer(server);
    return [buffer, buffer];
  }

  private buffer(server: number): Stage {
    const known = this.buffers.get(server);
    if (known !== undefined) return known;
    const station = new BandwidthStation(this.engine, {
      name: `server${server}.dram`,
      bytesPerSecond: this.scenario.servers.server.dramBytesPerSecond,
      ticksPerSecond: ticksPerSecond(this.scenario),
    });
    this.buffers.set(server, station);
    this.nameStation(station, 'memory', 'dram', null);
    return station;
  }
}

/** A path is as fast as its slowest link, or as one flow of it where that is less. */
function rateOf(stage: Stage, shareOf: (station: Metered) => number): number {
  return Math.min(
    stage.bytesPerSecond * shareOf(stage),
    ...crossingsOf(stage).map(({link, part}) => (link.bytesPerSecond * shareOf(link)) / part),
  );
}

/** The links of a stage that is a path, and which part of its bytes crosses each. */
function crossingsOf(stage: Stage): readonly {readonly link: Metered; readonly part: number}[] {
  return stage instanceof NetworkPath ? stage.links.map((link, i) => ({link, part: stage.parts[i]})) : [];
}

export function ticksPerSecond(scenario: Scenario): number {
  return scenario.timebase === 'ps' ? 1e12 : 1e9;
}
