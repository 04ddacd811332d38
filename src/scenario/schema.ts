/** The shape of a scenario, made from the declarations of its parts: what zod validates and what editors complete from are one thing. */
import {z} from 'zod';
import type {Kind, Param, Params} from '../base/params.ts';
import {quantityPattern} from '../base/units.ts';
import type {Catalogue} from './catalogue.ts';
import {faultParams} from './faults.ts';
import {gpuParams, modelParams, serverParams, type Preset} from './hardware.ts';
import {fabricParams, networkNames, networkParams, peerWays} from './networks.ts';
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

type Shape = Record<string, z.ZodType>;

/** Names of tiers and of nothing else; they become column names. */
const TIER_NAME = /^[a-z][a-zA-Z0-9]*$/;
/** Names with dots between them. */
const PATH = /^[a-zA-Z][\w-]*(?:\.[\w-]+)*$/;
/** `together`, `every 10 s`, `poisson 0.2 /s`. */
const START = new RegExp(`^(?:together|every ${quantityPattern('time').slice(1, -1)}|poisson ${quantityPattern('rate').slice(1, -1)})$`);

const made = new WeakMap<Catalogue, z.ZodType>();

export function scenarioSchema(catalogue: Catalogue): z.ZodType {
  const known = made.get(catalogue);
  if (known !== undefined) return known;
  const schema = makeSchema(catalogue);
  made.set(catalogue, schema);
  return schema;
}

function makeSchema(catalogue: Catalogue): z.ZodType {
  return z
    .strictObject({
      $schema: z.string().optional().meta({description: 'For editors; not read.'}),
      version: z.literal(1).meta({description: 'Version of this format.'}),
      name: z
        .string()
        .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/)
        .meta({description: 'Name of the scenario; names its results.'}),
      question: z.string().min(1).meta({description: 'The question that the scenario answers.'}),
      seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({description: 'Seed of every random stream. Default 1.'}),
      timebase: z
        .enum(['ns', 'ps'])
        .optional()
        .meta({description: 'Length of a tick: ns (exact for 104 days) or ps (2.5 hours). Default ns.'}),
      model: presetOr(
        catalogue.models,
        modelParams,
        {
          config: z
            .string()
            .min(1)
            .optional()
            .meta({description: 'A Hugging Face config.json that gives the fields; its path is relative to the scenario.'}),
        },
        'The model that is served: a preset, one with fields of its own, or a config.json.',
      ),
      system: z
        .enum(catalogue.systems.map(({name}) => name) as [string, ...string[]])
        .optional()
        .meta({
          description:
            "How context memory is tiered: a system whose tiers, blocks and ways of loading are this scenario's, as far as it says nothing else itself.",
        }),
      kv: group(kvParams, 'How KV cache is cut and moved.'),
      servers: serversSchema(catalogue),
      networks: networksSchema(catalogue),
      instances: instancesSchema(),
      serving: group(servingParams, 'The serving engine.'),
      tiers: z
        .record(
          z.string().regex(TIER_NAME),
          z.discriminatedUnion('kind', catalogue.tiers.map((kind) => tierSchema(kind, catalogue)) as never),
        )
        .meta({description: 'Tiers of memory, fastest first; the first is HBM.'}),
      placement: group(placementParams, 'Where blocks go and how they come back.'),
      workload: workloadsSchema(catalogue),
      faults: z
        .array(z.strictObject(fields(faultParams)))
        .optional()
        .meta({description: 'What fails or slows at a time, and comes back.'}),
      limits: group(limitsParams, 'When requests stop coming.'),
      warm: group(warmParams, 'How tiers are filled before anything is measured.'),
      warmup: quantity('time', true, 'auto').optional().meta({
        description:
          'Requests that arrive before this are left out of latencies and ratios; auto: so many as the run itself shows to be its start. Default none.',
      }),
      timeline: quantity('time').optional().meta({description: 'Length of an interval of timeline.csv. Default 10 s.'}),
      objectives: group(objectivesParams, 'What a good request is.'),
      classes: z
        .record(z.string().min(1), z.strictObject(fields(serviceClassParams)))
        .optional()
        .meta({description: 'Classes of service, by the name that workloads give: objectives of their own, and a priority.'}),
      economics: group(economicsParams, 'Who owns what, and what it costs.'),
      sweep: z
        .strictObject({
          vary: z
            .record(
              z.string().regex(PATH),
              z.union([z.string().min(1), z.array(z.union([z.string().min(1), z.number(), z.boolean()])).min(1)]),
            )
            .meta({description: 'By path: a list of values, or a range "1..8", "4..40:4", "256 GB..2 TB:4 log".'}),
          zip: z.boolean().optional().meta({description: 'Axes side by side instead of every combination. Default false.'}),
          replications: z.int().min(1).max(100000).optional().meta({description: 'Runs a point, each with its own seed. Default 1.'}),
        })
        .optional()
        .meta({description: 'What `tierscape sweep` varies where it is not told; no other command reads it.'}),
      expect: z
        .array(z.string().min(1))
        .optional()
        .meta({description: 'Conditions on the summary, such as "ttft.p99 <= 2 s"; the run ends with 1 where one does not hold.'}),
    })
    .meta({title: 'tierscape scenario'});
}

