import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {BandwidthStation} from '../../src/engine/bandwidthStation.ts';
import {Engine} from '../../src/engine/engine.ts';
import {FlowNetwork, type LinkOptions, type NetworkLink, type NetworkPath} from '../../src/networks/flowNetwork.ts';
import {naiveEnds} from './naive.ts';

const GB = 1e9;

/** A network, and when each submitted job ended. */
function bench(ticksPerSecond = 1e9) {
  const engine = new Engine();
  const network = new FlowNetwork(engine, {ticksPerSecond});
  const ends: number[] = [];
  const ended = engine.on('test.ended', (job) => (ends[job] = engine.now));
  const jobs: (() => void)[] = [];
  const started = engine.on('test.started', (at) => jobs[at]!());
  return {
    engine,
    network,
    ends,
    ended,
    link: (name: string, bytesPerSecond: number, over: Partial<LinkOptions> = {}): NetworkLink =>
      network.link({name, bytesPerSecond, ...over}),
    at: (time: number, job: () => void): void => engine.at(time, started, jobs.push(job) - 1),
    send: (path: NetworkPath, bytes: number, job: number): void => path.submit(bytes, ended, job),
  };
}

describe('closed forms, to the tick', () => {
  test('a lone flow takes bytes / rate of its slowest link, and then the latency of all', () => {
    const {engine, network, link, send, ends} = bench();
    const links = [link('a', 50 * GB, {latencyTicks: 700}), link('b', 25 * GB, {latencyTicks: 300})];
    send(network.path({name: 'p', links, latencyTicks: 5}), 64 * 2 ** 20, 0);
    engine.run();
    expect(ends).toEqual([Math.ceil((64 * 2 ** 20) / 25) + 1005]);
  });

  test('n equal flows on one link end together at n x bytes / rate', () => {
    for (const n of [1, 2, 7, 64, 1000]) {
      const {engine, network, link, send, ends} = bench();
      const links = [link('a', 10 * GB)];
      for (let i = 0; i < n; i++) send(network.path({name: `p${i}`, links}), 1_000_003, i);
      engine.run();
      expect(new Set(ends)).toEqual(new Set([Math.ceil((n * 1_000_003) / 10)]));
    }
  });

  test('incast of n: senders of one rate into one port of the same', () => {
    for (const n of [1, 2, 3, 31, 1024]) {
      const {engine, network, link, send, ends} = bench();
      const port = link('in', 50 * GB);
      for (let i = 0; i < n; i++) send(network.path({name: `p${i}`, links: [link(`out${i}`, 50 * GB), port]}), 1e6, i);
      engine.run();
      expect(new Set(ends)).toEqual(new Set([(n * 1e6) / 50]));
    }
  });

  test('dumbbell: two of unequal size share the middle, then the larger has it alone', () => {
    const {engine, network, link, send, ends} = bench();
    const middle = link('middle', 10 * GB);
    [1e6, 3e6].forEach((bytes, i) =>
      send(network.path({name: `p${i}`, links: [link(`in${i}`, 40 * GB), middle, link(`out${i}`, 40 * GB)]}), bytes, i),
    );
    engine.run();
    expect(ends).toEqual([2e5, 4e5]);
  });

  test('parking lot: the long flow has half of every link, and so has each short one', () => {
    const {engine, network, link, send, ends} = bench();
    const lot = Array.from({length: 5}, (_, i) => link(`l${i}`, 10 * GB));
    send(network.path({name: 'long', links: lot}), 5e6, 0);
    lot.forEach((one, i) => send(network.path({name: `short${i}`, links: [one]}), 1e6 * (i + 1), i + 1));
    engine.run();
    // Halves until the short ones end at 0.2, 0.4, ... ms; the long flow is bound by the last, and ends with it.
    expect(ends).toEqual([1e6, 2e5, 4e5, 6e5, 8e5, 1e6]);
  });

  test('two levels: a flow bound elsewhere leaves its share to the others', () => {
    const {engine, network, link, send, ends} = bench();
    const wide = link('wide', 12 * GB);
    send(network.path({name: 'narrow', links: [link('n', 2 * GB), wide]}), 2e6, 0);
    send(network.path({name: 'x', links: [wide]}), 5e6, 1);
    send(network.path({name: 'y', links: [wide]}), 5e6, 2);
    engine.run();
    expect(ends).toEqual([1e6, 1e6, 1e6]);
  });

  test('two rails: a striped block ends in the same tick as on one link of the sum', () => {
    const {engine, network, link, send, ends} = bench();
    const rails = [link('r0', 50 * GB), link('r1', 50 * GB)];
    rails.forEach((rail, i) => send(network.path({name: `rail${i}`, links: [rail]}), 32e6, i));
    send(network.path({name: 'sum', links: [link('both', 100 * GB)]}), 64e6, 2);
    engine.run();
    expect(new Set(ends)).toEqual(new Set([640_000]));
  });

  test('a striped flow loads a link with the part of its bytes that crosses it', () => {
    const {engine, network, link, send, ends} = bench();
    const [near, half, quarter] = [link('near', 50 * GB), link('half', 10 * GB), link('quarter', 10 * GB)];
    // 10 / (1/2) = 20 GB/s of the first; the second has the other 30 of `near`, a quarter of which is no limit elsewhere.
    const path = network.path({name: 'p', links: [near, half], parts: [1, 0.5]});
    expect(path.bytesPerSecond).toBe(20 * GB);
    send(path, 20_000_000, 0);
    send(network.path({name: 'q', links: [near, quarter], parts: [1, 0.25]}), 30_000_000, 1);
    engine.run();
    expect(ends).toEqual([1e6, 1e6]);
    expect([near, half, quarter].map((one) => one.meter().bytes)).toEqual([50_000_000, 10_000_000, 7_500_000]);
  });

  test('of two striped flows each has the rate at which their parts together fill the link', () => {
    const {engine, network, link, send, ends} = bench();
    const links = [link('a', 30 * GB)];
    // x / 2 + x = 30: both move 20 bytes a tick, and the second then has the link to itself.
    send(network.path({name: 'p', links, parts: [0.5]}), 20_000_000, 0);
    send(network.path({name: 'q', links}), 50_000_000, 1);
    engine.run();
    expect(ends).toEqual([1e6, 2e6]);
  });

  test('weights divide a full link, and a limit on one flow leaves the rest', () => {
    const {engine, network, link, send, ends} = bench();
    const links = [link('a', 10 * GB)];
    send(network.path({name: 'heavy', links, weight: 3}), 6e6, 0);
    send(network.path({name: 'light', links}), 2e6, 1);
    send(network.path({name: 'limited', links, flowBytesPerSecondMax: 2 * GB}), 2e6, 2);
    engine.run();
    expect(ends).toEqual([1e6, 1e6, 1e6]);
  });

  test('a queue pair serves first come, first served, and n jobs of b bytes end when one of n x b would', () => {
    const {engine, network, link, send, ends} = bench();
    const path = network.path({name: 'qp', links: [link('a', 7 * GB)], flowsMax: 1});
    for (let i = 0; i < 100; i++) send(path, 1000, i);
    engine.run();
    expect(ends).toEqual(Array.from({length: 100}, (_, i) => Math.ceil(((i + 1) * 1000) / 7)));
  });

  test('a card with a limit of flows lets the next one in when one ends', () => {
    const {engine, network, link, send, ends} = bench();
    const card = link('card', 8 * GB, {flowsMax: 2});
    for (let i = 0; i < 6; i++) send(network.path({name: `p${i}`, links: [card]}), 8000, i);
    engine.run();
    expect(ends).toEqual([2000, 2000, 4000, 4000, 6000, 6000]);
    expect(card.meter().queuedMax).toBe(6);
  });
});

