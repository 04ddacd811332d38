/** A way by the content of the run, as equal-cost routing takes one by the addresses of a flow: knows nothing and needs to know nothing. */
import {mixed, wayNs, whole, type RouteChoice} from './ways.ts';

export const hashed = (): RouteChoice => ({
  divide: (ways, run, share) => whole(ways, run, mixed(run.key) % ways.count, share),
  expectedNs: (ways, bytes) => {
    let sum = 0;
    for (let way = 0; way < ways.count; way++) sum += wayNs(ways, way, bytes);
    return sum / ways.count;
  },
});
