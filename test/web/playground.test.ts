/** The playground in a browser: the very simulator, without a request to anywhere else, by keyboard alone. */
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import type http from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import type {Browser, Page} from 'playwright-core';
import {build} from 'vite';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {serve} from '../../src/cli/playground.ts';
import {accessible, launch, listen, seriousFaults} from '../browser.ts';
import {root, temporary} from '../cli/support.ts';
import {quiet} from '../quiet.ts';

const directory = temporary();
const folder = path.join(directory, 'playground');
let server: http.Server;
let origin = '';

beforeAll(async () => {
  const configFile = path.join(root, 'web/vite.config.ts');
  await build({configFile, logLevel: 'warn', build: {outDir: folder, emptyOutDir: true}});
  server = await serve(folder, 0);
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  fs.rmSync(directory, {recursive: true, force: true});
});

test('serves its folder and nothing else, on 127.0.0.1 alone', async () => {
  expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
  const page = await fetch(origin);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect((await page.text()).match(/https?:\/\//g)).toBeNull();
  for (const missing of ['..%2fpackage.json', '../package.json', 'assets', 'nothing.js'])
    expect((await fetch(origin + missing)).status, missing).toBe(404);
  expect((await fetch(origin, {method: 'POST'})).status).toBe(405);
});

describe.runIf(launch.possible)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(hash: string, width = 1280): Promise<{page: Page; heard: string[]}> {
    const page = await browser.newPage({viewport: {width, height: 900}});
    const heard = listen(page, (url) => url.startsWith(origin) || url.startsWith('data:'));
    await accessible(page);
    await page.goto(origin + hash);
    await done(page);
    return {page, heard};
  }
  const done = (page: Page): Promise<unknown> => page.waitForSelector('body[data-state="done"]', {timeout: 60_000});
  const digest = (page: Page): Promise<string> => page.evaluate(`document.querySelector('#footer').dataset.digest`);

  test.each(['one-gpu', 'agents-on-one-server', 'shared-flash'])(
    '%s: what it copies runs to the same digest by command',
    async (preset) => {
      const {page, heard} = await open(`#preset=${preset}&agents=5&requests=200&ttl=5&policy=sieve`);
      const file = path.join(directory, `${preset}.yaml`);
      fs.writeFileSync(file, await page.evaluate<string>(`document.querySelector('#yaml pre').textContent`));
      const out = execFileSync(process.execPath, [path.join(root, 'dist/cli/main.js'), 'run', file, '--json'], {encoding: 'utf8'});
      expect((JSON.parse(out) as {digest: string}).digest).toBe(await digest(page));
      expect(heard).toEqual([]);
      await page.close();
    },
  );

  test('by keyboard alone: a slider changes the answer and the address, which leads back to it', async () => {
    const {page, heard} = await open('#preset=one-gpu&requests=200');
    const before = [await digest(page), await page.locator('#answer').innerText(), await page.locator('#ladder').innerHTML()];
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.id')) === 'agents') break;
    }
    expect(await page.evaluate('document.activeElement.id')).toBe('agents');
    await page.keyboard.press('End');
    await page.waitForSelector(`#footer:not([data-digest="${before[0]!}"])`, {timeout: 60_000});
    await done(page);
    const after = [await digest(page), await page.locator('#answer').innerText(), await page.locator('#ladder').innerHTML()];
    after.forEach((text, i) => expect(text).not.toBe(before[i]));
    expect(page.url()).toContain('agents=300');
    const {page: again} = await open(new URL(page.url()).hash);
    expect(await digest(again)).toBe(after[0]);
    await page.locator('#show-p99').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#p99-request svg rect').count()).toBeGreaterThan(1);
    expect(heard).toEqual([]);
    await again.close();
    await page.close();
  });

  test.each([1280, 390])('%d pixels wide: pictures have marks, nothing is wider than the page, no serious fault', async (width) => {
    const {page, heard} = await open('#preset=shared-flash&requests=200', width);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const charts = await page.locator('#pictures svg.chart:visible').all();
    expect(charts.length).toBeGreaterThanOrEqual(5);
    for (const chart of charts) expect(await chart.locator('path, rect, circle, line.line').count()).toBeGreaterThan(0);
    expect(await page.locator('.ladder .step').count()).toBe(4);
    expect(await page.locator('.ladder .binds').count()).toBe(1);
    expect(await seriousFaults(page)).toEqual([]);
    expect(heard).toEqual([]);
    await page.close();
  });

  test('what an address names wrongly is as in the preset', async () => {
    const {page} = await open('#preset=one-gpu&requests=200');
    await page.evaluate(`location.hash = 'preset=one-gpu&requests=200&drives=nonsense&policy=none'`);
    await done(page);
    expect(page.url()).toContain('requests=200');
    expect(page.url()).not.toContain('nonsense');
    await page.close();
  });

  test('the default is there within two seconds of simulation, and a hundred changes do not make it grow', async () => {
    const {page} = await open('');
    expect(Number(await page.locator('#footer').getAttribute('data-milliseconds'))).toBeLessThan(quiet ? 2000 : 60_000);
    await page.goto(`${origin}#preset=one-gpu&requests=200&agents=2`);
    await page.reload();
    await done(page);
    const session = await page.context().newCDPSession(page);
    const megabytes = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      const {usedSize} = await session.send('Runtime.getHeapUsage');
      return usedSize / 1e6;
    };
    const nodes = (): Promise<number> => page.evaluate(`document.querySelectorAll('*').length`);
    const change = (times: number): Promise<unknown> =>
      page.evaluate(`(async () => {
      const slider = document.querySelector('#drives');
      for (let i = 0; i < ${times}; i++) {
        slider.value = String((Number(slider.value) + 1) % 12);
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        if (i % 5 === 4) { await new Promise((resolve) => setTimeout(resolve, 130)); while (document.body.dataset.state !== 'done') await new Promise((resolve) => setTimeout(resolve, 10)); }
      }
    })()`);
    await change(20);
    const before = [await megabytes(), await nodes()];
    await change(100);
    expect(await megabytes()).toBeLessThan(before[0]! + 3);
    expect(await nodes()).toBeLessThan(before[1]! * 1.3);
    await page.close();
  });
});
