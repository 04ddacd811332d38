/** A small scenario and small workloads, made by hand: what the loader and the trace readers would give. */
import type {Kind} from '../../src/base/params.ts';
import {BandwidthStation} from '../../src/engine/bandwidthStation.ts';
import {always} from '../../src/placement/admission/always.ts';
import {lru} from '../../src/placement/eviction/lru.ts';
import type {DeviceContext, TierDevice} from '../../src/devices/ports.ts';
import type {Network} from '../../src/scenario/networks.ts';
import type {Parallel, Scenario, Tier} from '../../src/scenario/scenario.ts';
import type {RequestPlan, SessionPlan, WorkloadSource} from '../../src/workload/ports.ts';

/** A device of two plain stations. */
function plainDevice(readRate: number, writeRate: number, latency: number) {
  return (_params: object, {engine, name, ticksPerSecond}: DeviceContext): TierDevice => {
    const station = (kind: string, bytesPerSecond: number) =>
      new BandwidthStation(engine, {name: `${name}.${kind}`, bytesPerSecond, ticksPerSecond, latencyTicks: latency});
    return {
      capacityBytes: 1e9,
      read: [station('read', readRate)],
      write: [station('write', writeRate)],
      readNs: latency,
      readBytesPerSecond: readRate,
      writeNs: latency,
      writeBytesPerSecond: writeRate,
    };
  };
}
const none = (): TierDevice => ({
  capacityBytes: 0,
  read: [],
  write: [],
  readNs: 0,
  readBytesPerSecond: Infinity,
  writeNs: 0,
  writeBytesPerSecond: Infinity,
});

/** A kind's parameters as a scenario that says none of them has them. */
function defaultsOf(kind: Kind): {[name: string]: unknown} {
  return Object.fromEntries(Object.entries(kind.params).flatMap(([name, param]) => ('default' in param ? [[name, param.default]] : [])));
}

export function tier(name: string, kind: string, per: Tier['per'], blocks: number, over: Partial<Tier> = {}): Tier {
  const create = kind === 'hbm' ? none : kind === 'dram' ? plainDevice(50e9, 50e9, 0) : plainDevice(7e9, 4e9, 80_000);
  return {
    name,
    kind: {name: kind, summary: '', params: {}, create},
    per,
    networks: ['northSouth'],
    peers: [],
    attached: 'spread',
    capacityBytes: blocks * BLOCK_BYTES,
    policy: lru,
    policyParams: defaultsOf(over.policy ?? lru),
    admission: always,
    admissionParams: defaultsOf(over.admission ?? always),
    write: 'back',
    ttlNs: null,
    promote: 'copy',
    promoteOn: 0,
    reserve: {low: 0.02, high: 0.05},
    params: kind === 'hbm' ? {utilisation: 0.9} : {},
    ...over,
  };
}

/** A network without losses and start-up. */
export function network(ports: number, portRate: number, over: Partial<Network> = {}): Network {
  return {
    ports,
    portRate,
    fabric: {
      name: 'test-fabric',
      efficiency: 1,
      startUp: 0,
      messagesPerSecond: undefined,
      adapterLatency: 1600,
      switchLatency: 200,
      picojoulesPerBit: 345,
      adapterPrice: 1000,
      transceiverPrice: 500,
      switchPortPrice: 2000,
      pricesDated: '2026-09',
    },
    hops: 3,
    serversPerLeaf: 32,
    oversubscription: 1,
    distance: 50,
    order: 'fair',
    flowsMax: undefined,
    messageBytes: undefined,
    background: {size: undefined, period: 10e6, phase: 0, direction: 'exchange', flows: 8},
    ...over,
  };
}

export const BLOCK_TOKENS = 16;
/** An 8B model: 131,072 bytes a token. */
export const BLOCK_BYTES = BLOCK_TOKENS * 131072;

/** How one GPU holds a model alone. */
export const ONE_GPU: Parallel = {tensor: 1, pipeline: 1, data: 1, expert: false};

