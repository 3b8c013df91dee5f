// What goes wrong around the program: storage, tabs, files, workers. Each file's row tells the truth,
// the other files go on, and nothing is left behind.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { INPUT, running, stored } from './actions.mjs';
import { replacing, setUp } from './changed.mjs';
import { choose, open, screenshot, settled } from './chromium.mjs';
import { DATA, commandLine, expected } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import { line, outcomes, row, state } from './rows.mjs';
import { soon } from './waits.mjs';

// Now: a build in the middle of a test would hold up the server, which is in this process.
commandLine();

const GOOD = join(DATA, 'u8_full.mrc');
const WAYS = ['compress', 'expand'];

/** A good file, after something went wrong. */
async function goesOn(page, way) {
  await page.setInputFiles(INPUT, GOOD);
  await settled(page);
  const words = way === 'expand' ? ['expand'] : [];
  const [promised] = Object.values(await expected([{ folder: DATA, name: 'u8_full.mrc' }], words));
  assert.equal((await outcomes(page))['u8_full.mrc'], promised);
}

for (const way of WAYS) {
  test(`${way}: storage that is full in the middle`, { timeout: 400_000 }, async (context) => {
    const { page, browser, server } = await setUp(context);
    await choose(page, { way });
    const session = await browser.context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.address).origin, quotaSize: 6e6 });
    const large = image(join(folder(context), 'large.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 1, noisy: 1 });
    await page.setInputFiles(INPUT, large);
    await goesOn(page, way);
    assert.match(await line(page, 'large.mrc'), /^Failed: .*storage for this page is full/);
    await stored(page, 1);
    await screenshot(page, `storage-full-${way}`);
  });

  test(`${way}: a tab that is killed in the middle`, { timeout: 400_000 }, async (context) => {
    const { page, browser, server } = await setUp(context);
    await choose(page, { way });
    await running(page, context);
    await stored(page, 1);
    const crashed = page.waitForEvent('crash');
    const session = await browser.context.newCDPSession(page);
    void session.send('Page.crash').catch(() => undefined); // nobody answers
    await crashed;
    const next = await open(browser.context, server.address);
    await stored(next, 0);
    await choose(next, { way });
    await goesOn(next, way);
  });

  test(`${way}: storage that is cleared in the middle`, { timeout: 400_000 }, async (context) => {
    const { page, browser, server } = await setUp(context);
    await choose(page, { way });
    await page.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
    await settled(page);
    await running(page, context);
    const session = await browser.context.newCDPSession(page);
    const origin = new URL(server.address).origin;
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await settled(page);
    assert.match(await line(page, 'long.mrc'), /^Failed: the output is gone: the browser's storage was cleared/);
    // The one that was finished before is noticed when it is wanted.
    await page.click('#save-zip');
    await row(page, 'f32_positive.mrc').filter({ hasText: "Failed: the output is gone: the browser's storage was cleared" }).waitFor();
    await page.locator('#problem').filter({ hasText: 'nothing left to save' }).waitFor();
    await goesOn(page, way);
  });

  test(`${way}: a file that is written to while it is read`, { timeout: 400_000 }, async (context) => {
    const { page } = await setUp(context);
    await choose(page, { way });
    const path = await running(page, context);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(16, 1), 0, 16, 4096);
    closeSync(file);
    await goesOn(page, way);
    assert.match(await line(page, 'long.mrc'), /^Failed: .*the file was moved, changed or deleted after it was chosen/);
  });

  test(`${way}: the worker that computes ends without a word`, { timeout: 400_000 }, async (context) => {
    const { page } = await setUp(context);
    await page.addInitScript(() => {
      // Others read headers, or draw small pictures.
      self.Worker = class extends Worker {
        postMessage(message, ...words) {
          if (message?.type === 'make') self.computing = this;
          super.postMessage(message, ...words);
        }
      };
    });
    await page.reload();
    await choose(page, { way });
    await running(page, context);
    await page.evaluate(() => self.computing.terminate());
    await goesOn(page, way);
    assert.match(await line(page, 'long.mrc'), /^Failed: the program broke off: a worker ended without a word/);
  });
}

