/**
 * Conversations: turns that extend each other behind a system prompt that conversations share; contexts are now and then edited, and compacted
 * where they grow too long. `chat` is people who type, `voice` is people who speak: short turns with a budget to the first token.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {Stream} from '../base/random.ts';
import {arrivalFault, arrivalParams, Arrivals} from './arrivals.ts';
import {Contents, Prompt, type Segment} from './content.ts';
import {labelParams, labelsOf} from './labels.ts';
import {drawLength, lengthFault, lengthParam} from './lengths.ts';
import type {RequestPlan, SessionPlan, WorkloadContext, WorkloadSource} from './ports.ts';

const CHOICE = 'a choice';
const share = {type: 'number', min: 0, max: 1, fraction: true, default: 0} as const;

const params = {
  ...arrivalParams,
  turns: {
    type: 'number',
    min: 1,
    max: 10000,
    fraction: true,
    default: 5,
    meaning: 'Turns of a conversation, on average (geometric).',
    source: CHOICE,
  },
  think: {
    type: 'quantity',
    dimension: 'time',
    zero: true,
    default: '30 s',
    meaning: 'From a reply to the next turn, on average (exponential).',
    source: CHOICE,
  },
  systemTokens: {type: 'number', min: 0, max: 1e6, default: 1000, meaning: 'Tokens of the system prompt.', source: CHOICE},
  systemPrompts: {type: 'number', min: 1, max: 1e6, default: 1, meaning: 'Different ones, each as likely.'},
  firstTokens: lengthParam(400, 4000, "The user's first message.", 'a choice, near ShareGPT'),
  turnTokens: lengthParam(80, 600, "The user's later messages.", 'a choice, near ShareGPT'),
  outputTokens: lengthParam(200, 800, 'Replies.', 'a choice, near ShareGPT'),
  generated: {
    type: 'choice',
    choices: ['reusable', 'private'],
    default: 'reusable',
    meaning:
      'Whether the blocks that decode completes are those that the next prompt begins with (reusable), or come back as other tokens (private).',
  },
  edits: {...share, meaning: 'Turns before which the context is edited: what follows the place is new content.'},
  editPosition: {
    ...share,
    default: 0.5,
    meaning: 'Where an edit is, from the end of the system prompt (0) to the end of the context (1).',
    source: CHOICE,
  },
  compactAtTokens: {
    type: 'number',
    min: 100,
    max: 1e7,
    optional: true,
    meaning: 'A context that has grown beyond this is replaced by a summary. Default: never.',
  },
  compactToTokens: {
    type: 'number',
    min: 1,
    max: 1e7,
    default: 2000,
    meaning: 'Tokens of the summary, behind the system prompt.',
    source: CHOICE,
  },
  tenants: {
    type: 'number',
    min: 1,
    max: 10000,
    default: 1,
    meaning: 'Tenants that conversations belong to, each as likely; numbered where there are several.',
  },
  ...labelParams,
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

function fault({arrivals, firstTokens, turnTokens, outputTokens, ...values}: Values): {field: string; message: string} | null {
  if (values.compactAtTokens !== undefined && values.compactAtTokens <= values.systemTokens + values.compactToTokens)
    return {field: 'compactAtTokens', message: 'must lie above the system prompt and the summary together, or every turn would compact'};
  return arrivalFault({arrivals}) ?? lengthFault({firstTokens, turnTokens, outputTokens});
}

const create = (values: Values, context: WorkloadContext): WorkloadSource => new Conversations(values, context);

export const chat = {
  name: 'chat',
  summary: 'Generated conversations of people who type.',
  params,
  check: fault,
  create,
} as const satisfies Kind<typeof params>;

const SPOKEN = 'a choice: spoken turns of some seconds';
export const voice = {
  name: 'voice',
  summary: 'Generated voice agents: short turns, and a budget to the first token.',
  params: {
    ...params,
    turns: {...params.turns, default: 12, source: SPOKEN},
    think: {...params.think, default: '6 s', source: SPOKEN},
    systemTokens: {...params.systemTokens, default: 2000},
    firstTokens: lengthParam(30, 100, 'What is said first.', SPOKEN),
    turnTokens: lengthParam(25, 80, 'What is said later.', SPOKEN),
    outputTokens: lengthParam(40, 120, 'Replies.', SPOKEN),
    deadline: {
      type: 'quantity',
      dimension: 'time',
      default: '300 ms',
      meaning: labelParams.deadline.meaning,
      source: 'a choice: what a caller takes for a pause',
    },
  },
  check: fault,
  create,
} as const satisfies Kind;

class Conversations implements WorkloadSource {
  readonly traces: [] = [];
  readonly warnings: readonly string[] = [];
  readonly merging: string;
  private readonly values: Values;
  private readonly blockTokens: number;
  private readonly arrivals: Arrivals;
  private readonly stream: Stream;
  private readonly contents = new Contents();
  private readonly systems = new Map<number, Segment>();
  private sessions = 0;
  private requests = 0;

  constructor(values: Values, {blockTokens, seed}: WorkloadContext) {
    this.values = values;
    this.blockTokens = blockTokens;
    this.arrivals = new Arrivals(values.arrivals, seed);
    this.stream = new Stream(seed, 'workload/sessions');
    this.merging = `${values.sessionCount} generated conversations, ${values.arrivals.process} arrivals; generated blocks ${values.generated}`;
  }

  next(): SessionPlan | null {
    const {sessionCount, requestsMax = Infinity, tenant, tenants} = this.values;
    const left = requestsMax - this.requests;
    if (this.sessions >= sessionCount || left <= 0) return null;
    const startNs = this.arrivals.next();
    const number = this.stream.below(tenants);
    const requests = this.conversation().slice(0, left);
    this.requests += requests.length;
    return {name: `conversation${this.sessions++}`, tenant: tenants === 1 ? tenant : `${tenant}${number}`, startNs, requests};
  }

  private conversation(): RequestPlan[] {
    const {values, stream} = this;
    const prompt = new Prompt();
    prompt.add(this.system(stream.below(values.systemPrompts)));
    const plans: RequestPlan[] = [];
    let tokens = values.systemTokens + drawLength(stream, values.firstTokens);
    for (;;) {
      const outputTokens = drawLength(stream, values.outputTokens);
      plans.push(this.turn(plans.length, prompt, tokens, outputTokens));
      tokens += outputTokens + drawLength(stream, values.turnTokens);
      if (stream.uniform() * values.turns < 1) return plans;
      tokens = this.rewritten(prompt, tokens);
    }
  }

  private turn(turn: number, prompt: Prompt, inputTokens: number, outputTokens: number): RequestPlan {
    const {values} = this;
    this.extend(prompt, inputTokens);
    const held = prompt.hold();
    const generatedRuns = values.generated === 'reusable' ? this.extend(prompt, inputTokens + outputTokens - 1) : [];
    prompt.hold();
    const after = turn === 0 ? [] : [turn - 1, Math.round(this.stream.exponential() * values.think)];
    return {turn, inputTokens, outputTokens, ...held, generatedRuns, after, offsetNs: 0, subagent: false, ...labelsOf(values)};
  }

  /** New content up to that many tokens. @returns its run */
  private extend(prompt: Prompt, tokens: number): number[] {
    const blocks = Math.floor(tokens / this.blockTokens) - prompt.blocks;
    if (blocks <= 0) return [];
    const segment = this.contents.segment(blocks);
    prompt.add(segment);
    return [segment.first, blocks];
  }

  /** Edits and compaction between two turns. @returns tokens of the next prompt */
  private rewritten(prompt: Prompt, tokens: number): number {
    const {edits, editPosition, systemTokens, compactAtTokens = Infinity, compactToTokens} = this.values;
    const compacts = tokens > compactAtTokens;
    const edited = edits > 0 && this.stream.uniform() < edits;
    if (compacts) prompt.cut(Math.floor(systemTokens / this.blockTokens));
    else if (edited) prompt.cut(Math.floor((systemTokens + editPosition * (tokens - systemTokens)) / this.blockTokens));
    return compacts ? systemTokens + compactToTokens + drawLength(this.stream, this.values.turnTokens) : tokens;
  }

  private system(version: number): Segment {
    let segment = this.systems.get(version);
    if (segment === undefined)
      this.systems.set(version, (segment = this.contents.segment(Math.floor(this.values.systemTokens / this.blockTokens))));
    return segment;
  }
}
