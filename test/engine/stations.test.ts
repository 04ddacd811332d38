import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {BandwidthStation} from '../../src/engine/bandwidthStation.ts';
import {Engine} from '../../src/engine/engine.ts';
import {REFUSED, ServerStation} from '../../src/engine/serverStation.ts';
import {SharedStation} from '../../src/engine/sharedStation.ts';

/** An engine, a handler that notes when it was called and with what, and one that does what a test says at a time. */
class Bench {
  readonly engine = new Engine();
  readonly ended: [time: number, argument: number][] = [];
  readonly op = this.engine.on('ended', (argument) => this.ended.push([this.engine.now, argument]));
  private readonly actions: (() => void)[] = [];
  private readonly act = this.engine.on('act', (argument) => this.actions[argument]!());

  at(time: number, action: () => void): void {
    this.engine.at(time, this.act, this.actions.push(action) - 1);
  }

  /** Events that were no action of the test's. */
  get events(): number {
    return this.engine.events - this.actions.length;
  }
}

const gaps = (max: number): fc.Arbitrary<number[]> => fc.array(fc.oneof(fc.constant(0), fc.nat(max)), {minLength: 1, maxLength: 30});
const rate = fc.oneof(fc.integer({min: 1, max: 100}), fc.integer({min: 1e6, max: 1e9}), fc.integer({min: 1e9, max: 8e12}));

describe('BandwidthStation', () => {
  test('ends n jobs of b bytes when it ends one of n x b, at any rate and share', () => {
    fc.assert(
      fc.property(
        rate.filter((bytesPerSecond) => bytesPerSecond >= 50),
        fc.integer({min: 1, max: 1e6}),
        fc.integer({min: 1, max: 50}),
        fc.constantFrom(1, 0.5, 0.3),
        (bytesPerSecond, b, n, share) => {
          const [one, many] = [new Bench(), new Bench()];
          for (const bench of [one, many]) {
            const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond, ticksPerSecond: 1e9});
            station.setRate(share);
            if (bench === one) station.submit(b * n, bench.op, 0);
            else for (let i = 0; i < n; i++) station.submit(b, bench.op, i);
            bench.engine.run();
          }
          expect(many.ended).toHaveLength(n);
          expect(many.ended.at(-1)![0]).toBe(one.ended[0]![0]);
        },
      ),
      {numRuns: 500, seed: 1},
    );
  });

  test('is never faster than its rate, and slower by a part in 2^24 and two ticks at most', () => {
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.tuple(fc.nat(2e6), fc.integer({min: 1, max: 2e5})), {minLength: 1, maxLength: 30}),
        (bytesPerSecond, jobs) => {
          const bench = new Bench();
          const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond});
          const starts: number[] = [];
          const served: number[] = [];
          let time = 0;
          let [start, bytes] = [0, 0];
          for (const [gap, size] of jobs)
            bench.at((time += gap), () => {
              [start, bytes] = station.queued === 0 ? [bench.engine.now, size] : [start, bytes + size];
              starts.push(start);
              served.push(bytes);
              station.submit(size, bench.op, 0);
            });
          bench.engine.run();
          bench.ended.forEach(([end], i) => {
            const exact = (BigInt(served[i]!) * 1_000_000_000n * 1000n) / BigInt(bytesPerSecond); // in thousandths
            const taken = BigInt(end - starts[i]!) * 1000n;
            expect(taken >= exact).toBe(true);
            expect(taken <= exact + exact / 16_000_000n + 2000n).toBe(true);
          });
        },
      ),
      {numRuns: 500, seed: 1},
    );
  });

  test('slows, stops and goes on with the work in flight', () => {
    const bench = new Bench();
    const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond: 1e9, latencyTicks: 7});
    station.submit(1000, bench.op, 1);
    station.submit(1000, bench.op, 2);
    bench.at(400, () => station.setRate(0.5)); // 600 left: 1200 ticks
    bench.at(1000, () => station.setRate(0)); // 300 left
    bench.at(5000, () => station.setRate(1));
    bench.engine.run();
    expect(bench.ended).toEqual([
      [5307, 1],
      [6307, 2],
    ]);
    expect(station.meter()).toEqual({busyTicks: 6300, bytes: 2000, operations: 2, queuedTicks: 2 * 5300 + 1000, queuedMax: 2});
    expect(bench.events).toBe(4); // two ends, two latencies; the ends that never were are not counted
  });

  test('does the work that its rate allows, whatever that was and however often it changed', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 5000}),
        fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0, 0.1, 0.3, 0.5, 1, 2)), {maxLength: 30}),
        (bytes, changes) => {
          const bench = new Bench();
          const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond: 1e9});
          station.submit(bytes, bench.op, 0);
          let [time, share, left] = [0, 1, bytes];
          let end = Infinity;
          for (const [gap, next] of [...changes, [0, 1] as const]) {
            if (end === Infinity && share > 0 && left <= gap * share) end = time + left / share;
            left -= gap * share;
            time += gap;
            bench.at(time, () => station.setRate(next));
            share = next;
          }
          if (end === Infinity) end = time + left;
          bench.engine.run();
          expect(bench.ended[0]![0]).toBe(Math.ceil(end - 1e-6));
        },
      ),
      {numRuns: 500, seed: 1},
    );
  });

  test('loses nothing to a rate that is set again and again', () => {
    const bench = new Bench();
    const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond: 1e9});
    station.submit(1000, bench.op, 0);
    for (let i = 0; i < 3000; i++) bench.at(i, () => station.setRate(i % 2 === 0 ? 0.3 : 0.7));
    bench.engine.run();
    expect(bench.ended).toEqual([[2000, 0]]);
    expect(bench.events).toBe(1);
  });

  test('keeps jobs in order beyond the size of its ring', () => {
    const bench = new Bench();
    const station = new BandwidthStation(bench.engine, {name: 'link', bytesPerSecond: 1e9});
    for (let round = 0; round < 3; round++)
      bench.at(round * 10, () => Array.from({length: 50}, (_, i) => station.submit(1, bench.op, round * 50 + i)));
    bench.engine.run();
    expect(bench.ended.map(([, argument]) => argument)).toEqual(Array.from({length: 150}, (_, i) => i));
  });
});

