/** What can be said of a scenario without running it. */
import {powerOfTwo} from '../base/mathematics.ts';
import {Engine} from '../engine/engine.ts';
import {kvBytesPerToken} from '../gpus/kv.ts';
import {stepModelOf} from '../gpus/stepModel.ts';
import type {Sizes} from '../metrics/sizes.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {Topology} from './topology.ts';

const CONTEXTS = [8192, 32768, 131072];

/** `tokens`: context of a session, for counting how many a tier holds. */
export function sizesOf(scenario: Scenario, tokens: number): Sizes {
  const topology = new Topology(new Engine(), scenario);
  const bytesPerToken = kvBytesPerToken(scenario.model);
  const blocks = Math.ceil(tokens / scenario.kv.blockTokens);
  const first = topology.instances[0]!;
  const model = stepModelOf(scenario, first.parallel);
  const perTick = powerOfTwo(model.fractionBits) * (scenario.timebase === 'ps' ? 1000 : 1);
  const batch = Math.max(1, Math.min(scenario.serving.requestsMax, Math.floor(topology.pools[first.pool]!.capacityBlocks / blocks)));
  const windowTokens = Math.min(tokens, model.window);
  const decodeStep = model.decodeBase(batch) + batch * (model.kvTokenCost(batch) * tokens + model.windowTokenCost(batch) * windowTokens);
  const decodeSeconds = decodeStep / perTick / 1e9;
  const prefillers = topology.instances.filter(({role}) => role !== 'decode').length;
  const decoders = topology.instances.filter(({role}) => role !== 'prefill').length;
  return {
    scenario: scenario.name,
    model: scenario.model.name,
    bytesPerToken,
    blockBytes: topology.blockBytes,
    sessionTokens: tokens,
    sessionBytes: bytesPerToken * tokens,
    instance: {gpus: first.gpus, ...first.ledger},
    tiers: scenario.tiers.map((tier, rank) => {
      const pools = topology.pools.filter((pool) => pool.tier === rank);
      const capacityBlocks = pools[0]!.capacityBlocks;
      return {
        name: tier.name,
        pools: pools.length,
        capacityBytes: pools.reduce(
          (sum, _, i) => sum + capacityBlocks * topology.bytesOfBlock(rank === 0 ? i : topology.instances.length),
          0,
        ),
        blocks: capacityBlocks * pools.length,
        tokens: capacityBlocks * pools.length * scenario.kv.blockTokens,
        sessions: Math.floor(capacityBlocks / blocks) * pools.length,
      };
    }),
    breakEven: CONTEXTS.filter((context) => context <= scenario.model.contextTokens).map((context) => {
      const prefillSeconds = model.prefillNs(0, context) / 1e9;
      return {tokens: context, prefillSeconds, bytesPerSecond: (bytesPerToken * context) / prefillSeconds};
    }),
    bounds: {
      prefillTokensPerSecond: (prefillers * tokens) / (model.prefillNs(0, tokens) / 1e9),
      decodeTokensPerSecond: (decoders * batch) / decodeSeconds,
      decodeBatch: batch,
    },
  };
}
