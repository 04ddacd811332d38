/** A brain with a carrier that a test drives by hand: transfers end in the order and with the outcome that the test says. */
import {Stream} from '../../src/base/random.ts';
import {lru} from '../../src/placement/eviction/lru.ts';
import {Loop} from '../../src/placement/loop.ts';
import {
  DONE,
  NONE,
  type Carrier,
  type Commands,
  type PlacementConfig,
  type PolicySpace,
  type PoolConfig,
} from '../../src/placement/ports.ts';
import {Journal} from '../../src/placement/journal.ts';
import {routeChoices} from '../../src/placement/paths/choices.ts';

interface InFlight {
  readonly transfer: number;
  readonly kind: number;
  readonly source: number;
  readonly target: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Content ids of the run, tip first. */
  readonly contents: readonly number[];
}

export class ManualCarrier implements Carrier {
  readonly inFlight: InFlight[] = [];
  /** By way: bytes submitted. */
  readonly bytesByWay: number[] = [];
  issued = 0;
  /** Content ids of the run of `count` blocks that ends at block row `tip`. */
  contentsOf: (tip: number, count: number) => number[] = () => [];

  submit(_now: number, commands: Commands, row: number): void {
    this.issued++;
    this.bytesByWay[commands.way[row]] = (this.bytesByWay[commands.way[row]] ?? 0) + commands.bytes[row];
    this.inFlight.push({
      transfer: commands.transfer[row],
      kind: commands.kind[row],
      source: commands.source[row],
      target: commands.target[row],
      blocks: commands.blocks[row],
      bytes: commands.bytes[row],
      contents: this.contentsOf(commands.tip[row], commands.blocks[row]),
    });
  }

  flush(): void {}
}

export class Harness {
  readonly carrier = new ManualCarrier();
  readonly words: number[] = [];
  readonly journal = new Journal((words, count) => this.words.push(...words.subarray(0, count)));
  readonly loop: Loop;
  /** Instant of what a test does next. */
  now = 0;
  /** [kind, request, value] as serving hears them. */
  readonly notices: [number, number, number][] = [];

  constructor(config: PlacementConfig) {
    this.loop = new Loop(config, this.carrier, this.journal);
    this.loop.listen((kind, request, value) => this.notices.push([kind, request, value]));
    const {blocks} = this.loop.placement.core;
    this.carrier.contentsOf = (tip, count) => {
      const rows = new Int32Array(count);
      blocks.path(tip, count, rows);
      return [...rows].map((row) => blocks.contentOf(row));
    };
  }

  /** Ends the transfer at this position of those in flight. */
  finish(position: number, outcome = DONE): void {
    const [ended] = this.carrier.inFlight.splice(position, 1);
    this.loop.complete(this.now, ended.transfer, outcome);
  }

  finishAll(): void {
    while (this.carrier.inFlight.length > 0) this.finish(0);
  }
}

/** The same pools with three ways between any two of the lower ones' and HBM, of unequal rates, and reports every 10 ticks. */
export function lanes(config: PlacementConfig, name: string): PlacementConfig {
  const routes = config.routes.flatMap((route) =>
    route.source === 0 && route.target === 1
      ? [route]
      : [0, 1, 2].map((way) => ({...route, bytesPerSecond: (way + 1) * 1e9, lane: way + (route.target === 0 ? 3 : 0)})),
  );
  return {...config, routes, lanes: {count: 6, reportTicks: 10, choice: () => routeChoices[name]!(new Stream(1, 'test'))}};
}

/** One instance's HBM over DRAM over flash, by capacity in blocks of 16 tokens and 1 kB. */
export function ladder(
  capacities: readonly number[],
  options: {
    write?: 'back' | 'through';
    reload?: PlacementConfig['reload'];
    hit?: PlacementConfig['hit'];
    low?: number;
    high?: number;
    /** Of every tier below the first, and of all. */
    promote?: 'copy' | 'move';
    promoteOn?: number;
    ttl?: number;
    bytesPerSecond?: number;
    /** Of the last tier. */
    admission?: PoolConfig['admission'];
  } = {},
): PlacementConfig {
  const pools = capacities.map((capacityBlocks, tier) => ({
    name: `tier${tier}`,
    tier,
    capacityBlocks,
    below: tier + 1 < capacities.length ? tier + 1 : NONE,
    write: options.write ?? ('back' as const),
    reserveLow: tier + 1 < capacities.length ? (options.low ?? 0) : 0,
    reserveHigh: tier + 1 < capacities.length ? (options.high ?? 0) : 0,
    policy: (space: PolicySpace) => lru.create({}, space),
    ttl: options.ttl ?? Infinity,
    promote: tier > 0 ? (options.promote ?? ('copy' as const)) : ('copy' as const),
    promoteOn: tier === 1 ? (options.promoteOn ?? 0) : 0,
    ...(tier + 1 === capacities.length && options.admission !== undefined ? {admission: options.admission} : {}),
  }));
  const routes = [];
  for (let source = 0; source < pools.length; source++)
    for (let target = 0; target < pools.length; target++)
      if (source !== target && (target === 0 || source < target))
        routes.push({source, target, latencyNs: 1000, bytesPerSecond: options.bytesPerSecond ?? 1e9});
  return {
    pools,
    routes,
    blockTokens: 16,
    blockBytes: 1000,
    reload: options.reload ?? 'always',
    hit: options.hit ?? 'prefix',
    recompute: {perTokenNs: 1000, perTokenSquaredNs: 0},
  };
}
