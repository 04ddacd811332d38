/**
 * A block is written once it has been offered often enough lately, by a sketch whose counts are halved from time to time. The halving must leave time for
 * the counts to rise: where blocks come back less often than that, nothing is ever written.
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {FrequencySketch} from '../eviction/frequencySketch.ts';
import type {Admission, AdmissionSpace, Offer} from '../ports.ts';
import {countedBlocks} from './countedBlocks.ts';

const params = {
  atLeast: {
    type: 'number',
    min: 1,
    max: 15,
    default: 2,
    meaning: 'Offers, this one included, from which on a block is written.',
    source:
      'NVIDIA Dynamo, offload filter (pull request 3532): 2 from host to disk; a later default above 8 let nothing reach the disk (8826)',
  },
  halveAfter: {
    type: 'number',
    min: 0.1,
    max: 1000,
    fraction: true,
    default: 10,
    meaning: 'Offers for each block that fits, after which all counts are halved; 4 to 8 bytes each.',
    source: 'Einziger, Friedman and Manes, ACM TOS 13(4), 2017',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class Frequency implements Admission {
  private readonly atLeast: number;
  private readonly sketch: FrequencySketch;

  constructor({atLeast, halveAfter}: Values, {capacity}: AdmissionSpace) {
    this.atLeast = atLeast;
    this.sketch = new FrequencySketch(Math.ceil(halveAfter * countedBlocks(capacity)), 1);
  }

  admit({count, keys}: Offer): number {
    let frequent = 0;
    for (let i = 0; i < count; i++) {
      this.sketch.add(keys[i]);
      if (frequent === i && this.sketch.count(keys[i]) >= this.atLeast) frequent++;
    }
    return frequent;
  }

  wrote(): void {}
}

export const frequency = {
  name: 'frequency',
  summary: 'A block is written once it was offered often enough lately.',
  source: 'Einziger, Friedman and Manes, TinyLFU: a highly efficient cache admission policy, ACM TOS 13(4), 2017',
  params,
  create: (values: Values, space: AdmissionSpace): Admission => new Frequency(values, space),
} as const satisfies Kind<typeof params>;
