/**
 * The Azure LLM inference format: CSV with a header TIMESTAMP,ContextTokens,GeneratedTokens. It says nothing of content, so no two
 * requests share any.
 */
import type {Kind, ValuesOf} from '../base/params.ts';
import {OpenLoop, linesOf, openLoopParams} from './openLoop.ts';
import type {Instant, Line, RecordedRequest} from './openLoop.ts';
import {TraceError} from './ports.ts';
import type {WorkloadContext, WorkloadSource} from './ports.ts';

export const azureTrace = {
  name: 'azureTrace',
  summary: 'Requests in the Azure LLM inference format, open loop; arrivals and lengths only.',
  source: 'github.com/Azure/AzurePublicDataset, AzureLLMInferenceTrace (CC-BY 4.0)',
  params: openLoopParams,
  create: (values: ValuesOf<typeof openLoopParams>, context: WorkloadContext): WorkloadSource =>
    new OpenLoop(values, context, {rows, read, instantOf}),
} as const satisfies Kind<typeof openLoopParams>;

const columns = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'];

/** The lines behind the header. */
function* rows(file: string, text: string): Generator<Line, undefined> {
  const lines = linesOf(text);
  const header = lines.next().value;
  const expected = columns.join(',');
  const found = header?.text.replace(/^\uFEFF/, '') ?? 'nothing';
  if (found !== expected) throw new TraceError(file, header?.number ?? 1, `expected the header ${expected}, found ${found.slice(0, 80)}`);
  yield* lines;
}

function read(file: string, line: Line): RecordedRequest {
  const cells = line.text.split(',');
  if (cells.length !== columns.length) throw new TraceError(file, line.number, `expected ${columns.length} cells, found ${cells.length}`);
  return {
    instant: instantOf(file, line),
    inputTokens: tokensOf(file, line, cells, 1, 1),
    outputTokens: tokensOf(file, line, cells, 2, 0),
    promptRuns: [],
    infiniteHitBlocks: 0,
  };
}

function tokensOf(file: string, line: Line, cells: readonly string[], column: number, min: number): number {
  const cell = cells[column].trim();
  const tokens = /^\d+$/.test(cell) ? Number(cell) : NaN;
  if (!(tokens >= min && Number.isSafeInteger(tokens))) {
    throw new TraceError(file, line.number, `${columns[column]}: expected an integer of at least ${min}, found ${JSON.stringify(cell)}`);
  }
  return tokens;
}

/** "2023-11-16 18:17:03.9799600", with T, a fraction of up to 9 digits, and Z or an offset allowed; no offset is UTC. Seconds count from 0000-03-01. */
function instantOf(file: string, line: Line): Instant {
  const text = line.text.split(',', 1)[0].trim();
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/.exec(text);
  const part = (index: number): number => Number(match?.[index] ?? 0);
  const isTime = part(4) < 24 && part(5) < 60 && part(6) < 60 && part(9) < 24 && part(10) < 60;
  if (match === null || !isDay(part(1), part(2), part(3)) || !isTime)
    throw new TraceError(
      file,
      line.number,
      `TIMESTAMP: expected a time such as 2023-11-16 18:17:03.9799600, found ${JSON.stringify(text.slice(0, 40))}`,
    );
  const offsetMinutes = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const minutes = daysOf(part(1), part(2), part(3)) * 1440 + part(4) * 60 + part(5) - offsetMinutes;
  return {seconds: minutes * 60 + part(6), nanoseconds: Number((match[7] ?? '').padEnd(9, '0'))};
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const next = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  return daysOf(year, month, day) < next;
}

/** Days since 0000-03-01 in the Gregorian calendar: years run from March, so that the leap day is a year's last. */
function daysOf(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((monthFromMarch * 153 + 2) / 5) + day - 1;
}
