/** Content of generated prompts: segments of blocks that may be shared, and prompts that are put together from them and cut back. */
import {appendRun} from './blockNames.ts';

/** Consecutive content ids, always used from the first on. `seen`: leading ones that some prompt has held. */
export interface Segment {
  readonly first: number;
  readonly blocks: number;
  seen: number;
}

/** Deals out content ids. */
export class Contents {
  private next = 0;

  segment(blocks: number): Segment {
    const first = this.next;
    this.next += blocks;
    return {first, blocks, seen: 0};
  }
}

export class Prompt {
  blocks = 0;
  private parts: {readonly segment: Segment; readonly blocks: number}[] = [];

  /** At the end; the leading `blocks` of the segment. */
  add(segment: Segment, blocks: number = segment.blocks): void {
    if (blocks <= 0) return;
    this.parts.push({segment, blocks});
    this.blocks += blocks;
  }

  /** Keeps the leading blocks, at most `blocks` of them. */
  cut(blocks: number): void {
    while (this.blocks > blocks) {
      const last = this.parts.pop()!;
      this.blocks -= last.blocks;
      this.add(last.segment, Math.min(last.blocks, blocks - this.blocks));
    }
  }

  /** A prompt that begins as this one does now. */
  fork(): Prompt {
    const fork = new Prompt();
    fork.parts = this.parts.slice();
    fork.blocks = this.blocks;
    return fork;
  }

  /** Its runs, and how many of its leading blocks some prompt has held before. From now on all of them are held. */
  hold(): {promptRuns: number[]; infiniteHitBlocks: number} {
    const promptRuns: number[] = [];
    let held = 0;
    let whole = true;
    for (const {segment, blocks} of this.parts) {
      appendRun(promptRuns, segment.first, blocks);
      if (whole) held += Math.min(blocks, segment.seen);
      whole &&= segment.seen >= blocks;
      segment.seen = Math.max(segment.seen, blocks);
    }
    return {promptRuns, infiniteHitBlocks: held};
  }
}