describe('a link slows, stops and comes back', () => {
  test('at share 0 its flows stand still, and go on where they were', () => {
    const {engine, network, link, send, ends, at} = bench();
    const a = link('a', 10 * GB);
    send(network.path({name: 'p', links: [a]}), 1e6, 0);
    at(40_000, () => a.setRate(0));
    at(90_000, () => a.setRate(0.5));
    engine.run();
    expect(ends).toEqual([90_000 + 120_000]);
  });

  test('a path slows all of its flows together, and leaves the rest of the link', () => {
    const {engine, network, link, send, ends} = bench();
    const links = [link('a', 10 * GB)];
    const slow = network.path({name: 'slow', links});
    slow.setRate(0.2);
    [0, 1].forEach((job) => send(slow, 1e6, job));
    send(network.path({name: 'q', links}), 8e6, 2);
    engine.run();
    expect(ends).toEqual([1e6, 1e6, 1e6]);
  });
});

const lives = fc.record({
  capacity: fc.array(fc.integer({min: 1, max: 60}), {minLength: 2, maxLength: 6}),
  jobs: fc.array(
    fc.record({
      at: fc.nat(3000),
      bytes: fc.integer({min: 1, max: 100_000}),
      links: fc.uniqueArray(fc.nat(5), {minLength: 1, maxLength: 3}),
      weight: fc.constantFrom(1, 1, 2),
      rateMax: fc.constantFrom(Infinity, Infinity, 5),
    }),
    {minLength: 1, maxLength: 16},
  ),
  faults: fc.array(fc.record({at: fc.integer({min: 1, max: 4000}), link: fc.nat(5), share: fc.constantFrom(0.25, 0.5, 1)}), {maxLength: 4}),
});

