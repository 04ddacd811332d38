/** The user's mistakes, all of them at once, each with its place, what was expected, what was found, and what to write instead. */

export interface Diagnostic {
  /** Where: a path in the scenario, such as `tiers.nvme.drives`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Point at the key rather than at its value. */
  readonly atKey?: boolean;
}

export interface PlacedDiagnostic extends Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The source line, and how many characters to underline; '' for an override. */
  readonly source: string;
  readonly width: number;
  /** The `--set` that brought the value in. */
  readonly override?: string;
}

export class ScenarioError extends Error {
  readonly diagnostics: readonly PlacedDiagnostic[];

  constructor(diagnostics: readonly PlacedDiagnostic[]) {
    super(diagnostics.map(render).join('\n\n'));
    this.name = 'ScenarioError';
    this.diagnostics = diagnostics;
  }
}

/** A file that a scenario names cannot be read; the message says why. */
export class UnreadableError extends Error {}

function render(diagnostic: PlacedDiagnostic): string {
  const {file, line, column, message, source, width, override} = diagnostic;
  const path = diagnostic.path.length > 0 ? `${diagnostic.path.join('.')}: ` : '';
  if (override !== undefined) return `error: ${path}${message}\n  --> --set ${override}`;
  const gutter = String(line);
  const pad = ' '.repeat(gutter.length);
  const caret = `${' '.repeat(Math.max(0, column - 1))}${'^'.repeat(Math.max(1, width))}`;
  return [`${file}:${line}:${column}: error: ${path}${message}`, `${pad} |`, `${gutter} | ${source}`, `${pad} | ${caret}`].join('\n');
}
