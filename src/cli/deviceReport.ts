/** A bench of a device as a table, as CSV and as a picture. */
import {formatQuantity, shortNumber} from '../base/units.ts';
import type {CurvePoint} from '../metrics/curvePoint.ts';
import {curveSvg} from '../reports/curve.ts';
import type {BenchPoint, BenchResult} from '../runtime/bench.ts';
import type {EngineInfo} from '../runtime/ring.ts';

const columns = ['size', 'depth', 'reads', 'IOPS', 'rate', 'mean us', 'p50', 'p90', 'p99', 'p99.9', 'CPU us/IO', 'spread', ''];
const widths = [9, 5, 5, 8, 11, 9, 9, 9, 9, 9, 9, 6, 0];

export function benchHeader(): string {
  return `${columns.map((name, i) => name.padStart(widths[i]!)).join(' ')}\n`;
}

export function benchRow(point: BenchPoint): string {
  const cells = [
    formatQuantity(point.sizeBytes, 'bytes', 'binary'),
    String(point.depth),
    `${Math.round(point.readShare * 100)}%`,
    shortNumber(point.iops),
    formatQuantity(point.bytesPerSecond, 'bytesPerSecond'),
    ...[point.meanNs, point.p50Ns, point.p90Ns, point.p99Ns, point.p999Ns].map(microseconds),
    microseconds(point.cpuNsPerRequest),
    `${Math.round(point.spread * 100)}%`,
    [point.steady ? '' : 'not steady', point.failed > 0 ? `${point.failed} failed (${point.failure})` : ''].filter(Boolean).join(', '),
  ];
  return `${cells
    .map((cell, i) => cell.padStart(widths[i]!))
    .join(' ')
    .trimEnd()}\n`;
}

/** The engine that ran, and what could not. */
export function engineLine(engine: EngineInfo): string {
  const buffers = [engine.fixedBuffers ? 'registered buffers' : 'plain buffers', engine.hugePages ? 'huge pages' : 'small pages'];
  const how = engine.name === 'io_uring' ? [...engine.flags, ...buffers] : [`${engine.threads} threads`];
  return `engine ${engine.name} (${how.join(', ')})${engine.refused.map((why) => `\n  without ${why}`).join('')}\n`;
}

/** One row a point; units in the names. */
export function benchCsv({points}: BenchResult): string {
  const rows = points.map((point) => [
    point.sizeBytes,
    point.depth,
    point.readShare,
    point.iops,
    point.bytesPerSecond,
    point.spread,
    point.meanNs,
    point.p50Ns ?? '',
    point.p90Ns ?? '',
    point.p99Ns ?? '',
    point.p999Ns ?? '',
    point.cpuNsPerRequest,
    point.failed,
    point.steady,
  ]);
  const header = 'sizeBytes,depth,readShare,iops,bytesPerSecond,spread,meanNs,p50Ns,p90Ns,p99Ns,p999Ns,cpuNsPerRequest,failed,steady';
  return `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;
}

/** [file, picture] a share of reads: as curve draws a modelled drive. The share in percent enters the name where there are several. */
export function benchSvgs({device, engine, options, points}: BenchResult, file: string): [string, string][] {
  return options.readShares.map((readShare) => {
    const own = points.filter((point) => point.readShare === readShare);
    const picture = curveSvg({
      device: `${device.path} (${engine.name})`,
      summary: '',
      readShare,
      pattern: 'random',
      commands: 0,
      seed: 0,
      points: own.map(curvePoint),
    });
    return [options.readShares.length === 1 ? file : file.replace(/(\.\w+)?$/, `-${Math.round(readShare * 100)}$1`), picture];
  });
}

/** Reads and writes together: the bench keeps their latencies so. */
function curvePoint({sizeBytes, depth, iops, bytesPerSecond, meanNs, p50Ns, p99Ns, p999Ns}: BenchPoint): CurvePoint {
  const seconds = (ns: number | null): number => (ns ?? NaN) / 1e9;
  const latency = {
    count: iops,
    mean: seconds(meanNs),
    p50: seconds(p50Ns),
    p99: seconds(p99Ns),
    p999: seconds(p999Ns),
    max: seconds(p999Ns),
  };
  return {ioBytes: sizeBytes, depth, iops, iopsError: 0, bytesPerSecond, read: latency, write: null, limit: null, wear: null};
}

function microseconds(ns: number | null): string {
  return ns === null || Number.isNaN(ns) ? '-' : (ns / 1e3).toFixed(ns < 1e5 ? 1 : 0);
}
