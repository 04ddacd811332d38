/**
 * Hits of a plain LRU at many capacities in one pass: the blocks in order of last use, newest first, kept as runs of content ids, so
 * that a prompt of thousands of blocks costs a walk over a few hundred runs. A block hits at every capacity that exceeds its depth
 * (Mattson, Gecsei, Slutz, Traiger 1970).
 *
 * A prompt is used from its tail to its head, so a block is never deeper than those behind it, and the blocks that hit are a leading run.
 */
import {assert} from '../../src/base/assert.ts';
import type {Runs} from '../../src/workload/ports.ts';

export class LruStack {
  readonly hits: number[];
  references = 0;
  private readonly capacities: readonly number[];
  private readonly deepest: number;
  /** Flat pairs [first id, count]. */
  private stack: number[] = [];

  /** @param capacities in blocks */
  constructor(capacities: readonly number[]) {
    this.capacities = capacities;
    this.deepest = Math.max(...capacities);
    this.hits = capacities.map(() => 0);
  }

  /** @param runs ascending, as a workload deals content ids out: a block's is higher than those of the blocks before it */
  prompt(runs: Runs): void {
    for (let run = 0; run < runs.length; run += 2) {
      this.references += runs[run + 1];
      assert(run === 0 || runs[run] >= runs[run - 2] + runs[run - 1], `run ${run / 2} of a prompt lies below the run before it`);
    }
    const stack = runs.slice();
    let depth = 0;
    for (let entry = 0; entry < this.stack.length && depth < this.deepest; entry += 2) {
      this.move(this.stack[entry], this.stack[entry + 1], depth, runs, stack);
      depth += this.stack[entry + 1];
    }
    this.stack = stack;
  }

  /** Counts those of the blocks [first, first+count), found from `depth` on, that the prompt uses; the others go on `stack`. */
  private move(first: number, count: number, depth: number, runs: Runs, stack: number[]): void {
    const end = first + count;
    let at = first;
    for (let run = firstRunBeyond(runs, first); run < runs.length && runs[run] < end; run += 2) {
      const from = Math.max(at, runs[run]);
      const to = Math.min(end, runs[run] + runs[run + 1]);
      if (from > at) stack.push(at, from - at);
      for (let index = 0; index < this.capacities.length; index++)
        this.hits[index] += Math.max(0, Math.min(to - from, this.capacities[index] - (depth + from - first)));
      at = to;
    }
    if (at < end) stack.push(at, end - at);
  }
}

/** Position of the first run that ends beyond `id`. */
function firstRunBeyond(runs: Runs, id: number): number {
  let low = 0;
  let high = runs.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[2 * middle] + runs[2 * middle + 1] > id) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}
