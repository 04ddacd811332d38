/** Colours, where they are wanted and stdout is a terminal that has them. */
import {styleText} from 'node:util';
import {plain, type Paint} from '../reports/table.ts';

export function paintFor(wanted: boolean): Paint {
  if (!wanted || !process.stdout.isTTY || process.env['NO_COLOR'] || process.env['TERM'] === 'dumb') return plain;
  // Which terminals have colours is said above alone: Node's own guess would also ask which CI service this is.
  const styled = (style: 'bold' | 'dim' | 'yellow') => (text: string) => styleText(style, text, {validateStream: false});
  return {bold: styled('bold'), dim: styled('dim'), warn: styled('yellow')};
}
