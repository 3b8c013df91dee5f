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
import { DATA, conformance, expected } from './expected.mjs';
import { folder, image } from './inputs.mjs';

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

function settled(page, timeout = 200_000) {
  return page.waitForFunction(
    () => {
      const rows = [...document.querySelectorAll('li.row')];
      return rows.length > 0 && rows.every(({ dataset }) => !['inspecting', 'waiting', 'running'].includes(dataset.state));
    },
    { timeout, polling: 100 },
  );
}

/** Waits for threads. It asks anew each time: a plain host's page is loaded again in the meantime. */
async function isolated(page) {
  let state;
  for (const end = performance.now() + 60_000; performance.now() < end; await setTimeout(100)) {
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

/** SHA-256 of every output by the input's name. */
function outcomes(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const found = {};
    for (const row of document.querySelectorAll('li.row[data-state=finished]')) {
      const [folder, file] = row.dataset.output.split('/');
      const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(file);
      const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer());
      const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
      found[row.querySelector('.name').textContent] = hex;
    }
    return found;
  });
}

for (const [host, headers] of Object.entries({ 'a host with headers': true, 'a plain host': false })) {
  describe(`Firefox, ${host}`, { skip, timeout: 300_000 }, () => {
    let server, browser, page, downloads;
    before(async () => {
      downloads = mkdtempSync(join(tmpdir(), 'e2compress-downloads-'));
      server = await serve({ headers });
      browser = await launch(downloads);
      page = await browser.newPage();
      await page.goto(server.address);
      await isolated(page);
    });
    after(async () => {
      await browser?.close();
      await server?.close();
      rmSync(downloads, { recursive: true, force: true });
    });

    test('the outputs are the command line\'s', { skip }, async () => {
      const inputs = conformance();
      const promised = expected(inputs, []);
      await give(page, inputs.map(({ folder, name }) => join(folder, name)));
      await settled(page);
      assert.deepEqual(await outcomes(page), promised);
      await page.click('#remove-finished');
    });

    test('a bad file, one cancelled in the middle, and a good one', { skip }, async (context) => {
      const root = folder(context);
      const bad = join(root, 'bad.mrc');
      writeFileSync(bad, 'hello there\n');
      const long = image(join(root, 'long.mrc'), { nx: 8192, ny: 8192, nz: 24, mode: 1, noisy: 8 });
      await page.evaluate(() => document.querySelectorAll('li.row .remove').forEach((button) => button.click()));
      await give(page, [bad, long, join(DATA, 'u8_full.mrc')]);
      await page.waitForFunction(() => document.querySelector('li.row[data-state=running] progress')?.value > 0.02, { timeout: 60_000 });
      // By the element, not by its place: rows move while they are shown.
      await page.$eval('li.row[data-state=running] .cancel', (button) => button.click());
      await settled(page);
      const states = await page.$$eval('li.row', (rows) => rows.map(({ dataset }) => dataset.state));
      assert.deepEqual(states, ['failed', 'cancelled', 'finished']);
    });

    // So long that the page looks several times whether the output is still there.
    test('a file that takes seconds', { skip }, async (context) => {
      await page.$$eval('li.row .remove', (buttons) => buttons.forEach((button) => button.click()));
      const began = performance.now();
      await give(page, [image(join(folder(context), 'long.mrc'), { nx: 8192, ny: 8192, nz: 10, mode: 1, noisy: 8 })]);
      await settled(page);
      assert.ok(performance.now() - began > 5000, 'it was too short');
      const states = await page.$$eval('li.row', (rows) => rows.map(({ dataset }) => dataset.state));
      assert.deepEqual(states, ['finished']);
      await page.click('#remove-finished');
      await give(page, [join(DATA, 'u8_full.mrc')]);
      await settled(page);
    });

    test('an output is saved under its name', { skip }, async () => {
      const [promised] = Object.values(expected([{ folder: DATA, name: 'u8_full.mrc' }], []));
      await page.click('a[download]');
      const saved = join(downloads, 'u8_full.hdf');
      for (let tries = 0; !existsSync(saved) || readFileSync(saved).length === 0; tries++) {
        assert.ok(tries < 100, 'nothing was saved');
        await setTimeout(100);
      }
      assert.equal(createHash('sha256').update(readFileSync(saved)).digest('hex'), promised);
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
