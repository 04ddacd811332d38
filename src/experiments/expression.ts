/** Arithmetic over figures, as claims write it: `with.ttft.p50 / without.ttft.p50`, `min(a, 2 * b)`, and conditions `x >= 0.9 * y`. */

export class ExpressionError extends Error {}

/** Value of a dotted name; undefined where there is none. */
export type Lookup = (path: string) => number | undefined;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_][\w]*(?:\.[\w]+)*)|(<=|>=|==|[-+*/(),<>]))/gy;
const functions: {readonly [name: string]: (...values: number[]) => number} = {min: Math.min, max: Math.max, abs: Math.abs};

/** @throws ExpressionError where the text is none, or a name has no value */
export function evaluate(text: string, lookup: Lookup): number {
  const parser = new Parser(text, lookup);
  const value = parser.sum();
  parser.end();
  return value;
}

/** Whether a condition holds. @throws ExpressionError */
export function holdsTrue(text: string, lookup: Lookup): boolean {
  const parser = new Parser(text, lookup);
  const left = parser.sum();
  const relation = parser.next();
  if (relation === undefined || !/^[<>=]/.test(relation))
    throw new ExpressionError(`"${text}" is no condition: write a relation, such as "speedup >= 2"`);
  const right = parser.sum();
  parser.end();
  if (relation === '<') return left < right;
  if (relation === '<=') return left <= right;
  if (relation === '>') return left > right;
  if (relation === '>=') return left >= right;
  return left === right;
}

/** The names in an expression. */
export function namesIn(text: string): string[] {
  return tokensOf(text).filter((token) => /^[A-Za-z_]/.test(token) && functions[token] === undefined);
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw new ExpressionError(`"${text}": cannot read it from "${text.slice(tokens.join('').length)}" on`);
    tokens.push((match[1] ?? match[2] ?? match[3])!);
  }
  return tokens;
}

class Parser {
  private readonly text: string;
  private readonly lookup: Lookup;
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(text: string, lookup: Lookup) {
    this.text = text;
    this.lookup = lookup;
    this.tokens = tokensOf(text);
  }

  next(): string | undefined {
    return this.tokens[this.at++];
  }

  end(): void {
    if (this.at < this.tokens.length) throw new ExpressionError(`"${this.text}": did not expect "${this.tokens[this.at]}"`);
  }

  sum(): number {
    let value = this.product();
    for (let operator = this.take('+', '-'); operator !== null; operator = this.take('+', '-'))
      value = operator === '+' ? value + this.product() : value - this.product();
    return value;
  }

  private product(): number {
    let value = this.factor();
    for (let operator = this.take('*', '/'); operator !== null; operator = this.take('*', '/'))
      value = operator === '*' ? value * this.factor() : value / this.factor();
    return value;
  }

  private factor(): number {
    if (this.take('-') !== null) return -this.factor();
    const token = this.next();
    if (token === '(') {
      const value = this.sum();
      this.expect(')');
      return value;
    }
    if (token === undefined || /^[^\w]/.test(token)) throw new ExpressionError(`"${this.text}": a value is missing`);
    if (/^\d/.test(token)) return Number(token);
    return functions[token] === undefined ? this.valueOf(token) : functions[token](...this.list());
  }

  private list(): number[] {
    this.expect('(');
    const values = [this.sum()];
    while (this.take(',') !== null) values.push(this.sum());
    this.expect(')');
    return values;
  }

  private valueOf(name: string): number {
    const value = this.lookup(name);
    if (value === undefined) throw new ExpressionError(`"${this.text}": there is no figure ${name}`);
    return value;
  }

  private take(...wanted: readonly string[]): string | null {
    const token = this.tokens[this.at];
    if (token === undefined || !wanted.includes(token)) return null;
    this.at++;
    return token;
  }

  private expect(wanted: string): void {
    if (this.next() !== wanted) throw new ExpressionError(`"${this.text}": expected "${wanted}"`);
  }
}
