/** The YAML text behind a scenario: parsed with positions, overridden by `--set`, and asked where a path lies. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import {ScenarioError, type Diagnostic, type PlacedDiagnostic} from './diagnostics.ts';
import {applyOverride, type Override} from './overrides.ts';

type Path = readonly (string | number)[];

export class ScenarioDocument {
  private readonly file: string;
  private readonly lines: readonly string[];
  private readonly counter = new LineCounter();
  private readonly document: Document;
  private readonly overrides: readonly Override[];
  private readonly value: unknown;

  /** Throws ScenarioError where the text is no YAML, where an alias leads nowhere or into itself, or where an override fits nowhere. */
  constructor(text: string, file: string, overrides: readonly Override[]) {
    this.file = file;
    this.lines = text.split(/\r?\n/);
    this.overrides = overrides;
    this.document = parseDocument(text, {lineCounter: this.counter, merge: true, uniqueKeys: true});
    this.refuse(this.document.errors.map((error) => this.at(error.pos[0], error.pos[1] - error.pos[0], {path: [], message: words(error)})));
    this.refuse(this.aliasFaults());
    this.value = this.resolved();
    const faults = overrides.flatMap((override) => {
      const message = applyOverride(this.value, override);
      return message === null ? [] : [this.place({path: override.path.split('.'), message})];
    });
    this.refuse(faults);
  }

  /** The content: mappings, lists, text, numbers, booleans, null. Aliases are resolved, merge keys merged, overrides in place. */
  content(): unknown {
    return this.value;
  }

  /** Whether the text itself has this path. */
  has(path: Path): boolean {
    return this.presentDepth(path) === path.length;
  }

  /** Whether it is an override that brought in what lies at `path`, or what is missing there. */
  overrideAt(path: Path): Override | undefined {
    const present = this.presentDepth(path);
    const missing = path.slice(0, present + 1);
    return this.overrides.findLast(
      ({path: set}) => covers(set.split('.'), path) || (present < path.length && covers(missing.map(String), set.split('.'))),
    );
  }

  place(diagnostic: Diagnostic): PlacedDiagnostic {
    const override = this.overrideAt(diagnostic.path);
    if (override !== undefined)
      return {...diagnostic, file: this.file, line: 0, column: 0, source: '', width: 0, override: `${override.path}=${override.value}`};
    const [start, end] = this.rangeOf(diagnostic.path, diagnostic.atKey === true);
    return this.at(start, end - start, diagnostic);
  }

  /** Plain values, no two of them one object: an override of one use of an anchor leaves the others. */
  private resolved(): unknown {
    try {
      return separated(this.document.toJS({maxAliasCount: 1000}));
    } catch (error) {
      throw new ScenarioError([this.at(0, 1, {path: [], message: `aliases multiply without end (${(error as Error).message})`})]);
    }
  }

  private aliasFaults(): PlacedDiagnostic[] {
    const faults: PlacedDiagnostic[] = [];
    const report = (node: Alias, message: string): void => {
      const [start, end] = node.range ?? [0, 1];
      faults.push(this.at(start, end - start, {path: [], message}));
    };
    visit(this.document, {
      Alias: (_, node, ancestors) => {
        const target = node.resolve(this.document);
        if (target === undefined) report(node, `there is no anchor &${node.source} before this alias`);
        else if (ancestors.includes(target)) report(node, `*${node.source} lies within its own anchor: it would contain itself`);
      },
    });
    return faults;
  }

  private refuse(faults: readonly PlacedDiagnostic[]): void {
    if (faults.length > 0) throw new ScenarioError(faults);
  }

  /** How many keys of the path the text has. */
  private presentDepth(path: Path): number {
    let node: unknown = this.document.contents;
    for (let depth = 0; depth < path.length; depth++) {
      const found = this.child(node, path[depth]!);
      if (found === null) return depth;
      node = found.value;
    }
    return path.length;
  }

  /** Characters of the deepest node on the path that the text has; its key where asked for or where the value has no text. */
  private rangeOf(path: Path, atKey: boolean): readonly [number, number] {
    let node: unknown = this.document.contents;
    let range = rangeOfNode(node);
    for (let depth = 0; depth < path.length; depth++) {
      const found = this.child(node, path[depth]!);
      // what is missing from a mapping is shown at the mapping's first key
      if (found === null) return firstKey(this.follow(node)) ?? range ?? [0, 1];
      const key = rangeOfNode(found.key);
      const value = rangeOfNode(found.value);
      range = ((atKey && depth === path.length - 1) || value === null ? key : value) ?? value ?? range;
      node = found.value;
    }
    return range ?? [0, 1];
  }

  /** A member of a mapping (its own, or merged in) or of a list, aliases followed. */
  private child(holder: unknown, key: string | number): {readonly key: unknown; readonly value: unknown} | null {
    const node = this.follow(holder);
    if (isSeq(node)) return Number(key) < node.items.length ? {key: null, value: node.items[Number(key)]} : null;
    if (!isMap(node)) return null;
    const own = pairOf(node, key);
    if (own !== undefined) return {key: own.key, value: own.value};
    const merged = this.follow(node.items.find(({key: merge}) => isScalar(merge) && isMergeKey(merge.value))?.value);
    for (const source of isSeq(merged) ? merged.items : merged === undefined ? [] : [merged]) {
      const found = this.child(source, key);
      if (found !== null) return found;
    }
    return null;
  }

  private follow(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
  }

  private at(offset: number, width: number, diagnostic: Diagnostic): PlacedDiagnostic {
    const {line, col} = this.counter.linePos(offset);
    const at = line === 0 ? 1 : line;
    const source = this.lines[at - 1] ?? '';
    const column = Math.max(1, col);
    return {...diagnostic, file: this.file, line: at, column, source, width: Math.min(width, Math.max(1, source.length - column + 1))};
  }
}

/** The library reads `<<` as a symbol. */
function isMergeKey(value: unknown): boolean {
  return value === '<<' || (typeof value === 'symbol' && value.description === '<<');
}

function pairOf(node: YAMLMap, key: string | number): Pair | undefined {
  return node.items.find((item) => (isScalar(item.key) ? String(item.key.value) : String(item.key)) === String(key));
}

function rangeOfNode(node: unknown): readonly [number, number] | null {
  const range = (node as Node | null | undefined)?.range;
  return range && range[1] > range[0] ? [range[0], range[1]] : null;
}

function firstKey(node: unknown): readonly [number, number] | null {
  return isMap(node) ? rangeOfNode(node.items[0]?.key) : null;
}

/** Whether the first path is a beginning of the second. */
function covers(beginning: readonly string[], path: Path): boolean {
  return beginning.every((key, depth) => depth < path.length && String(path[depth]) === key);
}

function separated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(separated);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, separated(part)]));
}

/** What the YAML library says, in the words of someone who writes a scenario. */
function words(error: YAMLError): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key is here twice: keep one of the two';
  if (error.code === 'MULTIPLE_DOCS') return 'a scenario file holds one document: remove this "---" and what follows';
  if (error.code === 'TAB_AS_INDENT') return 'a tab: YAML is indented with spaces';
  return `not YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`;
}
