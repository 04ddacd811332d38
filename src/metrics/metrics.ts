/** Takes a run's records one by one and says at its end what they amount to. Memory does not grow with the number of requests. */
import {formatQuantity, wholeNumber} from '../base/units.ts';
import type {Scenario} from '../scenario/scenario.ts';
import {answerOf} from './answer.ts';
import {AttributionTable} from './attribution.ts';
import {Certainty} from './certainty.ts';
import {costOf, energyOf, joulesOf, priceOfTier, type Served} from './economics.ts';
import {worthOf} from './worth.ts';
import {judge} from './expect.ts';
import {Tallies} from './fairness.ts';
import {FaultImpact} from './faultImpact.ts';
import {Histogram} from './histogram.ts';
import {distribution, Latencies} from './latencies.ts';
import {QUEUED, statesOf, type IntervalRecord, type RequestRecord, type RunInfo, type SessionRecord} from './records.ts';
import {bottleneckOf, fabricsOf, resourcesOf, tierUse} from './resources.ts';
import type {RunEnd, Summary, TierSummary} from './summary.ts';
import {wearOf} from './wear.ts';

export class Metrics {
  /** Blocks found so far, by tier rank. */
  readonly hitBlocks: Float64Array;
  readonly ttft = new Latencies();
  readonly itl = new Histogram();
  private readonly info: RunInfo;
  private readonly scenario: Scenario;
  private readonly tpot = new Latencies();
  private readonly e2e = new Latencies();
  private readonly queueing = new Latencies();
  private readonly certainty = new Certainty();
  private readonly sessionDurations = new Histogram();
  private readonly ttftTable: AttributionTable;
  private readonly e2eTable: AttributionTable;
  private readonly outcomes = {offered: 0, completed: 0, rejected: 0, failed: 0};
  private readonly byReason = new Map<string, number>();
  private readonly byServiceClass = new Tallies();
  private readonly byTenant = new Tallies();
  private readonly faults: FaultImpact;
  private preemptions = 0;
  private restarts = 0;
  private measured = 0;
  private good = 0;
  /** Blocks of all prompts that hits are counted of. */
  blockReferences = 0;
  private infiniteHits = 0;
  private hits = 0;
  private inputTokens = 0;
  private hitTokens = 0;
  private outputTokens = 0;
  private recomputedTokens = 0;
  private ratioSum = 0;
  private readonly missed = {partialBlock: 0, lastBlock: 0, absent: 0, recomputed: 0};
  private sessionTurns = 0;
  private sessionSeconds = 0;
  private filledFraction: number | null = null;
  private peakWatts: number | null = null;
  private readonly last: {endNs: number; gpuBusyNs: number; readonly busyNs: Float64Array; readonly bytes: Float64Array};

  constructor(info: RunInfo, scenario: Scenario) {
    this.info = info;
    this.scenario = scenario;
    this.hitBlocks = new Float64Array(info.tierNames.length);
    this.last = {
      endNs: 0,
      gpuBusyNs: 0,
      busyNs: new Float64Array(info.resources.length),
      bytes: new Float64Array(info.resources.length),
    };
    const states = statesOf(info.tierNames);
    this.ttftTable = new AttributionTable(states);
    this.e2eTable = new AttributionTable(states);
    this.faults = new FaultImpact(scenario.faults);
  }

  request(record: RequestRecord): void {
    this.outcomes.offered++;
    this.outcomes[record.outcome]++;
    if (record.reason !== '') this.byReason.set(record.reason, (this.byReason.get(record.reason) ?? 0) + 1);
    if (record.arrivalNs < this.scenario.warmupNs) return;
    this.measured++;
    this.judgeGood(record);
    if (record.outcome !== 'completed') return;
    this.countCache(record);
    this.countLatency(record);
    this.preemptions += record.preemptions;
    this.restarts += record.restarts;
    this.outputTokens += record.outputTokens;
  }

  session(record: SessionRecord): void {
    const nanoseconds = record.endNs - record.startNs;
    this.sessionDurations.record(nanoseconds);
    this.sessionTurns += record.requests;
    this.sessionSeconds += nanoseconds / 1e9;
  }

  interval(record: IntervalRecord): void {
    let used = 0;
    let capacity = 0;
    this.info.tierCapacityBytes.forEach((bytes, tier) => {
      if (bytes === Infinity) return;
      used += record.tierUsedBytes[tier]!;
      capacity += bytes;
    });
    this.filledFraction = capacity > 0 ? used / capacity : null;
    this.power(record);
  }

