/** How the command line finds the files of a trace, and reads them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {findTraceFiles} from '../../src/cli/traceFiles.ts';
import {UserError} from '../../src/cli/userError.ts';
import {TraceError} from '../../src/workload/ports.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-traces-'));
  fs.writeFileSync(path.join(folder, 'b.json'), 'bee');
  fs.writeFileSync(path.join(folder, 'a.json.gz'), zlib.gzipSync('ay'));
  fs.writeFileSync(path.join(folder, 'c.csv'), 'sea');
  fs.writeFileSync(path.join(folder, '.hidden'), '');
  fs.mkdirSync(path.join(folder, 'inner'));
  fs.writeFileSync(path.join(folder, 'cut.csv.gz'), zlib.gzipSync('a text that is long enough to be cut '.repeat(99)).subarray(0, 40));
  fs.writeFileSync(path.join(folder, 'not.csv.gz'), 'plain text');
});
afterAll(() => fs.rmSync(folder, {recursive: true}));

const names = (pattern: string): string[] => findTraceFiles(pattern, folder).map(({name}) => name);

test('a file, a folder without what is hidden, or a pattern; in order of name', () => {
  expect(names('c.csv')).toEqual(['c.csv']);
  expect(names('.')).toEqual(['a.json.gz', 'b.json', 'c.csv', 'cut.csv.gz', 'not.csv.gz']);
  expect(names('*.json*')).toEqual(['a.json.gz', 'b.json']);
  expect(names('?.csv')).toEqual(['c.csv']);
});

test('a .gz is unzipped; sha256 is of the bytes of the file as it lies there', () => {
  const [zipped] = findTraceFiles('a.json.gz', folder);
  const [plain] = findTraceFiles('b.json', folder);
  expect([zipped.text(), plain.text()]).toEqual(['ay', 'bee']);
  expect(plain.sha256).toBe('62cb81b5904a262ffaeed02abef36bfc540b09f964b8b0b636662f77ffce6714');
  expect(zipped.sha256).not.toBe(plain.sha256);
});

test('nothing there is a mistake of the user, with what to write', () => {
  expect(() => names('*.parquet')).toThrow(UserError);
  expect(() => names('missing.csv')).toThrow(/no trace at missing\.csv .*--set workload\.path=PATH/);
});

test.each(['cut.csv.gz', 'not.csv.gz'])('%s: an archive that is truncated, or none, is named', (name) => {
  const [file] = findTraceFiles(name, folder);
  expect(() => file.text()).toThrow(TraceError);
  expect(() => file.text()).toThrow(`${name}:1: the archive cannot be unzipped`);
});
