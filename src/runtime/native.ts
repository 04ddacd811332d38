/** The addon in native/, if it was built. The only door to it. */
import fs from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

/** An engine as the addon knows it. */
export type Handle = object;

export interface CreateFailed {
  /** errno. */
  readonly error: number;
  /** Where it failed: see faults.ts. */
  readonly step: number;
}

export interface Created extends CreateFailed {
  readonly handle: Handle;
  /** The columns of requests and completions: native/engine.c, map_columns. */
  readonly control: ArrayBuffer;
  readonly arena: ArrayBuffer;
  /** IORING_SETUP flags in force. */
  readonly flags: number;
  readonly fixedBuffers: number;
  readonly hugePages: number;
  readonly threads: number;
}

/** native/addon.c. Results below 0 are -errno. */
export interface Addon {
  create(kind: number, depth: number, arenaBytes: number, threads: number, hugePages: number): CreateFailed | Created;
  files(handle: Handle, descriptors: Int32Array): number;
  submit(handle: Handle, count: number): number;
  complete(handle: Handle, min: number, timeoutNs: number): number;
  enter(handle: Handle, count: number, min: number, timeoutNs: number): number;
  listen(handle: Handle, callback: () => void): number;
  close(handle: Handle): void;
  measure(load: Float64Array): Promise<Float64Array>;
  extents(descriptor: number): number;
  deviceSize(descriptor: number): number;
  lock(descriptor: number): number;
  now(): number;
}

export const KIND_URING = 0;
export const KIND_POOL = 1;

/** From src/runtime and from dist/runtime alike. */
const file = fileURLToPath(new URL('../../native/build/tierscape.node', import.meta.url));

let loaded: Addon | string | undefined;

/** The addon, or why there is none. */
export function loadAddon(): Addon | string {
  return (loaded ??= load());
}

function load(): Addon | string {
  if (!fs.existsSync(file)) return 'the addon is not built (npm run build:native)';
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (error) {
    return `the addon does not load: ${(error as Error).message}`;
  }
}
