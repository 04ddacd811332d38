import {describe, expect, test} from 'vitest';
import {Engine} from '../../src/engine/engine.ts';
import {networkPrice, type NetworkName} from '../../src/scenario/networks.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {Topology} from '../../src/simulation/topology.ts';
import {portsRate} from '../../src/simulation/wiring.ts';
import {load, small} from '../scenario/support.ts';
import {network, ONE_GPU, scenario, sessions, source, tier} from './fixture.ts';
import {passing, crossedBy} from './passing.ts';

const MB = 1e6;
const hbm = tier('hbm', 'hbm', 'instance', 800);
const nets = scenario().networks;

/** Two servers, each a prefill and a decode instance of four GPUs. */
function apart(over: Partial<Scenario> = {}, gpus = 4): Scenario {
  const base = scenario();
  return scenario({
    servers: {...base.servers, count: 2},
    instances: [
      {role: 'prefill', count: 2, gpus, parallel: {...ONE_GPU, tensor: gpus}},
      {role: 'decode', count: 2, gpus, parallel: {...ONE_GPU, tensor: gpus}},
    ],
    tiers: [hbm, tier('flash', 'flash', 'cluster', 20000)],
    ...over,
  });
}

const handOff = ['instance0.hbm', 'instance2.hbm'] as const;

describe('ways between pools', () => {
  test('a hand-off within a scale-up domain goes over it, and over the rails of its GPUs beyond', () => {
    // Instances 0 and 1 are server 0, instances 2 and 3 server 1. Four of eight ports of 50 GB/s; four host links of 55.
    expect(passing(apart(), [handOff], 200 * MB).ends).toEqual([1e6]);
    const wide = apart();
    const domain = {...wide, servers: {...wide.servers, server: {...wide.servers.server, scaleUpGpus: 72}}};
    expect(passing(domain, [handOff], 180 * MB).ends).toEqual([1e5]);
    expect(passing(domain, [handOff], MB).topology.stations.map(({class: name}) => name)).not.toContain('east-west');
  });

  test('instances of a server share its ports only as far as they are many', () => {
    const both = [handOff, ['instance1.hbm', 'instance3.hbm']] as const;
    expect(passing(apart(), both, 200 * MB).ends).toEqual([1e6, 1e6]);
    // Two into one: its own rails are the limit.
    expect(passing(apart(), [handOff, ['instance1.hbm', 'instance2.hbm']], 200 * MB).ends).toEqual([2e6, 2e6]);
  });

  test('host links bind what comes from the network and from host memory together', () => {
    const base = apart();
    const slow = {...base.servers.server.gpu, hostBytesPerSecond: 25e9};
    expect(passing({...base, servers: {...base.servers, server: {...base.servers.server, gpu: slow}}}, [handOff], 100 * MB).ends).toEqual([
      1e6,
    ]);
  });

  test('a pool of the cluster is reached over the network that its tier names', () => {
    for (const name of ['northSouth', 'contextMemory', 'eastWest'] as const) {
      const given = apart({
        networks: {...nets, contextMemory: network(1, 100e9)},
        tiers: [hbm, {...tier('flash', 'flash', 'cluster', 20000), networks: [name]}],
      });
      const {ends, topology} = passing(given, [['flash', 'instance0.hbm']], 200 * MB);
      // The instance has four of the east-west ports.
      expect(ends).toEqual([name === 'eastWest' ? 1e6 : 2e6]);
      expect(topology.stations.map((station) => station.name)).toContain(`server0.${name}.in`);
    }
  });

  test('leaves that are oversubscribed are a limit between them, and none below one', () => {
    const over = (serversPerLeaf: number): Scenario =>
      apart({networks: {...nets, eastWest: network(8, 50e9, {serversPerLeaf, oversubscription: 4})}}, 4);
    expect(passing(over(2), [handOff], 200 * MB).ends).toEqual([1e6]);
    // 400 GB/s of a server's ports over 4.
    expect(passing(over(1), [handOff], 200 * MB).ends).toEqual([2e6]);
  });

  test('a transfer starts after start-up, adapters, switches and cable, once', () => {
    const fabric = {...nets.eastWest.fabric, startUp: 400_000};
    const near = apart({networks: {...nets, eastWest: {...nets.eastWest, fabric}}});
    const far = apart({networks: {...nets, eastWest: {...nets.eastWest, fabric, serversPerLeaf: 1}}});
    for (const [given, switches] of [
      [near, 1],
      [far, 3],
    ] as const)
      expect(new Topology(new Engine(), given).route(0, 2).startUpTicks).toBe(400_000 + 1600 + switches * 200 + 50 * 5);
  });
});

