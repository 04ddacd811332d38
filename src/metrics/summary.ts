/** What summary.json holds. Times in seconds, sizes in bytes, ratios as shares; null where there is nothing to say. */
import type {Histogram} from './histogram.ts';
import type {FaultMeter, NetworkMeter, ResourceMeter, TierMeter} from './records.ts';
import type {Bounds} from './steady.ts';

/** What a run hands over at its end. */
export interface RunEnd {
  readonly digest: string;
  readonly eventDigest: string;
  readonly events: number;
  readonly simulatedNs: number;
  /** From here on things were measured: the end of warming. */
  readonly measuredFromNs: number;
  readonly version: string;
  readonly traces: readonly {readonly name: string; readonly sha256: string; readonly requests: number}[];
  readonly merging: string;
  readonly warnings: readonly string[];
  readonly tiers: readonly TierMeter[];
  readonly resources: readonly ResourceMeter[];
  readonly networks: readonly NetworkMeter[];
  readonly faults: readonly FaultMeter[];
  /** Nanoseconds of each start of an instance. */
  readonly coldStarts: Histogram;
  /** Instances that moved between prefill and decode. */
  readonly roleMoves: number;
  readonly instances: readonly {readonly gpus: number; readonly prefillNs: number; readonly decodeNs: number; readonly starvedNs: number}[];
}

