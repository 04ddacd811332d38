/** One step more of each resource of a scenario: what to change, and what it costs an hour. */
import {networkNames, networkPrice} from '../scenario/networks.ts';
import type {Override} from '../scenario/overrides.ts';
import type {Scenario, Tier} from '../scenario/scenario.ts';

export interface Step {
  readonly name: string;
  readonly set: readonly Override[];
  /** US dollars an hour: rent, or price over its life; null where a price is missing. */
  readonly dollarsPerHour: number | null;
  /** The key of the scenario that would give it. */
  readonly missing: string | null;
}

/** A step of DRAM: one module of a server. */
const DRAM_STEP = 64e9;
const HOURS_PER_YEAR = 8760;

export function stepsOf(scenario: Scenario): Step[] {
  return [...scenario.tiers.flatMap((tier) => tierSteps(scenario, tier)), ...portSteps(scenario), ...instanceSteps(scenario)];
}

function tierSteps(scenario: Scenario, {name, kind, params, per, capacityBytes}: Tier): Step[] {
  const {economics, servers} = scenario;
  const pools = per === 'cluster' ? 1 : servers.count;
  const priced = (bytes: number, perByte: number | null, missing: string): Pick<Step, 'dollarsPerHour' | 'missing'> =>
    perByte === null ? {dollarsPerHour: null, missing} : {dollarsPerHour: hourly(scenario, bytes * pools * perByte), missing: null};
  const {drives, driveBytes, share, cards, cardBytes, gigabytePrice} = params as {
    readonly [name in 'drives' | 'driveBytes' | 'share' | 'cards' | 'cardBytes' | 'gigabytePrice']?: number;
  };
  if (drives !== undefined && driveBytes !== undefined)
    return [
      {
        name: `${name}: +1 drive`,
        set: [{path: `tiers.${name}.drives`, value: String(drives + 1)}],
        ...priced(driveBytes, economics.flashPricePerByte, 'economics.flashGigabyte'),
      },
    ];
  if ((kind.name !== 'dram' && kind.name !== 'cxl') || capacityBytes === Infinity) return [];
  const all = kind.name === 'cxl' ? cards! * cardBytes! : servers.server.dramBytes * share! * (per === 'cluster' ? servers.count : 1);
  return [
    {
      name: `${name}: +64 GB`,
      set: [{path: `tiers.${name}.capacity`, value: `${(capacityBytes ?? all) + DRAM_STEP} B`}],
      ...(kind.name === 'cxl'
        ? priced(DRAM_STEP, gigabytePrice === undefined ? null : gigabytePrice / 1e9, `tiers.${name}.gigabytePrice`)
        : priced(DRAM_STEP, economics.dramPricePerByte, 'economics.dramGigabyte')),
    },
  ];
}

/** A port on each network that the scenario's servers have. */
function portSteps(scenario: Scenario): Step[] {
  const {networks, servers} = scenario;
  return networkNames.flatMap((name) => {
    const network = networks[name];
    if (network.ports === 0) return [];
    const price = networkPrice({...network, ports: network.ports + 1}, network.ports) - networkPrice(network, network.ports);
    return {
      name: `${name}: +1 port`,
      set: [{path: `networks.${name}.ports`, value: String(network.ports + 1)}],
      dollarsPerHour: hourly(scenario, price * servers.count),
      missing: null,
    };
  });
}

/** One more instance of each role, with the servers that it needs. */
function instanceSteps(scenario: Scenario): Step[] {
  const {instances, servers, economics} = scenario;
  const used = instances.reduce((sum, {count, gpus}) => sum + count * gpus, 0);
  return instances.map(({role, count, gpus}) => {
    const servers_ = Math.max(servers.count, Math.ceil((used + gpus) / servers.server.gpus));
    const rented = economics.ownership === 'rent';
    const price = rented ? economics.gpuHourPrice : economics.serverPrice;
    return {
      name: `${role}: +1 instance (${gpus} GPU${gpus === 1 ? '' : 's'})`,
      set: [
        ...(servers_ === servers.count ? [] : [{path: 'servers.count', value: String(servers_)}]),
        ...instances.flatMap((group) => groupOf(group, group.role === role ? count + 1 : group.count)),
      ],
      dollarsPerHour: price === null ? null : rented ? price * gpus : hourly(scenario, price * (servers_ - servers.count)),
      missing: price === null ? (rented ? 'economics.gpuHour' : 'economics.server') : null,
    };
  });
}

/** A group in full, since a scenario may leave its instances to the default. */
function groupOf({role, gpus}: Scenario['instances'][number], count: number): Override[] {
  return [
    {path: `instances.${role}.count`, value: String(count)},
    {path: `instances.${role}.gpus`, value: String(gpus)},
  ];
}

/** A purchase over its life. */
function hourly({economics}: Scenario, price: number): number {
  return price / (economics.amortisationYears * HOURS_PER_YEAR);
}