  /** Keeps the most that an interval took, and where it ended. */
  private power(record: IntervalRecord): void {
    const {last} = this;
    const seconds = (record.endNs - last.endNs) / 1e9;
    if (seconds > 0) {
      const parts = joulesOf(this.scenario, this.info, {
        seconds,
        gpuBusySeconds: (record.gpuBusyNs - last.gpuBusyNs) / 1e9,
        busySeconds: (i) => (record.resourceBusyNs[i]! - last.busyNs[i]!) / 1e9,
        bytes: (i) => record.resourceBytes[i]! - last.bytes[i]!,
      });
      const joules = Object.values(parts).reduce((sum, part) => sum + part, 0);
      this.peakWatts = Math.max(this.peakWatts ?? 0, (joules / seconds) * this.scenario.economics.pue);
    }
    last.endNs = record.endNs;
    last.gpuBusyNs = record.gpuBusyNs;
    last.busyNs.set(record.resourceBusyNs);
    last.bytes.set(record.resourceBytes);
  }

  /** Gaps between output tokens: first, first + increment, ... `count` of them, each of `weight` requests. Nanoseconds. */
  gaps(firstNs: number, incrementNs: number, count: number, weight: number): void {
    this.itl.recordLinear(firstNs, incrementNs, count, weight);
  }

  summary(end: RunEnd): Summary {
    const {info, scenario} = this;
    const seconds = (end.simulatedNs - Math.max(end.measuredFromNs, scenario.warmupNs)) / 1e9;
    const per = (count: number): number | null => (seconds > 0 ? count / seconds : null);
    const perGpu = (count: number): number | null => (seconds > 0 ? count / seconds / info.gpus : null);
    const served = {
      seconds,
      inputTokens: this.inputTokens,
      cachedTokens: this.hitTokens,
      outputTokens: this.outputTokens,
      sessions: this.sessionDurations.count,
      goodRequests: this.good,
    };
    const energy = energyOf(scenario, info, end, served, this.peakWatts);
    const resources = resourcesOf(info, end, wearOf(scenario, info, end));
    const intervals = this.certainty.result(end.traces.length > 0);
    const cost = costOf(scenario, info, end, served, energy);
    const body = {
      scenario: scenario.name,
      question: scenario.question,
      seed: scenario.seed,
      version: end.version,
      digest: end.digest,
      eventDigest: end.eventDigest,
      events: end.events,
      simulatedSeconds: end.simulatedNs / 1e9,
      traces: end.traces,
      warnings: [...this.warnings(end), ...startWarnings(intervals)],
      requests: {
        ...this.outcomes,
        byReason: Object.fromEntries([...this.byReason].sort(([a], [b]) => (a < b ? -1 : 1))),
        preemptions: this.preemptions,
        restarts: this.restarts,
      },
      sessions: {
        completed: this.sessionDurations.count,
        durationSeconds: distribution(this.sessionDurations),
        turnsPerHour: this.sessionSeconds > 0 ? this.sessionTurns / (this.sessionSeconds / 3600) : null,
      },
      ttft: this.ttft.result(),
      tpot: this.tpot.result(),
      itl: distribution(this.itl),
      e2e: this.e2e.result(),
      queueing: this.queueing.result(),
      intervals,
      throughput: {
        requestsPerSecond: per(this.outcomes.completed),
        inputTokensPerSecond: per(this.inputTokens),
        outputTokensPerSecond: per(this.outputTokens),
        perGpu: {inputTokensPerSecond: perGpu(this.inputTokens), outputTokensPerSecond: perGpu(this.outputTokens)},
      },
      goodput: this.goodput(seconds),
      classes: this.byServiceClass.classes(),
      fairness: this.byTenant.fairness(),
      cache: this.cache(end),
      tiers: this.tiers(end),
      networks: resources.networks,
      fabrics: fabricsOf(end.networks),
      devices: resources.devices,
      index: {
        kind: scenario.serving.indexAge > 0 ? ('late' as const) : ('exact' as const),
        lookupSeconds: 0,
        staleSeconds: scenario.serving.indexAge / 1e9,
      },
      gpus: gpuUse(end, seconds),
      attribution: {ttft: this.ttftTable.result(), e2e: this.e2eTable.result()},
      bottleneck: bottleneckOf(info, end),
      energy,
      faults: this.faults.result(end.faults, scenario),
      coldStartSeconds: distribution(end.coldStarts),
      cost,
      worth: this.worth(end, served, cost),
    };
    const answered = {...body, answer: answerOf(body)};
    return {...answered, expect: judge(scenario.expect, answered)};
  }

