// What a person gives to the page and is told, in Chromium.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import module from '../scripts/module.mjs';
import { INPUT, counted, drop } from './actions.mjs';
import { choose, screenshot, settled } from './chromium.mjs';
import { DATA, commandLine, expected } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import { details, line, outcomes, row, state } from './rows.mjs';
import { scenario } from './scenario.mjs';
import { drawn, soon } from './waits.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const PATHS = {
  'u8_movie__bits5.hdf': join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'),
  'u16_micrograph.mrc': join(DATA, 'u16_micrograph.mrc'),
};

scenario('an empty page', async ({ page }) => {
  await screenshot(page, 'empty');
  assert.match(await page.locator('header').innerText(), /nothing leaves your computer/);
  assert.equal(await page.locator(INPUT).count(), 1);
  // What is taken is said by the program, and by nothing else.
  const names = module.formats().map(({ name }) => name);
  const told = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  assert.equal(await page.locator('#formats').innerText(), told);
});

scenario('nothing moves while the page gets ready, and no button while files are worked on', async ({ page, context }) => {
  /** Keeps what moves, and where the buttons have been since there are files. */
  await page.addInitScript(() => {
    self.moved = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) self.moved.push([value, ...sources.map(({ node }) => node?.parentElement?.outerHTML)]);
    }).observe({ type: 'layout-shift', buffered: true });
    self.answers = 0;
    self.Worker = class extends Worker {
      set onmessage(take) {
        super.onmessage = (event) => {
          take(event);
          if ('id' in event.data) self.answers++;
        };
      }
    };
    self.places = new Set();
    const look = () => {
      const tops = ['#start', '#save-zip', '#files'].map((name) => document.querySelector(name)?.getBoundingClientRect().top ?? 0);
      if (document.querySelector('#progress')?.hidden === false) self.places.add(tops.join());
      requestAnimationFrame(look);
    };
    look();
  });
  await page.reload();
  await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
  // What formats there are, and whether the settings make sense, is asked at the start.
  await page.waitForFunction(() => self.answers >= 2);
  await drawn(page);
  const moved = (await page.evaluate(() => self.moved)).filter(([value]) => value > 0.005);
  assert.deepEqual(moved, []);
  for (const size of [1300, 700]) {
    await page.setViewportSize({ width: size, height: 900 });
    const root = folder(context);
    const many = Array.from({ length: 12 }, (_, number) => image(join(root, `${number}.mrc`), { nx: 700, ny: 700, nz: 3, mode: 2, noisy: 1 }));
    await page.evaluate(() => self.places.clear());
    await page.setInputFiles(INPUT, many);
    await settled(page);
    assert.equal(await page.evaluate(() => self.places.size), 1, `${size}: ${await page.evaluate(() => [...self.places].join(' | '))}`);
  }
});

