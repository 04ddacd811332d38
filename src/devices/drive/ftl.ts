/**
 * A page-mapped flash translation layer with greedy garbage collection: host writes fill one open block, moved pages another; when few blocks are free,
 * the closed block with the fewest valid pages is emptied and erased. Its geometry is a scale model: write amplification depends on
 * over-provisioning, hardly on the number of blocks, so 1024 blocks of 256 pages stand for a drive of any size. (Few pages a block help greedy
 * choice, -1 % at 7 % spare with 256; few blocks make the reserve count, +1 % with 1024; tests hold the sum and its convergence.)
 * Nothing is allocated before the first write: 8 bytes a page, 2 MiB at that size.
 */
import {assert} from '../../base/assert.ts';

export interface FtlGeometry {
  readonly blocks: number;
  readonly pagesPerBlock: number;
  /** (physical - logical) / logical pages. */
  readonly overProvisioning: number;
}

const NONE = -1;
/** Blocks kept free for the two open ones, and one more so that collection always has a target; part of the over-provisioning, as in a real drive. */
const RESERVE = 3;

export class Ftl {
  readonly logicalPages: number;
  hostPages = 0;
  movedPages = 0;
  erasedBlocks = 0;
  trimmedPages = 0;
  /** Pages moved for each page written, as of the latest collection: pace at which a drive spreads the work. */
  movesPerWrite = 0;
  private readonly blocks: number;
  private readonly pagesPerBlock: number;
  /** Physical page of a logical one, and back; NONE where there is none. Both are stored plus one, so that fresh memory means none. */
  private physical = new Int32Array(0);
  private logical = new Int32Array(0);
  /** By block: valid pages, and its neighbours in the list of closed blocks with as many. */
  private valid = new Int32Array(0);
  private next = new Int32Array(0);
  private previous = new Int32Array(0);
  private closed = new Int32Array(0);
  private least = 0;
  private freeBlocks: number[] = [];
  private hostBlock = NONE;
  private hostPage = 0;
  private moveBlock = NONE;
  private movePage = 0;

  constructor({blocks, pagesPerBlock, overProvisioning}: FtlGeometry) {
    this.blocks = blocks;
    this.pagesPerBlock = pagesPerBlock;
    this.logicalPages = Math.floor((blocks * pagesPerBlock) / (1 + overProvisioning));
    assert(
      this.logicalPages <= (blocks - RESERVE - 1) * pagesPerBlock,
      `${blocks} blocks of ${pagesPerBlock} pages are too few for an over-provisioning of ${overProvisioning}`,
    );
  }

  /** Whether anything has ever been written. */
  get allocated(): boolean {
    return this.physical.length > 0;
  }

  /** NAND pages written for each page of the host; 1 before any. */
  get writeAmplification(): number {
    return this.hostPages === 0 ? 1 : (this.hostPages + this.movedPages) / this.hostPages;
  }

  /** Logical pages that hold something, counted from the blocks. */
  validPages(): number {
    return this.valid.reduce((sum, valid) => sum + valid, 0);
  }

  /** Starts counting anew, the state unchanged: after a warm-up. */
  resetCounts(): void {
    this.hostPages = 0;
    this.movedPages = 0;
    this.erasedBlocks = 0;
    this.trimmedPages = 0;
  }

  write(page: number): void {
    assert(page >= 0 && page < this.logicalPages, `page ${page} of ${this.logicalPages}`);
    if (this.physical.length === 0) this.allocate();
    this.invalidate(page);
    if (this.hostBlock === NONE) this.openHostBlock();
    this.place(page, this.hostBlock * this.pagesPerBlock + this.hostPage);
    this.hostPages++;
    if (++this.hostPage === this.pagesPerBlock) {
      this.close(this.hostBlock);
      this.hostBlock = NONE;
    }
  }

  /** Pages [first, first + count) hold nothing any more. */
  trim(first: number, count: number): void {
    if (this.physical.length === 0) return;
    for (let page = first; page < first + count; page++) {
      if (this.physical[page] === 0) continue;
      this.invalidate(page);
      this.physical[page] = 0;
      this.trimmedPages++;
    }
  }

  private openHostBlock(): void {
    this.hostBlock = this.takeFree();
    this.hostPage = 0;
    while (this.freeBlocks.length < RESERVE - 1) this.collect();
  }

  /** Empties the closed block with the fewest valid pages. */
  private collect(): void {
    while (this.closed[this.least] === 0) this.least++;
    const victim = this.closed[this.least] - 1;
    const moved = this.valid[victim];
    assert(moved < this.pagesPerBlock, 'nothing to collect: every closed block is full of valid pages');
    this.unlink(victim);
    this.movesPerWrite = moved / (this.pagesPerBlock - moved);
    const start = victim * this.pagesPerBlock;
    for (let from = start, left = moved; left > 0; from++) {
      const page = this.logical[from] - 1;
      if (page === NONE) continue;
      this.logical[from] = 0;
      this.move(page);
      left--;
    }
    this.valid[victim] = 0;
    this.movedPages += moved;
    this.erasedBlocks++;
    this.freeBlocks.push(victim);
  }

  private move(page: number): void {
    if (this.moveBlock === NONE) {
      this.moveBlock = this.takeFree();
      this.movePage = 0;
    }
    this.place(page, this.moveBlock * this.pagesPerBlock + this.movePage);
    if (++this.movePage === this.pagesPerBlock) {
      this.close(this.moveBlock);
      this.moveBlock = NONE;
    }
  }

  private place(page: number, to: number): void {
    this.physical[page] = to + 1;
    this.logical[to] = page + 1;
    this.valid[Math.floor(to / this.pagesPerBlock)]++;
  }

  private invalidate(page: number): void {
    const at = this.physical[page] - 1;
    if (at === NONE) return;
    this.logical[at] = 0;
    const block = Math.floor(at / this.pagesPerBlock);
    const listed = block !== this.hostBlock && block !== this.moveBlock;
    if (listed) this.unlink(block);
    this.valid[block]--;
    if (listed) this.close(block);
  }

  /** Into the list of closed blocks with as many valid pages. */
  private close(block: number): void {
    const count = this.valid[block];
    const second = this.closed[count];
    this.next[block] = second;
    this.previous[block] = 0;
    if (second !== 0) this.previous[second - 1] = block + 1;
    this.closed[count] = block + 1;
    if (count < this.least) this.least = count;
  }

  private unlink(block: number): void {
    const next = this.next[block];
    const previous = this.previous[block];
    if (previous === 0) this.closed[this.valid[block]] = next;
    else this.next[previous - 1] = next;
    if (next !== 0) this.previous[next - 1] = previous;
  }

  private takeFree(): number {
    const block = this.freeBlocks.pop();
    assert(block !== undefined, 'no free block left');
    return block;
  }

  private allocate(): void {
    const {blocks, pagesPerBlock} = this;
    this.physical = new Int32Array(this.logicalPages);
    this.logical = new Int32Array(blocks * pagesPerBlock);
    this.valid = new Int32Array(blocks);
    this.next = new Int32Array(blocks);
    this.previous = new Int32Array(blocks);
    this.closed = new Int32Array(pagesPerBlock + 1);
    for (let block = blocks - 1; block >= 0; block--) this.freeBlocks.push(block);
  }
}
