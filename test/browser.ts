/** Headless Chromium for the tests of pages, where it is installed; without a graphics card, and without calls home. */
import fs from 'node:fs';
import {createRequire} from 'node:module';
import {chromium, type Browser, type Page} from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => fs.existsSync(file));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  });
}
launch.possible = executablePath !== undefined;

/** What the page says on its console, what goes wrong in it, and what it asks for beyond what is `allowed`; filled as it comes. */
export function listen(page: Page, allowed: (url: string) => boolean): string[] {
  const heard: string[] = [];
  page.on('console', (message) => heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('request', (request) => allowed(request.url()) || heard.push(request.url()));
  return heard;
}

/** Before the page is opened: axe-core beside it, whatever the page's policy. */
export async function accessible(page: Page): Promise<void> {
  await page.addInitScript({path: axe});
}

/** Serious and critical faults that axe-core finds: rule and where. */
export async function seriousFaults(page: Page): Promise<string[]> {
  return page.evaluate(`axe.run(document).then(({violations}) => violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .flatMap(({id, nodes}) => nodes.slice(0, 5).map(({target, any}) => id + ': ' + target.join(' ') + ' ' + (any[0]?.message ?? ''))))`);
}
