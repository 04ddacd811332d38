/**
 * QD-LP-FIFO: quick demotion by a small queue on trial, where one use is enough, and lazy promotion by a CLOCK of two bits as the main cache. Unlike
 * S3-FIFO it looks again at what main holds after every block that went on to it.
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
    source: 'Yang et al., HotOS 2023, section 4',
  },
  ghosts: {
    type: 'number',
    min: 0,
    max: 10,
    fraction: true,
    default: 0.9,
    meaning: 'What is remembered of departed blocks, in capacities.',
    source: 'as many as the main queue holds, Yang et al., HotOS 2023',
  },
} as const satisfies Params;

export const qdlp = {
  name: 'qdlp',
  summary: 'QD-LP-FIFO: a small queue on trial before a CLOCK, and ghosts.',
  source: 'Yang et al., FIFO can be better than LRU: the power of lazy promotion and quick demotion, HotOS 2023',
  params,
  create: (values: ValuesOf<typeof params>, space: PolicySpace): EvictionPolicy =>
    new TrialQueues({...values, uses: 1, filling: 'small', decidesAgain: true}, space),
} as const satisfies Kind<typeof params>;