  private worth(end: RunEnd, served: Served, cost: Summary['cost']): Summary['worth'] {
    const below = this.hitBlocks.reduce((sum, hits, tier) => (tier === 0 ? sum : sum + hits), 0);
    return worthOf(
      {
        seconds: served.seconds,
        computedTokens: served.inputTokens - served.cachedTokens,
        cachedTokens: served.cachedTokens,
        outputTokens: served.outputTokens,
        cachedBelowTokens: below * this.scenario.kv.blockTokens,
        prefillGpuSeconds: end.instances.reduce((sum, {gpus, prefillNs}) => sum + (gpus * prefillNs) / 1e9, 0),
        retainedBytes: end.tiers.reduce((sum, {usedBytesMean}, tier) => (tier === 0 ? sum : sum + usedBytesMean), 0),
        totalCost: cost.total,
        perMillionInputTokens: cost.perMillionInputTokens,
        perMillionCachedTokens: cost.perMillionCachedTokens,
      },
      this.scenario.economics.list,
    );
  }

  private judgeGood(record: RequestRecord): void {
    const {classes, objectives} = this.scenario;
    const {ttftNs, tpotNs, e2eNs} = classes[record.serviceClass] ?? objectives;
    const ttft = record.firstTokenNs - record.arrivalNs;
    const tpot = tpotOf(record);
    const within = (value: number, limit: number | null): boolean => limit === null || Number.isNaN(value) || value <= limit;
    const good =
      record.outcome === 'completed' &&
      within(ttft, ttftNs) &&
      within(tpot, tpotNs) &&
      within(record.endNs - record.arrivalNs, e2eNs) &&
      within(ttft, record.deadlineNs);
    this.certainty.request(record.order, record.arrivalNs, good);
    this.faults.request(record.arrivalNs, ttft, record.endNs - record.arrivalNs, good);
    this.byServiceClass.add(record.serviceClass, record, ttft, tpot, good);
    this.byTenant.add(record.tenant, record, ttft, tpot, good);
    if (good) this.good++;
  }

  private countCache(record: RequestRecord): void {
    let hits = 0;
    for (let tier = 0; tier < this.hitBlocks.length; tier++) {
      hits += record.hitBlocks[tier]!;
      this.hitBlocks[tier]! += record.hitBlocks[tier]!;
    }
    this.blockReferences += record.blocks;
    this.infiniteHits += record.infiniteHitBlocks;
    this.hits += hits;
    this.ratioSum += record.blocks === 0 ? 0 : hits / record.blocks;
    this.inputTokens += record.inputTokens;
    this.hitTokens += record.hitTokens;
    this.recomputedTokens += record.recomputedTokens;
    this.missed.partialBlock += record.missPartial;
    this.missed.lastBlock += record.missLast;
    this.missed.absent += record.missAbsent;
    this.missed.recomputed += record.missRecomputed;
  }

  private countLatency(record: RequestRecord): void {
    const e2e = record.endNs - record.arrivalNs;
    this.e2e.record(e2e, record.latencyClass);
    this.certainty.latency('e2e', record.order, e2e);
    this.e2eTable.record(e2e, record.e2eNs, record.hiddenNs);
    this.queueing.record(record.e2eNs[QUEUED]!, record.latencyClass);
    if (Number.isNaN(record.firstTokenNs)) return;
    const ttft = record.firstTokenNs - record.arrivalNs;
    this.ttft.record(ttft, record.latencyClass);
    this.certainty.latency('ttft', record.order, ttft);
    this.ttftTable.record(ttft, record.ttftNs, record.hiddenNs);
    const tpot = tpotOf(record);
    if (Number.isNaN(tpot)) return;
    this.tpot.record(tpot, record.latencyClass);
    this.certainty.latency('tpot', record.order, tpot);
  }

  private goodput(seconds: number): Summary['goodput'] {
    return {
      share: this.measured === 0 ? null : this.good / this.measured,
      requestsPerSecond: seconds > 0 ? this.good / seconds : null,
      perGpuHour: seconds > 0 ? (this.good / seconds / this.info.gpus) * 3600 : null,
      byServiceClass: this.byServiceClass.goodShares(),
    };
  }

