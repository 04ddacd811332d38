/** `calibration: FILE` of a tier: the file's parameters under what the scenario says, and its mistakes with their places. */
import {expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {ScenarioError, UnreadableError} from '../../src/scenario/diagnostics.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import type {Scenario} from '../../src/scenario/scenario.ts';

const scenario = `version: 1
name: calibrated
question: What does the drive that we have do?
model: qwen3-8b
servers: dgx-h100
tiers:
  hbm: {kind: hbm}
  nvme: {kind: nvme, calibration: drive.yaml, drives: 2}
workload: {kind: agentSessions, sessions: {start: poisson 1 /s}}
limits: {requests: 1}
`;
const drive = `calibration: 1
kind: nvme
date: 2026-11-25
parameters:
  driveBytes: 4 GiB
  readBytesPerSecond: 2 GB/s
  writeBytesPerSecond: 1 GB/s
  readLatency: 50 us
  dies: 3
points: [{sizeBytes: 4096, depth: 1}]
`;

function load(files: {readonly [name: string]: string}, text = scenario): Scenario {
  const readBeside = (name: string): string => {
    if (files[name] === undefined) throw new UnreadableError(`cannot read ${name}: there is no such file`);
    return files[name];
  };
  return loadScenario(text, {file: 'scenario.yaml', readBeside}, catalogue);
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return 'none';
}

test('parameters come from the file, and what the scenario says beside it stays', () => {
  expect(load({'drive.yaml': drive}).tiers[1]!.params).toMatchObject({
    driveBytes: 4 * 2 ** 30,
    readBytesPerSecond: 2e9,
    readLatency: 50_000,
    dies: 3,
    drives: 2,
    channels: 16,
  });
  const over = scenario.replace('drives: 2', 'drives: 2, dies: 8');
  expect(load({'drive.yaml': drive}, over).tiers[1]!.params).toMatchObject({dies: 8, readLatency: 50_000});
});

test('every mistake of the file has its line and column', () => {
  const wrong = drive.replace('readLatency: 50 us', 'readLatency: 50 GB').replace('dies: 3', 'dices: 3');
  const fault = faultOf(() => load({'drive.yaml': wrong}));
  expect(fault).toContain('drive.yaml:8:16: error: parameters.readLatency: "50 GB"');
  expect(fault).toContain('drive.yaml:9:3: error: parameters.dices: unknown key "dices"');
  expect(faultOf(() => load({'drive.yaml': '[]'}))).toContain('drive.yaml:1:1: error: a calibration is a mapping');
  expect(faultOf(() => load({'drive.yaml': drive.replace('calibration: 1', 'calibration: 2')}))).toContain(
    'drive.yaml:1:14: error: calibration',
  );
  expect(faultOf(() => load({'drive.yaml': drive.replace('kind: nvme', 'kind: hdd')}))).toContain('drive.yaml:2:7: error: kind');
});

test('a file that is not there, and what it leaves open, are said at the scenario that names it', () => {
  expect(faultOf(() => load({}))).toContain(
    'scenario.yaml:8:35: error: tiers.nvme.calibration: cannot read drive.yaml: there is no such file',
  );
  const less = drive.replace('  driveBytes: 4 GiB\n', '');
  expect(faultOf(() => load({'drive.yaml': less}))).toContain('scenario.yaml:8:10: error: tiers.nvme.driveBytes: missing');
});

test('the drive must fit together: what does not is a mistake of the tier', () => {
  const slow = drive.replace('readBytesPerSecond: 2 GB/s', 'readBytesPerSecond: 50 MB/s');
  expect(faultOf(() => load({'drive.yaml': slow}))).toMatch(/scenario\.yaml:8:\d+: error: tiers\.nvme\.readLatency/);
});
