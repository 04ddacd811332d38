/** YAML text -> a validated, frozen Scenario; or every mistake in it at once. */
import type {Kind, Params} from '../base/params.ts';
import {assert} from '../base/assert.ts';
import {factorsOf, type DayProfile} from '../base/dayRate.ts';
import {parseQuantity} from '../base/units.ts';
import {calibrationParameters} from './calibration.ts';
import {named, type Catalogue} from './catalogue.ts';
import {checkScenario} from './checks.ts';
import {ScenarioError, UnreadableError, type Diagnostic, type PlacedDiagnostic} from './diagnostics.ts';
import {ScenarioDocument} from './document.ts';
import {parseExpectation} from './expectation.ts';
import {faultParams, targetOf, type Fault} from './faults.ts';
import {gpuParams, modelParams, serverParams, type Gpu, type Model, type Preset, type Server} from './hardware.ts';
import {mistakesOf, shown} from './issues.ts';
import {modelFieldsOf} from './modelConfig.ts';
import {fabricParams, networkParams, type Fabric, type Network, type NetworkName, type Networks, type PeerWay} from './networks.ts';
import {
  economicsParams,
  kvParams,
  limitsParams,
  objectivesParams,
  placementParams,
  reserveParams,
  serviceClassParams,
  servingParams,
  tierParams,
  warmParams,
} from './parts.ts';
import type {Override} from './overrides.ts';
import type {
  Expectation,
  InstanceGroup,
  Objectives,
  Scenario,
  ServiceClass,
  ServingParams,
  SessionRule,
  Tier,
  Workload,
} from './scenario.ts';
import {scenarioSchema} from './schema.ts';
import {withSystem} from './systems.ts';
import {mistakesInSweep, sweepRuleOf, type SweepRule} from './sweepRule.ts';
import {freezeDeep, valuesOf, type Input} from './values.ts';
import {didYouMean} from './words.ts';

export interface LoadOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly overrides?: readonly Override[];
  /** Instead of the scenario's own. */
  readonly seed?: number;
  /** Text of a file that the scenario names: a model's config.json, a drive's calibration. Throws UnreadableError. */
  readonly readBeside?: (path: string) => string;
}

/** Throws ScenarioError with all mistakes. */
export function loadScenario(text: string, options: LoadOptions, catalogue: Catalogue): Scenario {
  const document = new ScenarioDocument(text, options.file, options.overrides ?? []);
  const fail = (diagnostics: readonly Diagnostic[]): void => {
    if (diagnostics.length === 0) return;
    const placed = diagnostics.map((diagnostic) => document.place(diagnostic)).sort((a, b) => a.line - b.line || a.column - b.column);
    // an anchor's mistake comes once for each use
    const once = placed.filter((one, i) => one.line === 0 || !placed.slice(0, i).some((other) => samePlace(one, other)));
    throw new ScenarioError(once);
  };
  const content = document.content();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) fail([{path: [], message: noMapping(content)}]);
  const unknown: Diagnostic[] = [];
  const input = withSystem(content as Input, catalogue.systems, unknown);
  const shape = mistakesOf(scenarioSchema(catalogue), input).map((fault) => hinted(fault, document, input));
  const conditions = [...mistakesInConditions(input), ...mistakesInSweep(input)];
  if (unknown.length + shape.length + conditions.length > 0)
    fail([...unknown, ...shape, ...missingBeside(shape, input, catalogue), ...conditions]);
  const mistakes: Diagnostic[] = [];
  const whole = withFiles(input, options, catalogue, mistakes);
  fail(mistakes);
  const scenario = new Reader(whole, catalogue, mistakes).scenario(options.seed);
  fail(mistakes);
  fail(checkScenario(scenario));
  return freezeDeep(scenario);
}

/** What a scenario without mistakes says of its own sweep; null where it says nothing. Throws ScenarioError. */
export function loadSweep(text: string, options: LoadOptions): SweepRule | null {
  return sweepRuleOf(new ScenarioDocument(text, options.file, options.overrides ?? []).content() as Input);
}

/**
 * The input with what its files give in place: a model's config.json, drives' calibrations. What the scenario says itself stays. Files that cannot be
 * read are added to `mistakes`; throws ScenarioError where one is wrong.
 */