describe('peers', () => {
  /** Three servers of a scale-up domain, each two instances of four GPUs; memory at 50 GB/s a server. C2C is the slowest link, 4 x 10 GB/s. */
  const rack = (peers: Scenario['tiers'][number]['peers'], over: Partial<Scenario['servers']['server']> = {}): Scenario => {
    const base = scenario();
    const gpu = {...base.servers.server.gpu, hostBytesPerSecond: 10e9, scaleUpBytesPerSecond: 15e9};
    return scenario({
      servers: {count: 3, server: {...base.servers.server, gpu, scaleUpGpus: 24, ...over}},
      instances: [{role: 'mixed', count: 6, gpus: 4, parallel: {...ONE_GPU, tensor: 4}}],
      tiers: [hbm, tier('dram', 'dram', 'server', 3000, {peers}), tier('nvme', 'nvme', 'server', 20000, {peers})],
    });
  };

  test('a relay crosses the host link and the scale-up port of a GPU there, and the port of the reader, each once', () => {
    const relay = ['instance2.host.down', 'instance2.scaleUp.out', 'instance0.scaleUp.in'];
    expect(crossedBy(rack(['scaleUp']), 'server1.dram', 'instance0.hbm')).toEqual(['server1.dram.read', ...relay]);
    expect(crossedBy(rack(['scaleUp']), 'server1.nvme', 'instance0.hbm')).toEqual(['server1.nvme.read', ...relay]);
    // The server's instances relay in turns.
    expect(crossedBy(rack(['scaleUp']), 'server1.dram', 'instance1.hbm')).toContain('instance3.scaleUp.out');
  });

  test('what bounces does so in the memory of the server that it comes from', () => {
    const given = rack(['scaleUp']);
    const nvme = {...given.tiers[2]!, params: {path: 'bounce'}};
    expect(crossedBy({...given, tiers: [given.tiers[0]!, given.tiers[1]!, nvme]}, 'server2.nvme', 'instance0.hbm')).toEqual([
      'server2.nvme.read',
      'server2.dram.write',
      'server2.dram.read',
      'instance4.host.down',
      'instance4.scaleUp.out',
      'instance0.scaleUp.in',
    ]);
  });

  test('alone it is as fast as its slowest link, and it starts after a hop over the domain', () => {
    const {ends, topology} = passing(rack(['scaleUp']), [['server1.dram', 'instance0.hbm']], 40 * MB);
    expect(ends).toEqual([1e6]);
    expect(
      topology.route(
        topology.pools.findIndex(({name}) => name === 'server1.dram'),
        0,
      ).startUpTicks,
    ).toBe(830);
  });

  test("readers share the relay's host link with its own loads, max-min fair", () => {
    // Three on instance2's 40 GB/s; the fourth has instance3's to itself.
    const {ends} = passing(
      rack(['scaleUp']),
      [
        ['server1.dram', 'instance2.hbm'],
        ['server1.dram', 'instance0.hbm'],
        ['server1.nvme', 'instance4.hbm'],
        ['server1.dram', 'instance1.hbm'],
      ],
      40 * MB,
    );
    expect(ends).toEqual([3e6, 3e6, 3e6, 1e6]);
    // Two relays of 40 GB/s into one reader's port of 60: 30 each. What the first leaves of instance2's host link its own load has, 10.
    const into = passing(
      rack(['scaleUp'], {gpu: {...rack([]).servers.server.gpu, scaleUpBytesPerSecond: 7.5e9}}),
      [
        ['server1.dram', 'instance0.hbm'],
        ['server2.dram', 'instance0.hbm'],
        ['server1.dram', 'instance2.hbm'],
      ],
      15 * MB,
    );
    // 15 each into a port of 30; 25 of 40 are left to the third.
    expect(into.ends).toEqual([1e6, 1e6, 6e5]);
  });

  test('over a network it leaves through the ports of its server and comes in through those of the reader', () => {
    const given = rack(['eastWest']);
    expect(crossedBy(given, 'server1.dram', 'instance0.hbm')).toEqual([
      'server1.dram.read',
      'server1.eastWest.out',
      'server0.eastWest.in',
      'instance0.eastWest.in',
      'instance0.host.down',
    ]);
    expect(passing(given, [['server1.dram', 'instance0.hbm']], 40 * MB).ends).toEqual([1e6]);
  });

  test('no peers without the word, and no relay beyond the domain', () => {
    const has = (given: Scenario, from: string, to: string): boolean => {
      const {pools, routes} = new Topology(new Engine(), given);
      return routes.some(({source, target}) => pools[source]!.name === from && pools[target]!.name === to);
    };
    expect(has(rack([]), 'server1.dram', 'instance0.hbm')).toBe(false);
    expect(has(rack(['scaleUp']), 'server1.dram', 'instance0.hbm')).toBe(true);
    expect(has(rack(['scaleUp'], {scaleUpGpus: 16}), 'server2.dram', 'instance0.hbm')).toBe(false);
    expect(has(rack(['scaleUp', 'northSouth'], {scaleUpGpus: 16}), 'server2.dram', 'instance0.hbm')).toBe(true);
    expect(crossedBy(rack(['scaleUp', 'northSouth'], {scaleUpGpus: 16}), 'server2.dram', 'instance0.hbm')).toContain(
      'server2.northSouth.out',
    );
  });

  test('placement chooses between them as between networks, and each way has a lane of its own', () => {
    const {routes, lanes} = new Topology(new Engine(), rack(['scaleUp', 'eastWest']));
    const two = routes.filter(({source, target}) => source === 7 && target === 0);
    expect(two.map(({bytesPerSecond}) => bytesPerSecond)).toEqual([40e9, 40e9]);
    expect(new Set(two.map(({lane}) => lane)).size).toBe(2);
    expect(lanes).toBe(6);
    expect(new Topology(new Engine(), rack(['scaleUp'])).lanes).toBe(0);
  });

  test('a session that comes back to another server finds its blocks there only with peers', () => {
    const run = (peers: Scenario['tiers'][number]['peers'], route = 'fixed') => {
      const given = rack(peers);
      return simulate(
        {
          ...given,
          tiers: [hbm, tier('dram', 'dram', 'server', 3000, {peers, write: 'through'})],
          serving: {...given.serving, routing: 'roundRobin'},
          placement: {reload: 'always', hit: 'prefix', route},
        },
        source(sessions(12, 5)),
      );
    };
    const [alone, relayed] = [run([]), run(['scaleUp'])];
    expect(relayed.cache.hitRatio!).toBeGreaterThan(alone.cache.hitRatio! + 0.1);
    // Each byte leaves one scale-up port and comes in by another; the relays and the ports of the network are equally fast.
    const over = (route: string): number[] => {
      const {networks, fabrics} = run(['scaleUp', 'eastWest'], route);
      return [(networks['scale-up']?.bytes ?? 0) / 2, fabrics['eastWest']!.bytes];
    };
    const [relays, none] = over('fixed');
    expect(relays!).toBeGreaterThan(1e9);
    expect(none).toBe(0);
    const [half, other] = over('striped');
    expect(half! / other!).toBeCloseTo(1, 1);
  });

  test('from trays of the catalogue it is bound by C2C, or by the memory behind it', () => {
    const relayRate = (preset: string): number => {
      const given = load(small, `servers={preset: ${preset}, count: 2}`, 'tiers.dram.peers=scaleUp');
      const {pools, routes} = new Topology(new Engine(), given);
      return routes.find(({source, target}) => pools[source]!.name === 'server1.dram' && pools[target]!.name === 'instance0.hbm')!
        .bytesPerSecond;
    };
    expect(relayRate('gb200-nvl72-tray')).toBe(4 * 188e9);
    expect(relayRate('vr-nvl72-tray')).toBe(4 * 450e9);
  });
});

