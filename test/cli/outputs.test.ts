/** What a run writes: every figure and column declared, equal bytes for equal runs, nothing of the machine. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import {csvParse} from 'd3';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CsvTable, requestColumns, sessionColumns, tierColumns} from '../../src/reports/csv.ts';
import {figureAt, figures} from '../../src/scenario/figures.ts';
// @ts-expect-error a script without types
import {outputsPage} from '../../scripts/outputsPage.js';
import {agents, root, temporary, tierscape} from './support.ts';

type Json = {readonly [key: string]: unknown};
const tiers = ['hbm', 'dram', 'nvme'];
let directory = '';
let run = '';
let summary: Json = {};
const read = (name: string): string => fs.readFileSync(path.join(run, name), 'utf8');
beforeAll(() => {
  directory = temporary();
  run = path.join(directory, 'run');
  const {code, err} = tierscape([
    'run',
    agents,
    '--set',
    'limits.requests=300',
    '--set',
    'expect=[ttft.p99 <= 1 h]',
    '--set',
    'faults=[{on: server0.nvme, at: 5 min, for: 1 min}]',
    '--quiet',
    '--out',
    run,
    '--journal',
    '--accesses',
  ]);
  expect([code, err.replace(/warning: .*\n/, '')]).toEqual([0, '']);
  summary = JSON.parse(read('summary.json')) as Json;
});
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

test('the files, and nothing besides', () => {
  expect(fs.readdirSync(run).sort()).toEqual([
    'accesses.bin',
    'journal.bin',
    'report.html',
    'report.json',
    'requests.csv',
    'sessions.csv',
    'summary.json',
    'tiers.csv',
    'timeline.csv',
  ]);
  expect(fs.readdirSync(directory)).toEqual(['run']);
});

test('accesses.bin is a trace of the laboratory, one a pool', () => {
  const args = ['--prefix', '--policies', 'lru,hazard', '--capacity', '20%', '--json'];
  const {code, out} = tierscape(['policies', path.join(run, 'accesses.bin'), ...args]);
  expect(code).toBe(0);
  const rows = JSON.parse(out) as {
    trace: string;
    policy: string;
    misses: number;
    references: number;
    merging: string;
    insertedBytes: number;
  }[];
  expect(new Set(rows.map(({policy}) => policy))).toEqual(new Set(['lru', 'hazard']));
  expect(rows.every(({trace}) => trace.startsWith('accesses.bin '))).toBe(true);
  expect(rows[0]!.merging).toMatch(/^as the pool saw them in its run, which found \d+ of them with \d+ blocks of room$/);
  expect(rows[0]!.insertedBytes).toBeGreaterThan(0);
  const first = rows[0]!.trace.slice('accesses.bin '.length);
  const sampled = ['--pool', first, '--sample', '50%', '--sample-by', 'sessions', '--bootstrap', 'sessions'];
  const alone = tierscape(['policies', path.join(run, 'accesses.bin'), ...args, ...sampled]);
  expect([alone.err, alone.code]).toEqual(['', 0]);
  expect(new Set((JSON.parse(alone.out) as {trace: string}[]).map(({trace}) => trace)).size).toBe(1);
  const none = tierscape(['policies', path.join(run, 'accesses.bin'), '--pool', 'attic']);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('--pool attic: there is none of this name in accesses.bin ')]);
});

describe('summary.json', () => {
  const distribution = 'mean p50 p90 p95 p99 p999 max';
  /** The contract's list (the design's section on the command line). */
  const contract: {readonly [group: string]: string} = {
    '': 'scenario question seed version digest eventDigest events simulatedSeconds traces',
    requests: 'offered completed rejected failed byReason',
    sessions: 'completed durationSeconds turnsPerHour',
    'sessions.durationSeconds': distribution,
    ttft: `${distribution} byClass`,
    tpot: `${distribution} byClass`,
    itl: distribution,
    e2e: `${distribution} byClass`,
    queueing: `${distribution} byClass`,
    intervals: 'basis batches warmup ttft tpot e2e goodput',
    'intervals.ttft': 'mean p50 p90 p99',
    throughput: 'requestsPerSecond inputTokensPerSecond outputTokensPerSecond perGpu',
    cache: 'blockReferences hitRatio tokenHitRatio meanRequestHitRatio recomputedTokens infiniteHitRatio filledFraction merging byTier',
    'tiers.nvme': 'ledger capacityBytes usedBytes readBytes writtenBytes utilisation queueWait service',
    'tiers.nvme.usedBytes': 'mean max',
    'devices.nvme': 'utilisation latency queue drives',
    'devices.nvme.drives': 'writeAmplification driveWritesPerDay lifetimeYears',
    'networks.host': 'utilisation latency queue',
    index: 'kind lookupSeconds staleSeconds',
    gpus: 'prefillUtilisation decodeUtilisation idleWaitingForMemory',
    'attribution.ttft': 'mean p99 hiddenSeconds',
    'attribution.e2e': 'mean p99 hiddenSeconds',
    bottleneck: 'resource utilisation headroom next',
    energy: 'joules byTokenClass powerMeanWatts powerPeakWatts',
    cost: 'perMillionInputTokens perMillionCachedTokens perMillionOutputTokens perSession marginal',
    goodput: 'share requestsPerSecond perGpuHour',
  };
  const at = (where: string): Json => where.split('.').reduce((part, key) => (key === '' ? part : (part[key] as Json)), summary);

  test.each(Object.entries(contract))('has all that the contract lists: %s', (group, names) => {
    expect(Object.keys(at(group))).toEqual(expect.arrayContaining(names.split(' ')));
  });

  test('every figure in it is declared, with its kind', () => {
    const lists = new Set(['traces', 'warnings', 'expect']);
    const undeclared: string[] = [];
    const walk = (value: unknown, where: string): void => {
      if (lists.has(where)) return;
      if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) walk(part, where === '' ? key : `${where}.${key}`);
        return;
      }
      const figure = figureAt(where, tiers);
      const fits = figure !== null && (value === null || (typeof value === 'string') === (figure.unit === 'text'));
      if (!fits) undeclared.push(where);
    };
    walk(summary, '');
    expect(undeclared).toEqual([]);
  });

  test('every figure that is declared is in it', () => {
    const absent = figures.filter(({path: declared}) => {
      let parts: unknown[] = [summary];
      for (const key of declared.split('.'))
        parts = parts.flatMap((part) =>
          typeof part !== 'object' || part === null
            ? []
            : key.startsWith('{')
              ? Object.values(part)
              : key in part
                ? [(part as Json)[key]]
                : [],
        );
      return parts.length === 0;
    });
    expect(absent.map(({path: declared}) => declared)).toEqual(['requests.byReason.{name}']); // all requests of this run were completed
  });

  test('power at its peak lies between the mean and all GPUs at work', () => {
    const {powerMeanWatts, powerPeakWatts} = summary['energy'] as {powerMeanWatts: number; powerPeakWatts: number};
    expect(powerPeakWatts).toBeGreaterThanOrEqual(powerMeanWatts);
    expect(powerPeakWatts).toBeLessThan((8 * 700 + 4600 + 8 * 25) * 1.47 * 2);
  });
});

