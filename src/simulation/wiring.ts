/**
 * The cables of a scenario: links of one flow network. An instance has its GPUs' host links, scale-up ports and rails; a server its ports on
 * three networks, and what is inside it (hostTree.ts); a leaf its uplinks on each network. The rails of a server are one link of their
 * sum: a transfer is striped over all of them in equal parts, which end together.
 */
import type {Engine} from '../engine/engine.ts';
import {FlowNetwork, type NetworkLink, type NetworkPath} from '../networks/flowNetwork.ts';
import type {Network, NetworkName} from '../scenario/networks.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {HostTree, type Spot} from './hostTree.ts';
import type {SimulatedInstance} from './topology.ts';

/** Light in fibre: 4.6 to 5.0 ns a metre (vendor latency notes). */
const NS_PER_METRE = 5;
/** A hop over NVLink, one way: 0.79 us measured on GB200, 0.83 on H100; ASTRA-sim's calibrated file says 0.94. */
const SCALE_UP_NS = 830;

const CLASSES: {readonly [Name in NetworkName]: string} = {
  northSouth: 'north-south',
  eastWest: 'east-west',
  contextMemory: 'context-memory',
};

export type Direction = 'in' | 'out';

/** Links in order, and what a transfer over them takes beyond its bytes. */
export interface Way {
  readonly links: readonly NetworkLink[];
  /** By link: which part of the bytes crosses it. Absent: all of them. */
  readonly parts?: readonly number[];
  /** Once for each transfer, before its first byte: start-up, adapters, switches, cable. */
  readonly startNs: number;
  /** Flows at once; undefined: no limit. */
  readonly flowsMax: number | undefined;
  /** Which of the three networks it crosses. */
  readonly network: NetworkName | null;
}

export const NOWHERE: Way = {links: [], startNs: 0, flowsMax: undefined, network: null};

/** One way after another. */
export function joined(first: Way, second: Way): Way {
  return {
    links: [...first.links, ...second.links],
    ...(first.parts === undefined && second.parts === undefined ? {} : {parts: [...partsOf(first), ...partsOf(second)]}),
    startNs: first.startNs + second.startNs,
    flowsMax: first.flowsMax ?? second.flowsMax,
    network: first.network ?? second.network,
  };
}

function partsOf({links, parts}: Way): readonly number[] {
  return parts ?? links.map(() => 1);
}

export class Wiring {
  /** What is inside each server; null: nothing that could be a limit. */
  readonly tree: HostTree | null;
  /** What crosses each network, background apart. */
  readonly crossing: {readonly [Name in NetworkName]: NetworkPath[]} = {northSouth: [], eastWest: [], contextMemory: []};
  private readonly network: FlowNetwork;
  private readonly scenario: Scenario;
  private readonly blockBytes: number;
  private readonly made: (link: NetworkLink, linkClass: string) => void;
  private readonly links = new Map<string, NetworkLink>();

  /** `made` is told of every link. */
  constructor(
    engine: Engine,
    scenario: Scenario,
    ticksPerSecond: number,
    blockBytes: number,
    made: (link: NetworkLink, linkClass: string) => void,
  ) {
    this.network = new FlowNetwork(engine, {ticksPerSecond});
    this.scenario = scenario;
    this.tree = scenario.servers.server.hostTree ? new HostTree(scenario.servers.server) : null;
    this.blockBytes = blockBytes;
    this.made = made;
  }

  /** Slabs follow each other without a gap; what the way takes beyond their bytes is paid once, when a transfer starts. */
  path(name: string, {links, parts, flowsMax}: Way): NetworkPath {
    return this.network.path({name, links, ...(parts === undefined ? {} : {parts}), ...(flowsMax === undefined ? {} : {flowsMax})});
  }

  /** From places in a server to others: each to every other, or `beside`, each to its own. */
  inside(server: number, from: readonly Spot[], to: readonly Spot[], beside: boolean): Way {
    const crossings = this.tree?.crossed(from, to, beside) ?? [];
    if (crossings.length === 0) return NOWHERE;
    const links = crossings.map(({name, linkClass, bytesPerSecond}) => this.link(`server${server}.${name}`, linkClass, bytesPerSecond));
    return {...NOWHERE, links, parts: crossings.map(({part}) => part)};
  }

  /** Where an instance's GPUs hang. */
  gpus({firstGpu, gpus}: SimulatedInstance): readonly Spot[] {
    return this.tree?.gpus(firstGpu, gpus) ?? [];
  }

  /** Where a network's adapters hang: those of the east-west network beside the GPUs, behind the same switches; the others on the sockets. */
  adapters(name: NetworkName, instance: SimulatedInstance | null): readonly Spot[] {
    if (this.tree === null || name !== 'eastWest') return this.tree?.memory ?? [];
    return instance === null ? this.tree.devices : this.gpus(instance);
  }

  /** PCIe or C2C of an instance's GPUs; out: from the GPUs. */
  host({index, gpus}: SimulatedInstance, direction: Direction): Way {
    const {hostBytesPerSecond} = this.scenario.servers.server.gpu;
    const name = `instance${index}.host.${direction === 'out' ? 'up' : 'down'}`;
    return {...NOWHERE, links: [this.link(name, 'host', hostBytesPerSecond * gpus)]};
  }

