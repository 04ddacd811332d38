/** What a session is judged by: numbers of it, and of its turns. */
import type {RequestPlan, SessionPlan} from '../../src/workload/ports.ts';

/** Values by statistic, a list a session. */
export type Samples = Map<string, number[][]>;

export function samplesOf(sessions: readonly SessionPlan[], blockTokens: number): Samples {
  const samples: Samples = new Map();
  for (const session of sessions) {
    for (const [name, values] of statisticsOf(session, blockTokens)) {
      const lists = samples.get(name);
      if (lists === undefined) samples.set(name, [values]);
      else lists.push(values);
    }
  }
  return samples;
}

function statisticsOf(session: SessionPlan, blockTokens: number): [string, number[]][] {
  const own = session.requests.filter((request) => !request.subagent);
  const subagents = session.requests.filter((request) => request.subagent);
  const turns = own.slice(1);
  const prompts = own.map((request) => request.inputTokens);
  const blocks = (request: RequestPlan): number => Math.floor(request.inputTokens / blockTokens);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const held = sum(session.requests.map((request) => request.infiniteHitBlocks));
  return [
    ['requests a session', [own.length]],
    ['first prompt, tokens', [prompts[0]]],
    ['last prompt, tokens', [prompts[prompts.length - 1]]],
    ['longest prompt, tokens', [Math.max(...prompts)]],
    ['prompt, tokens', prompts],
    ['growth a turn, tokens', turns.map((request, index) => request.inputTokens - prompts[index])],
    ['output, tokens', own.map((request) => request.outputTokens)],
    ['think time, s', turns.flatMap(({after}) => (after.length === 2 ? [Math.round(after[1] / 1e9)] : []))], // the records have whole seconds
    ['think time a session, s', [sum(turns.map(({after}) => (after.length === 2 ? after[1] / 1e9 : 0)))]],
    ['new blocks a turn', turns.map((request) => blocks(request) - request.infiniteHitBlocks)],
    ['session hit ratio', [held / sum(session.requests.map(blocks))]],
    ['sub-agent requests', [subagents.length]],
    ['sub-agent prompt, tokens', subagents.map((request) => request.inputTokens)],
    ['sub-agent output, tokens', subagents.map((request) => request.outputTokens)],
  ];
}
