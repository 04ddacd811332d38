/** Faults: at a time something fails or slows, and after a while it comes back. They are data: the same scenario without them gives the same digest as ever. */
import type {Params} from '../base/params.ts';
import type {Diagnostic} from './diagnostics.ts';
import type {Server} from './hardware.ts';
import {networkNames, type NetworkName} from './networks.ts';
import type {Scenario, Tier} from './scenario.ts';
import {didYouMean} from './words.ts';

export const faultParams = {
  on: {
    type: 'text',
    meaning:
      'What fails: an instance (instance3: its GPUs), a server (server0: all that is in it), a pool (server0.nvme, or flash where a tier is one for the cluster), the ports of a server on a network (server0.northSouth), the host link of an instance (instance0.host), the CXL switches of a pool of the cluster that have a rate (lent.switch), or with hostTree the uplink of a PCIe switch (server0.switch2).',
  },
  at: {type: 'quantity', dimension: 'time', zero: true, meaning: 'When it begins.'},
  for: {type: 'quantity', dimension: 'time', optional: true, meaning: 'How long it lasts. Default: to the end of the run.'},
  rate: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0,
    meaning: 'Share of its rate that is left: 0 is a failure, what is under way breaks off; above 0 it is slower.',
  },
  loses: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    optional: true,
    meaning: 'Share of the blocks held there that are lost as it begins (0.125: one of eight drives). Default: all at rate 0, else none.',
  },
} as const satisfies Params;

export interface Fault {
  readonly on: string;
  readonly atNs: number;
  /** null: for good. */
  readonly forNs: number | null;
  /** Share of the rate that is left. */
  readonly rate: number;
  /** Share of what its pools hold that is lost. */
  readonly loses: number;
}

type Target = 'instance' | 'server' | 'pool' | 'link';

/** What a fault's `on` names; null: nothing of this scenario. */
export function targetOf({tiers, servers, instances, networks}: Scenario, on: string): Target | null {
  const [, owner, ordinal, part] = /^(instance|server)(\d+)(?:\.(\w+))?$/.exec(on) ?? [];
  if (owner === undefined && tiers.some((tier) => switchOf(tier) === on)) return 'link';
  if (owner === undefined) return tiers.some(({name, per}, rank) => rank > 0 && per === 'cluster' && name === on) ? 'pool' : null;
  const count = owner === 'server' ? servers.count : instances.reduce((sum, group) => sum + group.count, 0);
  if (Number(ordinal) >= count) return null;
  if (part === undefined) return owner as Target;
  if (tiers.some(({name, per}, rank) => rank > 0 && per === owner && name === part)) return 'pool';
  if (owner === 'instance') return part === 'host' ? 'link' : null;
  if (switchesOf(servers.server).includes(part)) return 'link';
  return (networkNames as readonly string[]).includes(part) && networks[part as NetworkName].ports > 0 ? 'link' : null;
}

/** The CXL switches of a pool of the cluster, where they have a rate of their own. */
function switchOf({name, per, params}: Tier): string | null {
  return per === 'cluster' && params['switchBytesPerSecond'] !== undefined ? `${name}.switch` : null;
}

/** PCIe switches whose uplinks may fail. */
function switchesOf({hostTree, switches}: Server): string[] {
  return hostTree ? Array.from({length: switches}, (_, i) => `switch${i}`) : [];
}

/** Things that may fail, for who misspelt one: of whole names, or of those with a part. */
function targetsLike({tiers, servers, instances, networks}: Scenario, on: string): string[] {
  const owners = {
    instance: Array.from(
      {
        length: Math.min(
          8,
          instances.reduce((sum, group) => sum + group.count, 0),
        ),
      },
      (_, i) => `instance${i}`,
    ),
    server: Array.from({length: Math.min(8, servers.count)}, (_, i) => `server${i}`),
  };
  const pools = tiers.slice(1).flatMap(({name, per}) => (per === 'cluster' ? [name] : owners[per].map((owner) => `${owner}.${name}`)));
  const links = [...networkNames.filter((name) => networks[name].ports > 0), ...switchesOf(servers.server)];
  const ports = links.flatMap((name) => owners.server.map((owner) => `${owner}.${name}`));
  const switched = tiers.flatMap((tier) => switchOf(tier) ?? []);
  const all = [...owners.instance, ...owners.server, ...pools, ...ports, ...switched, ...owners.instance.map((owner) => `${owner}.host`)];
  return all.filter((name) => name.includes('.') === on.includes('.'));
}

/** Every fault is on something that is there, and comes when things are measured. */
export function checkFaults(scenario: Scenario): Diagnostic[] {
  return scenario.faults.flatMap(({on, atNs, loses}, index): Diagnostic[] => {
    const target = targetOf(scenario, on);
    const path = ['faults', index];
    if (target === null)
      return [{path: [...path, 'on'], message: `there is no "${on}" that could fail${didYouMean(on, targetsLike(scenario, on))}`}];
    if (target === 'link' && loses > 0)
      return [{path: [...path, 'loses'], message: `${on} holds no blocks: name a pool, an instance or a server`}];
    if (atNs < scenario.warm.replayNs)
      return [{path: [...path, 'at'], message: 'lies before the end of warm.replay, during which nothing takes time'}];
    return [];
  });
}
