/** What tiers are bought for. Prices are inputs; what needs one that is missing is null. */
import type {Scenario, Tier} from './scenario.ts';

/** What is priced of a CXL tier: its memory, and where it is switched, ports. */
interface Switched {
  readonly cards: number;
  readonly switches: number;
  readonly gigabytePrice?: number;
  readonly switchPortPrice?: number;
}

/** US dollars of `capacityBytes` in `pools` pools of a tier, ports of its switches included; null where a price is missing, or where it is unlimited. */
export function tierPrice(scenario: Scenario, tier: Tier, pools: number, capacityBytes: number): number | null {
  const perByte = pricePerByteOf(scenario, tier);
  const ports = portsPrice(scenario, tier);
  return perByte === null || ports === null || capacityBytes === Infinity ? null : perByte * capacityBytes + ports * pools;
}

/** The keys of a scenario that would give what is missing of a CXL tier's price. */
export function pricesMissing({name, kind, params}: Tier): string[] {
  if (kind.name !== 'cxl') return [];
  const {switches, gigabytePrice, switchPortPrice} = params as unknown as Switched;
  return [
    ...(gigabytePrice === undefined ? [`tiers.${name}.gigabytePrice`] : []),
    ...(switches > 0 && switchPortPrice === undefined ? [`tiers.${name}.switchPortPrice`] : []),
  ];
}

/** US dollars of a byte. CXL memory has a price of its own, which of lent DRAM its lender asks. */
function pricePerByteOf({economics}: Scenario, {kind, params}: Tier): number | null {
  if (kind.name === 'dram') return economics.dramPricePerByte;
  if (kind.name !== 'cxl') return economics.flashPricePerByte;
  const {gigabytePrice} = params as unknown as Switched;
  return gigabytePrice === undefined ? null : gigabytePrice / 1e9;
}

/** US dollars of the switches of one pool: a port for each of its servers and cards, and two for each card from a switch to the next. */
function portsPrice({servers}: Scenario, {kind, per, params}: Tier): number | null {
  const {cards, switches, switchPortPrice} = params as unknown as Switched;
  if (kind.name !== 'cxl' || switches === 0) return 0;
  const hosts = per === 'cluster' ? servers.count : 1;
  return switchPortPrice === undefined ? null : switchPortPrice * (hosts + cards + 2 * cards * (switches - 1));
}
