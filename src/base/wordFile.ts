/** A file of words, float64, little endian, behind a line of JSON that says what they are, filled up with spaces to a multiple of 8 bytes. */

/** The line, from the file's beginning on. */
export function wordHeader(header: object): Uint8Array {
  const line = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(Math.ceil((line.length + 1) / 8) * 8).fill(0x20);
  bytes.set(line);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

export interface WordFile {
  readonly header: {readonly [name: string]: unknown};
  /** Empty where the last one is cut. */
  readonly words: Float64Array;
}

/** null: the file does not begin with such a line. */
export function wordFileOf(bytes: Uint8Array): WordFile | null {
  const end = bytes.indexOf(0x0a) + 1;
  if (end === 0 || end % 8 !== 0) return null;
  const header = objectOf(new TextDecoder().decode(bytes.subarray(0, end)));
  if (header === null) return null;
  const rest = new Uint8Array(bytes.subarray(end)); // a copy that begins at a multiple of 8
  return {header, words: rest.length % 8 === 0 ? new Float64Array(rest.buffer) : new Float64Array(0)};
}

function objectOf(line: string): {readonly [name: string]: unknown} | null {
  try {
    const header: unknown = JSON.parse(line);
    return typeof header === 'object' && header !== null ? (header as {readonly [name: string]: unknown}) : null;
  } catch {
    return null;
  }
}
