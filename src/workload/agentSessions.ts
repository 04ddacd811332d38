/**
 * A generator of agentic coding sessions, fitted to recorded ones (agentStatistics.ts): closed loop, prompts that extend each other,
 * contexts that are now and then rewritten or compacted, sub-agents, a prefix of tools and system prompt that sessions share.
 *
 * One session is made at a time, so any number streams in constant memory. Fit: `npm run bench:workload`.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {AgentDraws} from './agentDraws.ts';
import type {AgentCharacter, Turn} from './agentDraws.ts';
import {ContextChain} from './contextChain.ts';
import {labelParams, labelsOf} from './labels.ts';
import type {RequestPlan, Runs, SessionPlan, WorkloadContext, WorkloadSource} from './ports.ts';

const recorded = 'kv-cache-tester traces: 143 sessions, 11,009 requests (agentStatistics.ts)';
const share = {type: 'number', min: 0, max: 1, fraction: true, source: recorded} as const;
const scale = {type: 'number', min: 1e-6, max: 1e6, fraction: true, default: 1} as const;

const params = {
  sessionCount: {
    type: 'number',
    min: 1,
    max: 1e9,
    default: 1000,
    meaning: 'Sessions to make.',
    source: 'a choice: more than a run of hours begins',
  },
  requestsMax: {type: 'number', min: 1, max: 1e12, optional: true, meaning: 'End after this many requests.'},
  timeScale: {...scale, meaning: 'Pauses are multiplied by this.'},
  growthScale: {...scale, meaning: 'What a turn adds to the prompt is multiplied by this.'},
  generated: {
    type: 'choice',
    choices: ['private', 'reusable'],
    default: 'private',
    meaning:
      "reusable: the reply comes back verbatim, so blocks that decode completed begin the next turn's addition. private: they are never asked for again.",
  },
  sharedPrefix: {
    type: 'choice',
    choices: ['none', 'tools'],
    default: 'tools',
    meaning:
      'tools: tools and system prompt are common to the sessions that have the same version of them. none: nothing is common to two sessions.',
  },
  prefixTokens: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 14805,
    meaning: 'Tokens of tools and system prompt.',
    source: `${recorded}, median`,
  },
  prefixes: {
    type: 'number',
    min: 1,
    max: 1e6,
    default: 105,
    meaning: 'Versions of tools and system prompt in use, each as likely.',
    source: `${recorded}: 105 different ones`,
  },
  resumedShare: {
    ...share,
    default: 0.17,
    meaning: 'Sessions that open with a context of 60,000 to 150,000 tokens.',
    source: `${recorded}: 24 of 143`,
  },
  longShare: {
    ...share,
    default: 0.27,
    meaning: 'Sessions that open with one of 65,000 tokens or more, in a long context window.',
    source: `${recorded}: 39 of 143`,
  },
  rewrites: {
    ...share,
    default: 0.007,
    meaning: 'Requests whose prompt keeps its length but only tools and system prompt of its content.',
    source: `${recorded}: 71 of 10,180`,
  },
  rewritesAtSecond: {...share, default: 0.15, meaning: 'The same, of second requests.', source: `${recorded}: 21 of 143`},
  rewritesAfterCompaction: {
    ...share,
    default: 0.48,
    meaning: 'The same, of requests that follow a compacted one.',
    source: `${recorded}: 33 of 69`,
  },
  compactAtTokens: {
    type: 'number',
    min: 1000,
    max: 1e7,
    default: 155000,
    meaning: 'Where contexts are compacted, within -8 % to +10 % from session to session; not below the first prompt.',
    source: `${recorded}: mostly from 136,000 to 164,000`,
  },
  longWindowShare: {
    ...share,
    default: 0.15,
    meaning: 'Of the sessions that open with neither, those that run in a long context window, too.',
    source: `${recorded}: of 26 that grew so far, 4 were not compacted`,
  },
  contextMaxTokens: {
    type: 'number',
    min: 1000,
    max: 1e7,
    default: 1000000,
    meaning: 'Longest prompt of a long session; first prompts are cut to it.',
    source: 'Claude long-context window; the longest recorded prompt has 880,502',
  },
  subagentLaunches: {
    ...share,
    default: 0.0018,
    meaning: 'Replies that launch sub-agents: one, two or three at once, which the next request waits for.',
  },
  subagentPrefixTokens: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 8500,
    meaning: 'Tools and system prompt of a sub-agent.',
    source: `${recorded}: 8,100 to 10,100`,
  },
  ...labelParams,
} as const satisfies Params;

export type AgentSessionValues = ValuesOf<typeof params>;

export const agentSessions = {
  name: 'agentSessions',
  summary: 'Generated agentic coding sessions, closed loop, with sub-agents: as many as wanted.',
  source: recorded,
  params,
  create: (values: AgentSessionValues, context: WorkloadContext): WorkloadSource => new AgentSessions(values, context),
} as const satisfies Kind<typeof params>;

/** Nanoseconds from the reply that launches a sub-agent to that one's first request (recorded: 0.1 to 1.0 s). */
const launchNs = 5e8;

/** Content ids of a prefix, and whether a prompt has held it. */
interface Prefix {
  readonly first: number;
  readonly blocks: number;
  seen: boolean;
}

