/**
 * The declaration that every pluggable thing makes of its parameters: once, as plain data. From it come the validation of a
 * scenario, the JSON Schema that editors complete from, `tierscape explain`, and the reference page.
 */

/** Dimensions of a quantity. Inside src: ticks are made from `time` by the engine; all others are SI base units. */
export type Dimension = 'bytes' | 'bytesPerSecond' | 'time' | 'rate' | 'tokens' | 'power' | 'energy' | 'money' | 'flops' | 'distance';

interface Described {
  /** One sentence: what it means. */
  readonly meaning: string;
  /** Where the default comes from: a source id or a sentence. */
  readonly source?: string;
}

/** A number with a unit, written "64 GiB" or "80 us". Value: bytes, bytes per second, nanoseconds, per second, tokens, watts, joules, US dollars, operations per second, metres. */
export interface QuantityParam extends Described {
  readonly type: 'quantity';
  readonly dimension: Dimension;
  /** As a user would write it; absent: the scenario must say it, unless `optional`. */
  readonly default?: string;
  readonly optional?: true;
  /** Zero is refused unless this is set. Negative is always refused. */
  readonly zero?: true;
}
/** A plain number, an integer unless `fraction`. */
export interface NumberParam extends Described {
  readonly type: 'number';
  readonly default?: number;
  readonly optional?: true;
  readonly min: number;
  readonly max: number;
  readonly fraction?: true;
}
export interface ChoiceParam extends Described {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
  readonly optional?: true;
}
export interface TextParam extends Described {
  readonly type: 'text';
  readonly default?: string;
  readonly optional?: true;
}
export interface FlagParam extends Described {
  readonly type: 'flag';
  readonly default: boolean;
}
/** A nested group, all of whose members have defaults or are optional when the group is left out. */
export interface GroupParam extends Described {
  readonly type: 'group';
  readonly params: Params;
}
export type Param = QuantityParam | NumberParam | ChoiceParam | TextParam | FlagParam | GroupParam;
export type Params = {readonly [name: string]: Param};

type Absent<P> = P extends {readonly optional: true} ? undefined : never;
/** The value that a declaration yields once a scenario is read. */
export type ValueOf<P extends Param> =
  | (P extends QuantityParam
      ? number
      : P extends NumberParam
        ? number
        : P extends ChoiceParam
          ? P['choices'][number]
          : P extends TextParam
            ? string
            : P extends FlagParam
              ? boolean
              : P extends GroupParam
                ? ValuesOf<P['params']>
                : never)
  | Absent<P>;
export type ValuesOf<P extends Params> = {readonly [K in keyof P]: ValueOf<P[K]>};

/** What a catalogue line holds: a name, what it is, what it takes, and how to make it. */
export interface Kind<P extends Params = Params, Create = unknown> {
  readonly name: string;
  readonly summary: string;
  /** Paper, standard or product page that the model follows. */
  readonly source?: string;
  readonly params: P;
  /** Values that are each in range and together make no sense: the parameter to mend, and what is wrong; null where all is well. */
  readonly check?: (values: never) => {readonly field: string; readonly message: string} | null;
  /** A device: values under which it is no limit, as a scenario writes them (run --knockout). */
  readonly free?: {readonly [Name in keyof P]?: string | number};
  readonly create: Create;
}