describe('ServerStation', () => {
  test('starts each job when the first server is free, in order of arrival', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 5}), gaps(60), fc.integer({min: 0, max: 1000}), (servers, arrivals, salt) => {
        const bench = new Bench();
        const station = new ServerStation(bench.engine, {name: 'pool', servers});
        const free = Array.from({length: servers}, () => 0);
        const expected: [number, number][] = [];
        let time = 0;
        arrivals.forEach((gap, i) => {
          time += gap;
          const service = ((i + salt) * 7919) % 150;
          bench.at(time, () => station.submit(service, bench.op, i));
          const server = free.indexOf(Math.min(...free));
          free[server] = Math.max(time, free[server]!) + service;
          expected.push([free[server]!, i]);
        });
        bench.engine.run();
        const sorted = (ends: [number, number][]): [number, number][] => ends.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(sorted(bench.ended)).toEqual(sorted(expected));
        const sojourns = bench.ended.reduce((sum, [end, i]) => sum + end - arrivals.slice(0, i + 1).reduce((a, b) => a + b, 0), 0);
        expect(station.meter().queuedTicks).toBe(sojourns);
      }),
      {numRuns: 400, seed: 1},
    );
  });

  test('refuses what finds its queue full', () => {
    const bench = new Bench();
    const station = new ServerStation(bench.engine, {name: 'pool', servers: 2, waitingMax: 1});
    const tickets = [0, 1, 2, 3].map((i) => station.submit(10, bench.op, i));
    expect(tickets.map((ticket) => ticket === REFUSED)).toEqual([false, false, false, true]);
    bench.engine.run();
    expect(bench.ended.map(([, i]) => i)).toEqual([0, 1, 2]);
    expect([station.refused, station.meter().operations, station.meter().busyTicks]).toEqual([1, 3, 30]);
  });

  test('takes back jobs that wait and jobs in service, once, and gives their place to the next', () => {
    const bench = new Bench();
    const station = new ServerStation(bench.engine, {name: 'pool', servers: 1, waitingMax: 3});
    const tickets = [0, 1, 2, 3].map((i) => station.submit(10, bench.op, i));
    bench.at(5, () => {
      expect(station.cancel(tickets[2]!)).toBe(true);
      expect(station.cancel(tickets[2]!)).toBe(false);
      expect(station.cancel(tickets[0]!)).toBe(true);
      expect(station.queued).toBe(2);
      expect(station.submit(10, bench.op, 4)).not.toBe(REFUSED);
    });
    bench.engine.run();
    expect(bench.ended).toEqual([
      [15, 1],
      [25, 3],
      [35, 4],
    ]);
    expect(tickets.map((ticket) => station.cancel(ticket))).toEqual([false, false, false, false]);
    expect(bench.events).toBe(3);
  });

  test('slows, stops and goes on with all work in flight', () => {
    const bench = new Bench();
    const station = new ServerStation(bench.engine, {name: 'pool', servers: 2});
    [100, 200, 300].forEach((service, i) => station.submit(service, bench.op, i));
    bench.at(50, () => station.setRate(0));
    bench.at(1000, () => station.setRate(0.5));
    bench.at(1200, () => station.setRate(2));
    bench.engine.run();
    expect(bench.ended).toEqual([
      [1100, 0], // 50 left at 1000
      [1225, 1], // 150 left at 1000, 50 at 1200
      [1325, 2], // began at 1100, 250 left at 1200
    ]);
    expect(bench.events).toBe(3);
  });
});

