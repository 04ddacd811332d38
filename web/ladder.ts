/** The hierarchy as a ladder that lives: a rung a tier with what it holds, GPUs above, bytes flowing between them, what binds outlined. */
import {formatQuantity} from '../src/base/units.ts';
import type {ResourceSummary, Summary} from '../src/metrics/summary.ts';
import {escapeHtml} from '../src/reports/page.ts';

const RUNG = 46;
const GAP = 58;
const CLOSE = 12;

interface Rung {
  readonly name: string;
  readonly detail: string;
  /** Of its capacity in use; and how busy what it is made of is. */
  readonly full: number;
  readonly binds: boolean;
}

interface Stream {
  readonly from: number;
  readonly to: number;
  readonly bytesPerSecond: number;
}

/** `width`: of the drawing in pixels; a narrow one says less. */
export function ladderSvg(summary: Summary, width: number): string {
  const rungs = rungsOf(summary, width < 560);
  const streams = streamsOf(summary);
  const height = topOf(rungs.length - 1) + RUNG + 4;
  const words = `${rungs.map(({name, detail, binds}) => `${name}: ${detail}${binds ? ', binds' : ''}`).join('; ')}. ${streams.map(({from, to, bytesPerSecond}) => `${rungs[from]!.name} to ${rungs[to]!.name} ${formatQuantity(bytesPerSecond, 'bytesPerSecond')}`).join('; ')}`;
  return `<svg class="ladder" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(words)}">${rungs.map((rung, rank) => drawRung(rung, rank, width)).join('')}${drawStreams(streams, width)}${drawLinks(summary, rungs.length, width)}</svg>`;
}

function rungsOf(summary: Summary, brief: boolean): Rung[] {
  const {gpus, bottleneck, tiers, devices} = summary;
  const busy = gpus.prefillUtilisation + gpus.decodeUtilisation;
  const top = {
    name: 'GPUs',
    detail: `${percents(gpus.prefillUtilisation)} prefill, ${percents(gpus.decodeUtilisation)} decode`,
    full: Math.min(1, busy),
    binds: bottleneck.resource.endsWith('.gpus'),
  };
  return [
    top,
    ...Object.entries(tiers).map(([name, tier]): Rung => {
      const device = devices[name];
      const use = device === undefined ? '' : `, busy ${percents(device.utilisation.max)}`;
      const capacity = tier.capacityBytes === null ? 'unlimited' : formatQuantity(tier.capacityBytes, 'bytes');
      const full = tier.capacityBytes === null || tier.capacityBytes === 0 ? 0 : tier.usedBytes.max / tier.capacityBytes;
      return {
        name,
        detail: brief
          ? `${capacity}, ${percents(full)} full, ${percents(tier.hitRatio ?? 0)} found here`
          : `${capacity}, ${percents(full)} full, ${percents(tier.hitRatio ?? 0)} of blocks found here${use}`,
        full: Math.min(1, full),
        binds: holds(device, bottleneck.resource),
      };
    }),
  ];
}

function holds(resource: ResourceSummary | undefined, name: string): boolean {
  return resource?.utilisation.hottest === name;
}

/** Ranks count from the GPUs: HBM is 1. */
function streamsOf({tiers, simulatedSeconds}: Summary): Stream[] {
  const names = Object.keys(tiers);
  return names.flatMap((name, from) =>
    names.flatMap((target, to): Stream[] => {
      const bytes = tiers[name]!.movedBytes[target] ?? 0;
      return bytes > 0 && from !== to ? [{from: from + 1, to: to + 1, bytesPerSecond: bytes / simulatedSeconds}] : [];
    }),
  );
}

/** Nothing flows between GPUs and their HBM that is counted, so these stand close. */
const topOf = (rank: number): number => 4 + (rank === 0 ? 0 : RUNG + CLOSE + (rank - 1) * (RUNG + GAP));

function drawRung({name, detail, full, binds}: Rung, rank: number, right: number): string {
  const top = topOf(rank);
  const width = right - 8;
  return `<g class="step${binds ? ' binds' : ''}"><rect class="body" x="4" y="${top}" width="${width}" height="${RUNG}" rx="8"/><rect class="fill" x="4" y="${top}" width="${(width * full).toFixed(1)}" height="${RUNG}" rx="8"/><text class="name" x="18" y="${top + 20}">${escapeHtml(name)}</text><text class="detail" x="18" y="${top + 37}">${escapeHtml(detail)}</text>${binds ? `<text class="mark" x="${right - 18}" y="${top + 20}" text-anchor="end">binds</text>` : ''}</g>`;
}

/** The broader, the more bytes; down on the left, up on the right, each in its own lane. */
function drawStreams(streams: readonly Stream[], width: number): string {
  const most = Math.max(1, ...streams.map(({bytesPerSecond}) => bytesPerSecond));
  const down = streams.filter(({from, to}) => from < to);
  const up = streams.filter(({from, to}) => from > to);
  const draw = (stream: Stream, x: number): string => {
    const isDown = stream.from < stream.to;
    const start = topOf(stream.from) + (isDown ? RUNG : 0);
    const end = topOf(stream.to) + (isDown ? 0 : RUNG);
    const breadth = 2 + (stream.bytesPerSecond / most) * 16;
    const label = isDown ? start + GAP / 2 : start - GAP / 2;
    return `<line class="stream ${isDown ? 'down' : 'up'}" x1="${x}" x2="${x}" y1="${start}" y2="${end}" stroke-width="${breadth.toFixed(1)}"/><text class="detail" x="${x + breadth / 2 + 6}" y="${label + 4}">${isDown ? '↓' : '↑'} ${formatQuantity(stream.bytesPerSecond, 'bytesPerSecond')}</text>`;
  };
  return [
    ...down.map((stream, i) => draw(stream, width * 0.06 + (i * width) / 5)),
    ...up.map((stream, i) => draw(stream, width * 0.53 + (i * width) / 4.4)),
  ].join('');
}

/** Links have no rung: the one that binds is named at the edge. */
function drawLinks({networks, bottleneck}: Summary, rungs: number, width: number): string {
  const binding = Object.entries(networks).find(([, part]) => holds(part, bottleneck.resource));
  if (binding === undefined) return '';
  return `<g class="step binds"><rect class="body" x="${width - 204}" y="${topOf(rungs - 1) - GAP + 6}" width="200" height="${GAP - 12}" rx="8"/><text class="name" x="${width - 18}" y="${topOf(rungs - 1) - GAP / 2 + 4}" text-anchor="end">link ${escapeHtml(binding[0])} binds</text></g>`;
}

function percents(share: number): string {
  return `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}
