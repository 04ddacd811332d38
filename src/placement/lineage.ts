/** Blocks that must stay for the sake of others: those held, and all that come before them in their chains. One entry a block of either sort. */
import type {BlockTable} from './blockTable.ts';
import {NONE, type BlockRow} from './ports.ts';

export class Lineage {
  /** By block: how often it is held, and how many of its children are in here. Looked up, never iterated. */
  readonly counts = new Map<BlockRow, number>();
  private readonly blocks: BlockTable;

  constructor(blocks: BlockTable) {
    this.blocks = blocks;
  }

  has(row: BlockRow): boolean {
    return this.counts.has(row);
  }

  hold(row: BlockRow): void {
    for (let at = row; at !== NONE; at = this.blocks.parent[at]) {
      const count = this.counts.get(at) ?? 0;
      this.counts.set(at, count + 1);
      if (count > 0) return;
    }
  }

  /** Gives back one hold(). */
  drop(row: BlockRow): void {
    for (let at = row; at !== NONE; at = this.blocks.parent[at]) {
      const count = this.counts.get(at)!;
      if (count > 1) return void this.counts.set(at, count - 1);
      this.counts.delete(at);
    }
  }
}
