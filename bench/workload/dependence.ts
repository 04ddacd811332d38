/**
 * How the statistics of sessions hang together: what the constants `correlation`, `trend` and `...Shift` of src/workload/agentStatistics.ts are
 * set by, measured alike in recorded and in generated sessions.
 *
 * A turn's score is the normal score of its rank among all turns; a session's is the mean of its turns'. Correlations are Spearman's.
 */
import type {Sort} from '../../src/workload/agentDraws.ts';
import {breakSeconds} from '../../src/workload/agentStatistics.ts';
import type {RequestPlan, SessionPlan} from '../../src/workload/ports.ts';
import {mean} from './distance.ts';

/** One turn's value of one statistic. */
interface Value {
  readonly session: number;
  /** -0.5 at the session's start to 0.5 at its end. */
  readonly place: number;
  readonly value: number;
  /** Output before it. */
  readonly before: number;
}

/** Sessions' scores need so many turns. */
const turnsMin = 3;

/** First prompts above the one open a resumed session; where a prompt exceeds the other, it runs in a long context window. */
export const resumedTokens = 60_000;
export const longTokens = 180_000;

export function sortOf(prompts: readonly number[]): Sort {
  if (prompts[0] <= resumedTokens) return 'fresh';
  return Math.max(...prompts) > longTokens ? 'long' : 'resumed';
}

/** [name, value] */
export function dependences(sessions: readonly SessionPlan[], blockTokens: number): [string, number][] {
  const own = sessions.map(({requests}) => requests.filter((request) => !request.subagent));
  const turns = own.map((requests, session) => keptTurns(requests, session, blockTokens));
  const scored = (pick: (turn: Turn) => number | null): Value[] => withScores(turns.flatMap((each) => valuesOf(each, pick)));
  const growth = scored(({growth}) => growth);
  const output = scored(({output}) => output);
  const think = scored(({pause}) => (pause !== null && pause <= breakSeconds ? pause : null));
  const breakLength = scored(({pause}) => (pause !== null && pause > breakSeconds ? pause : null));
  const isBreak = turns.flatMap((each) => valuesOf(each, ({pause}) => (pause === null ? null : Number(pause > breakSeconds))));
  const [bySession, outputs, thinks, breaks, lengths] = [growth, output, think, isBreak, breakLength].map((values) =>
    sessionMeans(values, sessions.length),
  );
  const sorts = own.map((requests) => sortOf(requests.map(({inputTokens}) => inputTokens)));
  const requests = own.map(({length}) => length);
  const first = own.map(([{inputTokens}]) => inputTokens);
  const rows: [string, number][] = [];
  for (const sort of ['fresh', 'resumed', 'long'] as const) {
    const of = (values: readonly number[]): number[] => values.map((value, session) => (sorts[session] === sort ? value : NaN));
    const among = (values: readonly Value[]): number => mean(values.filter(({session}) => sorts[session] === sort).map(({value}) => value));
    rows.push(
      [`${sort}: requests, first prompt`, spearman(of(requests), first)],
      [`${sort}: requests, growth`, spearman(of(requests), bySession)],
      [`${sort}: requests, think time`, spearman(of(requests), thinks)],
      [`${sort}: first prompt, think time`, spearman(of(first), thinks)],
      [`${sort}: score of growth`, among(growth)],
      [`${sort}: score of think time`, among(think)],
    );
  }
  return [
    ...rows,
    ['sessions: growth, output', spearman(bySession, outputs)],
    ['sessions: growth, think time', spearman(bySession, thinks)],
    ['sessions: think time, breaks', spearman(thinks, breaks)],
    ['sessions: breaks, their length', spearman(breaks, lengths)],
    [
      'turns: output, growth after it',
      spearman(
        growth.map(({before}) => before),
        growth.map(({value}) => value),
      ),
    ],
    ['between sessions: growth', shareBetween(growth)],
    ['between sessions: output', shareBetween(output)],
    ['between sessions: think time', shareBetween(think)],
    ['between sessions: breaks', shareBetween(isBreak)],
    ['between sessions: break length', shareBetween(breakLength)],
    ['trend of think time', trendOf(think)],
    ['trend of breaks', trendOf(isBreak)],
    ['trend of break length', trendOf(breakLength)],
  ];
}

