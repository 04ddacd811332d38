/** Systems of today, and some announced: the tiers that they have and how they fill and read them. Capacities and drives are the servers' unless a scenario says otherwise. */
import type {System} from '../systems.ts';

export const systems: readonly System[] = [
  {
    name: 'vllm',
    summary: 'vLLM by itself: prefix caching in HBM',
    published: 'Blocks of 16 tokens; freed blocks are reused least recently used, tails of a chain first (vLLM V1, kv_cache_manager).',
    assumed: 'Nothing: what leaves HBM is computed again.',
    parts: {kv: {blockTokens: 16}, tiers: {hbm: {kind: 'hbm', policy: 'tailLru'}}},
  },
  {
    name: 'vllm-offloading',
    summary: 'vLLM with its own offloading of KV to host memory',
    published:
      'A CPU tier with lru (or arc, PR #27039), filled as blocks are computed, prompts alone by default (offload_prompt_only); loads are asynchronous (vLLM kv_offload).',
    assumed: '0.8 of host memory is given to it; secondary tiers (fs, obj) are left out.',
    parts: {
      kv: {blockTokens: 16},
      serving: {loading: 'async', offload: 'prompts'},
      tiers: {hbm: {kind: 'hbm', policy: 'tailLru'}, dram: {kind: 'dram', policy: 'lru', write: 'through'}},
    },
  },
  {
    name: 'sglang-hicache',
    summary: 'SGLang HiCache: radix tree in HBM, host memory and drives',
    published:
      'Radix eviction (lru by default), write_through by default, 0.8 of free host memory, layer-wise loads from the host; storage behind it holds what was written (SGLang, HiCache; Mooncake SSD benchmark).',
    assumed: 'Pages of 64 tokens; a storage hit is waited for (wait_complete), never given up (best_effort); storage is local drives.',
    parts: {
      kv: {blockTokens: 64},
      serving: {loading: 'layered'},
      placement: {reload: 'always'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'radix'},
        dram: {kind: 'dram', policy: 'radix', write: 'through'},
        nvme: {kind: 'nvme', preset: 'samsung-pm1743-15.36tb', policy: 'lru', write: 'through'},
      },
    },
  },
  {
    name: 'vllm-lmcache',
    summary: 'LMCache: chunks of 256 tokens in host memory and on local drives',
    published: 'Chunks of 256 tokens; lru by default; stored as they are computed, to every backend (LMCache, storage_backend).',
    assumed: 'Drives through a file system; the engine goes on while it loads, as connectors of vLLM V1 do.',
    parts: {
      kv: {blockTokens: 256},
      placement: {reload: 'always'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'tailLru'},
        dram: {kind: 'dram', policy: 'lru', write: 'through'},
        nvme: {kind: 'nvme', preset: 'samsung-pm1743-15.36tb', software: 'posix', policy: 'lru', write: 'through'},
      },
    },
  },
  {
    name: 'mooncake-store',
    summary: 'Mooncake Store: host memory of all servers as one pool over RDMA',
    published:
      "Blocks of 512 tokens in the published traces; one pool of all hosts' DRAM, near-LRU eviction, written as computed (Mooncake, FAST '25).",
    assumed: 'One copy of a block; leases and soft pins are left out; every object is as far as the fabric.',
    parts: {
      kv: {blockTokens: 512},
      placement: {reload: 'always'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'tailLru'},
        dram: {kind: 'dram', per: 'cluster', network: 'eastWest', policy: 'lru', write: 'through'},
      },
    },
  },
  {
    name: 'dynamo-kvbm',
    summary: 'NVIDIA Dynamo KV block manager: G1 HBM, G2 host, G3 drives, G4 remote',
    published:
      'G1 to G4 in this order; blocks are offloaded as they are registered; the router knows the tier of each block (Dynamo, block_manager).',
    assumed: 'G4 is a shared enclosure of default size; blocks of 64 tokens.',
    parts: {
      kv: {blockTokens: 64},
      serving: {routing: 'tierAware'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'through'},
        nvme: {kind: 'nvme', preset: 'samsung-pm1743-15.36tb', path: 'direct', policy: 'lru', write: 'back'},
        remote: {kind: 'networkFlash', policy: 'lru', write: 'back'},
      },
    },
  },
  {
    name: 'cxl-pool',
    summary: 'A switched pool of CXL memory behind host memory',
    published: 'Cards of 214 to 394 ns (Melody, ASPLOS 2025); a switch adds some 70 ns there and back (estimates).',
    assumed: 'One pool of sixteen cards behind one switch for all servers.',
    parts: {
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'back'},
        cxl: {kind: 'cxl', per: 'cluster', cards: 16, switches: 1, policy: 'lru', write: 'back'},
      },
    },
  },
  {
    name: 'high-bandwidth-flash',
    summary: 'High-bandwidth flash on the GPU package, beside HBM',
    published: 'First generation: 512 GB and 1.6 TB/s a stack (semiengineering.com, 2026-05).',
    assumed: 'A stack an instance; sense time, pages in flight and write rate are not published, and a scenario has to say them.',
    parts: {
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        hbf: {kind: 'hbf', per: 'instance', stacks: 1, policy: 'lru', write: 'back'},
      },
    },
  },
  {
    name: 'converged-drives',
    summary: 'The drives of all servers pooled over the east-west network as memory',
    published:
      'Software on the hosts turns the drives of GPU servers into one namespace over their fabric (WEKA NeuralMesh Axon, 2025; remembered).',
    assumed:
      'No local preference: every byte crosses the network; rates are to be set to those of all drives together; storage traffic is background of the network.',
    parts: {
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'back'},
        drives: {kind: 'networkFlash', network: 'eastWest', path: 'direct', software: 'userSpace', policy: 'lru', write: 'through'},
      },
    },
  },
  {
    name: 'augmented-memory-grid',
    summary: 'Flash behind the east-west network read straight into HBM, in place of host memory',
    published: '300 GB/s to a host of eight GPUs with RDMA and GPUDirect; 41 x to the first token at 128 thousand tokens (WEKA, GTC 2025).',
    assumed: 'An enclosure of 300 GB/s shared by all servers; no host memory in between.',
    parts: {
      placement: {reload: 'faster'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        grid: {
          kind: 'networkFlash',
          network: 'eastWest',
          path: 'direct',
          software: 'gpuDirect',
          submitters: 16,
          policy: 'lru',
          write: 'through',
        },
      },
    },
  },
  {
    name: 'context-memory-storage',
    summary: 'Flash behind DPUs on a network of its own (G3.5, NVIDIA CMX)',
    published: '16 TB a GPU, 5 x tokens/s against storage that is not named, on BlueField-4 (NVIDIA, CES and GTC 2026).',
    assumed:
      "Bandwidth a GPU is not published: the servers' context-memory ports decide; 300 GB/s together until a scenario says otherwise.",
    parts: {
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'back'},
        context: {kind: 'networkFlash', network: 'contextMemory', path: 'direct', policy: 'lru', write: 'through'},
      },
    },
  },
  {
    name: 'shared-storage',
    summary: 'Files on shared storage behind the front-end network (G4)',
    published: 'NFS over TCP 0.5 to 2 ms, user-space clients 0.15 to 0.3 ms a small read (hardware survey).',
    assumed: 'NFS with sixteen threads, host memory crossed twice.',
    parts: {
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'back'},
        storage: {
          kind: 'networkFlash',
          network: 'northSouth',
          path: 'bounce',
          software: 'nfs',
          submitters: 16,
          policy: 'lru',
          write: 'back',
        },
      },
    },
  },
  {
    name: 'token-warehouse',
    summary: 'Prefill once, keep for days, read over whichever network is soonest',
    published: 'Named so by WEKA (2025; remembered): prefill once, decode from storage as often as asked; no figures.',
    assumed: 'A petabyte; blocks are never dropped by age; the way expected to be done soonest is taken, known exactly.',
    parts: {
      placement: {route: 'soonest'},
      tiers: {
        hbm: {kind: 'hbm', policy: 'lru'},
        dram: {kind: 'dram', policy: 'lru', write: 'back'},
        warehouse: {kind: 'networkFlash', network: ['northSouth', 'eastWest'], path: 'direct', policy: 'lru', write: 'through'},
      },
    },
  },
];