export interface Distribution {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** 95 % bounds of a latency's figures, in seconds. */
export interface IntervalBounds {
  readonly mean: Bounds;
  readonly p50: Bounds;
  readonly p90: Bounds;
  readonly p99: Bounds;
}

export type ByClass = {readonly [latencyClass: string]: Distribution};
export type ByState = {readonly [state: string]: number};

export interface Attribution {
  readonly mean: ByState;
  readonly p99: ByState;
  readonly hiddenSeconds: number;
}

export interface TierSummary {
  readonly ledger: {readonly [item: string]: number};
  readonly capacityBytes: number | null;
  readonly usedBytes: {readonly mean: number; readonly max: number};
  readonly filledFraction: number | null;
  /** Of the stations that bytes of this tier pass; 0 and null where it has none. */
  readonly utilisation: number;
  readonly queueWait: {readonly mean: number | null};
  readonly service: {readonly mean: number | null};
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Moved from here to each tier; to its own where HBM hands over to HBM. */
  readonly movedBytes: {readonly [tier: string]: number};
  readonly evictedBlocks: number;
  readonly droppedBlocks: number;
  readonly expiredBlocks: number;
  readonly refusedBlocks: number;
  readonly refusedBytes: number;
  readonly hitBlocks: number;
  readonly hitRatio: number | null;
  /** US dollars for its capacity and the ports of its switches; null where a price is missing, and of HBM. */
  readonly price: number | null;
}

/** Stations of one class together. */
export interface ResourceSummary {
  readonly kind: string;
  readonly count: number;
  readonly bytesPerSecond: number;
  readonly bytes: number;
  readonly operations: number;
  readonly utilisation: {readonly mean: number; readonly max: number; readonly hottest: string};
  readonly queue: {readonly mean: number; readonly max: number};
  /** Wait and service of a slab. */
  readonly latency: {readonly mean: number | null};
  readonly drives?: DriveWear;
}

export interface DriveWear {
  /** Bytes programmed / bytes written: what is written is large and never overwritten in part. */
  readonly writeAmplification: number;
  readonly driveWritesPerDay: number;
  /** Until the rated endurance is used up; null where nothing is written or nothing is rated. */
  readonly lifetimeYears: number | null;
}

/** One of the networks of a server, over all servers. */
export interface FabricSummary {
  readonly fabric: string;
  readonly ports: number;
  readonly serverBytesPerSecond: number;
  readonly bytes: number;
  /** Of what all networks moved; null where they moved nothing. */
  readonly share: number | null;
  readonly transfers: Distribution;
  readonly background: Distribution;
  readonly joules: number;
  readonly price: number;
  readonly pricesDated: string;
}

/** Requests of a class of service. */
export interface ClassSummary {
  readonly offered: number;
  readonly completed: number;
  readonly goodShare: number;
  readonly outputTokens: number;
  readonly ttft: Distribution;
  readonly tpot: Distribution;
  readonly e2e: Distribution;
}

/** Requests that arrived in a stretch of time. */
export interface FaultWindow {
  readonly requests: number;
  readonly goodShare: number | null;
  readonly ttft: Distribution;
  readonly e2e: Distribution;
}

/** A fault, what it took away, and the requests of the stretches of its own length before it, while it lasted, and after it. */
export interface FaultSummary extends Omit<FaultMeter, 'atNs' | 'forNs' | 'gpuNsDown'> {
  readonly atSeconds: number;
  readonly forSeconds: number | null;
  readonly gpuSecondsDown: number;
  /** US dollars for the GPUs that stood still; null where they are not rented at a known price. */
  readonly rent: number | null;
  readonly before: FaultWindow;
  readonly during: FaultWindow;
  readonly after: FaultWindow | null;
}

export interface Money {
  readonly perMillionInputTokens: number | null;
  readonly perMillionCachedTokens: number | null;
  readonly perMillionOutputTokens: number | null;
  readonly perSession: number | null;
  readonly perGoodRequest: number | null;
}

/** What the tokens of a run are worth; null where a price is missing. */
export interface Worth {
  readonly breakEvenRatio: number | null;
  readonly income: number | null;
  readonly grossMargin: number | null;
  readonly gpusFreed: number | null;
  readonly perRetainedTerabyteDay: number | null;
}

export interface Summary {
  readonly scenario: string;
  readonly question: string;
  readonly answer: string;
  readonly seed: number;
  readonly version: string;
  readonly digest: string;
  readonly eventDigest: string;
  readonly events: number;
  readonly simulatedSeconds: number;
  readonly traces: readonly {readonly name: string; readonly sha256: string; readonly requests: number}[];
  readonly warnings: readonly string[];
  readonly requests: {
    readonly offered: number;
    readonly completed: number;
    readonly rejected: number;
    readonly failed: number;
    readonly byReason: {readonly [reason: string]: number};
    readonly preemptions: number;
    readonly restarts: number;
  };
  readonly sessions: {readonly completed: number; readonly durationSeconds: Distribution; readonly turnsPerHour: number | null};
  readonly ttft: Distribution & {readonly byClass: ByClass};
  readonly tpot: Distribution & {readonly byClass: ByClass};
  readonly itl: Distribution;
  readonly e2e: Distribution & {readonly byClass: ByClass};
  readonly queueing: Distribution & {readonly byClass: ByClass};
  /** How sure the figures are: batch means of this one run. */
  readonly intervals: {
    /** Or why there are no bounds: the run is too short to say, or a recorded trace, which is all there is. */
    readonly basis: 'batches' | 'tooShort' | 'trace';
    readonly batches: number;
    /** The start of the run that its rest is unlike, which the bounds leave out; `warmup: auto` leaves it out of every figure. */
    readonly warmup: {readonly requests: number; readonly seconds: number};
    readonly ttft: IntervalBounds;
    readonly tpot: IntervalBounds;
    readonly e2e: IntervalBounds;
    readonly goodput: {readonly share: Bounds};
  };
  readonly throughput: {
    readonly requestsPerSecond: number | null;
    readonly inputTokensPerSecond: number | null;
    readonly outputTokensPerSecond: number | null;
    readonly perGpu: {readonly inputTokensPerSecond: number | null; readonly outputTokensPerSecond: number | null};
  };
  readonly goodput: {
    readonly share: number | null;
    readonly requestsPerSecond: number | null;
    readonly perGpuHour: number | null;
    readonly byServiceClass: {readonly [serviceClass: string]: number};
  };
  readonly classes: {readonly [serviceClass: string]: ClassSummary};
  /** How evenly tenants get good requests; null where none was offered, or none was good. */
  readonly fairness: {
    readonly tenants: number;
    readonly jain: number | null;
    readonly worst: {readonly tenant: string; readonly goodShare: number} | null;
  };
  readonly cache: {
    readonly blockReferences: number;
    readonly hitRatio: number | null;
    readonly tokenHitRatio: number | null;
    readonly meanRequestHitRatio: number | null;
    readonly infiniteHitRatio: number | null;
    readonly missed: {readonly partialBlock: number; readonly lastBlock: number; readonly absent: number; readonly recomputed: number};
    readonly recomputedTokens: number;
    readonly filledFraction: number | null;
    readonly merging: string;
    readonly byTier: {readonly [tier: string]: number | null};
  };
  readonly tiers: {readonly [tier: string]: TierSummary};
  readonly networks: {readonly [stationClass: string]: ResourceSummary};
  readonly fabrics: {readonly [network: string]: FabricSummary};
  readonly devices: {readonly [stationClass: string]: ResourceSummary};
  /** How instances know where blocks are. */
  readonly index: {readonly kind: 'exact' | 'late'; readonly lookupSeconds: number; readonly staleSeconds: number};
  readonly gpus: {
    readonly prefillUtilisation: number;
    readonly decodeUtilisation: number;
    readonly idleWaitingForMemory: number;
    readonly roleMoves: number;
  };
  readonly attribution: {readonly ttft: Attribution; readonly e2e: Attribution};
  readonly bottleneck: {readonly resource: string; readonly utilisation: number; readonly headroom: number; readonly next: string | null};
  readonly energy: {
    readonly joules: number;
    readonly byComponent: {readonly [component: string]: number};
    /** Of a token, cooling included. */
    readonly byTokenClass: {readonly computedInput: number | null; readonly cachedInput: number | null; readonly output: number | null};
    readonly powerMeanWatts: number | null;
    readonly powerPeakWatts: number | null;
  };
  /** Fully loaded: idle time included. `marginal`: busy time alone. */
  readonly cost: Money & {
    readonly ownership: 'own' | 'rent';
    readonly pricesDated: string | null;
    readonly total: number | null;
    readonly missing: readonly string[];
    readonly marginal: Money;
  };
  readonly faults: readonly FaultSummary[];
  readonly coldStartSeconds: Distribution;
  readonly worth: Worth;
  readonly expect: readonly {readonly text: string; readonly passed: boolean; readonly actual: number | null}[];
}