  private cache(end: RunEnd): Summary['cache'] {
    const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
    return {
      blockReferences: this.blockReferences,
      hitRatio: ratio(this.hits, this.blockReferences),
      tokenHitRatio: ratio(this.hitTokens, this.inputTokens),
      meanRequestHitRatio: ratio(this.ratioSum, this.e2e.all.count),
      infiniteHitRatio: ratio(this.infiniteHits, this.blockReferences),
      missed: {...this.missed},
      recomputedTokens: this.recomputedTokens,
      filledFraction: this.filledFraction,
      merging: end.merging,
      byTier: Object.fromEntries(this.info.tierNames.map((name, tier) => [name, ratio(this.hitBlocks[tier]!, this.blockReferences)])),
    };
  }

  private tiers(end: RunEnd): {[tier: string]: TierSummary} {
    const {info} = this;
    return Object.fromEntries(
      this.info.tierNames.map((name, tier) => {
        const meter = end.tiers[tier]!;
        const finite = meter.capacityBytes !== Infinity;
        return [
          name,
          {
            ledger: Object.fromEntries(Object.entries(meter.ledger).filter(([, bytes]) => bytes !== Infinity)),
            capacityBytes: finite ? meter.capacityBytes : null,
            usedBytes: {mean: meter.usedBytesMean, max: meter.usedBytesMax},
            filledFraction: finite && meter.capacityBytes > 0 ? meter.usedBytesMax / meter.capacityBytes : null,
            ...tierUse(this.info, end, name),
            readBytes: meter.readBytes,
            writtenBytes: meter.writtenBytes,
            movedBytes: Object.fromEntries(
              info.tierNames.flatMap((to, rank) => (rank === tier && meter.movedBytes[rank] === 0 ? [] : [[to, meter.movedBytes[rank]!]])),
            ),
            evictedBlocks: meter.evictedBlocks,
            droppedBlocks: meter.droppedBlocks,
            expiredBlocks: meter.expiredBlocks,
            refusedBlocks: meter.refusedBlocks,
            refusedBytes: meter.refusedBlocks * info.blockBytes,
            hitBlocks: this.hitBlocks[tier]!,
            hitRatio: this.blockReferences === 0 ? null : this.hitBlocks[tier]! / this.blockReferences,
            price: priceOfTier(this.scenario, info, tier),
          },
        ];
      }),
    );
  }

  private warnings(end: RunEnd): string[] {
    const warnings = [...end.warnings];
    end.tiers.forEach(({refusedBlocks, writtenBytes}, tier) => {
      if (refusedBlocks > 0 && writtenBytes === 0)
        warnings.push(
          `nothing was written to ${this.info.tierNames[tier]}: its admission refused all of ${refusedBlocks} blocks that were offered`,
        );
    });
    if (this.filledFraction !== null && this.filledFraction < 1 - FILLED_TOLERANCE) {
      warnings.push(
        `the tiers were ${Math.round(this.filledFraction * 100)} % full at the end: hit ratios of a run that has not filled them are not those of a steady state (see warm)`,
      );
    }
    return warnings;
  }
}

/** Reserves keep a few percent free even of full tiers. */
const FILLED_TOLERANCE = 0.05;

function startWarnings({basis, warmup}: Summary['intervals']): string[] {
  if (basis === 'trace') return [];
  if (basis === 'tooShort')
    return ['too short a run to be sure of its figures: no intervals are given (raise limits, or sweep --replications)'];
  if (warmup.requests === 0) return [];
  const until = formatQuantity(warmup.seconds * 1e9, 'time');
  return [`the first ${wholeNumber(warmup.requests)} requests, until ${until}, are unlike the rest: warmup: auto leaves them out`];
}

/** (e2e - ttft) / (out - 1), nanoseconds; NaN for fewer than two tokens. */
function tpotOf(record: RequestRecord): number {
  return record.outputTokens < 2 ? NaN : (record.endNs - record.firstTokenNs) / (record.outputTokens - 1);
}

function gpuUse(end: RunEnd, seconds: number): Summary['gpus'] {
  let gpus = 0;
  let prefill = 0;
  let decode = 0;
  let starved = 0;
  for (const instance of end.instances) {
    gpus += instance.gpus;
    prefill += (instance.gpus * instance.prefillNs) / 1e9;
    decode += (instance.gpus * instance.decodeNs) / 1e9;
    starved += (instance.gpus * instance.starvedNs) / 1e9;
  }
  const share = (gpuSeconds: number): number => (seconds > 0 ? gpuSeconds / (gpus * seconds) : 0);
  return {
    prefillUtilisation: share(prefill),
    decodeUtilisation: share(decode),
    idleWaitingForMemory: share(starved),
    roleMoves: end.roleMoves,
  };
}
