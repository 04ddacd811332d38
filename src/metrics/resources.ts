/** Stations by class, and which of all resources is nearest to its limit. */
import {distribution} from './latencies.ts';
import type {NetworkMeter, RunInfo} from './records.ts';
import type {DriveWear, FabricSummary, ResourceSummary, RunEnd, Summary, TierSummary} from './summary.ts';

export function resourcesOf(
  info: RunInfo,
  end: RunEnd,
  wear: {readonly [stationClass: string]: DriveWear},
): {networks: {[name: string]: ResourceSummary}; devices: {[name: string]: ResourceSummary}} {
  const networks: {[name: string]: ResourceSummary} = {};
  const devices: {[name: string]: ResourceSummary} = {};
  for (const name of new Set(info.resources.map((resource) => resource.class))) {
    const members = info.resources.flatMap((resource, i) => (resource.class === name ? [i] : []));
    (info.resources[members[0]!]!.kind === 'link' ? networks : devices)[name] = {
      ...classSummary(info, end, members),
      ...(wear[name] === undefined ? {} : {drives: wear[name]}),
    };
  }
  return {networks, devices};
}

function classSummary(info: RunInfo, end: RunEnd, members: readonly number[]): ResourceSummary {
  const sum = (of: (i: number) => number): number => members.reduce((total, i) => total + of(i), 0);
  const busy = (i: number): number => (end.simulatedNs > 0 ? end.resources[i]!.busyNs / end.simulatedNs : 0);
  const hottest = members.reduce((best, i) => (busy(i) > busy(best) ? i : best), members[0]!);
  return {
    kind: info.resources[members[0]!]!.kind,
    count: members.length,
    bytesPerSecond: sum((i) => info.resources[i]!.bytesPerSecond),
    bytes: sum((i) => end.resources[i]!.bytes),
    operations: sum((i) => end.resources[i]!.operations),
    utilisation: {mean: sum(busy) / members.length, max: busy(hottest), hottest: info.resources[hottest]!.name},
    queue: {
      mean: end.simulatedNs > 0 ? sum((i) => end.resources[i]!.queuedNs) / members.length / end.simulatedNs : 0,
      max: Math.max(...members.map((i) => end.resources[i]!.queuedMax)),
    },
    latency: {mean: timesOf(end, members).latency},
  };
}

/** Of the stations of one tier. */
export function tierUse(info: RunInfo, end: RunEnd, tier: string): Pick<TierSummary, 'utilisation' | 'queueWait' | 'service'> {
  const members = info.resources.flatMap((resource, i) => (resource.tier === tier ? [i] : []));
  const busy = members.reduce((sum, i) => sum + end.resources[i]!.busyNs, 0);
  const {wait, service} = timesOf(end, members);
  return {
    utilisation: members.length > 0 && end.simulatedNs > 0 ? busy / members.length / end.simulatedNs : 0,
    queueWait: {mean: wait},
    service: {mean: service},
  };
}

/** Mean seconds of an operation by Little's law: the integrals of those present, and of those in service, over operations. */
function timesOf(
  end: RunEnd,
  members: readonly number[],
): {readonly latency: number | null; readonly service: number | null; readonly wait: number | null} {
  const sum = (of: (i: number) => number): number => members.reduce((total, i) => total + of(i), 0);
  const operations = sum((i) => end.resources[i]!.operations);
  if (operations === 0) return {latency: null, service: null, wait: null};
  const latency = sum((i) => end.resources[i]!.queuedNs) / operations / 1e9;
  const service = sum((i) => end.resources[i]!.busyNs) / operations / 1e9;
  return {latency, service, wait: Math.max(0, latency - service)};
}

/** The networks of a server: what each moved, how long its transfers and the bursts beside them took, and what it costs. */
export function fabricsOf(networks: readonly NetworkMeter[]): {[network: string]: FabricSummary} {
  const total = networks.reduce((sum, {bytes}) => sum + bytes, 0);
  return Object.fromEntries(
    networks.map(({name, transfers, bursts, ...rest}) => [
      name,
      {
        ...rest,
        share: total > 0 ? rest.bytes / total : null,
        transfers: distribution(transfers),
        background: distribution(bursts),
      },
    ]),
  );
}

/** The busiest of GPUs and stations over the whole run, and the one after it. */
export function bottleneckOf(info: RunInfo, end: RunEnd): Summary['bottleneck'] {
  const time = end.simulatedNs;
  const uses = [
    ...info.resources.map((resource, i) => ({name: resource.name, use: time > 0 ? end.resources[i]!.busyNs / time : 0})),
    ...end.instances.map(({prefillNs, decodeNs}, i) => ({name: `instance${i}.gpus`, use: time > 0 ? (prefillNs + decodeNs) / time : 0})),
  ].sort((a, b) => b.use - a.use);
  const [first, ...others] = uses;
  const next = others.find(({name}) => kindOf(name) !== kindOf(first!.name));
  return {resource: first!.name, utilisation: first!.use, headroom: 1 - first!.use, next: next?.name ?? null};
}

/** instance3.gpus and instance4.gpus are one kind of thing. */
function kindOf(name: string): string {
  return name.replace(/\d+/g, '');
}
