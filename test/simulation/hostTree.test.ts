import {describe, expect, test} from 'vitest';
import {Engine} from '../../src/engine/engine.ts';
import {targetOf} from '../../src/scenario/faults.ts';
import type {Scenario, Tier} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {Topology} from '../../src/simulation/topology.ts';
import {crossedBy, passing} from './passing.ts';
import {ONE_GPU, scenario, sessions, source, tier} from './fixture.ts';

const MB = 1e6;
const hbm = tier('hbm', 'hbm', 'instance', 800);
const drives = (attached: string, path = 'direct'): Tier => tier('nvme', 'nvme', 'server', 20000, {attached, params: {path}});
const memory = (attached = 'spread', per: Tier['per'] = 'server'): Tier => tier('dram', 'dram', per, 3000, {attached});

/**
 * A server of two sockets with 30 GB/s between them, and four switches with uplinks of 40 GB/s, two GPUs behind each; host links are of 55 GB/s. `gpus` an
 * instance: instances 0 to 3 of one GPU each hang on socket 0, the first two behind switch 0.
 */
function tree(tiers: readonly Tier[], gpus = 1, over: Partial<Scenario['servers']['server']> = {}, count = 1): Scenario {
  const base = scenario();
  const links = {hostTree: true, sockets: 2, socketBytesPerSecond: 30e9, switches: 4, uplinkBytesPerSecond: 40e9};
  return scenario({
    servers: {count, server: {...base.servers.server, ...links, ...over}},
    instances: [{role: 'mixed', count: (count * 8) / gpus, gpus, parallel: {...ONE_GPU, tensor: gpus}}],
    tiers: [hbm, ...tiers],
  });
}

