/**
 * What the router knows of who holds which block, where it hears of it late: changes come with their time and take effect once they are old enough.
 * By content, not by row: a row may have been given to another block meanwhile.
 */
import type {Core} from '../placement/core.ts';
import {NONE, type PoolIndex, type RequestRow} from '../placement/ports.ts';
import type {Ticks} from './ports.ts';

export class BlockIndex {
  /** By pool of the first tier, after measure(): leading blocks known to be in it, and known to be in it or in pools that it can load from. */
  readonly here: Int32Array;
  readonly reachable: Int32Array;
  private readonly core: Core;
  private readonly age: Ticks;
  private readonly now: () => Ticks;
  /** Changes not yet old enough, oldest first: time, content, pool + 1 for a copy that came and -pool - 1 for one that went. */
  private news: number[] = [];
  private read = 0;
  private readonly holders = new Map<number, PoolIndex[]>();
  private readonly firstTier: readonly PoolIndex[];

  constructor(core: Core, age: Ticks, now: () => Ticks) {
    this.core = core;
    this.age = age;
    this.now = now;
    this.here = new Int32Array(core.pools.length);
    this.reachable = new Int32Array(core.pools.length);
    this.firstTier = core.pools.filter(({tier}) => tier === 0).map(({index}) => index);
    for (const pool of core.pools)
      pool.watch = (row, came) => this.news.push(now(), core.blocks.contentOf(row), came ? pool.index + 1 : -pool.index - 1);
  }

  measure(request: RequestRow): void {
    this.catchUp();
    const {core, here, reachable, firstTier} = this;
    const count = core.requests.blocks[request];
    const rows = new Int32Array(count);
    if (count > 0) core.blocks.path(core.requests.tip[request], count, rows);
    const holders = Array.from(rows, (row) => this.holders.get(core.blocks.contentOf(row)) ?? []);
    for (const pool of firstTier) {
      const reaches = (from: PoolIndex): boolean => from === pool || (core.pools[from].tier > 0 && core.isOpen(from, pool));
      here[pool] = leading(holders, (held) => held.includes(pool));
      reachable[pool] = leading(holders, (held) => held.some(reaches));
    }
  }

  private catchUp(): void {
    const known = this.now() - this.age;
    while (this.read < this.news.length && this.news[this.read] <= known) {
      this.learn(this.news[this.read + 1], this.news[this.read + 2]);
      this.read += 3;
    }
    if (this.read < 65536) return;
    this.news = this.news.slice(this.read);
    this.read = 0;
  }

  private learn(content: number, change: number): void {
    const held = this.holders.get(content);
    if (change > 0) {
      if (held === undefined) this.holders.set(content, [change - 1]);
      else held.push(change - 1);
      return;
    }
    held!.splice(held!.indexOf(-change - 1), 1);
    if (held!.length === 0) this.holders.delete(content);
  }
}

function leading(holders: readonly (readonly PoolIndex[])[], holds: (held: readonly PoolIndex[]) => boolean): number {
  const first = holders.findIndex((held) => !holds(held));
  return first === NONE ? holders.length : first;
}
