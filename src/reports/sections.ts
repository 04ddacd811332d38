/** The report section by section: a heading, what is shown, the pictures with their names as files, and the table behind them. */
import {shortNumber, wholeNumber} from '../base/units.ts';
import {percent, wordsOf} from '../metrics/answer.ts';
import type {Summary} from '../metrics/summary.ts';
import {amountsChart, partsChart} from './bars.ts';
import {cdfChart, lineChart, shareChart, stretches} from './charts.ts';
import type {Exemplar} from './exemplars.ts';
import {faultTable} from './faultTable.ts';
import type {Picture, Series} from './frame.ts';
import {utilisationMap} from './heatMap.ts';
import {byteLadder} from './ladder.ts';
import type {Point, ReportData} from './reportData.ts';
import {exemplarChart, lifeOf, nearestTo, requestList} from './requestTimeline.ts';
import {
  attributionTable,
  dollars,
  fabricTable,
  hitTable,
  latencyTable,
  moneyTable,
  moveTable,
  resourceTable,
  size,
  tierTable,
  time,
  timelineTable,
  total,
} from './tables.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** By the name that each has as a file; null where there is nothing to draw. */
  readonly pictures: readonly (readonly [name: string, picture: Picture | null])[];
  readonly table: string;
  /** Shown below the pictures. */
  readonly more?: string;
}

/** Names of all pictures that a report can have, as `--svg` writes them. */
export const pictureNames = [
  'ttft',
  'inter-token',
  'attribution',
  'p99-request',
  'requests',
  'found',
  'found-over-time',
  'occupancy',
  'bytes',
  'utilisation',
  'queues',
  'in-system',
  'cost',
  'energy',
] as const;

function faultSection(summary: Summary): Section[] {
  if (summary.faults.length === 0) return [];
  const note =
    'What each took away, and the requests that arrived in stretches of its own length before it, while it lasted, and after it.';
  return [{id: 'faults', title: 'Faults', note, pictures: [], table: '', more: faultTable(summary)}];
}

export function sectionsOf(summary: Summary, data: ReportData): Section[] {
  const named = namedExemplars(summary, data);
  return [
    {
      id: 'first-token',
      title: 'Time to first token, and between tokens',
      note: 'Share of requests whose first token had come, against time since arrival; and of all gaps between tokens.',
      pictures: [
        ['ttft', cdfChart('Cumulative distribution of TTFT', 'time since arrival', data.ttft)],
        ['inter-token', cdfChart('Cumulative distribution of the time between tokens', 'time since the token before', data.itl)],
      ],
      table: latencyTable(summary),
    },
    {
      id: 'attribution',
      title: 'Where the time goes',
      note: 'Mean over all requests, and over those around the 99th percentile.',
      pictures: [['attribution', attribution(summary)]],
      table: attributionTable(summary),
    },
    ...faultSection(summary),
    {
      id: 'requests',
      title: 'Requests to look into',
      note: 'The slowest, and one of every stretch of TTFT. Choose one to see what it waited for.',
      pictures: [['requests', exemplarChart(data)]],
      table: '',
      more: requestList(data, named),
    },
    {
      id: 'found',
      title: 'Where prompts are found',
      note: 'Share of prompt blocks found in each tier; what is left is computed.',
      pictures: [
        ['found', found(summary)],
        ['found-over-time', foundOverTime(data)],
      ],
      table:
        hitTable(summary) +
        timelineTable(
          data,
          (point, before) => data.tierNames.map((_, tier) => ratio(point, before, tier)),
          data.tierNames.map((name) => `found in ${name}`),
        ),
    },
    {
      id: 'tiers',
      title: 'How full the tiers are, and what moves between them',
      note: 'Share of each tier in use; and the bytes that went from one to another in all.',
      pictures: [
        ['occupancy', occupancy(data)],
        ['bytes', byteLadder(summary)],
      ],
      table:
        tierTable(summary) +
        moveTable(summary) +
        timelineTable(
          data,
          (point) => point.used.map(size),
          data.tierNames.map((name) => `in use in ${name}`),
        ),
    },
    {
      id: 'utilisation',
      title: 'What is busy, and what queues',
      note: 'Busy share of GPUs, devices and links; and how much waits before the devices or is served by them.',
      pictures: [
        ['utilisation', utilisationMap(data)],
        ['queues', queues(data)],
        ['in-system', inSystem(data)],
      ],
      table:
        resourceTable(summary) +
        fabricTable(summary) +
        timelineTable(data, ({running, waiting}) => [wholeNumber(running), wholeNumber(waiting)], ['requests held', 'requests waiting']),
    },
    {
      id: 'cost',
      title: 'What tokens cost, in money and energy',
      note: costNote(summary),
      pictures: [
        ['cost', costChart(summary)],
        ['energy', energyChart(summary)],
      ],
      table: moneyTable(summary),
    },
  ];
}

