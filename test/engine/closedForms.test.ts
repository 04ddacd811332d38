/**
 * Stations against queueing theory (docs/model/engine.md has the formulas and their sources). Each case is ten independent replications with seeds of their own; the
 * mean of their means must lie within Student's 99.9 % interval of the closed form, and that interval must be narrow enough to find an error.
 */
import {describe, expect, test} from 'vitest';
import {ln} from '../../src/base/mathematics.ts';
import {Stream} from '../../src/base/random.ts';
import {BandwidthStation} from '../../src/engine/bandwidthStation.ts';
import {Engine} from '../../src/engine/engine.ts';
import {REFUSED, ServerStation} from '../../src/engine/serverStation.ts';
import {SharedStation} from '../../src/engine/sharedStation.ts';
import {intervalOf} from '../../src/metrics/interval.ts';
import {Histogram} from '../../src/metrics/histogram.ts';

const REPLICATIONS = 10;
/** Two-sided, nine degrees of freedom: 99.9 % over 95 %. */
const T999_OVER_T95 = 4.781 / 2.262;
const CUSTOMERS = 60000;
const WARM = 6000;
/** Ticks: large, so that rounding to them is far below the intervals. */
const MEAN = 1e6;
const LOAD = 0.7;

/** What a model does with a customer, and whom it calls when the customer has left. */
type Submit = (customer: number, left: number) => unknown;
type Model = (engine: Engine, services: Stream) => Submit;

/** Times in the system of Poisson arrivals, all of them and without the first tenth; and how many of the latter were refused. */
function run(seed: number, servers: number, model: Model): {all: Float64Array; times: Float64Array; refused: number} {
  const engine = new Engine();
  const arrivals = new Stream(seed, 'arrivals');
  const submit = model(engine, new Stream(seed, 'services'));
  const arrivedAt = new Float64Array(CUSTOMERS);
  const all = new Float64Array(CUSTOMERS);
  let refused = 0;
  const left = engine.on('left', (customer) => {
    all[customer] = engine.now - arrivedAt[customer]!;
  });
  const arrive: number = engine.on('arrive', (customer) => {
    arrivedAt[customer] = engine.now;
    if (submit(customer, left) === REFUSED && customer >= WARM) refused++;
    if (customer + 1 < CUSTOMERS) engine.after(Math.round((arrivals.exponential() * MEAN) / LOAD / servers), arrive, customer + 1);
  });
  engine.at(0, arrive, 0);
  engine.run();
  return {all, times: all.subarray(WARM), refused};
}

/** The replications' values against the closed form; `width` bounds the interval's half, relative. */
function agrees(truth: number, width: number, value: (seed: number) => number): void {
  const {mean, half} = intervalOf(Array.from({length: REPLICATIONS}, (_, i) => value(i + 1)));
  const within = half! * T999_OVER_T95;
  expect(within / truth).toBeLessThan(width);
  expect(Math.abs(mean - truth)).toBeLessThan(within);
}

const meanOf = (times: Float64Array): number => times.reduce((sum, time) => sum + time, 0) / times.length;
const meanTime = (truth: number, width: number, servers: number, model: Model): void =>
  agrees(truth * MEAN, width, (seed) => meanOf(run(seed, servers, model).times));

const pool = (engine: Engine, servers: number, waitingMax = Infinity): ServerStation =>
  new ServerStation(engine, {name: `pool${servers}.${waitingMax}`, servers, waitingMax});
const exponential = (services: Stream): number => Math.round(services.exponential() * MEAN);
/** 0.5 nine times of ten, otherwise 5.5: mean 1, mean square 3.25. */
const twoPoint = (services: Stream): number => (services.uniform() < 0.9 ? 0.5 : 5.5) * MEAN;

/** Share of customers of M/M/c that wait. */
function erlangC(servers: number, offered: number): number {
  let term = 1;
  let sum = 0;
  for (let k = 0; k < servers; k++) {
    sum += term;
    term *= offered / (k + 1);
  }
  const last = (term * servers) / (servers - offered);
  return last / (sum + last);
}

