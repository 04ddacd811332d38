/** One recorded agentic session: the JSON of the kv-cache-tester traces (github.com/callanjfox/kv-cache-tester, Apache-2.0), checked and typed. */
import {FieldFault, shown, arrayField, fieldsOf, integerField, optionalTimeField, timeField} from './fields.ts';
import type {FieldPath, Fields} from './fields.ts';

/** A hundred days: what a clock in nanoseconds can hold exactly. */
const secondsMax = 8.64e6;

export interface AgentRequest {
  /** Seconds from the start of its agent. */
  readonly t: number;
  /** Seconds that the recorded service took; 0 where unknown. */
  readonly apiSeconds: number;
  /** Seconds between the previous reply and this request; null where unknown. */
  readonly thinkSeconds: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** How the reply ended; undefined where the record does not say, or says something else. */
  readonly ending: 'toolCall' | 'turnEnd' | undefined;
  /** One id a full block of the prompt, or none; checked when they are named. */
  readonly ids: readonly unknown[];
  readonly path: FieldPath;
}

export interface Agent {
  readonly toolTokens: number;
  readonly systemTokens: number;
  readonly entries: readonly (AgentRequest | Subagent)[];
}

export interface Subagent extends Agent {
  /** Seconds from the start of its parent at which the record places it: its launch or its completion, see agentGraph.ts. */
  readonly t: number;
  readonly durationSeconds: number | null;
}

export interface AgentFile extends Agent {
  readonly name: string;
  readonly blockTokens: number;
}

export function isSubagent(entry: AgentRequest | Subagent): entry is Subagent {
  return 'entries' in entry;
}

/** @throws FieldFault naming the field */
export function readAgentFile(value: unknown): AgentFile {
  const fields = fieldsOf(value, []);
  const scope = fields['hash_id_scope'];
  if (scope !== undefined && scope !== 'local') throw new FieldFault(['hash_id_scope'], '"local"', shown(scope));
  const blockTokens = integerField(fields, 'block_size', [], 1);
  if (typeof fields['id'] !== 'string') throw new FieldFault(['id'], 'a text', shown(fields['id']));
  const file = {name: fields['id'], blockTokens, ...readAgent(fields, [], blockTokens)};
  if (file.entries.length === 0) throw new FieldFault(['requests'], 'at least one request', 'none');
  return file;
}

function readAgent(fields: Fields, path: FieldPath, blockTokens: number): Agent {
  return {
    toolTokens: integerField(fields, 'tool_tokens', path, 0),
    systemTokens: integerField(fields, 'system_tokens', path, 0),
    entries: readEntries(arrayField(fields, 'requests', path), [...path, 'requests'], blockTokens),
  };
}

function readEntries(values: readonly unknown[], path: FieldPath, blockTokens: number): (AgentRequest | Subagent)[] {
  let before = 0;
  return values.map((value, index) => {
    const entryPath = [...path, index];
    const fields = fieldsOf(value, entryPath);
    const t = timeField(fields, 't', entryPath, secondsMax);
    if (t < before) throw new FieldFault([...entryPath, 't'], `a time not before the previous entry's, ${before}`, shown(t));
    before = t;
    return fields['type'] === 'subagent' ? readSubagent(fields, t, entryPath, blockTokens) : readRequest(fields, t, entryPath, blockTokens);
  });
}

function readSubagent(fields: Fields, t: number, path: FieldPath, blockTokens: number): Subagent {
  const duration = optionalTimeField(fields, 'duration_ms', path, secondsMax * 1e3);
  return {t, durationSeconds: duration === null ? null : duration / 1e3, ...readAgent(fields, path, blockTokens)};
}

function readRequest(fields: Fields, t: number, path: FieldPath, blockTokens: number): AgentRequest {
  const inputTokens = integerField(fields, 'in', path, 1);
  const ids = arrayField(fields, 'hash_ids', path);
  const blocks = Math.floor(inputTokens / blockTokens);
  if (ids.length > 0 && ids.length !== blocks) {
    throw new FieldFault([...path, 'hash_ids'], `${blocks} ids (one a full block of ${inputTokens} tokens) or none`, shown(ids.length));
  }
  return {
    t,
    apiSeconds: optionalTimeField(fields, 'api_time', path, secondsMax) ?? 0,
    thinkSeconds: optionalTimeField(fields, 'think_time', path, secondsMax),
    inputTokens,
    outputTokens: integerField(fields, 'out', path, 0),
    ending: fields['stop'] === 'tool_use' ? 'toolCall' : fields['stop'] === 'end_turn' ? 'turnEnd' : undefined,
    ids,
    path,
  };
}
