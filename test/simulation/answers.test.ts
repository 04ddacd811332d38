/** Scenarios that answer their question in their own first lines: the figures there are those that the scenarios give. */
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {catalogue, loadScenario, openSource, simulate, type Summary} from '../../src/index.ts';

const textOf = (name: string): string => fs.readFileSync(path.resolve(import.meta.dirname, `../../scenarios/${name}.yaml`), 'utf8');

function run(name: string, values: {readonly [path: string]: string}): Summary {
  const overrides = Object.entries(values).map(([at, value]) => ({path: at, value}));
  const scenario = loadScenario(textOf(name), {file: name, overrides}, catalogue);
  return simulate(scenario, openSource(scenario, []));
}

const ms = (seconds: number | null): string => (seconds! * 1e3).toPrecision(3);
const row = (...cells: readonly string[]): string =>
  `#   ${cells[0]!.padEnd(24)}${cells
    .slice(1)
    .map((cell) => cell.padStart(12))
    .join('')}`;

/** The table of a scenario's first lines, recomputed, stands there word for word. */
function holds(name: string, table: readonly string[]): void {
  const header = textOf(name).split('version:')[0]!;
  expect(header).toContain(`${table.join('\n')}\n`);
}

/** Some runs of a second each, more on a busy machine. */
const timeout = 240_000;

test('context-memory-network', {timeout}, () => {
  const rate = 8 * 50e9 * 0.9775;
  const rows = [10, 40, 60, 80].map((percent) => {
    const size = `${((percent / 100) * rate * 0.04) / 1e9} GB`;
    const of = (network: string): Summary =>
      run('context-memory-network', {'networks.eastWest.background.size': size, 'tiers.flash.network': network});
    const [shared, apart] = [of('eastWest').fabrics, of('contextMemory').fabrics];
    return row(
      `${percent} %`,
      ms(shared['eastWest']!.transfers!.p99),
      ms(apart['contextMemory']!.transfers!.p99),
      ms(shared['eastWest']!.background!.p99),
      ms(shared['eastWest']!.background!.max),
      ms(apart['eastWest']!.background!.max),
    );
  });
  holds('context-memory-network', [row('east-west load', 'KV p99, ms', 'apart', 'coll. p99', 'coll. max', 'apart'), ...rows]);
});

test('three-networks', {timeout}, () => {
  const loadOf = (values: {readonly [path: string]: string}): string =>
    ms(run('three-networks', values).attribution.ttft.mean['load:flash']!);
  const alone = ['northSouth', 'eastWest', 'contextMemory'].map((name) => row(`${name} alone`, loadOf({'tiers.flash.network': name})));
  const choices = ['hashed', 'twoChoices', 'soonest', 'adaptive'].map((route) => row(`all, ${route}`, loadOf({'placement.route': route})));
  const quiet = row('all, adaptive, quiet', loadOf({'networks.eastWest.background': '{}'}));
  holds('three-networks', [row('', 'load, ms'), ...alone, ...choices, quiet]);
});

test('ports-for-flash', {timeout}, () => {
  const loadOf = (values: {readonly [path: string]: string}): string =>
    ms(run('ports-for-flash', values).attribution.ttft.mean['load:context']!);
  const rows = [1, 4, 8, 9, 16].map((ports) => row(String(ports), loadOf({'networks.eastWest.ports': String(ports)})));
  const dram = row('DRAM', loadOf({'tiers.context': '{kind: dram, capacity: 2 TB}'}));
  holds('ports-for-flash', [row('ports', 'load, ms'), ...rows, dram]);
});

test('nvl72-relay', {timeout}, () => {
  const of = (name: string, routing: string, grace: string, drives: string): string => {
    const values = {'serving.routing': routing, 'tiers.grace.peers': grace, 'tiers.drives.peers': drives};
    const {ttft, cache, attribution} = run('nvl72-relay', values);
    const {'load:grace': memory, 'load:drives': flash} = attribution.ttft.mean;
    return row(name, ttft.mean!.toPrecision(3), cache.hitRatio!.toFixed(2), ms(memory! + flash!));
  };
  holds('nvl72-relay', [
    row('', 'TTFT, s', 'found', 'load, ms'),
    of('own', 'leastLoaded', '[]', '[]'),
    of('own, prefixAware', 'prefixAware', '[]', '[]'),
    of('drives relayed', 'leastLoaded', '[]', 'scaleUp'),
    of('all over east-west', 'leastLoaded', 'eastWest', 'eastWest'),
    of('all relayed', 'leastLoaded', 'scaleUp', 'scaleUp'),
    of('all, prefixAware', 'prefixAware', 'scaleUp', 'scaleUp'),
  ]);
});