export function withFiles(input: Input, options: LoadOptions, catalogue: Catalogue, mistakes: Diagnostic[]): Input {
  const fieldsOf = (file: unknown, path: Diagnostic['path'], parse: (text: string, file: string) => Input): Input => {
    if (typeof file !== 'string') return {};
    assert(options.readBeside !== undefined, 'a scenario that names files needs readBeside');
    try {
      return parse(options.readBeside(file), file);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      mistakes.push({path, message: error.message});
      return {};
    }
  };
  const {config, ...model} = (typeof input['model'] === 'object' ? input['model'] : {}) as Input;
  const tiers = Object.entries(input['tiers'] as {readonly [name: string]: Input}).map(([name, {calibration, ...tier}]) => {
    const kind = named(catalogue.tiers, tier['kind'] as string)!;
    const fields = fieldsOf(calibration, ['tiers', name, 'calibration'], (text, file) => calibrationParameters(text, file, kind));
    return [name, {...fields, ...tier}];
  });
  const whole = config === undefined ? input : {...input, model: {...fieldsOf(config, ['model', 'config'], modelFieldsOf), ...model}};
  return {...whole, tiers: Object.fromEntries(tiers) as Input};
}

function samePlace(a: PlacedDiagnostic, b: PlacedDiagnostic): boolean {
  return a.line === b.line && a.column === b.column && a.message === b.message;
}

function noMapping(found: unknown): string {
  return found === null || found === undefined
    ? 'the file is empty: a scenario has version, name, question, model, servers, tiers and workload; copy one that is there'
    : `a scenario is a mapping of names to values, found ${shown(found)}`;
}

/** What presets leave open in the parts that have the right shape, though others have not: so that all is told at once. */
function missingBeside(shape: readonly Diagnostic[], input: Input, catalogue: Catalogue): Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  const reader = new Reader(input, catalogue, mistakes);
  const sound = (path: readonly string[], above: unknown): boolean =>
    typeof above === 'object' &&
    above !== null &&
    Object.hasOwn(above, path.at(-1)!) &&
    !shape.some((fault) => path.every((key, depth) => depth >= fault.path.length || fault.path[depth] === key));
  if (sound(['model'], input) && (input['model'] as Input)['config'] === undefined) reader.model();
  if (sound(['servers'], input)) reader.servers();
  for (const [name, tier] of Object.entries((input['tiers'] as {readonly [name: string]: Input} | undefined) ?? {}))
    if (sound(['tiers', name], input['tiers']) && tier['calibration'] === undefined) reader.tier(name, tier);
  return mistakes;
}

/** `expect:` lines are read even where the rest has mistakes, so that all are told at once. */
function mistakesInConditions({expect, tiers}: Input): Diagnostic[] {
  if (!Array.isArray(expect)) return [];
  const tierNames = typeof tiers === 'object' && tiers !== null ? Object.keys(tiers) : [];
  return expect.flatMap((line: unknown, index) => {
    const parsed = typeof line === 'string' && line !== '' ? parseExpectation(line, tierNames) : null;
    return typeof parsed === 'string' ? [{path: ['expect', index], message: parsed}] : [];
  });
}

/** A tier that only an override names was probably meant to be one of the file's. */
function hinted(fault: Diagnostic, document: ScenarioDocument, {tiers}: Input): Diagnostic {
  const [group, name, key] = fault.path;
  if (group !== 'tiers' || key !== 'kind' || document.overrideAt(['tiers', name!]) === undefined || document.has(['tiers', name!]))
    return fault;
  const others = Object.keys(tiers as Input).filter((other) => other !== name);
  return {...fault, path: ['tiers', name!], message: `there is no such tier${didYouMean(String(name), others)}`};
}

/** Reads an input of the right shape. What presets and defaults leave open is a mistake. */
class Reader {
  private readonly input: Input;
  private readonly catalogue: Catalogue;
  private readonly mistakes: Diagnostic[];

  constructor(input: Input, catalogue: Catalogue, mistakes: Diagnostic[]) {
    this.input = input;
    this.catalogue = catalogue;
    this.mistakes = mistakes;
  }

