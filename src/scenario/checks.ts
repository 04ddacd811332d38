/** What a scenario of the right shape can still get wrong: parts that do not fit together. */
import {factorsFault} from '../base/dayRate.ts';
import {formatQuantity} from '../base/units.ts';
import type {Diagnostic} from './diagnostics.ts';
import {ratedBytesPerDay} from './endurance.ts';
import {checkFaults} from './faults.ts';
import type {Networks} from './networks.ts';
import type {Scenario, SessionRule, Tier, Workload} from './scenario.ts';
import {pricesMissing} from './tierPrice.ts';
import {didYouMean} from './words.ts';

const weightBytesOf: {readonly [precision: string]: number} = {bf16: 2, fp8: 1, fp4: 0.5};

export function checkScenario(scenario: Scenario): Diagnostic[] {
  return [
    ...checkTiers(scenario),
    ...checkInstances(scenario),
    ...checkWorkload(scenario),
    ...checkModel(scenario),
    ...checkPrecision(scenario),
    ...checkRequests(scenario),
    ...checkNetworks(scenario),
    ...checkHostTree(scenario),
    ...checkPlacement(scenario),
    ...checkFaults(scenario),
    ...checkColdStart(scenario),
  ];
}

function checkTiers({tiers, model, kv}: Scenario): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const blockBytes = model.kvElementsPerToken * weightBytesOf[model.kv]! * kv.blockTokens;
  if (tiers.length === 0) return [{path: ['tiers'], message: 'at least one tier is needed, the first of kind "hbm"'}];
  tiers.forEach((tier, rank) => {
    if ((tier.kind.name === 'hbm') !== (rank === 0))
      faults.push({
        path: ['tiers', tier.name, 'kind'],
        message: rank === 0 ? `the first tier must be of kind "hbm", found "${tier.kind.name}"` : 'only the first tier is HBM',
      });
    if (rank === 0 && tier.per !== 'instance')
      faults.push({path: ['tiers', tier.name, 'per'], message: 'HBM belongs to an instance: write "instance", or leave it out'});
    if (rank > 0 && order(tier.per) < order(tiers[rank - 1]!.per))
      faults.push({
        path: ['tiers', tier.name, 'per'],
        message: `a pool for each ${tier.per} cannot lie below one for the whole ${tiers[rank - 1]!.per}`,
      });
    if (tier.capacityBytes !== null && tier.capacityBytes < blockBytes)
      faults.push({
        path: ['tiers', tier.name, 'capacity'],
        message: `${formatQuantity(tier.capacityBytes, 'bytes')} is smaller than one block, ${formatQuantity(blockBytes, 'bytes')} (${kv.blockTokens} tokens of ${model.name})`,
      });
    else if (rank === 0 && tier.capacityBytes !== null && tier.capacityBytes < REQUEST_BLOCKS * blockBytes)
      faults.push({
        path: ['tiers', tier.name, 'capacity'],
        message: `no prompt can ever fit: ${formatQuantity(tier.capacityBytes, 'bytes')} holds one block (${kv.blockTokens} tokens), and a request needs one for its prompt and one for what it generates, ${formatQuantity(REQUEST_BLOCKS * blockBytes, 'bytes')}`,
      });
    const fault = tier.kind.check?.(tier.params as never) ?? null;
    if (fault !== null) faults.push({path: ['tiers', tier.name, fault.field], message: fault.message});
    if (tier.reserve.low > tier.reserve.high)
      faults.push({
        path: ['tiers', tier.name, 'reserve', 'low'],
        message: `the low mark ${tier.reserve.low} lies above the high mark ${tier.reserve.high}`,
      });
  });
  return faults;
}

/** A request holds a block of its prompt and one of what it generates, at least. */
const REQUEST_BLOCKS = 2;

function order(per: string): number {
  return ['instance', 'server', 'cluster'].indexOf(per);
}

