/** Every counter of the brain, recomputed from scratch. */
import {assert} from '../base/assert.ts';
import type {Core} from './core.ts';
import {Lineage} from './lineage.ts';
import {ARRIVING, LEAVING, RESIDENT, type Pool} from './pool.ts';
import {NONE} from './ports.ts';

/** Throws, naming the pool and the counter, where a counter differs from what the columns say. */
export function checkPlacement(core: Core): void {
  for (const pool of core.pools) checkPool(core, pool);
  checkPins(core);
}

function checkPool(core: Core, pool: Pool): void {
  let copies = 0;
  let evictable = 0;
  let leaving = 0;
  let adrift = 0;
  const guards = new Int32Array(pool.slots);
  for (let slot = 0; slot < pool.slots; slot++) {
    const state = pool.state[slot];
    if (state === 0) continue;
    copies++;
    if (state === RESIDENT && pool.pins[slot] === 0) evictable++;
    else guards[slot]++;
    if (state === LEAVING) leaving++;
    if (state === ARRIVING && pool.pins[slot] === 0 && pool.tier === 0) adrift++;
    if (pool.parentSlot[slot] !== NONE) guards[pool.parentSlot[slot]]++;
  }
  same(pool, 'used', pool.used, copies + pool.privateBlocks);
  same(pool, 'evictable', pool.evictable, evictable);
  same(pool, 'leaving', pool.leaving, leaving);
  same(pool, 'adrift', pool.adrift, adrift);
  for (let slot = 0; slot < pool.slots; slot++)
    if (pool.state[slot] !== 0) same(pool, `guards of slot ${slot}`, pool.guards[slot], guards[slot]);
  checkLineages(core, pool);
  assert(pool.used - pool.leaving <= pool.capacity, `${pool.name}: ${pool.used - pool.leaving} blocks in ${pool.capacity}`);
  assert(core.blocks.count >= 0, 'block rows went negative');
}

/** Who is held for whose sake, where there are admissions. */
function checkLineages({blocks}: Core, pool: Pool): void {
  const copies = new Lineage(blocks);
  const promised = new Lineage(blocks);
  for (let slot = 0; slot < pool.slots; slot++) {
    if (pool.state[slot] === 0) continue;
    if (pool.lineage !== null) copies.hold(pool.block[slot]);
    if (pool.isPromised(slot)) promised.hold(pool.block[slot]);
  }
  for (const [kept, truth] of [
    [pool.lineage, copies],
    [pool.promised, promised],
  ] as const) {
    same(pool, 'size of a lineage', kept?.counts.size ?? 0, truth.counts.size);
    for (const [row, count] of truth.counts) same(pool, `lineage of block row ${row}`, kept?.counts.get(row) ?? 0, count);
  }
}

/** Pins and private blocks are those of the admitted requests, and these wait no more. Grown blocks are serving's to count. */
function checkPins(core: Core): void {
  const {requests, pools} = core;
  const pins = pools.map((pool) => new Int32Array(pool.slots));
  for (let request = 0; request < requests.pool.length; request++) {
    if (requests.pool[request] === NONE) continue;
    assert(!core.waiting.has(request), `request ${request} is admitted, and in line`);
    for (let i = 0; i < requests.blocks[request]; i++) {
      pins[requests.pool[request]][requests.slots[request][i]]++;
      if (requests.oldPool[request] !== NONE) pins[requests.oldPool[request]][requests.oldSlots[request][i]]++;
    }
  }
  pools.forEach((pool, index) => {
    for (let slot = 0; slot < pool.slots; slot++)
      if (pool.state[slot] !== 0) same(pool, `pins of slot ${slot}`, pool.pins[slot], pins[index][slot]);
  });
}

function same(pool: Pool, what: string, counter: number, truth: number): void {
  assert(counter === truth, `${pool.name}: ${what} is ${counter}, recomputed ${truth}`);
}