interface Turn {
  readonly session: number;
  readonly place: number;
  readonly growth: number | null;
  readonly output: number;
  readonly before: number;
  /** Seconds; null where the request waits for sub-agents. */
  readonly pause: number | null;
}

/** Turns but the first whose prompt extends the one before. */
function keptTurns(requests: readonly RequestPlan[], session: number, blockTokens: number): Turn[] {
  return requests.slice(1).flatMap((request, index) => {
    const before = requests[index];
    const blocks = Math.floor(before.inputTokens / blockTokens);
    if (request.infiniteHitBlocks < Math.min(blocks - 1, 0.9 * blocks)) return [];
    const growth = request.inputTokens - before.inputTokens;
    return {
      session,
      place: (index + 1) / requests.length - 0.5,
      growth: growth > 0 ? growth : null,
      output: request.outputTokens,
      before: before.outputTokens,
      pause: request.after.length === 2 ? request.after[1] / 1e9 : null,
    };
  });
}

function valuesOf(turns: readonly Turn[], pick: (turn: Turn) => number | null): Value[] {
  return turns.flatMap((turn) => {
    const value = pick(turn);
    return value === null ? [] : {session: turn.session, place: turn.place, before: turn.before, value};
  });
}

function withScores(values: readonly Value[]): Value[] {
  const ranks = ranksOf(values.map(({value}) => value));
  return values.map((each, index) => ({...each, value: normalScore((ranks[index] + 0.5) / values.length)}));
}

/** From 0; ties share the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a] - values[b]);
  const ranks: number[] = Array(values.length).fill(0);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let index = from; index < to; index++) ranks[order[index]] = (from + to - 1) / 2;
  }
  return ranks;
}

/** Inverse of the normal distribution, to 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function normalScore(level: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(level, 1 - level)));
  const size = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return level < 0.5 ? -size : size;
}

/** By session; NaN for too few turns. */
function sessionMeans(values: readonly Value[], sessions: number): number[] {
  const sums = new Float64Array(sessions);
  const counts = new Int32Array(sessions);
  for (const {session, value} of values) {
    sums[session] += value;
    counts[session]++;
  }
  return Array.from(sums, (sum, session) => (counts[session] < turnsMin ? NaN : sum / counts[session]));
}

/** Spearman's rank correlation over the pairs that are complete. */
function spearman(left: readonly number[], right: readonly number[]): number {
  const both = left.map((_, index) => index).filter((index) => !Number.isNaN(left[index]) && !Number.isNaN(right[index]));
  const [a, b] = [left, right].map((values) => centred(ranksOf(both.map((index) => values[index]))));
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Share of the variance that lies between sessions (one-way analysis of variance, sessions of unequal size). */
function shareBetween(values: readonly Value[]): number {
  const groups = [...grouped(values).values()];
  const middle = mean(values.map(({value}) => value));
  const within = groups.reduce((sum, group) => sum + squares(group), 0) / (values.length - groups.length);
  const among =
    groups.reduce((sum, group) => sum + group.length * (mean(group.map(({value}) => value)) - middle) ** 2, 0) / (groups.length - 1);
  const size = (values.length - groups.reduce((sum, {length}) => sum + length * length, 0) / values.length) / (groups.length - 1);
  const between = Math.max(0, (among - within) / size);
  return between / (between + within);
}

/** Slope over the place in the session, sessions compared with themselves. */
function trendOf(values: readonly Value[]): number {
  let [upper, lower] = [0, 0];
  for (const group of grouped(values).values()) {
    const places = centred(group.map(({place}) => place));
    upper += dot(places, centred(group.map(({value}) => value)));
    lower += dot(places, places);
  }
  return upper / lower;
}

function grouped(values: readonly Value[]): Map<number, Value[]> {
  const groups = new Map<number, Value[]>();
  for (const each of values) {
    const group = groups.get(each.session);
    if (group === undefined) groups.set(each.session, [each]);
    else group.push(each);
  }
  return groups;
}

function squares(group: readonly Value[]): number {
  const values = centred(group.map(({value}) => value));
  return dot(values, values);
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}
