/** tierscape regress: 0 where nothing moved, 1 with a picture where something did, 2 where the question is another one. */
import fs from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parse, stringify} from 'yaml';
import {Stream} from '../../src/base/random.ts';
import {catalogue} from '../../src/catalogue.ts';
import {openWorkload} from '../../src/cli/scenarioFile.ts';
import {runIdOf, runJob} from '../../src/experiments/job.ts';
import {judgeRuns, runOf, type Baseline, type BaselinePoint} from '../../src/experiments/regression.ts';
import {measuredPoints} from '../../src/experiments/measured.ts';
import {metricsOf} from '../../src/reports/sweep.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import type {Override} from '../../src/scenario/overrides.ts';
import {root, temporary, tierscape} from './support.ts';

const committed = path.join(root, 'results/baselines');
const names = fs.readdirSync(committed).filter((name) => fs.existsSync(path.join(committed, name, 'baseline.json')));
const text = fs.readFileSync(path.join(committed, 'host-dram/scenario.yaml'), 'utf8');
let directory = '';
const at = (...parts: string[]): string => path.join(directory, ...parts);
const baselineAt = (): string => at('set/one/baseline.json');
const regress = (...args: string[]) => tierscape(['regress', at('set'), '--threads', '0', '--out', at('out'), ...args]);

beforeAll(() => {
  directory = temporary();
  fs.mkdirSync(at('set/one'), {recursive: true});
  fs.writeFileSync(at('set/one/scenario.yaml'), text.replace('requests: 48', 'requests: 16'));
  expect(regress('--update', '--reason', 'first').code).toBe(0);
});
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

describe('regress', {timeout: 180_000}, () => {
  test('passes at once where every digest is equal', () => {
    expect(regress()).toMatchObject({code: 0, out: 'ok    one: 1 runs, digests equal\n'});
  });

  test('fails with a picture, the cause and annotations where a curve has moved by 5 %', () => {
    const kept = JSON.parse(fs.readFileSync(baselineAt(), 'utf8')) as Baseline;
    const [run] = kept.points[0]!.runs;
    const slower = {...run!, digest: '0', curves: {...run!.curves, ttft: run!.curves.ttft.map((seconds) => seconds / 1.05)}};
    fs.writeFileSync(baselineAt(), JSON.stringify({...kept, points: [{values: [], runs: [slower]}]}));
    const {code, out} = regress('--junit', at('junit.xml'), '--github');
    fs.writeFileSync(baselineAt(), JSON.stringify(kept));
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}one: MOVED[^]*ttft at p\d+ .*\+5 %[^]*::error file=/);
    expect(fs.readFileSync(at('out/regress.html'), 'utf8')).toContain('<svg');
    expect(fs.readFileSync(at('junit.xml'), 'utf8')).toContain('failures="1"');
  });

  test('refuses a scenario that is not the one of its baseline', () => {
    const file = at('set/one/scenario.yaml');
    const before = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, before.replace('seed: 1', 'seed: 2'));
    expect(regress().code).toBe(2);
    fs.writeFileSync(file, before);
  });
});

