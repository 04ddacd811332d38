/** What it takes to bring a byte back, and to compute for a nanosecond: what placement weighs where it decides by energy or by price. */
import type {Scenario, Tier} from '../scenario/scenario.ts';
import {tierPrice} from '../scenario/tierPrice.ts';

const SECONDS_PER_YEAR = 365 * 86400;

/** Joules of a byte read from a tier whose device gives `bytesPerSecond`: its drives at work instead of idle; what it passes, in joules a bit, comes on top. */
export function joulesPerByte(tier: Tier, bytesPerSecond: number, passedJoulesPerBit: number): number {
  const {
    drives = 0,
    activeWatts = 0,
    idleWatts = 0,
  } = tier.params as {
    readonly drives?: number;
    readonly activeWatts?: number;
    readonly idleWatts?: number;
  };
  return (drives * (activeWatts - idleWatts)) / bytesPerSecond + 8 * passedJoulesPerBit;
}

/** Dollars of the same byte: electricity, and the tier's own price over its life for as long as the byte keeps it busy (nothing where it has no price). */
export function pricePerByte(scenario: Scenario, tier: Tier, capacityBytes: number, bytesPerSecond: number, joules: number): number {
  const {economics} = scenario;
  const capital = tierPrice(scenario, tier, 1, capacityBytes) ?? 0;
  return dollarsOf(joules, economics) + capital / (economics.amortisationYears * SECONDS_PER_YEAR) / bytesPerSecond;
}

/** Joules of a nanosecond of prefill on `gpus`. */
export function joulesPerNs({servers}: Scenario, gpus: number): number {
  return (servers.server.gpu.activeWatts * gpus) / 1e9;
}

/** Dollars of the same nanosecond: rent; or a server's price over its life and its electricity. 0 where no price is given. */
export function pricePerNs(scenario: Scenario, gpus: number): number {
  const {economics, servers} = scenario;
  if (economics.ownership === 'rent') return ((economics.gpuHourPrice ?? 0) * gpus) / 3600e9;
  const capital = ((economics.serverPrice ?? 0) * gpus) / servers.server.gpus / (economics.amortisationYears * SECONDS_PER_YEAR);
  return capital / 1e9 + dollarsOf(joulesPerNs(scenario, gpus), economics);
}

function dollarsOf(joules: number, {pue, electricityPricePerKilowattHour}: Scenario['economics']): number {
  return ((joules * pue) / 3.6e6) * electricityPricePerKilowattHour;
}
