/** zod's issues, in the words of the field: what was expected, what was found, what is probably meant. */
import type {core, z} from 'zod';
import type {Dimension} from '../base/params.ts';
import {examples, quantityFault, quantityPattern} from '../base/units.ts';
import type {Diagnostic} from './diagnostics.ts';
import {didYouMean, listed, nearest} from './words.ts';

type Issue = core.$ZodIssue;

/** Every mistake of `input` against `schema`; empty where there is none. */
export function mistakesOf(schema: z.ZodType, input: unknown): Diagnostic[] {
  const result = schema.safeParse(input);
  return result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, [], input, schema));
}

function explain(issue: Issue, prefix: readonly PropertyKey[], input: unknown, schema: z.ZodType): Diagnostic[] {
  const path = [...prefix, ...issue.path] as (string | number)[];
  const found = valueAt(input, path);
  if (found === undefined && issue.code !== 'unrecognized_keys')
    return [{path, atKey: true, message: `missing: ${meaningAt(schema, path, input) ?? 'a value'}`}];
  if (issue.code === 'invalid_union') return explainUnion(issue, path, input, schema);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `unknown key "${key}"${didYouMean(key, keysAt(schema, input, path))}`,
    }));
  if (issue.code === 'invalid_value') return [{path, message: oneOf(issue.values.map(String), found)}];
  if (issue.code === 'invalid_format' && issue.format === 'regex')
    return [{path, message: explainPattern(String(issue.pattern), found, path)}];
  if (issue.code === 'invalid_key')
    return [{path, atKey: true, message: 'a name starts with a small letter and has letters and digits only'}];
  if (issue.code === 'invalid_type') return [{path, message: explainType(issue, found, path, schema, input)}];
  if (found === '') return [{path, message: 'is empty: write some text'}];
  if (issue.code === 'too_small') return [{path, message: `must be at least ${String(issue.minimum)}, found ${shown(found)}`}];
  if (issue.code === 'too_big') return [{path, message: `must be at most ${String(issue.maximum)}, found ${shown(found)}`}];
  return [{path, message: `${issue.message}, found ${shown(found)}`}];
}

/** Of a union, the branch that the user was writing: a name where there is text, an object where there is one. */
function explainUnion(issue: Issue & {code: 'invalid_union'}, path: (string | number)[], input: unknown, schema: z.ZodType): Diagnostic[] {
  const discriminator = 'discriminator' in issue && path.at(-1) === issue.discriminator;
  const whole = discriminator ? path.slice(0, -1) : path;
  const found = valueAt(input, whole);
  if (issue.errors.length === 0) return [explainDiscriminator(issue, whole, found, schema)];
  const branch = typeof found === 'object' && found !== null && !Array.isArray(found) ? issue.errors.at(-1)! : issue.errors[0]!;
  return branch.flatMap((inner) => explain(inner, path, input, schema));
}

function explainDiscriminator(
  issue: Issue & {code: 'invalid_union'},
  path: (string | number)[],
  found: unknown,
  schema: z.ZodType,
): Diagnostic {
  const key = 'discriminator' in issue && typeof issue.discriminator === 'string' ? issue.discriminator : 'kind';
  if (typeof found !== 'object' || found === null) return {path, message: `expected a mapping with a "${key}", found ${shown(found)}`};
  const kind = (found as {readonly [key: string]: unknown})[key];
  const kinds = kindsAt(schema, path);
  return kind === undefined
    ? {path: [...path, key], atKey: true, message: `missing: one of ${listed(kinds)}`}
    : {path: [...path, key], message: oneOf(kinds, kind)};
}

function explainPattern(pattern: string, found: unknown, path: readonly (string | number)[]): string {
  const dimension = dimensionOf(pattern);
  if (dimension !== null) return `${JSON.stringify(found)} ${quantityFault(String(found), dimension)}`;
  if (path.at(-1) === 'start') return `${shown(found)}: write "together", "every 10 s" or "poisson 0.2 /s"`;
  return `${shown(found)} is not a name: write letters, digits, ".", "_" and "-"`;
}

function explainType(
  issue: Issue & {code: 'invalid_type'},
  found: unknown,
  path: (string | number)[],
  schema: z.ZodType,
  input: unknown,
): string {
  const dimension = issue.expected === 'string' && typeof found === 'number' ? dimensionAt(schema, path, input) : null;
  if (dimension !== null)
    return found !== null && (found as number) < 0
      ? `${String(found)} must not be negative: write a quantity such as "${examples[dimension]}"`
      : `${String(found)} ${quantityFault(found as number, dimension)}`;
  const whole = issue.expected === 'number' && schemasAt(schema, path, input).some((candidate) => defOf(candidate)['format'] === 'safeint');
  return `expected ${whole ? 'a whole number' : expected(issue)}, found ${shown(found)}`;
}

