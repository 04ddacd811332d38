/** report.html in a browser: nothing asked of any network, nothing said on the console, nothing drawn over anything, and read without a mouse. */
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Browser, Page} from 'playwright-core';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {catalogue} from '../../src/catalogue.ts';
import type {Summary} from '../../src/metrics/summary.ts';
import {rangeChart} from '../../src/reports/charts.ts';
import {duration, timeDecades, timeTicks} from '../../src/reports/frame.ts';
import {html} from '../../src/reports/html.ts';
import {ReportGatherer, type ReportData} from '../../src/reports/reportData.ts';
import {script, scriptDigest} from '../../src/reports/script.ts';
import {picturesOf} from '../../src/reports/sections.ts';
import {svgFile} from '../../src/reports/frame.ts';
import {loadScenario} from '../../src/scenario/load.ts';
import {simulate} from '../../src/simulation/simulate.ts';
import {openSource} from '../../src/simulation/source.ts';
import {accessible, launch, listen, seriousFaults} from '../browser.ts';
import {quiet} from '../quiet.ts';
import {agents, temporary} from '../cli/support.ts';

const directory = temporary();
afterAll(() => fs.rmSync(directory, {recursive: true, force: true}));

function gathered(requests: number, sets: readonly [string, string][]): [Summary, ReportGatherer] {
  const overrides = [['limits.requests', String(requests)], ...sets].map(([at, value]) => ({path: at!, value: value!}));
  const scenario = loadScenario(fs.readFileSync(agents, 'utf8'), {file: agents, overrides}, catalogue);
  let gatherer: ReportGatherer | null = null;
  const summary = simulate(scenario, openSource(scenario, []), {
    begin: (info) => {
      gatherer = new ReportGatherer(info, 'tierscape run agents-on-one-server.yaml');
    },
    request: (record) => gatherer!.request(record),
    interval: (record) => gatherer!.interval(record),
    measured: (latencies) => gatherer!.measured(latencies),
  });
  return [summary, gatherer!];
}

/** What a run of 1500 requests says, every request and interval told `times` times, each later than the one before. */
function repeated(times: number): [Summary, ReportData] {
  const overrides = [{path: 'limits.requests', value: '1500'}];
  const scenario = loadScenario(fs.readFileSync(agents, 'utf8'), {file: agents, overrides}, catalogue);
  let gatherer: ReportGatherer | null = null;
  let told = 0;
  const summary = simulate(scenario, openSource(scenario, []), {
    begin: (info) => {
      gatherer = new ReportGatherer(info, '');
    },
    request: (record) => {
      for (let i = 0; i < times; i++, told++)
        gatherer!.request({...record, arrivalNs: record.arrivalNs - i * 1e6, firstTokenNs: record.firstTokenNs + i * 1e6});
    },
    interval: (record) => {
      for (let i = 0; i < times; i++) gatherer!.interval({...record, endNs: record.endNs + i * 1e8});
    },
    measured: (latencies) => gatherer!.measured(latencies),
  });
  expect(told).toBeGreaterThan(1e5);
  return [summary, gatherer!.data()];
}

/** The report of some requests of the agents' scenario, as a file. */
function written(requests: number, ...sets: readonly [string, string][]): string {
  const file = path.join(directory, `report${requests}-${sets.length}.html`);
  if (fs.existsSync(file)) return file;
  const [summary, gatherer] = gathered(requests, sets);
  fs.writeFileSync(file, [...html(summary, gatherer.data())].join(''));
  return file;
}