  scenario(seed: number | undefined): Scenario {
    const {input} = this;
    const servers = this.servers();
    const kv = valuesOf(kvParams, this.group('kv'), undefined, []);
    const limits = valuesOf(limitsParams, this.group('limits'), undefined, []);
    const objectives = objectivesOf(valuesOf(objectivesParams, this.group('objectives'), undefined, []));
    const scenario: Scenario = {
      version: 1,
      name: input['name'] as string,
      question: (input['question'] as string).trim(),
      seed: seed ?? (input['seed'] as number | undefined) ?? 1,
      timebase: (input['timebase'] as 'ns' | 'ps' | undefined) ?? 'ns',
      model: this.model(),
      kv: {blockTokens: kv['blockTokens'] as number, slabBytes: kv['slab'] as number},
      servers,
      networks: this.networks(servers.server),
      instances: this.instances(servers),
      serving: this.serving(),
      tiers: Object.entries(input['tiers'] as Input).map(([name, tier]) => this.tier(name, tier as Input)),
      placement: valuesOf(placementParams, this.group('placement'), undefined, []) as unknown as Scenario['placement'],
      workload: this.workload(),
      faults: [],
      limits: {
        requests: (limits['requests'] as number | undefined) ?? null,
        durationNs: (limits['duration'] as number | undefined) ?? null,
        inFlight: (limits['inFlight'] as number | undefined) ?? null,
      },
      warm: {replayNs: valuesOf(warmParams, this.group('warm'), undefined, [])['replay'] as number},
      warmupNs: input['warmup'] === undefined || input['warmup'] === 'auto' ? 0 : parseQuantity(input['warmup'] as string, 'time'),
      warmupAuto: input['warmup'] === 'auto',
      timelineNs: input['timeline'] === undefined ? null : parseQuantity(input['timeline'] as string, 'time'),
      objectives,
      classes: Object.fromEntries(
        Object.entries(this.group('classes')).map(([name, given]) => [name, serviceClassOf(given as Input, objectives)]),
      ),
      economics: this.economics(servers),
      expect: ((input['expect'] as string[] | undefined) ?? []).map(
        (line) => parseExpectation(line, Object.keys(input['tiers'] as Input)) as Expectation,
      ),
    };
    return {...scenario, faults: ((input['faults'] as Input[] | undefined) ?? []).map((fault) => faultOf(fault, scenario))};
  }

  private group(name: string): Input {
    return (this.input[name] as Input | undefined) ?? {};
  }

  /** Values of something that is a preset's name, or an object over one. */
  private preset(
    path: readonly (string | number)[],
    given: unknown,
    params: Params,
    presets: readonly Preset[],
  ): {[name: string]: unknown} {
    const input: Input = typeof given === 'string' ? {preset: given} : (given as Input);
    const preset = named(presets, input['preset'] as string);
    const missing: string[] = [];
    const values = valuesOf(params, input, preset, missing);
    this.lacks(path, missing, params);
    return {name: preset?.name ?? 'custom', ...values};
  }

  model(): Model {
    return this.preset(['model'], this.input['model'], modelParams, this.catalogue.models) as unknown as Model;
  }

  /** What neither the scenario nor a preset nor a default gives, in one message a part. */
  private lacks(path: readonly (string | number)[], missing: readonly string[], params: Params): void {
    const [first] = missing;
    if (first === undefined) return;
    this.mistakes.push(
      missing.length === 1
        ? {path: [...path, first], atKey: true, message: `missing: ${params[first]!.meaning} Name a preset, or say it.`}
        : {path, message: `missing ${missing.join(', ')}: name a preset, or say them`},
    );
  }

  servers(): Scenario['servers'] {
    const given = this.input['servers'];
    const input: Input = typeof given === 'string' ? {preset: given} : (given as Input);
    const preset = named(this.catalogue.servers, input['preset'] as string);
    const values = this.preset(['servers'], given, serverParams, this.catalogue.servers);
    const gpuGiven = input['gpu'] ?? preset?.gpu;
    const named_ =
      typeof gpuGiven === 'object' && gpuGiven !== null && !('preset' in gpuGiven) && preset?.gpu !== undefined
        ? {preset: preset.gpu, ...gpuGiven}
        : gpuGiven;
    if (named_ === undefined)
      this.mistakes.push({path: ['servers', 'gpu'], atKey: true, message: 'missing: name a GPU preset, or say its fields'});
    const gpu = this.preset(
      ['servers', 'gpu'],
      named_ ?? {preset: this.catalogue.gpus[0]!.name},
      gpuParams,
      this.catalogue.gpus,
    ) as unknown as Gpu;
    return {count: (input['count'] as number | undefined) ?? 1, server: {...values, gpu} as unknown as Server};
  }

