/** Checked access to the fields of a parsed trace record. A fault names the field's path; whoever knows the text adds file and line. */
import {TraceError} from './ports.ts';

/** Steps from the top of a record to a value: member names and array positions. */
export type FieldPath = readonly (string | number)[];

export type Fields = {readonly [name: string]: unknown};

/** A field that is missing or of the wrong kind. Never leaves this folder: see `withPlace`. */
export class FieldFault extends Error {
  readonly path: FieldPath;
  /** @param found a value as `shown`, or other words */
  constructor(path: FieldPath, expected: string, found: string) {
    super(`${pathText(path)}: expected ${expected}, found ${found}`);
    this.path = path;
  }
}

/**
 * Runs `read` and turns its field faults into the user's error.
 * @param lineOf the line of a field, asked for only when something is wrong
 * @throws TraceError with file and line
 */
export function withPlace<T>(file: string, lineOf: (path: FieldPath) => number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldFault) throw new TraceError(file, lineOf(error.path), error.message);
    throw error;
  }
}

/**
 * JSON text as a value.
 * @param firstLine line of the file at which the text begins
 * @throws TraceError at the offending line where the JavaScript engine says where that is, else at the first one
 */
export function parseJson(file: string, firstLine: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    const position = /position (\d+)/.exec(message);
    const ended = /end of JSON/.test(message);
    const before = position ? text.slice(0, Number(position[1])) : ended ? text.trimEnd() : '';
    throw new TraceError(
      file,
      firstLine + before.split('\n').length - 1,
      `expected JSON, found ${ended ? 'its end too early' : excerpt(message)}`,
    );
  }
}

/** @throws FieldFault unless `value` is an object */
export function fieldsOf(value: unknown, path: FieldPath): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldFault(path, 'an object', shown(value));
  return value as Fields;
}

/** @throws FieldFault unless the member is an array */
export function arrayField(fields: Fields, name: string, path: FieldPath): readonly unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw new FieldFault([...path, name], 'an array', shown(value));
  return value as readonly unknown[];
}

/** @throws FieldFault unless the member is an integer of at least `min`, exact in a float64 */
export function integerField(fields: Fields, name: string, path: FieldPath, min: number): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) < min)
    throw new FieldFault([...path, name], `an integer of at least ${min}`, shown(value));
  return value as number;
}

/**
 * A duration or an instant, in whatever unit the format has.
 * @param max what the run's clock, or the format's own resolution, can hold
 * @throws FieldFault unless the member is a number in 0 .. max
 */
export function timeField(fields: Fields, name: string, path: FieldPath, max: number): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(value >= 0 && value <= max))
    throw new FieldFault([...path, name], `a number in 0 .. ${max}`, shown(value));
  return value;
}

/** The same, or null where the record does not have it. @throws FieldFault as timeField */
export function optionalTimeField(fields: Fields, name: string, path: FieldPath, max: number): number | null {
  return fields[name] === undefined || fields[name] === null ? null : timeField(fields, name, path, max);
}

/** `requests[3].in`; '' for the top. */
function pathText(path: FieldPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'record' : text.replace(/^\./, '');
}

/** A value in a few words. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return excerpt(JSON.stringify(value));
}

function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
