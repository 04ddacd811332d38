/**
 * Named streams: one for each component and purpose, derived from (seed, name), so that adding one shifts no other. The generator is sfc32 (Chris
 * Doty-Humphrey, PractRand): additions, shifts and exclusive ors of 32-bit words, the same integers in every engine; its counter makes every
 * period at least 2^32.
 */
import {exp, ln} from './mathematics.ts';

export class Stream {
  private a: number;
  private b: number;
  private c: number;
  private d = 1;

  /** `seed`: an integer below 2^53 in magnitude. All of its bits and all of the name's enter each of three words of state. */
  constructor(seed: number, name: string) {
    this.a = hash(seed, name, 0x9e3779b9);
    this.b = hash(seed, name, 0x85ebca6b);
    this.c = hash(seed, name, 0xc2b2ae35);
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** 0 .. 2^32 - 1. */
  uint32(): number {
    const sum = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** [0, 1), 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /**
   * Mean 1, by the ziggurat of Marsaglia and Tsang (Journal of Statistical Software 5(8), 2000): 256 layers of equal area, of which one is chosen by
   * bits that the uniform does not use; 98.9 % of draws are a product and a comparison.
   */
  exponential(): number {
    for (;;) {
      const high = this.uint32();
      const low = this.uint32();
      const layer = ((high & 31) << 3) | (low & 7);
      const x = ((high >>> 5) * 67108864 + (low >>> 6)) * layerWidth[layer];
      if (x < layerEdge[layer + 1]) return x;
      if (layer === 0) return TAIL + this.exponential();
      if (layerFoot[layer] + this.uniform() * (layerFoot[layer + 1] - layerFoot[layer]) < exp(-x)) return x;
    }
  }

  /** Mean 0, deviation 1, by Marsaglia's polar method; one of its pair is not used, so that each call stands for itself. */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square);
    }
  }

  /** Integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [array[i], array[j]] = [array[j], array[i]];
    }
    return array;
  }
}

/** MurmurHash3's 32-bit mixing (Austin Appleby, public domain) of both halves of the seed and of every character. */
function hash(seed: number, name: string, start: number): number {
  let state = mix(start, seed | 0);
  state = mix(state, Math.floor(seed / 4294967296) | 0);
  for (let i = 0; i < name.length; i++) state = mix(state, name.charCodeAt(i));
  state ^= name.length;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}

function mix(state: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  state ^= Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64) | 0;
}

/** Where the lowest layer ends and the tail begins, and the area of each of 256 layers under e^-x (Marsaglia and Tsang, table for n = 256). */
const TAIL = 7.69711747013105;
const AREA = 0.003949659822581557;
/** Right edges of the layers, from the widest (as wide as its area, tail included, is at the foot's height) up to 0; their feet e^-edge; and edges in units of 2^-53. */
const layerEdge = new Float64Array(257);
const layerFoot = new Float64Array(257);
const layerWidth = new Float64Array(256);
layerEdge[0] = AREA / exp(-TAIL);
layerEdge[1] = TAIL;
for (let i = 1; i < 255; i++) layerEdge[i + 1] = -ln(AREA / layerEdge[i] + exp(-layerEdge[i]));
for (let i = 1; i < 257; i++) layerFoot[i] = exp(-layerEdge[i]);
for (let i = 0; i < 256; i++) layerWidth[i] = layerEdge[i] / 9007199254740992;
