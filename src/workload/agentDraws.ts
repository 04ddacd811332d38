/**
 * All chance in the generator of agent sessions: what a session is like, and what each of its turns is. One stream a purpose, so that
 * a changed probability moves only what it is about.
 */
import {Stream} from '../base/random.ts';
import type {AgentSessionValues} from './agentSessions.ts';
import * as statistics from './agentStatistics.ts';
import {Marginal} from './marginal.ts';

/** How a session opens, and in what context window it runs: see agentStatistics.ts. */
export type Sort = 'fresh' | 'resumed' | 'long';

/** An agent as drawn before its first turn. Scores are standard normal, the same for all its turns. */
export interface AgentCharacter {
  readonly subagent: boolean;
  readonly requests: number;
  readonly prefixTokens: number;
  readonly firstTokens: number;
  /** Its context is compacted before it exceeds this. */
  readonly limitTokens: number;
  /** It has yet to read in what it is about: its first steps are large. */
  readonly isFresh: boolean;
  readonly growthScore: number;
  readonly outputScore: number;
  readonly thinkScore: number;
  readonly breakScore: number;
  readonly breakLengthScore: number;
}

export interface SessionCharacter {
  readonly agent: AgentCharacter;
  /** Version of tools and system prompt. */
  readonly version: number;
}

/**
 * What became of the prompt before: `extended`, that is, all of it kept; `rewritten`, as long as if it had been extended; `compacted`,
 * shorter. Rewritten and compacted ones keep tools and system prompt only. `first`: there was none.
 */
export type Change = 'first' | 'extended' | 'rewritten' | 'compacted';

export interface Turn {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly change: Change;
  /** Nanoseconds from the reply before to this request; 0 for the first. */
  readonly pauseNs: number;
  /** Normal score of the output: the next prompt holds that output. */
  readonly outputScore: number;
}

const {correlation, trend} = statistics;
const sorts = {
  fresh: {requests: new Marginal(statistics.requestsFresh), first: new Marginal(statistics.firstFresh)},
  resumed: {requests: new Marginal(statistics.requestsResumed), first: new Marginal(statistics.firstResumed)},
  long: {requests: new Marginal(statistics.requestsLong), first: new Marginal(statistics.firstLong)},
};
const think = new Marginal(statistics.think);
const breakLength = new Marginal(statistics.breakLength);
const thinkRewritten = new Marginal(statistics.thinkRewritten);
const thinkCompacted = new Marginal(statistics.thinkCompacted);
const compaction = new Marginal(statistics.compaction);

/** Lengths of a turn, of a session's own agent and of sub-agents. */
interface TurnMarginals {
  /** What the second prompt adds to the first, what the next ones add, to turn `earlyTurns`, and the others. */
  readonly opening: Marginal;
  readonly early: Marginal;
  readonly earlyTurns: number;
  readonly growth: Marginal;
  readonly output: Marginal;
}

const ownMarginals: TurnMarginals = {
  opening: new Marginal(statistics.opening),
  early: new Marginal(statistics.early),
  earlyTurns: statistics.earlyTurns,
  growth: new Marginal(statistics.growth),
  output: new Marginal(statistics.output),
};

const subagentMarginals: TurnMarginals = {
  opening: new Marginal(statistics.subagentEarly),
  early: new Marginal(statistics.subagentEarly),
  earlyTurns: statistics.subagentEarlyTurns,
  growth: new Marginal(statistics.subagentGrowth),
  output: new Marginal(statistics.subagentOutput),
};
const subagentRequests = new Marginal(statistics.subagentRequests);
const subagentFirst = new Marginal(statistics.subagentFirst);
const subagentThink = new Marginal(statistics.subagentThink);

/**
 * Tables of turns count every turn, so sessions by their length: the mean requests score of a turn's session. (A lognormal of log
 * deviation s, weighted by its values, is the same one s deviations higher; the table's is 1.2, cut off at its ends.)
 */
const turnBias = 0.9;

/** Likewise a table of breaks counts sessions by their breaks: the mean break score of a break's session. */
const breakBias = 0.85;

/** Contexts are compacted within these shares of compactAtTokens. */
const compactLow = 0.92;
const compactHigh = 1.1;

/** Sub-agents' turns draw from streams of their own, so that more sub-agents leave the sessions as they were. */
interface TurnStreams {
  readonly lengths: Stream;
  readonly edits: Stream;
  readonly pauses: Stream;
}