describe('theory', () => {
  test('M/M/1: T = S / (1 - load)', () => {
    meanTime(1 / (1 - LOAD), 0.05, 1, (engine, services) => {
      const station = pool(engine, 1);
      return (customer, left) => station.submit(exponential(services), left, customer);
    });
  });

  test('M/M/1: P(T > t) = e^(-t (1 - load) / S), at the median, the 90th and the 99th percentile', () => {
    for (const share of [0.5, 0.9, 0.99])
      agrees((-ln(1 - share) / (1 - LOAD)) * MEAN, 0.08, (seed) => {
        const histogram = new Histogram();
        const {times} = run(seed, 1, (engine, services) => {
          const station = pool(engine, 1);
          return (customer, left) => station.submit(exponential(services), left, customer);
        });
        for (const time of times) histogram.record(time);
        return histogram.percentile(share);
      });
  });

  test('M/D/1: T = S + load S / (2 (1 - load)), for blocks over a link', () => {
    meanTime(1 + LOAD / (2 * (1 - LOAD)), 0.03, 1, (engine) => {
      const station = new BandwidthStation(engine, {name: 'link', bytesPerSecond: 4e9});
      return (customer, left) => station.submit(4 * MEAN, left, customer);
    });
  });

  test('M/D/1 at half its rate is M/D/1 of twice the service', () => {
    meanTime(1 + LOAD / (2 * (1 - LOAD)), 0.03, 1, (engine) => {
      const station = new BandwidthStation(engine, {name: 'link', bytesPerSecond: 8e9});
      station.setRate(0.5);
      return (customer, left) => station.submit(4 * MEAN, left, customer);
    });
  });

  test('M/G/1: W = arrivals E[S^2] / (2 (1 - load)), for reads behind rare long programs', () => {
    meanTime(1 + (LOAD * 3.25) / (2 * (1 - LOAD)), 0.07, 1, (engine, services) => {
      const station = pool(engine, 1);
      return (customer, left) => station.submit(twoPoint(services), left, customer);
    });
  });

  test('M/M/4 and M/M/16: W = C(c, a) S / (c - a)', () => {
    for (const servers of [4, 16]) {
      const wait = erlangC(servers, servers * LOAD) / (servers * (1 - LOAD));
      meanTime(1 + wait, 0.03, servers, (engine, services) => {
        const station = pool(engine, servers);
        return (customer, left) => station.submit(exponential(services), left, customer);
      });
    }
  });

  test('M/M/1/5: a share of (1 - load) load^5 / (1 - load^6) is refused', () => {
    const truth = ((1 - LOAD) * LOAD ** 5) / (1 - LOAD ** 6);
    agrees(truth, 0.06, (seed) => {
      const {refused, times} = run(seed, 1, (engine, services) => {
        const station = pool(engine, 1, 4);
        return (customer, left) => station.submit(exponential(services), left, customer);
      });
      return refused / times.length;
    });
  });

  test('M/G/1 shared: T(x) = x / (1 - load), whatever the distribution: exponential and two-point', () => {
    for (const service of [exponential, twoPoint])
      meanTime(1 / (1 - LOAD), 0.06, 1, (engine, services) => {
        const station = new SharedStation(engine, {name: 'memory', bytesPerSecond: 1e9});
        return (customer, left) => station.submit(Math.max(1, service(services)), left, customer);
      });
  });

  test('M/G/1 shared: short jobs and long ones are slowed alike', () => {
    for (const long of [false, true])
      agrees(1 / (1 - LOAD), 0.06, (seed) => {
        const sizes = new Float64Array(CUSTOMERS);
        const {times} = run(seed, 1, (engine, services) => {
          const station = new SharedStation(engine, {name: 'memory', bytesPerSecond: 1e9});
          return (customer, left) => station.submit((sizes[customer] = twoPoint(services)), left, customer);
        });
        const slowdowns = times.map((time, i) => time / sizes[i + WARM]!).filter((_, i) => sizes[i + WARM]! > MEAN === long);
        return meanOf(slowdowns);
      });
  });

  test('a tandem of M/M/1: T = sum of S_i / (1 - load_i), as departures are Poisson again', () => {
    meanTime(1 / (1 - LOAD) + 0.5 / (1 - LOAD / 2), 0.05, 1, (engine, services) => {
      const first = pool(engine, 1);
      const second = pool(engine, 1, 2 ** 30);
      let last = 0;
      const between = engine.on('between', (customer) => second.submit(Math.round(exponential(services) / 2), last, customer));
      return (customer, left) => first.submit(exponential(services), between, ((last = left), customer));
    });
  });

  test('Little: over a drained run, jobs in the stations summed over time are times in them summed over jobs, exactly', () => {
    let inStations = 0;
    const {all} = run(1, 1, (engine, services) => {
      const server = pool(engine, 1);
      const memory = new SharedStation(engine, {name: 'memory', bytesPerSecond: 1e9});
      let last = 0;
      const between = engine.on('between', (customer) => memory.submit(MEAN / 2, last, customer));
      const drained = engine.on('drained', () => (inStations = server.meter().queuedTicks + memory.meter().queuedTicks));
      engine.at(2 ** 52, drained, 0);
      return (customer, left) => server.submit(exponential(services), between, ((last = left), customer));
    });
    expect(inStations).toBe(all.reduce((sum, time) => sum + time, 0));
  });
});

test('the tests of theory would find a service that is three percent too long', () => {
  expect(() =>
    meanTime(1 / (1 - LOAD), 0.05, 1, (engine, services) => {
      const station = pool(engine, 1);
      return (customer, left) => station.submit(Math.round(exponential(services) * 1.03), left, customer);
    }),
  ).toThrow();
});
