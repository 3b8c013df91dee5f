// Files are read ahead, and the next one too: whatever comes of that, the bytes are the command's,
// and a fault is told in its file's turn.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setUp } from './changed.mjs';
import { choose, settled } from './chromium.mjs';
import { DATA, commandLine, expected } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import { details, line, outcomes, row } from './rows.mjs';

const INPUT = 'input[type=file]';
const CHANGED = /^Failed: .*the file was moved, changed or deleted after it was chosen/;

/** Changes the worker that reads: `code` comes before its own. */
const reader = (code) => (path, script) => (/reader-[^/]*\.js$/.test(path) ? code + script : script);

/** The reader's streams, by one that is made of each: `source` has read(). */
const streams = (get) => `{
  const stream = Blob.prototype.stream;
  let opened = 0;
  Blob.prototype.stream = function () {
    const source = stream.call(this).getReader();
    const cancel = () => source.cancel();
    return { getReader: () => ({ cancel, read: (${get})(source, ++opened) }) };
  };
}`;

/** Files that are longer than the ring, than what is held, of small images, and of formats that are read here and there. */
function inputs(context) {
  const root = folder(context);
  const named = (name, shape) => ({ folder: root, name, path: image(join(root, name), shape) });
  // An HDF5 input, which is read chunk by chunk.
  image(join(root, 'packed.mrcs'), { nx: 2048, ny: 2048, nz: 20, mode: 1, noisy: 3 });
  execFileSync(commandLine(), ['--bits', '12', 'packed.mrcs'], { cwd: root, stdio: 'ignore' });
  return [
    named('stack.mrcs', { nx: 2048, ny: 2048, nz: 40, mode: 1, noisy: 3 }),
    named('passes.mrc', { nx: 8192, ny: 10240, nz: 1, mode: 1, noisy: 3 }),
    named('volume.mrc', { nx: 512, ny: 512, nz: 160, mode: 1, noisy: 2 }),
    named('particles.mrcs', { nx: 64, ny: 64, nz: 3000, mode: 1, noisy: 1 }),
    { folder: root, name: 'packed.hdf', path: join(root, 'packed.hdf') },
  ];
}

async function sameBytes(context, page, words = [], fields = {}) {
  const all = inputs(context);
  await choose(page, fields);
  await page.setInputFiles(INPUT, all.map(({ path }) => path));
  await settled(page, 600_000);
  const promised = await expected(all, words);
  assert.equal(Object.keys(promised).length, all.length);
  assert.deepEqual(await outcomes(page), promised);
}

test('pieces of any length, late or at once', { timeout: 900_000 }, async (context) => {
  const uneven = `(source) => {
    let left = new Uint8Array(), state = 12345;
    const random = (most) => ((state = (Math.imul(1103515245, state) + 12345) >>> 0) >>> 8) % most;
    return async () => {
      if (random(16) === 0) await new Promise((done) => setTimeout(done, random(3)));
      while (left.length === 0) {
        const { value, done } = await source.read();
        if (done) return { done };
        left = value;
      }
      const count = Math.min(left.length, 1 + random(random(64) ? 2 ** 20 : 7));
      const value = left.slice(0, count);
      left = left.subarray(count);
      return { value };
    };
  }`;
  const { page } = await setUp(context, reader(streams(uneven)));
  await sameBytes(context, page);
});

test('back to MRC, likewise', { timeout: 900_000 }, async (context) => {
  const { page } = await setUp(context);
  await sameBytes(context, page, ['expand'], { way: 'expand' });
});

test('a stream that gives nothing any more is left', { timeout: 900_000 }, async (context) => {
  const silent = `(source, opened) => {
    let reads = 0;
    return () => (opened > 1 && ++reads > 20 ? new Promise(() => undefined) : source.read());
  }`;
  const { page } = await setUp(context, reader(streams(silent)));
  await sameBytes(context, page);
});

test('a stream that fails is left for slices', { timeout: 900_000 }, async (context) => {
  const failing = `(source, opened) => {
    let reads = 0;
    return () => (++reads > 20 * opened ? Promise.reject(new TypeError('network error')) : source.read());
  }`;
  const { page } = await setUp(context, reader(streams(failing)));
  await sameBytes(context, page);
});

test('a stream that ends early, or goes on too long, is left for slices', { timeout: 900_000 }, async (context) => {
  const wrong = `(source, opened) => {
    let reads = 0;
    return async () => {
      if (opened % 2 && ++reads > 10) return { done: true };
      const { value, done } = await source.read();
      return opened % 2 || !done || reads++ ? { value, done } : { value: new Uint8Array(99) };
    };
  }`;
  const { page } = await setUp(context, reader(streams(wrong)));
  await sameBytes(context, page);
});

