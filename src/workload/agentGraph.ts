/**
 * What waits for what in a recorded agentic session.
 *
 * Within an agent, requests are a closed loop: each comes its think time after the previous reply. A sub-agent is launched by the
 * reply before it; the parent's next request waits for it only where the record shows that it did, that is, where it came at or
 * after the sub-agent's end.
 *
 * Where a sub-agent ran is read off the record, too. Its `t` is the launch in entries written at launch (asynchronous sub-agents,
 * duration unknown), and the completion in entries written when the reply came back: in the public traces `t - duration` then falls
 * 0.1 to 1.0 s after the launching reply in 32 of 32 cases, and as a launch `t` would come 43 to 396 s after it. So the entry runs from
 * `t - duration` if that is not before the launching reply, and from `t` otherwise.
 */
import {isSubagent} from './agentFile.ts';
import type {Agent, AgentRequest, Subagent} from './agentFile.ts';

export interface GraphNode {
  readonly request: AgentRequest;
  readonly agent: Agent;
  /** Nested at any depth: this agent is not the session itself. */
  readonly subagent: boolean;
  /** As RequestPlan.after, in seconds: [turn, seconds, ...]. */
  readonly after: number[];
  /** Seconds after the session's start; used where `after` is empty. */
  readonly offset: number;
}

/** A finished piece of work: the turn that ends it, and its recorded end in seconds from the session's start. */
interface Done {
  readonly turn: number;
  readonly end: number;
}

/** All requests of a session in recorded order, each sub-agent's at its place; positions are turns. */
export function graphOf(agent: Agent): GraphNode[] {
  const nodes: GraphNode[] = [];
  addAgent(nodes, agent, 0, null);
  return nodes;
}

/**
 * @param origin seconds from the session's start to the agent's
 * @param launcher the request whose reply launched this agent; null for the session itself, or where it opens with a sub-agent
 * @returns its last request, null if it has none
 */
function addAgent(nodes: GraphNode[], agent: Agent, origin: number, launcher: Done | null, subagent = false): Done | null {
  let previous = launcher;
  let isFirst = true;
  let running: Done[] = [];
  for (const entry of agent.entries) {
    const at = origin + entry.t;
    if (isSubagent(entry)) {
      const start = startOf(entry, at, previous);
      const last = addAgent(nodes, entry, start, previous, true);
      if (last !== null) running.push(entry.durationSeconds === null ? last : {turn: last.turn, end: start + entry.durationSeconds});
      continue;
    }
    const joined = running.filter((done) => done.end <= at);
    const think = isFirst ? null : entry.thinkSeconds;
    nodes.push({request: entry, agent, subagent, after: afterOf(at, think, previous, joined), offset: at});
    previous = {turn: nodes.length - 1, end: at + entry.apiSeconds};
    running = [];
    isFirst = false;
  }
  return isFirst ? null : previous;
}

function startOf(entry: Subagent, at: number, launcher: Done | null): number {
  const start = at - (entry.durationSeconds ?? 0);
  return start >= (launcher?.end ?? 0) ? start : at;
}

/** A joined request waits from the last of the joined ends, which come after the previous reply; any other from that reply. */
function afterOf(at: number, think: number | null, previous: Done | null, joined: readonly Done[]): number[] {
  if (joined.length > 0) {
    const end = Math.max(...joined.map((done) => done.end));
    return joined.flatMap((done) => [done.turn, at - end]);
  }
  if (previous === null) return [];
  return [previous.turn, think ?? Math.max(0, at - previous.end)];
}