describe('tables', () => {
  test('docs/outputs.md is what `npm run docs:outputs` would write', () => {
    expect(fs.readFileSync(path.join(root, 'docs/outputs.md'), 'utf8')).toBe((outputsPage as () => string)());
  });

  test('have the declared columns, and a row for everything', () => {
    const requests = csvParse(read('requests.csv'));
    const counts = summary['requests'] as {offered: number};
    expect(requests.columns).toEqual(requestColumns(tiers).map(({name}) => name));
    expect(requests).toHaveLength(counts.offered);
    const sessions = csvParse(read('sessions.csv'));
    expect(sessions.columns).toEqual(sessionColumns.map(({name}) => name));
    expect(sessions).toHaveLength((summary['sessions'] as {completed: number}).completed);
    const parts = csvParse(read('tiers.csv'));
    expect(parts.columns).toEqual(tierColumns.map(({name}) => name));
    expect(parts.map(({name}) => name).slice(0, 3)).toEqual(tiers);
    expect(csvParse(read('timeline.csv')).at(-1)!['ended']).toBe(String(counts.offered));
  });

  test('the states of a request sum to its latencies', () => {
    for (const row of csvParse(read('requests.csv'))) {
      const sum = (prefix: string): number =>
        Object.entries(row).reduce((total, [name, value]) => (name.startsWith(prefix) ? total + Number(value) : total), 0);
      expect(sum('ttftSeconds.')).toBeCloseTo(Number(row['ttftSeconds']), 6);
      expect(sum('e2eSeconds.')).toBeCloseTo(Number(row['e2eSeconds']), 6);
    }
  });

  test('text of any kind comes back as it was (RFC 4180)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), fc.constantFrom('a,b', 'say "x"', 'two\nlines', '\r\n', '', ' ', ';', "'")), {minLength: 1}),
        (rows) => {
          const table = new CsvTable<readonly [string, string]>([
            {name: 'first, "of" two', meaning: '', of: ([first]) => first},
            {name: 'second', meaning: '', of: ([, second]) => second},
          ]);
          let text = '';
          for (const row of rows) {
            table.record(row);
            text += table.take();
          }
          const back = csvParse(text);
          expect(back.columns).toEqual(['first, "of" two', 'second']);
          expect(back.map((row) => [row['first, "of" two'], row['second']])).toEqual(rows.map(([first, second]) => [first, second]));
        },
      ),
    );
  });
});

