// What a person does with the page, in Chromium.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { serve } from '../scripts/server.mjs';
import { choose, launch, open, outcomes, row, screenshot, settled } from './chromium.mjs';
import { DATA, commandLine, expected } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import module from './module.mjs';
import { processes } from './processes.mjs';

const INPUT = 'input[type=file]';
const PATHS = {
  'u8_movie__bits5.hdf': join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'),
  'u16_micrograph.mrc': join(DATA, 'u16_micrograph.mrc'),
};

let server, browser, page;
const errors = [];

before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** A test on a fresh page, which must not complain. */
function scenario(name, run, { complains = [] } = {}) {
  test(name, { timeout: 240_000 }, async (context) => {
    errors.length = 0;
    page = await open(browser.context, server.address, { errors });
    // Dialogues are caught from now on: from the first that a test waits for on is too late for a fast key.
    page.on('filechooser', () => undefined);
    await defaults();
    try {
      await run(context);
      const unexpected = errors.filter((error) => !complains.some((pattern) => pattern.test(error)));
      assert.deepEqual(unexpected, []);
    } finally {
      await page.close();
    }
  });
}

const defaults = () => page.click('button[type=reset]');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const state = (name) => row(page, name).getAttribute('data-state');

/** A large file that is being compressed. */
async function running(context, { name = 'long.mrc', seconds = 0 } = {}) {
  const path = image(join(folder(context), name), { nx: 8192, ny: 8192, nz: 24, mode: 1, noisy: 8 });
  await page.setInputFiles(INPUT, path);
  await row(page, name).filter({ hasText: /\d+ %/ }).waitFor();
  if (seconds > 0) await page.waitForTimeout(1000 * seconds);
  assert.equal(await state(name), 'running');
  return path;
}

/** Waits until the page's storage holds so many outputs, or parts of outputs. */
async function stored(count) {
  await page.waitForFunction(
    async (count) => {
      let found = 0;
      for await (const folder of (await navigator.storage.getDirectory()).values()) {
        for await (const _ of folder.keys()) found++;
      }
      return found === count;
    },
    count,
    { timeout: 15_000, polling: 100 },
  );
}

/** Drops files and folders from outside the browser. */
async function drop(files) {
  const session = await page.context().newCDPSession(page);
  await page.locator('#drop').scrollIntoViewIfNeeded();
  const box = await page.locator('#drop').boundingBox();
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, ...place, data });
}

scenario('an empty page', async () => {
  await screenshot(page, 'empty');
  assert.match(await page.locator('header').innerText(), /nothing leaves your computer/);
  assert.equal(await page.locator(INPUT).count(), 1);
  // What is taken is said by the program, and by nothing else.
  const names = module.formats().map(({ name }) => name);
  assert.equal(await page.locator('#formats').innerText(), `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`);
});

