/** Sweeps: equal results wherever and in whatever order the runs are made, and none made twice. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parquetReadObjects} from 'hyparquet';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openWorkload} from '../../src/cli/scenarioFile.ts';
import {inProcess} from '../../src/experiments/executors.ts';
import type {Outcome} from '../../src/experiments/job.ts';
import {runAll} from '../../src/experiments/runAll.ts';
import {Store} from '../../src/experiments/store.ts';
import {gather, planSweep, shardOf, type Executor, type Plan} from '../../src/experiments/sweep.ts';
import {grid} from '../../src/experiments/vary.ts';
import {parseAxis} from '../../src/scenario/axis.ts';
import {sweepCsv, sweepParquet, sweepTable} from '../../src/reports/sweep.ts';

const file = path.resolve(import.meta.dirname, '../../scenarios/agents-on-one-server.yaml');
const text = fs.readFileSync(file, 'utf8');
const axes = [parseAxis('workload.sessions.keep=2,4'), parseAxis('tiers.dram.capacity=64 GB,256 GB')];
const points = grid(axes).map((row) => [{path: 'limits.requests', value: '60'}, ...row]);

function plan(store: Store, build = 'b'): Plan {
  return planSweep({file, text}, points, 2, {open: openWorkload, build, store});
}

function csv(of: Plan, store: Store): string {
  const records = gather(of, store)!.map(({job, outcome}) => ({
    runId: job.runId,
    replication: job.replication,
    values: job.overrides.slice(1).map(({value}) => value),
    summary: outcome.summary,
  }));
  return sweepCsv(
    sweepTable(
      axes.map(({path: at}) => at),
      records,
    ),
  );
}

describe('a sweep', () => {
  let root: string;
  let expected: string;
  const executor = inProcess(openWorkload, 'v');
  const storeIn = (name: string): Store => new Store(path.join(root, name));

  beforeAll(async () => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-sweep-'));
    const store = storeIn('whole');
    const all = plan(store);
    expect(all.open).toHaveLength(8);
    await runAll(all.open, executor, store, () => {});
    expected = csv(all, store);
  });
  afterAll(() => fs.rmSync(root, {recursive: true, force: true}));

  test('has a row a run, in order of axes and replications, each with its seed', () => {
    const rows = expected
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows[0]!.slice(0, 6)).toEqual(['run', 'seed', 'replication', 'digest', 'workload.sessions.keep', 'tiers.dram.capacity']);
    expect(rows.slice(1).map((row) => [row[1], row[4], row[5]].join(' '))).toEqual([
      '1 2 64 GB',
      '2 2 64 GB',
      '1 2 256 GB',
      '2 2 256 GB',
      '1 4 64 GB',
      '2 4 64 GB',
      '1 4 256 GB',
      '2 4 256 GB',
    ]);
    expect(new Set(rows.slice(1).map((row) => row[0])).size).toBe(8);
  });

  test('makes no run that is there, and all of another program', () => {
    expect(plan(storeIn('whole')).open).toHaveLength(0);
    expect(plan(storeIn('whole'), 'another build').open).toHaveLength(8);
  });

  test('gives equal bytes in four shards, made in any order and backwards', async () => {
    const store = storeIn('shards');
    const backwards: Executor = {
      run: async (jobs, ended) => executor.run(jobs.toReversed(), ended),
    };
    const all = plan(store);
    const parts = [3, 1, 4, 2].map((k) => shardOf(all.open, k, 4));
    expect(parts.flat()).toHaveLength(8);
    for (const part of parts) {
      if (gather(all, store) !== null) break;
      await runAll(part, backwards, store, () => {});
    }
    expect(csv(all, store)).toBe(expected);
  });

  test('goes on after an interrupt: what was finished is kept whole, what was half written is not believed', async () => {
    const store = storeIn('interrupted');
    const all = plan(store);
    let made = 0;
    const failing: Executor = {
      async run(jobs, ended) {
        await executor.run(jobs.slice(0, 3), (job, outcome: Outcome) => ended(job, outcome));
        throw new Error('killed');
      },
    };
    await expect(runAll(all.open, failing, store, () => made++)).rejects.toThrow('killed');
    fs.mkdirSync(path.join(root, 'interrupted', `${all.open[5]!.runId}.partial-x`));
    const rest = plan(store);
    expect([made, rest.open.length]).toEqual([3, 5]);
    await runAll(rest.open, executor, store, () => {});
    expect(csv(rest, store)).toBe(expected);
  });

  test('has the same cells in Parquet', async () => {
    const all = plan(storeIn('whole'));
    const records = gather(all, storeIn('whole'))!.map(({job, outcome}) => ({
      runId: job.runId,
      replication: job.replication,
      values: job.overrides.slice(1).map(({value}) => value),
      summary: outcome.summary,
    }));
    const table = sweepTable(
      axes.map(({path: at}) => at),
      records,
    );
    const bytes = sweepParquet(table);
    const read = await parquetReadObjects({file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer});
    expect(read).toHaveLength(8);
    expect(read.map((row) => table.columns.map((name) => row[name] ?? null))).toEqual(table.rows);
  });

  test('finds a mistake in any of its runs before it makes one', () => {
    expect(() =>
      planSweep({file, text}, [[], [{path: 'tiers.dram.capacity', value: '64 GBs'}]], 1, {
        open: openWorkload,
        build: 'b',
        store: storeIn('none'),
      }),
    ).toThrow('--set tiers.dram.capacity');
  });
});
