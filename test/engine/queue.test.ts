import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {HeapQueue} from '../../src/engine/heapQueue.ts';
import {LadderQueue} from '../../src/engine/ladderQueue.ts';
import type {EventQueue} from '../../src/engine/queue.ts';

type Event = readonly [time: number, order: number, op: number, argument: number];

/** What a queue is: the least of all pending. */
class NaiveQueue implements EventQueue {
  time = 0;
  order = 0;
  op = 0;
  argument = 0;
  private events: Event[] = [];

  get size(): number {
    return this.events.length;
  }

  push(...event: Event): void {
    this.events.push(event);
  }

  pop(time: number, order: number): boolean {
    const before = (a: readonly number[], b: readonly number[]): boolean => a[0]! < b[0]! || (a[0] === b[0] && a[1]! < b[1]!);
    let least = 0;
    for (let i = 1; i < this.events.length; i++) if (before(this.events[i]!, this.events[least]!)) least = i;
    if (this.events.length === 0 || !before(this.events[least]!, [time, order])) return false;
    [[this.time, this.order, this.op, this.argument]] = this.events.splice(least, 1) as [Event];
    return true;
  }
}

const LATE = 2 ** 52;
const queues: [string, () => EventQueue][] = [
  ['HeapQueue', () => new HeapQueue()],
  ['LadderQueue', () => new LadderQueue()],
];

type Step = {readonly delays: number[]; readonly late: boolean} | {readonly pops: number; readonly within: number | null};

/** Delays have many ties, and scales from nothing to days. */
const delay = fc.oneof(
  fc.constantFrom(0, 0, 0, 1, 1, 10, 1000),
  fc.nat(20),
  fc.nat(100000),
  fc.nat(1e9).map((x) => x * 100000),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {weight: 3, arbitrary: fc.record({delays: fc.array(delay, {minLength: 1, maxLength: 100}), late: fc.boolean()})},
  {weight: 4, arbitrary: fc.record({pops: fc.nat(90), within: fc.option(fc.nat(1000), {freq: 3})})},
);

/** Every event as it comes out, and how many are left where none does. */
function play(queue: EventQueue, script: readonly Step[]): unknown[] {
  const seen: unknown[] = [];
  let now = 0;
  let sequence = 0;
  const pop = (until: number, order: number): void => {
    const popped = queue.pop(until, order);
    if (popped) now = queue.time;
    seen.push(popped ? [queue.time, queue.order, queue.op, queue.argument, queue.size] : queue.size);
  };
  for (const part of script) {
    if ('delays' in part)
      for (const after of part.delays) {
        const order = part.late && after % 3 === 0 ? LATE + (((sequence * 7919) % 64) * 4096 + sequence) : sequence;
        queue.push(now + after, order, sequence % 65536, (sequence * 2654435761) | 0);
        sequence++;
      }
    else for (let i = 0; i < part.pops; i++) pop(part.within === null ? Infinity : now + part.within, i % 2 === 0 ? LATE : Infinity);
  }
  while (queue.size > 0) pop(Infinity, Infinity);
  pop(Infinity, Infinity);
  return seen;
}

describe.each(queues)('%s', (_, create) => {
  test('gives the same events in the same order as the naive queue, over scripts with ties, zero delays and late events', () => {
    fc.assert(
      fc.property(fc.array(step, {maxLength: 14}), (script) => {
        expect(play(create(), script)).toEqual(play(new NaiveQueue(), script));
      }),
      {numRuns: 400, seed: 1},
    );
  });

  test('orders a crowd at one instant, scheduled before, at and during it, late events included', () => {
    const queue = create();
    const expected: number[] = [];
    const push = (order: number): void => {
      queue.push(500, order, 0, 0);
      expected.push(order);
    };
    for (let i = 0; i < 3000; i++) push(i % 10 === 0 ? LATE + 3000 - i : i);
    queue.push(100, 3000, 0, 0);
    queue.push(1e9, 3001, 0, 0);
    queue.pop(Infinity, Infinity);
    expect(queue.time).toBe(100);
    for (let i = 3002; i < 6000; i++) push(i);
    const seen: number[] = [];
    while (queue.pop(500, Infinity)) {
      seen.push(queue.order);
      if (seen.length === 10) push(6000);
    }
    expect(seen).toEqual(expected.sort((a, b) => a - b));
    expect(queue.size).toBe(1);
  });

  test('keeps 100,000 events in order, near and far, through growing and shrinking', () => {
    const queue = create();
    const scales = [2000, 10_000_000, 0, 350, 3_000_000_000, 17];
    let order = 0;
    const push = (now: number): void => {
      const delay = Math.floor(scales[(order * 31) % 6]! * (((order * 40503) % 65536) / 65536 + 0.5));
      queue.push(now + delay, order++, 1, 1);
    };
    for (let i = 0; i < 100_000; i++) push(0);
    let [time, last] = [0, -1];
    let inOrder = true;
    for (let i = 0; queue.pop(Infinity, Infinity); i++) {
      inOrder &&= queue.time > time || (queue.time === time && queue.order > last);
      [time, last] = [queue.time, queue.order];
      if (i < 200_000) push(time);
    }
    expect(inOrder).toBe(true);
    expect(order).toBe(300_000);
  });

  test('takes at most 28 bytes a pending event where its columns are full', () => {
    const queue = create();
    const pending = 2 ** 19;
    for (let i = 0; i < pending; i++) queue.push(((i * 40503) % 65536) * 1000 + (i % 1000), i, 0, i);
    queue.pop(Infinity, Infinity);
    const bytes = (holder: object): number =>
      ArrayBuffer.isView(holder)
        ? holder.byteLength
        : Object.values(holder).reduce((sum: number, value) => sum + (typeof value === 'object' && value !== null ? bytes(value) : 0), 0);
    expect(bytes(queue) / pending).toBeGreaterThan(20);
    expect(bytes(queue) / pending).toBeLessThanOrEqual(28.05); // 28, and the ladder's empty heap of stragglers
  });
});