describe('inside a server', () => {
  test('a drive on one socket and a GPU on the other have the link between sockets between them, and it binds', () => {
    const given = tree([drives('switch3')]);
    expect(crossedBy(given, 'server0.nvme', 'instance0.hbm')).toEqual([
      'server0.nvme.read',
      'server0.switch3.up',
      'server0.socket1.to0',
      'server0.switch0.down',
      'instance0.host.down',
    ]);
    expect(passing(given, [['server0.nvme', 'instance0.hbm']], 30 * MB).ends).toEqual([1e6]);
    // On its own socket the uplinks bind; and without the tree the host link.
    expect(passing(given, [['server0.nvme', 'instance4.hbm']], 40 * MB).ends).toEqual([1e6]);
    expect(passing(tree([drives('spread')], 1, {hostTree: false}), [['server0.nvme', 'instance0.hbm']], 55 * MB).ends).toEqual([1e6]);
  });

  test('its directions are links of their own', () => {
    const both = [
      ['server0.nvme', 'instance0.hbm'],
      ['instance0.hbm', 'server0.nvme'],
    ] as const;
    expect(passing(tree([drives('switch3')]), both, 30 * MB).ends).toEqual([1e6, 1e6]);
  });

  test('GPUs behind one switch share its uplink', () => {
    const given = tree([memory('socket0')]);
    const loads = [0, 1, 2].map((instance) => ['server0.dram', `instance${instance}.hbm`] as const);
    expect(passing(given, loads.slice(0, 1), 40 * MB).ends).toEqual([1e6]);
    // 20 each behind switch 0; 40 behind switch 1.
    expect(passing(given, loads, 40 * MB).ends).toEqual([2e6, 2e6, 1e6]);
  });

  test('what is loaded from drives behind the same switch leaves its uplink alone', () => {
    const given = tree([memory('socket0'), drives('switch0')]);
    expect(crossedBy(given, 'server0.nvme', 'instance0.hbm')).toEqual(['server0.nvme.read', 'instance0.host.down']);
    const {ends, topology} = passing(
      given,
      [
        ['server0.nvme', 'instance0.hbm'],
        ['server0.dram', 'instance1.hbm'],
      ],
      440 * MB,
    );
    // 55 GB/s beside 40 GB/s.
    expect(ends).toEqual([8e6, 11e6]);
    expect(topology.stations.find(({name}) => name === 'server0.switch0.down')!.station.meter().bytes).toBe(440 * MB);
  });

  test('a pool spread over the server crosses each link with its part', () => {
    // A quarter lies behind the GPU's own switch; half comes from the other socket, three quarters down the switch's uplink: 40 / (3/4) is the least.
    const {ends, topology} = passing(tree([drives('spread')]), [['server0.nvme', 'instance0.hbm']], 160 * MB);
    expect(ends).toEqual([3e6]);
    const bytes = Object.fromEntries(topology.stations.map(({name, station}) => [name, station.meter().bytes]));
    expect([bytes['server0.switch0.down'], bytes['server0.socket1.to0'], bytes['server0.switch3.up']]).toEqual([
      120 * MB,
      80 * MB,
      40 * MB,
    ]);
    expect(bytes['server0.switch0.up']).toBe(0);
  });

  test('memory of an instance lies on the sockets of its GPUs, that of a server on all', () => {
    // Eight GPUs: four uplinks of 40 GB/s, or a quarter of all bytes each way between the sockets.
    expect(passing(tree([memory('spread', 'instance')], 8), [['instance0.dram', 'instance0.hbm']], 160 * MB).ends).toEqual([1e6]);
    expect(passing(tree([memory()], 8), [['server0.dram', 'instance0.hbm']], 120 * MB).ends).toEqual([1e6]);
  });

  test('an instance of part of the GPUs hangs where they do, in every server', () => {
    const given = tree([memory('socket1')], 4, {}, 2);
    // Instances 0 and 2 are on socket 0 of their servers, 1 and 3 on socket 1; two uplinks of 40 GB/s each.
    const loads = [
      ['server0.dram', 'instance0.hbm'],
      ['server0.dram', 'instance1.hbm'],
      ['server1.dram', 'instance2.hbm'],
      ['server1.dram', 'instance3.hbm'],
    ] as const;
    expect(passing(given, loads, 240 * MB).ends).toEqual([8e6, 3e6, 8e6, 3e6]);
  });

  test('a bounce goes up to memory and down again', () => {
    expect(crossedBy(tree([memory(), drives('switch3', 'bounce')]), 'server0.nvme', 'instance0.hbm')).toEqual([
      'server0.nvme.read',
      'server0.switch3.up',
      'server0.socket1.to0',
      'server0.dram.write',
      'server0.dram.read',
      'server0.switch0.down',
      'server0.socket1.to0',
      'instance0.host.down',
    ]);
    expect(crossedBy(tree([memory(), drives('switch3', 'bounce')]), 'instance0.hbm', 'server0.nvme')).toEqual([
      'instance0.host.up',
      'server0.switch0.up',
      'server0.socket0.to1',
      'server0.dram.write',
      'server0.dram.read',
      'server0.socket0.to1',
      'server0.switch3.down',
      'server0.nvme.write',
    ]);
    // Even behind one switch.
    expect(crossedBy(tree([memory('socket0'), drives('switch0', 'bounce')]), 'server0.nvme', 'instance0.hbm')).toContain(
      'server0.switch0.up',
    );
  });

  test('from memory to drives it goes without a GPU', () => {
    expect(crossedBy(tree([memory('socket0'), drives('switch3')]), 'server0.dram', 'server0.nvme')).toEqual([
      'server0.dram.read',
      'server0.socket0.to1',
      'server0.switch3.down',
      'server0.nvme.write',
    ]);
  });

  test('adapters of the back end are beside the GPUs, those of the front end on the sockets', () => {
    const flash = (network: 'eastWest' | 'northSouth'): Tier => ({...tier('flash', 'flash', 'cluster', 20000), networks: [network]});
    const inner = (network: 'eastWest' | 'northSouth'): readonly string[] =>
      crossedBy(tree([flash(network)]), 'flash', 'instance0.hbm').filter((name) => /switch|socket/.test(name));
    expect(inner('eastWest')).toEqual([]);
    expect(inner('northSouth')).toEqual(['server0.switch0.down', 'server0.socket1.to0']);
  });

  test('a relay reads from both sockets of its tray', () => {
    const tray = {gpus: 4, switches: 0, scaleUpGpus: 8};
    const base = tree([tier('dram', 'dram', 'server', 3000, {peers: ['scaleUp']})], 1, tray, 2);
    const given = {...base, instances: [{...base.instances[0]!, count: 8}]};
    expect(crossedBy(given, 'server1.dram', 'instance0.hbm')).toEqual([
      'server1.dram.read',
      'server1.socket1.to0',
      'instance4.host.down',
      'instance4.scaleUp.out',
      'instance0.scaleUp.in',
    ]);
    // Half of it between sockets at 30 GB/s: 60, and a host link of 55.
    expect(passing(given, [['server1.dram', 'instance0.hbm']], 55 * MB).ends).toEqual([1e6]);
  });

  test('a switch that fails or slows closes or slows the ways over its uplink, and no others', () => {
    const given = tree([memory('socket0'), drives('switch0')]);
    expect([targetOf(given, 'server0.switch3'), targetOf(given, 'server0.switch4')]).toEqual(['link', null]);
    expect(targetOf(tree([], 1, {hostTree: false}), 'server0.switch3')).toBeNull();
    const topology = new Topology(new Engine(), given);
    const uplinks = topology.stations.filter(({name}) => name.startsWith('server0.switch0.'));
    const rates = (share: number): number[] => {
      for (const {station} of uplinks) topology.setRate(station, share);
      const pool = (name: string): number => topology.pools.findIndex((one) => one.name === name);
      return ['dram', 'nvme'].flatMap((name) =>
        [0, 2].map((instance) =>
          topology.rateNow(
            topology.routes.findIndex(({source, target}) => source === pool(`server0.${name}`) && target === instance),
            new Set(),
          ),
        ),
      );
    };
    // Instance 0 is behind switch 0, as the drives are, of 7 GB/s; instance 2 is behind switch 1.
    expect(uplinks).toHaveLength(2);
    expect(rates(1)).toEqual([40e9, 40e9, 7e9, 7e9]);
    expect(rates(0.1)).toEqual([4e9, 40e9, 7e9, 4e9]);
    expect(rates(0)).toEqual([0, 40e9, 7e9, 0]);
  });

  test('a part of a slowed link counts as much less', () => {
    const topology = new Topology(new Engine(), tree([drives('spread')]));
    topology.setRate(topology.stations.find(({name}) => name === 'server0.socket1.to0')!.station, 0.1);
    const route = topology.routes.findIndex(({source, target}) => source === topology.instances.length && target === 0);
    // Half of the bytes over 3 GB/s.
    expect(topology.rateNow(route, new Set())).toBe(6e9);
  });

  test('a run over it loads as much, later', () => {
    const run = (hostTree: boolean) => {
      const slow = {hostTree, socketBytesPerSecond: 1e9, uplinkBytesPerSecond: 1e9};
      const given = tree([memory()], 1, slow);
      return simulate(
        {...given, placement: {reload: 'always', hit: 'prefix'}, tiers: [tier('hbm', 'hbm', 'instance', 300), memory()]},
        source(sessions(12, 5)),
      );
    };
    const [plain, inside] = [run(false), run(true)];
    expect(plain.requests.completed).toBe(inside.requests.completed);
    expect(inside.ttft.mean!).toBeGreaterThan(plain.ttft.mean! * 1.05);
  });
});
