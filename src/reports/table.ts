/** One screen that answers the question. */
import {formatQuantity, shortNumber, wholeNumber} from '../base/units.ts';
import {percent, wordsOf} from '../metrics/answer.ts';
import type {Bounds} from '../metrics/steady.ts';
import type {ByState, Distribution, FaultWindow, Summary} from '../metrics/summary.ts';

/** Paints a piece of text; the identity where colours are not wanted. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  warn(text: string): string;
}

export const plain: Paint = {bold: (text) => text, dim: (text) => text, warn: (text) => text};

export function* table(summary: Summary, paint: Paint): Generator<string> {
  yield `${paint.dim(summary.question)}\n\n${paint.bold(summary.answer)}\n\n`;
  yield* latencies(summary, paint);
  yield certainty(summary.intervals, paint);
  yield* hits(summary, paint);
  yield* attribution(summary, paint);
  yield* served(summary, paint);
  yield* faults(summary, paint);
  yield* tail(summary, paint);
}

function* latencies(summary: Summary, paint: Paint): Generator<string> {
  const rows: [string, Distribution][] = [
    ['TTFT', summary.ttft],
    ...Object.entries(summary.ttft.byClass).map(([name, part]): [string, Distribution] => [`  ${name}`, part]),
    ['TPOT', summary.tpot],
    ['ITL', summary.itl],
    ['e2e', summary.e2e],
    ['queueing', summary.queueing],
  ];
  yield align(
    [
      ['', 'count', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'],
      ...rows.map(([name, d]) => [name, wholeNumber(d.count), ...[d.mean, d.p50, d.p90, d.p99, d.p999, d.max].map(seconds)]),
    ],
    paint,
  );
}

/** 95 % bounds in one line; nothing where there are none. */
function certainty({basis, batches, warmup, ttft, tpot, e2e, goodput}: Summary['intervals'], paint: Paint): string {
  if (basis !== 'batches') return '';
  const within = (name: string, {low, high}: Bounds, format: (value: number) => string): string[] =>
    low === null && high === null ? [] : [`${name} ${low === null ? 'up' : format(low)} to ${high === null ? 'above' : format(high)}`];
  const parts = [
    ...within('TTFT mean', ttft.mean, seconds),
    ...within('p50', ttft.p50, seconds),
    ...within('p99', ttft.p99, seconds),
    ...within('TPOT mean', tpot.mean, seconds),
    ...within('e2e mean', e2e.mean, seconds),
    ...within('good', goodput.share, percent),
  ];
  const without = warmup.requests === 0 ? '' : `, without the first ${wholeNumber(warmup.requests)} requests`;
  return `95 % sure: ${parts.join(', ')}  ${paint.dim(`(${batches} batches${without})`)}\n`;
}

/** What was refused, and prices, where there are any. */
function* hits({cache, tiers}: Summary, paint: Paint): Generator<string> {
  const priced = Object.values(tiers).some(({price}) => price !== null);
  const ratio = (value: number | null): string => (value === null ? '-' : percent(value));
  yield `\ncache: ${ratio(cache.hitRatio)} of blocks, ${ratio(cache.tokenHitRatio)} of tokens; an unlimited cache ${ratio(cache.infiniteHitRatio)}  ${paint.dim(`(${cache.merging})`)}\n\n`;
  const refuses = Object.values(tiers).some(({refusedBlocks}) => refusedBlocks > 0);
  yield align(
    [
      ['tier', 'hits', 'capacity', 'used max', 'read', 'written', ...(refuses ? ['refused'] : []), 'evicted', 'dropped', ...(priced ? ['price'] : [])],
      ...Object.entries(tiers).map(([name, tier]) => [
        name,
        ratio(tier.hitRatio),
        tier.capacityBytes === null ? 'unlimited' : bytes(tier.capacityBytes),
        bytes(tier.usedBytes.max),
        bytes(tier.readBytes),
        bytes(tier.writtenBytes),
        ...(refuses ? [bytes(tier.refusedBytes)] : []),
        wholeNumber(tier.evictedBlocks),
        wholeNumber(tier.droppedBlocks),
        ...(priced ? [tier.price === null ? '-' : `$${shortNumber(tier.price)}`] : []),
      ]),
    ],
    paint,
  );
}

function* attribution({attribution: {ttft, e2e}}: Summary, paint: Paint): Generator<string> {
  const states = Object.keys(ttft.mean).filter((state) => [ttft.mean, ttft.p99, e2e.mean, e2e.p99].some((part) => part[state]! > 0));
  const cell = (part: ByState, state: string): string => {
    const total = Object.values(part).reduce((sum, value) => sum + value, 0);
    return part[state]! > 0 ? `${seconds(part[state]!)} ${String(Math.round((part[state]! / total) * 100)).padStart(3)} %` : '-';
  };
  const total = (part: ByState): string => seconds(Object.values(part).reduce((sum, value) => sum + value, 0));
  yield '\n';
  yield align(
    [
      ['where the time goes', 'TTFT mean', 'TTFT p99', 'e2e mean', 'e2e p99'],
      ...states.map((state) => [
        wordsOf(state),
        cell(ttft.mean, state),
        cell(ttft.p99, state),
        cell(e2e.mean, state),
        cell(e2e.p99, state),
      ]),
      ['in all', total(ttft.mean), total(ttft.p99), total(e2e.mean), total(e2e.p99)],
    ],
    paint,
  );
}

