/** The way on which the run is expected to have come first: latency, what is known to be out, and its own bytes over the rate. */
import {least, wayNs, whole, type RouteChoice, type Ways} from './ways.ts';

const pick = (ways: Ways, bytes: number): number => least(ways.count, (way) => wayNs(ways, way, bytes));

export const soonest = (): RouteChoice => ({
  divide: (ways, run, share) => whole(ways, run, pick(ways, run.bytes), share),
  expectedNs: (ways, bytes) => wayNs(ways, pick(ways, bytes), bytes),
});
