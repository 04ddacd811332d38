/**
 * The figures of summary.json, declared once: what `expect:` lines may name, what `tierscape explain` tells, and what docs/outputs.md lists.
 * A part of a path in braces stands for a name of the run: {tier}, {class}, {state}, {station}, {network}, {name}.
 */
import {didYouMean} from './words.ts';

/** What a figure is counted in: seconds, bytes, a share of 1, a plain number, per second, watts, joules, US dollars, or text. */
export type FigureUnit = 's' | 'bytes' | 'share' | 'number' | '/s' | 'bytes/s' | 'W' | 'J' | 'USD' | 'text';

export interface Figure {
  readonly path: string;
  readonly unit: FigureUnit;
  readonly meaning: string;
}

const statistics: readonly [string, string][] = [
  ['count', 'How many values'],
  ['mean', 'Mean'],
  ['p50', 'Median (nearest rank, as all percentiles)'],
  ['p90', '90th percentile'],
  ['p95', '95th percentile'],
  ['p99', '99th percentile'],
  ['p999', '99.9th percentile'],
  ['max', 'Largest'],
];

/** `meaning`: name, then a colon and what it is. */
function distribution(path: string, meaning: string): Figure[] {
  const [name] = meaning.split(':') as [string];
  return statistics.map(([key, of]) => ({
    path: `${path}.${key}`,
    unit: key === 'count' ? 'number' : 's',
    meaning: key === 'mean' ? `${of}. ${meaning}` : `${of}. ${name}.`,
  }));
}

function latency(path: string, meaning: string): Figure[] {
  return [
    ...distribution(path, meaning),
    ...distribution(`${path}.byClass.{class}`, `${meaning.split(':')[0]} of a class: cold, warm, afterIdle, subagent.`),
  ];
}

function rows(unit: FigureUnit, entries: {readonly [path: string]: string}): Figure[] {
  return Object.entries(entries).map(([path, meaning]) => ({path, unit, meaning}));
}

const identity = rows('text', {
  scenario: 'Name of the scenario.',
  question: 'The question that it asks.',
  answer: 'The answer in a sentence.',
  version: 'Version of tierscape.',
  digest: 'Of all placement commands and request outcomes: equal runs have equal digests.',
  eventDigest: 'Of all events, for debugging.',
});

const run: readonly Figure[] = [
  ...rows('number', {
    seed: 'Seed of every random stream.',
    events: 'Events of the simulation.',
    'requests.offered': 'Requests that arrived.',
    'requests.completed': 'Requests that got all their tokens.',
    'requests.rejected': 'Requests that were refused.',
    'requests.failed': 'Requests that broke off.',
    'requests.byReason.{name}': 'Requests rejected or failed, by reason.',
    'requests.preemptions': 'How often a request was thrown out of HBM and began again.',
    'requests.restarts': 'How often a request began again because the instance that it was at had failed.',
    'sessions.completed': 'Sessions that ended.',
    'sessions.turnsPerHour': 'Requests of a session in an hour, over all sessions.',
  }),
  ...rows('s', {simulatedSeconds: 'From the first arrival to the last end.'}),
  ...distribution('sessions.durationSeconds', 'Duration of a session: from its first arrival to its last end.'),
];

const latencies: readonly Figure[] = [
  ...latency(
    'ttft',
    'Time to first token: from arrival at the router to the first output token leaving; queueing, retries and hand-off included.',
  ),
  ...latency('tpot', 'Time per output token: (e2e - ttft) / (output tokens - 1); requests of fewer than two tokens have none.'),
  ...distribution('itl', 'Inter-token latency: every gap between output tokens of every request, pooled.'),
  ...latency('e2e', 'Latency: from arrival to the last token.'),
  ...latency('queueing', 'Queueing: time not admitted, at the router or at an instance.'),
];