scenario('a dropped file is told about, compressed and saved under its name', async () => {
  await drop([join(DATA, 'u16_micrograph.mrc')]);
  await settled(page);
  const text = await row(page, 'u16_micrograph.mrc').innerText();
  assert.match(text, /1 image of \d+ x \d+, [\d.]+ A per pixel, unsigned 16-bit integers/);
  assert.match(text, /KiB \([\d.]+x\); 10 bits, range \S+ to \S+, step \S+, no pixels clipped/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  assert.equal(download.suggestedFilename(), 'u16_micrograph.hdf');
  const [promised] = Object.values(expected([{ folder: DATA, name: 'u16_micrograph.mrc' }], []));
  assert.equal(sha256(readFileSync(await download.path())), promised);
  await screenshot(page, 'finished');
});

scenario('a dropped folder gives its images, with their folders, and nothing else', async (context) => {
  const root = folder(context);
  mkdirSync(join(root, 'grid/deep'), { recursive: true });
  small(join(root, 'grid/a.mrc'));
  small(join(root, 'grid/deep/a.mrc'), 2);
  writeFileSync(join(root, 'grid/notes.txt'), 'no image');
  await drop([join(root, 'grid')]);
  await settled(page);
  assert.equal(await page.locator('li.row[data-state=finished]').count(), 2);
  assert.match(await page.locator('#problem').innerText(), /1 file of the folder left out/);
});

scenario('compressed MRC is read, and named without both of its extensions', async (context) => {
  const root = folder(context);
  mkdirSync(join(root, 'maps'));
  for (const name of ['stack_streams.mrcs.bz2', 'stack_members.mrcs.gz', 'stack_frames.mrcs.zst']) {
    cpSync(join(DATA, 'formats/compressed', name), join(root, 'maps', name));
  }
  writeFileSync(join(root, 'maps/notes.txt.gz'), 'no image');
  await drop([join(root, 'maps')]);
  await settled(page);
  assert.equal(await page.locator('li.row[data-state=finished]').count(), 3);
  assert.match(await page.locator('#problem').innerText(), /1 file of the folder left out.*\.mrc\.gz/);
  assert.match(await row(page, 'stack_streams.mrcs.bz2').innerText(), /4 images of 41 x 33/);
  await row(page, 'stack_members.mrcs.gz').locator('a[download="stack_members.hdf"]').waitFor();
});

scenario('a chosen folder', async (context) => {
  const root = folder(context);
  mkdirSync(join(root, 'session'));
  small(join(root, 'session/one.mrc'));
  small(join(root, 'session/two.map'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#choose-folder')]);
  await chooser.setFiles(join(root, 'session'));
  await settled(page);
  assert.equal(await page.locator('li.row[data-state=finished]').count(), 2);
});

scenario('an HDF file is compressed again, and says what the copy would not have', async (context) => {
  const path = join(folder(context), 'extra.h5');
  // Bytes that are not the file's.
  const sample = readFileSync(join(DATA, 'eman2-hdf/f32_volume__bits8.hdf'));
  writeFileSync(path, Buffer.concat([sample, Buffer.from('more')]));
  await page.setInputFiles(INPUT, path);
  await settled(page);
  assert.match(await row(page, 'extra.h5').locator('.warnings').innerText(), /^Warning: not carried over: what follows the end \(4 bytes\)$/);
  assert.equal(await page.locator('a[download]').getAttribute('download'), 'extra.hdf');
});

scenario('HDF files of a folder are taken, by content whatever they are called', async (context) => {
  const root = folder(context);
  mkdirSync(join(root, 'hdf'));
  const sample = readFileSync(join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'));
  for (const name of ['a.hdf', 'b.h5', 'c.hdf5', 'd.mrc', 'e.dat']) writeFileSync(join(root, 'hdf', name), sample);
  await drop([join(root, 'hdf')]);
  await settled(page);
  assert.equal(await page.locator('li.row[data-state=finished]').count(), 4);
  assert.match(await row(page, 'd.mrc').locator('.facts').innerText(), /^\d+ images of \d+ x \d+/);
});

scenario('back to MRC', async () => {
  await choose(page, { way: 'expand' });
  await screenshot(page, 'expand-settings');
  const samples = ['u8_movie__bits5.hdf', 'f32_volume__bits8.hdf'].map((name) => join(DATA, 'eman2-hdf', name));
  await page.setInputFiles(INPUT, samples);
  await settled(page);
  await screenshot(page, 'expanded');
  const saved = await page.locator('a[download]').evaluateAll((links) => links.map(({ download }) => download));
  assert.deepEqual(saved, ['u8_movie__bits5.mrcs', 'f32_volume__bits8.mrc'], 'a stack and a volume');
  assert.match(await row(page, 'f32_volume__bits8.hdf').locator('.line').innerText(), /; mode 2 \(32-bit floats\);/);
  await choose(page, { way: 'expand', mode: '0' });
  await row(page, 'f32_volume__bits8.hdf').getByRole('button', { name: 'Again' }).click();
  await row(page, 'f32_volume__bits8.hdf').filter({ hasText: /Failed: .*which mode 0 cannot; mode 2 holds all of them/ }).waitFor();
  await page.reload();
  assert.ok(await page.isChecked('[name=way][value=expand]'), 'the choice is kept');
});

scenario('what a file says of itself', async () => {
  await page.setInputFiles(INPUT, Object.values(PATHS));
  await settled(page);
  for (const [name, path] of Object.entries(PATHS)) {
    const details = row(page, name).locator('details');
    await details.getByText('Details').click();
    const found = await details.locator('dl').evaluate((list) =>
      Object.fromEntries([...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextSibling.textContent])),
    );
    // Word for word what the command prints: a line for each fact; the last are what it finds by reading all pixels.
    const printed = execFileSync(commandLine(), ['info', path], { encoding: 'utf8' }).trim().split('\n').slice(1);
    const facts = printed.filter((line) => !/^  (warning|Noise|Auto): /.test(line)).map((line) => line.trim().split(/: +/));
    assert.deepEqual(Object.entries(found), facts.map(([name, ...fact]) => [name, fact.join(': ')]), name);
  }
  await screenshot(page, 'details');
});

scenario('by keyboard alone', async (context) => {
  const path = small(join(folder(context), 'keys.mrc'));
  const focus = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
  for (let tabs = 0; (await focus()) !== 'choose'; tabs++) {
    assert.ok(tabs < 10);
    await page.keyboard.press('Tab');
  }
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await settled(page);
  for (let tabs = 0; (await focus()) !== 'save'; tabs++) {
    assert.ok(tabs < 40);
    await page.keyboard.press('Tab');
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'keys.hdf');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await focus(), 'remove');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('li.row').count(), 0);
  assert.equal(await focus(), 'choose', 'the focus is not lost');
});

scenario('settings are kept between visits, and can be put back', async () => {
  await choose(page, { bits: 5, level: 6, limits: 'sigma', pair: [3, 4.5] });
  await screenshot(page, 'settings');
  await page.reload();
  assert.equal(await page.inputValue('[name=bits]'), '5');
  assert.equal(await page.inputValue('[name=level]'), '6');
  assert.equal(await page.inputValue('[name=above]'), '4.5');
  assert.ok(await page.isChecked('[name=limits][value=sigma]'));
  await page.click('button[type=reset]');
  assert.equal(await page.inputValue('[name=bits]'), '10');
  assert.ok(await page.isChecked('[name=limits][value=all]'));
});

scenario('settings that make no sense are told, and hold the files back', async () => {
  await choose(page, { limits: 'explicit', pair: [2, 1] });
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await page.locator('#settings .problem').filter({ hasText: 'the first number must be smaller' }).waitFor();
  assert.equal(await state('u8_full.mrc'), 'waiting');
  await screenshot(page, 'settings-problem');
  await page.fill('[name=high]', '200');
  await settled(page);
  assert.match(await row(page, 'u8_full.mrc').innerText(), /range 2 to \d+, .* [1-9]\d* pixels? clipped/);
});

scenario('files wait for the start when the user wants to look first', async () => {
  await page.uncheck('[name=atonce]');
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await state('u8_full.mrc'), 'waiting');
  await choose(page, { bits: 4 });
  await page.click('#start');
  await settled(page);
  assert.match(await row(page, 'u8_full.mrc').innerText(), /4 bits/);
  await page.check('[name=atonce]');
});