  private networks(server: Server): Networks {
    const gpuRate = server.gpus * server.gpu.nicBytesPerSecond;
    const eastWestPorts = server.eastWestPorts ?? server.gpus;
    return {
      northSouth: this.network('northSouth', 'roce-400g', server.storagePorts, server.storagePortBytesPerSecond),
      eastWest: this.network('eastWest', 'infiniband-ndr', eastWestPorts, eastWestPorts === 0 ? gpuRate : gpuRate / eastWestPorts),
      contextMemory: this.network('contextMemory', 'roce-400g', server.contextPorts, server.contextPortBytesPerSecond),
    };
  }

  private network(name: NetworkName, fabric: string, ports: number, portRate: number): Network {
    const input = (this.group('networks')[name] as Input | undefined) ?? {};
    const values = valuesOf(networkParams, input, undefined, []);
    return {
      ...(values as unknown as Network),
      ports: (values['ports'] as number | undefined) ?? ports,
      portRate: (values['portRate'] as number | undefined) ?? portRate,
      fabric: this.preset(
        ['networks', name, 'fabric'],
        input['fabric'] ?? fabric,
        fabricParams,
        this.catalogue.fabrics,
      ) as unknown as Fabric,
    };
  }

  private instances({count, server}: Scenario['servers']): InstanceGroup[] {
    const given = this.input['instances'] as {readonly [role: string]: GivenInstances} | undefined;
    if (given === undefined) return [instanceGroup('mixed', {count, gpus: server.gpus})];
    return (['mixed', 'prefill', 'decode'] as const).flatMap((role) =>
      given[role] === undefined ? [] : [instanceGroup(role, given[role])],
    );
  }

  tier(name: string, input: Input): Tier {
    const kind = named(this.catalogue.tiers, input['kind'] as string)!;
    const preset = named(this.catalogue.devices[kind.name] ?? [], input['preset'] as string);
    const missing: string[] = [];
    const params = valuesOf(kind.params, input, preset, missing);
    this.lacks(['tiers', name], missing, kind.params);
    const reserve = valuesOf(reserveParams, (input['reserve'] as Input | undefined) ?? {}, undefined, []);
    const keeping = valuesOf(tierParams, input, undefined, []);
    const [policy, policyParams] = chosen(this.catalogue.policies, input['policy'] ?? 'lru');
    const [admission, admissionParams] = chosen(this.catalogue.admissions, input['admission'] ?? 'always');
    const capacity = input['capacity'] as string | undefined;
    return {
      name,
      kind,
      per:
        (input['per'] as Tier['per'] | undefined) ??
        (kind.name === 'hbm' ? 'instance' : kind.name === 'networkFlash' ? 'cluster' : 'server'),
      networks: [(input['network'] as NetworkName | NetworkName[] | undefined) ?? 'northSouth'].flat(),
      peers: [(input['peers'] as PeerWay | PeerWay[] | undefined) ?? []].flat(),
      attached: keeping['attached'] as string,
      capacityBytes: capacity === undefined ? null : parseQuantity(capacity, 'bytes'),
      policy,
      policyParams,
      admission,
      admissionParams,
      write: (input['write'] as Tier['write'] | undefined) ?? 'back',
      ttlNs: (keeping['ttl'] as number | undefined) ?? null,
      promote: keeping['promote'] as Tier['promote'],
      promoteOn: keeping['promoteOn'] as number,
      reserve: {low: reserve['low'] as number, high: reserve['high'] as number},
      params,
    };
  }

  private serving(): ServingParams {
    const {admission, updateEvery, elasticEvery, coldStart, ...values} = valuesOf(servingParams, this.group('serving'), undefined, []);
    const {weightsFrom, overhead, atBegin} = coldStart as {weightsFrom?: string; overhead: number; atBegin: boolean};
    const {queueMax, waitMax} = admission as {queueMax?: number; waitMax?: number};
    return {
      ...(values as unknown as ServingParams),
      admission: {queueMax: queueMax ?? null, waitMaxNs: waitMax ?? null},
      updateEveryNs: (updateEvery as number | undefined) ?? null,
      elasticEveryNs: (elasticEvery as number | undefined) ?? null,
      coldStart: {weightsFrom: weightsFrom ?? null, overheadNs: overhead, atBegin},
    };
  }

  private workload(): Workload {
    const input = this.input['workload'] as Input | readonly Input[];
    if (!Array.isArray(input)) return this.oneWorkload(input as Input);
    return {kind: this.catalogue.mixture, params: {parts: input.map((part: Input) => this.oneWorkload(part))}, sessions: null};
  }