test('is one file, far below 300 KB without its data, with a policy that lets nothing in but its one script', () => {
  const text = fs.readFileSync(written(1500), 'utf8');
  expect(text.length).toBeLessThan(350_000);
  expect(fs.statSync(written(20)).size).toBeLessThan(160_000);
  expect(text).toContain(
    `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptDigest}'; base-uri 'none'; form-action 'none'"`,
  );
  expect(text).not.toMatch(/<link|@import|url\((?!#)|\ssrc=|https?:/);
  expect([...text.matchAll(/<script>/g)]).toHaveLength(1);
});

test('the policy names the script by its digest', () => {
  expect(createHash('sha256').update(script).digest('base64')).toBe(scriptDigest);
});

test('what a scenario says cannot become markup', () => {
  const text = fs.readFileSync(written(20, ['question', 'Is <b>this</b> "safe" & sound?']), 'utf8');
  expect(text).toContain('Is &lt;b&gt;this&lt;/b&gt; &quot;safe&quot; &amp; sound?');
});

test('ticks of time are those of a clock', () => {
  expect(timeTicks(5868).map(duration)).toEqual(['0', '15 min', '30 min', '45 min', '1 h', '1 h 15 min', '1 h 30 min']);
  expect(timeTicks(50).map(duration)).toEqual(['0', '10 s', '20 s', '30 s', '40 s', '50 s']);
  for (const last of [0.003, 1, 59, 61, 3601, 1e5, 1e7]) expect(timeTicks(last).length).toBeLessThanOrEqual(9);
});

test('a logarithmic axis of time is labelled with the decades of a clock, and never bare', () => {
  expect(timeDecades(2e-4, 9000).map(duration)).toEqual(['1 ms', '10 ms', '100 ms', '1 s', '10 s', '1 min', '10 min', '1 h']);
  expect(timeDecades(0.18, 7).map(duration)).toEqual(['200 ms', '500 ms', '1 s', '2 s', '5 s']);
  for (const low of [2e-8, 0.0021, 0.9, 7, 61, 4000, 2e6])
    for (const ratio of [1.3, 2, 12, 1e3, 1e5]) {
      const labels = timeDecades(low, low * ratio);
      expect([low, ratio, labels.length >= 3 && labels.length <= 12]).toEqual([low, ratio, true]);
      expect(labels.every((tick, i) => tick >= low && tick <= low * ratio && (i === 0 || tick > labels[i - 1]!))).toBe(true);
    }
});

test('the knee is named within its picture, wherever it bends', () => {
  for (const knee of [0, 1, 2]) {
    const points = [
      [1, 0],
      [2, 9],
      [4, 10],
    ] as const;
    const picture = rangeChart('p99', 'load', ['1', '2', '4'], [{name: '', points}], {label: String, knee});
    const [, y] = /<text x="[\d.]+" y="([\d.-]+)" text-anchor="middle">knee/.exec(svgFile(picture!))!;
    expect(Number(y)).toBeGreaterThan(14);
    expect(Number(y)).toBeLessThan(254);
  }
});

describe('what the pictures show', () => {
  const [summary, gatherer] = gathered(1500, []);
  const data = gatherer.data();

  test("a request's stays follow each other from its arrival to its end", () => {
    expect(data.exemplars.length).toBeGreaterThan(15);
    for (const {path: stays, arrival, firstToken, end} of data.exemplars) {
      expect(stays[0]![1]).toBeCloseTo(arrival, 9);
      expect(stays.at(-1)![2]).toBeCloseTo(end, 9);
      stays.slice(1).forEach(([, since], i) => expect(since).toBe(stays[i]![2]));
      expect(firstToken).toBeGreaterThan(arrival);
    }
    const slowest = data.exemplars.slice(0, 10).map(({arrival, firstToken}) => firstToken - arrival);
    expect(slowest).toEqual([...slowest].sort((a, b) => b - a));
    expect(slowest[0]).toBeCloseTo(summary.ttft.max!, 9);
  });

  test('bytes between tiers are those that tiers read and write', () => {
    const names = Object.keys(summary.tiers);
    for (const name of names) {
      const {movedBytes, readBytes} = summary.tiers[name]!;
      expect(Object.values(movedBytes).reduce((sum, bytes) => sum + bytes, 0)).toBe(readBytes);
    }
  });

  test('every picture is a file of its own, of well-formed SVG without a request', () => {
    const pictures = [...picturesOf(summary, data)];
    expect(pictures.length).toBeGreaterThanOrEqual(12);
    for (const [, picture] of pictures) {
      const text = svgFile(picture);
      expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|NaN|undefined|Infinity/);
    }
  });
});

describe.runIf(launch.possible)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each([
    [1280, 'light', 1500],
    [390, 'dark', 1500],
    [1280, 'dark', 20],
    [390, 'light', 20],
  ] as const)('%d pixels wide, %s, of %d requests', async (width, colorScheme, requests) => {
    const file = pathToFileURL(written(requests)).href;
    const page = await browser.newPage({viewport: {width, height: 900}, colorScheme});
    const heard = listen(page, (url) => url === file);
    await page.goto(file);
    expect(heard).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.title()).toBe('agents-on-one-server - tierscape');
    expect(await page.locator('h1').innerText()).toMatch(/^Forty coding agents.*\?$/);
    expect(await page.locator('.answer').innerText()).toContain('p99 TTFT');
    await page.evaluate(`document.querySelectorAll('.requests > details').forEach((details) => (details.open = true))`);
    expect(await overlapping(page)).toEqual([]);
    expect(await outside(page)).toEqual([]);
    const figures = await page.locator('section:has(svg.chart)').count();
    expect(figures).toBeGreaterThanOrEqual(5);
    expect(await page.locator('section:has(svg.chart) details table').count()).toBeGreaterThanOrEqual(figures);
    for (const chart of await page.locator('svg.chart:visible').all())
      expect(await chart.locator('path, rect, circle, line.line').count()).toBeGreaterThan(0);
    await page.close();
  });

  test('values under the pointer; a slider for the keyboard; a dot leads to its request; no serious fault for readers of screens', async () => {
    const page = await browser.newPage({viewport: {width: 1280, height: 900}});
    await accessible(page);
    await page.goto(pathToFileURL(written(1500)).href);
    const figure = page.locator('#first-token figure').first();
    await figure.scrollIntoViewIfNeeded();
    await figure.hover({position: {x: 500, y: 100}});
    expect(await figure.locator('.tip').innerText()).toMatch(/^within [\d.]+ m?s\n+all\s*\d/);
    await figure.locator('.reader').focus();
    await page.keyboard.press('End');
    expect(await figure.locator('.reader').getAttribute('aria-valuetext')).toMatch(/^within .*: all 100 %/);
    const dot = page.locator('#requests svg.wide a').last();
    const target = (await dot.getAttribute('href'))!;
    await dot.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector(`details${target}[open]`);
    expect(await page.locator(`${target} svg.chart:visible rect`).count()).toBeGreaterThan(1);
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  });

  test('a report of 10^5 requests opens within three seconds', async () => {
    const file = path.join(directory, 'large.html');
    fs.writeFileSync(file, [...html(...repeated(67))].join(''));
    const page = await browser.newPage();
    const started = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('footer');
    expect(performance.now() - started).toBeLessThan(quiet ? 3000 : 30_000);
    await page.close();
  });
});

/** Pairs of labels of one picture that touch. Evaluated in the page, hence text. */
function overlapping(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('svg.chart')].flatMap((svg) => {
    const labels = [...svg.querySelectorAll('text')].map((text) => ({text: text.textContent, box: text.getBoundingClientRect()})).filter(({box}) => box.width > 0);
    return labels.flatMap((a, i) => labels.slice(i + 1).filter((b) =>
      a.box.left < b.box.right && b.box.left < a.box.right && a.box.top < b.box.bottom - 1 && b.box.top < a.box.bottom - 1).map((b) => a.text + ' / ' + b.text));
  })`);
}

/** Labels that leave their picture. */
function outside(page: Page): Promise<unknown> {
  return page.evaluate(`[...document.querySelectorAll('svg.chart')].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].map((text) => ({text: text.textContent, box: text.getBoundingClientRect()})).filter(({box}) => box.width > 0 && (box.left < frame.left || box.right > frame.right)).map(({text}) => text);
  })`);
}
