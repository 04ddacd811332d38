/** A program that fills a block store until it is killed: writer PATH BLOCK_BYTES FIRST_KEY. Says `ready` once it writes. */
import {BlockStore} from '../../src/runtime/blockStore.ts';
import {pattern} from './pattern.ts';

const [path, bytes, first] = process.argv.slice(2);
const store = await BlockStore.open({paths: [path!], blockBytes: Number(bytes), depth: 16});
let next = Number(first);
process.stdout.write('ready\n');
async function fill(): Promise<void> {
  for (;;) {
    const key = `block ${next++}`;
    await store.put(key, pattern(key, Number(bytes) - (next % 7) * 100));
  }
}
await Promise.all(Array.from({length: 24}, fill));