function checkInstances({instances, serving, servers, model, tiers, kv, placement}: Scenario): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const roles = new Set(instances.map(({role}) => role));
  if (roles.has('decode') && !roles.has('prefill'))
    faults.push({path: ['instances'], message: 'decode instances need prefill instances beside them'});
  if (roles.has('prefill') && roles.size === 1)
    faults.push({path: ['instances'], message: 'prefill instances need decode or mixed instances beside them'});
  if (roles.size === 0) faults.push({path: ['instances'], message: 'at least one instance is needed'});
  if (serving.elasticEveryNs !== null && !(roles.has('prefill') && roles.has('decode')))
    faults.push({path: ['serving', 'elasticEvery'], message: 'there are no prefill and decode instances between which one could move'});
  if (serving.loading === 'layered' && (placement.reload === 'split' || placement.hit === 'fillHoles'))
    faults.push({
      path: ['serving', 'loading'],
      message: `a prompt is computed in pieces (${placement.reload === 'split' ? 'reload: split' : 'hit: fillHoles'}), which are not loaded layer by layer: choose one of the two`,
    });
  const needed = instances.reduce((sum, {count, gpus}) => sum + count * gpus, 0);
  const there = servers.count * servers.server.gpus;
  if (needed > there)
    faults.push({
      path: ['instances'],
      message: `need ${needed} GPUs, and ${servers.count} x ${servers.server.name} have ${there}: write "count: ${Math.ceil(needed / servers.server.gpus)}" in servers`,
    });
  for (const {role, gpus, parallel} of instances) {
    const {tensor, pipeline, data, expert} = parallel;
    if (!Number.isInteger(tensor))
      faults.push({path: ['instances', role, 'gpus'], message: `${gpus} GPUs are no multiple of ${pipeline} stages x ${data} data ranks`});
    if (pipeline > model.layers)
      faults.push({path: ['instances', role, 'pipeline'], message: `${model.name} has only ${model.layers} layers`});
    if (expert && model.experts === 1)
      faults.push({path: ['instances', role, 'expert'], message: `${model.name} has no experts to spread`});
  }
  const weights = model.parameters * weightBytesOf[model.weights]!;
  const utilisation = (tiers[0]?.params['utilisation'] as number | undefined) ?? 1;
  for (const {role, gpus} of instances) {
    const usable = servers.server.gpu.hbmBytes * utilisation - RESERVE_PER_GPU;
    const rest = gpus * usable - weights;
    const requestBytes = REQUEST_BLOCKS * model.kvElementsPerToken * weightBytesOf[model.kv]! * kv.blockTokens;
    if (rest > 0 && (rest >= requestBytes || tiers[0]?.capacityBytes !== null)) continue;
    faults.push({
      path: ['instances', role, 'gpus'],
      message:
        rest > 0
          ? `no prompt can ever fit: ${model.name} leaves ${formatQuantity(rest, 'bytes')} of HBM for KV cache, and a request needs two blocks, ${formatQuantity(requestBytes, 'bytes')}`
          : `the weights of ${model.name} (${formatQuantity(weights, 'bytes')} in ${model.weights}) do not fit ${gpus} x ${formatQuantity(usable, 'bytes')} of usable HBM: ${Math.ceil(weights / usable)} GPUs would hold them${model.weights === 'bf16' ? ', or write "weights: fp8" in model' : ''}`,
    });
  }
  return faults;
}

/** A rate that follows the time of day needs a rate. */
function checkProfile({profile, perSecond}: SessionRule, path: readonly (string | number)[]): Diagnostic[] {
  if (profile === null) return [];
  if (perSecond === null) return [{path: [...path, 'profile'], message: 'there is no rate that could follow it: write "start: poisson 0.2 /s"'}];
  const message = factorsFault(profile.factors);
  return message === null ? [] : [{path: [...path, 'profile'], message}];
}

/** HBM of each GPU that is neither weights nor KV: activations, graphs, communication buffers (aiconfigurator: 3.5 GiB and about 0.4 GB). */
const RESERVE_PER_GPU = 3.5 * 2 ** 30 + 0.4e9;

function checkWorkload({workload}: Scenario): Diagnostic[] {
  const parts = workload.params['parts'] as readonly Workload[] | undefined;
  if (parts === undefined) return checkOneWorkload(workload, ['workload']);
  const kept = parts.flatMap(({sessions}, i): Diagnostic[] =>
    sessions === null || sessions.keep === Infinity
      ? []
      : [
          {
            path: ['workload', i, 'sessions', 'keep'],
            message: 'only a workload by itself can wait for sessions to end: say when they start',
          },
        ],
  );
  return [...parts.flatMap((part, i) => checkOneWorkload(part, ['workload', i])), ...kept];
}

