import {execFileSync, spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {Worker} from 'node:worker_threads';
import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {faultOfResult} from '../../src/runtime/faults.ts';
import {OP_NOP, OP_READ, OP_SYNC, OP_WRITE, openBlockingRing, openRing, type Ring} from '../../src/runtime/ring.ts';
import {bundle, completions, engines, hasUring, scratch, withoutUring} from './support.ts';

const root = path.resolve(import.meta.dirname, '../..');
const PAGE = 4096;
const PAGES = 64;

function request(ring: Ring, row: number, fields: {op?: number; file?: number; length?: number; offset?: number; buffer?: number}): void {
  ring.requests.op[row] = fields.op ?? OP_READ;
  ring.requests.file[row] = fields.file ?? 0;
  ring.requests.length[row] = fields.length ?? PAGE;
  ring.requests.offset[row] = fields.offset ?? 0;
  ring.requests.buffer[row] = fields.buffer ?? row * PAGE;
  ring.requests.tag[row] = row;
}

/** Submits rows one to a batch or all at once, and waits for all. */
async function run(ring: Ring, count: number): Promise<[number, number][]> {
  const all = completions(ring, count);
  ring.submit(count);
  return all;
}

describe.each(engines)('a ring of %s', (engine) => {
  const directory = scratch();
  const file = path.join(directory, 'data');
  const data = randomBytes(PAGE * PAGES);
  fs.writeFileSync(file, data);
  const direct = engine === 'fs' ? 0 : fs.constants.O_DIRECT;

  /** A ring of 16 over the file. */
  async function withRing(flags: number, use: (ring: Ring) => Promise<void>): Promise<void> {
    const descriptor = fs.openSync(file, flags | direct);
    const ring = openRing({depth: 16, arenaBytes: 16 * PAGE, engine});
    ring.setFiles([descriptor]);
    try {
      await use(ring);
    } finally {
      ring.close();
      fs.closeSync(descriptor);
    }
  }

  test('reads what the file holds, at any offsets, in any batch', async () => {
    const page = fc.integer({min: 0, max: PAGES - 1});
    await fc.assert(
      fc.asyncProperty(fc.array(page, {minLength: 1, maxLength: 16}), async (pages) => {
        await withRing(fs.constants.O_RDONLY, async (ring) => {
          pages.forEach((at, row) => request(ring, row, {offset: at * PAGE}));
          const results = await run(ring, pages.length);
          expect(results).toEqual(pages.map((_, row) => [row, PAGE]));
          pages.forEach((at, row) =>
            expect(Buffer.compare(ring.arena.subarray(row * PAGE, (row + 1) * PAGE), data.subarray(at * PAGE, (at + 1) * PAGE))).toBe(0),
          );
          expect(ring.inFlight).toBe(0);
        });
      }),
      {numRuns: 20},
    );
  });

  test('writes, syncs, and stamps a completion no earlier than its submission', async () => {
    await withRing(fs.constants.O_RDWR, async (ring) => {
      data.copy(ring.arena, 0, 5 * PAGE, 6 * PAGE);
      request(ring, 0, {op: OP_WRITE, offset: 5 * PAGE});
      request(ring, 1, {op: OP_SYNC});
      request(ring, 2, {op: OP_NOP});
      const before = Number(process.hrtime.bigint());
      expect((await run(ring, 3)).map(([, result]) => result)).toEqual([PAGE, 0, 0]);
      const {submittedNs, completedNs} = ring.completions;
      expect(submittedNs[0]).toBeGreaterThanOrEqual(before);
      expect(completedNs[0]).toBeGreaterThanOrEqual(submittedNs[0]!);
    });
  });

  test('names every failure of a request', async () => {
    await withRing(fs.constants.O_RDONLY, async (ring) => {
      request(ring, 0, {offset: PAGES * PAGE});
      request(ring, 1, {op: OP_WRITE});
      request(ring, 2, {length: engine === 'fs' ? PAGE : 1000});
      const codes = (await run(ring, 3)).map(([, result]) => faultOfResult(result, PAGE));
      expect(codes).toEqual(['SHORT_IO', 'WRITES_NOT_ALLOWED', engine === 'fs' ? null : 'MISALIGNED']);
    });
  });

  test('refuses what lies outside arena, files and depth, and then nothing is in flight', async () => {
    await withRing(fs.constants.O_RDONLY, async (ring) => {
      for (const wrong of [{buffer: ring.arena.length - PAGE + 512}, {buffer: -PAGE}, {file: 1}, {file: -1}]) {
        request(ring, 0, wrong);
        expect(() => ring.submit(1)).toThrow(RangeError);
      }
      for (let row = 0; row < 16; row++) request(ring, row, {});
      expect(() => ring.submit(17)).toThrow(RangeError);
      expect(ring.inFlight).toBe(0);
      expect(await run(ring, 16)).toHaveLength(16);
    });
  });

  test('closes over requests in flight, tells nobody of them, and leaves its memory readable', async () => {
    let told = 0;
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | direct);
    const ring = openRing({depth: 16, arenaBytes: 16 * PAGE, engine});
    ring.setFiles([descriptor]);
    ring.onComplete((count) => (told += count));
    for (let row = 0; row < 16; row++) request(ring, row, {offset: row * PAGE});
    ring.submit(16);
    ring.close();
    ring.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toBe(0);
    expect(ring.arena[0]).toBeTypeOf('number');
    fs.closeSync(descriptor);
  });

  test('loses no wake-up over 2000 batches of changing size', async () => {
    await withRing(fs.constants.O_RDONLY, async (ring) => {
      let batch = 0;
      await new Promise<void>((resolve) => {
        const next = (): void => {
          if (batch === 2000) return resolve();
          const count = 1 + (batch++ % 16);
          for (let row = 0; row < count; row++) request(ring, row, {offset: ((batch * 7 + row) % PAGES) * PAGE});
          ring.submit(count);
        };
        ring.onComplete(() => ring.inFlight === 0 && next());
        next();
      });
      expect(batch).toBe(2000);
    });
  });

  test('leaks no descriptor over 40 lives', () => {
    const descriptors = (): number => fs.readdirSync('/proc/self/fd').length;
    openRing({depth: 4, arenaBytes: PAGE, engine}).close();
    const before = descriptors();
    for (let i = 0; i < 40; i++) {
      const ring = openRing({depth: 4, arenaBytes: PAGE, engine});
      if (i % 2 === 0) ring.onComplete(() => {});
      ring.close();
    }
    expect(descriptors()).toBe(before);
  });
});

