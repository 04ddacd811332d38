/** The parameters of a scenario's own parts: everything that is neither hardware nor a pluggable kind. */
import type {Params} from '../base/params.ts';

export const kvParams = {
  blockTokens: {
    type: 'number',
    min: 1,
    max: 65536,
    default: 64,
    meaning: 'Tokens of a block, the unit of caching.',
    source: 'between vLLM (16) and Mooncake (512)',
  },
  slab: {
    type: 'quantity',
    dimension: 'bytes',
    default: '64 MiB',
    meaning: 'Transfers are cut into slabs of this size, which share the stations on their way.',
    source: 'docs/model.md, transfers: slabs of 1 to 256 MiB give the same latencies',
  },
} as const satisfies Params;

const weight = {type: 'number', min: 0, max: 1000, fraction: true} as const;

export const servingParams = {
  batchedTokensMax: {
    type: 'number',
    min: 16,
    max: 1048576,
    default: 8192,
    meaning: 'Tokens of a step, prefill and decode together.',
    source: 'vLLM max_num_batched_tokens',
  },
  requestsMax: {
    type: 'number',
    min: 1,
    max: 65536,
    default: 256,
    meaning: 'Requests held by an instance at once.',
    source: 'vLLM max_num_seqs',
  },
  asyncScheduling: {
    type: 'flag',
    default: true,
    meaning: 'Whether a step is put together while the one before it runs: what comes then takes part one step later.',
    source: 'vLLM async_scheduling; a vLLM 0.19 run with default settings shows it (docs/model/gpus.md)',
  },
  routing: {
    type: 'choice',
    choices: ['roundRobin', 'leastLoaded', 'sessionSticky', 'prefixAware', 'tierAware', 'scored'],
    default: 'prefixAware',
    meaning:
      'Which instance a request goes to: in turn; the least loaded; where its session was before; where it is expected to be prefilled first, loads free of charge (prefixAware) or with their time (tierAware); or the highest score.',
  },
  loadAge: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '0 s',
    meaning: 'How old what the router knows of loads may be: it looks again once it is older.',
    source: 'a choice: inference gateways look every 50 ms',
  },
  indexAge: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '0 s',
    meaning: 'How late the router hears of blocks that come and go.',
  },
  scores: {
    type: 'group',
    meaning: 'Weights of routing by score: of three shares, the highest sum is chosen.',
    params: {
      prefix: {
        ...weight,
        default: 3,
        meaning: "Share of the prompt's blocks in HBM there.",
        source: "a choice, near llm-d's 3 to 2 (remembered)",
      },
      tiers: {...weight, default: 1, meaning: 'Share of them in tiers that it loads from.', source: 'a choice'},
      load: {
        ...weight,
        default: 2,
        meaning: 'Freedom from load: 1 - its load / the greatest.',
        source: "a choice, near llm-d's 3 to 2 (remembered)",
      },
    },
  },
  admission: {
    type: 'group',
    meaning: 'When a request is refused at its arrival rather than left to wait.',
    params: {
      queueMax: {
        type: 'number',
        min: 1,
        max: 1e6,
        optional: true,
        meaning: 'Where so many wait at the instance chosen for it. Default: never.',
      },
      waitMax: {
        type: 'quantity',
        dimension: 'time',
        optional: true,
        meaning: 'Where the prefill owed there takes longer than this. Default: never.',
      },
    },
  },
  isolation: {
    type: 'choice',
    choices: ['none', 'tenant'],
    default: 'none',
    meaning: 'tenant: blocks are named with a salt of their tenant, so that nobody finds what another has computed.',
  },
  updateEvery: {
    type: 'quantity',
    dimension: 'time',
    optional: true,
    meaning: 'The model is replaced so often: what was computed with an older one is never found again. Default: never.',
  },
  loading: {
    type: 'choice',
    choices: ['async', 'sync', 'layered'],
    default: 'async',
    meaning:
      'Whether an instance goes on with its steps while KV is loaded for requests that it has admitted (async), waits (sync), or computes behind it layer by layer, the batch waiting with it where KV comes late (layered).',
    source: 'vLLM connectors load asynchronously; LMCache did not at first; AttentionStore (2024) and Mooncake load layer by layer',
  },
  preemption: {
    type: 'choice',
    choices: ['recompute', 'swap'],
    default: 'recompute',
    meaning:
      'What becomes of the KV of generated tokens where a request is thrown out of HBM: computed again, or kept as blocks that move down and come back (swap).',
    source: 'vLLM V1 recomputes',
  },
  offload: {
    type: 'choice',
    choices: ['all', 'prompts'],
    default: 'all',
    meaning: 'Whether blocks that decode has made go down to lower tiers too, or only those of prompts.',
    source: 'vLLM and Dynamo can be told to offload prompts alone',
  },
  coldStart: {
    type: 'group',
    meaning: 'What passes before an instance that was down takes requests.',
    params: {
      weightsFrom: {
        type: 'text',
        optional: true,
        meaning: 'Tier below HBM that weights are read from, over the same links as blocks. Default: they are there.',
      },
      overhead: {
        type: 'quantity',
        dimension: 'time',
        zero: true,
        default: '0 s',
        meaning: 'Beyond the weights: processes, memory, graphs.',
      },
      atBegin: {type: 'flag', default: false, meaning: 'Whether instances start so at the beginning of the run too.'},
    },
  },
  elasticEvery: {
    type: 'quantity',
    dimension: 'time',
    optional: true,
    meaning: 'How often it is decided whether an instance moves between prefill and decode, as either falls behind. Default: never.',
  },
  firstTokenFrom: {
    type: 'choice',
    choices: ['prefill', 'decode'],
    default: 'prefill',
    meaning: 'Which instance sends the first token where prefill and decode are apart.',
  },
  overlength: {
    type: 'choice',
    choices: ['reject', 'truncate', 'allow'],
    default: 'reject',
    meaning: "What becomes of a request longer than the model's context: refused, cut, or let through.",
  },
  decode: {
    type: 'choice',
    choices: ['span', 'step'],
    default: 'span',
    meaning: 'Whether decode steps between changes are one event or one each; the results are the same.',
  },
} as const satisfies Params;