scenario('a dropped file is told about, compressed and saved under its name', async ({ page }) => {
  await drop(page, [join(DATA, 'u16_micrograph.mrc')]);
  await settled(page);
  const text = await (await details(page, 'u16_micrograph.mrc')).innerText();
  assert.match(text, /1 image of \d+ x \d+, [\d.]+ A per pixel, unsigned 16-bit integers/);
  assert.match(text, /KiB -> [\d.]+ KiB \([\d.]+x, larger than the input\); 10 bits, range \S+ to \S+, step \S+, no pixels clipped/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  assert.equal(download.suggestedFilename(), 'u16_micrograph.hdf');
  const [promised] = Object.values(await expected([{ folder: DATA, name: 'u16_micrograph.mrc' }], []));
  assert.equal(sha256(readFileSync(await download.path())), promised);
  await screenshot(page, 'finished');
});

scenario('a dropped folder gives its images, with their folders, and nothing else', async ({ page, context }) => {
  const root = folder(context);
  mkdirSync(join(root, 'grid/deep'), { recursive: true });
  small(join(root, 'grid/a.mrc'));
  small(join(root, 'grid/deep/a.mrc'), 2);
  writeFileSync(join(root, 'grid/notes.txt'), 'no image');
  await drop(page, [join(root, 'grid')]);
  await settled(page);
  assert.equal(await counted(page, 'finished'), 2);
  await page.locator('#problem').filter({ hasText: /1 file of the folder left out/ }).waitFor();
});

scenario('compressed MRC is read, and named without both of its extensions', async ({ page, context }) => {
  const root = folder(context);
  mkdirSync(join(root, 'maps'));
  for (const name of ['stack_streams.mrcs.bz2', 'stack_members.mrcs.gz', 'stack_frames.mrcs.zst']) {
    cpSync(join(DATA, 'formats/compressed', name), join(root, 'maps', name));
  }
  writeFileSync(join(root, 'maps/notes.txt.gz'), 'no image');
  await drop(page, [join(root, 'maps')]);
  await settled(page);
  assert.equal(await counted(page, 'finished'), 3);
  await page.locator('#problem').filter({ hasText: /1 file of the folder left out.*\.mrc\.gz/ }).waitFor();
  assert.match(await (await details(page, 'stack_streams.mrcs.bz2')).innerText(), /4 images of 41 x 33/);
  await (await details(page, 'stack_members.mrcs.gz')).locator('a[download="stack_members.hdf"]').waitFor();
});

scenario('a chosen folder', async ({ page, context }) => {
  const root = folder(context);
  mkdirSync(join(root, 'session'));
  small(join(root, 'session/one.mrc'));
  small(join(root, 'session/two.map'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#choose-folder')]);
  await chooser.setFiles(join(root, 'session'));
  await settled(page);
  assert.equal(await counted(page, 'finished'), 2);
});

scenario('an HDF file is compressed again, and says what the copy would not have', async ({ page, context }) => {
  const path = join(folder(context), 'extra.h5');
  // Bytes that are not the file's.
  const sample = readFileSync(join(DATA, 'eman2-hdf/f32_volume__bits8.hdf'));
  writeFileSync(path, Buffer.concat([sample, Buffer.from('more')]));
  await page.setInputFiles(INPUT, path);
  await settled(page);
  assert.match(await (await details(page, 'extra.h5')).locator('.warnings').innerText(), /^Warning: not carried over: what follows the end \(4 bytes\)$/);
  assert.equal(await page.locator('a[download]').getAttribute('download'), 'extra.hdf');
});

scenario('HDF files of a folder are taken, by content whatever they are called', async ({ page, context }) => {
  const root = folder(context);
  mkdirSync(join(root, 'hdf'));
  const sample = readFileSync(join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'));
  for (const name of ['a.hdf', 'b.h5', 'c.hdf5', 'd.mrc', 'e.dat']) writeFileSync(join(root, 'hdf', name), sample);
  await drop(page, [join(root, 'hdf')]);
  await settled(page);
  assert.equal(await counted(page, 'finished'), 4);
  assert.match(await row(page, 'd.mrc').locator('.line').innerText(), /^\d+ images of \d+ x \d+/);
});

scenario('back to MRC', async ({ page }) => {
  await choose(page, { way: 'expand' });
  await screenshot(page, 'expand-settings');
  const samples = ['u8_movie__bits5.hdf', 'f32_volume__bits8.hdf'].map((name) => join(DATA, 'eman2-hdf', name));
  await page.setInputFiles(INPUT, samples);
  await settled(page);
  await screenshot(page, 'expanded');
  const saved = [];
  for (const name of ['u8_movie__bits5.hdf', 'f32_volume__bits8.hdf']) {
    saved.push(await (await details(page, name)).locator('a[download]').getAttribute('download'));
  }
  assert.deepEqual(saved, ['u8_movie__bits5.mrcs', 'f32_volume__bits8.mrc'], 'a stack and a volume');
  assert.match(await line(page, 'f32_volume__bits8.hdf'), /; mode 2 \(32-bit floats\);/);
  await choose(page, { way: 'expand', mode: '0' });
  await (await details(page, 'f32_volume__bits8.hdf')).getByRole('button', { name: 'Again' }).click();
  await row(page, 'f32_volume__bits8.hdf').filter({ hasText: /Failed: .*which mode 0 cannot; mode 2 holds all of them/ }).waitFor();
  await page.reload();
  assert.ok(await page.isChecked('[name=way][value=expand]'), 'the choice is kept');
});

scenario('what a file says of itself', async ({ page }) => {
  await page.setInputFiles(INPUT, Object.values(PATHS));
  await settled(page);
  for (const [name, path] of Object.entries(PATHS)) {
    const found = await (await details(page, name)).locator('> dl:not(.look-facts)').evaluate((list) =>
      Object.fromEntries([...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextSibling.textContent])),
    );
    // Word for word what the command prints: a line for each fact; the last are what it finds by reading all pixels.
    const printed = execFileSync(commandLine(), ['info', path], { encoding: 'utf8' }).trim().split('\n').slice(1);
    const facts = printed.filter((line) => !/^  (warning|Noise|Auto): /.test(line)).map((line) => line.trim().split(/: +/));
    assert.deepEqual(Object.entries(found), facts.map(([name, ...fact]) => [name, fact.join(': ')]), name);
  }
  await screenshot(page, 'details');
});

scenario('by keyboard alone', async ({ page, context }) => {
  const path = small(join(folder(context), 'keys.mrc'));
  const focus = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
  for (let tabs = 0; (await focus()) !== 'choose'; tabs++) {
    assert.ok(tabs < 10);
    await page.keyboard.press('Tab');
  }
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await settled(page);
  for (let tabs = 0; (await focus()) !== 'files'; tabs++) {
    assert.ok(tabs < 40);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  assert.equal(await focus(), 'save', 'Enter leads to what can be done with the file');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'keys.hdf');
  for (const name of ['again', 'verify', 'remove']) {
    await page.keyboard.press('Tab');
    assert.equal(await focus(), name);
  }
  await page.keyboard.press('Enter');
  assert.equal(await counted(page, 'files'), 0);
  assert.equal(await focus(), 'choose', 'the focus is not lost');
});

scenario('two files of a pair are one input, together or one after the other', async ({ page }) => {
  const files = (name) => ['hed', 'img'].map((extension) => join(DATA, 'formats/imagic', `${name}.${extension}`));
  await page.setInputFiles(INPUT, files('intg_big'));
  await settled(page);
  assert.equal(await state(page, 'intg_big.img'), 'finished');
  const [headers, pixels] = files('pack_big');
  await page.setInputFiles(INPUT, pixels);
  await row(page, 'pack_big.img').filter({ hasText: 'Failed: IMAGIC images are two files' }).waitFor();
  await screenshot(page, 'half-of-a-pair');
  await (await details(page, 'pack_big.img')).filter({ hasText: /pack_big\.hed is needed as well/ }).waitFor();
  await page.setInputFiles(INPUT, headers);
  await row(page, 'pack_big.img').and(page.locator('[data-state=finished]')).waitFor();
  assert.equal(await counted(page, 'files'), 2);
  await (await details(page, 'pack_big.img')).filter({ hasText: /3 images of 22 x 17/ }).waitFor();
  assert.match(await page.locator('#formats').innerText(), /EMAN2 HDF5, .* or MRC$/);
});

scenario('bad files among good ones', async ({ page, context }) => {
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
  assert.equal(await state(page, 'u8_full.mrc'), 'finished');
  assert.match(await (await details(page, 'nan_pixel.mrc')).locator('.warnings').innerText(), /Warning: \d+ NaN and \d+ infinite pixels/);
  assert.equal(await page.locator('#totals').innerText(), '5 files, 2 finished');
  assert.equal(await page.locator('#failed').innerText(), '3 failed');
  assert.deepEqual(await Promise.all(['files', 'open', 'finished', 'failed'].map((what) => counted(page, what))), [5, 0, 2, 3]);
  assert.equal(await page.locator('#warned').innerText(), '1 warning about 1 file');
  assert.equal(await row(page, 'nan_pixel.mrc').locator('.mark').innerText(), '1 warning');
  // What went wrong looks like nothing else, and what is in doubt neither.
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  const bad = await colour(row(page, 'cut.mrc').locator('.state'));
  const doubtful = await colour(row(page, 'nan_pixel.mrc').locator('.mark'));
  const good = await colour(row(page, 'u8_full.mrc').locator('.state'));
  assert.equal(new Set([bad, doubtful, good]).size, 3);
  assert.equal(await colour(page.locator('#failed')), bad);
  assert.equal(await colour(page.locator('#warned')), doubtful);
  assert.equal(await colour((await details(page, 'nan_pixel.mrc')).locator('.warnings')), doubtful);
  assert.equal(await colour((await details(page, 'cut.mrc')).locator('.line')), bad);
});

scenario('bits that the program chooses, and what too few cost', async ({ page }) => {
  const made = async (name, bits) => {
    await choose(page, { bits });
    await page.setInputFiles(INPUT, join(DATA, 'auto-bits', name));
    await settled(page);
    return details(page, name);
  };
  const white = await made('white.mrc', 'auto');
  assert.match(await white.innerText(), /; 5 bits \(auto: target\), .*, keeps 99\.\d % of the information at the finest detail/);
  assert.match(await row(page, 'white.mrc').locator('.kept').innerText(), /^99\.\d %$/);
  assert.equal(await white.locator('.warnings li').count(), 0);
  for (const [name, bits, warning] of [
    ['hot_pixel_too_far.mrc', 'auto', /no number of bits keeps the target/],
    ['map_like.mrc', 5, /of the information at the finest detail is lost/],
    ['hot_pixels.mrc', 5, /the picture is lost/],
  ]) {
    const item = (await made(name, bits)).locator('.warnings li').filter({ hasText: warning });
    assert.equal(await item.count(), 1, name);
    assert.match(await item.innerText(), /^Warning: /);
    assert.match(await row(page, name).locator('.mark').innerText(), /^\d warnings?$/);
  }
  await screenshot(page, 'auto');
});

scenario('an output that is larger than its input is told in the words of the command', async ({ page, context }) => {
  const root = folder(context);
  const names = ['many_images.mrcs', 'u8_full.mrc'];
  for (const name of names) copyFileSync(join(DATA, name), join(root, name));
  // It has no output, so that it is none of those that are counted.
  writeFileSync(join(root, 'bad.mrc'), 'bad');
  names.push('bad.mrc');
  const told = spawnSync(commandLine(), ['--bits', '5', '--outpath', 'out', ...names], { cwd: root, encoding: 'utf8' });
  const line = told.stdout.split('\n').find((words) => words.startsWith('many_images.mrcs'));
  const [sizes] = /[\d.]+ \w+ -> [\d.]+ \w+ \([\d.]+x, larger than the input\)/.exec(line);
  const [reason] = /larger because [^,]*/.exec(line);
  const [sum] = /\d of 2 outputs? .* larger than .*/.exec(told.stderr);
  await choose(page, { bits: 5 });
  await page.setInputFiles(INPUT, names.map((name) => join(root, name)));
  await settled(page);
  await page.locator('#grown').filter({ hasText: sum }).waitFor();
  const words = await (await details(page, 'many_images.mrcs')).locator('.line').innerText();
  assert.ok(words.includes(sizes) && words.includes(reason), `${words}\n${line}`);
  await page.click('#remove-done');
  await page.waitForFunction(() => document.querySelector('#grown').textContent === '');
});

scenario('numbers that cannot be are refused in the words of the command, and the foot names the source', async ({ page }) => {
  const problem = page.locator('#settings .problem');
  await page.$eval('#settings details', (more) => (more.open = true));
  const refusal = (text) => spawnSync(commandLine(), [`--eer-fractions=${text}`, 'a.eer'], { encoding: 'utf8' }).stderr;
  for (const text of ['-1', '0', '9999999999']) {
    await page.fill('[name=fractions]', text);
    await problem.filter({ hasText: /\w/ }).waitFor();
    await page.waitForFunction((text) => document.querySelector('#settings .problem').textContent.includes(text), text);
    const words = await problem.innerText();
    assert.ok(refusal(text).includes(words), `${words}\n${refusal(text)}`);
    assert.doesNotMatch(words, /is not a number/);
  }
  await page.fill('[name=fractions]', '1.5');
  await problem.filter({ hasText: /^"1\.5" is not a whole number$/ }).waitFor();
  await page.fill('[name=fractions]', 'ten');
  await problem.filter({ hasText: /^"ten" is not a number$/ }).waitFor();
  assert.match(await page.locator('footer').innerText(), /\. Source: (commit [0-9a-f]+ of the project's repository|https:)/);
});
