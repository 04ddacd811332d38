/** Reading scenarios: anchors, overrides, presets. */
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import type {Param, Params} from '../../src/base/params.ts';
import {parseQuantity, unitsOf} from '../../src/base/units.ts';
import {gpuParams, modelParams, serverParams, type Preset} from '../../src/scenario/hardware.ts';
import {load, small, told} from './support.ts';

describe('anchors and merge keys', () => {
  const anchored = small.replace(
    '  dram: {kind: dram, capacity: 1 TB}\n',
    `  dram: &dram
    kind: dram
    capacity: 1 TB
    reserve: &marks {low: 0.02, high: 0.04}
  far: {<<: *dram, per: cluster, capacity: 2 TB}
`,
  );

  test('a merged mapping has what it merges, and its own before that', () => {
    const [, near, far] = load(anchored).tiers;
    expect([far!.kind.name, far!.capacityBytes, far!.per, far!.reserve]).toEqual(['dram', 2e12, 'cluster', {low: 0.02, high: 0.04}]);
    expect(near!.capacityBytes).toBe(1e12);
  });

  test('an override of one use leaves the others', () => {
    const [, near, far] = load(anchored, 'tiers.far.reserve.high=0.3').tiers;
    expect(far!.reserve).toEqual({low: 0.02, high: 0.3});
    expect(near!.reserve).toEqual({low: 0.02, high: 0.04});
  });

  test('a mistake in what is merged is shown where it is written', () => {
    const message = told(anchored.replace('low: 0.02', 'low: much'));
    expect(message).toContain('scenario.yaml:11:27: error: tiers.dram.reserve.low: expected a number, found "much"');
    expect(message.match(/error:/g)).toHaveLength(1);
  });

  test('aliases that multiply without end are refused, not followed', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from('bcdefgh', (name, i) => `${name}: &${name} [${`*${'abcdefg'[i]}, `.repeat(10)}x]`),
    ];
    expect(told(bomb.join('\n'))).toContain('aliases multiply without end');
  });
});

describe('--set', () => {
  test.each([
    ['seed=7', (s: ReturnType<typeof load>) => s.seed, 7],
    ['tiers.dram.capacity=64 GiB', (s: ReturnType<typeof load>) => s.tiers[1]!.capacityBytes, 64 * 2 ** 30],
    ['model.kv=fp8', (s: ReturnType<typeof load>) => `${s.model.name} ${s.model.kv}`, 'llama-3.1-8b fp8'],
    ['servers.gpu.hbmBytes=96 GB', (s: ReturnType<typeof load>) => s.servers.server.gpu.hbmBytes, 96e9],
    ['servers.gpu=b200-sxm', (s: ReturnType<typeof load>) => s.servers.server.gpu.name, 'b200-sxm'],
    ['tiers.dram.policy.kind=lru', (s: ReturnType<typeof load>) => s.tiers[1]!.policy.name, 'lru'],
    ['workload={kind: azureTrace, path: x.csv}', (s: ReturnType<typeof load>) => s.workload.params['path'], 'x.csv'],
    ['expect=[ttft.p99 <= 2 s]', (s: ReturnType<typeof load>) => s.expect[0]!.value, 2],
    ['expect.0=cache.hitRatio >= 95 %', (s: ReturnType<typeof load>) => s.expect[0]!.value, 0.95],
  ])('%s', (set, of, value) => expect(of(load(small, set))).toBe(value));

  test('a value that is no YAML by itself is text', () => {
    const trace = small.replace('kind: agentSessions', 'kind: azureTrace, path: x.csv');
    expect(load(trace, 'workload.path=*.csv').workload.params['path']).toBe('*.csv');
  });

  test('of two overrides of one path the last holds', () => expect(load(small, 'seed=7', 'seed=8').seed).toBe(8));

  test('text that a mapping would not have is no member of it', () => {
    expect(told(small, '__proto__.seed=3')).toContain('__proto__');
    expect(({} as {seed?: number}).seed).toBeUndefined();
  });
});

describe('presets', () => {
  const groups: [string, string, Params, readonly Preset[], string][] = [
    ['model', 'model', modelParams, catalogue.models, 'model'],
    ['server', 'servers', serverParams, catalogue.servers, 'servers'],
    ['gpu', 'servers.gpu', gpuParams, catalogue.gpus, 'servers.gpu'],
    ...Object.entries(catalogue.devices).map(([kind, presets]): [string, string, Params, readonly Preset[], string] => [
      kind,
      `tiers.${kind}`,
      catalogue.tiers.find(({name}) => name === kind)!.params,
      presets,
      `tiers.${kind}.kind=${kind}`,
    ]),
  ];

  test.each(
    groups.flatMap(([group, at, params, presets, first]) =>
      presets.map((preset) => [group, preset.name, at, params, preset, first] as const),
    ),
  )('%s %s: its values are read, and each can be overridden', (_, name, at, params, preset, first) => {
    const sets = [
      ...(first.includes('=') ? [first] : []),
      `${at}.preset=${name}`,
      'servers.count=100',
      'tiers.hbm.utilisation=1',
      'instances.mixed={count: 1, gpus: 64}',
    ];
    const of = (...more: string[]): {[field: string]: unknown} => {
      const scenario = load(small, ...sets, ...more);
      if (at === 'model') return scenario.model;
      if (at === 'servers') return scenario.servers.server as never;
      if (at === 'servers.gpu') return scenario.servers.server.gpu as never;
      return scenario.tiers.find((tier) => at === `tiers.${tier.name}`)!.params as never;
    };
    const plain = of();
    for (const [field, {value}] of Object.entries(preset.values)) {
      const param = params[field]!;
      expect(plain[field], field).toBe(param.type === 'quantity' ? parseQuantity(String(value), param.dimension) : value);
      const other = anotherValue(param, value);
      if (other === null) continue;
      const changed = of(`${at}.${field}=${other}`, ...(beside[`${at}.${field}`] ?? []))[field];
      expect(changed, field).toBe(param.type === 'quantity' ? parseQuantity(String(other), param.dimension) : other);
    }
  });

  /** What another value of a field needs beside it. */
  const beside: {readonly [path: string]: readonly string[]} = {
    'model.attention': ['latentRank=512', 'ropeDimension=64', 'nopeDimension=128', 'valueDimension=128'].map((set) => `model.${set}`),
    'model.denseLayers': ['model.feedForwardSize=4096'],
    'model.indexDimension': ['model.window=2048'],
  };

  /** Another value that the parameter may have; null where the check of the whole would refuse it. */
  function anotherValue(param: Param, value: string | number): string | number | null {
    if (param.type === 'choice') return param.choices.find((choice) => choice !== value) ?? null;
    if (param.type === 'quantity') return String(value).replace(/^[\d.]+/, (number) => String(Number(number) * 2 || 1));
    if (param.type === 'number') return param.fraction ? (param.min + param.max) / 2 : Math.min(param.max, Number(value) + 1);
    return null;
  }
});

test('every unit that messages name can be read', () => {
  expect(parseQuantity('3 min', 'time')).toBe(180e9);
  for (const unit of unitsOf('time').split(', ')) expect(parseQuantity(`1 ${unit}`, 'time')).toBeGreaterThan(0);
});
