/** Finished runs, by run id: a directory each, written beside and renamed, so that what is there is whole and an interrupted sweep goes on. */
import fs from 'node:fs';
import path from 'node:path';
import type {Outcome} from './job.ts';

export class Store {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The run's outcome, or null where it has not been made. */
  read(runId: string): Outcome | null {
    const at = path.join(this.directory, runId);
    if (!fs.existsSync(at)) return null;
    const parse = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(at, name), 'utf8'));
    return {summary: parse('summary.json') as Outcome['summary'], curves: parse('curves.json') as Outcome['curves']};
  }

  has(runId: string): boolean {
    return fs.existsSync(path.join(this.directory, runId));
  }

  /** Two writers of one run write the same bytes; the first to rename wins. */
  write(runId: string, {summary, curves}: Outcome): void {
    const at = path.join(this.directory, runId);
    fs.mkdirSync(this.directory, {recursive: true});
    const partial = fs.mkdtempSync(`${at}.partial-`);
    fs.writeFileSync(path.join(partial, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`);
    fs.writeFileSync(path.join(partial, 'curves.json'), `${JSON.stringify(curves)}\n`);
    try {
      fs.renameSync(partial, at);
    } catch (error) {
      fs.rmSync(partial, {recursive: true, force: true});
      if (!this.has(runId)) throw error;
    }
  }
}
