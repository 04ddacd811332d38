/** Energy and money of a run. Prices are inputs; where one is missing the amounts that need it are null, and the price is named. */
import type {Scenario} from '../scenario/scenario.ts';
import {pricesMissing, tierPrice} from '../scenario/tierPrice.ts';
import {poolsOf, type RunInfo} from './records.ts';
import type {Money, RunEnd, Summary} from './summary.ts';

const SECONDS_PER_YEAR = 365 * 86400;

export interface Served {
  readonly seconds: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly sessions: number;
  readonly goodRequests: number;
}

/** What was at work in a stretch of time. */
export interface Work {
  readonly seconds: number;
  /** GPU-seconds in prefill and decode. */
  readonly gpuBusySeconds: number;
  /** By station, as RunInfo numbers them. */
  readonly busySeconds: (station: number) => number;
  readonly bytes: (station: number) => number;
}

/** Joules by component, cooling not included. */
export function joulesOf(scenario: Scenario, info: RunInfo, work: Work): {readonly [component: string]: number} {
  const {gpu, baseWatts} = scenario.servers.server;
  const moving = (kind: string): number =>
    8 * info.resources.reduce((sum, resource, i) => sum + (resource.kind === kind ? work.bytes(i) * resource.joulesPerBit : 0), 0);
  const drives = driveJoules(scenario, info, work);
  return {
    gpuActive: work.gpuBusySeconds * gpu.activeWatts,
    gpuIdle: Math.max(0, info.gpus * work.seconds - work.gpuBusySeconds) * gpu.idleWatts,
    servers: scenario.servers.count * work.seconds * baseWatts,
    drives: drives.idle + drives.active,
    dram: moving('memory'),
    links: moving('link'),
  };
}

/** Energy of the measured time; `peakWatts` is that of the interval with the most. */
export function energyOf(scenario: Scenario, info: RunInfo, end: RunEnd, served: Served, peakWatts: number | null): Summary['energy'] {
  const {pue} = scenario.economics;
  const {gpu} = scenario.servers.server;
  const gpuSeconds = (of: (instance: RunEnd['instances'][number]) => number): number =>
    end.instances.reduce((sum, instance) => sum + (instance.gpus * of(instance)) / 1e9, 0);
  const work: Work = {
    seconds: served.seconds,
    gpuBusySeconds: gpuSeconds(({prefillNs, decodeNs}) => prefillNs + decodeNs),
    busySeconds: (i) => end.resources[i]!.busyNs / 1e9,
    bytes: (i) => end.resources[i]!.bytes,
  };
  const byComponent: {readonly [component: string]: number} = {
    ...joulesOf(scenario, info, work),
    networks: end.networks.reduce((sum, network) => sum + network.joules, 0),
  };
  const joules = Object.values(byComponent).reduce((sum, part) => sum + part, 0) * pue;
  const each = (amount: number, tokens: number): number | null => (tokens > 0 ? (amount * pue) / tokens : null);
  const moving = driveJoules(scenario, info, work).active + byComponent['dram']! + byComponent['links']! + byComponent['networks']!;
  return {
    joules,
    byComponent,
    byTokenClass: {
      computedInput: each(gpuSeconds(({prefillNs}) => prefillNs) * gpu.activeWatts, served.inputTokens - served.cachedTokens),
      cachedInput: each(moving, served.cachedTokens),
      output: each(gpuSeconds(({decodeNs}) => decodeNs) * gpu.activeWatts, served.outputTokens),
    },
    powerMeanWatts: served.seconds > 0 ? joules / served.seconds : null,
    powerPeakWatts: peakWatts,
  };
}

function driveJoules(scenario: Scenario, info: RunInfo, work: Work): {readonly idle: number; readonly active: number} {
  let idle = 0;
  let active = 0;
  for (const tier of scenario.tiers) {
    const {drives, activeWatts, idleWatts} = tier.params as {
      readonly drives?: number;
      readonly activeWatts?: number;
      readonly idleWatts?: number;
    };
    if (drives === undefined || activeWatts === undefined || idleWatts === undefined) continue;
    const poolSeconds = poolsOf(scenario, info, tier.per) * work.seconds;
    const busy = info.resources.reduce((sum, resource, i) => sum + (resource.tier === tier.name ? work.busySeconds(i) : 0), 0);
    idle += drives * poolSeconds * idleWatts;
    active += drives * Math.min(busy, poolSeconds) * (activeWatts - idleWatts);
  }
  return {idle, active};
}

