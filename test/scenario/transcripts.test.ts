/** What a user is told of each bad scenario, whole, as files that a reviewer reads: mistakes/NAME.yaml -> mistakes/NAME.txt. */
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {ScenarioError} from '../../src/scenario/diagnostics.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {small, told} from './support.ts';

const directory = path.join(import.meta.dirname, 'mistakes');
const names = fs
  .readdirSync(directory)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -5))
  .sort();

test.each(names)('mistakes of %s.yaml', async (name) => {
  const text = fs.readFileSync(path.join(directory, `${name}.yaml`), 'utf8');
  let error: unknown = null;
  try {
    loadScenario(text, {file: `${name}.yaml`}, catalogue);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ScenarioError);
  for (const {line, column, source} of (error as ScenarioError).diagnostics) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeLessThanOrEqual(source.length + 1);
  }
  await expect(`${(error as ScenarioError).message}\n`).toMatchFileSnapshot(path.join(directory, `${name}.txt`));
});

test('mistakes that --set brings in', async () => {
  const sets = [
    ['tiers.nvme.drives=4'],
    ['tiers.drm.capacity=1 TB'],
    ['tiers.dram.capacity=64'],
    ['tiers.dram.capacity=64Gbps'],
    ['foo=1'],
    ['foo.bar.baz=1'],
    ['limits.requests.x=2'],
    ['limits.requests=many'],
    ['limits.requests=[1'],
    ['model..kv=fp8'],
    ['model.kv=fp9', 'servers.gpu=h100'],
    ['workload.kind=agentTrace'],
    ['workload={kind: mooncakeTrace, path: x, sessions: {keep: 3}}'],
    ['expect.0=ttft.p99 <= 2', 'expect.1=ttft.p99 <= 2 s', 'expect.7=ttft.p99 <= 2 s'],
    ['tiers.hbm.capacity=10 MB'],
    ['name='],
  ];
  const transcript = sets.map((set) => `$ ${set.map((one) => `--set '${one}'`).join(' ')}\n${told(small, ...set) || 'valid'}\n`).join('\n');
  await expect(transcript).toMatchFileSnapshot(path.join(directory, 'overrides.txt'));
});
