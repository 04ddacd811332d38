/** trace.perfetto.json against the rules of the trace-event format ("Trace Event Format", Google, 2016): what each phase must have, and how slices and arrows may lie. */
import fs from 'node:fs';
import {expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import type {Summary} from '../../src/metrics/summary.ts';
import {PerfettoTrace, type PerfettoOptions} from '../../src/reports/perfetto.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {openSource} from '../../src/simulation/source.ts';
import {agents} from '../cli/support.ts';

interface Event {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: string;
  readonly args?: {readonly [name: string]: unknown};
}

const all: PerfettoOptions = {fromNs: 0, toNs: Infinity, sample: 1};

/** Little HBM and DRAM, so that blocks move. */
const sets = {'limits.requests': '400', 'tiers.hbm.capacity': '60 GB', 'tiers.dram.capacity': '30 GB', 'placement.reload': 'always'};

function traced(options: PerfettoOptions): {summary: Summary; events: Event[]} {
  const overrides = Object.entries(sets).map(([path, value]) => ({path, value}));
  const scenario = loadScenario(fs.readFileSync(agents, 'utf8'), {file: agents, overrides}, catalogue);
  let trace: PerfettoTrace | null = null;
  let text = '';
  const summary = simulate(scenario, openSource(scenario, []), {
    begin: (info) => {
      trace = new PerfettoTrace(info, options);
    },
    request: (record) => {
      trace!.request(record);
      text += trace!.take();
    },
    interval: (record) => trace!.interval(record),
    steps: (record) => trace!.steps(record),
    transfer: (record) => trace!.transfer(record),
  });
  text += trace!.end();
  return {summary, events: (JSON.parse(text) as {traceEvents: Event[]}).traceEvents};
}

const whole = traced(all);

/** Faults against the format, in words. */
function faults(events: readonly Event[]): string[] {
  const found: string[] = [];
  const threads = new Map<string, Event[]>();
  for (const event of events) {
    const say = (what: string): unknown => found.push(`${what}: ${JSON.stringify(event)}`);
    if (!Number.isInteger(event.pid) || !Number.isInteger(event.tid) || typeof event.name !== 'string') say('no process, thread or name');
    if (event.ph !== 'M' && !(Number.isFinite(event.ts) && event.ts >= 0)) say('no time');
    if (event.ph === 'M' && !['process_name', 'process_sort_index', 'thread_name'].includes(event.name)) say('unknown metadata');
    else if (event.ph === 'X') {
      if (!(Number.isFinite(event.dur) && event.dur >= 0)) say('no duration');
      const key = `${event.pid} ${event.tid}`;
      if (!threads.has(key)) threads.set(key, []);
      threads.get(key)!.push(event);
    } else if (event.ph === 'C') {
      if (!Object.values(event.args ?? {}).every((value) => typeof value === 'number' && Number.isFinite(value)))
        say('a counter that is no number');
    } else if (!['M', 's', 'f'].includes(event.ph)) say('unknown phase');
  }
  for (const slices of threads.values()) found.push(...overlaps(slices));
  return found;
}

/** Slices of a thread lie one in another or one after another. */
function overlaps(slices: readonly Event[]): string[] {
  const open: Event[] = [];
  const found: string[] = [];
  for (const slice of [...slices].sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    while (open.length > 0 && open.at(-1)!.ts + open.at(-1)!.dur <= slice.ts + 1e-6) open.pop();
    const around = open.at(-1);
    if (around !== undefined && slice.ts + slice.dur > around.ts + around.dur + 1e-3)
      found.push(`${slice.name} at ${slice.ts} crosses ${around.name} at ${around.ts}`);
    open.push(slice);
  }
  return found;
}

test('every event has what its phase needs, and slices nest', () => {
  expect(faults(whole.events)).toEqual([]);
});

test('every process and thread in use has a name', () => {
  const named = new Set(whole.events.filter(({name}) => name === 'thread_name').map(({pid, tid}) => `${pid} ${tid}`));
  const used = new Set(whole.events.filter(({ph}) => ph === 'X').map(({pid, tid}) => `${pid} ${tid}`));
  expect([...used].filter((thread) => !named.has(thread))).toEqual([]);
  expect(whole.events.filter(({name}) => name === 'process_name').map(({args}) => args!['name'])).toEqual([
    'GPUs',
    'drives, memories and links',
    'tiers',
    'requests',
  ]);
});

test('every arrow begins once and ends once, each in a slice of its thread', () => {
  const slices = new Map<string, Event[]>();
  for (const event of whole.events)
    if (event.ph === 'X') slices.set(`${event.pid} ${event.tid}`, [...(slices.get(`${event.pid} ${event.tid}`) ?? []), event]);
  const begins = whole.events.filter(({ph}) => ph === 's');
  const ends = new Map(whole.events.filter(({ph}) => ph === 'f').map((event) => [event.id, event]));
  expect(begins.length).toBeGreaterThan(20);
  expect(new Set(begins.map(({id}) => id)).size).toBe(begins.length);
  expect(ends.size).toBe(begins.length);
  for (const begin of begins) {
    const end = ends.get(begin.id)!;
    expect([end.cat, end.name, end.bp]).toEqual([begin.cat, begin.name, 'e']);
    for (const {pid, tid, ts} of [begin, end])
      expect(slices.get(`${pid} ${tid}`)!.some((slice) => slice.ts <= ts + 1e-3 && ts <= slice.ts + slice.dur + 1e-3)).toBe(true);
  }
});

test('what it shows is what the run did', () => {
  const of = (pid: number): Event[] => whole.events.filter((event) => event.ph === 'X' && event.pid === pid);
  const requests = of(4).filter(({name}) => name.startsWith('session'));
  expect(requests).toHaveLength(whole.summary.requests.offered);
  const seconds = of(1).reduce((sum, {dur}) => sum + dur / 1e6, 0);
  const {prefillUtilisation, decodeUtilisation} = whole.summary.gpus;
  expect(seconds).toBeCloseTo((prefillUtilisation + decodeUtilisation) * whole.summary.simulatedSeconds, 3);
  const drives = of(2).filter(({cat, name}) => cat === 'server0.nvme.read' && name.startsWith('load'));
  const bytes = drives.reduce((sum, {args}) => sum + (args!['bytes'] as number), 0);
  expect(bytes).toBe(whole.summary.tiers['nvme']!.readBytes);
});

test('watching changes nothing', () => {
  const overrides = Object.entries(sets).map(([path, value]) => ({path, value}));
  const scenario = loadScenario(fs.readFileSync(agents, 'utf8'), {file: agents, overrides}, catalogue);
  const {digest, eventDigest} = simulate(scenario, openSource(scenario, []));
  expect([whole.summary.digest, whole.summary.eventDigest]).toEqual([digest, eventDigest]);
});

test('a window and a sample keep it small, and keep to the format', () => {
  const [fromNs, toNs] = [300e9, 400e9];
  const {events} = traced({fromNs, toNs, sample: 4});
  expect(faults(events)).toEqual([]);
  const timed = events.filter(({ph}) => ph !== 'M');
  expect(timed.length).toBeGreaterThan(10);
  expect(timed.length).toBeLessThan(whole.events.length / 8);
  for (const {ph, ts, dur} of timed) {
    expect(ts).toBeGreaterThanOrEqual(fromNs / 1e3);
    expect(ph === 'X' ? ts + dur : ts).toBeLessThanOrEqual(toNs / 1e3 + 1e-3);
  }
});