describe.skipIf(!hasUring)('io_uring (skipped where it is not allowed)', () => {
  test('names its flags and that it refused nothing', () => {
    const ring = openRing({depth: 8, arenaBytes: PAGE});
    expect(ring.engine).toMatchObject({name: 'io_uring', threads: 0, refused: []});
    expect(ring.engine.flags).toContain('CQSIZE');
    ring.close();
  });

  test('waits in the thread that asks, up to its time limit', () => {
    const ring = openBlockingRing({depth: 4, arenaBytes: PAGE});
    for (let row = 0; row < 4; row++) request(ring, row, {op: OP_NOP});
    expect(ring.enter(4, 4, -1)).toBe(4);
    expect(ring.enter(0, 1, 1e6)).toBe(0);
    ring.close();
    expect(() => ring.enter(0, 0, 0)).toThrow('closed');
  });

  test('a worker that ends, or is ended, with a ring open and requests in flight takes nothing down with it', async () => {
    const program = bundle('src/runtime/ring.ts', 'ring');
    const data = path.join(scratch(), 'data');
    fs.writeFileSync(data, Buffer.alloc(PAGE * 16));
    const code = `
      const fs = require('node:fs');
      import(${JSON.stringify(program)}).then(({openRing}) => {
        const ring = openRing({depth: 16, arenaBytes: 16 * 4096});
        ring.setFiles([fs.openSync(${JSON.stringify(data)}, fs.constants.O_RDONLY | fs.constants.O_DIRECT)]);
        const again = () => {
          for (let row = 0; row < 16; row++) {
            ring.requests.op[row] = 1; ring.requests.length[row] = 4096; ring.requests.buffer[row] = row * 4096;
          }
          ring.submit(16);
        };
        let left = 16;
        ring.onComplete((count) => { if ((left -= count) === 0) { left = 16; again(); require('node:worker_threads').parentPort.postMessage(0); } });
        again();
      });`;
    for (let i = 0; i < 5; i++) {
      const worker = new Worker(code, {eval: true});
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      expect(await worker.terminate()).toBe(1);
    }
  });

  test('forbidden by a seccomp filter, the pool of threads takes over and the report says why', () => {
    const wrapper = withoutUring();
    if (wrapper === null) return expect(wrapper).toBeNull(); // no compiler: nothing to wrap with
    const program = bundle('src/runtime/ring.ts', 'forbidden');
    const code = `import {openRing} from ${JSON.stringify(program)}; console.log(JSON.stringify(openRing({depth: 4, arenaBytes: 4096}).engine))`;
    for (const [errno, words] of [
      ['1', 'io_uring is forbidden here (EPERM)'],
      ['38', 'has no io_uring (ENOSYS)'],
    ] as const) {
      const out = execFileSync(wrapper, [errno, process.execPath, '--input-type=module', '-e', code], {encoding: 'utf8'});
      const engine = JSON.parse(out) as Ring['engine'];
      expect(engine.name).toBe('native-pool');
      expect(engine.refused.join()).toContain(words);
      expect(engine.refused.join()).toContain('seccomp');
    }
  });
});

describe('without the addon', () => {
  test('the last rung is fs.read, and says what is missing', async () => {
    vi.resetModules();
    vi.doMock('../../src/runtime/native.ts', async (original) => ({
      ...(await original<object>()),
      loadAddon: () => 'the addon is not built',
    }));
    const {openRing} = await import('../../src/runtime/ring.ts');
    const ring = openRing({depth: 4, arenaBytes: PAGE});
    expect(ring.engine).toMatchObject({name: 'fs', refused: ['io_uring: the addon is not built']});
    expect(() => openRing({depth: 4, arenaBytes: PAGE, engine: 'io_uring'})).toThrow('the addon is not built');
    const ended = completions(ring, 1);
    request(ring, 0, {op: OP_NOP});
    ring.submit(1);
    expect(await ended).toEqual([[0, 0]]);
    vi.doUnmock('../../src/runtime/native.ts');
    vi.resetModules();
  });

  test.skipIf(process.platform !== 'linux')('installing without a compiler succeeds and says so once', () => {
    const copy = scratch();
    fs.mkdirSync(path.join(copy, 'scripts'));
    fs.copyFileSync(path.join(root, 'scripts/native.js'), path.join(copy, 'scripts/native.js'));
    fs.cpSync(path.join(root, 'native'), path.join(copy, 'native'), {recursive: true});
    const result = spawnSync(process.execPath, [path.join(copy, 'scripts/native.js')], {
      encoding: 'utf8',
      env: {...process.env, CC: '/nonexistent/cc'},
    });
    expect(result.status).toBe(0);
    expect(result.stdout.split('\n').filter((line) => line.includes('simulation only'))).toHaveLength(1);
    expect(fs.existsSync(path.join(copy, 'native/build/tierscape.node'))).toBe(false);
  });
});