/**
 * What the run cost, divided over its tokens: prefill's share of busy GPU time pays for the input tokens that were computed, decode's share for
 * the output, and what the tiers below HBM cost for the cached ones (known where their prices per gigabyte are given). Fully loaded: idle
 * time included. Marginal, beside it: the busy share alone.
 */
export function costOf(scenario: Scenario, info: RunInfo, end: RunEnd, served: Served, energy: Summary['energy']): Summary['cost'] {
  const {economics} = scenario;
  const hours = served.seconds / 3600;
  const missing: string[] = [];
  const electricity = (energy.joules / 3.6e6) * economics.electricityPricePerKilowattHour;
  missing.push(...scenario.tiers.flatMap(pricesMissing));
  const owned = economics.ownership === 'own' ? ownedCost(scenario, info, end, served.seconds, missing) : null;
  if (economics.ownership === 'rent' && economics.gpuHourPrice === null) missing.push('economics.gpuHour');
  const rented = economics.ownership === 'rent' && economics.gpuHourPrice !== null ? info.gpus * hours * economics.gpuHourPrice : null;
  const total = economics.ownership === 'own' ? (owned === null ? null : owned + electricity) : rented;
  const prefill = end.instances.reduce((sum, {gpus, prefillNs}) => sum + (gpus * prefillNs) / 1e9, 0);
  const busy = end.instances.reduce((sum, {gpus, prefillNs, decodeNs}) => sum + (gpus * (prefillNs + decodeNs)) / 1e9, 0);
  const busyShare = info.gpus * served.seconds > 0 ? busy / (info.gpus * served.seconds) : 0;
  const prefillShare = busy > 0 ? prefill / busy : 0;
  const storage = storageCost(scenario, info, served.seconds);
  return {
    ownership: economics.ownership,
    pricesDated: economics.pricesDated,
    total,
    missing,
    ...shares(total, prefillShare, storage, served),
    marginal: shares(total === null ? null : total * busyShare, prefillShare, storage, served),
  };
}

/** US dollars that a tier below HBM is bought for, all pools together; null where a price is missing, and of HBM, which comes with its GPUs. */
export function priceOfTier(scenario: Scenario, info: RunInfo, rank: number): number | null {
  const tier = scenario.tiers[rank]!;
  return rank === 0 ? null : tierPrice(scenario, tier, poolsOf(scenario, info, tier.per), info.tierCapacityBytes[rank]!);
}

/** What the tiers below HBM cost over the run; null where a price is missing. */
function storageCost(scenario: Scenario, info: RunInfo, seconds: number): number | null {
  const price = sumOfTiers(scenario, info, () => true);
  return price === null ? null : overLife(scenario, price, seconds);
}

/** Servers, the networks between them, and what neither has: CXL memory with its switches. */
function ownedCost(scenario: Scenario, info: RunInfo, end: RunEnd, seconds: number, missing: string[]): number | null {
  const {economics, servers, tiers} = scenario;
  if (economics.serverPrice === null) missing.push('economics.server');
  const networks = end.networks.reduce((sum, {price}) => sum + price, 0);
  const cxl = sumOfTiers(scenario, info, (rank) => tiers[rank]!.kind.name === 'cxl');
  if (economics.serverPrice === null || cxl === null) return null;
  return overLife(scenario, servers.count * economics.serverPrice + networks + cxl, seconds);
}

function sumOfTiers(scenario: Scenario, info: RunInfo, counts: (rank: number) => boolean): number | null {
  let sum = 0;
  for (let rank = 1; rank < scenario.tiers.length; rank++) {
    const price = counts(rank) ? priceOfTier(scenario, info, rank) : 0;
    if (price === null) return null;
    sum += price;
  }
  return sum;
}

/** The part of a purchase that a run of so many seconds pays off. */
function overLife({economics}: Scenario, price: number, seconds: number): number {
  return (price * seconds) / (economics.amortisationYears * SECONDS_PER_YEAR);
}

function shares(total: number | null, prefillShare: number, storage: number | null, served: Served): Money {
  const per = (amount: number | null, count: number): number | null => (amount === null || count === 0 ? null : amount / count);
  const input = total === null ? null : total * prefillShare;
  const computed = served.inputTokens - served.cachedTokens;
  return {
    perMillionInputTokens: per(input === null ? null : input * 1e6, computed),
    perMillionCachedTokens: per(storage === null ? null : storage * 1e6, served.cachedTokens),
    perMillionOutputTokens: per(total === null ? null : total * (1 - prefillShare) * 1e6, served.outputTokens),
    perSession: per(total, served.sessions),
    perGoodRequest: per(total, served.goodRequests),
  };
}
