/** Every choice between several ways, by the name that scenarios give it. */
import type {Stream} from '../../base/random.ts';
import {adaptive} from './adaptive.ts';
import {fixed} from './fixed.ts';
import {hashed} from './hashed.ts';
import {leastBytes} from './leastBytes.ts';
import {soonest} from './soonest.ts';
import {striped} from './striped.ts';
import {twoChoices} from './twoChoices.ts';
import type {RouteChoice} from './ways.ts';

export const routeChoices: {readonly [name: string]: (stream: Stream) => RouteChoice} = {
  fixed,
  hashed,
  leastBytes,
  soonest,
  twoChoices,
  striped,
  adaptive,
};