/** Counts what the worker that reads is told to do. */
const COUNTING = `
  self.told = {};
  self.addEventListener('message', ({ data: { type } }) => (self.told[type] = (self.told[type] ?? 0) + 1));
`;

/** How often the workers that read were told so. */
async function told(page, type) {
  const readers = page.workers().filter((worker) => /reader-[^/]*\.js$/.test(worker.url()));
  const counts = await Promise.all(readers.map((worker) => worker.evaluate((name) => self.told[name] ?? 0, type)));
  return counts.reduce((sum, count) => sum + count, 0);
}

// Larger than what is held, so that they are read twice; short reads, which have windows, and longer ones.
const volumes = {
  'a volume of bytes': { nx: 1024, ny: 1024, nz: 128, mode: 0, noisy: 2 },
  'a volume of integers': { nx: 2048, ny: 512, nz: 128, mode: 1, noisy: 2 },
};
for (const [name, shape] of Object.entries(volumes)) {
  test(`${name} is read ahead in both passes, though bricks go back and forth`, { timeout: 400_000 }, async (context) => {
    const { page } = await setUp(context, reader(COUNTING));
    const root = folder(context);
    const path = image(join(root, 'volume.mrc'), shape);
    await page.setInputFiles(INPUT, path);
    await settled(page, 300_000);
    const [slices, streams] = [await told(page, 'slice'), await told(page, 'pour')];
    // Those that show that the second pass has begun, and one that shows that the file is the one chosen.
    assert.ok(slices > 0 && slices < 50, `${slices} slices`);
    assert.equal(streams, 2, 'a stream for each pass');
    assert.deepEqual(await outcomes(page), await expected([{ folder: root, name: 'volume.mrc', path }], []));
  });
}

/** Requests about files that were named ahead wait until they are released: by then they have been read ahead. */
async function heldBack(page) {
  await page.addInitScript(() => {
    const held = [];
    self.held = held;
    self.release = () => held.splice(0).forEach((send) => send());
    self.Worker = class extends Worker {
      postMessage(message, ...more) {
        if (message.named) held.push(() => super.postMessage(message, ...more));
        else super.postMessage(message, ...more);
      }
    };
  });
  await page.reload();
}

const faults = {
  'is written to': (path) => utimesSync(path, new Date(), new Date()),
  'is removed': (path) => rmSync(path),
};
for (const [what, harm] of Object.entries(faults)) {
  for (const way of ['compress', 'expand']) {
    test(`${way}: a file that ${what} after it was read ahead`, { timeout: 400_000 }, async (context) => {
      const { page } = await setUp(context);
      await heldBack(page);
      await page.uncheck('[name=atonce]');
      await choose(page, { way });
      const root = folder(context);
      const [first, harmed, last] = ['first.mrc', 'harmed.mrc', 'last.mrc'].map((name) => small(join(root, name)));
      await page.setInputFiles(INPUT, [first, harmed, last]);
      await row(page, 'last.mrc').filter({ hasText: 'Waiting' }).waitFor();
      await page.waitForTimeout(1100); // times of files may have whole seconds
      await page.click('#start');
      await page.waitForFunction(() => self.held.length === 1);
      await page.waitForTimeout(200);
      const whole = [first, last].map((path) => ({ folder: root, name: basename(path) }));
      const promised = await expected(whole, way === 'expand' ? ['expand'] : []);
      harm(harmed);
      await page.evaluate(() => self.release());
      await page.waitForFunction(() => self.held.length === 1);
      await page.evaluate(() => self.release());
      await settled(page);
      assert.match(await line(page, 'harmed.mrc'), CHANGED);
      const found = await outcomes(page);
      assert.deepEqual([found['first.mrc'], found['last.mrc']], [promised['first.mrc'], promised['last.mrc']]);
    });
  }
}

test('a file that was read ahead and is cancelled, and one after it', { timeout: 400_000 }, async (context) => {
  const { page } = await setUp(context);
  await page.uncheck('[name=atonce]');
  const root = folder(context);
  const long = image(join(root, 'long.mrc'), { nx: 8192, ny: 8192, nz: 12, mode: 1, noisy: 2 });
  const last = join(DATA, 'u8_full.mrc');
  await page.setInputFiles(INPUT, [long, small(join(root, 'cancelled.mrc')), last]);
  await row(page, 'u8_full.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.click('#start');
  await row(page, 'long.mrc').filter({ hasText: /\d+ %/ }).waitFor();
  await (await details(page, 'cancelled.mrc')).getByRole('button', { name: /^Cancel/ }).click();
  await settled(page);
  assert.equal(await row(page, 'cancelled.mrc').getAttribute('data-state'), 'cancelled');
  const promised = await expected([{ folder: dirname(last), name: basename(last) }], []);
  assert.equal((await outcomes(page))['u8_full.mrc'], promised['u8_full.mrc']);
});
