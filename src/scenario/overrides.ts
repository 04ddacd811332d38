/** `--set path=value`: the value is YAML, typed as in the file; text that is no YAML by itself (`*.jsonl`) is text. */
import {isAlias, parseDocument} from 'yaml';

export interface Override {
  readonly path: string;
  readonly value: string;
}

type Holder = {[key: string]: unknown};

/** Changes `root` in place; says why where it cannot. */
export function applyOverride(root: unknown, {path, value}: Override): string | null {
  const keys = path.split('.');
  if (keys.includes('')) return 'a path is names with dots between them, such as tiers.nvme.drives';
  if (!isHolder(root)) return null; // the file itself is no mapping: said elsewhere
  let holder: Holder | unknown[] = root;
  for (let depth = 0; depth < keys.length; depth++) {
    const key = keys[depth]!;
    if (Array.isArray(holder) && !(/^\d+$/.test(key) && Number(key) <= holder.length))
      return `${keys.slice(0, depth).join('.')} is a list of ${holder.length}: name a place in it, from 0`;
    if (depth === keys.length - 1) {
      put(holder, key, valueOf(value));
      return null;
    }
    const inner = opened(Object.hasOwn(holder, key) ? (holder as Holder)[key] : undefined, key, keys[depth + 1]!);
    if (!isHolder(inner)) return `${keys.slice(0, depth + 1).join('.')} is ${JSON.stringify(inner)}, which has no "${keys[depth + 1]}"`;
    put(holder, key, inner);
    holder = inner;
  }
  return null;
}

/** A member of its own, whatever its name. */
function put(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {value, enumerable: true, configurable: true, writable: true});
}

function valueOf(text: string): unknown {
  const parsed = parseDocument(text);
  return parsed.errors.length > 0 || isAlias(parsed.contents) ? text : parsed.toJS();
}

/** `--set model.kv=fp8` on `model: glm-5` means {preset: glm-5, kv: fp8}. */
function opened(value: unknown, key: string, next: string): unknown {
  if (value === undefined || value === null) return /^\d+$/.test(next) ? [] : {};
  if (typeof value === 'string' && ['model', 'servers', 'gpu', 'fabric'].includes(key)) return {preset: value};
  return typeof value === 'string' && key === 'policy' ? {kind: value} : value;
}

function isHolder(value: unknown): value is Holder | unknown[] {
  return typeof value === 'object' && value !== null;
}
