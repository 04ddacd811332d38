/** tierscape plan against an answer that has a closed form: drives for a read rate at a utilisation. */
import fs from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {temporary, tierscape} from './support.ts';

const DOCUMENTS = 8;
const REQUESTS = 96;
const BLOCKS = 16;
/** 512 tokens of 131,072 bytes (Llama 3.1 8B). */
const BLOCK_BYTES = 512 * 131072;
const DRIVE_BYTES_PER_SECOND = 500e6;
const SECONDS_BETWEEN = 0.5;

/** Eight documents asked for in turn, more than HBM holds: each time but the first all blocks but the last come from the drives. */
const trace = Array.from(
  {length: REQUESTS},
  (_, i) =>
    `${JSON.stringify({
      timestamp: i * SECONDS_BETWEEN * 1000,
      input_length: BLOCKS * 512,
      output_length: 1,
      hash_ids: Array.from({length: BLOCKS}, (_block, block) => (i % DOCUMENTS) * 1000 + block),
    })}\n`,
).join('');
const scenario = `
version: 1
name: drives-for-a-read-rate
question: How many drives serve this read rate?
model: llama-3.1-8b
kv: {blockTokens: 512}
servers: {preset: dgx-h100, count: 1}
instances: {mixed: {count: 1, gpus: 1}}
tiers:
  hbm: {kind: hbm, capacity: 3 GB}
  nvme: {kind: nvme, preset: samsung-pm9a3-3.84tb, readBytesPerSecond: 500 MB/s, path: direct, write: through}
placement: {reload: always}
workload: {kind: mooncakeTrace, path: trace.jsonl}
economics: {flashGigabyte: 0.1 USD}
`;
/** The least number of drives whose reads take no more than this share of the time. */
const drivesFor = (share: number, rate: number): number =>
  Math.ceil(((REQUESTS - DOCUMENTS) * (BLOCKS - 1) * BLOCK_BYTES) / (share * rate * REQUESTS * SECONDS_BETWEEN));

let directory = '';
const plan = (...args: string[]) => {
  const common = ['plan', path.join(directory, 's.yaml'), '--threads', '0', '--json', '--out', path.join(directory, 'plan')];
  const {code, out, err} = tierscape([...common, ...args]);
  return {
    code,
    err,
    ...(JSON.parse(out || '{}') as {answer: {[path: string]: string} | null; monotone: boolean; binding: string; steps: Step[]}),
  };
};
interface Step {
  readonly name: string;
  readonly dollarsPerHour: number | null;
  readonly before: number;
  readonly after: number;
}
const atMost = ['--until', 'devices.nvme.utilisation.max <= 0.33'];

beforeAll(() => {
  directory = temporary();
  fs.writeFileSync(path.join(directory, 'trace.jsonl'), trace);
  fs.writeFileSync(path.join(directory, 's.yaml'), scenario);
  fs.writeFileSync(path.join(directory, 'slow.yaml'), 'tiers: {nvme: {readBytesPerSecond: 250 MB/s}}\n');
});
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

describe('plan', {timeout: 180_000}, () => {
  test('finds the drives that a read rate needs at a utilisation, what binds below, and what a step more buys', () => {
    const {code, answer, monotone, binding, steps} = plan('--find', 'tiers.nvme.drives=6..16', ...atMost);
    expect(drivesFor(0.33, DRIVE_BYTES_PER_SECOND)).toBe(12);
    expect([code, answer?.['tiers.nvme.drives'], monotone, binding]).toEqual([0, '12', true, 'devices.nvme.utilisation.max <= 0.33']);
    const drive = steps.find(({name}) => name === 'nvme: +1 drive')!;
    expect(drive.after / drive.before).toBeCloseTo(12 / 13, 2);
    expect(drive.dollarsPerHour).toBeCloseTo((3840 * 0.1) / (4 * 8760), 9);
    expect(steps.find(({name}) => name === 'northSouth: +1 port')!.after).toBe(drive.before);
  });

  test('plans for what a fragment lays over the scenario', () => {
    const {answer} = plan('--find', 'tiers.nvme.drives=20..28', '--no-steps', '--with', path.join(directory, 'slow.yaml'), ...atMost);
    expect(answer?.['tiers.nvme.drives']).toBe(String(drivesFor(0.33, DRIVE_BYTES_PER_SECOND / 2)));
  });

  test('says so where a condition holds, and farther on does not', () => {
    const both = ['--until', 'devices.nvme.utilisation.max <= 0.5', '--until', 'devices.nvme.utilisation.max >= 0.2'];
    const {code, answer, monotone} = plan('--find', 'tiers.nvme.drives=2,8,12,16,24,32', '--no-steps', ...both);
    expect([code, answer, monotone]).toEqual([1, null, false]);
  });

  test('takes of a frontier the pair that costs least', () => {
    const {answer} = plan(
      '--find',
      'tiers.hbm.capacity=3 GB,16 GB',
      '--find',
      'tiers.nvme.drives=2,12',
      '--no-steps',
      '--minimize',
      'ttft.mean',
      ...atMost,
    );
    expect(answer).toMatchObject({'tiers.hbm.capacity': '16 GB', 'tiers.nvme.drives': '2'});
  });
});
