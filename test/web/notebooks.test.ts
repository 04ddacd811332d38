/** The notebooks: built, and opened without a network. */
import fs from 'node:fs';
import type http from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import type {Browser} from 'playwright-core';
import {build} from 'vite';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {serve} from '../../src/cli/playground.ts';
import {launch, listen} from '../browser.ts';
import {root, temporary} from '../cli/support.ts';

const directory = temporary();
const folder = path.join(directory, 'notebooks');
const notebooks = fs.readdirSync(path.join(root, 'notebooks')).filter((name) => name.endsWith('.html'));
let server: http.Server;
let origin = '';

beforeAll(async () => {
  await build({configFile: path.join(root, 'notebooks/vite.config.ts'), logLevel: 'error', build: {outDir: folder, emptyOutDir: true}});
  server = await serve(folder, 0);
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  fs.rmSync(directory, {recursive: true, force: true});
});

test('there are seven, and a question is the title of each', () => {
  expect(notebooks).toHaveLength(7);
  for (const name of notebooks)
    expect(/<title>(.*)<\/title>/.exec(fs.readFileSync(path.join(root, 'notebooks', name), 'utf8'))?.[1], name).toMatch(/\?$/);
});

describe.runIf(launch.possible)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(notebooks)('%s draws, says nothing on the console, asks nothing of a network', async (name) => {
    const page = await browser.newPage({viewport: {width: 1280, height: 900}});
    const heard = listen(page, (url) => url.startsWith(origin) || url.startsWith('data:') || url.startsWith('blob:'));
    await page.goto(origin + name);
    const charts = page.locator('main figure svg, main .observablehq--cell > svg');
    await charts.first().locator('path, circle, rect').first().waitFor({state: 'attached', timeout: 60_000});
    await page.waitForFunction(
      `[...document.querySelectorAll('main p')].every((text) => !/\\$\\{/.test(text.textContent)) && document.querySelectorAll('.observablehq--running').length === 0`,
    );
    expect(await page.locator('.observablehq--error').allInnerTexts()).toEqual([]);
    for (const chart of await charts.all()) expect(await chart.locator('path, circle, rect, line').count()).toBeGreaterThan(0);
    expect(heard).toEqual([]);
    expect(await page.title()).toMatch(/\?/);
    await page.close();
  });
});
