// The same page in Firefox, driven over WebDriver BiDi.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';
import { serve } from '../scripts/server.mjs';
import { DATA, ROOT, conformance, expected } from './expected.mjs';
import { folder, image } from './inputs.mjs';
import { SETTLED, clear, outcomes, states } from './rows.mjs';
import { PATIENCE, SETTLING, drawn, soon } from './waits.mjs';

const FIREFOX = process.env.E2COMPRESS_FIREFOX ?? '/usr/bin/firefox-esr';
const skip = !existsSync(FIREFOX) && 'no Firefox';

/** Keeps Firefox from talking to anybody but the page's host. */
const QUIET = {
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
  'toolkit.telemetry.server': 'http://127.0.0.1:9/',
};

async function launch(downloads) {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    protocolTimeout: 300_000,
    extraPrefsFirefox: {
      ...QUIET,
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.alwaysOpenPanel': false,
    },
  });
}

async function give(page, files) {
  const input = await page.$('input[type=file]');
  await input.uploadFile(...files);
}

async function settled(page, timeout = SETTLING) {
  await page.waitForFunction(SETTLED, { timeout, polling: 100 });
  await drawn(page);
}

/** Sets the page to what the command does when nothing is said. */
async function likeTheCommand(page) {
  await page.click('button[type=reset]');
  await page.select('[name=bits]', '10');
  await page.click('[name=atonce]');
}

/** Waits for threads. It asks anew each time: a plain host's page is loaded again in the meantime. */
async function isolated(page) {
  let state;
  for (const end = performance.now() + PATIENCE; performance.now() < end; await setTimeout(100)) {
    state = await page.evaluate(stateOfThreads).catch(String);
    if (state.isolated && /^\d+ threads?$/.test(state.threads)) return;
  }
  assert.fail(`no threads: ${JSON.stringify(state)}`);
}

function stateOfThreads() {
  return {
    isolated: self.crossOriginIsolated,
    threads: document.querySelector('#threads')?.textContent,
    worker: navigator.serviceWorker.controller?.state,
    kept: { ...sessionStorage },
  };
}

/** The greys of the split view, once they are drawn. */
async function GREYS() {
  for (let frames = 0; frames < 3; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  const canvas = document.querySelector('.look-split canvas');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return { width, values: Array.from({ length: width * height }, (_, at) => data[4 * at]) };
}

for (const [host, headers] of Object.entries({ 'a host with headers': true, 'a plain host': false })) {
  describe(`Firefox, ${host}`, { skip, timeout: 1_500_000 }, () => {
    let server, browser, page, downloads;
    before(async () => {
      downloads = mkdtempSync(join(tmpdir(), 'e2compress-downloads-'));
      server = await serve({ headers });
      browser = await launch(downloads);
      page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(server.address);
      await isolated(page);
      await likeTheCommand(page);
    });
    after(async () => {
      await browser?.close();
      await server?.close();
      rmSync(downloads, { recursive: true, force: true });
    });

    test('the outputs are the command line\'s', { skip }, async () => {
      const inputs = conformance();
      const promised = await expected(inputs, []);
      await give(page, inputs.map(({ folder, name }) => join(folder, name)));
      await settled(page);
      const found = Object.entries(await outcomes(page)).filter(([, outcome]) => !outcome.startsWith('Failed: '));
      assert.deepEqual(Object.fromEntries(found), promised);
      await clear(page);
    });

    test('the selected file is looked at', { skip }, async () => {
      await page.click('[name=atonce]');
      await give(page, [join(ROOT, 'examples/micrograph.mrc')]);
      const shows = (bits) => page.waitForFunction((bits) => document.querySelector('.look-split canvas').dataset.bits === bits, {}, bits);
      await shows('10');
      await page.focus('.look-try [name=try]');
      await page.keyboard.press('Home');
      await shows('2');
      await page.focus('.look-split canvas');
      const pictures = {};
      for (const [key, name] of Object.entries({ 2: 'original', 3: 'stored', 1: 'split' })) {
        await page.keyboard.press(key);
        await page.waitForFunction((name) => document.querySelector('.look-split canvas').dataset.mode === name, {}, name);
        pictures[name] = await page.evaluate(GREYS);
      }
      const { original, stored, split } = pictures;
      const middle = split.width / 2;
      const differs = (one, other, from, to) => one.values.filter((grey, at) => at % one.width >= from && at % one.width < to && grey !== other.values[at]).length;
      assert.equal(differs(split, original, 0, middle - 3), 0);
      assert.equal(differs(split, stored, middle + 3, split.width), 0);
      assert.ok(differs(original, stored, 0, split.width) > 1000);
      await page.keyboard.press('+');
      await page.waitForFunction(() => document.querySelector('.look-split canvas').dataset.scale === '2');
      await clear(page);
      await page.click('[name=atonce]');
    });

    test('a bad file, one cancelled in the middle, and a good one', { skip }, async (context) => {
      const root = folder(context);
      const bad = join(root, 'bad.mrc');
      writeFileSync(bad, 'hello there\n');
      const long = image(join(root, 'long.mrc'), { nx: 8192, ny: 8192, nz: 24, mode: 1, noisy: 8 });
      await give(page, [bad, long, join(DATA, 'u8_full.mrc')]);
      await page.waitForFunction(() => document.querySelector('.row[data-state=running] progress')?.value > 0.02);
      // By the element, not by its place: rows move while they are shown.
      await page.$eval('.row[data-state=running]', (row) => row.click());
      await page.$eval('#details .cancel', (button) => button.click());
      await settled(page);
      assert.deepEqual(await states(page), ['failed', 'cancelled', 'finished']);
      await clear(page);
    });

    // So long that the page looks several times whether the output is still there.
    test('a file that takes seconds', { skip }, async (context) => {
      const began = performance.now();
      await give(page, [image(join(folder(context), 'long.mrc'), { nx: 8192, ny: 8192, nz: 10, mode: 1, noisy: 8 })]);
      await settled(page);
      assert.ok(performance.now() - began > 5000, 'it was too short');
      assert.deepEqual(await states(page), ['finished']);
      await clear(page);
      await give(page, [join(DATA, 'u8_full.mrc')]);
      await settled(page);
    });

    test('an output is saved under its name', { skip }, async () => {
      const [promised] = Object.values(await expected([{ folder: DATA, name: 'u8_full.mrc' }], []));
      await page.click('#details a[download]');
      const saved = join(downloads, 'u8_full.hdf');
      // It grows while it is saved.
      await soon(async () => {
        assert.ok(existsSync(saved), 'nothing was saved');
        assert.equal(createHash('sha256').update(readFileSync(saved)).digest('hex'), promised);
      });
    });

    test('nothing can be sent anywhere', { skip }, async () => {
      const outcome = await page.evaluate(async () => {
        const violation = new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        });
        const sent = await fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused');
        return [sent, await violation];
      });
      assert.deepEqual(outcome, ['refused', 'connect-src']);
    });
  });
}
