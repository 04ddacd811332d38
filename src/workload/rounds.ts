/**
 * Clients that talk in rounds: each has so many, of so many new tokens each, on top of all that was said before, as multi-turn load tests have them
 * (SGLang's bench_multiturn, the rows that Mooncake and HiCache are measured by). Nobody thinks; `limits.inFlight` is how many talk at once.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {arrivalParams} from './arrivals.ts';
import {Contents, Prompt} from './content.ts';
import {labelParams, labelsOf} from './labels.ts';
import type {RequestPlan, SessionPlan, WorkloadContext, WorkloadSource} from './ports.ts';

const SOURCE = 'the SSD offload benchmark of Mooncake with SGLang HiCache (2026)';

const params = {
  clients: {type: 'number', min: 1, max: 1e7, default: 20, meaning: 'Clients, all there from the beginning.', source: SOURCE},
  rounds: {type: 'number', min: 1, max: 10000, default: 10, meaning: 'Requests of each.', source: SOURCE},
  roundTokens: {
    type: 'number',
    min: 1,
    max: 1e7,
    default: 4096,
    meaning: 'New tokens of a prompt, behind those of the rounds before.',
    source: SOURCE,
  },
  outputTokens: {
    type: 'number',
    min: 1,
    max: 1e6,
    default: 1,
    meaning: 'Tokens of a reply, which the next prompt does not repeat.',
    source: SOURCE,
  },
  think: {type: 'quantity', dimension: 'time', zero: true, default: '0 s', meaning: 'From a reply to the next prompt.', source: SOURCE},
  requestsMax: arrivalParams.requestsMax,
  ...labelParams,
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Rounds implements WorkloadSource {
  readonly traces: [] = [];
  readonly warnings: readonly string[] = [];
  readonly merging: string;
  private readonly values: Values;
  private readonly blockTokens: number;
  private readonly contents = new Contents();
  private made = 0;
  private requests = 0;

  constructor(values: Values, {blockTokens}: WorkloadContext) {
    this.values = values;
    this.blockTokens = blockTokens;
    this.merging = `${values.clients} clients with ${values.rounds} rounds each, together from the beginning`;
  }

  next(): SessionPlan | null {
    const {clients, rounds, tenant, requestsMax = Infinity} = this.values;
    const left = requestsMax - this.requests;
    if (this.made >= clients || left <= 0) return null;
    const prompt = new Prompt();
    const requests = Array.from({length: Math.min(rounds, left)}, (_, turn) => this.round(prompt, turn));
    this.requests += requests.length;
    return {name: `client${this.made++}`, tenant, startNs: 0, requests};
  }

  private round(prompt: Prompt, turn: number): RequestPlan {
    const {roundTokens, outputTokens, think} = this.values;
    const inputTokens = roundTokens * (turn + 1);
    const blocks = Math.floor(inputTokens / this.blockTokens) - prompt.blocks;
    if (blocks > 0) prompt.add(this.contents.segment(blocks));
    const after = turn === 0 ? [] : [turn - 1, think];
    return {
      turn,
      inputTokens,
      outputTokens,
      ...prompt.hold(),
      generatedRuns: [],
      after,
      offsetNs: 0,
      subagent: false,
      ...labelsOf(this.values),
    };
  }
}

export const rounds = {
  name: 'rounds',
  summary: 'Clients that talk in rounds of equal size, as multi-turn load tests have them.',
  params,
  create: (values: Values, context: WorkloadContext): WorkloadSource => new Rounds(values, context),
} as const satisfies Kind<typeof params>;
