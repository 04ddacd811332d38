/**
 * Traces of prompts, block by block from the head of each chain: the Mooncake format, whose ids are global, and recorded agentic sessions, whose ids
 * are private to a file and whose order in time is a matter of how sessions are merged.
 */
import {graphOf} from '../../workload/agentGraph.ts';
import {readAgentFile} from '../../workload/agentFile.ts';
import {TOOL_CALLED, TURN_ENDED, UNSAID} from '../../placement/ports.ts';
import {FieldFault, arrayField, fieldsOf, optionalTimeField, parseJson, shown, withPlace} from '../../workload/fields.ts';
import {lineOfJsonPath} from '../../workload/jsonLine.ts';
import {TraceError} from '../../workload/ports.ts';
import {Names} from '../numbering.ts';
import type {LabTrace} from '../trace.ts';

/** How many sessions run at once; the next one starts when one ends. Infinity: all start together. */
export interface Interleave {
  readonly together: number;
}

/** JSON lines with `hash_ids`, one a block, and a `timestamp` in milliseconds where all have one. @throws TraceError with the line */
export function readMooncakeBlocks(name: string, text: string): LabTrace {
  const names = new Names();
  const blocks: number[] = [];
  const requests = [0];
  const times: number[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    withPlace(
      name,
      () => index + 1,
      () => {
        const fields = fieldsOf(parseJson(name, index + 1, line), []);
        const ids = arrayField(fields, 'hash_ids', []);
        const milliseconds = optionalTimeField(fields, 'timestamp', [], Number.MAX_SAFE_INTEGER);
        if (milliseconds !== null) times.push(milliseconds * 1e6);
        for (let i = 0; i < ids.length; i++) blocks.push(names.numberOf(idOf(ids[i], ['hash_ids', i])));
      },
    );
    requests.push(blocks.length);
  });
  if (blocks.length === 0) throw new TraceError(name, 1, 'expected a JSON object a line with hash_ids, found nothing');
  return {
    name,
    merging: '',
    blocks: Int32Array.from(blocks),
    distinct: names.distinct,
    sizes: null,
    requests: Int32Array.from(requests),
    times: times.length === requests.length - 1 ? inOrder(times) : null,
    sessions: null,
    endings: null,
    prefill: null,
    blockBytes: null,
  };
}

/** Nanoseconds since the first; a request that is recorded late came no earlier than the one before it. */
function inOrder(times: readonly number[]): Float64Array {
  let last = 0;
  return Float64Array.from(times, (time) => (last = Math.max(last, time - times[0])));
}

/** One file a session. @param read the text of each, asked for once @throws TraceError with file and line */
export function readAgenticBlocks(
  name: string,
  files: readonly {readonly name: string; text(): string}[],
  {together}: Interleave,
): LabTrace {
  const sessions = files.map((file) => sessionOf(file.name, file.text()));
  const count = sessions.reduce((sum, requests) => sum + requests.reduce((blocks, {ids}) => blocks + ids.length, 0), 0);
  const blocks = new Int32Array(count);
  const requests = [0];
  const numbers = sessions.map(() => new Map<number, number>());
  let distinct = 0;
  let at = 0;
  const times: number[] = [];
  const endings: number[] = [];
  const sessionOfRequest: number[] = [];
  for (const {session, request, seconds} of merged(sessions, together)) {
    const known = numbers[session];
    times.push(Math.round(seconds * 1e9));
    sessionOfRequest.push(session);
    endings.push(sessions[session][request].ending);
    for (const id of sessions[session][request].ids) {
      let number = known.get(id);
      if (number === undefined) known.set(id, (number = distinct++));
      blocks[at++] = number;
    }
    requests.push(at);
  }
  const rule =
    together >= sessions.length
      ? 'all start together'
      : together === 1
        ? 'one after the other'
        : `${together} at a time, the next when one ends`;
  return {
    name,
    merging: `${sessions.length} sessions in order of name, ${rule}, recorded times`,
    blocks,
    distinct,
    sizes: null,
    requests: Int32Array.from(requests),
    times: Float64Array.from(times),
    sessions: Int32Array.from(sessionOfRequest),
    endings: Uint8Array.from(endings),
    prefill: null,
    blockBytes: null,
  };
}

const endingOf = {toolCall: TOOL_CALLED, turnEnd: TURN_ENDED} as const;

interface SessionRequest {
  readonly seconds: number;
  readonly ending: number;
  readonly ids: readonly number[];
}

/** Requests of a session, sub-agents' included, by recorded time; of equal times in recorded order. */
function sessionOf(name: string, text: string): SessionRequest[] {
  const json = parseJson(name, 1, text);
  return withPlace(
    name,
    (path) => lineOfJsonPath(text, path),
    () =>
      graphOf(readAgentFile(json))
        .map(({request, offset}) => ({
          seconds: offset,
          ending: request.ending === undefined ? UNSAID : endingOf[request.ending],
          ids: request.ids.map((id, i) => idOf(id, [...request.path, 'hash_ids', i])),
        }))
        .sort((a, b) => a.seconds - b.seconds),
  );
}

/** Requests of all sessions in order of time; of equal times the session that started earlier first. */
function* merged(
  sessions: readonly (readonly SessionRequest[])[],
  together: number,
): Generator<{session: number; request: number; seconds: number}> {
  const running: {session: number; request: number; start: number}[] = [];
  let waiting = 0;
  const begin = (start: number): void => {
    if (waiting < sessions.length) running.push({session: waiting++, request: 0, start});
  };
  while (running.length < Math.min(together, sessions.length)) begin(0);
  while (running.length > 0) {
    let first = running[0];
    let firstAt = first.start + sessions[first.session][first.request].seconds;
    for (const one of running) {
      const at = one.start + sessions[one.session][one.request].seconds;
      if (at < firstAt) [first, firstAt] = [one, at];
    }
    yield {session: first.session, request: first.request, seconds: firstAt};
    if (++first.request < sessions[first.session].length) continue;
    running.splice(running.indexOf(first), 1);
    begin(firstAt);
  }
}

function idOf(value: unknown, path: readonly (string | number)[]): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new FieldFault(path, 'an integer of at least 0', shown(value));
  return value as number;
}
