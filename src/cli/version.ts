import fs from 'node:fs';

const read = (file: string): unknown => JSON.parse(fs.readFileSync(new URL(file, import.meta.url), 'utf8'));

/** The version in package.json. */
export const version = (read('../../package.json') as {readonly version: string}).version;

/** What the program is made of: a digest of its sources. Results are kept by it, so that another program's are never taken for this one's. */
export const build = (read('../build.json') as {readonly sha256: string}).sha256;