/** Every picture of a report as it is written to a file; the p99 request's timeline among them. */
export function* picturesOf(summary: Summary, data: ReportData): Generator<[string, Picture]> {
  for (const {pictures} of sectionsOf(summary, data)) for (const [name, picture] of pictures) if (picture !== null) yield [name, picture];
  const p99 = summary.ttft.p99 === null ? null : nearestTo(data.exemplars, summary.ttft.p99);
  if (p99 !== null) yield ['p99-request', lifeOf(p99, data.states)];
}

/** The p99 request and the median one, or what is nearest to them. */
function namedExemplars({ttft}: Summary, {exemplars}: ReportData): Map<Exemplar, string> {
  const named = new Map<Exemplar, string>();
  for (const [name, seconds] of [
    ['about the p99', ttft.p99],
    ['about the median', ttft.p50],
  ] as const) {
    const exemplar = seconds === null ? null : nearestTo(exemplars, seconds);
    if (exemplar !== null && !named.has(exemplar)) named.set(exemplar, name);
  }
  return named;
}

function attribution({attribution: {ttft, e2e}}: Summary): Picture {
  const rows = [
    ['TTFT, mean', ttft.mean],
    ['TTFT, p99', ttft.p99],
    ['End to end, mean', e2e.mean],
    ['End to end, p99', e2e.p99],
  ] as const;
  return partsChart(
    'Where the time of requests goes',
    'each bar is the whole of its time',
    rows.map(([name, part]) => ({
      name: `${name}: ${time(total(part))}`,
      parts: Object.entries(part).map(([state, seconds]) => ({name: wordsOf(state), value: seconds})),
    })),
  );
}

/** Every block of every prompt is in one part: found in a tier, lost, or never seen before. */
function found({cache}: Summary): Picture | null {
  if (cache.blockReferences === 0) return null;
  const hits = Object.entries(cache.byTier).map(([name, share]) => ({name: `found in ${name}`, value: share ?? 0}));
  const words = {
    absent: 'evicted, or not yet computed',
    recomputed: 'found, computed sooner than loaded',
    partialBlock: 'partial last block',
    lastBlock: 'last block, for its logits',
  };
  const missed = Object.entries(words).map(([key, name]) => ({
    name,
    value: cache.missed[key as keyof typeof words] / cache.blockReferences,
  }));
  const rest = Math.max(0, 1 - [...hits, ...missed].reduce((sum, {value}) => sum + value, 0));
  return partsChart('Where the blocks of prompts are found', 'share of all block references', [
    {name: 'All requests', parts: [...hits, ...missed, {name: 'never seen before', value: rest}]},
  ]);
}