scenario('two files of a pair are one input, together or one after the other', async () => {
  const files = (name) => ['hed', 'img'].map((extension) => join(DATA, 'formats/imagic', `${name}.${extension}`));
  await page.setInputFiles(INPUT, files('intg_big'));
  await settled(page);
  assert.equal(await state('intg_big.img'), 'finished');
  const [headers, pixels] = files('pack_big');
  await page.setInputFiles(INPUT, pixels);
  await row(page, 'pack_big.img').filter({ hasText: 'Failed: IMAGIC images are two files' }).waitFor();
  await screenshot(page, 'half-of-a-pair');
  assert.match(await row(page, 'pack_big.img').innerText(), /pack_big\.hed is needed as well/);
  await page.setInputFiles(INPUT, headers);
  await row(page, 'pack_big.img').and(page.locator('[data-state=finished]')).waitFor();
  assert.equal(await page.locator('li.row').count(), 2);
  assert.match(await row(page, 'pack_big.img').innerText(), /3 images of 22 x 17/);
  assert.match(await page.locator('#formats').innerText(), /EMAN2 HDF5, .* or MRC$/);
});

scenario('bad files among good ones', async (context) => {
  const root = folder(context);
  const cut = join(root, 'cut.mrc');
  writeFileSync(cut, readFileSync(join(DATA, 'u16_micrograph.mrc')).subarray(0, 5000));
  const text = join(root, 'notes.mrc');
  writeFileSync(text, 'hello there\n');
  const empty = join(root, 'empty.mrc');
  writeFileSync(empty, '');
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), cut, text, empty, join(DATA, 'nan_pixel.mrc')]);
  await settled(page);
  await screenshot(page, 'bad-files');
  const found = await outcomes(page);
  assert.match(found['cut.mrc'], /^Failed: the file is cut short: its header promises \d+ bytes, it has 5000/);
  assert.match(found['notes.mrc'], /^Failed: not an MRC file: this is a text file/);
  assert.match(found['empty.mrc'], /^Failed: not an MRC file: this is an empty file/);
  assert.equal(await state('u8_full.mrc'), 'finished');
  assert.match(await row(page, 'nan_pixel.mrc').locator('.warnings').innerText(), /Warning: \d+ NaN and \d+ infinite pixels/);
  assert.match(await page.locator('#totals').innerText(), /5 files, 2 finished, 3 failed/);
  // A warning looks like a failure, not like the lines around it.
  assert.equal(await page.locator('#warned').innerText(), '1 warning about 1 file');
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  const bad = await colour(row(page, 'cut.mrc').locator('.line'));
  assert.equal(await colour(row(page, 'nan_pixel.mrc').locator('.warnings')), bad);
  assert.notEqual(await colour(row(page, 'nan_pixel.mrc').locator('.line')), bad);
  assert.equal(await colour(page.locator('#warned')), bad);
});