function checkOneWorkload({kind, params, sessions}: Workload, path: readonly (string | number)[]): Diagnostic[] {
  const fault = kind.check?.(params as never) ?? null;
  const faults: Diagnostic[] = fault === null ? [] : [{path: [...path, fault.field], message: fault.message}];
  if (sessions === null) return faults;
  if (SESSION_KINDS.has(kind.name)) return [...faults, ...checkProfile(sessions, [...path, 'sessions'])];
  const message =
    'path' in kind.params
      ? `requests of ${kind.name} come at recorded times (open loop): there are no sessions to merge`
      : `sessions of ${kind.name} begin as "arrivals" says: there is nothing to merge`;
  return [...faults, {path: [...path, 'sessions'], atKey: true, message}];
}

const SESSION_KINDS = new Set(['agentSessions', 'agentTrace']);

/** What the shape of a model must say for its kind. */
function checkModel({model}: Scenario): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const needs = (field: keyof typeof model, why: string): void => {
    if (model[field] === 0) faults.push({path: ['model', field], atKey: true, message: `${why}: say it, or name a preset`});
  };
  if (model.experts > 1) needs('expertSize', 'a mixture needs the width of an expert');
  if (model.experts === 1 || model.denseLayers > 0) needs('feedForwardSize', 'a dense layer needs the width of its feed-forward part');
  if (model.attention === 'mla')
    for (const field of ['latentRank', 'ropeDimension', 'nopeDimension', 'valueDimension'] as const)
      needs(field, 'multi-head latent attention needs it');
  if (model.indexDimension > 0) needs('window', 'sparse attention needs the number of keys that it picks');
  if (model.activeExperts > model.experts)
    faults.push({path: ['model', 'activeExperts'], message: `a token cannot use ${model.activeExperts} of ${model.experts} experts`});
  return faults;
}

/** Entries of the host's request pool say nothing without those of a transfer. */
function checkRequests({servers}: Scenario): Diagnostic[] {
  const given = ['requestEntries', 'transferRequests'].filter((name) => servers.server[name as 'requestEntries'] !== undefined);
  if (given.length !== 1) return [];
  const missing = given[0] === 'requestEntries' ? 'transferRequests' : 'requestEntries';
  return [{path: ['servers', given[0]!], atKey: true, message: `needs ${missing} beside it`}];
}

function checkPrecision({model, servers}: Scenario): Diagnostic[] {
  const {gpu} = servers.server;
  const peak = {bf16: gpu.bf16Flops, fp8: gpu.fp8Flops, fp4: gpu.fp4Flops}[model.weights as 'bf16' | 'fp8' | 'fp4'];
  return peak === undefined ? [{path: ['model', 'weights'], message: `${gpu.name} has no ${model.weights} arithmetic`}] : [];
}

/** What placement decides by must be known. */
function checkPlacement({placement, economics, tiers}: Scenario): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const {ownership} = economics;
  if (placement.reload === 'leastPrice' && (ownership === 'rent' ? economics.gpuHourPrice : economics.serverPrice) === null)
    faults.push({
      path: ['placement', 'reload'],
      message: `to decide by price it must be known what computing costs: write "${ownership === 'rent' ? 'gpuHour: 2.50 USD' : 'server: 300 kUSD'}" in economics`,
    });
  if (placement.reload === 'leastPrice')
    for (const missing of tiers.flatMap(pricesMissing))
      faults.push({path: missing.split('.'), atKey: true, message: 'missing: to decide by price it must be known what this memory costs'});
  tiers.forEach(({name, promote, promoteOn, admission, admissionParams, params}, rank) => {
    if (rank === 0 && admission.name !== 'always')
      faults.push({
        path: ['tiers', name, 'admission'],
        message: 'requests cannot run without what the first tier holds: leave it out',
      });
    else if (admission.name === 'dynamicRandom' && admissionParams['bytesPerDay'] === undefined && ratedBytesPerDay(params) === undefined)
      faults.push({
        path: ['tiers', name, 'admission'],
        message: 'no rating of the drives (driveWritesPerDay) gives a budget: write "admission: {kind: dynamicRandom, bytesPerDay: 4 TB}"',
      });
    if (rank === 0 && promote === 'move')
      faults.push({path: ['tiers', name, 'promote'], message: 'nothing is loaded from the first tier: leave it out'});
    if (promoteOn > 0 && rank !== 1)
      faults.push({
        path: ['tiers', name, 'promoteOn'],
        message: 'only the tier below HBM can take copies of what is loaded past it: leave it out',
      });
  });
  return faults;
}

