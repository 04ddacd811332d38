/** Content of a block that follows from its key: whoever reads it can tell whether it is right. */
export function pattern(key: string, bytes: number): Uint8Array {
  const block = new Uint8Array(bytes);
  const words = new Uint32Array(block.buffer, 0, bytes >> 2);
  let state = [...key].reduce((hash, letter) => Math.imul(hash ^ letter.codePointAt(0)!, 16777619) >>> 0, 2166136261);
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state;
  }
  return block;
}
