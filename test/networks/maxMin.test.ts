import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {MaxMin} from '../../src/networks/maxMin.ts';
import {naiveRates} from './naive.ts';

const network = fc.integer({min: 1, max: 8}).chain((links) =>
  fc.record({
    capacity: fc.array(fc.integer({min: 1, max: 1000}), {minLength: links, maxLength: links}),
    paths: fc.array(
      fc.record({
        links: fc.uniqueArray(fc.nat(links - 1), {minLength: 1, maxLength: Math.min(links, 4)}),
        parts: fc.array(fc.constantFrom(1, 1, 0.5, 0.25, 0.3), {minLength: 4, maxLength: 4}),
        weight: fc.constantFrom(1, 1, 2, 0.5, 3),
        rateMax: fc.constantFrom(Infinity, Infinity, 7, 90.5),
        flows: fc.integer({min: 1, max: 5}),
      }),
      {minLength: 1, maxLength: 12},
    ),
  }),
);

function solved({
  capacity,
  paths,
}: {
  capacity: readonly number[];
  paths: readonly {links: readonly number[]; parts: readonly number[]; weight: number; rateMax: number; flows: number}[];
}) {
  const maxMin = new MaxMin();
  capacity.forEach((rate) => maxMin.addLink(rate));
  paths.forEach(({links, parts, weight, rateMax}) => maxMin.addPath({links, parts, weight, flowRateMax: rateMax}));
  paths.forEach(({flows}, path) => maxMin.setFlows(path, flows));
  maxMin.solve();
  return maxMin;
}

describe('max-min fair rates', () => {
  test('equal those of progressive filling flow by flow', () => {
    fc.assert(
      fc.property(network, (given) => {
        const {rate} = solved(given);
        const flows = given.paths.flatMap((path) => Array.from({length: path.flows}, () => path));
        const naive = naiveRates(given.capacity, flows);
        let flow = 0;
        given.paths.forEach((path, i) => {
          for (let k = 0; k < path.flows; k++) expect(rate[i]! / naive[flow++]!).toBeCloseTo(1, 9);
        });
      }),
      {numRuns: 400},
    );
  });

  test('fill no link beyond its capacity, and every flow has its own limit or a full link on which no rate per weight is larger', () => {
    fc.assert(
      fc.property(network, (given) => {
        const {rate} = solved(given);
        const {capacity, paths} = given;
        const load = capacity.map((_, link) =>
          paths.reduce((sum, path, i) => sum + (path.parts[path.links.indexOf(link)] ?? 0) * rate[i]! * path.flows, 0),
        );
        load.forEach((bytes, link) => expect(bytes).toBeLessThanOrEqual(capacity[link]! * (1 + 1e-12)));
        paths.forEach((path, i) => {
          const level = rate[i]! / path.weight;
          const tight = path.links.some(
            (link) =>
              load[link]! >= capacity[link]! * (1 - 1e-9) &&
              paths.every((other, j) => !other.links.includes(link) || rate[j]! / other.weight <= level * (1 + 1e-9)),
          );
          expect(tight || rate[i]! >= path.rateMax * (1 - 1e-9)).toBe(true);
        });
      }),
      {numRuns: 400},
    );
  });

  test('solved again where something changed equal those solved from nothing', () => {
    fc.assert(
      fc.property(
        network,
        fc.array(fc.tuple(fc.nat(11), fc.integer({min: 0, max: 5}), fc.nat(7), fc.nat(900)), {maxLength: 20}),
        (given, changes) => {
          const maxMin = solved(given);
          const flows = given.paths.map((path) => path.flows);
          const capacity = [...given.capacity];
          for (const [p, count, l, room] of changes) {
            const path = p % given.paths.length;
            maxMin.setFlows(path, (flows[path] = count));
            const link = l % capacity.length;
            if (room % 3 === 0) maxMin.setCapacity(link, (capacity[link] = room));
            if (room % 2 === 0) maxMin.solve();
          }
          maxMin.solve();
          const fresh = solved({capacity, paths: given.paths.map((path, i) => ({...path, flows: flows[i]!}))});
          flows.forEach((count, path) => {
            if (count > 0) expect(maxMin.rate[path]!).toBeCloseTo(fresh.rate[path]!, 9);
          });
        },
      ),
      {numRuns: 400},
    );
  });

  test('do not depend on the order of paths', () => {
    fc.assert(
      fc.property(network, (given) => {
        const forward = solved(given).rate;
        const backward = solved({...given, paths: [...given.paths].reverse()}).rate;
        given.paths.forEach((_, i) => expect(backward[given.paths.length - 1 - i]! / forward[i]!).toBeCloseTo(1, 9));
      }),
    );
  });

  test('touch only what is connected to a change', () => {
    const maxMin = new MaxMin();
    for (let i = 0; i < 100; i++) maxMin.addPath({links: [maxMin.addLink(10), maxMin.addLink(10)]});
    for (let i = 0; i < 100; i++) maxMin.setFlows(i, 1);
    expect(maxMin.solve()).toBe(100);
    maxMin.setFlows(7, 2);
    expect(maxMin.solve()).toBe(1);
    expect([...maxMin.touched.subarray(0, 1)]).toEqual([7]);
    maxMin.setFlows(7, 1);
    maxMin.setFlows(7, 2);
    expect(maxMin.solve()).toBe(0);
  });
});
