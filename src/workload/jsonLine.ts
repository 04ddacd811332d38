import type {FieldPath} from './fields.ts';

/**
 * Line, from 1, at which the value of `path` begins in valid JSON text; of its nearest parent that is there, where it is missing.
 * Walks the text once, and only after something was found wrong: a parser that kept positions would slow every reading.
 */
export function lineOfJsonPath(text: string, path: FieldPath): number {
  let at = skipSpace(text, 0);
  for (const step of path) {
    const next = text[at] === '{' ? findMember(text, at, step) : text[at] === '[' ? findElement(text, at, step) : -1;
    if (next < 0) break;
    at = next;
  }
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < at; index = text.indexOf('\n', index + 1)) line++;
  return line;
}

/** Where the value of member `name` begins, -1 if absent. @param at the object's brace */
function findMember(text: string, at: number, name: string | number): number {
  for (at = skipSpace(text, at + 1); text[at] === '"'; at = skipComma(text, at)) {
    const end = skipString(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(at, end)) === name) return value;
    at = skipValue(text, value);
  }
  return -1;
}

/** Where element `index` begins, -1 if absent. @param at the array's bracket */
function findElement(text: string, at: number, index: string | number): number {
  at = skipSpace(text, at + 1);
  for (let element = 0; text[at] !== ']'; element++) {
    if (element === index) return at;
    at = skipComma(text, skipValue(text, at));
  }
  return -1;
}

function skipValue(text: string, at: number): number {
  let depth = 0;
  do {
    const character = text[at];
    if (character === '"') at = skipString(text, at);
    else {
      if (character === '{' || character === '[') depth++;
      else if (character === '}' || character === ']') depth--;
      at++;
    }
  } while (depth > 0 || (at < text.length && !/[,\]}\s]/.test(text[at])));
  return at;
}

/** @param at an opening quote @returns just behind the closing one */
function skipString(text: string, at: number): number {
  for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
  return at + 1;
}

function skipComma(text: string, at: number): number {
  at = skipSpace(text, at);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at])) at++;
  return at;
}