const bounded = (path: string, name: string): Figure[] =>
  ['mean', 'p50', 'p90', 'p99'].flatMap((key) =>
    rows('s', {
      [`intervals.${path}.${key}.low`]: `Lower 95 % bound of the ${key} of ${name}; null where the run is too short to say.`,
      [`intervals.${path}.${key}.high`]: 'Its upper bound; null where the run is too short to say.',
    }),
  );

const intervals: readonly Figure[] = [
  ...rows('number', {
    'intervals.batches': 'Batches of requests in a row that the bounds are made of; 0 where there are none.',
    'intervals.warmup.requests': 'Requests at the start that the rest is unlike (MSER-5): the bounds leave them out.',
  }),
  ...rows('s', {'intervals.warmup.seconds': 'When the last of them arrived.'}),
  ...rows('text', {
    'intervals.basis': 'batches; or why there are no bounds: tooShort, or trace (a recorded trace is all there is).',
  }),
  ...bounded('ttft', 'TTFT'),
  ...bounded('tpot', 'TPOT'),
  ...bounded('e2e', 'the latency'),
  ...rows('share', {
    'intervals.goodput.share.low': 'Lower 95 % bound of the share of good requests.',
    'intervals.goodput.share.high': 'Its upper bound.',
  }),
];

const rates: readonly Figure[] = [
  ...rows('/s', {
    'throughput.requestsPerSecond': 'Requests completed.',
    'throughput.inputTokensPerSecond': 'Prompt tokens of completed requests, found ones included.',
    'throughput.outputTokensPerSecond': 'Tokens generated.',
    'throughput.perGpu.inputTokensPerSecond': 'The same, a GPU.',
    'throughput.perGpu.outputTokensPerSecond': 'The same, a GPU.',
    'goodput.requestsPerSecond': 'Requests that meet all objectives.',
  }),
  ...rows('share', {
    'goodput.share': 'Requests that meet all objectives / offered; rejected and failed ones are misses.',
    'goodput.byServiceClass.{name}': 'The same, by service class.',
  }),
  ...rows('number', {'goodput.perGpuHour': 'Requests that meet all objectives, an hour of a GPU.'}),
];

const cache: readonly Figure[] = [
  ...rows('share', {
    'cache.hitRatio': 'Prompt blocks found at first admission (longest usable prefix) / blocks referenced. Read it with cache.merging.',
    'cache.tokenHitRatio': 'Prompt tokens not computed at first admission / prompt tokens.',
    'cache.meanRequestHitRatio': 'Mean over requests of their own block hit ratio.',
    'cache.infiniteHitRatio': 'Leading blocks that a cache without limit would hold, sessions in recorded order / blocks referenced.',
    'cache.filledFraction': 'Share of all finite tiers in use at the end of the run; a warning below 1.',
    'cache.byTier.{tier}': 'Prompt blocks found in this tier / blocks referenced.',
    'tiers.{tier}.hitRatio': 'The same.',
    'tiers.{tier}.filledFraction': 'Most bytes in use / capacity.',
    'tiers.{tier}.utilisation': 'Busy share of the stations that bytes of this tier pass, mean; 0 where it has none.',
  }),
  ...rows('number', {
    'cache.blockReferences': 'Prompt blocks asked for.',
    'cache.missed.partialBlock': 'Of the blocks that a cache without limit would hold: the partial last block, which cannot be cached.',
    'cache.missed.lastBlock': 'The last block, computed for its logits.',
    'cache.missed.absent': 'Evicted, or not yet computed.',
    'cache.missed.recomputed': 'Found, and computed again because that was expected to be sooner.',
    'cache.recomputedTokens': 'Prompt tokens computed again after preemption or loss.',
    'tiers.{tier}.evictedBlocks': 'Blocks that left the tier for others.',
    'tiers.{tier}.droppedBlocks': 'Of these, the ones without a copy left anywhere below.',
    'tiers.{tier}.expiredBlocks': 'Blocks dropped because their time to live was over.',
    'tiers.{tier}.refusedBlocks': 'Blocks made or evicted above that the admission of the tier did not let in.',
    'tiers.{tier}.hitBlocks': 'Prompt blocks found here.',
  }),
  ...rows('text', {
    'cache.merging': 'How sessions were ordered and merged: no hit ratio means anything without it.',
    'index.kind': 'How the router knows where blocks are: exact, or late. Looking costs nothing.',
  }),
  ...rows('s', {'index.lookupSeconds': 'What a look-up costs.', 'index.staleSeconds': 'Age of what the index knows.'}),
];

