/** An overloaded CXL card takes DRAM's bandwidth away, where the host's requests are limited; and where they are not, or suffice, it does not. */
import {expect, test} from 'vitest';
import {cxl} from '../../src/devices/cxl.ts';
import {dram} from '../../src/devices/dram.ts';
import {RequestPool} from '../../src/devices/requestPool.ts';
import {Engine} from '../../src/engine/engine.ts';
import type {Stage} from '../../src/engine/stage.ts';
import {valuesOf} from '../../src/scenario/values.ts';

const MB = 1e6;
/** Local DRAM and the fastest card of Melody (ASPLOS 2025): 246 and 52 GB/s. */
const [DRAM, CARD] = [246e9, 52e9];

/** Keeps so many slabs of 1 MB at each memory for 10 ms; GB/s that each gave in the second half. */
function rates(requests: RequestPool | undefined, dramSlabs: number, cxlSlabs: number): {dram: number; cxl: number} {
  const engine = new Engine();
  const context = {
    engine,
    name: 'm',
    server: {dramBytesPerSecond: DRAM, dramLatency: 0, dramBytes: 1e12} as never,
    servers: 1,
    per: 'server' as const,
    ticksPerSecond: 1e9,
    seed: 1,
    requests,
  };
  const local = dram.create(valuesOf(dram.params, {}, undefined, []) as never, context).read[0]!;
  const values = {...valuesOf(cxl.params, {}, undefined, []), cards: 1, readBytesPerSecond: CARD, setup: 0, latency: 0};
  const card = cxl.create(values as never, {...context, name: 'c'}).read[0]!;
  const stages: readonly Stage[] = [local, card];
  const bytes = [0, 0];
  const again = engine.on('again', (which) => {
    if (engine.now > 5e6) bytes[which]! += MB;
    stages[which]!.submit(MB, again, which);
  });
  for (let i = 0; i < dramSlabs; i++) local.submit(MB, again, 0);
  for (let i = 0; i < cxlSlabs; i++) card.submit(MB, again, 1);
  engine.run(10e6);
  return {dram: bytes[0]! / 5e-3, cxl: bytes[1]! / 5e-3};
}
/** 1,024 lines, of which a transfer fills 64: sixteen transfers. */
const pool = (): RequestPool => new RequestPool(1024, 64);

test('without a limit, or with entries to spare, memories do not feel each other', () => {
  for (const requests of [undefined, pool()]) {
    const {dram: local, cxl: card} = rates(requests, 8, 8);
    expect(local / DRAM).toBeCloseTo(1, 2);
    expect(card / CARD).toBeCloseTo(1, 2);
  }
});

test('a full pool gives every transfer the rate of those at the card: DRAM keeps CXL x p / q', () => {
  for (const [p, q] of [
    [10, 10],
    [20, 10],
    [10, 20],
    [90, 10],
  ] as const) {
    const {dram: local, cxl: card} = rates(pool(), p, q);
    expect(card / CARD, `${p} beside ${q}`).toBeCloseTo(1, 2);
    expect(local / Math.min(DRAM, (CARD * p) / q), `${p} beside ${q}`).toBeCloseTo(1, 1);
  }
});

test('at equal numbers DRAM loses 79 % beside the fastest card that was measured; up to 81 % are published (MIKU, arXiv:2503.17864)', () => {
  expect(1 - rates(pool(), 16, 16).dram / DRAM).toBeCloseTo(0.79, 2);
});

test('DRAM is itself again when the card has nothing to do', () => {
  expect(rates(pool(), 32, 0).dram / DRAM).toBeCloseTo(1, 2);
});
