/** Agent swarms: a coordinator plans, sends out tens to hundreds of sub-agents that share its context, and reads what they found; round after round. */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';
import {arrivalFault, arrivalParams, Arrivals} from './arrivals.ts';
import {Contents, Prompt, type Segment} from './content.ts';
import {labelParams, labelsOf} from './labels.ts';
import {drawLength, lengthFault, lengthParam} from './lengths.ts';
import type {RequestPlan, SessionPlan, WorkloadContext, WorkloadSource} from './ports.ts';

const CHOICE = 'a choice';

const params = {
  ...arrivalParams,
  fanOut: {
    type: 'number',
    min: 1,
    max: 10000,
    default: 50,
    meaning: 'Sub-agents that a round sends out at once.',
    source: 'a choice: 10 to 500 are seen',
  },
  rounds: {type: 'number', min: 1, max: 1000, default: 2, meaning: 'Rounds of a swarm.', source: CHOICE},
  prefixTokens: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 8000,
    meaning: 'Tokens of tools and system prompt, the same for all swarms.',
    source: CHOICE,
  },
  contextTokens: lengthParam(20000, 60000, "The task's own context, which all sub-agents of the swarm share.", CHOICE),
  taskTokens: lengthParam(300, 1000, 'What a sub-agent is told.', CHOICE),
  subagentTurns: {type: 'number', min: 1, max: 1000, default: 4, meaning: 'Turns of a sub-agent.', source: CHOICE},
  resultTokens: lengthParam(800, 4000, 'What a tool answers between two turns.', CHOICE),
  outputTokens: lengthParam(150, 600, 'Replies.', CHOICE),
  tool: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '2 s',
    meaning: 'Time of a tool, on average (exponential).',
    source: CHOICE,
  },
  ...labelParams,
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

export const swarm = {
  name: 'swarm',
  summary: 'Generated swarms: many sub-agents at once over a shared prefix.',
  params,
  check: ({arrivals, contextTokens, taskTokens, resultTokens, outputTokens}: Values) =>
    arrivalFault({arrivals}) ?? lengthFault({contextTokens, taskTokens, resultTokens, outputTokens}),
  create: (values: Values, context: WorkloadContext): WorkloadSource => new Swarms(values, context),
} as const satisfies Kind<typeof params>;

/** A context under way. */
interface Agent {
  readonly prompt: Prompt;
  tokens: number;
  /** Its last request, or the one that sent it out. */
  last: number;
  readonly subagent: boolean;
}

class Swarms implements WorkloadSource {
  readonly traces: [] = [];
  readonly warnings: readonly string[] = [];
  readonly merging: string;
  private readonly values: Values;
  private readonly blockTokens: number;
  private readonly arrivals: Arrivals;
  private readonly stream: Stream;
  private readonly contents = new Contents();
  private readonly prefix: Segment;
  private sessions = 0;
  private requests = 0;

  constructor(values: Values, {blockTokens, seed}: WorkloadContext) {
    this.values = values;
    this.blockTokens = blockTokens;
    this.arrivals = new Arrivals(values.arrivals, seed);
    this.stream = new Stream(seed, 'workload/sessions');
    this.prefix = this.contents.segment(Math.floor(values.prefixTokens / blockTokens));
    this.merging = `${values.sessionCount} generated swarms of ${values.fanOut}, ${values.arrivals.process} arrivals`;
  }

  next(): SessionPlan | null {
    const {sessionCount, requestsMax = Infinity, tenant} = this.values;
    const left = requestsMax - this.requests;
    if (this.sessions >= sessionCount || left <= 0) return null;
    const startNs = this.arrivals.next();
    const requests = this.swarm().slice(0, left);
    this.requests += requests.length;
    return {name: `swarm${this.sessions++}`, tenant, startNs, requests};
  }

  private swarm(): RequestPlan[] {
    const {values, stream} = this;
    const plans: RequestPlan[] = [];
    const prompt = new Prompt();
    prompt.add(this.prefix);
    const coordinator: Agent = {prompt, tokens: values.prefixTokens + drawLength(stream, values.contextTokens), last: -1, subagent: false};
    this.add(plans, coordinator, []);
    for (let round = 0; round < values.rounds; round++) {
      this.extend(coordinator); // its reply is in all of their contexts
      const last = Array.from({length: values.fanOut}, () => this.subagent(plans, coordinator));
      coordinator.tokens += values.fanOut * values.outputTokens.median;
      this.add(
        plans,
        coordinator,
        last.flatMap((turn) => [turn, 0]),
      );
    }
    return plans;
  }

  /** @returns its last request */
  private subagent(plans: RequestPlan[], coordinator: Agent): number {
    const {values, stream} = this;
    const tokens = coordinator.tokens + drawLength(stream, values.taskTokens);
    const agent: Agent = {prompt: coordinator.prompt.fork(), tokens, last: coordinator.last, subagent: true};
    this.add(plans, agent, [agent.last, 0]);
    for (let turn = 1; turn < values.subagentTurns; turn++) {
      agent.tokens += drawLength(stream, values.resultTokens);
      this.add(plans, agent, [agent.last, Math.round(stream.exponential() * values.tool)]);
    }
    return agent.last;
  }

  private extend({prompt, tokens}: Agent): void {
    const blocks = Math.floor(tokens / this.blockTokens) - prompt.blocks;
    if (blocks > 0) prompt.add(this.contents.segment(blocks));
  }

  private add(plans: RequestPlan[], agent: Agent, after: number[]): void {
    const {prompt, subagent} = agent;
    const inputTokens = agent.tokens;
    const outputTokens = drawLength(this.stream, this.values.outputTokens);
    this.extend(agent);
    agent.last = plans.length;
    agent.tokens += outputTokens;
    plans.push({
      turn: agent.last,
      inputTokens,
      outputTokens,
      ...prompt.hold(),
      generatedRuns: [],
      after,
      offsetNs: 0,
      subagent,
      ...labelsOf(this.values),
    });
  }
}
