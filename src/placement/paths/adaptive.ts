/** Every run over all ways, block by block to the one that would have it first: latency, what is known to be out, and the run's own blocks count. */
import {least, togetherNs, wayNs, type RouteChoice} from './ways.ts';

export const adaptive = (): RouteChoice => ({
  divide: (ways, run, share) => {
    share.fill(0, 0, ways.count);
    for (let block = 0; block < run.blocks; block++)
      share[least(ways.count, (way) => wayNs(ways, way, (share[way] + 1) * run.blockBytes))]++;
  },
  expectedNs: togetherNs,
});