export const placementParams = {
  reload: {
    type: 'choice',
    choices: ['always', 'never', 'faster', 'split', 'leastEnergy', 'leastPrice'],
    default: 'faster',
    meaning:
      'Whether blocks found below HBM are loaded, computed again, whichever is expected to be done sooner or to take less energy or money, or (split) loaded from their end while they are computed from their front.',
  },
  hit: {
    type: 'choice',
    choices: ['prefix', 'fillHoles'],
    default: 'prefix',
    meaning: 'What counts as found: the longest prefix, or also what lies behind missing blocks, which are computed again.',
  },
  route: {
    type: 'choice',
    choices: ['fixed', 'hashed', 'leastBytes', 'soonest', 'twoChoices', 'striped', 'adaptive'],
    default: 'fixed',
    meaning:
      'Where a tier is reached over several networks: the first of them, one by content, the one with the fewest bytes out, the one expected to be done ' +
      'first, the sooner of two drawn at random; or every transfer over all, by their rates or so that all are done at once.',
  },
  reportsEvery: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '0 s',
    meaning: 'How often placement learns how many bytes are out on each network of a server; 0: it always knows.',
    source: 'a choice',
  },
} as const satisfies Params;

export const tierParams = {
  attached: {
    type: 'text',
    default: 'spread',
    meaning:
      "Where in its server a server's pool hangs, with servers.hostTree: evenly over all of it, or on one socket or behind one switch (socket0, switch2). An instance's pool hangs where its GPUs do.",
  },
  ttl: {
    type: 'quantity',
    dimension: 'time',
    optional: true,
    meaning: 'A copy that has not been used for so long is dropped. Default: never.',
  },
  promote: {
    type: 'choice',
    choices: ['copy', 'move'],
    default: 'copy',
    meaning: 'Whether a copy that has been loaded into HBM stays here too (inclusive) or goes (exclusive).',
  },
  promoteOn: {
    type: 'number',
    min: 0,
    max: 255,
    default: 0,
    meaning: 'A block that is loaded past this tier, from one below, for the n-th time is copied here too; 0: never.',
  },
} as const satisfies Params;

