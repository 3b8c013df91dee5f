// What goes wrong with a machine or a program: the file fails, the page goes on.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { replacing, setUp } from './changed.mjs';
import { open, screenshot, settled } from './chromium.mjs';
import { DATA } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import { line, row } from './rows.mjs';
import { soon } from './waits.mjs';

const INPUT = 'input[type=file]';

test('a worker of the pool that dies is told, and the page does not hang', { timeout: 1_200_000 }, async (context) => {
  // Where memory is too little, first the image finds no room, with a little more the pool's buffers don't.
  const [PAGES, COARSE, FINE, MOST] = [400, 48, 12, 760];
  let pages = PAGES;
  const maximum = (path, script) => replacing('threads/e2compress.js', /maximum:\s*65536/, `maximum:${pages}`)(path, script);
  const { browser, server, page } = await setUp(context, maximum);
  await page.close();
  const large = image(join(folder(context), 'large.mrc'), { nx: 4096, ny: 2048, nz: 1, mode: 1, noisy: 1 });
  /** What becomes of the file: it is finished, or there was too little memory for the image or for the pool. */
  const outcome = async () => {
    const page = await open(browser.context, server.address);
    await page.setInputFiles(INPUT, large);
    await settled(page);
    const state = await row(page, 'large.mrc').getAttribute('data-state');
    const words = await line(page, 'large.mrc');
    if (state !== 'finished') assert.match(words, /^Failed: the program broke off: out of memory/);
    if (words.includes('in the pool')) await screenshot(page, 'broken');
    await page.close();
    return state === 'finished' ? state : words.includes('in the pool') ? 'pool' : 'image';
  };
  while ((await outcome()) !== 'finished') {
    pages += COARSE;
    assert.ok(pages < MOST);
  }
  const found = [];
  do {
    pages -= FINE;
    found.push(await outcome());
  } while (found.at(-1) !== 'image');
  assert.ok(found.includes('pool'), found.join());
});

test('out of memory: the file fails, the next one does not', { timeout: 400_000 }, async (context) => {
  // 24 MiB instead of 4 GiB.
  const { page } = await setUp(context, replacing('threads/e2compress.js', /maximum:\s*65536/, 'maximum:384'));
  const large = image(join(folder(context), 'large.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 2, noisy: 1 });
  await page.setInputFiles(INPUT, [large, small(join(folder(context), 'small.mrc'))]);
  await settled(page);
  assert.match(await line(page, 'large.mrc'), /Failed: the program broke off: .*out of memory/);
  assert.match(await page.locator('#threads').innerText(), /^\d+ threads?$/);
  assert.equal(await row(page, 'small.mrc').getAttribute('data-state'), 'finished');
});

test('a panic is told in its own words', { timeout: 400_000 }, async (context) => {
  // Held in memory as a whole, this volume would be more than a vector can have.
  const { page } = await setUp(context, (path, script) =>
    /coordinator-[^/]*\.js$/.test(path) ? replacing('.js', /64\s*\*\s*2\s*\*\*\s*20/, '2**33')(path, script) : script,
  );
  await page.addInitScript(() => {
    const Channel = BroadcastChannel;
    self.told = [];
    self.BroadcastChannel = class extends Channel {
      constructor(name) {
        super(name);
        new Channel(name).onmessage = ({ data }) => self.told.push(data);
      }
    };
  });
  await page.reload();
  const large = image(join(folder(context), 'large.mrc'), { nx: 8192, ny: 8192, nz: 17, mode: 1 });
  await page.setInputFiles(INPUT, [large, join(DATA, 'u8_full.mrc')]);
  await settled(page);
  assert.match(await line(page, 'large.mrc'), /Failed: the program broke off: /);
  await soon(async () => assert.match((await page.evaluate(() => self.told)).join(), /panicked at .*capacity overflow/s));
  assert.equal(await row(page, 'u8_full.mrc').getAttribute('data-state'), 'finished');
});

test('threads that do not start: the build without them is used', { timeout: 400_000 }, async (context) => {
  const { page } = await setUp(context, replacing('threads/e2compress.js', /^/, 'throw new Error("no threads here");'));
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  assert.equal(await row(page, 'u8_full.mrc').getAttribute('data-state'), 'finished');
  assert.match(await page.locator('#threads').innerText(), /^1 thread, without shared memory: no threads here/);
});

test('a worker that stops without a word: the file is begun anew once, and the next ones follow', { timeout: 400_000 }, async (context) => {
  // Waits for what never comes: with one file whenever that is made, with another the first time.
  const stop = `self.addEventListener('message', ({ data: { type, file, place } }) => {
    if (type !== 'make' || !(file.name === 'always.mrc' || (file.name === 'once.mrc' && place.name === '1'))) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
  const { page } = await setUp(context, (path, script) => {
    if (/coordinator-[^/]*\.js$/.test(path)) return stop + script;
    // Not after three minutes.
    return /page-[^/]*\.js$/.test(path) ? replacing('.js', /\b18e4\b/, '2e3')(path, script) : script;
  });
  const files = folder(context);
  await page.setInputFiles(INPUT, ['once.mrc', 'always.mrc', 'sound.mrc'].map((name) => small(join(files, name))));
  await settled(page);
  assert.equal(await row(page, 'once.mrc').getAttribute('data-state'), 'finished');
  assert.equal(await line(page, 'always.mrc'), 'Failed: the program broke off: it gave no sign of life for minutes');
  assert.equal(await row(page, 'sound.mrc').getAttribute('data-state'), 'finished');
  assert.match(await page.locator('#threads').innerText(), /^\d+ threads?$/);
});

test('storage that does not answer: the file fails, the next one does not', { timeout: 400_000 }, async (context) => {
  // Not after two minutes.
  const { page } = await setUp(context, (path, script) =>
    /page-[^/]*\.js$/.test(path) ? replacing('.js', /\b12e4\b/, '2e3')(path, script) : script,
  );
  await page.evaluate(() => {
    const { getFile } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.getFile = function () {
      FileSystemFileHandle.prototype.getFile = getFile;
      return new Promise(() => undefined);
    };
    // What was made of it cannot be removed either.
    FileSystemDirectoryHandle.prototype.removeEntry = () => new Promise(() => undefined);
  });
  const files = folder(context);
  await page.setInputFiles(INPUT, ['first.mrc', 'second.mrc'].map((name) => small(join(files, name))));
  await settled(page);
  assert.equal(await line(page, 'first.mrc'), "Failed: the browser's storage does not answer");
  assert.equal(await row(page, 'second.mrc').getAttribute('data-state'), 'finished');
});
