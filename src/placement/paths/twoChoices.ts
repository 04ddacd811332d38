/**
 * The sooner of two ways drawn at random (Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 2001). With old
 * knowledge whoever takes the best of all sends everything to the same one until the next report; this does not.
 */
import type {Stream} from '../../base/random.ts';
import {least, wayNs, whole, type RouteChoice} from './ways.ts';

export const twoChoices = (stream: Stream): RouteChoice => ({
  divide: (ways, run, share) => {
    const first = Math.floor(stream.uniform() * ways.count);
    const second = (first + 1 + Math.floor(stream.uniform() * (ways.count - 1))) % ways.count;
    whole(ways, run, wayNs(ways, second, run.bytes) < wayNs(ways, first, run.bytes) ? second : first, share);
  },
  expectedNs: (ways, bytes) =>
    wayNs(
      ways,
      least(ways.count, (way) => wayNs(ways, way, bytes)),
      bytes,
    ),
});
