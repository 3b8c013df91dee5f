// Where the page comes from: hosts with and without headers, folders of hosts, no network at all;
// and that nothing can be sent anywhere.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../scripts/server.mjs';
import { launch, likeTheCommand, open, screenshot, settled } from './chromium.mjs';
import { DATA, expected } from './expected.mjs';
import { outcomes } from './rows.mjs';
import { soon } from './waits.mjs';

const INPUT = 'input[type=file]';
const NAME = 'u16_micrograph.mrc';

const [promised] = Object.values(await expected([{ folder: DATA, name: NAME }], []));

/** A browser, and a server that goes with the test. */
async function setUp(context, { host = {}, browser = {} } = {}) {
  const server = await serve(host);
  const launched = await launch({ context: browser });
  context.after(async () => {
    await launched.close();
    await server.close();
  });
  return { server, browser: launched };
}

async function compresses(page, given = () => undefined) {
  await likeTheCommand(page);
  await page.setInputFiles(INPUT, join(DATA, NAME));
  given();
  await settled(page);
  assert.deepEqual(await outcomes(page), { [NAME]: promised });
}

const threads = (page) => page.locator('#threads').textContent();
const controlled = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

test('a host that sends the headers: threads at once', async (context) => {
  const { server, browser } = await setUp(context);
  const page = await open(browser.context, server.address);
  assert.match(await threads(page), /^\d+ threads?$/);
  assert.ok(await page.evaluate(() => self.crossOriginIsolated));
  await compresses(page);
});

for (const prefix of ['/', '/some/folder/']) {
  test(`a plain host, in ${prefix}: threads after one reload by itself`, async (context) => {
    const { server, browser } = await setUp(context, { host: { headers: false, prefix } });
    const page = await browser.context.newPage();
    let loads = 0;
    page.on('load', () => loads++);
    await page.goto(server.address);
    await page.waitForFunction(() => self.crossOriginIsolated);
    await page.locator('#threads').filter({ hasText: /^\d+ threads?$/ }).waitFor();
    await compresses(page);
    assert.equal(loads, 2);
  });
}

for (const kept of ['x', '-1000', '']) {
  test(`a page that never gets its threads is not loaded again and again: ${JSON.stringify(kept)} kept`, async (context) => {
    const { server, browser } = await setUp(context, { host: { headers: false } });
    const page = await browser.context.newPage();
    await page.addInitScript((kept) => {
      Object.defineProperty(self, 'crossOriginIsolated', { get: () => false });
      if (sessionStorage.length === 0) sessionStorage.setItem('e2compress reloads for isolation', kept);
    }, kept);
    let loads = 0;
    page.on('load', () => loads++);
    await page.goto(server.address);
    await soon(async () => assert.equal(loads, 3), 20_000);
    await page.waitForTimeout(5000); // longer than it waits for a service worker
    assert.equal(loads, 3);
    await compresses(page);
  });
}

test('files that come before the reload are not lost to it', async (context) => {
  const { server, browser } = await setUp(context, { host: { headers: false } });
  const page = await browser.context.newPage();
  // The file is there before the service worker can be.
  let given;
  const isThere = new Promise((resolve) => (given = resolve));
  await page.route('**/sw.js', (route) => isThere.then(() => route.continue()));
  await page.goto(server.address);
  await compresses(page, given);
  await controlled(page);
  await page.waitForTimeout(500);
  assert.deepEqual(await outcomes(page), { [NAME]: promised });
});

test('no headers and no service worker: one thread, and the page says why', async (context) => {
  const { server, browser } = await setUp(context, { host: { headers: false }, browser: { serviceWorkers: 'block' } });
  const page = await open(browser.context, server.address);
  assert.match(await threads(page), /^1 thread, without shared memory: the host sends no isolation headers$/);
  await screenshot(page, 'single-thread');
  await compresses(page);
});

test('without a network after the first visit', async (context) => {
  const server = await serve({ headers: false });
  const browser = await launch();
  context.after(() => browser.close());
  const first = await open(browser.context, server.address);
  await controlled(first);
  await first.close();
  await server.close();
  const page = await open(browser.context, server.address);
  assert.match(await threads(page), /^\d+ threads?$/);
  await compresses(page);
  await screenshot(page, 'offline');
});

test('it can be installed', async (context) => {
  const { server, browser } = await setUp(context);
  const page = await open(browser.context, server.address);
  await controlled(page);
  const session = await browser.context.newCDPSession(page);
  const { errors } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'), []);
});

for (const [host, headers] of Object.entries({ 'a host with headers': true, 'a plain host': false })) {
  test(`nothing can be sent anywhere: ${host}`, async (context) => {
    let requests = 0;
    const other = createServer((_, response) => {
      requests++;
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }).end();
    });
    await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
    context.after(() => other.close());
    const elsewhere = `http://127.0.0.1:${other.address().port}/`;
    const { server, browser } = await setUp(context, { host: { headers } });
    const page = await browser.context.newPage();
    await page.goto(server.address);
    await page.waitForFunction(() => self.crossOriginIsolated);
    await controlled(page);
    const attempt = async (address) => {
      const violation = new Promise((resolve) => {
        self.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        setTimeout(() => resolve('none'), 60_000);
      });
      const outcome = await fetch(address).then(() => 'sent', () => 'refused');
      return [outcome, await violation];
    };
    assert.deepEqual(await page.evaluate(attempt, elsewhere), ['refused', 'connect-src']);
    const ways = await page.evaluate(async (address) => {
      const image = new Image();
      const failed = new Promise((resolve) => (image.onerror = () => resolve('refused')));
      image.src = address;
      const beacon = navigator.sendBeacon(address, 'data');
      let socket = 'opened';
      try {
        const opened = new WebSocket(address.replace('http', 'ws'));
        socket = await new Promise((resolve) => (opened.onerror = () => resolve('refused')));
      } catch {
        socket = 'refused';
      }
      return { image: await failed, beacon, socket };
    }, elsewhere);
    assert.equal(ways.image, 'refused');
    assert.equal(ways.socket, 'refused');
    // Workers have a policy of their own, from the answer that brought their script.
    await compresses(page);
    const workers = page.workers();
    assert.ok(workers.length >= 2);
    for (const worker of workers) {
      if (worker.url().includes('#pool')) continue; // it waits for work and answers nothing else
      assert.deepEqual(await worker.evaluate(attempt, elsewhere), ['refused', 'connect-src'], worker.url());
    }
    assert.equal(requests, 0);
  });
}
