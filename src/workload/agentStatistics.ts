/**
 * What is known of 143 recorded agentic coding sessions (github.com/callanjfox/kv-cache-tester, Apache-2.0; 10,606 requests and 403 of
 * sub-agents). Tables are quantiles at the probabilities of marginal.ts, in tokens and seconds; `npm run bench:workload -- --tables` prints
 * them again. Correlations, shifts and trends are set so that generated sessions show what recorded ones do: `npm run bench:workload` prints
 * both. docs/model/workload.md says how they are used.
 *
 * A session is `fresh` where its first prompt is within 60,000 tokens (80 of 143). Others resume a context: `resumed` ones stay within the
 * usual window (24), `long` ones run in a long one, that is, have a prompt beyond 180,000 tokens (39). Their lengths are of different sorts.
 */

/** Requests of a session, sub-agents apart. */
export const requestsFresh = [4, 4, 4, 4, 5, 7, 12, 17, 37, 57, 67, 79, 105, 140, 157, 254, 324, 395, 395, 395, 395];
export const requestsResumed = [4, 4, 4, 4, 4, 4, 5, 6, 13, 17, 21, 29, 36, 40, 69, 74, 89, 89, 89, 89, 89];
export const requestsLong = [5, 5, 5, 5, 5, 6, 6, 12, 21, 31, 44, 55, 92, 152, 234, 234, 234, 234, 234, 234, 234];

/** First prompt, behind the tools and the system prompt. */
export const firstFresh = [
  159, 159, 159, 159, 204, 376, 558, 2450, 3150, 3640, 4090, 4480, 4990, 6480, 12100, 26200, 36600, 42700, 42700, 42700, 42700,
];
export const firstResumed = [
  48700, 48700, 48700, 48700, 48700, 51900, 53100, 54600, 64100, 72500, 80400, 89500, 92200, 108000, 118000, 122000, 136000, 136000, 136000,
  136000, 136000,
];
export const firstLong = [
  53200, 53200, 53200, 53200, 53200, 53200, 54500, 77500, 106000, 137000, 239000, 249000, 347000, 466000, 563000, 701000, 768000, 768000,
  768000, 768000, 768000,
];

/** What a prompt has more than the one before, where it extends it: the reply, and a tool's result or the user's words. */
export const growth = [14, 93, 101, 118, 137, 156, 201, 296, 402, 526, 695, 915, 1280, 1860, 3230, 5170, 7740, 13400, 16800, 25200, 224000];

/** What a fresh session adds with its second prompt, and with those to turn `earlyTurns`: it reads in what it is about. */
export const opening = [
  112, 112, 112, 112, 198, 239, 424, 536, 745, 2540, 4770, 9300, 13900, 20200, 32400, 48800, 76100, 116000, 116000, 116000, 116000,
];
export const early = [
  94, 94, 96, 101, 127, 146, 178, 296, 417, 620, 840, 1340, 2110, 4040, 7400, 11700, 16200, 23000, 27100, 102000, 102000,
];
export const earlyTurns = 10;

export const output = [1, 30, 58, 70, 79, 92, 107, 128, 151, 180, 224, 291, 385, 537, 928, 1580, 2310, 3510, 4630, 6790, 12200];

/**
 * Seconds from a reply to the next request: within a hundred, while a tool runs or the user reads (below a tenth: a tenth); or a break, 1,328
 * of 10,281, in which the user is elsewhere.
 */
export const breakSeconds = 100;
export const think = [0.1, 0.1, 1, 2, 3, 3, 4, 5, 6, 7, 9, 11, 15, 21, 39, 62, 75, 93, 97, 100, 100];
export const breakLength = [
  101, 101, 101, 102, 105, 110, 122, 133, 171, 200, 292, 392, 597, 997, 2890, 3860, 6520, 6850, 10400, 12200, 19200,
];
/** Normal score above which a pause is a break: that of 12.9 %. */
export const breakScore = 1.13;