describe('random lives', () => {
  const clean = ({capacity, jobs, faults}: typeof lives extends fc.Arbitrary<infer T> ? T : never) => ({
    capacity,
    jobs: jobs.map((job) => ({...job, links: [...new Set(job.links.map((link) => link % capacity.length))]})),
    faults: faults
      .map((fault) => ({...fault, link: fault.link % capacity.length}))
      .filter((fault, i, all) => all.findIndex(({at}) => at === fault.at) === i),
  });

  test('end when a model says that solves every flow from scratch at every event', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const {capacity, jobs, faults} = clean(life);
        const {engine, network, link, send, ends, at} = bench();
        const links = capacity.map((rate, i) => link(`l${i}`, rate * GB));
        jobs.forEach((job, i) => {
          const path = network.path({
            name: `p${i}`,
            links: job.links.map((l) => links[l]!),
            weight: job.weight,
            ...(job.rateMax === Infinity ? {} : {flowBytesPerSecondMax: job.rateMax * GB}),
          });
          at(job.at, () => send(path, job.bytes, i));
        });
        faults.forEach((fault) => at(fault.at, () => links[fault.link]!.setRate(fault.share)));
        engine.run();
        const naive = naiveEnds(
          capacity,
          jobs,
          faults.map((fault) => ({at: fault.at, link: fault.link, capacity: capacity[fault.link]! * fault.share})),
        );
        // A last bit may move an end by a tick, and each end before it may have moved what came after by one more.
        naive.forEach((end, i) => expect(Math.abs(ends[i]! - end)).toBeLessThanOrEqual(1));
      }),
      {numRuns: 300},
    );
  });

  test('do not depend on the order in which paths are made and flows of an instant begin', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const {capacity, jobs} = clean(life);
        const run = (order: readonly number[]): number[] => {
          const {engine, network, link, send, ends, at} = bench();
          const links = capacity.map((rate, i) => link(`l${i}`, rate * GB));
          for (const i of order) {
            const path = network.path({name: `p${i}`, links: jobs[i]!.links.map((l) => links[l]!), weight: jobs[i]!.weight});
            at(jobs[i]!.at, () => send(path, jobs[i]!.bytes, i));
          }
          engine.run();
          return ends;
        };
        const forward = run([...jobs.keys()]);
        const backward = run([...jobs.keys()].reverse());
        // Sums in another order may differ in a last bit, hence an end by a tick.
        forward.forEach((end, i) => expect(Math.abs(backward[i]! - end)).toBeLessThanOrEqual(1));
      }),
      {numRuns: 200},
    );
  });

  test('move no byte faster than any link can, and every byte once', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const {capacity, jobs} = clean(life);
        const {engine, network, link, send, ends, at} = bench();
        const links = capacity.map((rate, i) => link(`l${i}`, rate * GB));
        jobs.forEach((job, i) => {
          const path = network.path({name: `p${i}`, links: job.links.map((l) => links[l]!)});
          at(job.at, () => send(path, job.bytes, i));
        });
        engine.run();
        links.forEach((one, l) => {
          const mine = jobs.flatMap((job, i) => (job.links.includes(l) ? [{...job, end: ends[i]!}] : []));
          expect(one.meter().bytes).toBe(mine.reduce((sum, {bytes}) => sum + bytes, 0));
          expect(one.meter().operations).toBe(mine.length);
          expect(one.queued).toBe(0);
          // Within any window, what began and ended in it.
          for (const {at: from} of mine)
            for (const {end: to} of mine) {
              const inside = mine.filter((job) => job.at >= from && job.end <= to).reduce((sum, {bytes}) => sum + bytes, 0);
              expect(inside).toBeLessThanOrEqual(capacity[l]! * Math.max(0, to - from) * (1 + 2 ** -39));
            }
        });
      }),
      {numRuns: 150},
    );
  });

  test('keep one link as busy as a station that serves one after another', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2000), fc.integer({min: 1, max: 50_000})), {minLength: 1, maxLength: 20}),
        fc.integer({min: 1, max: 40}),
        (jobs, rate) => {
          const {engine, network, link, ended, ends, at} = bench();
          const one = link('a', rate * GB);
          const station = new BandwidthStation(engine, {name: 'station', bytesPerSecond: rate * GB});
          jobs.forEach(([from, bytes], i) => {
            const path = network.path({name: `p${i}`, links: [one]});
            at(from, () => {
              path.submit(bytes, ended, i);
              station.submit(bytes, ended, jobs.length + i);
            });
          });
          engine.run();
          // Each end may leave up to a tick of the link unused.
          const last = Math.max(...ends.slice(jobs.length));
          expect(Math.max(...ends.slice(0, jobs.length))).toBeGreaterThanOrEqual(last - 1);
          expect(Math.max(...ends.slice(0, jobs.length))).toBeLessThanOrEqual(last + jobs.length);
        },
      ),
      {numRuns: 150},
    );
  });

  test('pass limits of cards and queue pairs without losing anyone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({at: fc.nat(500), bytes: fc.integer({min: 1, max: 20_000}), from: fc.nat(3), to: fc.nat(3)}), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({min: 1, max: 3}),
        fc.boolean(),
        (jobs, limit, fifo) => {
          const {engine, network, link, ended, at} = bench();
          const out = [0, 1, 2, 3].map((i) => link(`out${i}`, 10 * GB, {flowsMax: limit}));
          const into = [0, 1, 2, 3].map((i) => link(`in${i}`, 10 * GB, {flowsMax: limit}));
          const paths = new Map<string, NetworkPath>();
          const order = new Map<string, number[]>();
          const pathOf = (from: number, to: number): NetworkPath => {
            const name = `${from}-${to}`;
            if (!paths.has(name)) paths.set(name, network.path({name, links: [out[from]!, into[to]!], ...(fifo ? {flowsMax: 1} : {})}));
            return paths.get(name)!;
          };
          const count = engine.on('test.count', (i) => {
            const name = `${jobs[i]!.from}-${jobs[i]!.to}`;
            order.set(name, [...(order.get(name) ?? []), i]);
            for (const [n, path] of paths) expect(path.queued, n).toBeGreaterThanOrEqual(0);
          });
          jobs.forEach((job, i) => at(job.at, () => pathOf(job.from, job.to).submit(job.bytes, count, i)));
          engine.run();
          expect([...order.values()].flat()).toHaveLength(jobs.length);
          if (fifo)
            for (const served of order.values()) {
              const came = [...served].sort((a, b) => jobs[a]!.at - jobs[b]!.at || a - b);
              expect(served).toEqual(came);
            }
          void ended;
        },
      ),
      {numRuns: 150},
    );
  });
});

describe('cost', () => {
  test('flows that begin and end in one instant are solved once, and wait for one event', () => {
    const {engine, network, link, send} = bench();
    const links = [link('a', 10 * GB)];
    const path = network.path({name: 'p', links});
    for (let i = 0; i < 500; i++) send(path, 1e6, i);
    engine.run();
    // One settling at the beginning, one departure and one settling at the end, and nothing for each flow but its own.
    expect(engine.events).toBe(3);
  });
});
