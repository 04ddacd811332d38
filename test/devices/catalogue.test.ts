/** Every drive of the catalogue, simulated command by command, gives what its data sheet says. */
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import {readAloneTicks} from '../../src/devices/drive/model.ts';
import {curve, type CurveOptions} from '../../src/experiments/curve.ts';
import {curveCsv, curveSvg, curveTable} from '../../src/reports/curve.ts';
import {preset, presetValues} from './support.ts';

const drives = catalogue.devices['nvme']!;
const options: CurveOptions = {ioBytes: [4096], depths: [1], readShare: 1, pattern: 'random', commands: 8000, seed: 1};

describe.each(drives.map(({name}) => name))('%s', (name) => {
  const values = presetValues(name);
  const model = preset(name);

  test('reads 4 KiB alone in its latency, and no slower on average', () => {
    expect(Math.abs(readAloneTicks(model, 4096) / values.readLatency - 1)).toBeLessThan(0.001);
    const [point] = curve(model, options);
    expect(Math.abs(point!.read!.mean / (values.readLatency / 1e9) - 1)).toBeLessThan(0.01);
  });

  test('reads and writes in sequence at its rates, within 3 %', () => {
    const sequential: CurveOptions = {...options, ioBytes: [131072], depths: [128], pattern: 'sequential', commands: 40_000};
    expect(Math.abs(curve(model, sequential)[0]!.bytesPerSecond / values.readBytesPerSecond - 1)).toBeLessThan(0.03);
    const written = curve(model, {...sequential, readShare: 0})[0]!.bytesPerSecond;
    expect(Math.abs(written / values.writeBytesPerSecond - 1)).toBeLessThan(0.03);
  });

  test.skipIf(values.readIops === undefined)('reaches its random reads at depth 1024, within 10 %', () => {
    const [point] = curve(model, {...options, depths: [1024], commands: 30_000});
    expect(Math.abs(point!.iops / values.readIops! - 1)).toBeLessThan(0.1);
  });

  test.skipIf(values.writeIops === undefined)('sustains its random writes at depth 64, within 10 %', () => {
    const [point] = curve(model, {...options, depths: [64], readShare: 0, commands: 30_000});
    expect(Math.abs(point!.iops / values.writeIops! - 1)).toBeLessThan(0.1);
  });
});

test('every number of a drive names its source and how far it can be trusted', () => {
  for (const {values} of drives)
    for (const {source, confidence} of Object.values(values)) {
      expect(source.length).toBeGreaterThan(0);
      expect(['read', 'derived', 'measured', 'remembered']).toContain(confidence);
    }
});

test('a curve as table, CSV and picture holds a row a point, and nothing that is no number', () => {
  const points = curve(preset(drives[0]!.name), {...options, ioBytes: [4096, 131072], depths: [1, 4], readShare: 0.5, commands: 2000});
  const result = {device: drives[0]!.name, summary: 's', readShare: 0.5, pattern: 'random', commands: 2000, seed: 1, points};
  const table = [...curveTable(result)].join('');
  expect(table).toContain('random, 50 % reads');
  expect(table.match(/95 % of the peak/g)).toHaveLength(2);
  expect(curveCsv(result).trim().split('\n')).toHaveLength(5);
  expect(curveSvg(result)).toMatch(/^<svg xmlns.*<\/svg>\n$/s);
  for (const text of [table, curveCsv(result), curveSvg(result)]) expect(text).not.toMatch(/NaN|undefined|Infinity/);
});