function foundOverTime({tierNames, points}: ReportData): Picture | null {
  const spans = stretches(points);
  const series = tierNames.map((name, tier): Series => ({
    name: `found in ${name}`,
    points: spans.map(([from, to]) => {
      const blocks = to.blocks - (from?.blocks ?? 0);
      return [to.seconds, blocks > 0 ? (to.hits[tier]! - (from?.hits[tier] ?? 0)) / blocks : 0];
    }),
  }));
  return shareChart('Share of prompt blocks found, by tier', 'simulated time', series);
}

function ratio(point: Point, before: Point | undefined, tier: number): string {
  const blocks = point.blocks - (before?.blocks ?? 0);
  return blocks > 0 ? percent((point.hits[tier]! - (before?.hits[tier] ?? 0)) / blocks) : '-';
}

function occupancy({tierNames, tierCapacityBytes, points}: ReportData): Picture | null {
  const series = tierNames.flatMap((name, tier): Series[] => {
    const capacity = tierCapacityBytes[tier]!;
    return capacity === null || capacity === 0
      ? []
      : [{name, points: points.map((point) => [point.seconds, point.used[tier]! / capacity])}];
  });
  return lineChart('Occupancy of the tiers', series, {percent: true, maximum: 1, unit: 'share in use'});
}

function inSystem({points}: ReportData): Picture | null {
  return lineChart(
    'Requests waiting and held',
    [
      {name: 'held by instances', points: points.map((point) => [point.seconds, point.running])},
      {name: 'waiting for admission', points: points.map((point) => [point.seconds, point.waiting])},
    ],
    {percent: false, unit: 'requests'},
  );
}

/** Mean over each stretch of time of what waits and is served, for the six deepest. */
function queues({rows, points}: ReportData): Picture | null {
  const spans = stretches(points);
  const depth = (row: number): [number, number][] =>
    spans.map(([from, to]) => {
      const seconds = to.seconds - (from?.seconds ?? 0);
      return [to.seconds, seconds > 0 ? Math.max(0, to.queuedSeconds[row]! - (from?.queuedSeconds[row] ?? 0)) / seconds : 0];
    });
  const devices = rows.flatMap(({name, kind}, row) => (kind === 'device' ? [{name, points: depth(row), row}] : []));
  const deepest = [...devices]
    .sort((a, b) => (points.at(-1)?.queuedSeconds[b.row] ?? 0) - (points.at(-1)?.queuedSeconds[a.row] ?? 0))
    .slice(0, 6);
  if (deepest.every((series) => series.points.every(([, value]) => value === 0))) return null;
  return lineChart(
    'Queue depth of the devices',
    deepest.sort((a, b) => a.row - b.row),
    {percent: false, unit: 'slabs waiting or in service'},
  );
}

function costNote({cost}: Summary): string {
  if (cost.total === null) return `Money is not known: the scenario gives no ${cost.missing.join(', no ')}.`;
  return `Prices of ${cost.pricesDated ?? 'no stated date'}; hardware is ${cost.ownership === 'own' ? 'owned' : 'rented'}. Fully loaded counts idle time, marginal does not.`;
}

function costChart({cost}: Summary): Picture | null {
  return amountsChart(
    'US dollars per million tokens',
    'US dollars',
    ['fully loaded', 'marginal'],
    [
      {name: 'input, computed', values: [cost.perMillionInputTokens, cost.marginal.perMillionInputTokens]},
      {name: 'input, found', values: [cost.perMillionCachedTokens, cost.marginal.perMillionCachedTokens]},
      {name: 'output', values: [cost.perMillionOutputTokens, cost.marginal.perMillionOutputTokens]},
    ],
    dollars,
  );
}

function energyChart({energy: {byTokenClass}}: Summary): Picture | null {
  return amountsChart(
    'Energy per token',
    'joules, cooling included',
    ['joules'],
    [
      {name: 'input, computed', values: [byTokenClass.computedInput]},
      {name: 'input, found', values: [byTokenClass.cachedInput]},
      {name: 'output', values: [byTokenClass.output]},
    ],
    (value) => `${shortNumber(value)} J`,
  );
}
