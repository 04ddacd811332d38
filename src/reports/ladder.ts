/** Bytes moved between tiers, drawn as a ladder: a rung a tier, what goes down on the left and what comes up on the right, each as broad as its bytes. Offload and reload may make circles. */
import {formatQuantity} from '../base/units.ts';
import type {Summary} from '../metrics/summary.ts';
import {LETTER, round, type Box, type Picture} from './frame.ts';
import {escapeHtml} from './page.ts';

const RUNG = 34;
const GAP = 62;
const BAND_MAX = 34;
const BAND_MIN = 1.5;

interface Flow {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

export function byteLadder({tiers}: Summary): Picture | null {
  const names = Object.keys(tiers);
  const flows = names.flatMap((name, from) =>
    names.flatMap((target, to): Flow[] => {
      const bytes = tiers[name]!.movedBytes[target] ?? 0;
      return bytes > 0 ? [{from, to, bytes}] : [];
    }),
  );
  if (flows.length === 0) return null;
  const height = names.length * RUNG + (names.length - 1) * GAP + 14;
  return {
    title: 'Bytes between tiers',
    caption: 'down on the left, up on the right; breadth is bytes',
    legend: [],
    marks: 'areas',
    left: 14,
    axisless: true,
    plotHeight: {wide: height, narrow: height},
    body: (box) => rungs(names, tiers, box) + lanes(flows, box),
  };
}

function topOf(rank: number, box: Box): number {
  return box.top + rank * (RUNG + GAP);
}

function rungs(names: readonly string[], tiers: Summary['tiers'], box: Box): string {
  return names
    .map((name, rank) => {
      const {capacityBytes, usedBytes} = tiers[name]!;
      const size = capacityBytes === null ? 'unlimited' : formatQuantity(capacityBytes, 'bytes');
      const share = capacityBytes === null || capacityBytes === 0 ? 0 : Math.min(1, usedBytes.mean / capacityBytes);
      const width = box.right - box.left;
      const top = topOf(rank, box);
      return `<g><rect class="rung" x="${box.left}" y="${top}" width="${width}" height="${RUNG}" rx="6"/><rect class="f0" fill-opacity=".16" x="${box.left}" y="${top}" width="${round(width * share)}" height="${RUNG}" rx="6"><title>${escapeHtml(name)}: ${formatQuantity(usedBytes.mean, 'bytes')} in use on average</title></rect><text class="label" x="${box.left + 10}" y="${top + 21}" font-weight="600">${escapeHtml(name)}</text><text class="soft" x="${round(box.left + 26 + name.length * 8)}" y="${top + 21}">${size}${share > 0 ? `, ${Math.round(share * 100)} % in use` : ''}</text></g>`;
    })
    .join('');
}

/** Every flow has a lane of its own, so none lies over another. */
function lanes(flows: readonly Flow[], box: Box): string {
  const most = Math.max(...flows.map(({bytes}) => bytes));
  const down = flows.filter(({from, to}) => from < to);
  const up = flows.filter(({from, to}) => from >= to);
  const middle = box.left + (box.right - box.left) * 0.52;
  const lane = (width: number, i: number, of: number, start: number): number => start + (width * (i + 0.5)) / of;
  return [
    ...down.map((flow, i) => band(flow, lane(middle - box.left, i, down.length, box.left), most, box, 1)),
    ...up.map((flow, i) => band(flow, lane(box.right - middle, i, up.length, middle), most, box, 2)),
  ].join('');
}

/** From the edge of one rung to the edge of another; a rung between them is passed. Within one tier it is a tab below the rung. */
function band({from, to, bytes}: Flow, x: number, most: number, box: Box, colour: number): string {
  const width = Math.max(BAND_MIN, (bytes / most) * BAND_MAX);
  const isDown = from < to;
  const start = topOf(from, box) + (isDown || from === to ? RUNG : 0);
  const end = from === to ? start + GAP / 2 : topOf(to, box) + (isDown ? 0 : RUNG);
  const way = end > start ? 1 : -1;
  const half = round(width / 2);
  const head = Math.max(7, half + 3);
  const neck = round(end - way * 9);
  const d = `M${round(x - half)} ${start}H${round(x + half)}V${neck}H${round(x + head)}L${round(x)} ${end}L${round(x - head)} ${neck}H${round(x - half)}Z`;
  const text = formatQuantity(bytes, 'bytes');
  const label = isDown ? topOf(from, box) + RUNG + GAP / 2 : topOf(from, box) - (from === to ? -RUNG - GAP / 2 : GAP / 2);
  const fits = x + Math.max(half, head) + 6 + text.length * LETTER < box.right + 8;
  const at = fits ? round(x + Math.max(half, 6) + 6) : round(x - Math.max(half, 6) - 6);
  return `<path class="f${colour}" fill-opacity=".85" d="${d}"><title>${text}</title></path><text class="label" x="${at}" y="${round(label + 4)}" text-anchor="${fits ? 'start' : 'end'}">${text}</text>`;
}