/** Classes of service and tenants, where there are several. */
function* served({classes, fairness}: Summary, paint: Paint): Generator<string> {
  const names = Object.entries(classes);
  if (names.length > 1) {
    yield '\n';
    yield align(
      [
        ['class', 'offered', 'completed', 'good', 'TTFT p50', 'TTFT p99', 'TPOT p50', 'e2e p50', 'e2e p99'],
        ...names.map(([name, {offered, completed, goodShare, ttft, tpot, e2e}]) => [
          name,
          wholeNumber(offered),
          wholeNumber(completed),
          percent(goodShare),
          ...[ttft.p50, ttft.p99, tpot.p50, e2e.p50, e2e.p99].map(seconds),
        ]),
      ],
      paint,
    );
  }
  if (fairness.tenants > 1 && fairness.worst !== null)
    yield `\ntenants: ${wholeNumber(fairness.tenants)}, Jain's index of their good shares ${fairness.jain === null ? '-' : shortNumber(fairness.jain)}, the least ${percent(fairness.worst.goodShare)} (${fairness.worst.tenant})\n`;
}

/** What each fault took away, and the requests before, while and after it lasted. */
function* faults({faults: all}: Summary, paint: Paint): Generator<string> {
  if (all.length === 0) return;
  const p99s = (windows: readonly (FaultWindow | null)[]): string =>
    windows.map((one) => (one === null ? '-' : seconds(one.ttft.p99))).join(' / ');
  const good = (windows: readonly (FaultWindow | null)[]): string =>
    windows.map((one) => (one === null || one.goodShare === null ? '-' : percent(one.goodShare))).join(' / ');
  yield '\n';
  yield align(
    [
      ['fault', 'at', 'for', 'rate left', 'cut', 'lost', 'restarts', 'TTFT p99 before / during / after', 'good before / during / after'],
      ...all.map(({on, atSeconds, forSeconds, rate, transfersCut, lostBytes, restarts, before, during, after}) => [
        on,
        seconds(atSeconds),
        forSeconds === null ? 'ever' : seconds(forSeconds),
        percent(rate),
        wholeNumber(transfersCut),
        bytes(lostBytes),
        wholeNumber(restarts),
        p99s([before, during, after]),
        good([before, during, after]),
      ]),
    ],
    paint,
  );
}

function* tail(summary: Summary, paint: Paint): Generator<string> {
  const {requests, throughput, gpus, bottleneck, goodput, cost, energy} = summary;
  const reasons = Object.entries(requests.byReason).map(([reason, count]) => `${count} ${reason}`);
  yield `\nrequests: ${wholeNumber(requests.offered)} offered, ${wholeNumber(requests.completed)} completed, ${wholeNumber(requests.rejected)} rejected${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}, ${wholeNumber(requests.preemptions)} preemptions`;
  yield ` in ${formatQuantity(summary.simulatedSeconds * 1e9, 'time')}; ${perSecond(throughput.inputTokensPerSecond)} in, ${perSecond(throughput.outputTokensPerSecond)} out\n`;
  yield `GPUs: ${percent(gpus.prefillUtilisation)} prefill, ${percent(gpus.decodeUtilisation)} decode, ${percent(gpus.idleWaitingForMemory)} idle while waiting for memory; busiest: ${bottleneck.resource} ${percent(bottleneck.utilisation)}${bottleneck.next === null ? '' : `, then ${bottleneck.next}`}\n`;
  if (goodput.share !== null)
    yield `good: ${percent(goodput.share)} of requests meet their objectives, ${shortNumber(goodput.perGpuHour ?? 0)} per GPU-hour\n`;
  if (cost.total !== null)
    yield `cost (${cost.ownership}, prices ${cost.pricesDated ?? 'undated'}): ${money(cost.perMillionInputTokens)} per million computed input tokens, ${money(cost.perMillionOutputTokens)} per million output tokens, ${money(cost.perSession)} per session; ${shortNumber(energy.joules / 3.6e6)} kWh\n`;
  const {worth} = summary;
  if (worth.income !== null && worth.grossMargin !== null)
    yield `at list prices: ${money(worth.income)} income, ${Math.round(100 * worth.grossMargin)} % gross margin\n`;
  for (const warning of summary.warnings) yield `${paint.warn(`warning: ${warning}`)}\n`;
  for (const {text, passed, actual} of summary.expect)
    yield `${passed ? 'holds' : paint.warn('FAILS')}: ${text}${actual === null ? ' (no such figure)' : ` (found ${shortNumber(actual)})`}\n`;
  yield paint.dim(`digest ${summary.digest}, ${wholeNumber(summary.events)} events, seed ${summary.seed}\n`);
}

/** Columns: the first to the left, the others to the right. */
export function align(rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return rows.map((row, index) => `${index === 0 ? paint.dim(line(row)) : line(row)}\n`).join('');
}

function seconds(value: number | null): string {
  return value === null ? '-' : value === 0 ? '0' : formatQuantity(value * 1e9, 'time');
}

function bytes(value: number): string {
  return value === 0 ? '0' : formatQuantity(value, 'bytes');
}

function perSecond(value: number | null): string {
  return value === null ? '-' : `${shortNumber(value)} tokens/s`;
}

function money(value: number | null): string {
  return value === null ? '-' : `$${shortNumber(value)}`;
}
