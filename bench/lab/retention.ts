/**
 * How much of the recorded agentic sessions is found again by how long blocks are kept, and by how many bytes are kept, beside published figures of
 * the whole set, of which these are a fifth.
 *   npm run bench:retention
 * Reads ../shared/traces; says so and stops where it is absent.
 */
import {replayPrefixes} from '../../src/lab/prefixReplay.ts';
import type {LabTrace} from '../../src/lab/trace.ts';
import {lru} from '../../src/placement/eviction/lru.ts';
import {recordedSessions} from './traces.ts';

/** Seconds, and hit ratio of all 739 sessions (kv-cache-tester's traces, measured for hardware.md). */
const TTLS: readonly (readonly [number, number])[] = [
  [30, 0.744],
  [60, 0.817],
  [120, 0.87],
  [300, 0.917],
  [600, 0.936],
  [1800, 0.954],
  [3600, 0.96],
  [14_400, 0.9628],
  [Infinity, 0.963],
];
/** Terabytes, and hit ratio for GLM-5.1 on the same kind of traces (kvcache.ai, KV cache budget). */
const CAPACITIES: readonly (readonly [number, number])[] = [
  [0.5, 0.842],
  [1, 0.873],
  [2, 0.885],
  [4, 0.889],
];

/** Leading blocks of each request that were used within `ttlNs` before it. */
function keptFor({blocks, requests, times, distinct}: LabTrace, ttlNs: number): number {
  const used = new Float64Array(distinct).fill(NaN);
  let hits = 0;
  for (let request = 0; request + 1 < requests!.length; request++) {
    const now = times![request]!;
    const [from, to] = [requests![request]!, requests![request + 1]!];
    let at = from;
    while (at < to && now - used[blocks[at]!]! <= ttlNs) at++;
    hits += at - from;
    for (let i = from; i < to; i++) used[blocks[i]!] = now;
  }
  return hits / blocks.length;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(7);
const together = recordedSessions(Infinity, 0);
if (together === null || together.times === null) {
  console.log('skipped: there are no agentic traces beside the checkout');
  process.exit(0);
}
console.log('kept after its last use for   found   published (all sessions)');
for (const [seconds, published] of TTLS) {
  const name = seconds === Infinity ? 'ever' : seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;
  console.log(`${name.padStart(27)}  ${percent(keptFor(together, seconds * 1e9))}  ${percent(published)}`);
}
console.log('\nkept, LRU    32 at a time           all together           published');
const merged = [recordedSessions(32, 0)!, together];
for (const [terabytes, published] of CAPACITIES) {
  const cells = [
    ...merged.map((trace) => {
      const {misses, references} = replayPrefixes(trace, Math.floor((terabytes * 1e12) / trace.blockBytes!), 'tail', (space) => lru.create({}, space));
      return 1 - misses / references;
    }),
    published,
  ];
  console.log(
    `${terabytes.toFixed(1).padStart(7)} TB  ${cells.map((hit) => `${percent(hit)} = ${(1 / (1 - hit)).toFixed(1).padStart(4)} x`).join('      ')}`,
  );
}
