/**
 * A tiered store of KV blocks in a program of one's own: 96 blocks in memory over a file that keeps thousands, with the library's brain deciding
 * what lies where. node docs/examples/tiered-store.mjs PATH (the file is made where there is none).
 */
import fs from 'node:fs';
import {Loop, lru, NONE, READY} from 'tierscape/placement';
import {createFile, RealCarrier, SlotStore} from 'tierscape/runtime';

const blockBytes = 256 * 1024;
const path = process.argv[2] ?? 'kv.tier';
if (!fs.existsSync(path)) createFile(path, 256 * 2 ** 20, 'store');
const store = new SlotStore({paths: [path], blockBytes, depth: 32});

// Three pools: what computes (its blocks are made up and checked), memory, and the file. A reserve in memory gives evicted blocks time to reach the file.
const policy = (slots) => lru.create({}, slots);
const pool = (name, tier, capacityBlocks, below, reserveLow) => {
  return {name, tier, capacityBlocks, below, policy, write: 'back', reserveLow, reserveHigh: 2 * reserveLow};
};
const pools = [pool('compute', 0, 96, 1, 0), pool('memory', 1, 96, 2, 32), pool('file', 2, Math.floor(store.slots * 0.95), NONE, 0)];
const route = (source, target) => ({source, target, latencyNs: 1e5, bytesPerSecond: 1e9});
const routes = [route(0, 1), route(0, 2), route(1, 2), route(1, 0), route(2, 0)];
const config = {pools, routes, blockTokens: 16, blockBytes, reload: 'always', recompute: {perTokenNs: 1e5, perTokenSquaredNs: 0}};

const carrier = new RealCarrier([{kind: 'gpu'}, {kind: 'memory'}, {kind: 'store', store}], blockBytes);
const loop = new Loop(config, carrier, null);
carrier.serve(loop.placement);
const now = () => Math.round(performance.now() * 1e6);
const ready = new Map();
loop.listen((kind, request) => kind === READY && ready.get(request)?.());
const drained = () => new Promise((resolve) => (ready.set(NONE, resolve), carrier.inFlight === 0 && resolve()));
carrier.onEnd((transfer, outcome) => {
  loop.complete(now(), transfer, outcome);
  if (carrier.inFlight === 0) ready.get(NONE)?.();
});

/** One request whose prompt is `blocks` blocks of conversation `id`: waits for what is loaded, computes the rest. Blocks found. */
async function serve(request, id, blocks) {
  loop.open(request, [id * 1e6, blocks], blocks);
  if (!loop.demand(now(), request, 0, blocks, 0)) throw new Error('no room');
  if (loop.placement.waitOf(request) !== NONE) await new Promise((resolve) => ready.set(request, resolve));
  const found = loop.placement.computeFrom(request);
  loop.computed(now(), request, blocks);
  loop.release(now(), request, 0);
  loop.close(request);
  return found;
}

for (let turn = 1; turn <= 4; turn++)
  for (let id = 0; id < 12; id++) {
    console.log(`conversation ${id}, turn ${turn}: ${await serve(0, id, turn * 8)} of ${turn * 8} blocks found`);
    await drained(); // people think, and what was evicted reaches the file
  }
console.log(
  `${carrier.verified} blocks came back right, ${carrier.wrong} wrong; ${store.reads} reads and ${store.writes} writes over ${store.engine.name}`,
);
store.close();
