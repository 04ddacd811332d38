/** What submits I/O is a station of its own, and metadata is asked for once a transfer. */
import {expect, test} from 'vitest';
import {catalogue, loadScenario} from '../../src/index.ts';
import {Engine} from '../../src/engine/engine.ts';
import {Topology} from '../../src/simulation/topology.ts';

const GIB = 2 ** 30;

/** One server whose flash gives 100 GB/s behind ample ports. */
function topology(flash: string): {engine: Engine; topology: Topology} {
  const text = `
version: 1
name: software
question: What does the software cost?
model: llama-3.1-8b
servers: {preset: dgx-h100, count: 1}
networks: {northSouth: {ports: 16}}
tiers:
  hbm: {kind: hbm}
  flash: {kind: networkFlash, readBytesPerSecond: 100 GB/s, latency: 1 ns, ${flash}}
workload: {kind: agentSessions}
`;
  const engine = new Engine();
  return {engine, topology: new Topology(engine, loadScenario(text, {file: 'software.yaml'}, catalogue))};
}

/** GiB/s of eight transfers of 1 GiB in slabs of 64 MiB, all passing the stages of a route. */
function rate(flash: string): number {
  const {engine, topology: hardware} = topology(flash);
  const {stages} = hardware.route(1, 0);
  const slabs = 128;
  const bytes = (8 * GIB) / slabs;
  const passed = engine.on('passed', (stage) => {
    if (stage + 1 < stages.length) stages[stage + 1]!.submit(bytes, passed, stage + 1);
  });
  for (let slab = 0; slab < slabs; slab++) stages[0]!.submit(bytes, passed, 0);
  engine.run();
  return 8 / (engine.now / 1e9);
}

test('one submitter of GPUDirect Storage is slower than one through the page cache; many are as fast as the device', () => {
  // nixlbench, one submitter, 16 MiB reads: 12.6 and 21.6 GiB/s. The rest is the filling of the pipeline.
  expect(rate('path: direct, software: gpuDirect')).toBeGreaterThan(12.6 * 0.98);
  expect(rate('path: direct, software: gpuDirect')).toBeLessThan(12.6 * 1.001);
  expect(rate('path: bounce, software: posix')).toBeGreaterThan(21.6 * 0.97);
  expect(rate('path: bounce, software: posix')).toBeLessThan(21.6 * 1.001);
  const many = rate('path: direct, software: gpuDirect, submitters: 16');
  expect(many / rate('path: direct')).toBeGreaterThan(0.98);
  expect(many / (100e9 / GIB)).toBeGreaterThan(0.95);
});

test('io_uring and user space cost what an I/O costs', () => {
  expect(rate('software: ioUring') / (131_072 / 2310e-9 / GIB)).toBeCloseTo(1, 1);
  expect(rate('software: userSpace') / rate('software: none')).toBeGreaterThan(0.98);
});

test('a file system behind a network asks for metadata before the first byte, once a transfer', () => {
  const start = (flash: string): number => topology(flash).topology.route(1, 0).startUpTicks;
  expect(start('software: nfs') - start('software: none')).toBe(40_000);
  expect(start('software: lustre') - start('software: none')).toBe(100_000);
  expect(topology('software: none').topology.route(1, 0).stages).toHaveLength(2);
});
