/** The directory of a run's files. They are written beside it and take its name at the end, so that what looks complete is. */
import fs from 'node:fs';
import path from 'node:path';
import {svgNames} from './reportFiles.ts';
import {DeviceError, UserError} from './userError.ts';

/** All that a run writes: a directory that holds anything else is someone else's. */
export const runFiles: readonly string[] = [
  'summary.json',
  'requests.csv',
  'sessions.csv',
  'timeline.csv',
  'tiers.csv',
  'report.html',
  'report.json',
  'journal.bin',
  'accesses.bin',
  'whatif.json',
  'whatif.html',
  'trace.perfetto.json',
  ...svgNames,
];

export class OutputDirectory {
  private readonly directory: string;
  private readonly partial: string;

  /** Throws UserError where something else is in the way, DeviceError where the disk refuses. */
  constructor(name: string) {
    if (name === '') throw new UserError('--out: name a directory');
    this.directory = path.resolve(name);
    this.partial = partialOf(name);
    this.guarded(() => {
      refuseForeign(this.directory, name);
      fs.rmSync(this.partial, {recursive: true, force: true});
      makeDirectory(this.partial);
    });
  }

  /** A file that is written bit by bit; its descriptor. */
  open(name: string): number {
    return this.guarded(() => fs.openSync(path.join(this.partial, name), 'w'));
  }

  append(file: number, contents: string | Uint8Array): void {
    this.guarded(() => fs.writeFileSync(file, contents));
  }

  write(name: string, chunks: Iterable<string>): void {
    const file = this.open(name);
    for (const chunk of chunks) this.append(file, chunk);
    this.guarded(() => fs.closeSync(file));
  }

  /** Gives the directory its name; what had it before is gone only once the new one is there. */
  finish(): void {
    const old = `${this.directory}.old`;
    this.guarded(() => {
      fs.rmSync(old, {recursive: true, force: true});
      if (fs.existsSync(this.directory)) fs.renameSync(this.directory, old);
      fs.renameSync(this.partial, this.directory);
      fs.rmSync(old, {recursive: true, force: true});
    });
  }

  /** A failing disk is the device's fault, not the program's. */
  guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw new DeviceError(`cannot write ${this.directory}: ${error.message}`);
      throw error;
    }
  }
}

/** Leaves nothing behind of a run that did not end. */
export function discardPartial(name: string | undefined): void {
  if (name !== undefined && name !== '') fs.rmSync(partialOf(name), {recursive: true, force: true});
}

function partialOf(name: string): string {
  return `${path.resolve(name)}.partial`;
}

function refuseForeign(directory: string, name: string): void {
  const stat = fs.statSync(directory, {throwIfNoEntry: false});
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new UserError(`--out ${name}: a file of this name is in the way`);
  const foreign = fs.readdirSync(directory).find((entry) => !runFiles.includes(entry));
  if (foreign !== undefined)
    throw new UserError(`--out ${name}: the directory holds ${foreign}, which is no file of a run; name a new one`);
}

/** As mkdir -p; Node's own never returns where the parent refuses with ENOENT, as /proc does. */
function makeDirectory(directory: string): void {
  const parent = path.dirname(directory);
  if (!fs.existsSync(parent) && parent !== directory) makeDirectory(parent);
  fs.mkdirSync(directory);
}