const resources: readonly Figure[] = [
  ...rows('bytes', {
    'tiers.{tier}.capacityBytes': 'All pools together; null where unlimited.',
    'tiers.{tier}.usedBytes.mean': 'Over time.',
    'tiers.{tier}.usedBytes.max': 'At the end of any interval.',
    'tiers.{tier}.readBytes': 'Moved out of the tier, to others.',
    'tiers.{tier}.movedBytes.{name}': 'Moved from here to the tier of this name.',
    'tiers.{tier}.writtenBytes': 'Moved into the tier, or made there.',
    'tiers.{tier}.refusedBytes': 'Not written, because the admission of the tier refused.',
    'tiers.{tier}.ledger.{name}': 'What the capacity is made of.',
  }),
  ...rows('s', {
    'tiers.{tier}.queueWait.mean': 'Wait of a slab before the stations of this tier serve it.',
    'tiers.{tier}.service.mean': 'Service of a slab at the stations of this tier.',
  }),
  ...['devices', 'networks'].flatMap((group) => [
    ...rows('text', {
      [`${group}.{station}.kind`]: 'memory, device or link.',
      [`${group}.{station}.utilisation.hottest`]: 'The busiest of them.',
    }),
    ...rows('number', {
      [`${group}.{station}.count`]: 'Stations of this class.',
      [`${group}.{station}.operations`]: 'Slabs served.',
      [`${group}.{station}.queue.mean`]: 'Slabs waiting or in service, over time and all stations.',
      [`${group}.{station}.queue.max`]: 'The most at one station.',
    }),
    ...rows('bytes/s', {[`${group}.{station}.bytesPerSecond`]: 'Rate of all of them together.'}),
    ...rows('bytes', {[`${group}.{station}.bytes`]: 'Bytes that passed.'}),
    ...rows('s', {[`${group}.{station}.latency.mean`]: 'Wait and service of a slab.'}),
    ...rows('share', {
      [`${group}.{station}.utilisation.mean`]: 'Busy share of the run.',
      [`${group}.{station}.utilisation.max`]: 'Of the busiest.',
    }),
  ]),
  ...rows('text', {
    'fabrics.{network}.fabric': 'What this network of the servers (northSouth, eastWest, contextMemory) is made of.',
    'fabrics.{network}.pricesDated': 'Month of its prices.',
  }),
  ...rows('number', {'fabrics.{network}.ports': 'Ports of a server.'}),
  ...rows('bytes/s', {'fabrics.{network}.serverBytesPerSecond': 'What they give a server in each direction.'}),
  ...rows('bytes', {'fabrics.{network}.bytes': 'Moved for placement; background traffic is not in it.'}),
  ...rows('share', {'fabrics.{network}.share': 'Of what all networks moved.'}),
  ...distribution('fabrics.{network}.transfers', 'Transfer: from submission to its last byte.'),
  ...distribution('fabrics.{network}.background', 'Burst of background traffic: from its start to the end of its last flow.'),
  ...rows('J', {'fabrics.{network}.joules': 'Energy of what it moved, at the picojoules a bit of its fabric.'}),
  ...rows('USD', {'fabrics.{network}.price': "Purchase of all servers' ports with their share of switches and cables."}),
  ...rows('number', {
    'devices.{station}.drives.writeAmplification':
      'Bytes programmed / bytes written: 1, as what is written is large and never overwritten in part.',
    'devices.{station}.drives.driveWritesPerDay': 'Capacity written so often a day, at the rate of this run.',
    'devices.{station}.drives.lifetimeYears':
      'Until the rated endurance is used up at that rate; null where nothing is written or no rating is known.',
  }),
  ...rows('share', {
    'gpus.prefillUtilisation': 'GPU time in prefill.',
    'gpus.decodeUtilisation': 'GPU time in decode.',
    'gpus.idleWaitingForMemory': 'GPU time without work while requests wait for blocks.',
    'gpus.roleMoves': 'Instances that moved between prefill and decode.',
    'bottleneck.utilisation': 'Busy share of the busiest resource.',
    'bottleneck.headroom': 'What is left of it.',
  }),
  ...rows('text', {
    'bottleneck.resource': 'The GPU group or station that is busy for the largest share of the run.',
    'bottleneck.next': 'The next one of another kind.',
  }),
];

