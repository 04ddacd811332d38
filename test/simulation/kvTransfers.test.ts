/** Transfers of KV cache as measured (kvcache-ai/Mooncake, docs/source/performance), over the fabrics whose start-up and efficiency were fitted to them. */
import {describe, expect, test} from 'vitest';
import {catalogue, loadScenario} from '../../src/index.ts';
import {Engine} from '../../src/engine/engine.ts';
import {Topology} from '../../src/simulation/topology.ts';

/** GB/s of a lone hand-off of so many bytes between two servers. */
function rate(fabric: string, ports: number, portRate: string, bytes: number): number {
  const text = `
version: 1
name: hand-off
question: How fast is a hand-off?
model: llama-3.1-8b
servers: {preset: dgx-h200, count: 2}
instances: {prefill: {count: 1, gpus: 8}, decode: {count: 1, gpus: 8}}
networks: {eastWest: {ports: ${ports}, portRate: ${portRate}, fabric: ${fabric}}}
tiers: {hbm: {kind: hbm}}
workload: {kind: agentSessions}
`;
  const engine = new Engine();
  const {stages, startUpTicks} = new Topology(engine, loadScenario(text, {file: 'hand-off.yaml'}, catalogue)).route(0, 1);
  expect(stages).toHaveLength(1);
  stages[0]!.submit(
    bytes,
    engine.on('passed', () => {}),
    0,
  );
  engine.run();
  return bytes / (startUpTicks + engine.now);
}

describe('size decides what a transfer reaches of 200 GB/s', () => {
  test.each([
    [20e6, 36.53],
    [146e6, 95.23],
    [1.13e9, 127.57],
    [4.5e9, 142.25],
  ])('vLLM over RoCE, %d bytes: %d GB/s, within 9 %%', (bytes, measured) => {
    expect(Math.abs(rate('kv-vllm-roce', 8, '25 GB/s', bytes) / measured - 1)).toBeLessThan(0.09);
  });

  test.each([
    [49e6, 23.79],
    [394e6, 99.47],
    [3.15e9, 155.26],
    [12.62e9, 164.33],
  ])('SGLang, %d bytes: %d GB/s, within 9 %%', (bytes, measured) => {
    expect(Math.abs(rate('kv-sglang', 4, '50 GB/s', bytes) / measured - 1)).toBeLessThan(0.09);
  });
});
