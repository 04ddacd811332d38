/** Every run over all ways, by weight: the rate of each. What is known to be out on them counts for nothing. */
import {mixed, togetherNs, type RouteChoice, type Ways} from './ways.ts';

/**
 * Systematic sampling: block j lies at (j + u) / blocks of the wheel of all rates, u by the content. Each way gets the whole number below or
 * above its share, and over many runs, those of one block included, its share.
 */
function divideByRate({count, bytesPerSecond}: Ways, blocks: number, u: number, share: Int32Array): void {
  let rate = 0;
  for (let way = 0; way < count; way++) rate += bytesPerSecond[way];
  let upTo = 0;
  let given = 0;
  for (let way = 0; way < count; way++) {
    upTo += bytesPerSecond[way];
    const end = way === count - 1 ? blocks : Math.ceil((upTo / rate) * blocks - u);
    share[way] = end - given;
    given = end;
  }
}

export const striped = (): RouteChoice => ({
  divide: (ways, run, share) => divideByRate(ways, run.blocks, mixed(run.key) / 2 ** 32, share),
  expectedNs: togetherNs,
});
