/**
 * npm run soak:uring [-- MINUTES [KILLS]]: queue depth 256 for ten minutes, then a hundred kills. Fails where memory, descriptors or mappings grow,
 * where a wake-up is lost, or where a restart finds a wrong byte.
 */
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import {BlockStore} from '../../src/runtime/blockStore.ts';
import {createFile} from '../../src/runtime/target.ts';
import {pattern} from '../../test/runtime/pattern.ts';

const BLOCK = 60_000;
const minutes = Number(process.argv[2] ?? 10);
const kills = Number(process.argv[3] ?? 100);
const file = 'results/bench/soak.tier';
fs.mkdirSync('results/bench', {recursive: true});
fs.rmSync(file, {force: true});
createFile(file, 256 * 2 ** 20, 'store');
await soak();
await kill();
fs.rmSync(file);

/** Puts and gets, 400 at once over 256 places, reopened every ten seconds; what the process holds afterwards must be what it held after the first life. */
async function soak(): Promise<void> {
  const end = performance.now() + minutes * 60e3;
  let requests = 0;
  let first: ReturnType<typeof held> | null = null;
  for (let life = 0; performance.now() < end; life++) {
    const store = await BlockStore.open({paths: [file], blockBytes: BLOCK, depth: 256});
    const until = Math.min(end, performance.now() + 10e3);
    const blocks = Array.from({length: 64}, (_, key) => pattern(`soak ${key}`, BLOCK));
    const one = async (): Promise<void> => {
      while (performance.now() < until) {
        const number = Math.floor(Math.random() * 6000);
        const key = `soak ${number}`;
        const block = await store.get(key);
        if (block === null) await store.put(key, blocks[number % 64]!);
        else if (Buffer.compare(block, blocks[number % 64]!) !== 0) throw new Error(`${key} came back wrong`);
        requests++;
      }
    };
    await Promise.all(Array.from({length: 400}, one));
    if (store.faults.size > 0) throw new Error(`faults: ${[...store.faults].join()}`);
    store.close();
    (globalThis as {gc?: () => void}).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = held();
    first ??= now;
    console.log(`life ${life}: ${requests} requests, ${JSON.stringify(now)}`);
    if (now.descriptors > first.descriptors) throw new Error(`descriptors grew from ${first.descriptors} to ${now.descriptors}`);
    if (now.mib > first.mib + 256) throw new Error(`memory grew from ${first.mib} to ${now.mib} MiB`);
  }
}

async function kill(): Promise<void> {
  let found = 0;
  for (let run = 0; run < kills; run++) {
    const first = run * 1e5;
    const child = spawn(process.execPath, ['results/bench/writer.mjs', file, String(BLOCK), String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    child.kill('SIGKILL');
    await ended;
    const store = await BlockStore.open({paths: [file], blockBytes: BLOCK, depth: 64});
    for (let key = first; store.has(`block ${key}`) || key < first + 50; key++) {
      const block = await store.get(`block ${key}`);
      if (block === null) continue;
      found++;
      if (Buffer.compare(block, pattern(`block ${key}`, block.length)) !== 0) throw new Error(`kill ${run}: block ${key} came back wrong`);
    }
    store.close();
  }
  console.log(`${kills} kills: ${found} blocks found again, none wrong`);
}

function held(): {descriptors: number; mib: number} {
  return {descriptors: fs.readdirSync('/proc/self/fd').length, mib: Math.round(process.memoryUsage().rss / 2 ** 20)};
}