describe('the committed baselines', () => {
  test('cover HBM and DRAM, drives, a network and a hand-off, at most 20 KiB each, with workloads that need no file', () => {
    expect(names).toEqual(expect.arrayContaining(['host-dram', 'local-drives', 'network-flash', 'prefill-decode']));
    for (const name of names) {
      expect(fs.statSync(path.join(committed, name, 'baseline.json')).size).toBeLessThanOrEqual(20 * 1024);
      const file = path.join(committed, name, 'scenario.yaml');
      expect(loadScenario(fs.readFileSync(file, 'utf8'), {file}, catalogue).workload.kind.name).toBe('agentSessions');
    }
  });

  test('are the same run under 200 harmless changes: keys in another order, other spellings', () => {
    const stream = new Stream(1, 'harmless');
    const idOf = (changed: string): string => {
      const scenario = loadScenario(changed, {file: 'x.yaml'}, catalogue);
      return runIdOf(scenario, openWorkload(scenario, 'x.yaml'), '');
    };
    for (let i = 0; i < 200; i++) {
      const original = fs.readFileSync(path.join(committed, names[i % names.length]!, 'scenario.yaml'), 'utf8');
      const changed = stringify(shuffled(parse(original), stream), stream.uniform() < 0.5 ? {} : {collectionStyle: 'flow'});
      expect(idOf(changed)).toBe(idOf(original));
    }
  });

  test('fail under a change of 5 % to what they depend on, and not on the tree as it is', () => {
    const file = path.join(committed, 'host-dram/scenario.yaml');
    const kept = JSON.parse(fs.readFileSync(path.join(committed, 'host-dram/baseline.json'), 'utf8')) as Baseline;
    const measure = (...overrides: Override[]): BaselinePoint[] => {
      const {summary, curves} = runJob({file, text, overrides, replication: 0}, openWorkload, '');
      return [{values: [], runs: [runOf(summary, curves, metricsOf(summary))]}];
    };
    const baseline = {...kept, points: measure()};
    expect(judgeRuns(baseline, measure())).toMatchObject({passed: true, identical: true});
    const verdict = (path_: string, value: string) => judgeRuns(baseline, measure({path: path_, value}));
    for (const [path_, value] of [
      ['servers.dramLatency', '10.5 us'],
      ['servers.dramBytesPerSecond', '583.3 GB/s'],
      ['servers.gpu.stepOverhead', '210 us'],
      ['servers.gpu.samplerRequestOverhead', '0.3752 us'],
    ] as const)
      expect(verdict(path_, value).passed, path_).toBe(false);
  });
});

/** The keys of every mapping in another order; tiers keep theirs, which is their rank. */
function shuffled(value: unknown, stream: Stream, key = ''): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (key !== 'tiers') stream.shuffle(keys);
  return Object.fromEntries(keys.map((name) => [name, shuffled((value as {[name: string]: unknown})[name], stream, name)]));
}

describe('regress --measured', () => {
  const device = (p99Ns: number, spread: number): string =>
    JSON.stringify({
      points: [{sizeBytes: 4096, depth: 8, readShare: 1, spread, iops: 1e5, meanNs: 8e4, p50Ns: 7e4, p90Ns: 9e4, p99Ns, p999Ns: null}],
    });
  const serving = (scale: number): object => {
    const stream = new Stream(1, 'ttft');
    const ttfts = Array.from({length: 1000}, () => scale * stream.exponential());
    const mean = (ttfts.reduce((sum, one) => sum + one, 0) / 1000) * 1000;
    return {model_id: 'm', mean_ttft_ms: mean, p99_ttft_ms: 4.6 * mean, mean_tpot_ms: 20, request_throughput: 3, ttfts};
  };
  const measured = (name: string, content: string, ...args: string[]) => {
    fs.mkdirSync(at('now'), {recursive: true});
    fs.writeFileSync(at('now', name), content);
    return tierscape(['regress', at('set'), '--measured', at('now', name), ...args]);
  };

  test('judges a device bench: a tail that has moved beyond its spread and 10 % fails, noise does not', () => {
    expect(measured('drive.json', device(2e5, 0.05), '--update', '--reason', 'first').code).toBe(0);
    expect(measured('drive.json', device(2.2e5, 0.05)).code).toBe(0);
    const {code, out} = measured('drive.json', device(3e5, 0.05));
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL .*1 of 5 figures moved[^]*4096 B x 8, 100 % reads: p99Ns/);
    expect(measured('drive.json', device(3e5, 0.6)).code).toBe(0);
  });

  test('judges a vLLM benchmark, its noise from its samples', () => {
    const [point] = measuredPoints(JSON.stringify(serving(1)));
    expect(point!.figures['mean_ttft_ms']!.noise).toBeGreaterThan(0.02);
    expect(point!.figures['mean_tpot_ms']).toEqual({value: 20, noise: 0});
    expect(measured('vllm.json', JSON.stringify(serving(1)), '--update', '--reason', 'first').code).toBe(0);
    expect(measured('vllm.json', JSON.stringify(serving(1.05))).code).toBe(0);
    expect(measured('vllm.json', JSON.stringify(serving(1.5))).code).toBe(1);
  });

  test('refuses what is no measurement, and one that has nothing to be compared with', () => {
    const {code, err} = measured('drive.json', '{"a": 1}');
    expect([code, err]).toEqual([2, expect.stringContaining('neither points of') as string]);
    expect(measured('new.json', device(1, 0))).toMatchObject({code: 2});
  });
});
