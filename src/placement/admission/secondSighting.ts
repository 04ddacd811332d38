/** A block is written at its second offer, if the first is not too long ago: most blocks never come back, and the first offer cannot tell. */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import {Ghosts} from '../eviction/ghosts.ts';
import type {Admission, AdmissionSpace, Offer} from '../ports.ts';
import {countedBlocks} from './countedBlocks.ts';

const params = {
  remember: {
    type: 'number',
    min: 0.001,
    max: 1000,
    fraction: true,
    default: 1,
    meaning: 'Offered blocks that are remembered, the latest, as a multiple of the blocks that fit; 20 to 40 bytes each.',
    source: 'a choice; RejectFirst of CacheLib, with an exact memory instead of filters',
  },
} as const satisfies Params;

type Values = ValuesOf<typeof params>;

class SecondSighting implements Admission {
  private readonly most: number;
  private readonly seen = new Ghosts();

  constructor({remember}: Values, {capacity}: AdmissionSpace) {
    this.most = Math.max(1, Math.ceil(remember * countedBlocks(capacity)));
  }

  admit({count, keys}: Offer): number {
    let known = 0;
    for (let i = 0; i < count; i++) {
      if (known === i && this.seen.has(keys[i])) known++;
      this.seen.add(keys[i], 1);
    }
    while (this.seen.count > this.most) this.seen.dropOldest();
    return known;
  }

  wrote(): void {}
}

export const secondSighting = {
  name: 'secondSighting',
  summary: 'A block is written at its second offer.',
  source: 'Berg et al., The CacheLib caching engine, OSDI 2020; NVIDIA Dynamo, offload filter (pull request 3532)',
  params,
  create: (values: Values, space: AdmissionSpace): Admission => new SecondSighting(values, space),
} as const satisfies Kind<typeof params>;