/** When processor sharing ends each job, by walking from change to change: exact but for rounding of floats. */
function shared(jobs: readonly {time: number; bytes: number}[], bytesPerTick: number): number[] {
  const ends = jobs.map(() => Infinity);
  const left = jobs.map(({bytes}) => bytes);
  let now = 0;
  for (;;) {
    const here = jobs.flatMap(({time}, i) => (time <= now && ends[i] === Infinity ? [i] : []));
    const next = Math.min(...jobs.map(({time}) => (time > now ? time : Infinity)));
    const least = Math.min(...here.map((i) => left[i]!));
    const end = here.length === 0 ? Infinity : now + (least * here.length) / bytesPerTick;
    if (next === Infinity && end === Infinity) return ends;
    const until = Math.min(next, end);
    for (const i of here) {
      left[i]! -= ((until - now) * bytesPerTick) / here.length;
      if (left[i]! <= 1e-9) ends[i] = until;
    }
    now = until;
  }
}

describe('SharedStation', () => {
  test('ends two equal flows at twice the time of one, and one at its own', () => {
    const bench = new Bench();
    const station = new SharedStation(bench.engine, {name: 'memory', bytesPerSecond: 3e9});
    station.submit(1000, bench.op, 0);
    station.submit(1000, bench.op, 1);
    bench.at(1000, () => station.submit(1000, bench.op, 2));
    bench.engine.run();
    expect(bench.ended).toEqual([
      [667, 0],
      [667, 1],
      [1334, 2],
    ]);
    expect(station.meter()).toMatchObject({bytes: 3000, operations: 3, busyTicks: 667 + 334, queuedMax: 2});
  });

  test('gives every job what sharing equally gives, to a tick', () => {
    fc.assert(
      fc.property(gaps(400), fc.constantFrom(0.5, 1, 3, 7.25), (arrivals, bytesPerTick) => {
        const bench = new Bench();
        const station = new SharedStation(bench.engine, {name: 'memory', bytesPerSecond: bytesPerTick * 1e9});
        let time = 0;
        const jobs = arrivals.map((gap, i) => ({time: (time += gap), bytes: 1 + ((i * 7919) % 900)}));
        jobs.forEach((job, i) => bench.at(job.time, () => station.submit(job.bytes, bench.op, i)));
        bench.engine.run();
        const expected = shared(jobs, bytesPerTick);
        expect(bench.ended).toHaveLength(jobs.length);
        for (const [end, i] of bench.ended) {
          // Never before; a departure between ticks takes effect at the tick, and each may cost the jobs that stay a part of one.
          expect(end).toBeGreaterThanOrEqual(expected[i]! - 1e-6);
          expect(end).toBeLessThanOrEqual(expected[i]! + 1 + jobs.length);
        }
        const sojourns = bench.ended.reduce((sum, [end, i]) => sum + end - jobs[i]!.time, 0);
        expect(station.meter().queuedTicks).toBe(sojourns);
      }),
      {numRuns: 400, seed: 1},
    );
  });

  test('moves no more than its rate allows, and is never idle while work waits', () => {
    fc.assert(
      fc.property(gaps(100), rate, (arrivals, bytesPerSecond) => {
        const bench = new Bench();
        const station = new SharedStation(bench.engine, {name: 'memory', bytesPerSecond});
        let time = 0;
        arrivals.forEach((gap, i) => bench.at((time += gap), () => station.submit(1 + ((i * 40503) % 100000), bench.op, i)));
        bench.engine.run();
        const {busyTicks, bytes, operations} = station.meter();
        const exact = (bytes * 1e9) / bytesPerSecond;
        expect(operations).toBe(arrivals.length);
        expect(busyTicks).toBeGreaterThanOrEqual(exact * (1 - 1e-12));
        expect(busyTicks).toBeLessThanOrEqual(exact * (1 + 1e-12) + arrivals.length + 1);
      }),
      {numRuns: 400, seed: 1},
    );
  });

  test('slows, stops, goes on, and shares anew what a cancelled job leaves', () => {
    const bench = new Bench();
    const station = new SharedStation(bench.engine, {name: 'memory', bytesPerSecond: 1e9});
    const tickets = [100, 300, 500].map((bytes, i) => station.submit(bytes, bench.op, i));
    bench.at(150, () => station.setRate(0)); // 50, 250, 450 left
    bench.at(1000, () => station.setRate(0.5));
    bench.at(1150, () => {
      expect(station.cancel(tickets[0]!)).toBe(true); // 25, 225, 425 left
      expect(station.cancel(tickets[0]!)).toBe(false);
    });
    bench.engine.run();
    expect(bench.ended).toEqual([
      [2050, 1], // 225 x 2 / 0.5
      [2450, 2], // 200 / 0.5
    ]);
    expect(tickets.map((ticket) => station.cancel(ticket))).toEqual([false, false, false]);
    expect([station.queued, bench.events]).toEqual([0, 2]);
  });
});
