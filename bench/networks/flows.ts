/**
 * What a flow costs: closed loops of random flows between hosts, a port out and a port in each, in CPU time from the begin of a flow to its
 * end; beside SimGrid where it is there, in rounds, so that both figures of a ratio were taken within seconds of each other. Then whether both
 * end the same flows at the same time; and a cluster of 1,024 GPUs with eight adapters each.
 *   npm run bench:networks
 */
import {Engine} from '../../src/engine/engine.ts';
import {FlowNetwork, type NetworkLink, type NetworkPath} from '../../src/networks/flowNetwork.ts';
import {closedLoop, openArrivals, type Loop} from './loop.ts';
import {simgrid} from './simgrid.ts';

const PORT = 12.5e9;
const ROUNDS = 5;
const loops: readonly (Loop & {readonly goal?: number})[] = [
  {hosts: 32, perHost: 1, flows: 200_000, goal: 1},
  {hosts: 256, perHost: 1, flows: 200_000, goal: 1},
  {hosts: 64, perHost: 8, flows: 60_000, goal: 2},
  {hosts: 256, perHost: 8, flows: 30_000},
];
/** Adapter n of a GPU is on rail n; 32 GPUs of a rail are below one leaf, whose uplinks carry half of what they can send. */
const CLUSTER = {gpus: 1024, rails: 8, leafGpus: 32, oversubscription: 2, flows: 100_000};

type PathOf = (from: number, to: number) => NetworkPath;

/** A port out and a port in for each host. */
function ports(network: FlowNetwork, hosts: number): {readonly out: NetworkLink[]; readonly into: NetworkLink[]} {
  const of = (side: string): NetworkLink[] =>
    Array.from({length: hosts}, (_, i) => network.link({name: `${side}${i}`, bytesPerSecond: PORT}));
  return {out: of('out'), into: of('in')};
}

/** Paths made when they are first used. */
function paths(network: FlowNetwork, hosts: number, linksOf: (from: number, to: number) => readonly NetworkLink[]): PathOf {
  const made = new Map<number, NetworkPath>();
  return (from, to) => {
    const key = from * hosts + to;
    let path = made.get(key);
    if (path === undefined) made.set(key, (path = network.path({name: `${from}-${to}`, links: linksOf(from, to)})));
    return path;
  };
}

/** All paths are there before the first flow, as SimGrid's routes are. */
function flat(network: FlowNetwork, hosts: number): PathOf {
  const {out, into} = ports(network, hosts);
  const pathOf = paths(network, hosts, (from, to) => [out[from]!, into[to]!]);
  for (let from = 0; from < hosts; from++) for (let to = 0; to < hosts; to++) if (from !== to) pathOf(from, to);
  return pathOf;
}

/** Hosts are adapters, GPU by GPU. A flow stays on its rail. */
function cluster(network: FlowNetwork): PathOf {
  const {gpus, rails, leafGpus, oversubscription} = CLUSTER;
  const hosts = gpus * rails;
  const {out, into} = ports(network, hosts);
  const uplinks = (side: string): NetworkLink[] =>
    Array.from({length: (gpus / leafGpus) * rails}, (_, i) =>
      network.link({name: `${side}${i}`, bytesPerSecond: (leafGpus * PORT) / oversubscription}),
    );
  const [up, down] = [uplinks('up'), uplinks('down')];
  const leafOf = (adapter: number): number => Math.floor(adapter / rails / leafGpus) * rails + (adapter % rails);
  const linksOf = (from: number, to: number): readonly NetworkLink[] => {
    const [source, target] = [leafOf(from), leafOf(to)];
    return source === target ? [out[from]!, into[to]!] : [out[from]!, up[source]!, down[target]!, into[to]!];
  };
  const pathOf = paths(network, hosts, linksOf);
  return (from, to) => pathOf(from, to - (to % rails) + (from % rails));
}

interface Cost {
  readonly seconds: number;
  readonly endNs: number;
  readonly events: number;
}