describe('fabrics', () => {
  test('messages bind a port where they are small', () => {
    const fabric = {...nets.eastWest.fabric, efficiency: 0.9, messagesPerSecond: 92_500};
    const of = (messageBytes: number): number => portsRate(network(16, 25e9, {fabric, messageBytes}), 1e9);
    expect(of(65_536)).toBeCloseTo(16 * 92_500 * 65_536, 0);
    expect(of(2 ** 20)).toBeCloseTo(16 * 22.5e9, 0);
  });

  test('a price counts cables, switch ports, the share of uplinks, and adapters beyond those of the server', () => {
    expect(networkPrice(network(8, 50e9), 8)).toBe(8 * (1000 + 2000 + 1000 + 4000));
    expect(networkPrice(network(8, 50e9, {oversubscription: 2}), 8)).toBe(8 * (1000 + 2000 + 2500));
    expect(networkPrice(network(8, 50e9, {hops: 1}), 6)).toBe(8 * (1000 + 2000) + 2 * 1000);
  });
});

describe('several networks to one tier', () => {
  const run = (networks: readonly NetworkName[], route: string, reportsEvery = 0) =>
    simulate(
      scenario({
        networks: {...nets, northSouth: network(1, 4e9), eastWest: network(8, 2e9), contextMemory: network(1, 8e9)},
        instances: [{role: 'mixed', count: 1, gpus: 8, parallel: {...ONE_GPU, tensor: 8}}],
        tiers: [tier('hbm', 'hbm', 'instance', 450), {...tier('flash', 'flash', 'cluster', 20000, {params: {}}), networks}],
        placement: {reload: 'always', hit: 'prefix', route, reportsEvery},
      }),
      source(sessions(12, 5)),
    );
  const all = ['northSouth', 'eastWest', 'contextMemory'] as const;
  const shares = (summary: ReturnType<typeof run>): number[] => all.map((name) => summary.fabrics[name]?.share ?? 0);

  test('with one name nothing changes, whatever the choice', () => {
    const digest = run(['eastWest'], 'fixed').digest;
    for (const route of ['adaptive', 'twoChoices']) expect(run(['eastWest'], route, 1e6).digest).toBe(digest);
    expect(run(all, 'adaptive').digest).not.toBe(digest);
  });

  test('bytes go where the choice says: the first, all by rate, or wherever they are expected to be done first', () => {
    expect(shares(run(all, 'fixed'))).toEqual([1, 0, 0]);
    // 4, 16 and 8 GB/s. A stage of flash behind them is slower than two of the three: 7 GB/s read, 4 written, so 4 : 7 : 7 and thirds.
    const striped = shares(run(all, 'striped'));
    expect(striped[0]!).toBeGreaterThan(0.2);
    expect(striped[1]! / striped[2]!).toBeCloseTo(1, 1);
    const soonest = shares(run(all, 'soonest'));
    expect(soonest.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(soonest[1]!).toBeGreaterThan(soonest[0]!);
  });
});

describe('other traffic', () => {
  const run = (flashOn: 'eastWest' | 'contextMemory', size: number | undefined) =>
    simulate(
      scenario({
        networks: {
          ...nets,
          eastWest: network(8, 2e9, {background: {size, period: 20e6, phase: 0, direction: 'exchange', flows: 4}}),
          contextMemory: network(8, 2e9),
        },
        instances: [{role: 'mixed', count: 1, gpus: 8, parallel: {...ONE_GPU, tensor: 8}}],
        tiers: [tier('hbm', 'hbm', 'instance', 450), {...tier('flash', 'flash', 'cluster', 20000), networks: [flashOn]}],
        placement: {reload: 'always', hit: 'prefix'},
      }),
      source(sessions(12, 5)),
    );

  test('slows transfers on its own network, is slowed by them, and is nothing to a network apart', () => {
    const shared = run('eastWest', 240 * MB);
    const dedicated = run('contextMemory', 240 * MB);
    const alone = run('contextMemory', undefined);
    const [onEast, onContext] = [shared.fabrics['eastWest']!, dedicated.fabrics['contextMemory']!];
    expect(dedicated.digest).toBe(alone.digest);
    expect(alone.fabrics['eastWest']!.background.count).toBe(0);
    expect(onEast.transfers.mean!).toBeGreaterThan(onContext.transfers.mean! * 1.1);
    // 240 MB over 16 GB/s; four flows of it end together. Flash gives a transfer a quarter of that, so that only the bursts make the network bind.
    expect(dedicated.fabrics['eastWest']!.background.max!).toBeCloseTo(0.015, 4);
    expect(shared.fabrics['eastWest']!.background.max!).toBeGreaterThan(0.0151);
    expect(onContext.share).toBe(1);
    expect(dedicated.fabrics['eastWest']!.bytes).toBe(0);
  });

  test('gives way where it is more than its network can move: bursts follow each other', () => {
    const {background} = run('contextMemory', 480 * MB).fabrics['eastWest']!;
    expect(background.max!).toBeCloseTo(0.03, 4);
  });
});