  private oneWorkload(input: Input): Workload {
    const kind = named(this.catalogue.workloads, input['kind'] as string)!;
    return {
      kind,
      params: valuesOf(kind.params, input, undefined, []),
      sessions: input['sessions'] === undefined ? null : sessionRule(input['sessions'] as Input),
    };
  }

  private economics({server}: Scenario['servers']): Scenario['economics'] {
    const values = valuesOf(economicsParams, this.group('economics'), undefined, []);
    const number = (name: string): number | null => (values[name] as number | undefined) ?? null;
    const perGigabyte = (name: string): number | null => (values[name] === undefined ? null : (values[name] as number) / 1e9);
    return {
      ownership: values['ownership'] as 'own' | 'rent',
      gpuHourPrice: number('gpuHour') ?? server.gpu.hourPrice ?? null,
      serverPrice: number('server') ?? server.price ?? null,
      dramPricePerByte: perGigabyte('dramGigabyte'),
      flashPricePerByte: perGigabyte('flashGigabyte'),
      amortisationYears: (values['amortisation'] as number) / (365 * 86400e9),
      electricityPricePerKilowattHour: values['kilowattHour'] as number,
      pue: values['pue'] as number,
      pricesDated: (values['pricesDated'] as string | undefined) ?? null,
      list: Object.fromEntries(
        Object.entries(values['list'] as {[name: string]: number | undefined}).map(([name, price]) => [name, price ?? null]),
      ) as unknown as Scenario['economics']['list'],
    };
  }
}

/** A link holds nothing, so nothing of it is lost. */
function faultOf(input: Input, scenario: Scenario): Fault {
  const values = valuesOf(faultParams, input, undefined, []);
  const on = values['on'] as string;
  const rate = values['rate'] as number;
  const standard = rate === 0 && targetOf(scenario, on) !== 'link' ? 1 : 0;
  return {
    on,
    atNs: values['at'] as number,
    forNs: (values['for'] as number | undefined) ?? null,
    rate,
    loses: (values['loses'] as number | undefined) ?? standard,
  };
}

interface GivenInstances {
  readonly count: number;
  readonly gpus: number;
  readonly pipeline?: number;
  readonly data?: number;
  readonly expert?: boolean;
}

function objectivesOf(values: {readonly [name: string]: unknown}): Objectives {
  const limit = (name: string): number | null => (values[name] as number | undefined) ?? null;
  return {ttftNs: limit('ttft'), tpotNs: limit('tpot'), e2eNs: limit('e2e')};
}

/** What a class does not say is as for all. */
function serviceClassOf(input: Input, all: Objectives): ServiceClass {
  const values = valuesOf(serviceClassParams, input, undefined, []);
  const own = objectivesOf(values);
  return {
    ttftNs: own.ttftNs ?? all.ttftNs,
    tpotNs: own.tpotNs ?? all.tpotNs,
    e2eNs: own.e2eNs ?? all.e2eNs,
    priority: values['priority'] as number,
  };
}

function instanceGroup(role: InstanceGroup['role'], given: GivenInstances): InstanceGroup {
  const {count, gpus, pipeline = 1, data = 1, expert = false} = given;
  return {role, count, gpus, parallel: {tensor: gpus / (pipeline * data), pipeline, data, expert}};
}

/** A kind and its parameters, from its name alone or with some of them. */
function chosen(kinds: readonly Kind[], given: unknown): [Kind, {[name: string]: unknown}] {
  const input: Input = typeof given === 'object' && given !== null ? (given as Input) : {kind: given};
  const kind = named(kinds, input['kind'] as string)!;
  return [kind, valuesOf(kind.params, input, undefined, [])];
}

function dayProfile(profile: string, period: string): DayProfile {
  return {factors: factorsOf(profile), periodNs: parseQuantity(period, 'time')};
}

function sessionRule(input: Input): SessionRule {
  const start = (input['start'] as string | undefined) ?? 'together';
  const [word, ...rest] = start.split(' ');
  const quantity = rest.join(' ');
  return {
    start: word as SessionRule['start'],
    everyNs: word === 'every' ? parseQuantity(quantity, 'time') : null,
    perSecond: word === 'poisson' ? parseQuantity(quantity, 'rate') : null,
    profile: typeof input['profile'] === 'string' ? dayProfile(input['profile'], (input['period'] as string | undefined) ?? '24 h') : null,
    keep: typeof input['keep'] === 'number' ? input['keep'] : Infinity,
    order: (input['order'] as SessionRule['order'] | undefined) ?? 'recorded',
  };
}