class AgentSessions implements WorkloadSource {
  readonly traces: [] = [];
  readonly warnings: readonly string[] = [];
  readonly merging: string;
  private readonly values: AgentSessionValues;
  private readonly blockTokens: number;
  private readonly draws: AgentDraws;
  /** Those that sessions share: by version, the session's own and its sub-agents' in turn. */
  private readonly prefixes = new Map<number, Prefix>();
  private nextContent = 0;
  private sessions = 0;
  private requests = 0;

  constructor(values: AgentSessionValues, context: WorkloadContext) {
    this.values = values;
    this.blockTokens = context.blockTokens;
    this.draws = new AgentDraws(values, context.seed);
    this.merging = `${values.sessionCount} generated sessions; generated blocks ${values.generated}, shared prefix ${values.sharedPrefix}`;
  }

  next(): SessionPlan | null {
    const requestsLeft = (this.values.requestsMax ?? Infinity) - this.requests;
    if (this.sessions >= this.values.sessionCount || requestsLeft <= 0) return null;
    const requests = this.makeSession().slice(0, requestsLeft);
    this.requests += requests.length;
    return {name: `session${this.sessions++}`, tenant: this.values.tenant, startNs: null, requests};
  }

  private makeSession(): RequestPlan[] {
    const {agent, version} = this.draws.session();
    const plans: RequestPlan[] = [];
    const chain = new ContextChain();
    const prefix = this.prefixFor(2 * version, agent.prefixTokens);
    let subagentPrefix: Prefix | null = null;
    let turn: Turn | null = null;
    let awaited: number[] = [];
    for (let index = 0; index < agent.requests; index++) {
      const next: Turn = this.draws.turn(agent, index, turn);
      const after = awaited.flatMap((before) => [before, next.pauseNs]);
      const launcher = this.add(plans, agent, chain, prefix, next, after);
      turn = next;
      const launches = this.draws.launches();
      if (launches > 0 && index + 1 < agent.requests) {
        subagentPrefix ??= this.prefixFor(2 * version + 1, this.values.subagentPrefixTokens);
        awaited = this.addSubagents(plans, launches, subagentPrefix, launcher);
      } else awaited = [launcher];
    }
    return plans;
  }

  /** @returns the last turn of each */
  private addSubagents(plans: RequestPlan[], count: number, prefix: Prefix, launcher: number): number[] {
    return Array.from({length: count}, () => {
      const agent = this.draws.subagent();
      const chain = new ContextChain();
      let turn: Turn | null = null;
      let last = launcher;
      for (let index = 0; index < agent.requests; index++) {
        turn = this.draws.turn(agent, index, turn);
        last = this.add(plans, agent, chain, prefix, turn, [last, index === 0 ? launchNs : turn.pauseNs]);
      }
      return last;
    });
  }

  /** @returns the position of the new request */
  private add(plans: RequestPlan[], agent: AgentCharacter, chain: ContextChain, prefix: Prefix, turn: Turn, after: number[]): number {
    const blocks = Math.floor(turn.inputTokens / this.blockTokens);
    const heldBlocks = this.beginPrompt(chain, prefix, turn, blocks);
    this.addNew(chain, blocks - chain.blocks);
    const promptRuns = chain.copy();
    plans.push({
      turn: plans.length,
      inputTokens: turn.inputTokens,
      outputTokens: turn.outputTokens,
      promptRuns,
      generatedRuns: this.values.generated === 'reusable' ? this.addGenerated(chain, turn) : [],
      after,
      offsetNs: 0,
      subagent: agent.subagent,
      ...labelsOf(this.values),
      infiniteHitBlocks: heldBlocks,
    });
    return plans.length - 1;
  }

  /** Cuts the context back to what this prompt keeps, or opens it with the prefix. @returns its blocks that were prompted or generated before */
  private beginPrompt(chain: ContextChain, prefix: Prefix, turn: Turn, blocks: number): number {
    if (chain.blocks > 0) {
      if (turn.change === 'extended') chain.cut(blocks);
      else chain.cut(Math.min(blocks, prefix.blocks));
      return chain.blocks;
    }
    chain.add(prefix.first, Math.min(blocks, prefix.blocks));
    const held = prefix.seen ? chain.blocks : 0;
    prefix.seen = true;
    return held;
  }

  /** Names the blocks that decode completes; the last token is sampled, and never run through the model. */
  private addGenerated(chain: ContextChain, turn: Turn): Runs {
    const writtenTokens = turn.inputTokens + Math.max(0, turn.outputTokens - 1);
    const blocks = Math.floor(writtenTokens / this.blockTokens) - chain.blocks;
    return blocks > 0 ? [this.addNew(chain, blocks), blocks] : [];
  }

  /** @returns the first new content id */
  private addNew(chain: ContextChain, blocks: number): number {
    const first = this.nextContent;
    chain.add(first, blocks);
    this.nextContent += Math.max(0, blocks);
    return first;
  }

  /** @param key of the version, where sessions share it */
  private prefixFor(key: number, tokens: number): Prefix {
    const known = this.values.sharedPrefix === 'tools' ? this.prefixes.get(key) : undefined;
    if (known !== undefined) return known;
    const prefix = {first: this.nextContent, blocks: Math.floor(tokens / this.blockTokens), seen: false};
    this.nextContent += prefix.blocks;
    if (this.values.sharedPrefix === 'tools') this.prefixes.set(key, prefix);
    return prefix;
  }
}
