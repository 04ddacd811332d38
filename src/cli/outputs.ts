/** The files of a run, as they are filled. */
import type {Histogram} from '../metrics/histogram.ts';
import type {Latencies} from '../metrics/latencies.ts';
import type {IntervalRecord, RequestRecord, RunInfo, SessionRecord, StepsRecord, TransferRecord} from '../metrics/records.ts';
import type {Summary} from '../metrics/summary.ts';
import {CsvTable, requestColumns, sessionColumns, tiersCsv, TimelineTable} from '../reports/csv.ts';
import {html} from '../reports/html.ts';
import {json} from '../reports/json.ts';
import {EVENTS_MAX, PerfettoTrace, type PerfettoOptions} from '../reports/perfetto.ts';
import {ReportGatherer} from '../reports/reportData.ts';
import {journalHeader, journalTail} from './journalFile.ts';
import {discardPartial, OutputDirectory} from './outputDirectory.ts';
import {svgFiles} from './reportFiles.ts';

/** Rows gathered before they are written. */
const BATCH = 512;
/** Characters of a timeline gathered before they are written. */
const SPILL = 1 << 16;

type Table = Pick<CsvTable, 'pending' | 'take'>;

export interface OutputOptions {
  /** What to type to get the run again. */
  readonly command: string;
  /** The scenario's content, to be kept in journal.bin; null: no journal. */
  readonly journal: object | null;
  /** The beginning of accesses.bin; null: no such file. */
  readonly accesses: Uint8Array | null;
  /** Whether the report's pictures become files too. */
  readonly svg: boolean;
  /** null: no timeline. */
  readonly trace: PerfettoOptions | null;
}

export class RunOutputs {
  private readonly name: string;
  private readonly directory: OutputDirectory;
  private readonly files = new Map<Table, number>();
  private readonly requests: CsvTable<RequestRecord>;
  private readonly sessions = new CsvTable(sessionColumns);
  private readonly timeline: TimelineTable;
  private readonly report: ReportGatherer;
  private readonly svg: boolean;
  private readonly journal: number | null;
  private readonly accesses: number | null;
  private readonly trace: {readonly timeline: PerfettoTrace; readonly file: number} | null;

  constructor(name: string, info: RunInfo, options: OutputOptions) {
    this.name = name;
    this.directory = new OutputDirectory(name);
    this.requests = new CsvTable(requestColumns(info.tierNames));
    this.timeline = new TimelineTable(info);
    this.report = new ReportGatherer(info, options.command);
    this.svg = options.svg;
    this.files.set(this.requests, this.directory.open('requests.csv'));
    this.files.set(this.sessions, this.directory.open('sessions.csv'));
    this.files.set(this.timeline, this.directory.open('timeline.csv'));
    this.trace =
      options.trace === null ? null : {timeline: new PerfettoTrace(info, options.trace), file: this.directory.open('trace.perfetto.json')};
    this.journal = options.journal === null ? null : this.directory.open('journal.bin');
    if (this.journal !== null) this.directory.append(this.journal, journalHeader(options.journal!));
    this.accesses = options.accesses === null ? null : this.directory.open('accesses.bin');
    if (this.accesses !== null) this.directory.append(this.accesses, options.accesses!);
  }

  request(record: RequestRecord): void {
    this.requests.record(record);
    this.report.request(record);
    this.trace?.timeline.request(record);
    this.spillTrace();
    this.spill(this.requests, BATCH);
  }

  session(record: SessionRecord): void {
    this.sessions.record(record);
    this.spill(this.sessions, BATCH);
  }

  interval(record: IntervalRecord): void {
    this.timeline.interval(record);
    this.report.interval(record);
    this.trace?.timeline.interval(record);
    this.spill(this.timeline, BATCH);
  }

  steps(record: StepsRecord): void {
    this.trace?.timeline.steps(record);
    this.spillTrace();
  }

  transfer(record: TransferRecord): void {
    this.trace?.timeline.transfer(record);
  }

  measured(latencies: {readonly ttft: Latencies; readonly itl: Histogram}): void {
    this.report.measured(latencies);
  }

  journalWords(words: Float64Array, count: number): void {
    if (this.journal !== null) this.directory.append(this.journal, new Uint8Array(words.buffer, words.byteOffset, count * 8));
  }

  journalEnd(commandDigest: string): void {
    if (this.journal !== null) this.directory.append(this.journal, journalTail(commandDigest));
  }

  accessWords(words: Float64Array, count: number): void {
    if (this.accesses !== null) this.directory.append(this.accesses, new Uint8Array(words.buffer, words.byteOffset, count * 8));
  }

  /** Writes what is left and gives the directory its name. Returns what its user should know. */
  finish(summary: Summary): string[] {
    for (const table of this.files.keys()) this.spill(table, 1);
    this.directory.write('summary.json', json(summary));
    this.directory.write('tiers.csv', tiersCsv(summary));
    const report = this.report.data();
    this.directory.write('report.json', [`${JSON.stringify(report)}\n`]);
    this.directory.write('report.html', html(summary, report));
    if (this.svg) for (const [file, text] of svgFiles(summary, report)) this.directory.write(file, [text]);
    if (this.trace !== null) this.directory.append(this.trace.file, this.trace.timeline.end());
    this.directory.finish();
    const leftOut = this.trace?.timeline.leftOut ?? 0;
    return leftOut === 0
      ? []
      : [
          `trace.perfetto.json holds the first ${EVENTS_MAX} events; ${leftOut} more are left out: narrow --trace-window or raise --trace-sample`,
        ];
  }

  /** Leaves nothing behind. */
  abandon(): void {
    discardPartial(this.name);
  }

  private spillTrace(): void {
    if (this.trace !== null && this.trace.timeline.pending > SPILL) this.directory.append(this.trace.file, this.trace.timeline.take());
  }

  private spill(table: Table, from: number): void {
    if (table.pending >= from) this.directory.append(this.files.get(table)!, table.take());
  }
}
