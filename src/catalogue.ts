/** Every pluggable kind and preset, one line each. A newcomer is a file and a line here; validation, schema, explain and the contract tests follow. */
import {cxl} from './devices/cxl.ts';
import {dram} from './devices/dram.ts';
import {hbf} from './devices/hbf.ts';
import {hbm} from './devices/hbm.ts';
import {hdd} from './devices/hdd.ts';
import {networkFlash} from './devices/networkFlash.ts';
import {nvme} from './devices/nvme.ts';
import {always} from './placement/admission/always.ts';
import {dynamicRandom} from './placement/admission/dynamicRandom.ts';
import {frequency} from './placement/admission/frequency.ts';
import {probabilistic} from './placement/admission/probabilistic.ts';
import {savedSeconds} from './placement/admission/savedSeconds.ts';
import {secondSighting} from './placement/admission/secondSighting.ts';
import {clock} from './placement/eviction/clock.ts';
import {fifo} from './placement/eviction/fifo.ts';
import {lru} from './placement/eviction/lru.ts';
import {arc} from './placement/eviction/arc.ts';
import {s3fifo} from './placement/eviction/s3fifo.ts';
import {slru} from './placement/eviction/slru.ts';
import {twoq} from './placement/eviction/twoq.ts';
import {lfu} from './placement/eviction/lfu.ts';
import {lfuda} from './placement/eviction/lfuda.ts';
import {gdsf} from './placement/eviction/gdsf.ts';
import {qdlp} from './placement/eviction/qdlp.ts';
import {lirs} from './placement/eviction/lirs.ts';
import {mru} from './placement/eviction/mru.ts';
import {hazard} from './placement/eviction/hazard.ts';
import {lookAhead} from './placement/eviction/lookAhead.ts';
import {lmcache} from './placement/eviction/lmcache.ts';
import {radix} from './placement/eviction/radix.ts';
import {reuseProbability} from './placement/eviction/reuseProbability.ts';
import {tailLru} from './placement/eviction/tailLru.ts';
import {toolPin} from './placement/eviction/toolPin.ts';
import {car} from './placement/eviction/car.ts';
import {lruk} from './placement/eviction/lruk.ts';
import {hyperbolic} from './placement/eviction/hyperbolic.ts';
import {lhd} from './placement/eviction/lhd.ts';
import {wtinylfu} from './placement/eviction/wtinylfu.ts';
import {cacheus} from './placement/eviction/cacheus.ts';
import {lecar} from './placement/eviction/lecar.ts';
import {random} from './placement/eviction/random.ts';
import {ttl} from './placement/eviction/ttl.ts';
import {sieve} from './placement/eviction/sieve.ts';
import type {Catalogue} from './scenario/catalogue.ts';
import {drives} from './scenario/presets/drives.ts';
import {fabrics} from './scenario/presets/fabrics.ts';
import {systems} from './scenario/presets/systems.ts';
import {gpus} from './scenario/presets/gpus.ts';
import {models} from './scenario/presets/models.ts';
import {servers} from './scenario/presets/servers.ts';
import {agentSessions} from './workload/agentSessions.ts';
import {agentTrace} from './workload/agentTrace.ts';
import {azureTrace} from './workload/azureTrace.ts';
import {chat, voice} from './workload/conversations.ts';
import {rounds} from './workload/rounds.ts';
import {mixture} from './workload/mixture.ts';
import {mooncakeTrace} from './workload/mooncakeTrace.ts';
import {retrieval} from './workload/retrieval.ts';
import {swarm} from './workload/swarm.ts';

export const catalogue: Catalogue = {
  tiers: [hbm, hbf, dram, cxl, nvme, networkFlash, hdd],
  workloads: [agentSessions, agentTrace, mooncakeTrace, azureTrace, chat, voice, rounds, retrieval, swarm],
  mixture,
  policies: [
    lru,
    fifo,
    mru,
    clock,
    sieve,
    lirs,
    qdlp,
    gdsf,
    lfuda,
    lfu,
    twoq,
    slru,
    s3fifo,
    arc,
    car,
    lruk,
    hyperbolic,
    lhd,
    wtinylfu,
    lecar,
    cacheus,
    random,
    ttl,
    radix,
    tailLru,
    toolPin,
    lmcache,
    lookAhead,
    reuseProbability,
    hazard,
  ],
  admissions: [always, probabilistic, secondSighting, frequency, dynamicRandom, savedSeconds],
  gpus,
  servers,
  models,
  fabrics,
  systems,
  devices: {nvme: drives},
};
