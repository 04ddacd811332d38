/**
 * S3-FIFO: a small queue that newcomers must leave with two uses to reach the main one, a main queue in which what was used goes round, and a
 * memory of those that the small queue let go: who comes back is main's at once.
 *
 * Two meanings are in use. In the paper's own simulator until December 2024 the small queue takes every newcomer and grows over the whole cache
 * until the first eviction (`filling: small`); since then newcomers that find it full go to main while nothing has been evicted (`filling: main`).
 */
import type {Kind, Params, ValuesOf} from '../../base/params.ts';
import type {EvictionPolicy, PolicySpace} from '../ports.ts';
import {TrialQueues} from './trialQueues.ts';

const params = {
  small: {
    type: 'number',
    min: 0,
    max: 1,
    fraction: true,
    default: 0.1,
    meaning: "The small queue's share of the capacity.",
    source: 'Yang et al., SOSP 2023, section 4.1',
  },
  ghosts: {
    type: 'number',
    min: 0,
    max: 10,
    fraction: true,
    default: 0.9,
    meaning: 'What is remembered of departed blocks, in capacities.',
    source: 'as many as the main queue holds, Yang et al., section 4.1',
  },
  uses: {
    type: 'number',
    min: 1,
    max: 3,
    default: 2,
    meaning: 'Uses in the small queue that lead to the main one.',
    source: "the authors' simulator; Caffeine: 1",
  },
  filling: {
    type: 'choice',
    choices: ['small', 'main'],
    default: 'small',
    meaning: 'Where newcomers go while nothing has been evicted and the small queue is full.',
    source: "small: the paper and the authors' simulator until December 2024; main: since then",
  },
} as const satisfies Params;

export const s3fifo = {
  name: 's3fifo',
  summary: 'S3-FIFO: a small queue on trial, a main queue, and ghosts.',
  source: 'Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy => new TrialQueues({...values, decidesAgain: false}, space),
} as const satisfies Kind<typeof params>;
