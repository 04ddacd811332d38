/** One self-contained page: no request to anywhere, and no script but the one that its policy names. */
import {script, scriptDigest} from './script.ts';
import {styles, textures} from './styles.ts';

/** Up to the beginning of the page's content. */
export function pageHead(title: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptDigest}'; base-uri 'none'; form-action 'none'">
<title>${escapeHtml(title)}</title><style>${styles}</style></head><body><svg class="defs" aria-hidden="true">${textures}</svg><main>`;
}

/** From the end of its content. */
export function pageScript(): string {
  return `</main><script>${script}</script></body></html>\n`;
}

export function page(title: string, body: string): string {
  return `${pageHead(title)}<h1>${escapeHtml(title)}</h1>${body}${pageScript()}`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
