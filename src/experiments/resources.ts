/** The resources of a scenario, and what to change so that each is no limit: a rerun without it shows what it causes, where accounting shows what passes through it. */
import {networkNames} from '../scenario/networks.ts';
import type {Override} from '../scenario/overrides.ts';
import type {Scenario, Tier} from '../scenario/scenario.ts';

export interface Resource {
  readonly name: string;
  /** What makes it free, as `--set` would. */
  readonly free: readonly Override[];
}

const FREE_RATE = '1 EB/s';
const FREE_FLOPS = '1e9 PFLOP/s';

export function resourcesOf(scenario: Scenario): Resource[] {
  return [...gpuResources(scenario), ...linkResources(scenario), ...networkResources(scenario), ...tierResources(scenario)];
}

function gpuResources({servers}: Scenario): Resource[] {
  const {gpu} = servers.server;
  const peaks = (['bf16Flops', 'fp8Flops', 'fp4Flops'] as const).filter((peak) => gpu[peak] !== undefined);
  return [
    {name: 'GPU arithmetic', free: peaks.map((peak) => set(`servers.gpu.${peak}`, FREE_FLOPS))},
    {name: 'HBM bandwidth', free: [set('servers.gpu.hbmBytesPerSecond', FREE_RATE)]},
    {name: 'collectives', free: [set('servers.gpu.collectiveOverhead', '0 s'), set('servers.gpu.scaleUpBytesPerSecond', FREE_RATE)]},
    {name: 'host software', free: [set('servers.gpu.stepOverhead', '0 s'), set('servers.gpu.prefillStepOverhead', '0 s')]},
  ];
}

function linkResources({tiers, servers}: Scenario): Resource[] {
  if (tiers.length === 1) return [];
  const loaded = servers.server.dramLoadedExtra === undefined ? [] : [set('servers.dramLoadedExtra', '0 s')];
  return [
    {name: 'host link', free: [set('servers.gpu.hostBytesPerSecond', FREE_RATE)]},
    {name: 'host DRAM bandwidth', free: [set('servers.dramBytesPerSecond', FREE_RATE), set('servers.dramLatency', '0 s'), ...loaded]},
  ];
}

/** A network that has ports, made without loss, start-up and distance to speak of. */
function networkResources({networks}: Scenario): Resource[] {
  return networkNames.flatMap((name) => {
    const {ports, fabric} = networks[name];
    if (ports === 0) return [];
    const at = `networks.${name}`;
    return {
      name: `${name} network`,
      free: [
        ...(fabric.name === 'custom' ? [] : [set(`${at}.fabric.preset`, fabric.name)]),
        ...(fabric.messagesPerSecond === undefined ? [] : [set(`${at}.fabric.messagesPerSecond`, '1e15 /s')]),
        ...['startUp', 'adapterLatency', 'switchLatency'].map((latency) => set(`${at}.fabric.${latency}`, '0 s')),
        set(`${at}.portRate`, FREE_RATE),
        set(`${at}.oversubscription`, '1'),
        set(`${at}.distance`, '0.001 m'),
      ],
    };
  });
}

function tierResources({tiers}: Scenario): Resource[] {
  return tiers.flatMap((tier) => [...deviceOf(tier), ...switchesOf(tier), ...capacityOf(tier)]);
}

function deviceOf({name, kind}: Tier): Resource[] {
  if (kind.free === undefined) return [];
  return [{name: `${name} device`, free: Object.entries(kind.free).map(([key, value]) => set(`tiers.${name}.${key}`, String(value)))}];
}

/** CXL switches that have a rate. */
function switchesOf({name, params}: Tier): Resource[] {
  if (params['switchBytesPerSecond'] === undefined) return [];
  return [{name: `${name} switches`, free: [set(`tiers.${name}.switchBytesPerSecond`, FREE_RATE)]}];
}

function capacityOf({name, capacityBytes}: Tier): Resource[] {
  return capacityBytes === Infinity ? [] : [{name: `${name} capacity`, free: [set(`tiers.${name}.capacity`, 'unlimited')]}];
}

function set(path: string, value: string): Override {
  return {path, value};
}