const attribution: readonly Figure[] = ['ttft', 'e2e'].flatMap((of) =>
  rows('s', {
    [`attribution.${of}.mean.{state}`]:
      'Mean time in this state; a request is in exactly one at each instant, so the states sum to the latency.',
    [`attribution.${of}.p99.{state}`]: 'Mean over the requests ranked p98.5 to p99.5.',
    [`attribution.${of}.hiddenSeconds`]: 'Loading that computing hid, mean.',
  }),
);

const moneyNames: {readonly [name: string]: string} = {
  perMillionInputTokens: "Prefill's share of the cost, a million computed input tokens.",
  perMillionCachedTokens: 'Cost of the tiers below HBM, a million tokens found.',
  perMillionOutputTokens: "Decode's share of the cost, a million generated tokens.",
  perSession: 'Cost of a session.',
  perGoodRequest: 'Cost of a request that meets its objectives.',
};

const money: readonly Figure[] = [
  ...rows('J', {
    'energy.joules': 'Energy of the run, cooling (PUE) included.',
    'energy.byComponent.{name}': 'By part, without PUE.',
    'energy.byTokenClass.computedInput': 'Of a computed input token: GPUs in prefill.',
    'energy.byTokenClass.cachedInput': 'Of an input token that was found: memories, drives at work and links.',
    'energy.byTokenClass.output': 'Of a generated token: GPUs in decode.',
  }),
  ...rows('W', {'energy.powerMeanWatts': 'Over the measured time.', 'energy.powerPeakWatts': 'Of the interval with the most.'}),
  ...rows('text', {'cost.ownership': 'own or rent.', 'cost.pricesDated': 'Date of the prices.'}),
  ...rows('USD', {
    'tiers.{tier}.price': 'Purchase of its capacity and of the ports of its CXL switches; null where a price is missing, and of HBM.',
    'cost.total': 'Of the run, fully loaded: idle time included.',
    ...Object.fromEntries(Object.entries(moneyNames).map(([name, meaning]) => [`cost.${name}`, `${meaning} Fully loaded.`])),
    ...Object.fromEntries(Object.entries(moneyNames).map(([name, meaning]) => [`cost.marginal.${name}`, `${meaning} Busy time alone.`])),
    'worth.income': 'What the tokens of the run are sold for at economics.list.',
    'worth.perRetainedTerabyteDay':
      'What a terabyte kept below HBM for a day saved: the cost of computing the tokens that came from there, at what a computed one cost.',
  }),
  ...rows('share', {'worth.grossMargin': '1 - cost / income.'}),
  ...rows('number', {
    'worth.breakEvenRatio': 'Cost of a cached input token / cost of a computed one: the ratio of prices at which both earn alike.',
    'worth.gpusFreed': 'GPUs that prefill would have kept busy with the tokens that were found, at what a computed token took.',
  }),
];

