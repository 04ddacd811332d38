/** Files, engines and guards that the tests of real devices share. */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {buildSync} from 'esbuild';
import {afterAll} from 'vitest';
import {openRing, type EngineName, type Ring} from '../../src/runtime/ring.ts';

const root = path.resolve(import.meta.dirname, '../..');
const made: string[] = [];

/** A directory of this test, in results/ where O_DIRECT works (a temporary directory is often tmpfs). */
export function scratch(): string {
  fs.mkdirSync(path.join(root, 'results'), {recursive: true});
  const directory = fs.mkdtempSync(path.join(root, 'results', 'test-'));
  made.push(directory);
  return directory;
}

afterAll(() => made.splice(0).forEach((directory) => fs.rmSync(directory, {recursive: true, force: true})));

/** Engines that this machine has; the others' tests skip, named. */
export const engines: readonly EngineName[] = (['io_uring', 'native-pool', 'fs'] as const).filter((engine) => {
  try {
    openRing({depth: 1, arenaBytes: 4096, engine}).close();
    return true;
  } catch {
    return false;
  }
});
export const hasUring = engines.includes('io_uring');
export const isRoot = process.getuid?.() === 0;

/** The next completions, as [tag, result] pairs in order of tag. */
export function completions(ring: Ring, count: number): Promise<[number, number][]> {
  return new Promise((resolve) => {
    const seen: [number, number][] = [];
    ring.onComplete((done) => {
      for (let row = 0; row < done; row++) seen.push([ring.completions.tag[row]!, ring.completions.result[row]!]);
      if (seen.length === count) resolve(seen.sort(([a], [b]) => a - b));
    });
  });
}

/** Builds a program of src as one module whose ../../native is this checkout's; its path. */
export function bundle(entry: string, name: string): string {
  const out = path.join(root, 'results', 'bundles', `${name}-${process.pid}.mjs`);
  made.push(out);
  buildSync({
    entryPoints: [path.join(root, entry)],
    outfile: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return out;
}

/** A program that runs another with io_uring_setup answering `errno`, as a container's filter does; null without a C compiler. */
export function withoutUring(): string | null {
  const out = path.join(scratch(), 'without-uring');
  const source = path.join(import.meta.dirname, 'withoutUring.c');
  return spawnSync('cc', ['-o', out, source]).status === 0 ? out : null;
}

/** A loop device over a file; null where there can be none. */
export function loopDevice(file: string): string | null {
  if (!isRoot) return null;
  const result = spawnSync('losetup', ['--find', '--show', file], {encoding: 'utf8'});
  return result.status === 0 ? result.stdout.trim() : null;
}