test('two runs of a scenario, and of a zipped trace from another directory, give equal bytes in every file', () => {
  const line = (time: number): string =>
    `{"timestamp": ${time}, "input_length": 1100, "output_length": 20, "hash_ids": [1, 2, ${time + 100}]}\n`;
  const trace = zlib.gzipSync(Array.from({length: 50}, (_, i) => line(i)).join(''));
  const runs = ['one', 'two'].map((name) => {
    const home = path.join(directory, 'twice', name);
    fs.mkdirSync(home, {recursive: true});
    fs.writeFileSync(path.join(home, 'trace.jsonl.gz'), trace);
    fs.copyFileSync(path.join(root, 'scenarios/mooncake-real-trace.yaml'), path.join(home, 'scenario.yaml'));
    expect(
      tierscape(['run', 'scenario.yaml', '--set', 'workload.path=trace.jsonl.gz', '--out', 'out', '--journal', '--quiet'], {cwd: home})
        .code,
    ).toBe(0);
    expect(tierscape(['run', agents, '--set', 'limits.requests=100', '--out', path.join(home, 'agents'), '--quiet']).code).toBe(0);
    return home;
  });
  let compared = 0;
  for (const part of ['out', 'agents'])
    for (const name of fs.readdirSync(path.join(runs[0]!, part))) {
      expect(
        fs.readFileSync(path.join(runs[0]!, part, name)).equals(fs.readFileSync(path.join(runs[1]!, part, name))),
        `${part}/${name}`,
      ).toBe(true);
      compared++;
    }
  expect(compared).toBe(15);
  expect(fs.readdirSync(path.join(runs[0]!, 'out'))).toEqual(fs.readdirSync(path.join(runs[1]!, 'out')));
});

test('no file holds a path, a host name or a date of its making', () => {
  const year = String(new Date().getFullYear());
  for (const name of fs.readdirSync(run)) {
    const text = fs.readFileSync(path.join(run, name), 'latin1');
    for (const secret of [root, directory, os.tmpdir(), os.homedir() === '/' ? root : `${os.homedir()}/`, `${os.hostname()}.`])
      expect(text.includes(secret), `${name}: ${secret}`).toBe(false);
    expect(text, name).not.toMatch(new RegExp(`${year}-\\d\\d-\\d\\dT|${process.platform}-`));
  }
});

test('report makes report.html again, byte for byte, and its pictures as files', () => {
  const before = read('report.html');
  fs.rmSync(path.join(run, 'report.html'));
  expect(tierscape(['report', run])).toMatchObject({code: 0, err: ''});
  expect(read('report.html')).toBe(before);
  const {code, out} = tierscape(['report', run, '--svg']);
  expect(code).toBe(0);
  const pictures = fs.readdirSync(run).filter((name) => name.endsWith('.svg'));
  expect(pictures).toEqual(expect.arrayContaining(['answer.svg', 'ttft.svg', 'bytes.svg', 'p99-request.svg', 'utilisation.svg']));
  expect(out.trim().split('\n')).toHaveLength(1 + pictures.length);
  for (const name of pictures) fs.rmSync(path.join(run, name));
});

test('a directory that holds anything but a run is left alone, one that holds a run is replaced', () => {
  const other = path.join(directory, 'other');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'summary.json'), '{}');
  fs.writeFileSync(path.join(other, 'thesis.tex'), 'years of work');
  const refused = tierscape(['run', agents, '--set', 'limits.requests=20', '--out', other]);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('holds thesis.tex, which is no file of a run') as string]);
  expect(fs.readdirSync(other)).toEqual(['summary.json', 'thesis.tex']);
  fs.rmSync(path.join(other, 'thesis.tex'));
  expect(tierscape(['run', agents, '--set', 'limits.requests=20', '--out', other, '--quiet']).code).toBe(0);
  expect(fs.readdirSync(other)).toHaveLength(7);
});

test('--trace perfetto: a timeline of a window and a sample; what cannot be read is told', () => {
  const traced = path.join(directory, 'traced');
  const asked = ['run', agents, '--set', 'limits.requests=60', '--out', traced, '--quiet'];
  const {code, err} = tierscape([...asked, '--trace', 'perfetto', '--trace-window', '0..5min', '--trace-sample', '2']);
  expect([code, err]).toEqual([0, expect.not.stringContaining('trace') as string]);
  const {traceEvents} = JSON.parse(fs.readFileSync(path.join(traced, 'trace.perfetto.json'), 'utf8')) as {traceEvents: {ts?: number}[]};
  expect(traceEvents.length).toBeGreaterThan(100);
  expect(Math.max(...traceEvents.map(({ts}) => ts ?? 0))).toBeLessThanOrEqual(300e6);
  expect(tierscape(['run', agents, '--trace', 'perfetto']).err).toContain('--trace writes trace.perfetto.json into --out');
  expect(tierscape(['run', agents, '--trace', 'chrome']).err).toContain('--trace chrome: write perfetto');
  expect(tierscape(['run', agents, '--trace-window', '20s..10s']).err).toContain('write two times');
  expect(tierscape(['run', agents, '--trace-sample', '0']).code).toBe(2);
});
