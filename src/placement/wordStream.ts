/** Words of 8 bytes on their way to a file, in chunks. */

/** Where the words go: called with full chunks, and once more by end(). The chunk is reused: copy what is kept. */
export type WordSink = (words: Float64Array, count: number) => void;

const CHUNK_WORDS = 8192;

export class WordStream {
  private readonly sink: WordSink;
  private readonly words = new Float64Array(CHUNK_WORDS);
  private count = 0;

  constructor(sink: WordSink) {
    this.sink = sink;
  }

  word(value: number): void {
    if (this.count === CHUNK_WORDS) this.end();
    this.words[this.count++] = value;
  }

  end(): void {
    if (this.count > 0) this.sink(this.words, this.count);
    this.count = 0;
  }
}