/** {class}: a class of service. */
const served: readonly Figure[] = [
  ...rows('number', {
    'classes.{class}.offered': 'Requests of a class of service.',
    'classes.{class}.completed': 'Of them, those that got all their tokens.',
    'classes.{class}.outputTokens': 'Tokens that they got.',
  }),
  ...rows('share', {'classes.{class}.goodShare': 'Of them, those that met all their objectives.'}),
  ...distribution('classes.{class}.ttft', 'Their time to first token.'),
  ...distribution('classes.{class}.tpot', 'Their time per output token.'),
  ...distribution('classes.{class}.e2e', 'Their time from arrival to the last token.'),
  ...rows('number', {
    'fairness.tenants': 'Tenants that sent requests.',
    'fairness.jain': "Jain's index of their shares of good requests: 1 where all are alike, 1 / tenants where one has everything.",
  }),
  ...rows('text', {'fairness.worst.tenant': 'The tenant with the least share.'}),
  ...rows('share', {'fairness.worst.goodShare': 'And what it is.'}),
];

/** {name}: the place of the fault in the scenario's list, from 0. */
const faults: readonly Figure[] = [
  ...rows('text', {'faults.{name}.on': 'What failed or slowed.'}),
  ...rows('s', {
    'faults.{name}.atSeconds': 'When it began.',
    'faults.{name}.forSeconds': 'How long it lasted; none: for good.',
    'faults.{name}.gpuSecondsDown': 'GPU seconds that stood still.',
  }),
  ...rows('USD', {'faults.{name}.rent': 'Rent of the GPUs that stood still.'}),
  ...rows('share', {'faults.{name}.rate': 'Of the rate that was left.'}),
  ...rows('bytes', {'faults.{name}.lostBytes': 'Held there and lost as it began.'}),
  ...rows('number', {
    'faults.{name}.transfersCut': 'Transfers that broke off.',
    'faults.{name}.lostBlocks': 'Blocks that were lost as it began.',
    'faults.{name}.restarts': 'Requests that had to begin again.',
    'faults.{name}.lostTokens': 'Tokens whose KV those requests had in HBM.',
  }),
  ...(['before', 'during', 'after'] as const).flatMap((window): Figure[] => [
    ...rows('number', {
      [`faults.{name}.${window}.requests`]: 'Requests that arrived in that stretch of time, which is as long as the fault.',
    }),
    ...rows('share', {[`faults.{name}.${window}.goodShare`]: 'Of them, those that met all their objectives.'}),
    ...distribution(`faults.{name}.${window}.ttft`, 'Their time to first token.'),
    ...distribution(`faults.{name}.${window}.e2e`, 'Their time from arrival to the last token.'),
  ]),
];

export const figures: readonly Figure[] = [
  ...identity,
  ...run,
  ...latencies,
  ...intervals,
  ...rates,
  ...cache,
  ...resources,
  ...attribution,
  ...money,
  ...distribution('coldStartSeconds', 'Start of an instance: from when it may start to when it takes requests, weights loaded.'),
  ...served,
  ...faults,
];

/** The figure that a path names, or null. `tiers`: the names that {tier} stands for; null: any. */
export function figureAt(path: string, tiers: readonly string[] | null): Figure | null {
  return figures.find((figure) => matches(figure.path, path, tiers)) ?? null;
}

/** Figures under a name, such as `cache` or `ttft`. */
export function figuresUnder(name: string): Figure[] {
  return figures.filter(({path}) => path === name || path.startsWith(`${name}.`));
}

/** For a path that is no figure. */
export function suggestFigure(path: string, tiers: readonly string[] | null): string {
  const numbers = figures
    .filter(({unit}) => unit !== 'text')
    .flatMap((figure) =>
      tiers !== null && figure.path.includes('{tier}') ? tiers.map((tier) => figure.path.replace('{tier}', tier)) : [figure.path],
    );
  const group = numbers.filter((known) => known.split('.')[0] === path.split('.')[0]);
  return didYouMean(path, group.length > 0 ? group : numbers);
}

function matches(pattern: string, path: string, tiers: readonly string[] | null): boolean {
  const keys = path.split('.');
  const parts = pattern.split('.');
  if (parts.length !== keys.length) return false;
  return parts.every((part, i) =>
    part === '{tier}' && tiers !== null ? tiers.includes(keys[i]!) : part.startsWith('{') || part === keys[i],
  );
}
