import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {Worker} from 'node:worker_threads';
import {build} from 'esbuild';
import {chromium} from 'playwright-core';
import {beforeAll, describe, expect, test} from 'vitest';
import {LadderQueue} from '../../src/engine/ladderQueue.ts';
import {digestOf} from './digestOf.ts';

const root = path.resolve(import.meta.dirname, '../..');
const text = fs.readFileSync(path.join(root, 'scenarios/agents-on-one-server.yaml'), 'utf8');
const overrides = [{path: 'limits.requests', value: '400'}];
const browser = '/usr/bin/chromium';

describe('one scenario, one digest', () => {
  let here = '';
  let bundle = '';

  beforeAll(async () => {
    here = digestOf(text, overrides);
    const built = await build({
      entryPoints: [path.join(import.meta.dirname, 'digestOf.ts')],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'tierscape',
      platform: 'browser',
      logLevel: 'silent',
    });
    bundle = built.outputFiles[0]!.text;
  });

  test('in this process, twice', () => {
    expect(digestOf(text, overrides)).toBe(here);
  });

  test('with the ladder instead of the heap', () => {
    expect(digestOf(text, overrides, new LadderQueue())).toBe(here);
  });

  test('in another worker', async () => {
    const call = `${bundle}; require('node:worker_threads').parentPort.postMessage(tierscape.digestOf(${JSON.stringify(text)}, ${JSON.stringify(overrides)}))`;
    const there = await new Promise<string>((resolve, reject) => {
      const worker = new Worker(call, {eval: true});
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(there).toBe(here);
  });

  test.skipIf(!fs.existsSync(browser))('in headless Chromium (skipped where it is not installed)', async () => {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'tierscape-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: browser,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
    try {
      const page = await context.newPage();
      await page.addScriptTag({content: bundle});
      const there = await page.evaluate(
        ([scenario, sets]) => (globalThis as unknown as {tierscape: {digestOf: typeof digestOf}}).tierscape.digestOf(scenario, sets),
        [text, overrides] as const,
      );
      expect(there).toBe(here);
    } finally {
      await context.close();
      fs.rmSync(profile, {recursive: true, force: true});
    }
  });
});
