/** A validated, frozen scenario: SI base units, nanoseconds for time. What `loadScenario` returns and `simulate` takes. */
import type {DayProfile} from '../base/dayRate.ts';
import type {Kind} from '../base/params.ts';
import type {Fault} from './faults.ts';
import type {Model, Server} from './hardware.ts';
import type {NetworkName, Networks, PeerWay} from './networks.ts';

export interface Scenario {
  readonly version: 1;
  readonly name: string;
  readonly question: string;
  readonly seed: number;
  readonly timebase: 'ns' | 'ps';
  readonly model: Model;
  readonly kv: KvLayout;
  readonly servers: {readonly count: number; readonly server: Server};
  readonly networks: Networks;
  readonly instances: readonly InstanceGroup[];
  readonly serving: ServingParams;
  /** Fastest first; tiers[0] is HBM. */
  readonly tiers: readonly Tier[];
  readonly placement: PlacementParams;
  /** A mixture has its workloads in params.parts. */
  readonly workload: Workload;
  readonly faults: readonly Fault[];
  readonly limits: {readonly requests: number | null; readonly durationNs: number | null; readonly inFlight: number | null};
  readonly warm: {readonly replayNs: number};
  readonly warmupNs: number;
  /** `warmup: auto`: so much as the run itself shows to be its start. */
  readonly warmupAuto: boolean;
  readonly timelineNs: number | null;
  readonly objectives: Objectives;
  readonly classes: {readonly [serviceClass: string]: ServiceClass};
  readonly economics: Economics;
  readonly expect: readonly Expectation[];
}

export interface Workload {
  readonly kind: Kind;
  readonly params: {readonly [name: string]: unknown};
  readonly sessions: SessionRule | null;
}

/** What a class of service is promised, and what comes first. Absent objectives are those of all. */
export interface ServiceClass extends Objectives {
  readonly priority: number;
}

export interface Objectives {
  readonly ttftNs: number | null;
  readonly tpotNs: number | null;
  readonly e2eNs: number | null;
}

export interface KvLayout {
  readonly blockTokens: number;
  /** Transfers are cut into slabs of this many bytes, which share the stations on their way. */
  readonly slabBytes: number;
}

/** How an instance's GPUs share a model: tensor x pipeline x data of them. */
export interface Parallel {
  /** Ranks that each layer's matrices and heads are cut over. */
  readonly tensor: number;
  /** Stages that the layers are cut into. */
  readonly pipeline: number;
  /** Ranks that each hold a share of the requests (data-parallel attention). */
  readonly data: number;
  /** Whole experts spread over all tensor x data ranks, instead of each cut over the tensor ranks. */
  readonly expert: boolean;
}

/** Instances of one role. `gpus` an instance; instances fill servers in order. */
export interface InstanceGroup {
  readonly role: 'mixed' | 'prefill' | 'decode';
  readonly count: number;
  readonly gpus: number;
  readonly parallel: Parallel;
}

export type RoutingRule = 'roundRobin' | 'leastLoaded' | 'sessionSticky' | 'prefixAware' | 'tierAware' | 'scored';

export interface ServingParams {
  /** Tokens of a step, decode and prefill together (vLLM max_num_batched_tokens). */
  readonly batchedTokensMax: number;
  /** Requests running in an instance (vLLM max_num_seqs). */
  readonly requestsMax: number;
  /** A step is put together while the one before it runs (vLLM async_scheduling). */
  readonly asyncScheduling: boolean;
  readonly routing: RoutingRule;
  /** Nanoseconds by which what the router knows of loads, and of who holds which block, may be old. */
  readonly loadAge: number;
  readonly indexAge: number;
  /** Weights of routing by score. */
  readonly scores: {readonly prefix: number; readonly tiers: number; readonly load: number};
  /** Refuse a request where so many wait already at the instance chosen, or where it would wait longer; null: never. */
  readonly admission: {readonly queueMax: number | null; readonly waitMaxNs: number | null};
  /** Whose blocks may be found again: anybody's, or those of one's own tenant. */
  readonly isolation: 'none' | 'tenant';
  /** Nanoseconds after which the model is replaced, so that nothing computed before is of use; null: never. */
  readonly updateEveryNs: number | null;
  /** Whether an instance goes on with its steps while KV is loaded for requests that it has admitted, or waits. */
  readonly loading: 'async' | 'sync' | 'layered';
  /** What becomes of the KV of generated tokens where a request is thrown out: computed again, or kept as blocks that may move down and come back. */
  readonly preemption: 'recompute' | 'swap';
  /** Whether blocks that decode has made go down to lower tiers too, or only those of prompts. */
  readonly offload: 'all' | 'prompts';
  readonly coldStart: ColdStart;
  /** How often instances may move between prefill and decode; null: never. */
  readonly elasticEveryNs: number | null;
  readonly firstTokenFrom: 'prefill' | 'decode';
  /** What becomes of a prompt (with its output) longer than the model's context or than an instance's HBM: refuse it, cut it, or (context only) let it pass. */
  readonly overlength: 'reject' | 'truncate' | 'allow';
  /** How decode spans are advanced: `span` in closed form, `step` one by one; the answer is the same. */
  readonly decode: 'span' | 'step';
}