export class AgentDraws {
  private readonly values: AgentSessionValues;
  private readonly sessions: Stream;
  private readonly subagents: Stream;
  private readonly ownTurns: TurnStreams;
  private readonly subagentTurns: TurnStreams;

  constructor(values: AgentSessionValues, seed: number) {
    this.values = values;
    this.sessions = new Stream(seed, 'workload/sessions');
    this.subagents = new Stream(seed, 'workload/subagents');
    this.ownTurns = turnStreams(seed, 'workload/turns');
    this.subagentTurns = turnStreams(seed, 'workload/subagentTurns');
  }

  session(): SessionCharacter {
    const {values, sessions} = this;
    const sort = this.sort();
    const requestsScore = sessions.normal();
    const firstScore = mixed(correlation.requestsFirst[sort], requestsScore, sessions.normal());
    const growthScore = statistics.growthShift[sort] + mixed(correlation.requestsGrowth[sort], requestsScore - turnBias, sessions.normal());
    const outputScore = mixed(correlation.growthOutputSession, growthScore, sessions.normal());
    const thinkByGrowth = mixed(correlation.growthThinkSession, growthScore, sessions.normal());
    const thinkByRequests = mixed(correlation.requestsThink[sort], requestsScore, thinkByGrowth);
    const thinkScore = statistics.thinkShift[sort] + mixed(correlation.firstThink[sort], firstScore, thinkByRequests);
    const breakScore = mixed(correlation.thinkBreak, thinkScore, sessions.normal());
    const breakLengthScore = mixed(correlation.breakBreakLength, breakScore - breakBias, sessions.normal());
    const firstTokens = Math.min(Math.round(values.prefixTokens + sorts[sort].first.at(firstScore)), values.contextMaxTokens);
    const version = sessions.below(values.prefixes);
    const agent = {
      subagent: false,
      requests: Math.round(sorts[sort].requests.at(requestsScore)),
      prefixTokens: Math.min(values.prefixTokens, firstTokens),
      firstTokens,
      limitTokens: this.limitTokens(sort, firstTokens),
      isFresh: sort === 'fresh',
      growthScore,
      outputScore,
      thinkScore,
      breakScore,
      breakLengthScore,
    };
    return {agent, version};
  }

  private sort(): Sort {
    const chance = this.sessions.uniform();
    if (chance < this.values.longShare) return 'long';
    return chance < this.values.longShare + this.values.resumedShare ? 'resumed' : 'fresh';
  }

  /** Where contexts are compacted: never the first prompt, which a record shows whole. */
  private limitTokens(sort: Sort, firstTokens: number): number {
    const {values, sessions} = this;
    const place = sessions.uniform();
    const isLong = sessions.uniform() < values.longWindowShare;
    const lowest = Math.max(compactLow * values.compactAtTokens, firstTokens);
    const limit = lowest + place * Math.max(0, compactHigh * values.compactAtTokens - lowest);
    return sort === 'long' || (sort === 'fresh' && isLong) ? values.contextMaxTokens : Math.min(limit, values.contextMaxTokens);
  }

  subagent(): AgentCharacter {
    const {values, subagents} = this;
    return {
      subagent: true,
      requests: Math.round(subagentRequests.at(subagents.normal())),
      prefixTokens: values.subagentPrefixTokens,
      firstTokens: Math.round(values.subagentPrefixTokens + subagentFirst.at(subagents.normal())),
      limitTokens: values.contextMaxTokens,
      isFresh: true,
      growthScore: subagents.normal(),
      outputScore: subagents.normal(),
      thinkScore: subagents.normal(),
      breakScore: 0, // they take no breaks
      breakLengthScore: 0,
    };
  }

  /** @param before the turn before this one; null for the first */
  turn(agent: AgentCharacter, index: number, before: Turn | null): Turn {
    const {lengths} = this.streamsOf(agent);
    const marginals = agent.subagent ? subagentMarginals : ownMarginals;
    const outputNoise = lengths.normal();
    const growthNoise = lengths.normal();
    const outputScore = mixed(Math.sqrt(correlation.outputSession), agent.outputScore, outputNoise);
    const outputTokens = Math.round(marginals.output.at(outputScore));
    if (before === null) return {inputTokens: agent.firstTokens, outputTokens, change: 'first', pauseNs: 0, outputScore};
    const growthScore = growthScoreOf(agent.growthScore, before.outputScore, growthNoise);
    const growth = growthAt(agent, index, marginals).at(growthScore);
    const grown = before.inputTokens + Math.max(1, Math.round(growth * this.values.growthScale));
    const {inputTokens, change} = this.changed(agent, index, before, grown);
    const pauseNs = Math.round(this.pauseSeconds(agent, index, change, before) * 1e9 * this.values.timeScale);
    return {inputTokens, outputTokens, change, pauseNs, outputScore};
  }

