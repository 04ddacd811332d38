/**
 * Recorded agentic sessions, replayed closed loop: one JSON file a session (agentFile.ts), who waits for whom in agentGraph.ts, block
 * names in blockNames.ts. A file is read when its session is asked for, and only its plan is kept.
 *
 * CPU: the public set's 143 files, 24 M block references, take about 1 s, most of it JSON.parse, and 130 MB.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {readAgentFile} from './agentFile.ts';
import type {AgentFile} from './agentFile.ts';
import {graphOf} from './agentGraph.ts';
import type {GraphNode} from './agentGraph.ts';
import {BlockNames} from './blockNames.ts';
import type {SharedPrefix} from './blockNames.ts';
import {FieldFault, parseJson, shown, withPlace} from './fields.ts';
import {lineOfJsonPath} from './jsonLine.ts';
import {labelParams, labelsOf} from './labels.ts';
import {TraceError} from './ports.ts';
import type {RequestPlan, SessionPlan, TraceFile, WorkloadContext, WorkloadSource} from './ports.ts';
import {orderText, sessionOrder} from './sessions.ts';

const params = {
  path: {type: 'text', meaning: 'The trace files: a file, a folder, or a pattern; one session a file.'},
  sharedPrefix: {
    type: 'choice',
    choices: ['none', 'tools'],
    default: 'none',
    meaning:
      'tools: the first tool_tokens + system_tokens of a prompt, in whole blocks, are common to all agents with the same two numbers, as in production; the ids in the files do not say so. none: nothing is common to two files.',
  },
  generated: {
    type: 'choice',
    choices: ['private', 'reusable'],
    default: 'private',
    meaning:
      "reusable: where a later prompt of the session extends this one, blocks that decode completed are that prompt's blocks (the reply came back verbatim). private: they are never asked for again.",
  },
  timeScale: {
    type: 'number',
    min: 1e-6,
    max: 1e6,
    fraction: true,
    default: 1,
    meaning: 'Recorded pauses are multiplied by this; 0.5 is twice as fast.',
  },
  repeats: {
    type: 'choice',
    choices: ['keep', 'drop'],
    default: 'keep',
    meaning: "drop: leave out a session all of whose lengths repeat an earlier file's (five of the public files are one session).",
  },
  sessionsMax: {type: 'number', min: 1, max: 1e9, optional: true, meaning: 'End after this many sessions.'},
  requestsMax: {type: 'number', min: 1, max: 1e12, optional: true, meaning: 'End after this many requests.'},
  ...labelParams,
} as const satisfies Params;

export const agentTrace = {
  name: 'agentTrace',
  summary: 'Recorded agentic coding sessions, closed loop, with sub-agents.',
  source: 'github.com/callanjfox/kv-cache-tester, traces (Apache-2.0)',
  params,
  create: (values: ValuesOf<typeof params>, context: WorkloadContext): WorkloadSource => new AgentTrace(values, context),
} as const satisfies Kind<typeof params>;

class AgentTrace implements WorkloadSource {
  readonly traces: {name: string; sha256: string; requests: number}[] = [];
  readonly merging: string;
  readonly warnings: readonly string[] = [];
  private readonly values: ValuesOf<typeof params>;
  private readonly files: readonly TraceFile[];
  private readonly blockTokens: number;
  private position = 0;
  private sessions = 0;
  private requests = 0;
  /** Made with the first file's block size, which all must have. */
  private names: BlockNames | null = null;
  private traceTokens = 0;
  /** By "tool tokens/system tokens". */
  private readonly prefixes = new Map<string, SharedPrefix>();
  /** Lengths of the sessions seen, to find repeats. */
  private readonly lengths = new Set<string>();

  /** @throws TraceError without files */
  constructor(values: ValuesOf<typeof params>, context: WorkloadContext) {
    if (context.files.length === 0) throw new TraceError(values.path, 1, 'expected trace files, found none');
    const byName = [...context.files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    this.values = values;
    this.files = sessionOrder(byName.length, context).map((index) => byName[index]);
    this.blockTokens = context.blockTokens;
    const options = `generated blocks ${values.generated}, shared prefix ${values.sharedPrefix}, repeats ${values.repeats === 'drop' ? 'dropped' : 'kept'}`;
    this.merging = `${byName.length} recorded sessions, ${orderText(context)}; ${options}`;
  }

  next(): SessionPlan | null {
    while (this.position < this.files.length && !this.isFull()) {
      const session = this.readSession(this.files[this.position++]);
      if (session === null) continue;
      this.sessions++;
      this.requests += session.requests.length;
      return session;
    }
    return null;
  }

  private isFull(): boolean {
    return this.sessions >= (this.values.sessionsMax ?? Infinity) || this.requests >= (this.values.requestsMax ?? Infinity);
  }

  /** @returns null for a repeat that is to be dropped */
  private readSession(file: TraceFile): SessionPlan | null {
    const text = file.text();
    const json = parseJson(file.name, 1, text);
    return withPlace(
      file.name,
      (path) => lineOfJsonPath(text, path),
      () => {
        const recorded = readAgentFile(json);
        const nodes = graphOf(recorded);
        if (this.values.repeats === 'drop' && this.isRepeat(nodes)) return null;
        const kept = nodes.slice(0, (this.values.requestsMax ?? Infinity) - this.requests);
        const requests = this.plan(recorded, kept);
        this.traces.push({name: file.name, sha256: file.sha256, requests: requests.length});
        return {name: recorded.name, tenant: this.values.tenant, startNs: null, requests};
      },
    );
  }

  private isRepeat(nodes: readonly GraphNode[]): boolean {
    const lengths = nodes.map(({request}) => `${request.inputTokens}/${request.outputTokens}`).join();
    if (this.lengths.has(lengths)) return true;
    this.lengths.add(lengths);
    return false;
  }

  private plan(recorded: AgentFile, nodes: readonly GraphNode[]): RequestPlan[] {
    const names = this.namesFor(recorded);
    const begun = new Set<string>();
    return nodes.map((node, turn) => {
      const {request} = node;
      const prefix = this.values.sharedPrefix === 'tools' ? this.prefixOf(node, begun, names) : null;
      const promptBlocks = Math.floor(request.inputTokens / this.blockTokens);
      const isReusable = this.values.generated === 'reusable';
      const allBlocks = isReusable ? Math.floor(writtenTokens(node) / this.blockTokens) : promptBlocks;
      const ids = isReusable ? extendedIds(nodes, turn, recorded.blockTokens) : request.ids;
      const named = names.name(ids, promptBlocks, allBlocks, prefix, request.path);
      return {
        turn,
        inputTokens: request.inputTokens,
        outputTokens: request.outputTokens,
        promptRuns: named.promptRuns,
        generatedRuns: named.generatedRuns,
        after: node.after.map((value, index) => (index % 2 === 0 ? value : this.nanoseconds(value))),
        offsetNs: this.nanoseconds(node.offset),
        subagent: node.subagent,
        ...(request.ending === undefined ? {} : {ending: request.ending}),
        ...labelsOf(this.values),
        infiniteHitBlocks: named.heldBlocks,
      };
    });
  }

  private namesFor(recorded: AgentFile): BlockNames {
    this.names ??= new BlockNames(recorded.blockTokens, this.blockTokens);
    this.traceTokens ||= recorded.blockTokens;
    if (recorded.blockTokens !== this.traceTokens)
      throw new FieldFault(['block_size'], `${this.traceTokens}, as in the files before`, shown(recorded.blockTokens));
    this.names.forgetTraceIds();
    return this.names;
  }

  /** The common prefix, with the first prompt of the session's first agent of its sort; later ones follow by their ids. */
  private prefixOf(node: GraphNode, begun: Set<string>, names: BlockNames): SharedPrefix | null {
    const {toolTokens, systemTokens} = node.agent;
    const key = `${toolTokens}/${systemTokens}`;
    if (begun.has(key)) return null;
    begun.add(key);
    let prefix = this.prefixes.get(key);
    if (prefix === undefined) {
      prefix = names.sharePrefix(Math.floor((toolTokens + systemTokens) / this.blockTokens));
      this.prefixes.set(key, prefix);
    }
    return prefix;
  }

  private nanoseconds(seconds: number): number {
    return Math.round(seconds * 1e9 * this.values.timeScale);
  }
}

/** Tokens whose KV exists when the request ends: the last token is sampled, and never run through the model. */
function writtenTokens({request}: GraphNode): number {
  return request.inputTokens + Math.max(0, request.outputTokens - 1);
}

/** The prompt's ids, and as far as generated tokens reach, those by which the first later prompt that extends this one goes on. */
function extendedIds(nodes: readonly GraphNode[], turn: number, traceTokens: number): readonly unknown[] {
  const {ids} = nodes[turn].request;
  const end = Math.ceil(writtenTokens(nodes[turn]) / traceTokens);
  if (ids.length === 0 || end <= ids.length) return ids;
  const tip = ids.length - 1;
  for (let later = turn + 1; later < nodes.length; later++) {
    const laterIds = nodes[later].request.ids;
    if (laterIds.length > ids.length && laterIds[tip] === ids[tip]) return laterIds.slice(0, end);
  }
  return ids;
}
