/** Files written beside and renamed, so that none is ever half there. */
import fs from 'node:fs';
import path from 'node:path';
import {DeviceError} from './userError.ts';

/** @throws DeviceError where the disk refuses */
export function writeWhole(file: string, contents: string | Uint8Array): void {
  const partial = `${file}.partial`;
  try {
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(partial, contents);
    fs.renameSync(partial, file);
  } catch (error) {
    fs.rmSync(partial, {force: true});
    throw new DeviceError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
