/** The way on which the fewest bytes are known to be out, however fast it is. */
import {least, wayNs, whole, type RouteChoice, type Ways} from './ways.ts';

const pick = ({count, knownBytes}: Ways): number => least(count, (way) => knownBytes[way]);

export const leastBytes = (): RouteChoice => ({
  divide: (ways, run, share) => whole(ways, run, pick(ways), share),
  expectedNs: (ways, bytes) => wayNs(ways, pick(ways), bytes),
});