/** The same before a prompt that is rewritten or compacted: often the return after a break. */
export const thinkRewritten = [
  0.1, 0.1, 0.1, 0.1, 0.1, 4, 9, 35, 142, 198, 313, 1160, 1910, 2700, 13000, 39500, 39500, 39500, 39500, 39500, 39500,
];
export const thinkCompacted = [
  0.1, 0.1, 0.1, 0.1, 3, 7, 27, 108, 129, 153, 171, 287, 464, 1360, 15100, 15100, 52600, 52600, 52600, 52600, 52600,
];

/** By how much normal scores at a session's end exceed those at its beginning: of pauses, of the chance of a break, of its length. */
export const trend = {think: 0.19, isBreak: 0.25, breakLength: 0.17} as const;

/** Length of a compacted prompt as a share of the one before. */
export const compaction = [
  0.14, 0.14, 0.14, 0.14, 0.16, 0.17, 0.18, 0.22, 0.33, 0.38, 0.49, 0.64, 0.68, 0.77, 0.85, 0.85, 0.86, 0.9, 0.9, 0.9, 0.9,
];

/**
 * Sub-agents: requests of one, first prompt behind its tools and system prompt, growth to turn
 * `subagentEarlyTurns` and later, output, pauses.
 */
export const subagentRequests = [4, 4, 4, 4, 4, 4, 4, 6, 7, 10, 11, 12, 13, 14, 18, 24, 24, 24, 24, 24, 24];
export const subagentFirst = [
  167, 167, 167, 167, 167, 175, 214, 504, 568, 717, 1430, 1860, 3230, 3270, 3290, 3310, 3750, 3750, 3750, 3750, 3750,
];
export const subagentEarly = [
  185, 185, 185, 187, 307, 426, 549, 1030, 1360, 2070, 3430, 4450, 7060, 11800, 18900, 38300, 59500, 72300, 120000, 120000, 120000,
];
export const subagentEarlyTurns = 5;
export const subagentGrowth = [
  179, 179, 179, 190, 200, 356, 519, 671, 967, 1490, 2170, 2900, 4000, 5720, 7400, 10000, 13400, 32500, 57400, 57400, 57400,
];
export const subagentOutput = [79, 79, 88, 95, 102, 118, 134, 181, 209, 232, 250, 281, 309, 345, 572, 2980, 3850, 4800, 5080, 9830, 9830];
export const subagentThink = [1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 27, 40, 55, 65, 122, 124, 124];

/** Correlations of normal scores; those called `...Session` are shares of variance that lie between sessions. */
export const correlation = {
  /** Of growth by itself: the outputs that growth follows add to it, to 0.17. */
  growthSession: 0.13,
  outputSession: 0.1,
  thinkSession: 0.17,
  breakSession: 0.28,
  breakLengthSession: 0.3,
  /** Sessions of many requests open shorter, and grow by smaller steps. Long ones more so than their ranks say: most turns are of a few sessions. */
  requestsFirst: {fresh: -0.11, resumed: -0.3, long: -0.75},
  requestsGrowth: {fresh: -0.3, resumed: 0, long: -0.35},
  /** Think time is longer in sessions that open longer, of fewer requests, or with large steps. */
  requestsThink: {fresh: 0, resumed: 0.15, long: -0.4},
  firstThink: {fresh: 0.05, resumed: 0.1, long: 0.3},
  growthThinkSession: 0.35,
  /** Sessions with longer think times have more breaks, and those with more breaks longer ones. */
  thinkBreak: 0.6,
  breakBreakLength: 0.4,
  /** Large steps go with long outputs between sessions, and from a reply to the prompt that holds it. */
  growthOutputSession: 0.4,
  growthOutput: 0.42,
} as const;

/** Mean normal scores of a session's think times and steps, by sort. */
export const thinkShift = {fresh: -0.2, resumed: 0, long: 0.9} as const;
export const growthShift = {fresh: -0.1, resumed: 0.3, long: 0.2} as const;
