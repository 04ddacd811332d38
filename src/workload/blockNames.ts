/**
 * Names the blocks of a trace's prompts in the scenario's block size.
 *
 * A trace's hash id names a block of `traceTokens` tokens together with everything before it, so equal ids are equal chains. A smaller
 * block of the scenario, traceTokens / k, is one of k consecutive content ids of its trace block; a larger one, m * traceTokens, is
 * named by the last of its m trace ids, which names the whole chain. Content ids are dealt out densely in order of first sight, hence
 * runs stay long, files never collide, and "seen before" is all that an infinite cache needs to know.
 *
 * Cost: 16 bytes a trace id in tables, about 5 ns a block reference.
 */
import {FieldFault, shown} from './fields.ts';
import type {FieldPath} from './fields.ts';

/** Trace ids index the tables, so they must be reasonably dense: 2^26 of them are 1 GiB. */
const traceIdMax = 2 ** 26 - 1;

/** Content ids of blocks that no other prompt has count from here, so that they leave no gaps in the runs of the others. */
const privateContents = 2 ** 52;

/** Blocks that several sessions have in common though their trace ids are private: content ids first .. first+blocks). */
export interface SharedPrefix {
  readonly first: number;
  readonly blocks: number;
  /** How many of them a session has named so far. */
  seen: number;
}

export interface NamedBlocks {
  readonly promptRuns: number[];
  readonly generatedRuns: number[];
  /** Leading blocks of the prompt that were named before. */
  readonly heldBlocks: number;
}

export class BlockNames {
  readonly blockTokens: number;
  /** Blocks of the scenario in a trace's block, and the reverse; one of them is 1. */
  private readonly split: number;
  private readonly join: number;
  private nextContent = 0;
  private nextPrivate = privateContents;
  /** By trace id: 2 + the trace id before it, or 0 where it was not seen; its first content id; how many of its blocks were named. */
  private parents = new Int32Array(1024);
  private contents = new Float64Array(1024);
  private named = new Int32Array(1024);

  /** @throws FieldFault unless one block size divides the other */
  constructor(traceTokens: number, blockTokens: number) {
    this.blockTokens = blockTokens;
    this.split = Math.max(1, traceTokens / blockTokens);
    this.join = Math.max(1, blockTokens / traceTokens);
    if (!Number.isInteger(this.split) || !Number.isInteger(this.join)) {
      throw new FieldFault(['block_size'], `a divisor or a multiple of the scenario's kv.blockTokens, ${blockTokens}`, shown(traceTokens));
    }
  }

  /** Trace ids mean something else from here on: the next file has its own. */
  forgetTraceIds(): void {
    this.parents.fill(0);
    this.named.fill(0);
  }

  /** Reserves content ids for a prefix of this many blocks. */
  sharePrefix(blocks: number): SharedPrefix {
    return {first: this.takeContents(blocks), blocks, seen: 0};
  }

  /**
   * @param ids trace ids from the start of the prompt, going on into generated blocks where the workload knows them
   * @param promptBlocks scenario blocks of the prompt; those that `ids` do not reach get names of their own, never seen again
   * @param allBlocks prompt and generated blocks, at least promptBlocks; generated ones are named as far as `ids` reach
   * @param prefix common content for the leading blocks; given with the first prompt of a chain only, as later ones follow by their ids
   * @param path of the record that holds `ids`, for messages
   * @throws FieldFault if an id is not an integer in 0 .. 2^26-1, or follows another id than it did before
   */
  name(ids: readonly unknown[], promptBlocks: number, allBlocks: number, prefix: SharedPrefix | null, path: FieldPath): NamedBlocks {
    const {split, join} = this;
    const promptRuns: number[] = [];
    const generatedRuns: number[] = [];
    let heldBlocks = 0;
    let allHeld = true;
    let block = 0;
    let parent = -1;
    for (let index = 0; index < ids.length; index++) {
      const id = this.checkId(ids, index, parent, path);
      parent = id;
      const isBlockEnd = (index + 1) % join === 0 || (index + 1 === ids.length && block === promptBlocks - 1);
      if (!isBlockEnd || block >= allBlocks) continue;
      const namedBefore = this.isSharedSeen(block, prefix) ? split : this.named[id];
      const content = this.named[id] > 0 ? this.contents[id] : this.firstContent(id, block, prefix);
      if (prefix !== null && content !== prefix.first + block) prefix = null;
      const inPrompt = Math.min(split, Math.max(0, promptBlocks - block));
      const inAll = Math.min(split, Math.max(0, allBlocks - block));
      if (inPrompt > 0) appendRun(promptRuns, content, inPrompt);
      if (inAll > inPrompt) appendRun(generatedRuns, content + inPrompt, inAll - inPrompt);
      this.named[id] = Math.max(this.named[id], inAll);
      if (allHeld) heldBlocks += Math.min(inPrompt, namedBefore);
      allHeld &&= namedBefore >= inPrompt;
      block += split;
    }
    if (block < promptBlocks) {
      appendRun(promptRuns, this.nextPrivate, promptBlocks - block);
      this.nextPrivate += promptBlocks - block;
    }
    return {promptRuns, generatedRuns, heldBlocks};
  }

  /** The id at `index`, known to follow `parent` always. */
  private checkId(ids: readonly unknown[], index: number, parent: number, path: FieldPath): number {
    const id = ids[index] as number;
    if (!(Number.isInteger(id) && id >= 0 && id <= traceIdMax)) {
      throw new FieldFault([...path, 'hash_ids', index], `an integer in 0 .. ${traceIdMax}`, shown(ids[index]));
    }
    if (id >= this.parents.length) this.growTables(id);
    const before = this.parents[id];
    if (before === 0) this.parents[id] = parent + 2;
    else if (before !== parent + 2) {
      throw new FieldFault(
        [...path, 'hash_ids', index],
        `id ${id} ${placeText(before - 2)} as before (an id names its whole prefix)`,
        `it ${placeText(parent)}`,
      );
    }
    return id;
  }

  private isSharedSeen(block: number, prefix: SharedPrefix | null): boolean {
    return prefix !== null && block + this.split <= Math.min(prefix.seen, prefix.blocks);
  }

  /** Deals out the content of a trace id seen for the first time. */
  private firstContent(id: number, block: number, prefix: SharedPrefix | null): number {
    let content: number;
    if (prefix !== null && block + this.split <= prefix.blocks) {
      content = prefix.first + block;
      prefix.seen = Math.max(prefix.seen, block + this.split);
    } else content = this.takeContents(this.split);
    this.contents[id] = content;
    return content;
  }

  private takeContents(count: number): number {
    const first = this.nextContent;
    this.nextContent += count;
    return first;
  }

  private growTables(id: number): void {
    const size = Math.max(id + 1, this.parents.length * 2);
    const {contents, parents, named} = this;
    this.parents = new Int32Array(size);
    this.parents.set(parents);
    this.contents = new Float64Array(size);
    this.contents.set(contents);
    this.named = new Int32Array(size);
    this.named.set(named);
  }
}

/** Adds `count` consecutive content ids to runs [first id, count, ...]. */
export function appendRun(runs: number[], first: number, count: number): void {
  const last = runs.length - 1;
  if (last > 0 && first === runs[last - 1] + runs[last]) runs[last] += count;
  else runs.push(first, count);
}

/** Where an id stands, by the id before it. */
function placeText(parent: number): string {
  return parent < 0 ? 'at the start of a prompt' : `after ${parent}`;
}