test('a file that changes after it was dropped is told', { timeout: 400_000 }, async (context) => {
  const { page } = await setUp(context);
  await page.uncheck('[name=atonce]');
  const path = small(join(folder(context), 'changed.mrc'));
  await page.setInputFiles(INPUT, path);
  await row(page, 'changed.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.waitForTimeout(1100); // times of files may have whole seconds
  image(path, { nx: 32, ny: 32, nz: 1, mode: 2 });
  assert.equal(readFileSync(path).length, 1024 + 4 * 32 * 32);
  await page.click('#start');
  await settled(page);
  assert.match(await line(page, 'changed.mrc'), /^Failed: .*the file was moved, changed or deleted after it was chosen/);
});

test('the worker that reads ends without a word', { timeout: 400_000 }, async (context) => {
  // However it reads: a stream that gives nothing for seconds, as beside other programs, is left for slices.
  const closing = `{
    let left = 200e6;
    for (const [{ prototype }, name] of [[Blob, 'arrayBuffer'], [ReadableStreamDefaultReader, 'read'], [ReadableStreamBYOBReader, 'read']]) {
      const read = prototype[name];
      prototype[name] = async function (...words) {
        const found = await read.apply(this, words);
        left -= found.byteLength ?? found.value?.length ?? 0;
        if (left < 0) close();
        return found;
      };
    }
  }`;
  const { page } = await setUp(context, (path, script) => (/reader-[^/]*\.js$/.test(path) ? closing + script : script));
  await running(page, context).catch(() => undefined); // it may end before the first percent
  await goesOn(page, 'compress');
  assert.match(await line(page, 'long.mrc'), /^Failed: the program broke off: a worker ended without a word/);
});

test('the worker that computes is woken before what it waits for was read', { timeout: 400_000 }, async (context) => {
  const early = `{
    let signal;
    addEventListener('message', ({ data }) => (signal ??= data.signal));
    const pause = () => new Promise((done) => setTimeout(done, 5));
    for (const [{ prototype }, name] of [[Blob, 'arrayBuffer'], [ReadableStreamDefaultReader, 'read']]) {
      const read = prototype[name];
      prototype[name] = async function () {
        await pause();
        Atomics.notify(signal, 0);
        await pause();
        return read.call(this);
      };
    }
  }`;
  let woken = false;
  const { page } = await setUp(context, (path, script) => {
    if (!/reader-[^/]*\.js$/.test(path)) return script;
    woken = true;
    return early + script;
  });
  await goesOn(page, 'compress');
  assert.ok(woken);
});

test('a file that breaks the worker for headers breaks no other', { timeout: 400_000 }, async (context) => {
  const trap = '$& if (name === "breaks.mrc") throw new WebAssembly.RuntimeError("unreachable");';
  const { page } = await setUp(context, replacing('single/e2compress.js', /export function inspect\(file, name, \w+\) \{/, trap));
  const root = folder(context);
  const names = ['a.mrc', 'breaks.mrc', 'b.mrc', 'c.mrc'];
  await page.setInputFiles(INPUT, names.map((name) => small(join(root, name))));
  await settled(page);
  const states = await Promise.all(names.map((name) => state(page, name)));
  assert.deepEqual(states, ['finished', 'failed', 'finished', 'finished']);
  assert.match(await line(page, 'breaks.mrc'), /^Failed: the program broke off: out of memory, or a fault of the program/);
});

test('200 files at once, bad ones among them', { timeout: 400_000 }, async (context) => {
  const { page } = await setUp(context);
  const root = folder(context);
  const paths = Array.from({ length: 200 }, (_, index) => {
    const path = join(root, `${String(index).padStart(3, '0')}.mrc`);
    if (index % 20 === 7) writeFileSync(path, 'hello there\n');
    else small(path, index + 1);
    return path;
  });
  await page.setInputFiles(INPUT, paths);
  await settled(page);
  await page.locator('#totals').filter({ hasText: /^200 files, 190 finished$/ }).waitFor();
  assert.equal(await page.locator('#failed').innerText(), '10 failed');
  await stored(page, 190);
  await page.click('#remove-done');
  await stored(page, 0);
  await soon(async () => assert.equal(await page.getAttribute('main', 'data-files'), '0', 'the failed ones, too'));
});