test('two-graces', {timeout}, () => {
  const of = (name: string, values: {readonly [path: string]: string}): string => {
    const {ttft, attribution} = run('two-graces', values);
    return row(name, ms(attribution.ttft.mean['load:grace']!), ttft.mean!.toPrecision(3));
  };
  holds('two-graces', [
    row('', 'load, ms', 'TTFT, s'),
    of('no link between', {'servers.hostTree': 'false'}),
    of('each its own', {'tiers.grace.per': 'instance', 'tiers.grace.capacity': '400 GB'}),
    of('half in each', {}),
    of('all in the first', {'tiers.grace.attached': 'socket0'}),
    of('all in the second', {'tiers.grace.attached': 'socket1'}),
  ]);
});

test('drive-endurance', {timeout}, () => {
  const of = (name: string, admission: string): string => {
    const {ttft, cache, tiers, devices} = run('drive-endurance', {'tiers.nvme.admission': admission});
    const {drives} = devices['nvme']!;
    return row(
      name,
      drives!.driveWritesPerDay!.toFixed(2),
      drives!.lifetimeYears!.toFixed(1),
      (100 * tiers['nvme']!.hitRatio!).toFixed(1),
      (100 * cache.hitRatio!).toFixed(1),
      ttft.mean!.toFixed(2),
    );
  };
  holds('drive-endurance', [
    row('', 'writes a day', 'years', 'drive, %', 'found, %', 'TTFT, s'),
    of('always', 'always'),
    of('savedSeconds, 2', '{kind: savedSeconds, atLeast: 2}'),
    of('dynamicRandom', 'dynamicRandom'),
    of('secondSighting', 'secondSighting'),
    of('frequency, 3', '{kind: frequency, atLeast: 3}'),
    of('frequency, 9', '{kind: frequency, atLeast: 9}'),
  ]);
});

test('prefill-decode-split', {timeout}, () => {
  const of = (name: string, instances: string): string => {
    const good = (workload: string, requests: number): string => {
      const {goodput} = run('prefill-decode-split', {instances, workload, 'limits.requests': String(requests)});
      return (100 * goodput.share!).toFixed(0);
    };
    return row(
      name,
      good('{kind: chat, arrivals: {rate: 40 /s}, sessionCount: 4000}', 3000),
      good('{kind: retrieval, arrivals: {rate: 30 /s}, sessionCount: 4000}', 1200),
      good('{kind: agentSessions, sessions: {start: poisson 0.5 /s, keep: 60}}', 600),
    );
  };
  const split = (prefill: number): string => `{prefill: {count: ${prefill}, gpus: 4}, decode: {count: ${8 - prefill}, gpus: 4}}`;
  holds('prefill-decode-split', [
    row('prefill : decode', 'chat', 'retrieval', 'agents'),
    of('2 : 6', split(2)),
    of('4 : 4', split(4)),
    of('6 : 2', split(6)),
    of('8 of both', '{mixed: {count: 8, gpus: 4}}'),
  ]);
});

test('lent-memory', {timeout}, () => {
  const bought = (gigabytes: number): {readonly [path: string]: string} => ({
    tiers: `{hbm: {kind: hbm, capacity: 60 GB}, dram: {kind: dram, capacity: ${gigabytes} GB, write: through}}`,
  });
  const priceOf = ({tiers}: Summary): number => Object.values(tiers).reduce((sum, {price}) => sum + (price ?? 0), 0);
  const of = (name: string, summary: Summary): string => {
    const {ttft, cache, attribution} = summary;
    const {'load:dram': near, 'load:lent': far = 0} = attribution.ttft.mean;
    const price = (priceOf(summary) / 1e3).toPrecision(3);
    return row(name, cache.hitRatio!.toFixed(2), ms(near! + far), ttft.mean!.toPrecision(3), price);
  };
  const [own, more, lent] = [run('lent-memory', bought(60)), run('lent-memory', bought(120)), run('lent-memory', {})];
  holds('lent-memory', [
    row('', 'found', 'load, ms', 'TTFT, s', 'kUSD'),
    of('own 60 GB each', own),
    of('60 GB more, bought', more),
    of('120 GB more, bought', run('lent-memory', bought(180))),
    of('240 GB lent', lent),
    of('480 GB lent', run('lent-memory', {'tiers.lent.capacity': '480 GB'})),
    of('240 GB lent at 12 GB/s', run('lent-memory', {'tiers.lent.switchBytesPerSecond': '12 GB/s'})),
  ]);
  const ports = 4 + 8;
  const saved = priceOf(more) - priceOf(own) - (lent.tiers['lent']!.price! - ports * 1000);
  const header = textOf('lent-memory').split('version:')[0]!;
  expect(header).toContain(`240 GB save ${(saved / 1e3).toPrecision(3)} kUSD`);
  expect(header).toContain(`below ${(saved / ports).toFixed(0)} USD a port`);
  expect(header).toContain(`from ${((ports * 1000) / (18.8 - 9.4) / 1e3).toPrecision(3)} TB on`);
  expect(lent.expect.every(({passed}) => passed)).toBe(true);
});
