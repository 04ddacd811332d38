/** Bytes over the ways between pools, past whatever is no network. */
import {expect} from 'vitest';
import {Engine} from '../../src/engine/engine.ts';
import type {Stage} from '../../src/engine/stage.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';
import {Topology} from '../../src/simulation/topology.ts';

/** Sends bytes over each of these pairs of pools at once, past whatever is no network; when each has passed, in ticks. */
export function passing(
  given: Scenario,
  pairs: readonly (readonly [string, string])[],
  bytes: number,
): {ends: number[]; topology: Topology} {
  const engine = new Engine();
  const topology = new Topology(engine, given);
  const ends: number[] = [];
  const ended = engine.on('test.ended', (pair) => (ends[pair] = engine.now));
  const pool = (name: string): number => topology.pools.findIndex((one) => one.name === name);
  pairs.forEach(([from, to], i) => {
    const paths = topology.route(pool(from), pool(to)).stages.filter((stage: Stage) => stage.name.includes('>'));
    expect(paths).toHaveLength(1);
    paths[0]!.submit(bytes, ended, i);
  });
  engine.run();
  return {ends, topology};
}

/** Names of what a transfer crosses, in order. */
export function crossedBy(given: Scenario, from: string, to: string, way = 0): readonly string[] {
  const topology = new Topology(new Engine(), given);
  const pool = (name: string): number => topology.pools.findIndex((one) => one.name === name);
  return topology.crossed(topology.route(pool(from), pool(to), way).stages);
}
