/** Everything that comes down is written. */
import type {Kind} from '../../base/params.ts';
import type {Admission} from '../ports.ts';

export const always = {
  name: 'always',
  summary: 'Everything that comes down is written.',
  params: {},
  /** Nobody is asked. */
  create: (): Admission | null => null,
} as const satisfies Kind;