scenario('bits that the program chooses, and what too few cost', async () => {
  const made = async (name, bits) => {
    await choose(page, { bits });
    await page.setInputFiles(INPUT, join(DATA, 'auto-bits', name));
    await settled(page);
    return row(page, name).last();
  };
  const white = await made('white.mrc', 'auto');
  assert.match(await white.innerText(), /; 5 bits \(auto: target\), .*, keeps 99\.\d % of the information at the finest detail/);
  assert.equal(await white.locator('.warnings li').count(), 0);
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  const bad = await colour(page.locator('#warned'));
  assert.notEqual(await colour(white.locator('.line')), bad);
  for (const [name, bits, warning] of [
    ['hot_pixel_too_far.mrc', 'auto', /no number of bits keeps the target/],
    ['map_like.mrc', 5, /of the information at the finest detail is lost/],
    ['hot_pixels.mrc', 5, /the picture is lost/],
  ]) {
    const item = (await made(name, bits)).locator('.warnings li').filter({ hasText: warning });
    assert.equal(await item.count(), 1, name);
    assert.match(await item.innerText(), /^Warning: /);
    assert.equal(await colour(item), bad, name);
  }
  await screenshot(page, 'auto');
});

scenario('progress, cancelled in the middle, and tried again', async (context) => {
  await running(context);
  const bar = row(page, 'long.mrc').locator('progress');
  const first = Number(await bar.getAttribute('value'));
  await page.waitForFunction((before) => document.querySelector('progress').value > before, first);
  assert.match(await row(page, 'long.mrc').innerText(), /\d+ %, \d+ MB\/s, .* left/);
  await screenshot(page, 'running');
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await row(page, 'u8_full.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await row(page, 'long.mrc').getByRole('button', { name: 'Cancel long.mrc' }).click();
  await settled(page);
  assert.equal(await state('long.mrc'), 'cancelled');
  assert.equal(await state('u8_full.mrc'), 'finished', 'the next file is not harmed');
  await screenshot(page, 'cancelled');
  await stored(1); // nothing is left of the cancelled output
  await row(page, 'long.mrc').getByRole('button', { name: 'Retry long.mrc' }).click();
  await row(page, 'long.mrc').filter({ hasText: /\d+ %/ }).waitFor();
  await row(page, 'long.mrc').getByRole('button', { name: 'Remove long.mrc' }).click();
  await settled(page);
  assert.equal(await page.locator('li.row').count(), 1);
});

scenario('cancel all', async (context) => {
  await running(context);
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.click('#cancel-all');
  await settled(page);
  assert.equal(await page.locator('li.row[data-state=cancelled]').count(), 3);
  await stored(0);
});

scenario('again with other settings', async () => {
  await page.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await settled(page);
  await choose(page, { bits: 3 });
  await row(page, 'f32_positive.mrc').getByRole('button', { name: 'Again' }).click();
  await row(page, 'f32_positive.mrc').filter({ hasText: '3 bits' }).waitFor();
  const [promised] = Object.values(expected([{ folder: DATA, name: 'f32_positive.mrc' }], ['--bits', '3']));
  assert.deepEqual(await outcomes(page), { 'f32_positive.mrc': promised });
  await stored(1);
});

scenario('a file that disappears while it is read', async (context) => {
  const path = await running(context, { name: 'gone.mrc' });
  unlinkSync(path);
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  assert.match(await row(page, 'gone.mrc').innerText(), /Failed: reading .* failed: the file was moved, changed or deleted/);
  assert.equal(await state('u8_full.mrc'), 'finished');
  await screenshot(page, 'disappeared');
});

scenario('reload in the middle leaves nothing behind', async (context) => {
  await running(context, { seconds: 1 });
  await stored(1);
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await stored(1); // the new one
});

scenario('a second tab leaves the outputs of the first alone', async () => {
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  const second = await open(browser.context, server.address);
  await second.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await settled(second);
  await stored(2);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  assert.ok(readFileSync(await download.path()).length > 0);
  await second.close();
});

test('left-overs of a killed browser are removed at the next start', { timeout: 120_000 }, async (context) => {
  const { profile } = browser;
  page = await open(browser.context, server.address);
  await defaults();
  await running(context, { name: 'killed.mrc', seconds: 1 });
  await stored(1);
  const closed = new Promise((resolve) => browser.context.once('close', resolve));
  process.kill(processes(profile)[0].pid, 'SIGKILL');
  await closed;
  browser = await launch({ profile });
  page = await open(browser.context, server.address);
  await defaults();
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await stored(1); // the new one
  await page.close();
});

scenario('all outputs in one archive', async (context) => {
  const root = folder(context);
  mkdirSync(join(root, 'größe/sub'), { recursive: true });
  small(join(root, 'größe/x.mrc'));
  small(join(root, 'größe/x.mrcs'), 2);
  small(join(root, 'größe/sub/x.mrc'), 3);
  await drop([join(root, 'größe'), join(DATA, 'u8_full.mrc')]);
  await settled(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-zip')]);
  assert.equal(download.suggestedFilename(), 'e2compress.zip');
  const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({entry.filename: hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()}))`;
  const packed = JSON.parse(execFileSync('python3', ['-c', script, await download.path()], { encoding: 'utf8' }));
  assert.deepEqual(Object.keys(packed).sort(), ['größe/sub/x.hdf', 'größe/x (2).hdf', 'größe/x.hdf', 'u8_full.hdf']);
  const outputs = await page.evaluate(() => [...document.querySelectorAll('a[download]')].map(({ download }) => download));
  assert.deepEqual(outputs.map((name) => basename(name)).sort(), ['u8_full.hdf', 'x (2).hdf', 'x.hdf', 'x.hdf']);
  const [promised] = Object.values(expected([{ folder: DATA, name: 'u8_full.mrc' }], []));
  assert.equal(packed['u8_full.hdf'], promised);
});

scenario('an output that is being saved is not pulled away', async (context) => {
  const path = image(join(folder(context), 'saved.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 1, noisy: 2 });
  await page.setInputFiles(INPUT, path);
  await settled(page);
  const [promised] = Object.values(await outcomes(page));
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  await page.click('#remove-finished');
  assert.equal(sha256(readFileSync(await download.path())), promised);
  await stored(1);
});

scenario('outputs go into a folder as they are finished', async () => {
  // The browser's dialogue can't be driven: a folder of the page's own storage stands for the user's.
  await page.evaluate(() => {
    self.showDirectoryPicker = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true });
  });
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await page.click('#save-folder');
  await row(page, 'u8_full.mrc').filter({ hasText: 'saved as u8_full.hdf in chosen' }).waitFor();
  await page.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await row(page, 'f32_positive.mrc').filter({ hasText: 'saved as f32_positive.hdf in chosen' }).waitFor();
  assert.equal(await page.locator('a[download]').count(), 0);
  await page.waitForFunction(async () => {
    const names = [];
    for await (const [name, folder] of (await navigator.storage.getDirectory()).entries()) {
      for await (const file of folder.keys()) names.push(`${name}/${file}`);
    }
    return names.sort().join() === 'chosen/f32_positive.hdf,chosen/u8_full.hdf';
  });
});