function checkColdStart({serving, tiers, warm}: Scenario): Diagnostic[] {
  const {weightsFrom, atBegin} = serving.coldStart;
  const below = tiers.slice(1).map(({name}) => name);
  const faults: Diagnostic[] = [];
  if (weightsFrom !== null && !below.includes(weightsFrom))
    faults.push({
      path: ['serving', 'coldStart', 'weightsFrom'],
      message: `there is no such tier below HBM${didYouMean(weightsFrom, below)}`,
    });
  if (atBegin && warm.replayNs > 0)
    faults.push({
      path: ['serving', 'coldStart', 'atBegin'],
      message: 'instances cannot start cold where warm.replay fills their tiers first',
    });
  return faults;
}

/** A tier hangs on a network that is there, and so do hand-offs between servers. */
function checkNetworks({networks, tiers, servers}: Scenario): Diagnostic[] {
  const faults: Diagnostic[] = [];
  for (const tier of tiers) {
    for (const name of tier.per === 'cluster' ? tier.networks : [])
      if (networks[name].ports === 0)
        faults.push({
          path: ['tiers', tier.name, 'network'],
          atKey: true,
          message: `${servers.server.name} has no port on the network ${name}: write "${name}: {ports: 2}" in networks`,
        });
    if (tier.networks.length > 1 && (tier.per !== 'cluster' || new Set(tier.networks).size < tier.networks.length))
      faults.push({
        path: ['tiers', tier.name, 'network'],
        atKey: true,
        message: 'several networks, each once, lead to a tier that is one pool for the cluster (per: cluster)',
      });
  }
  for (const tier of tiers) faults.push(...checkPeers(tier, networks, servers));
  if (networks.eastWest.ports === 0)
    faults.push({
      path: ['networks', 'eastWest', 'ports'],
      message: 'at least one: instances of different servers hand KV cache over by it',
    });
  return faults;
}

/** What other servers read is a pool of one server, and there is a way to it. */
function checkPeers({name, per, peers}: Tier, networks: Networks, {server}: Scenario['servers']): Diagnostic[] {
  const at = {path: ['tiers', name, 'peers'], atKey: true};
  if (peers.length === 0) return [];
  if (per !== 'server' || new Set(peers).size < peers.length)
    return [{...at, message: 'other servers read a pool that each server has (per: server), by ways that are named once each'}];
  return peers.flatMap((way): Diagnostic[] => {
    if (way !== 'scaleUp')
      return networks[way].ports > 0
        ? []
        : [{...at, message: `${server.name} has no port on the network ${way}: write "${way}: {ports: 2}" in networks`}];
    return (server.scaleUpGpus ?? 0) > server.gpus
      ? []
      : [{...at, message: `no other server is in the scale-up domain of ${server.name}: write "scaleUpGpus: 72" in servers`}];
  });
}

/** Links inside a server have a rate, and what hangs there hangs on something that is there. */
function checkHostTree({servers, tiers}: Scenario): Diagnostic[] {
  const {hostTree, sockets, socketBytesPerSecond, switches, uplinkBytesPerSecond, name: server} = servers.server;
  const faults: Diagnostic[] = [];
  const lack = (field: string, message: string): void => void faults.push({path: ['servers', field], atKey: true, message});
  if (hostTree && sockets > 1 && socketBytesPerSecond === undefined)
    lack('socketBytesPerSecond', 'missing: the rate of the link between sockets, which hostTree needs');
  if (hostTree && switches > 0 && uplinkBytesPerSecond === undefined)
    lack('uplinkBytesPerSecond', "missing: the rate of a switch's uplink, which hostTree needs");
  if (hostTree && switches > 0 && switches % sockets > 0)
    lack('switches', `${switches} switches do not divide evenly over ${sockets} sockets`);
  for (const {name, per, attached, kind} of tiers) {
    if (attached === 'spread') continue;
    const places = kind.name === 'dram' || kind.name === 'cxl' ? {socket: sockets} : {socket: sockets, switch: switches};
    const known = Object.entries(places).flatMap(([place, count]) => Array.from({length: count}, (_, i) => `${place}${i}`));
    const path = ['tiers', name, 'attached'];
    if (!hostTree)
      faults.push({path, message: 'the inside of servers is not modelled: write "hostTree: true" in servers, or leave it out'});
    else if (per !== 'server')
      faults.push({path, message: 'only a pool that each server has (per: server) hangs on a part of it: leave it out'});
    else if (!known.includes(attached)) faults.push({path, message: `${server} has no "${attached}" for it${didYouMean(attached, known)}`});
  }
  return faults;
}
