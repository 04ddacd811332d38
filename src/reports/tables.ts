/** The tables behind the report's pictures. */
import {formatQuantity, shortNumber, wholeNumber} from '../base/units.ts';
import {percent, wordsOf} from '../metrics/answer.ts';
import type {ByState, Distribution, Money, Summary} from '../metrics/summary.ts';
import {duration} from './frame.ts';
import {escapeHtml} from './page.ts';
import type {Point, ReportData} from './reportData.ts';

/** Rows of a timeline's table. */
const ROWS_MAX = 24;

export function dataTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head.map((cell) => (cell === '' ? '<td></td>' : `<th scope="col">${escapeHtml(cell)}</th>`)).join('')}</tr></thead><tbody>${rows.map(([name, ...cells]) => `<tr><th scope="row">${escapeHtml(name!)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;
}

export function latencyTable(summary: Summary): string {
  const rows: [string, Distribution][] = [
    ['TTFT', summary.ttft],
    ...Object.entries(summary.ttft.byClass).map(([name, part]): [string, Distribution] => [`TTFT, ${name}`, part]),
    ['TPOT', summary.tpot],
    ['inter-token', summary.itl],
    ['end to end', summary.e2e],
    ['queueing', summary.queueing],
  ];
  return dataTable(
    ['', 'count', 'mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'],
    rows.map(([name, d]) => [name, wholeNumber(d.count), ...[d.mean, d.p50, d.p90, d.p95, d.p99, d.p999, d.max].map(time)]),
  );
}

export function attributionTable({attribution: {ttft, e2e}}: Summary): string {
  const states = Object.keys(ttft.mean);
  const sums = [ttft.mean, ttft.p99, e2e.mean, e2e.p99];
  return dataTable(
    ['', 'TTFT mean', 'TTFT p99', 'end to end mean', 'end to end p99'],
    [
      ...states.map((state) => [wordsOf(state), ...sums.map((part) => time(part[state]!))]),
      ['in all', ...sums.map((part) => time(total(part)))],
      ['loading hidden by computing', time(ttft.hiddenSeconds), '', time(e2e.hiddenSeconds), ''],
    ],
  );
}

export function hitTable({cache}: Summary): string {
  const missed = Object.entries(cache.missed).map(([cause, blocks]) => [
    `missed: ${cause}`,
    wholeNumber(blocks),
    share(blocks, cache.blockReferences),
  ]);
  return `<p class="note">${escapeHtml(cache.merging)}</p>${dataTable(['', 'blocks', 'share'], [['references', wholeNumber(cache.blockReferences), ''], ...Object.entries(cache.byTier).map(([tier, ratio]) => [`found in ${tier}`, wholeNumber((ratio ?? 0) * cache.blockReferences), ratio === null ? '-' : percent(ratio)]), ...missed])}`;
}

export function tierTable({tiers}: Summary): string {
  const refuses = Object.values(tiers).some(({refusedBlocks}) => refusedBlocks > 0);
  return dataTable(
    ['', 'capacity', 'used, mean', 'used, max', 'read', 'written', ...(refuses ? ['refused'] : []), 'evicted blocks', 'dropped blocks'],
    Object.entries(tiers).map(([name, tier]) => [
      name,
      tier.capacityBytes === null ? 'unlimited' : size(tier.capacityBytes),
      size(tier.usedBytes.mean),
      size(tier.usedBytes.max),
      size(tier.readBytes),
      size(tier.writtenBytes),
      ...(refuses ? [size(tier.refusedBytes)] : []),
      wholeNumber(tier.evictedBlocks),
      wholeNumber(tier.droppedBlocks),
    ]),
  );
}

/** From each tier, a row, to each tier, a column. */
export function moveTable({tiers}: Summary): string {
  const names = Object.keys(tiers);
  return dataTable(
    ['from', ...names.map((name) => `to ${name}`)],
    names.map((name) => [
      name,
      ...names.map((to) => (tiers[name]!.movedBytes[to] === undefined ? '-' : size(tiers[name]!.movedBytes[to]!))),
    ]),
  );
}

/** Some two dozen points of a picture over time; timeline.csv has all. */
export function timelineTable(
  {points}: ReportData,
  cells: (point: Point, before: Point | undefined) => readonly string[],
  heads: readonly string[],
): string {
  const stride = Math.ceil(points.length / ROWS_MAX);
  const chosen = points.filter((_, i) => (i + 1) % stride === 0 || i === points.length - 1);
  return dataTable(
    ['simulated time', ...heads],
    chosen.map((point, i) => [duration(point.seconds), ...cells(point, chosen[i - 1])]),
  );
}

export function resourceTable({devices, networks}: Summary): string {
  const rows = [...Object.entries(devices), ...Object.entries(networks)];
  return dataTable(
    ['', 'stations', 'rate', 'bytes', 'utilisation, mean', 'hottest', 'queue, mean'],
    rows.map(([name, part]) => [
      name,
      String(part.count),
      formatQuantity(part.bytesPerSecond, 'bytesPerSecond'),
      size(part.bytes),
      percent(part.utilisation.mean),
      `${part.utilisation.hottest} ${percent(part.utilisation.max)}`,
      shortNumber(part.queue.mean),
    ]),
  );
}

/** The networks of a server: what each moved, and how long its transfers took; of the bursts beside them, only that. */
export function fabricTable({fabrics}: Summary): string {
  const rows = Object.entries(fabrics);
  if (rows.length === 0) return '';
  return dataTable(
    ['network', 'fabric', 'ports', 'a server', 'bytes', 'share', 'transfers, p50', 'p99', 'background, p99'],
    rows.map(([name, part]) => [
      name,
      part.fabric,
      String(part.ports),
      formatQuantity(part.serverBytesPerSecond, 'bytesPerSecond'),
      size(part.bytes),
      part.share === null ? '-' : percent(part.share),
      time(part.transfers.p50),
      time(part.transfers.p99),
      time(part.background.p99),
    ]),
  );
}

export function moneyTable({cost, energy}: Summary): string {
  const rows: [string, keyof Money][] = [
    ['a million input tokens computed', 'perMillionInputTokens'],
    ['a million input tokens found', 'perMillionCachedTokens'],
    ['a million output tokens', 'perMillionOutputTokens'],
    ['a session', 'perSession'],
    ['a good request', 'perGoodRequest'],
  ];
  const joules: [string, number | null][] = [
    ['an input token computed', energy.byTokenClass.computedInput],
    ['an input token found', energy.byTokenClass.cachedInput],
    ['an output token', energy.byTokenClass.output],
  ];
  return (
    dataTable(
      [`US dollars for, ${cost.ownership}`, 'fully loaded', 'marginal'],
      rows.map(([name, key]) => [name, dollars(cost[key]), dollars(cost.marginal[key])]),
    ) +
    dataTable(
      ['energy of', 'joules'],
      [
        ...joules.map(([name, value]) => [name, value === null ? '-' : shortNumber(value)]),
        ...Object.entries(energy.byComponent).map(([name, value]) => [`all, ${name}`, shortNumber(value)]),
      ],
    )
  );
}

/** Everything in summary.json that is a number, by path. */
export function figures(summary: Summary): string {
  const rows: string[][] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'number') rows.push([path, shortNumber(value)]);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, part] of Object.entries(value)) walk(part, path === '' ? key : `${path}.${key}`);
  };
  walk(summary, '');
  return `<details><summary>summary.json, ${rows.length} numbers</summary>${dataTable(['', 'value'], rows)}</details>`;
}

export function dollars(value: number | null): string {
  return value === null ? '-' : `$${shortNumber(value)}`;
}

export function total(part: ByState): number {
  return Object.values(part).reduce((sum, value) => sum + value, 0);
}

export function time(seconds: number | null): string {
  return seconds === null ? '-' : seconds === 0 ? '0' : formatQuantity(seconds * 1e9, 'time');
}

export function size(bytes: number): string {
  return bytes === 0 ? '0' : formatQuantity(bytes, 'bytes');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : percent(part / whole);
}
