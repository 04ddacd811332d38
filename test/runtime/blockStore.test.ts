import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeAll, describe, expect, test, vi} from 'vitest';
import {BlockStore} from '../../src/runtime/blockStore.ts';
import type {Ring} from '../../src/runtime/ring.ts';
import {createFile} from '../../src/runtime/target.ts';
import {pattern} from './pattern.ts';
import {bundle, engines, hasUring, scratch} from './support.ts';

const directory = scratch();
const MIB = 2 ** 20;
const BLOCK = 60_000;

let files = 0;
function newFile(bytes = 4 * MIB): string {
  const file = path.join(directory, `store${files++}`);
  createFile(file, bytes, 'store');
  return file;
}

const open = (paths: string[], engine: 'auto' | 'io_uring' | 'native-pool' | 'fs' = 'auto'): Promise<BlockStore> =>
  BlockStore.open({paths, blockBytes: BLOCK, depth: 16, engine});

/** A block that a store gave, by what it is: its length if it is the key's pattern, `missing`, or `wrong`. (toEqual over so many numbers takes seconds.) */
function told(block: Uint8Array | null, key: string): number | string {
  if (block === null) return 'missing';
  return Buffer.compare(block, pattern(key, block.length)) === 0 ? block.length : 'wrong';
}

/** Whether what the store gives under this key is what was put there, or nothing. */
async function isRightOrMissing(store: BlockStore, key: string): Promise<boolean> {
  return told(await store.get(key), key) !== 'wrong';
}

test.each(engines)('on %s: what is read is what was written, the least recently used leaves first', async (engine) => {
  const store = await open([newFile()], engine);
  const keys = Array.from({length: store.capacity}, (_, i) => `key ${i}`);
  expect(await Promise.all(keys.map((key) => store.put(key, pattern(key, BLOCK))))).not.toContain(false);
  expect(store.size).toBe(store.capacity);
  for (const key of keys) expect(told(await store.get(key), key)).toBe(BLOCK);
  await store.get('key 0');
  await store.put('one more', pattern('one more', 100));
  expect([store.has('key 0'), store.has('key 1'), store.has('key 2')]).toEqual([true, false, true]);
  expect(told(await store.get('one more'), 'one more')).toBe(100);
  expect(await store.get('key 1')).toBeNull();
  expect(await store.sync()).toBe(true);
  store.close();
});

test('against a map: any puts, gets, removals and reopenings, over one file or two', async () => {
  const command = fc.record({kind: fc.constantFrom('put', 'get', 'remove', 'reopen'), key: fc.integer({min: 0, max: 30})});
  await fc.assert(
    fc.asyncProperty(fc.array(command, {minLength: 5, maxLength: 60}), fc.integer({min: 1, max: 2}), async (commands, count) => {
      const paths = Array.from({length: count}, () => newFile(MIB));
      let store = await open(paths);
      const held = new Set<string>();
      for (const {kind, key: n} of commands) {
        const key = `key ${n}`;
        if (kind === 'put') {
          await store.put(key, pattern(key, BLOCK - n * 1000));
          held.add(key);
        } else if (kind === 'remove') store.remove(key);
        else if (kind === 'get') {
          const block = await store.get(key);
          if (block === null) continue;
          expect(held.has(key)).toBe(true);
          expect(told(block, key)).toBe(BLOCK - n * 1000);
        } else {
          const before = [...held].filter((each) => store.has(each));
          store.close();
          store = await open(paths);
          expect(before.filter((each) => !store.has(each))).toEqual([]);
        }
        expect(store.size).toBeLessThanOrEqual(store.capacity);
      }
      store.close();
      paths.forEach((file) => fs.rmSync(file));
    }),
    {numRuns: 15},
  );
});

test('flipped bits anywhere are a miss, never wrong bytes', async () => {
  const file = newFile(2 * MIB);
  let store = await open([file]);
  const keys = Array.from({length: store.capacity}, (_, i) => `key ${i}`);
  await Promise.all(keys.map((key) => store.put(key, pattern(key, BLOCK))));
  store.close();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({min: 4096 * 8, max: 2 * MIB * 8 - 1}), {minLength: 1, maxLength: 20}), async (bits) => {
      const whole = fs.readFileSync(file);
      const flipped = Buffer.from(whole);
      for (const bit of bits) flipped[bit >> 3]! ^= 1 << (bit & 7);
      fs.writeFileSync(file, flipped);
      store = await open([file]);
      for (const key of keys) expect(await isRightOrMissing(store, key)).toBe(true);
      store.close();
      fs.writeFileSync(file, whole);
    }),
    {numRuns: 25},
  );
});