export const reserveParams = {
  low: {
    type: 'number',
    min: 0,
    max: 0.5,
    fraction: true,
    default: 0.01,
    meaning: 'Background eviction starts when less than this share is free.',
    source: 'a choice: enough for the stores of a few prompts',
  },
  high: {
    type: 'number',
    min: 0,
    max: 0.5,
    fraction: true,
    default: 0.03,
    meaning: 'And goes on until this share is free.',
    source: 'a choice: three times the low mark',
  },
} as const satisfies Params;

export const limitsParams = {
  requests: {type: 'number', min: 1, max: 1e12, optional: true, meaning: 'No request arrives after this many.'},
  duration: {type: 'quantity', dimension: 'time', optional: true, meaning: 'No request arrives after this time.'},
  inFlight: {
    type: 'number',
    min: 1,
    max: 1e9,
    optional: true,
    meaning: 'Clients keep so many requests in flight at most; others wait at the client, and arrive in their turn. Default: no limit.',
    source: 'vLLM --max-concurrency, SGLang --max-parallel',
  },
} as const satisfies Params;

export const warmParams = {
  replay: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '0 s',
    meaning: 'So much of the workload first passes without taking time, to fill the tiers; it is not measured.',
  },
} as const satisfies Params;

export const objectivesParams = {
  ttft: {type: 'quantity', dimension: 'time', optional: true, meaning: 'Longest time to first token of a good request.'},
  tpot: {type: 'quantity', dimension: 'time', optional: true, meaning: 'Longest time per output token of a good request.'},
  e2e: {type: 'quantity', dimension: 'time', optional: true, meaning: 'Longest time from arrival to the end of a good request.'},
} as const satisfies Params;

export const serviceClassParams = {
  ...objectivesParams,
  priority: {
    type: 'number',
    min: -1000,
    max: 1000,
    default: 0,
    meaning: 'Requests of a higher one are admitted before those of a lower, and thrown out after them.',
  },
} as const satisfies Params;

export const economicsParams = {
  ownership: {
    type: 'choice',
    choices: ['own', 'rent'],
    default: 'rent',
    meaning: 'Whether the hardware is bought or its GPUs are rented by the hour; never both.',
  },
  gpuHour: {
    type: 'quantity',
    dimension: 'money',
    optional: true,
    meaning: "Rent of a GPU for an hour. Default: the GPU preset's, where it has one.",
  },
  server: {
    type: 'quantity',
    dimension: 'money',
    optional: true,
    meaning: "Price of a server with GPUs, without data drives. Default: the server preset's, where it has one.",
  },
  dramGigabyte: {type: 'quantity', dimension: 'money', optional: true, meaning: 'Price of a gigabyte of DRAM.'},
  flashGigabyte: {type: 'quantity', dimension: 'money', optional: true, meaning: 'Price of a gigabyte of flash.'},
  amortisation: {
    type: 'quantity',
    dimension: 'time',
    default: '1460 d',
    meaning: 'Life over which what is bought is paid off.',
    source: 'a choice: four years',
  },
  kilowattHour: {
    type: 'quantity',
    dimension: 'money',
    default: '0.08 USD',
    meaning: 'Price of a kilowatt-hour, where hardware is owned.',
    source: 'a choice: an industrial tariff',
  },
  pue: {
    type: 'number',
    min: 1,
    max: 3,
    fraction: true,
    default: 1.47,
    meaning: 'Power usage effectiveness of the data centre.',
    source: 'Uptime Institute 2024, weighted by capacity',
  },
  pricesDated: {type: 'text', optional: true, meaning: 'Date of the prices, printed beside every amount.'},
  list: {
    type: 'group',
    meaning: 'What a million tokens are sold for.',
    params: {
      input: {type: 'quantity', dimension: 'money', optional: true, meaning: 'A million input tokens that are computed.'},
      cached: {type: 'quantity', dimension: 'money', optional: true, meaning: 'A million input tokens that are found. Default: as input.'},
      write: {
        type: 'quantity',
        dimension: 'money',
        optional: true,
        meaning: 'A million input tokens that are kept for five minutes, instead of input. Default: as input.',
      },
      writeHour: {
        type: 'quantity',
        dimension: 'money',
        optional: true,
        meaning: 'A million input tokens that are kept for an hour. Default: as write.',
      },
      output: {type: 'quantity', dimension: 'money', optional: true, meaning: 'A million output tokens.'},
    },
  },
} as const satisfies Params;