/** The JSON Schema (draft 2020-12) of a scenario. */
export function scenarioJsonSchema(catalogue: Catalogue): object {
  const {required, ...schema} = z.toJSONSchema(scenarioSchema(catalogue), {io: 'input'});
  const always = (required ?? []).filter((name) => name !== 'tiers');
  return {...schema, required: always, anyOf: [{required: ['tiers']}, {required: ['system']}]};
}

function serversSchema(catalogue: Catalogue): z.ZodType {
  const gpu = presetOr(catalogue.gpus, gpuParams, {}, 'The GPU: a preset, or one with fields of its own.').optional();
  return presetOr(
    catalogue.servers,
    serverParams,
    {count: z.int().min(1).max(100000).optional().meta({description: 'Servers. Default 1.'}), gpu},
    'The servers: a preset, or one with fields of its own.',
  );
}

function networksSchema(catalogue: Catalogue): z.ZodType {
  const network = z
    .strictObject({
      ...fields(networkParams),
      fabric: presetOr(catalogue.fabrics, fabricParams, {}, 'What it is made of: a preset, or one with fields of its own.').optional(),
    })
    .optional();
  return z
    .strictObject({
      northSouth: network.meta({description: 'The front end: users and storage. Default fabric roce-400g.'}),
      eastWest: network.meta({description: 'The back end between GPUs. Default fabric infiniband-ndr.'}),
      contextMemory: network.meta({description: 'A network of its own for context memory. Default fabric roce-400g.'}),
    } satisfies {[Name in (typeof networkNames)[number]]: z.ZodType})
    .optional()
    .meta({description: "Each server's three networks."});
}

function instancesSchema(): z.ZodType {
  const instance = z.strictObject({
    count: z.int().min(1).max(100000).meta({description: 'Instances of this role.'}),
    gpus: z.int().min(1).max(1024).meta({description: 'GPUs of each: tensor x pipeline x data.'}),
    pipeline: z.int().min(1).max(64).optional().meta({description: 'Stages that the layers are cut into. Default 1.'}),
    data: z.int().min(1).max(1024).optional().meta({
      description:
        'Ranks that each hold a share of the requests (data-parallel attention). Default 1; the rest of the GPUs are in tensor parallel.',
    }),
    expert: z.boolean().optional().meta({
      description: 'Experts spread whole over all ranks (expert parallel) instead of each cut over the tensor ranks. Default false.',
    }),
  });
  return z
    .strictObject({mixed: instance.optional(), prefill: instance.optional(), decode: instance.optional()})
    .optional()
    .meta({description: 'Model replicas by role. Default: one mixed instance a server, of all its GPUs.'});
}

function tierSchema(kind: Kind, catalogue: Catalogue): z.ZodObject {
  const presets = catalogue.devices[kind.name];
  return z
    .strictObject({
      kind: z.literal(kind.name),
      per: z
        .enum(['instance', 'server', 'cluster'])
        .optional()
        .meta({description: 'One pool an instance, a server, or one for the whole cluster.'}),
      network: z
        .union([z.enum(networkNames), z.array(z.enum(networkNames)).min(1)])
        .optional()
        .meta({
          description:
            'Over which network servers reach a pool that is one for the whole cluster; several: `placement.route` chooses. Default northSouth.',
        }),
      peers: z
        .union([z.enum(peerWays), z.array(z.enum(peerWays))])
        .optional()
        .meta({
          description:
            'How instances of other servers read the pool of a server: over scaleUp, through one of its GPUs that relays, within the scale-up domain; ' +
            'or over a network; several: `placement.route` chooses. Default, and `[]`: they do not.',
        }),
      capacity: quantity('bytes', false, 'unlimited')
        .optional()
        .meta({description: 'Capacity of each pool; "unlimited" is one. Default: what the hardware has.'}),
      policy: oneOf(catalogue.policies).optional().meta({description: 'Who leaves a full pool. Default lru.'}),
      admission: oneOf(catalogue.admissions)
        .optional()
        .meta({description: 'What is written here of all that comes from the tier above. Default always.'}),
      write: z.enum(['through', 'back']).optional().meta({
        description: 'How blocks come here from the tier above: when they are made there, or when they are evicted there. Default back.',
      }),
      ...fields(tierParams),
      reserve: group(reserveParams, 'Share of the capacity that is kept free in the background.'),
      ...(presets === undefined
        ? {}
        : {
            preset: z
              .enum(presets.map((preset) => preset.name) as [string, ...string[]])
              .optional()
              .meta({description: 'A device of the catalogue.'}),
            calibration: z
              .string()
              .min(1)
              .optional()
              .meta({description: 'What tierscape device calibrate wrote of a real drive; its path is relative to the scenario.'}),
          }),
      ...optionalFields(kind.params),
    })
    .meta({description: kind.summary});
}