export function scenario(over: Partial<Scenario> = {}): Scenario {
  const gpu = {
    name: 'test-gpu',
    bf16Flops: 989e12,
    fp8Flops: 1979e12,
    fp4Flops: undefined,
    hbmBytes: 80e9,
    hbmBytesPerSecond: 3.35e12,
    scaleUpBytesPerSecond: 450e9,
    hostBytesPerSecond: 55e9,
    nicBytesPerSecond: 50e9,
    idleWatts: 100,
    activeWatts: 700,
    multiprocessors: 132,
    matrixCompute: 0.8,
    matrixBandwidth: 0.9,
    matrixWaves: 0.1,
    matrixOverhead: 3000,
    expertCompute: 0.5,
    expertBandwidth: 0.8,
    expertOverhead: 15_000,
    pointwiseBandwidth: 2,
    pointwiseOverhead: 2500,
    attentionCompute: 0.5,
    attentionAlone: 2,
    attentionOverhead: 6500,
    decodeBandwidth: 0.9,
    decodeSaturation: 5,
    decodeOverhead: 10_000,
    decodeTileOverhead: 700,
    mixedBandwidth: 0.6,
    mixedReuseBytes: 3e8,
    mixedTileOverhead: 2800,
    emptyTileOverhead: 700,
    collectiveBandwidth: 0.8,
    collectiveOverhead: 20_000,
    samplerOverhead: 20_000,
    samplerRequestOverhead: 400,
    stepOverhead: 1_000_000,
    prefillStepOverhead: 4_000_000,
    hourPrice: 2.35,
  };
  return {
    version: 1,
    name: 'test',
    question: 'Does it hold?',
    seed: 1,
    timebase: 'ns',
    model: {
      name: 'test-8b',
      layers: 32,
      attentionLayers: 32,
      hiddenSize: 4096,
      feedForwardSize: 14336,
      vocabulary: 128256,
      tiedEmbedding: false,
      queryRank: 0,
      latentRank: 0,
      ropeDimension: 0,
      nopeDimension: 0,
      valueDimension: 0,
      indexDimension: 0,
      window: 0,
      expertSize: 0,
      sharedExperts: 0,
      denseLayers: 0,
      heads: 32,
      kvHeads: 8,
      headDimension: 128,
      kvElementsPerToken: 65536,
      attention: 'gqa',
      parameters: 8e9,
      activeParameters: 8e9,
      experts: 1,
      activeExperts: 1,
      contextTokens: 131072,
      weights: 'bf16',
      kv: 'bf16',
    },
    kv: {blockTokens: BLOCK_TOKENS, slabBytes: 64 * 2 ** 20},
    servers: {
      count: 1,
      server: {
        name: 'test-server',
        gpu,
        gpus: 8,
        dramBytes: 2e12,
        dramBytesPerSecond: 500e9,
        dramLatency: 10_000,
        dramLoadedExtra: undefined,
        dramLoadedAt: 0.74,
        requestEntries: undefined,
        transferRequests: undefined,
        hostTree: false,
        sockets: 1,
        socketBytesPerSecond: undefined,
        switches: 0,
        uplinkBytesPerSecond: undefined,
        driveSlots: 8,
        storagePorts: 2,
        storagePortBytesPerSecond: 50e9,
        eastWestPorts: undefined,
        contextPorts: 0,
        contextPortBytesPerSecond: 100e9,
        scaleUpGpus: undefined,
        baseWatts: 1000,
        price: undefined,
      },
    },
    networks: {northSouth: network(2, 50e9), eastWest: network(8, 50e9), contextMemory: network(0, 100e9)},
    instances: [{role: 'mixed', count: 2, gpus: 1, parallel: ONE_GPU}],
    serving: {
      batchedTokensMax: 2048,
      requestsMax: 64,
      routing: 'prefixAware',
      admission: {queueMax: null, waitMaxNs: null},
      isolation: 'none',
      loading: 'async',
      preemption: 'recompute',
      offload: 'all',
      elasticEveryNs: null,
      coldStart: {weightsFrom: null, overheadNs: 0, atBegin: false},
      updateEveryNs: null,
      loadAge: 0,
      indexAge: 0,
      scores: {prefix: 3, tiers: 1, load: 2},
      firstTokenFrom: 'prefill',
      overlength: 'reject',
      asyncScheduling: true,
      decode: 'span',
    },
    tiers: [tier('hbm', 'hbm', 'instance', 800), tier('dram', 'dram', 'server', 3000), tier('nvme', 'nvme', 'server', 20000)],
    placement: {reload: 'faster', hit: 'prefix'},
    workload: {
      kind: {name: 'test', summary: '', params: {}, create: null},
      params: {},
      sessions: {start: 'poisson', everyNs: null, profile: null, perSecond: 2, keep: Infinity, order: 'recorded'},
    },
    faults: [],
    limits: {requests: null, durationNs: null, inFlight: null},
    warm: {replayNs: 0},
    warmupNs: 0,
    warmupAuto: false,
    timelineNs: null,
    objectives: {ttftNs: 2e9, tpotNs: 50e6, e2eNs: null},
    classes: {},
    economics: {
      ownership: 'rent',
      gpuHourPrice: 2.35,
      serverPrice: null,
      dramPricePerByte: null,
      flashPricePerByte: null,
      amortisationYears: 4,
      electricityPricePerKilowattHour: 0.1,
      pue: 1.3,
      pricesDated: null,
      list: {input: null, cached: null, write: null, writeHour: null, output: null},
    },
    expect: [],
    ...over,
  };
}

export function plan(over: Partial<RequestPlan> & {turn: number; inputTokens: number}): RequestPlan {
  return {
    outputTokens: 20,
    promptRuns: [],
    generatedRuns: [],
    after: [],
    offsetNs: 0,
    subagent: false,
    serviceClass: 'default',
    deadlineNs: Infinity,
    infiniteHitBlocks: 0,
    ...over,
  };
}

/** Sessions of growing prompts: each turn extends the last one's blocks; `shared` first blocks are common to all. Deterministic in its arguments. */
export function sessions(
  count: number,
  turns: number,
  options: {first?: number; growth?: number; output?: number; shared?: number; thinkNs?: number} = {},
): SessionPlan[] {
  const {first = 1500, growth = 400, output = 60, shared = 20, thinkNs = 2e9} = options;
  return Array.from({length: count}, (_, s) => {
    let input = first + ((s * 379) % 1000);
    const requests: RequestPlan[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const blocks = Math.floor(input / BLOCK_TOKENS);
      const runs = blocks <= shared ? [0, blocks] : [0, shared, 1e6 * (s + 1), blocks - shared];
      requests.push(
        plan({
          turn,
          inputTokens: input,
          outputTokens: output + ((s * 7 + turn * 13) % 80),
          promptRuns: runs,
          after: turn === 0 ? [] : [turn - 1, thinkNs + ((s * 97 + turn * 31) % 50) * 1e7],
          infiniteHitBlocks: turn === 0 ? (s === 0 ? 0 : shared) : Math.floor((input - growth) / BLOCK_TOKENS),
        }),
      );
      input += growth;
    }
    return {name: `s${s}`, tenant: 't', startNs: null, requests};
  });
}

export function source(plans: readonly SessionPlan[]): WorkloadSource {
  let next = 0;
  return {next: () => plans[next++] ?? null, traces: [], merging: 'test', warnings: []};
}