  /** From one instance's GPUs to another's in the same scale-up domain. */
  scaleUp(from: SimulatedInstance, to: SimulatedInstance): Way {
    const {scaleUpBytesPerSecond} = this.scenario.servers.server.gpu;
    const port = ({index, gpus}: SimulatedInstance, direction: Direction): NetworkLink =>
      this.link(`instance${index}.scaleUp.${direction}`, 'scale-up', scaleUpBytesPerSecond * gpus);
    return {...NOWHERE, links: [port(from, 'out'), port(to, 'in')], startNs: SCALE_UP_NS};
  }

  /** From one instance's GPUs to another's over the east-west network, whose adapters hang on the GPUs' host links. */
  eastWest(from: SimulatedInstance, to: SimulatedInstance): Way {
    const way = this.across('eastWest', from.server, from, to);
    return joined(joined(this.host(from, 'out'), way), this.host(to, 'in'));
  }

  /** From the host of one instance to another's GPUs in the same scale-up domain: its own GPUs read and pass on. */
  relay(through: SimulatedInstance, to: SimulatedInstance): Way {
    return joined(this.host(through, 'in'), this.scaleUp(through, to));
  }

  /** From a server's host over a network to the GPUs of an instance elsewhere. */
  fromPeer(name: NetworkName, server: number, to: SimulatedInstance): Way {
    const inside = this.inside(to.server, this.adapters(name, to), this.gpus(to), name === 'eastWest');
    return joined(joined(this.across(name, server, null, to), inside), this.host(to, 'in'));
  }

  /** Between a server, or the GPUs of one of its instances, and whatever all servers share. */
  toCluster(name: NetworkName, server: number, instance: SimulatedInstance | null, direction: Direction): Way {
    const links = [
      ...this.railsOf(name, instance, direction),
      this.port(name, server, direction),
      ...this.uplinks(name, server, direction),
    ];
    return this.way(name, direction === 'out' ? links : links.reverse(), false);
  }

  /** From a server, or the GPUs of an instance there, to an instance's GPUs elsewhere. */
  private across(name: NetworkName, server: number, from: SimulatedInstance | null, to: SimulatedInstance): Way {
    const near = this.leafOf(name, server) === this.leafOf(name, to.server);
    const out = [...this.railsOf(name, from, 'out'), this.port(name, server, 'out')];
    const into = [this.port(name, to.server, 'in'), ...this.railsOf(name, to, 'in')];
    const uplinks = near ? [] : [...this.uplinks(name, server, 'out'), ...this.uplinks(name, to.server, 'in')];
    return this.way(name, [...out, ...uplinks, ...into], near);
  }

  private way(name: NetworkName, links: readonly NetworkLink[], near: boolean): Way {
    const {fabric, distance, hops, order} = this.scenario.networks[name];
    return {
      links,
      startNs: fabric.startUp + fabric.adapterLatency + (near ? 1 : hops) * fabric.switchLatency + distance * NS_PER_METRE,
      flowsMax: order === 'fifo' ? 1 : undefined,
      network: name,
    };
  }

  /** Only the east-west network has rails, and only GPUs are on them. */
  private railsOf(name: NetworkName, instance: SimulatedInstance | null, direction: Direction): NetworkLink[] {
    return instance !== null && name === 'eastWest' ? this.rails(instance, direction) : [];
  }

  /** The share of its server's east-west ports that belongs to an instance's GPUs; all of them are the server's own link. */
  private rails({index, gpus}: SimulatedInstance, direction: Direction): NetworkLink[] {
    const share = gpus / this.scenario.servers.server.gpus;
    if (share >= 1) return [];
    const rate = share * portsRate(this.scenario.networks.eastWest, this.blockBytes);
    return [this.link(`instance${index}.eastWest.${direction}`, 'rails', rate)];
  }

  private port(name: NetworkName, server: number, direction: Direction): NetworkLink {
    const network = this.scenario.networks[name];
    const link = `server${server}.${name}.${direction}`;
    return this.link(link, CLASSES[name], portsRate(network, this.blockBytes), network.flowsMax);
  }

  /** A leaf's cables to the spine; none where they could never be the limit. */
  private uplinks(name: NetworkName, server: number, direction: Direction): NetworkLink[] {
    const network = this.scenario.networks[name];
    const {oversubscription, serversPerLeaf} = network;
    if (oversubscription === 1) return [];
    const leaf = this.leafOf(name, server);
    const servers = Math.min(serversPerLeaf, this.scenario.servers.count - leaf * serversPerLeaf);
    const rate = (servers * portsRate(network, this.blockBytes)) / oversubscription;
    return [this.link(`leaf${leaf}.${name}.${direction === 'out' ? 'up' : 'down'}`, `${CLASSES[name]}-uplinks`, rate)];
  }

  private leafOf(name: NetworkName, server: number): number {
    return Math.floor(server / this.scenario.networks[name].serversPerLeaf);
  }

  private link(name: string, linkClass: string, bytesPerSecond: number, flowsMax?: number): NetworkLink {
    const known = this.links.get(name);
    if (known !== undefined) return known;
    const link = this.network.link({name, bytesPerSecond, ...(flowsMax === undefined ? {} : {flowsMax})});
    this.links.set(name, link);
    this.made(link, linkClass);
    return link;
  }
}

/** Bytes per second of a server's ports on a network together: what the fabric leaves of their rate, or what it can do in messages. */
export function portsRate({ports, portRate, fabric, messageBytes}: Network, blockBytes: number): number {
  const messages = fabric.messagesPerSecond === undefined ? Infinity : fabric.messagesPerSecond * (messageBytes ?? blockBytes);
  return ports * Math.min(portRate * fabric.efficiency, messages);
}
