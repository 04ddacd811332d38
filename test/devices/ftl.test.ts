import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Stream} from '../../src/base/random.ts';
import {Ftl} from '../../src/devices/drive/ftl.ts';
import {overProvisioningFor, writeAmplificationAt} from '../../src/devices/drive/writeAmplification.ts';

/** Write amplification of uniform random writes, after the drive was filled and written `warm` times over. */
function randomWrites(overProvisioning: number, blocks: number, pagesPerBlock: number, warm = 3, measured = 2): number {
  const ftl = new Ftl({blocks, pagesPerBlock, overProvisioning});
  const stream = new Stream(7, 'ftl.test');
  for (let page = 0; page < ftl.logicalPages; page++) ftl.write(page);
  for (let left = warm * ftl.logicalPages; left > 0; left--) ftl.write(stream.below(ftl.logicalPages));
  ftl.resetCounts();
  for (let left = measured * ftl.logicalPages; left > 0; left--) ftl.write(stream.below(ftl.logicalPages));
  return ftl.writeAmplification;
}

describe('write amplification', () => {
  test.each([0.07, 0.12, 0.2, 0.28, 0.5, 1])('greedy collection at over-provisioning %f follows the Lambert-W form within 1.5 %', (op) => {
    expect(Math.abs(randomWrites(op, 1024, 256) / writeAmplificationAt(op) - 1)).toBeLessThan(0.015);
  });

  test('the closed form agrees with published values, and its inverse inverts it', () => {
    // Xiang and Kurkoski, arXiv:1110.4245: 2.36 at 0.3.
    expect(writeAmplificationAt(0.3)).toBeCloseTo(2.36, 2);
    for (const op of [0.03, 0.07, 0.5, 1, 4]) expect(overProvisioningFor(writeAmplificationAt(op))).toBeCloseTo(op, 9);
  });

  test('the scale model converges: twice the blocks, or twice the pages, change it by less than 1 %', () => {
    const scale = randomWrites(0.15, 1024, 256, 2, 2);
    expect(Math.abs(randomWrites(0.15, 2048, 256, 2, 2) / scale - 1)).toBeLessThan(0.01);
    expect(Math.abs(randomWrites(0.15, 1024, 512, 2, 2) / scale - 1)).toBeLessThan(0.01);
  });

  test('large objects trimmed on eviction give 1', () => {
    const ftl = new Ftl({blocks: 256, pagesPerBlock: 64, overProvisioning: 0.07});
    const objectPages = 512;
    const objects = Math.floor(ftl.logicalPages / objectPages);
    for (let written = 0; written < objects * 20; written++) {
      const first = (written % objects) * objectPages;
      ftl.trim(first, objectPages);
      for (let page = first; page < first + objectPages; page++) ftl.write(page);
    }
    expect(ftl.writeAmplification).toBeLessThan(1.01);
    expect(ftl.trimmedPages).toBe(objects * 19 * objectPages);
  });

  test('trimming half of the drive is as good as that much more over-provisioning', () => {
    const ftl = new Ftl({blocks: 1024, pagesPerBlock: 256, overProvisioning: 0.1});
    const stream = new Stream(3, 'ftl.test');
    for (let page = 0; page < ftl.logicalPages; page++) ftl.write(page);
    const live = ftl.logicalPages >> 1;
    ftl.trim(live, ftl.logicalPages - live);
    for (let left = 6 * live; left > 0; left--) ftl.write(stream.below(live));
    ftl.resetCounts();
    for (let left = 6 * live; left > 0; left--) ftl.write(stream.below(live));
    expect(Math.abs(ftl.writeAmplification / writeAmplificationAt(1.2) - 1)).toBeLessThan(0.015);
  });
});

test('nothing is allocated before the first write', () => {
  const ftl = new Ftl({blocks: 1024, pagesPerBlock: 128, overProvisioning: 0.07});
  ftl.trim(0, 1000);
  expect(ftl.allocated).toBe(false);
  ftl.write(0);
  expect(ftl.allocated).toBe(true);
});

/** The same collector, written for clarity: whole pages searched for everything. */
class NaiveFtl {
  moved = 0;
  private readonly blocks: (number | null)[][];
  private open: number;
  private moveOpen: number | null = null;
  private readonly pagesPerBlock: number;

  constructor(blocks: number, pagesPerBlock: number) {
    this.blocks = Array.from({length: blocks}, () => []);
    this.pagesPerBlock = pagesPerBlock;
    this.open = -1;
  }

  write(page: number): void {
    this.drop(page);
    if (this.open < 0 || this.blocks[this.open]!.length === this.pagesPerBlock) {
      this.open = this.free()[0]!;
      this.blocks[this.open]!.push(null);
      this.blocks[this.open]!.pop();
      this.collect();
    }
    this.blocks[this.open]!.push(page);
  }

  drop(page: number): void {
    for (const block of this.blocks) {
      const at = block.indexOf(page);
      if (at >= 0) block[at] = null;
    }
  }

  resident(): number[] {
    return this.blocks.flat().filter((page) => page !== null);
  }

  valid(block: readonly (number | null)[]): number {
    return block.filter((page) => page !== null).length;
  }

  private free(): number[] {
    return this.blocks.flatMap((block, i) => (block.length === 0 && i !== this.open ? [i] : []));
  }

  private collect(): void {
    while (this.free().length < 2) {
      const closed = this.blocks
        .map((block, i) => ({block, i}))
        .filter(({block, i}) => block.length === this.pagesPerBlock && i !== this.open);
      const victim = closed.reduce((best, one) => (this.valid(one.block) < this.valid(best.block) ? one : best));
      const pages = victim.block.filter((page) => page !== null);
      for (const page of pages) {
        if (this.moveOpen === null || this.blocks[this.moveOpen]!.length === this.pagesPerBlock) this.moveOpen = this.free()[0]!;
        victim.block[victim.block.indexOf(page)] = null;
        this.blocks[this.moveOpen]!.push(page);
        this.moved++;
      }
      victim.block.length = 0;
    }
  }
}

test('pages written and not trimmed are resident, and as many are moved as by a naive collector within the choice among equals', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 1e6}), (seed) => {
      const ftl = new Ftl({blocks: 24, pagesPerBlock: 8, overProvisioning: 0.3});
      const naive = new NaiveFtl(24, 8);
      const stream = new Stream(seed, 'ftl.naive');
      for (let i = 0; i < 1500; i++) {
        const page = stream.below(ftl.logicalPages);
        if (stream.below(20) === 0) {
          ftl.trim(page, 1);
          naive.drop(page);
        } else {
          ftl.write(page);
          naive.write(page);
        }
      }
      expect(naive.resident().length).toBe(ftl.validPages());
      expect(Math.abs(ftl.movedPages - naive.moved)).toBeLessThan(0.15 * naive.moved + 20);
    }),
    {numRuns: 10},
  );
});
