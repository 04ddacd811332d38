/**
 * journal.bin: a line of JSON with the scenario that the placement was made for, filled up with spaces to a multiple of 8 bytes; the journal's
 * words, float64, little endian; and, as the last three words, 0 (no input has this kind) and the two halves of the digest of the run's commands.
 */
import {wordFileOf, wordHeader} from '../base/wordFile.ts';

const TAIL_WORDS = 3;

export interface JournalFile {
  readonly scenario: object;
  readonly words: Float64Array;
  /** Of the commands of the run that wrote it. */
  readonly digest: string;
}

export function journalHeader(scenario: object): Uint8Array {
  return wordHeader({format: 'tierscape journal', version: 1, scenario});
}

export function journalTail(digest: string): Uint8Array {
  const words = Float64Array.of(0, Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8), 16));
  return new Uint8Array(words.buffer);
}

/** The parts of a journal, or what is wrong with it. */
export function readJournal(bytes: Uint8Array): JournalFile | string {
  const file = wordFileOf(bytes);
  if (file === null || !isJournal(file.header))
    return 'this is no journal of tierscape: name the journal.bin that `tierscape run --out DIR --journal` wrote';
  const {words} = file;
  const tail = words.length - TAIL_WORDS;
  if (tail < 0 || words[tail] !== 0) return 'the journal is cut short: its end is missing';
  const hex = (word: number): string => word.toString(16).padStart(8, '0');
  return {scenario: file.header.scenario, words: words.subarray(0, tail), digest: hex(words[tail + 1]!) + hex(words[tail + 2]!)};
}

function isJournal(header: {readonly [name: string]: unknown}): header is {readonly scenario: object} {
  return header['format'] === 'tierscape journal' && header['version'] === 1 && typeof header['scenario'] === 'object';
}
