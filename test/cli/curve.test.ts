/** tierscape curve of a scenario's tier: a table, JSON of the same, and what it says to who asks for what is not there. */
import {describe, expect, test} from 'vitest';
import type {Curve} from '../../src/reports/curve.ts';
import {agents, tierscape} from './support.ts';

const skylake = ['--set', 'servers.dramLatency=81.4 ns', '--set', 'servers.dramBytesPerSecond=216.6 GB/s'];
const loaded = [...skylake, '--set', 'servers.dramLoadedExtra=40.5 ns'];
const few = ['--io', '64B', '--depth', '1..512', '--commands', '10000'];

describe('curve SCENARIO --tier', () => {
  test('shows a loaded memory: latency rises, first by the curve and then by waiting, up to the rate', () => {
    const {code, out, err} = tierscape(['curve', agents, '--tier', 'dram', ...few, ...loaded, '--json']);
    expect([code, err]).toEqual([0, '']);
    const {points} = JSON.parse(out) as Curve;
    const means = points.map(({read}) => read!.mean * 1e9);
    expect(means[0]).toBeCloseTo(82, 0);
    for (let i = 1; i < means.length; i++) expect(means[i]).toBeGreaterThanOrEqual(means[i - 1]!);
    expect(means.at(-1)).toBeGreaterThan(81.4 + 40.5);
    const flat = JSON.parse(tierscape(['curve', agents, '--tier', 'dram', ...few, ...skylake, '--json']).out) as Curve;
    expect(flat.points.at(-2)!.read!.mean * 1e9).toBeCloseTo(82, 0);
    expect(means.at(-2)).toBeCloseTo(116, -1);
    expect(tierscape(['curve', agents, '--tier', 'dram', ...few, ...loaded]).out).toMatch(/64 B[\s\S]*read mean[\s\S]*95 % of the peak/);
  });

  test('refuses a tier that is not there, and an I/O that no drive takes', () => {
    const unknown = tierscape(['curve', agents, '--tier', 'drum']);
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    expect(unknown.err).toMatch(/no tier below HBM called drum.*dram/);
    const small = tierscape(['curve', 'samsung-970-pro-512gb', '--io', '64B']);
    expect(small.code).toBe(2);
    expect(small.err).toMatch(/multiples of 512 B/);
  });
});