/** A kind by its name alone, or with its parameters. */
function oneOf(kinds: readonly Kind[]): z.ZodType {
  return z.union([
    z.enum(kinds.map(({name}) => name) as [string, ...string[]]),
    z.discriminatedUnion('kind', kinds.map((one) => z.strictObject({kind: z.literal(one.name), ...fields(one.params)})) as never),
  ]);
}

/** A calibration file: the parameters of a kind, and beside them where they come from, which is for people. */
export function calibrationSchema(kind: Kind): z.ZodType {
  return z.looseObject({calibration: z.literal(1), kind: z.literal(kind.name), parameters: z.strictObject(optionalFields(kind.params))});
}

function workloadsSchema(catalogue: Catalogue): z.ZodType {
  const one = z.discriminatedUnion('kind', catalogue.workloads.map(workloadSchema) as never);
  return z.union([z.array(one).min(1), one]).meta({description: 'Where requests come from: a workload, or a list of them, all at once.'});
}

function workloadSchema(kind: Kind): z.ZodObject {
  const sessions = z.strictObject({
    start: z
      .string()
      .regex(START)
      .optional()
      .meta({description: 'When sessions begin: "together", "every 10 s", "poisson 0.2 /s". Default together.'}),
    keep: z
      .union([z.int().min(1).max(1e9), z.literal('unlimited')])
      .optional()
      .meta({description: 'At most so many at once; the next begins when one ends. Default unlimited.'}),
    profile: z
      .string()
      .optional()
      .meta({description: 'poisson: factors of the rate over the period, in equal parts: "0.3, 0.2, 1, 1.5" are the quarters of a day.'}),
    period: quantity('time', false).optional().meta({description: 'After which the profile begins again. Default 24 h.'}),
    order: z.enum(['recorded', 'shuffled']).optional().meta({description: 'Order of the sessions. Default recorded.'}),
  });
  return z
    .strictObject({
      kind: z.literal(kind.name),
      sessions: sessions.optional().meta({description: 'How sessions are merged: it decides every capacity figure.'}),
      ...fields(kind.params),
    })
    .meta({description: kind.summary});
}

/** A name from the list, or an object that may name one and overrides its fields. */
function presetOr(presets: readonly Preset[], params: Params, more: Shape, description: string): z.ZodType {
  const name = z.enum(presets.map((preset) => preset.name) as [string, ...string[]]);
  return z.union([name, z.strictObject({preset: name.optional(), ...more, ...optionalFields(params)})]).meta({description});
}

function group(params: Params, description: string): z.ZodType {
  return z.strictObject(fields(params)).optional().meta({description});
}

function fields(params: Params): Shape {
  return Object.fromEntries(
    Object.entries(params).map(([name, param]) => [name, isRequired(param) ? field(param) : field(param).optional()]),
  );
}

function optionalFields(params: Params): Shape {
  return Object.fromEntries(Object.entries(params).map(([name, param]) => [name, field(param).optional()]));
}

export function isRequired(param: Param): boolean {
  return param.type !== 'group' && param.type !== 'flag' && param.default === undefined && !('optional' in param);
}

function field(param: Param): z.ZodType {
  const description = describe(param);
  if (param.type === 'quantity') return quantity(param.dimension, param.zero === true).meta({description});
  if (param.type === 'number') return (param.fraction ? z.number() : z.int()).min(param.min).max(param.max).meta({description});
  if (param.type === 'choice') return z.enum(param.choices as [string, ...string[]]).meta({description});
  if (param.type === 'text') return z.string().min(1).meta({description});
  if (param.type === 'flag') return z.boolean().meta({description});
  return z.strictObject(fields(param.params)).meta({description});
}

function quantity(dimension: Parameters<typeof quantityPattern>[0], zero = false, word: 'unlimited' | 'auto' | null = null): z.ZodString {
  return z.string().regex(new RegExp(quantityPattern(dimension, zero, word)));
}

function describe(param: Param): string {
  const standard =
    param.type === 'group' || !('default' in param) || param.default === undefined ? '' : ` Default ${String(param.default)}.`;
  return `${param.meaning}${standard}${param.source === undefined ? '' : ` Source: ${param.source}.`}`;
}
