/**
 * The Mooncake format: JSON lines with `timestamp` (ms), `input_length`, `output_length` (tokens) and `hash_ids`, global and
 * prefix-dependent, one a block of `block_size` tokens, the partial last one included.
 */
import type {Kind, Params, ValuesOf} from '../base/params.ts';
import {BlockNames} from './blockNames.ts';
import {FieldFault, shown, arrayField, fieldsOf, integerField, parseJson, timeField, withPlace} from './fields.ts';
import type {Fields} from './fields.ts';
import {OpenLoop, linesOf, openLoopParams} from './openLoop.ts';
import type {Instant, Line, OpenLoopFormat, RecordedRequest} from './openLoop.ts';
import type {WorkloadContext, WorkloadSource} from './ports.ts';

const params = {
  ...openLoopParams,
  blockSize: {
    type: 'number',
    min: 1,
    max: 1e6,
    default: 512,
    meaning: "Tokens that one of the trace's hash ids names.",
    source: 'Mooncake FAST25-release/traces',
  },
} as const satisfies Params;

export const mooncakeTrace = {
  name: 'mooncakeTrace',
  summary: 'Requests in the Mooncake format, open loop: conversation, toolagent, synthetic and their like.',
  source: 'github.com/kvcache-ai/Mooncake, FAST25-release/traces (Apache-2.0)',
  params,
  create: (values: ValuesOf<typeof params>, context: WorkloadContext): WorkloadSource =>
    new OpenLoop(values, context, new MooncakeFormat(values.blockSize, context.blockTokens)),
} as const satisfies Kind<typeof params>;

class MooncakeFormat implements OpenLoopFormat {
  private readonly traceTokens: number;
  private readonly blockTokens: number;
  private names: BlockNames | null = null;

  constructor(traceTokens: number, blockTokens: number) {
    this.traceTokens = traceTokens;
    this.blockTokens = blockTokens;
  }

  rows(_file: string, text: string): Iterable<Line> {
    return linesOf(text);
  }

  read(file: string, line: Line): RecordedRequest {
    return atLine(file, line, (fields) => this.readFields(fields));
  }

  instantOf(file: string, line: Line): Instant {
    return atLine(file, line, timestampOf);
  }

  private readFields(fields: Fields): RecordedRequest {
    const inputTokens = integerField(fields, 'input_length', [], 1);
    const outputTokens = integerField(fields, 'output_length', [], 0);
    const ids = arrayField(fields, 'hash_ids', []);
    const idsMax = Math.ceil(inputTokens / this.traceTokens);
    if (ids.length > idsMax)
      throw new FieldFault(
        ['hash_ids'],
        `at most ${idsMax} ids (one a block of ${this.traceTokens} of ${inputTokens} tokens)`,
        shown(ids.length),
      );
    this.names ??= new BlockNames(this.traceTokens, this.blockTokens);
    const blocks = Math.ceil(inputTokens / this.blockTokens);
    const named = this.names.name(ids, blocks, blocks, null, []);
    return {instant: timestampOf(fields), inputTokens, outputTokens, promptRuns: named.promptRuns, infiniteHitBlocks: named.heldBlocks};
  }
}

function atLine<T>(file: string, line: Line, read: (fields: Fields) => T): T {
  return withPlace(
    file,
    () => line.number,
    () => read(fieldsOf(parseJson(file, line.number, line.text), [])),
  );
}

/** `timestamp` is in milliseconds from the trace's own zero, which may be 1970. */
function timestampOf(fields: Fields): Instant {
  const milliseconds = timeField(fields, 'timestamp', [], Number.MAX_SAFE_INTEGER);
  const seconds = Math.floor(milliseconds / 1e3);
  return {seconds, nanoseconds: Math.round((milliseconds - seconds * 1e3) * 1e6)};
}
