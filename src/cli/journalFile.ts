/**
 * journal.bin: a line of JSON with the scenario that the placement was made for, filled up with spaces to a multiple of 8 bytes; the journal's
 * words, float64, little endian; and, as the last three words, 0 (no input has this kind) and the two halves of the digest of the run's commands.
 */
const TAIL_WORDS = 3;

export interface JournalFile {
  readonly scenario: object;
  readonly words: Float64Array;
  /** Of the commands of the run that wrote it. */
  readonly digest: string;
}

export function journalHeader(scenario: object): Uint8Array {
  const line = new TextEncoder().encode(JSON.stringify({format: 'tierscape journal', version: 1, scenario}));
  const bytes = new Uint8Array(Math.ceil((line.length + 1) / 8) * 8).fill(0x20);
  bytes.set(line);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

export function journalTail(digest: string): Uint8Array {
  const words = Float64Array.of(0, Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8), 16));
  return new Uint8Array(words.buffer);
}

/** The parts of a journal, or what is wrong with it. */
export function readJournal(bytes: Uint8Array): JournalFile | string {
  const end = bytes.indexOf(0x0a) + 1;
  const header = end > 0 && end % 8 === 0 ? headerOf(new TextDecoder().decode(bytes.subarray(0, end))) : null;
  if (header === null) return 'this is no journal of tierscape: name the journal.bin that `tierscape run --out DIR --journal` wrote';
  const rest = new Uint8Array(bytes.subarray(end));
  const words = rest.length % 8 === 0 ? new Float64Array(rest.buffer) : new Float64Array(0);
  const tail = words.length - TAIL_WORDS;
  if (tail < 0 || words[tail] !== 0) return 'the journal is cut short: its end is missing';
  const hex = (word: number): string => word.toString(16).padStart(8, '0');
  return {scenario: header, words: words.subarray(0, tail), digest: hex(words[tail + 1]!) + hex(words[tail + 2]!)};
}

function headerOf(line: string): object | null {
  try {
    const header = JSON.parse(line) as {readonly format?: unknown; readonly version?: unknown; readonly scenario?: unknown};
    const known = header.format === 'tierscape journal' && header.version === 1;
    return known && typeof header.scenario === 'object' ? header.scenario : null;
  } catch {
    return null;
  }
}