/** What passes before an instance takes requests: after a fault, and with `atBegin` at the start of the run. */
export interface ColdStart {
  /** The tier that weights are read from; null: they are there. */
  readonly weightsFrom: string | null;
  /** Beyond the weights: processes, memory, graphs. */
  readonly overheadNs: number;
  readonly atBegin: boolean;
}

export interface Tier {
  readonly name: string;
  readonly kind: Kind;
  /** One pool an instance, a server, or one for the whole cluster. */
  readonly per: 'instance' | 'server' | 'cluster';
  /** Over which networks a server reaches a pool that is one for the whole cluster; between several, placement chooses. */
  readonly networks: readonly NetworkName[];
  /** By which ways instances of other servers read a server's pool; between several, placement chooses. Empty: they do not. */
  readonly peers: readonly PeerWay[];
  /** Where in its server the pool hangs: `spread`, `socket1`, `switch3`. */
  readonly attached: string;
  /** null: as the kind derives it (HBM: what weights leave; DRAM: the server's). Infinity: unlimited. */
  readonly capacityBytes: number | null;
  readonly policy: Kind;
  readonly policyParams: {readonly [name: string]: unknown};
  /** What may be written here from the tier above. */
  readonly admission: Kind;
  readonly admissionParams: {readonly [name: string]: unknown};
  /** How blocks come here from the tier above: when they are made there (through) or when they are evicted there (back). */
  readonly write: 'through' | 'back';
  /** A copy not used for so long is dropped; null: never. */
  readonly ttlNs: number | null;
  /** Whether a copy that has been loaded into HBM stays here too, or goes. */
  readonly promote: 'copy' | 'move';
  /** A block loaded past this tier for the n-th time is copied here; 0: never. */
  readonly promoteOn: number;
  /** Share of capacity kept free by eviction in the background: it starts below low and ends at high. */
  readonly reserve: {readonly low: number; readonly high: number};
  readonly params: {readonly [name: string]: unknown};
}

export interface PlacementParams {
  /** Bring blocks back from a lower tier: always, never, where it is expected to be faster, or to take less energy or money, than computing them again; or in part. */
  readonly reload: 'always' | 'never' | 'faster' | 'split' | 'leastEnergy' | 'leastPrice';
  /** What counts as found: the longest prefix, or what lies behind missing blocks too. */
  readonly hit: 'prefix' | 'fillHoles';
  /** How one of several networks is chosen for a transfer, or how it is divided over them; absent: fixed. */
  readonly route?: string;
  /** Nanoseconds between reports of what is out on each; absent or 0: it is always known. */
  readonly reportsEvery?: number;
}

/** How sessions of a closed-loop workload are merged (DESIGN: it decides every capacity figure). */
export interface SessionRule {
  readonly start: 'together' | 'every' | 'poisson';
  /** start 'every': nanoseconds between sessions. */
  readonly everyNs: number | null;
  /** start 'poisson': sessions per second. */
  readonly perSecond: number | null;
  /** start 'poisson': how the rate goes through the day; null: it does not change. */
  readonly profile: DayProfile | null;
  /** At most this many sessions at once; the next one starts when one ends. Infinity: no limit. */
  readonly keep: number;
  readonly order: 'recorded' | 'shuffled';
}

export interface Economics {
  readonly ownership: 'own' | 'rent';
  readonly gpuHourPrice: number | null;
  readonly serverPrice: number | null;
  readonly dramPricePerByte: number | null;
  readonly flashPricePerByte: number | null;
  readonly amortisationYears: number;
  readonly electricityPricePerKilowattHour: number;
  readonly pue: number;
  /** ISO date of the prices; printed with every amount. */
  readonly pricesDated: string | null;
  /** What tokens are sold for. */
  readonly list: ListPrices;
}

/** Prices of a million tokens; null where there is none. `write`: of one that is written to the cache, instead of `input`; `writeHour`: kept for an hour. */
export interface ListPrices {
  readonly input: number | null;
  readonly cached: number | null;
  readonly write: number | null;
  readonly writeHour: number | null;
  readonly output: number | null;
}

/** `ttft.p99 <= 2 s`: a path in summary.json, a relation, a value in the summary's unit. */
export interface Expectation {
  readonly text: string;
  readonly path: string;
  readonly relation: '<' | '<=' | '>' | '>=' | '==';
  readonly value: number;
}
