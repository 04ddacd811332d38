/** The content of one agent's context as it grows and is cut back, in runs of block ids. */
import {appendRun} from './blockNames.ts';
import type {Runs} from './ports.ts';

export class ContextChain {
  blocks = 0;
  private readonly runs: number[] = [];

  /** Adds `count` blocks of consecutive ids. */
  add(first: number, count: number): void {
    if (count <= 0) return;
    appendRun(this.runs, first, count);
    this.blocks += count;
  }

  /** Keeps the leading blocks, at most `blocks` of them. */
  cut(blocks: number): void {
    while (this.blocks > blocks) {
      const last = this.runs.length - 1;
      const excess = Math.min(this.runs[last], this.blocks - blocks);
      this.blocks -= excess;
      if (excess === this.runs[last]) this.runs.length -= 2;
      else this.runs[last] -= excess;
    }
  }

  copy(): Runs {
    return this.runs.slice();
  }
}