  /** The prompt that was to have `grown` tokens: compacted where that is too long, or rewritten by chance. */
  private changed(agent: AgentCharacter, index: number, before: Turn, grown: number): {inputTokens: number; change: Change} {
    const {edits} = this.streamsOf(agent);
    const chance = edits.uniform();
    const ratio = compaction.at(edits.normal());
    if (grown > agent.limitTokens) {
      const compacted = Math.max(Math.round(before.inputTokens * ratio), agent.prefixTokens + 1);
      return {inputTokens: Math.min(compacted, Math.max(1, Math.floor(agent.limitTokens))), change: 'compacted'};
    }
    const isRewritten = !agent.subagent && chance < this.rewriteShare(index, before);
    return {inputTokens: grown, change: isRewritten ? 'rewritten' : 'extended'};
  }

  private rewriteShare(index: number, before: Turn): number {
    if (before.change === 'compacted') return this.values.rewritesAfterCompaction;
    return index === 1 ? this.values.rewritesAtSecond : this.values.rewrites;
  }

  private pauseSeconds(agent: AgentCharacter, index: number, change: Change, before: Turn): number {
    const {pauses} = this.streamsOf(agent);
    const noise = pauses.normal();
    const thinkScore = mixed(Math.sqrt(correlation.thinkSession), agent.thinkScore, noise);
    if (agent.subagent) return subagentThink.at(thinkScore);
    const place = index / agent.requests - 0.5;
    const lengthScore = trend.breakLength * place + mixed(Math.sqrt(correlation.breakLengthSession), agent.breakLengthScore, noise);
    const isBreakScore = trend.isBreak * place + mixed(Math.sqrt(correlation.breakSession), agent.breakScore, pauses.normal());
    // what follows a compaction at once is no return from a break, rewritten or not
    if (change !== 'extended' && before.change !== 'compacted')
      return (change === 'rewritten' ? thinkRewritten : thinkCompacted).at(lengthScore);
    return isBreakScore > statistics.breakScore ? breakLength.at(lengthScore) : think.at(trend.think * place + thinkScore);
  }

  private streamsOf(agent: AgentCharacter): TurnStreams {
    return agent.subagent ? this.subagentTurns : this.ownTurns;
  }

  /** Sub-agents that a reply launches: 0 most often, else 1, 2 or 3 (recorded: 8, 5 and 6 times). */
  launches(): number {
    return this.subagents.uniform() < this.values.subagentLaunches ? 1 + this.subagents.below(3) : 0;
  }
}

function turnStreams(seed: number, name: string): TurnStreams {
  return {
    lengths: new Stream(seed, `${name}/lengths`),
    edits: new Stream(seed, `${name}/edits`),
    pauses: new Stream(seed, `${name}/pauses`),
  };
}

/** A standard normal score that correlates by `weight` with `common`, given an independent one. */
function mixed(weight: number, common: number, own: number): number {
  return weight * common + Math.sqrt(1 - weight * weight) * own;
}

function growthAt(agent: AgentCharacter, index: number, marginals: TurnMarginals): Marginal {
  if (!agent.isFresh || index > marginals.earlyTurns) return marginals.growth;
  return index === 1 ? marginals.opening : marginals.early;
}

/** Growth correlates with the session and with the output before it, which already shares some of the session's nature. */
function growthScoreOf(session: number, output: number, own: number): number {
  const bySession = Math.sqrt(correlation.growthSession);
  const outputWithSession = Math.sqrt(correlation.outputSession) * correlation.growthOutputSession;
  const byOutput = correlation.growthOutput - bySession * outputWithSession;
  const explained = correlation.growthSession + byOutput * byOutput + 2 * bySession * byOutput * outputWithSession;
  return bySession * session + byOutput * output + Math.sqrt(1 - explained) * own;
}