test('a block copied over another slot is not taken for it', async () => {
  const file = newFile(MIB);
  let store = await open([file]);
  await store.put('a', pattern('a', BLOCK));
  await store.put('b', pattern('b', BLOCK));
  store.close();
  const data = fs.readFileSync(file);
  const slot = Math.ceil((128 + BLOCK) / 4096) * 4096;
  data.copy(data, 4096 + slot, 4096, 4096 + slot);
  fs.writeFileSync(file, data);
  store = await open([file]);
  expect(told(await store.get('a'), 'a')).toBe(BLOCK);
  expect(await store.get('b')).toBeNull();
  store.close();
});

describe('a device that fails', () => {
  afterEach(() => {
    vi.doUnmock('../../src/runtime/ring.ts');
    vi.resetModules();
  });

  /** A store whose ring spoils results as `spoil` says. */
  async function openSpoiled(file: string, spoil: (op: number, result: number) => number): Promise<BlockStore> {
    vi.resetModules();
    vi.doMock('../../src/runtime/ring.ts', async (original) => {
      const real = await original<typeof import('../../src/runtime/ring.ts')>();
      return {
        ...real,
        openRing: (...options: Parameters<typeof real.openRing>): Ring => {
          const ring = real.openRing(...options);
          const opOf = new Int32Array(ring.depth);
          const submit = ring.submit.bind(ring);
          const onComplete = ring.onComplete.bind(ring);
          ring.submit = (count) => {
            for (let row = 0; row < count; row++) opOf[ring.requests.tag[row]!] = ring.requests.op[row]!;
            submit(count);
          };
          ring.onComplete = (handle) =>
            onComplete((count) => {
              const {tag, result} = ring.completions;
              for (let row = 0; row < count; row++) result[row] = spoil(opOf[tag[row]!]!, result[row]!);
              handle(count);
            });
          return ring;
        },
      };
    });
    const {BlockStore} = await import('../../src/runtime/blockStore.ts');
    return BlockStore.open({paths: [file], blockBytes: BLOCK, depth: 16});
  }

  test.each([
    ['EIO', -5, 'DEVICE_ERROR'],
    ['ENOSPC', -28, 'NO_SPACE'],
    ['a short write', 4096, 'SHORT_IO'],
  ])('%s on writes: the block is not kept, the fault is counted, the store goes on', async (_, result, code) => {
    let writes = 0;
    const store = await openSpoiled(newFile(), (op, real) => (op === 2 && writes++ % 2 === 0 ? result : real));
    const kept: boolean[] = [];
    for (let i = 0; i < 10; i++) kept.push(await store.put(`key ${i}`, pattern(`key ${i}`, BLOCK)));
    expect(kept).toEqual(Array.from({length: 10}, (_, i) => i % 2 === 1));
    expect([...store.faults]).toEqual([[code, 5]]);
    for (let i = 0; i < 10; i++) expect(told(await store.get(`key ${i}`), `key ${i}`)).toBe(i % 2 === 1 ? BLOCK : 'missing');
    store.close();
  });

  test.each([
    ['EIO', -5, 'DEVICE_ERROR'],
    ['a short read', 4096, 'SHORT_IO'],
    ['a read past the end', 0, 'SHORT_IO'],
  ])('%s: a miss, counted, and the block is forgotten', async (_, result, code) => {
    let failing = false;
    const store = await openSpoiled(newFile(), (op, real) => (op === 1 && failing ? result : real));
    await store.put('key', pattern('key', BLOCK));
    failing = true;
    expect(await store.get('key')).toBeNull();
    failing = false;
    expect(store.has('key')).toBe(false);
    expect([...store.faults]).toEqual([[code, 1]]);
    expect(await store.put('key', pattern('key', BLOCK))).toBe(true);
    expect(told(await store.get('key'), 'key')).toBe(BLOCK);
    store.close();
  });
});

describe.skipIf(!hasUring)('killed (skipped where io_uring is not allowed)', () => {
  let program = '';
  beforeAll(() => {
    program = bundle('test/runtime/writer.ts', 'writer');
  });

  test('at twelve random instants: what a restart finds is right, and something is always found', async () => {
    const file = newFile(8 * MIB);
    let foundEver = 0;
    for (let run = 0; run < 12; run++) {
      const first = run * 100_000;
      const child = spawn(process.execPath, [program, file, String(BLOCK), String(first)], {stdio: ['ignore', 'pipe', 'inherit']});
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
      child.kill('SIGKILL');
      await ended;
      const store = await open([file]);
      expect(store.faults.size).toBe(0);
      let found = 0;
      for (let key = Math.max(0, first - 100_000); key < first + 100_000 && found < store.size; key++) {
        if (!store.has(`block ${key}`)) continue;
        found++;
        expect(await isRightOrMissing(store, `block ${key}`)).toBe(true);
      }
      foundEver += found;
      store.close();
    }
    expect(foundEver).toBeGreaterThan(0);
  });
});
