/** The answer on a card that one can paste into a chat: question, answer, bound, what binds, digest, command; as text and as a picture. */
import {percent} from '../metrics/answer.ts';
import type {Summary} from '../metrics/summary.ts';
import {escapeHtml} from './page.ts';
import {pictureStyles} from './styles.ts';

const LINE = 84;

export function cardLines(summary: Summary, command: string): [string, string][] {
  const {cache, bottleneck} = summary;
  const bound =
    cache.infiniteHitRatio === null
      ? 'none is known'
      : `a cache without limit would find ${percent(cache.infiniteHitRatio)} of the blocks; this one finds ${percent(cache.hitRatio ?? 0)}`;
  return [
    ['question', summary.question],
    ['answer', summary.answer],
    ['bound', bound],
    [
      'binds',
      `${bottleneck.resource}, busy ${percent(bottleneck.utilisation)} of the time${bottleneck.next === null ? '' : `; then ${bottleneck.next}`}`,
    ],
    ['digest', `${summary.digest} (tierscape ${summary.version}, seed ${summary.seed})`],
    ['command', command],
  ];
}

export function cardText(summary: Summary, command: string): string {
  return cardLines(summary, command)
    .map(([name, text]) => `${`${name}:`.padEnd(10)}${text}`)
    .join('\n');
}

export function cardSvg(summary: Summary, command: string): string {
  let y = 20;
  const parts = cardLines(summary, command).map(([name, text]) => {
    const lines = wrapped(text);
    const top = (y += 22);
    y += (lines.length - 1) * 19;
    const strong = name === 'answer' ? ' font-weight="600"' : '';
    return `<text class="soft" x="20" y="${top}">${name}</text>${lines.map((line, i) => `<text class="label" x="100" y="${top + i * 19}"${strong}>${escapeHtml(line)}</text>`).join('')}`;
  });
  const height = y + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${height}" width="760" height="${height}" font-family="system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" role="img"><title>${escapeHtml(summary.scenario)}</title><style>${pictureStyles}.label{font-size:13.5px}</style><rect class="paper" width="100%" height="100%"/><rect class="rung" x="4" y="4" width="752" height="${height - 8}" rx="10"/>${parts.join('')}</svg>\n`;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
