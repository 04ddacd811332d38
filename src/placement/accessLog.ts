/**
 * What each pool was asked for, so that another policy can be given the same: words of 8 bytes, an access after the other. An access is a run of one
 * chain's blocks that one use is about: pool, instant, session (-1: nobody's), how many of its blocks were found, the number of runs of content ids,
 * and for each run its first id and its length, head of the chain first.
 *
 * In the first tier an access is a request's prompt with what was kept of its answer, told when the request leaves the pool: that is when its blocks
 * take their place in the policy's order. What had not been computed by then is left out. Below, an access is a load of blocks that are there (all
 * found), or a store of blocks that are not (none found), told when room is made for them.
 */
import type {BlockTable} from './blockTable.ts';
import {NONE, type PoolIndex, type RequestRow, type Ticks} from './ports.ts';
import {WordStream, type WordSink} from './wordStream.ts';

export class AccessLog {
  private readonly stream: WordStream;
  private readonly blocks: BlockTable;
  private readonly sessionOf: (request: RequestRow) => number;
  private accesses = 0;
  private readonly runs: number[] = [];

  constructor(sink: WordSink, blocks: BlockTable, sessionOf: (request: RequestRow) => number) {
    this.stream = new WordStream(sink);
    this.blocks = blocks;
    this.sessionOf = sessionOf;
  }

  /** Blocks rows[first .. last) of one chain, `found` of them there. `request`: for whom; NONE: nobody. */
  record(now: Ticks, pool: PoolIndex, request: RequestRow, found: number, rows: Int32Array, first: number, last: number): void {
    if (first === last) return;
    const {stream, runs} = this;
    runs.length = 0;
    for (let i = first; i < last; i++) {
      const content = this.blocks.contentOf(rows[i]);
      const end = runs.length;
      if (end > 0 && runs[end - 2] + runs[end - 1] === content) runs[end - 1]++;
      else runs.push(content, 1);
    }
    stream.word(pool);
    stream.word(now);
    stream.word(request === NONE ? -1 : this.sessionOf(request));
    stream.word(found);
    stream.word(runs.length / 2);
    for (let i = 0; i < runs.length; i++) stream.word(runs[i]);
    this.accesses++;
  }

  /** The last two words: -1, which names no pool, and how many accesses there were. */
  end(): void {
    this.stream.word(-1);
    this.stream.word(this.accesses);
    this.stream.end();
  }
}
