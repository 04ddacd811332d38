/** Bytes and time of policies: bytes against what their columns are known to hold, time by a clock of the test's own. */
import {expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {measured, stateBytesOf} from '../../src/lab/costs.ts';
import {PluginPolicy} from '../../src/lab/pluginPolicy.ts';
import {replay} from '../../src/lab/replay.ts';
import {runStudy, type Study} from '../../src/lab/study.ts';
import {creatorOf, zipf} from './support.ts';

const trace = zipf(20_000, 4000);
const study = (policy: string, capacities = [500]): Study => ({
  trace,
  policy,
  oracle: null,
  capacities,
  prefix: null,
  windows: null,
  bootstrapSeed: null,
  sample: null,
});
const still = (): number => 0;

test('columns, Maps, arrays and what they hold, each once', () => {
  const shared = new Int32Array(10);
  expect(stateBytesOf({a: shared, b: {c: shared, d: shared.subarray(2)}, e: 7, f: 'text', g: null, h: () => shared})).toBe(40);
  expect(stateBytesOf({map: new Map([[1, 2]]), objects: new Map([[1, new Float64Array(3)]])})).toBe(45 + 125 + 24);
  expect(stateBytesOf({list: [1, 2, 3], nested: [{column: new Uint8Array(5)}]})).toBe(3 * 8 + 8 + 5);
  const ring: {next: object | null; column: Uint8Array} = {next: null, column: new Uint8Array(9)};
  ring.next = ring;
  expect(stateBytesOf(ring)).toBe(9);
});

test.each([
  // Two links of four bytes a slot; two ends of the one ring besides.
  ['lru', (500 * 8 + 2 * 8) / 500],
  ['mru', (500 * 8 + 2 * 8) / 500],
])('%s: %d bytes an entry', (policy, bytes) => {
  expect(runStudy(study(policy), creatorOf(policy, trace), still)[0]!.bytesPerEntry).toBeCloseTo(bytes, 12);
});

test('every policy has bytes, the same in equal replays; one with ghosts has more than one without', () => {
  const bytesOf = (policy: string): number => runStudy(study(policy), creatorOf(policy, trace), still)[0]!.bytesPerEntry!;
  for (const {name} of catalogue.policies) {
    expect(bytesOf(name), name).toBeGreaterThan(0);
    expect(bytesOf(name), name).toBe(bytesOf(name));
  }
  expect(bytesOf('arc')).toBeGreaterThan(bytesOf('lru') + 8);
});

test('counts are those of a replay that is not measured; clairvoyants and plug-ins have no bytes', () => {
  for (const policy of ['lru', 'sieve', 'belady']) {
    const [timed] = runStudy(study(policy), creatorOf(policy, trace), still);
    const [plain] = runStudy(study(policy), creatorOf(policy, trace));
    expect({...timed, bytesPerEntry: null, nanosecondsPerReference: null}).toEqual(plain);
    expect(timed!.bytesPerEntry === null).toBe(policy === 'belady');
  }
  const hooks = {init: () => [], hit: () => {}, miss: () => {}, evict: () => undefined, remove: () => {}};
  const make = (space: ConstructorParameters<typeof PluginPolicy>[2]): PluginPolicy => new PluginPolicy('mine.mjs', hooks, space);
  expect(measured(still, make, (create) => create({slots: 4, capacity: 4})).costs.bytesPerEntry).toBeNull();
});

test('time is the median of three replays, for a reference', () => {
  const lengths = [7e6, 1e6, 3e6];
  let now = 0;
  let calls = 0;
  const clock = (): number => (calls++ % 2 === 0 ? now : (now += lengths[(calls >> 1) - 1]!));
  const [row] = runStudy(study('lru'), creatorOf('lru', trace), clock);
  expect(row!.nanosecondsPerReference).toBe(3e6 / 20_000);
  expect(calls).toBe(6);
  const {result, costs} = measured(still, creatorOf('lru', trace), (create) => replay(trace, 100, create));
  expect([result.references, costs.nanoseconds]).toEqual([20_000, 0]);
});

test('a curve is not taken for replays where replays are measured', () => {
  const capacities = Array.from({length: 12}, (_, i) => 100 * (i + 1));
  const timed = runStudy(study('lru', capacities), creatorOf('lru', trace), still);
  const curve = runStudy(study('lru', capacities), creatorOf('lru', trace));
  expect(timed.map(({misses}) => misses)).toEqual(curve.map(({misses}) => misses));
  expect([timed[0]!.evictions === null, curve[0]!.evictions === null]).toEqual([false, true]);
});