function closed(loop: Loop, wire: (network: FlowNetwork) => PathOf): Cost {
  const engine = new Engine();
  const pathOf = wire(new FlowNetwork(engine));
  const next = closedLoop(loop);
  const step = (slot: number): void => {
    const flow = next(slot);
    if (flow !== null) pathOf(flow.from, flow.to).submit(flow.bytes, ended, slot);
  };
  const ended = engine.on('bench.ended', step);
  const before = process.cpuUsage();
  for (let slot = 0; slot < loop.hosts * loop.perHost; slot++) step(slot);
  engine.run();
  const {user, system} = process.cpuUsage(before);
  return {seconds: (user + system) / 1e6, endNs: engine.now, events: engine.events};
}

/** When each flow of openArrivals() ended, nanoseconds. */
function endsOf(hosts: number, flows: number): number[] {
  const engine = new Engine();
  const pathOf = flat(new FlowNetwork(engine), hosts);
  const arrivals = openArrivals(hosts, flows);
  const ends = arrivals.map(() => NaN);
  const ended = engine.on('bench.ended', (i) => (ends[i] = engine.now));
  const begin = engine.on('bench.begin', (i) => pathOf(arrivals[i]!.from, arrivals[i]!.to).submit(arrivals[i]!.bytes, ended, i));
  arrivals.forEach(({atNs}, i) => engine.at(atNs, begin, i));
  engine.run();
  return ends;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const cells = (...words: readonly string[]): string => words.map((word) => word.padStart(13)).join('');

const reference = simgrid();
if (reference === null) console.log('SimGrid left out: g++ or libsimgrid-dev is missing');
let missed = 0;

console.log(cells('hosts', 'at once', 'flows', 'flows/CPU-s', 'us/flow', 'events/flow', 'SimGrid', 'ratio', 'goal'));
for (const loop of loops) {
  const rounds = Array.from({length: ROUNDS}, () => ({
    ours: closed(loop, (network) => flat(network, loop.hosts)),
    theirs: reference?.seconds(loop) ?? NaN,
  }));
  const seconds = median(rounds.map(({ours}) => ours.seconds));
  const ratio = median(rounds.map(({ours, theirs}) => theirs / ours.seconds));
  const {goal = NaN} = loop;
  if (ratio < goal) missed++;
  console.log(
    cells(
      String(loop.hosts),
      String(loop.hosts * loop.perHost),
      String(loop.flows),
      (loop.flows / seconds).toFixed(0),
      ((seconds / loop.flows) * 1e6).toFixed(1),
      (rounds[0]!.ours.events / loop.flows).toFixed(2),
      reference === null ? '-' : (loop.flows / median(rounds.map(({theirs}) => theirs))).toFixed(0),
      reference === null ? '-' : ratio.toFixed(2),
      Number.isNaN(goal) || reference === null ? '-' : `>= ${goal} ${ratio < goal ? 'missed' : 'met'}`,
    ),
  );
}

for (const hosts of reference === null ? [] : [32, 256]) {
  const flows = 40_000;
  const ours = endsOf(hosts, flows);
  const theirs = reference!.ends(hosts, flows);
  const arrivals = openArrivals(hosts, flows);
  const differences = ours.map((end, i) => Math.abs((end - arrivals[i]!.atNs) / (theirs[i]! * 1e9 - arrivals[i]!.atNs) - 1));
  const largest = Math.max(...differences);
  if (!(largest <= 0.01)) missed++;
  console.log(
    `${hosts} hosts, ${flows} flows at 60 % load: times of flows differ from SimGrid's by ${(largest * 100).toPrecision(2)} % at most, goal <= 1 %: ${largest <= 0.01 ? 'met' : 'missed'}`,
  );
}

const {gpus, rails, flows} = CLUSTER;
const all = closed({hosts: gpus * rails, perHost: 1, flows}, cluster);
const gibibytes = process.resourceUsage().maxRSS / 2 ** 20;
if (all.seconds > 60 || gibibytes > 2) missed++;
console.log(
  `${gpus} GPUs with ${rails} adapters each, ${flows} flows, ${gpus * rails} at once over rails of oversubscribed leaves: ${all.seconds.toFixed(1)} CPU-s, ${gibibytes.toFixed(2)} GiB at most; goal <= 60 and <= 2`,
);
console.log(missed === 0 ? 'all goals met' : `${missed} missed`);
