/**
 * 64 bits over a sequence of words, for telling runs apart: two chains of multiplications by odd constants (FNV's prime, one of MurmurHash3's), the second
 * fed by the first. Not for adversaries. Its state are int32, so that it lives in registers and costs a simulation nothing that can be measured.
 */
export class Digest {
  private a = 0x811c9dc5 | 0;
  private b = 0x9e3779b9 | 0;

  /** A non-negative integer below 2^53. */
  add(word: number): void {
    const low = word >>> 0;
    const high = ((word - low) / 4294967296) | 0;
    this.add32(low);
    this.add32(high);
  }

  /** 32 bits of any sign. */
  add32(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x01000193) ^ (this.a >>> 15);
    this.b = Math.imul(this.b ^ word ^ (this.a << 5), 0x85ebca6b) ^ (this.b >>> 13);
  }

  /** Of all words so far: 16 digits. */
  hex(): string {
    return (this.a >>> 0).toString(16).padStart(8, '0') + (this.b >>> 0).toString(16).padStart(8, '0');
  }
}
