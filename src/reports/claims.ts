/** Verdicts on claims: as lines of text, and as a page with a picture for each. */
import type {JudgedCase, Judgement} from '../experiments/claims.ts';
import {escapeHtml, page} from './page.ts';
import {align, type Paint} from './table.ts';

/** A claim's line of the table: what changed against the committed verdict is marked. */
export interface ClaimRow extends Judgement {
  /** The committed verdict; null where there is none. */
  readonly committed: string | null;
}

export function* claimsTable(rows: readonly ClaimRow[], paint: Paint): Generator<string> {
  const marks = rows.map(({claim, verdict, simulated, committed}) => [
    claim.claim,
    committed === null || committed === verdict ? verdict : paint.warn(`${verdict}, was ${committed}`),
    claim.prior === verdict ? '' : `prior ${claim.prior}`,
    simulated ? 'simulated' : verdict === 'unverifiable' ? '' : 'computed',
    `"${short(claim.quote)}"`,
  ]);
  yield align([['claim', 'verdict', 'survey', 'by', 'quoted'], ...marks], paint);
  for (const {claim, flips} of rows) for (const flip of flips) yield `${claim.claim}: ${flip}\n`;
  for (const {claim, verdict} of rows)
    if (claim.differs !== undefined && claim.prior !== verdict) yield `${claim.claim}: not ${claim.prior}: ${claim.differs}\n`;
  const count = (of: string): number => rows.filter(({verdict}) => verdict === of).length;
  yield `${rows.length} claims: ${count('supported')} supported, ${count('conditional')} conditional, ${count('refuted')} refuted, ${count('unverifiable')} unverifiable; ${rows.filter(({simulated}) => simulated).length} by simulation\n`;
}

/** One claim in full: its figures and conditions in every case. */
export function* claimDetail({claim, verdict, cases, flips}: ClaimRow): Generator<string> {
  yield `${claim.claim}, line ${claim.line}: "${claim.quote}"\n  says: ${claim.value}\n  holds: ${claim.holds}\n  fails: ${claim.fails}\n`;
  if (claim.unverifiable !== undefined) yield `  unverifiable: ${claim.unverifiable}\n`;
  for (const one of cases) {
    yield `  ${one.holds ? 'holds' : 'fails'}: ${one.name}: ${figuresOf(one)}\n`;
    for (const {text, holds} of one.conditions) if (!holds) yield `      not ${text}\n`;
  }
  yield `  verdict: ${verdict}${claim.prior === verdict ? '' : ` (survey: ${claim.prior}${claim.differs === undefined ? '' : `; ${claim.differs}`})`}\n`;
  for (const flip of flips) yield `  ${flip}\n`;
}

export function* claimsPage(rows: readonly ClaimRow[]): Generator<string> {
  yield page('Claims, judged', rows.map(section).join('\n'));
}

function section({claim, verdict, cases, flips}: ClaimRow): string {
  return `<section><h2 id="${escapeHtml(claim.claim)}">${escapeHtml(claim.claim)}: ${escapeHtml(verdict)}</h2>
<blockquote>${escapeHtml(claim.quote)}</blockquote><p>${escapeHtml(claim.value)}. Survey: ${escapeHtml(claim.prior)}.${claim.differs === undefined ? '' : ` ${escapeHtml(claim.differs)}`}</p>
<p>Holds: ${escapeHtml(claim.holds)}<br>Fails: ${escapeHtml(claim.fails)}</p>
${claim.unverifiable === undefined ? picture(cases, Object.keys(claim.figures ?? {}).at(-1)!) : `<p>${escapeHtml(claim.unverifiable)}</p>`}
<ul>${cases.map((one) => `<li>${one.holds ? 'holds' : 'fails'}: ${escapeHtml(one.name)}: ${escapeHtml(figuresOf(one))}</li>`).join('')}</ul>
<p>${(claim.expect ?? []).map((text) => `<code>${escapeHtml(text)}</code>`).join(', ')}</p>
${flips.map((flip) => `<p>${escapeHtml(flip)}</p>`).join('')}</section>`;
}

const BAR_HEIGHT = 22;
const LABEL_WIDTH = 300;
const BARS_WIDTH = 340;

/** The last figure of each case as a bar; filled where the claim holds. */
function picture(cases: readonly JudgedCase[], figure: string): string {
  const most = Math.max(...cases.map(({figures}) => Math.abs(figures[figure] ?? 0)), Number.MIN_VALUE);
  const bars = cases.map(({name, figures, holds}, i) => {
    const value = figures[figure] ?? 0;
    const width = Math.round((Math.abs(value) / most) * BARS_WIDTH);
    const y = i * BAR_HEIGHT;
    return `<text x="${LABEL_WIDTH - 8}" y="${y + 15}" text-anchor="end">${escapeHtml(short(name))}</text><rect x="${LABEL_WIDTH}" y="${y + 3}" width="${Math.max(1, width)}" height="16" fill="${holds ? 'var(--s2)' : 'none'}" stroke="var(--${holds ? 's2' : 's1'})"/><text x="${LABEL_WIDTH + width + 6}" y="${y + 15}">${shownNumber(value)}</text>`;
  });
  const height = cases.length * BAR_HEIGHT + 4;
  return `<figure><svg viewBox="0 0 ${LABEL_WIDTH + BARS_WIDTH + 90} ${height}" role="img" aria-label="${escapeHtml(figure)} by case" font-size="12" fill="currentColor">${bars.join('')}</svg><figcaption>${escapeHtml(figure)}; filled where the claim holds</figcaption></figure>`;
}

function figuresOf({figures}: JudgedCase): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${shownNumber(value)}`)
    .join(', ');
}

function shownNumber(value: number): string {
  const size = Math.abs(value);
  return value !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

function short(text: string): string {
  return text.length > 56 ? `${text.slice(0, 53)}...` : text;
}
