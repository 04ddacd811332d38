/** What was probably meant. */
import {distance} from 'fastest-levenshtein';

/** `; did you mean "x"?`, or the known words where none is near; '' where there are none. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const best = nearest(word, known);
  return best === null ? `; known: ${listed(known)}` : `; did you mean "${best}"?`;
}

/** The known word that a slip of the keyboard or memory may have made this of; null where none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const bare = word.toLowerCase();
  const ranked = known
    .map((name) => ({name, far: holds(name.toLowerCase(), bare) ? 0.5 : distance(name.toLowerCase(), bare)}))
    .filter(({name, far}) => far <= Math.ceil(Math.min(word.length, name.length) / 3))
    .sort((a, b) => a.far - b.far || a.name.length - b.name.length);
  return ranked[0]?.name ?? null;
}

/** One word begins with the other, or holds a whole part of it: `h100` for `dgx-h100`. */
function holds(name: string, word: string): boolean {
  return word.length >= 3 && (name.startsWith(word) || word.startsWith(name) || name.split(/[-.]/).includes(word));
}

/** At most two dozen words. */
export function listed(known: readonly string[]): string {
  return known.length <= 24 ? known.join(', ') : `${known.slice(0, 24).join(', ')} and ${known.length - 24} more`;
}
