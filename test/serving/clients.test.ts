/** Clients that keep few requests in flight: never more, in order, and none is lost. */
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {simulate} from '../../src/simulation/simulate.ts';
import {scenario, sessions, source} from '../simulation/fixture.ts';

test('never more than so many are in flight, all are sent, and no limit is the same as a wide one', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 12}), fc.integer({min: 1, max: 60}), (inFlight, requests) => {
      const spans: [number, number][] = [];
      const run = (limit: number | null): ReturnType<typeof simulate> =>
        simulate({...scenario(), limits: {requests, durationNs: null, inFlight: limit}}, source(sessions(15, 4)), {
          request: ({arrivalNs, endNs}) => limit === inFlight && spans.push([arrivalNs, endNs]),
        });
      const limited = run(inFlight);
      expect(limited.requests.offered).toBe(requests);
      expect(limited.requests.completed).toBe(requests);
      for (const [at] of spans) expect(spans.filter(([from, to]) => from <= at && at < to).length).toBeLessThanOrEqual(inFlight);
      expect(run(1000).digest).toBe(run(null).digest);
    }),
    {numRuns: 25},
  );
});