function expected(issue: Issue & {code: 'invalid_type'}): string {
  const words: {readonly [type: string]: string} = {
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    string: 'text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return words[issue.expected] ?? issue.expected;
}

/** What is wrong with a word that is none of those known. */
function oneOf(known: readonly string[], found: unknown): string {
  const near = typeof found === 'string' ? nearest(found, known) : null;
  if (near !== null) return `${shown(found)} is not known; did you mean "${near}"?`;
  const choices = known.length === 1 ? `expected ${known[0]}` : `expected one of ${listed(known)}`;
  return `${choices}; found ${shown(found)}`;
}

const dimensions = Object.keys(examples) as Dimension[];

function dimensionOf(pattern: string): Dimension | null {
  const bare = pattern.replace(/^\/|\/[a-z]*$/g, '');
  for (const dimension of dimensions)
    for (const zero of [false, true])
      for (const word of [null, 'unlimited', 'auto'] as const)
        if (String(new RegExp(quantityPattern(dimension, zero, word))).slice(1, -1) === bare) return dimension;
  return null;
}

function dimensionAt(schema: z.ZodType, path: readonly (string | number)[], input: unknown): Dimension | null {
  for (const candidate of schemasAt(schema, path, input)) {
    const checks = (candidate as {_zod?: {def?: {checks?: readonly {_zod: {def: {pattern?: RegExp}}}[]}}})._zod?.def?.checks ?? [];
    for (const check of checks) if (check._zod.def.pattern !== undefined) return dimensionOf(String(check._zod.def.pattern));
  }
  return null;
}

function keysAt(schema: z.ZodType, input: unknown, path: readonly (string | number)[]): string[] {
  return schemasAt(schema, path, input).flatMap((candidate) => Object.keys((defOf(candidate)['shape'] as object | undefined) ?? {}));
}

/** What belongs at a path, in the words of its declaration; null where nothing does. */
export function meaningAt(schema: z.ZodType, path: readonly (string | number)[], input: unknown): string | null {
  const holders = schemasAt(schema, path.slice(0, -1), valueAt(input, path.slice(0, -1)) === undefined ? undefined : input);
  for (const holder of holders) {
    const member = (defOf(holder)['shape'] as {[key: string]: z.ZodType} | undefined)?.[String(path.at(-1))];
    if (member?.description !== undefined) return member.description;
  }
  return null;
}

function kindsAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  const parent = path.at(-1) === 'kind' ? path.slice(0, -1) : path;
  return schemasAt(schema, parent, undefined).flatMap((candidate) => {
    const kind = (defOf(candidate)['shape'] as {kind?: z.ZodType} | undefined)?.kind;
    return kind === undefined ? [] : ((defOf(kind)['values'] as string[] | undefined) ?? []);
  });
}

type Def = {readonly [key: string]: unknown};
const defOf = (schema: z.ZodType): Def => (schema as unknown as {_zod: {def: Def}})._zod.def;

/** The schemas that may apply at a path: optionals opened, unions spread, discriminated ones by the input's kind. */
function schemasAt(schema: z.ZodType, path: readonly (string | number)[], input: unknown): z.ZodType[] {
  const open = spread(schema, input);
  if (path.length === 0) return open;
  const [key, ...rest] = path;
  const inner = typeof input === 'object' && input !== null ? (input as {readonly [key: string]: unknown})[String(key)] : undefined;
  return open.flatMap((candidate) => {
    const def = defOf(candidate);
    const next =
      def['type'] === 'object'
        ? (def['shape'] as {[key: string]: z.ZodType})[String(key)]
        : def['type'] === 'record'
          ? (def['valueType'] as z.ZodType)
          : def['type'] === 'array'
            ? (def['element'] as z.ZodType)
            : undefined;
    return next === undefined ? [] : schemasAt(next, rest, inner);
  });
}

function spread(schema: z.ZodType, input: unknown): z.ZodType[] {
  const def = defOf(schema);
  if (def['type'] === 'optional') return spread(def['innerType'] as z.ZodType, input);
  if (def['type'] !== 'union') return [schema];
  const options = (def['options'] as z.ZodType[]).flatMap((option) => spread(option, input));
  const kind = typeof input === 'object' && input !== null ? (input as {readonly kind?: unknown}).kind : undefined;
  const chosen = options.filter((option) =>
    (defOf(option)['shape'] as {kind?: z.ZodType} | undefined)?.kind !== undefined
      ? (defOf((defOf(option)['shape'] as {kind: z.ZodType}).kind)['values'] as unknown[]).includes(kind)
      : false,
  );
  return chosen.length > 0 ? chosen : options;
}

export function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as {readonly [key: string]: unknown})[String(key)] : undefined;
  return value;
}

export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
