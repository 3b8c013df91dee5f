// The list: quick with thousands of files, sorted, by keyboard, and with totals that hide nothing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { INPUT, counted, running, stored } from './actions.mjs';
import { choose, launch, open, screenshot, settled } from './chromium.mjs';
import { DATA, commandLine } from './expected.mjs';
import { folder, header, image, small } from './inputs.mjs';
import { processes } from './processes.mjs';
import { COLLECT, details, row, states } from './rows.mjs';
import { scenario, suite } from './scenario.mjs';
import { best, soon } from './waits.mjs';

const MANY = 2000;
const BAD_EVERY = 100;
// Of a scroll step: one picture of a screen that shows 60 in a second.
const MOST_MILLISECONDS = 16;
const MOST_BYTES = 1e9;

/**
 * Milliseconds of work for each of many scroll steps: rows brought up to date, style and layout. Beside each the same little
 * sum is computed: what that takes now and then beyond its least time, others have taken from this machine.
 */
function steps(page) {
  return page.evaluate(async () => {
    const grid = document.querySelector('#files');
    const end = grid.scrollHeight - grid.clientHeight;
    const [times, sums] = [[], []];
    let sum = 0;
    for (let step = 0; step < 200; step++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const began = performance.now();
      // Steps of a row, of a window, and jumps through all of the list.
      grid.scrollTop = step % 3 === 0 ? (end * step) / 200 : grid.scrollTop + (step % 3 === 1 ? 40 : grid.clientHeight);
      grid.dispatchEvent(new Event('scroll'));
      grid.getBoundingClientRect();
      const done = performance.now();
      for (let term = 0; term < 2e6; term++) sum = (Math.imul(sum, 1664525) + term) | 0;
      times.push(done - began);
      sums.push(performance.now() - done);
    }
    return [times, sums].map((all) => all.sort((a, b) => a - b));
  });
}

/** Checks the steps; one in twenty may be held up by what else the machine does. */
async function assertQuick(context, when, page) {
  const { best: most, found } = await best(async () => {
    const [times, sums] = await steps(page);
    const [middle, most] = [0.5, 0.95].map((share) => times[Math.floor(share * times.length)]);
    const held = sums[Math.floor(0.95 * sums.length)] / sums[0];
    const words = `${middle.toFixed(1)} ms in the middle, 95 % below ${most.toFixed(1)} ms`;
    context.diagnostic(`scroll steps ${when}: ${words}; others held up a sum ${held.toFixed(1)} times`);
    return most / held;
  }, MOST_MILLISECONDS);
  assert.ok(most < MOST_MILLISECONDS, `${found} ms`);
}

test('2000 files: rows in sight only, quick steps, below 1 GB', { timeout: 1_500_000 }, async (context) => {
  const root = folder(context);
  const paths = Array.from({ length: MANY }, (_, index) => {
    const path = join(root, `${String(index).padStart(4, '0')}.mrc`);
    if (index % BAD_EVERY === 7) writeFileSync(path, 'hello there\n');
    else small(path, index + 1);
    return path;
  });
  const bad = MANY / BAD_EVERY;
  const browser = await launch();
  context.after(() => browser.close());
  const page = await open(browser.context, suite.server.address);
  await page.uncheck('[name=atonce]');
  await page.selectOption('[name=bits]', '5');
  await page.setInputFiles(INPUT, paths);
  const began = performance.now();
  await page.waitForFunction(
    ([files, failed]) => {
      const { dataset } = document.querySelector('main');
      return Number(dataset.files) === files && Number(dataset.failed) === failed;
    },
    [MANY, bad],
    { timeout: 300_000 },
  );
  await row(page, '0000.mrc').filter({ hasText: 'Waiting' }).waitFor();
  context.diagnostic(`headers: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.ok((await page.locator('.row').count()) < 60, 'only rows in sight are in the document');
  assert.equal(await page.getAttribute('#files', 'aria-rowcount'), String(MANY + 1));
  await assertQuick(context, 'before the start', page);
  await page.click('#start');
  await page.waitForFunction(() => Number(document.querySelector('main').dataset.finished) > 20);
  await assertQuick(context, 'while files are worked on', page);
  await settled(page, 900_000);
  assert.deepEqual([await counted(page, 'finished'), await counted(page, 'failed')], [MANY - bad, bad]);
  assert.equal(await page.locator('#failed').innerText(), `${bad} failed`);
  await assertQuick(context, 'at the end', page);
  await page.locator('.heads').getByRole('button', { name: 'State' }).click();
  const found = await page.evaluate(COLLECT);
  assert.equal(found.length, MANY, 'every file has its row');
  assert.deepEqual(found.slice(0, bad + 1).map(({ state }) => state), [...Array(bad).fill('failed'), 'finished']);
  const renderers = processes(browser.profile).filter(({ type }) => type === 'renderer').map(({ peakBytes }) => peakBytes);
  context.diagnostic(`renderer: at most ${Math.round(Math.max(...renderers) / 1e6)} MB`);
  assert.ok(Math.max(...renderers) < MOST_BYTES);
  await page.click('#remove-done');
  await stored(page, 0);
  assert.equal(await counted(page, 'files'), 0);
});

/** Names in the order of the list. */
const names = async (page) => (await page.evaluate(COLLECT)).map(({ name }) => name);

scenario('sorted by a column, the other way, and as the files came', async ({ page, context }) => {
  const root = folder(context);
  const text = join(root, 'b10.mrc');
  writeFileSync(text, 'hello there\n');
  await choose(page, { bits: 5 });
  await page.setInputFiles(INPUT, [small(join(root, 'b9.mrc')), text, join(DATA, 'u16_micrograph.mrc'), small(join(root, 'A.mrc'))]);
  await settled(page);
  const came = ['b9.mrc', 'b10.mrc', 'u16_micrograph.mrc', 'A.mrc'];
  const head = (name) => page.locator('.heads').getByRole('button', { name, exact: true });
  const sort = (key) => page.locator(`[data-key=${key}]`).getAttribute('aria-sort');
  await head('Name').click();
  assert.deepEqual(await names(page), ['A.mrc', 'b9.mrc', 'b10.mrc', 'u16_micrograph.mrc'], 'numbers by their value');
  assert.equal(await sort('name'), 'ascending');
  await head('Name').click();
  assert.deepEqual(await names(page), ['u16_micrograph.mrc', 'b10.mrc', 'b9.mrc', 'A.mrc']);
  assert.equal(await sort('name'), 'descending');
  await head('Name').click();
  assert.deepEqual(await names(page), came);
  assert.equal(await sort('name'), 'none');
  await head('Size').click();
  assert.deepEqual((await names(page))[0], 'b10.mrc');
  await head('State').click();
  assert.deepEqual(await states(page), ['failed', 'finished', 'finished', 'finished']);
  await head('After').click();
  await head('After').click();
  const found = await page.evaluate(COLLECT);
  const ratios = found.map(({ after }) => Number(/\(([\d.]+)x\)/.exec(after)?.[1] ?? 0));
  assert.deepEqual(ratios, [...ratios].sort((a, b) => b - a), 'what saves most comes first');
  assert.equal(found.at(-1).name, 'b10.mrc', 'what is not known comes last');
});

scenario('by keyboard: the row that is chosen is described', async ({ page, context }) => {
  const root = folder(context);
  await choose(page, { bits: 5 });
  await page.uncheck('[name=atonce]');
  const all = Array.from({ length: 60 }, (_, index) => `${index % 2 ? 'odd' : 'even'}${String(index).padStart(2, '0')}.mrc`);
  await page.setInputFiles(INPUT, all.map((name, index) => small(join(root, name), index + 1)));
  await row(page, all[0]).filter({ hasText: 'Waiting' }).waitFor();
  const chosen = () => page.locator('#details .name').innerText();
  assert.equal(await chosen(), all[0], 'the first one when nobody has chosen');
  await page.focus('#files');
  for (const [key, expected] of [
    ['ArrowDown', all[1]],
    ['ArrowDown', all[2]],
    ['ArrowUp', all[1]],
    ['End', all[59]],
    ['ArrowDown', all[59]],
    ['Home', all[0]],
    ['o', all[1]],
  ]) {
    await page.keyboard.press(key);
    assert.equal(await chosen(), expected, key);
    // The row that is meant is there, in sight, and named to those who hear the page.
    const selected = row(page, expected);
    await soon(async () => {
      assert.equal(await selected.getAttribute('aria-selected'), 'true');
      assert.equal(await page.getAttribute('#files', 'aria-activedescendant'), await selected.getAttribute('id'));
      const [inner, outer] = [await selected.boundingBox(), await page.locator('#files').boundingBox()];
      assert.ok(inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height + 1, `${key}: in sight`);
    });
  }
  await page.waitForTimeout(800); // a name of its own, not the end of the one before
  // Nobody types as slowly as a busy machine takes keys: the page's clock stands meanwhile.
  await page.evaluate(() => {
    const now = performance.now();
    performance.now = () => now;
  });
  await page.keyboard.type('odd31');
  await page.evaluate(() => delete performance.now);
  assert.equal(await chosen(), 'odd31.mrc', 'by the beginning of its name');
  await page.keyboard.press('PageDown');
  assert.ok((await chosen()) > 'odd31.mrc' || (await chosen()).startsWith('even'));
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  assert.equal(await chosen(), all[1], 'the next one takes its place');
  assert.equal(await counted(page, 'files'), 59);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'files');
});

scenario('progress of all files, in the title too', async ({ page, context }) => {
  assert.equal(await page.title(), 'e2compress');
  await running(page, context);
  await page.waitForFunction(() => /^\d+ % - e2compress$/.test(document.title));
  await page.locator('#pace').filter({ hasText: /^\d+ %, \d+ MB\/s, .* left$/ }).waitFor();
  const value = await page.locator('#progress').evaluate((bar) => bar.value);
  await page.waitForFunction((before) => document.querySelector('#progress').value > before, value);
  await screenshot(page, 'list-running');
  await page.click('#cancel-all');
  await settled(page);
  await page.waitForFunction(() => document.title === 'e2compress');
  assert.equal(await page.locator('#progress').isVisible(), false);
});

scenario('a picture that is lost is red and counted, and no success among others', async ({ page }) => {
  await choose(page, { bits: 5 });
  await page.setInputFiles(INPUT, [join(DATA, 'auto-bits/hot_pixels.mrc'), join(DATA, 'auto-bits/white.mrc')]);
  await settled(page);
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  await page.locator('#lost').filter({ hasText: 'picture lost in 1 file' }).waitFor();
  const lost = row(page, 'hot_pixels.mrc').locator('.state');
  assert.equal(await lost.innerText(), 'Picture lost');
  const bad = await colour(lost);
  const good = await colour(row(page, 'white.mrc').locator('.state'));
  assert.notEqual(bad, good);
  assert.equal(await colour(page.locator('#lost')), bad);
  const panel = await details(page, 'hot_pixels.mrc');
  assert.equal(await colour(panel.locator('.line')), bad);
  assert.equal(await colour(panel.locator('.warnings')), bad);
  await screenshot(page, 'picture-lost');
  await choose(page, { bits: 16 });
  await panel.getByRole('button', { name: 'Again' }).click();
  await page.waitForFunction(() => document.querySelector('#lost').textContent === '');
});

scenario('a picture that limits clip away is lost as one that a step loses: expected, found, and done before', async ({ page, context }) => {
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 5, limits: 'explicit', pair: [1000, 2000] });
  await page.setInputFiles(INPUT, join(DATA, 'auto-bits/white.mrc'));
  const state = row(page, 'white.mrc').locator('.state');
  await state.filter({ hasText: 'Picture lost expected' }).waitFor();
  assert.equal(await page.locator('#lost').innerText(), 'picture lost expected in 1 file');
  await page.click('#start');
  await settled(page);
  assert.equal(await state.innerText(), 'Picture lost');
  assert.equal(await row(page, 'white.mrc').getAttribute('data-lost'), 'true');
  await page.locator('#lost').filter({ hasText: 'picture lost in 1 file' }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-record')]);
  const record = join(folder(context), 'record.jsonl');
  await download.saveAs(record);
  await page.click('#remove-done');
  await page.setInputFiles(INPUT, record);
  await page.setInputFiles(INPUT, join(DATA, 'auto-bits/white.mrc'));
  await state.filter({ hasText: 'Done before, picture lost' }).waitFor();
});

scenario('codes that stay lose nothing, whatever was lost when they were made', async ({ page, context }) => {
  const root = folder(context);
  execFileSync(commandLine(), ['--bits', '3', '--outpath', root, join(DATA, 'auto-bits/white.mrc')], { stdio: 'pipe' });
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 'auto' });
  await page.setInputFiles(INPUT, join(root, 'white.hdf'));
  const one = row(page, 'white.hdf');
  await one.locator('.kept').filter({ hasText: '100 %' }).waitFor();
  assert.equal(await one.locator('.state').innerText(), 'Waiting');
  for (const limits of ['all', 'explicit']) {
    await choose(page, { bits: 'auto', limits, pair: [1000, 2000] });
    if (limits === 'all') await page.click('#start');
    else await (await details(page, 'white.hdf')).getByRole('button', { name: 'Again' }).click();
    await settled(page);
    assert.equal(await one.locator('.state').innerText(), 'Finished', limits);
    const panel = await details(page, 'white.hdf');
    const said = panel.locator('.warnings');
    await said.filter({ hasText: 'Note: the picture in the image was lost when the input was made' }).waitFor();
    assert.doesNotMatch(await said.innerText(), /the picture is lost|more bits/, limits);
  }
  assert.equal(await page.locator('#lost').innerText(), '');
});

scenario('what is said of a movie that waits follows its settings, and of one that is done stays', async ({ page }) => {
  const name = 'sum_over_255.eer';
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 'auto' });
  await page.setInputFiles(INPUT, join(DATA, 'formats/eer', name));
  const line = row(page, name).locator('.line');
  await line.filter({ hasText: /^260 images of 16 x 16,/ }).waitFor();
  const panel = await details(page, name);
  await panel.locator('.warnings').filter({ hasText: '--eer-fractions' }).waitFor();
  await choose(page, { bits: 'auto', fractions: 1, upsampling: 4 });
  await line.filter({ hasText: /^1 image of 64 x 64,/ }).waitFor();
  await soon(async () => assert.match(await panel.locator('.short').innerText(), /^1 image of 64 x 64,/));
  await soon(async () => assert.match(await panel.locator('.facts').first().innerText(), /1 image of 64 x 64/));
  await soon(async () => assert.doesNotMatch(await panel.locator('.warnings').innerText(), /--eer-fractions/));
  await page.locator('.look-overview canvas[aria-label*=", 64 x 64"]').waitFor();
  // The file is fine: the settings are not.
  await choose(page, { bits: 'auto', grouping: 99999 });
  await line.filter({ hasText: 'The settings do not fit it: the movie has 260 frames, too few for a group of 99999' }).waitFor();
  await page.locator('#look[data-shows=problem]').waitFor();
  assert.equal(await page.locator('.look-bits').isVisible(), false);
  assert.doesNotMatch(await panel.locator('.line').innerText(), /KiB|annot be read/);
  await choose(page, { bits: 'auto', fractions: 1 });
  await line.filter({ hasText: /^1 image of 16 x 16,/ }).waitFor();
  await page.locator('#look[data-shows=picture]').waitFor();
  await page.click('#start');
  await settled(page);
  await choose(page, { bits: 'auto', fractions: 2, upsampling: 4 });
  await page.waitForTimeout(500);
  assert.match(await panel.locator('.facts').first().innerText(), /1 image of 16 x 16/, 'as it was made');
  await page.locator('.look-overview canvas[aria-label*=", 16 x 16"]').waitFor();
  await choose(page, { bits: 'auto', fractions: 2 });
  await panel.getByRole('button', { name: 'Again' }).click();
  await settled(page);
  await soon(async () => assert.match(await panel.locator('.facts').first().innerText(), /2 images of 16 x 16/));
  await page.locator('.look-overview canvas[aria-label*="image 1 of 2"]').waitFor();
});

/** Bytes of a size in words. */
function bytes(words) {
  const [, count, unit] = /([\d.]+) (B|KiB|MiB)/.exec(words);
  return Number(count) * { B: 1, KiB: 1024, MiB: 1024 ** 2 }[unit];
}

scenario('what files are expected to become is told before the start, of each in sight and of all', async ({ page, context }) => {
  const root = folder(context);
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 5 });
  // More than are looked at.
  const paths = Array.from({ length: 80 }, (_, index) => small(join(root, `${index}.mrc`), index + 1));
  await page.setInputFiles(INPUT, paths);
  const expected = page.locator('#expected');
  await expected.filter({ hasText: /^about .* expected of the 80 files waiting \([\d.]+x\)$/ }).waitFor();
  await row(page, '0.mrc').locator('.after').filter({ hasText: /\d/ }).waitFor();
  const words = await row(page, '0.mrc').locator('.after').innerText();
  // Other settings, other sizes.
  await choose(page, { bits: 12 });
  await page.waitForFunction((before) => {
    const words = document.querySelector('.row .after')?.textContent ?? '';
    return /\d/.test(words) && words !== before;
  }, words);
  assert.ok(bytes(await row(page, '0.mrc').locator('.after').innerText()) > bytes(words));
  // As many as are looked at of files that are out of sight, too.
  await page.waitForFunction(() => Number(document.querySelector('main').dataset.predicted) >= 50);
  const promised = bytes(await expected.innerText());
  await page.click('#start');
  await settled(page);
  assert.equal(await expected.innerText(), '');
  const real = bytes((await page.locator('#sizes').innerText()).split(' -> ')[1]);
  assert.ok(Math.abs(promised / real - 1) < 0.03, `${promised} bytes expected, ${real} real`);
});

scenario('what becomes floats, is tiny, or is clipped is expected to become something, too', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 'auto', limits: 'sigma', pair: [1, 1] });
  await page.setInputFiles(INPUT, ['auto-bits/white.mrc', 'auto-bits/nan.mrc', 'auto-bits/tiny.mrc'].map((name) => join(DATA, name)));
  const after = (name, words) => row(page, name).locator('.after').filter({ hasText: words }).waitFor();
  await after('white.mrc', /^about \d/);
  await after('tiny.mrc', /^about \d/);
  await after('nan.mrc', /^about \d/);
  await row(page, 'white.mrc').locator('.kept').filter({ hasText: /^\d[\d.]* %$/ }).waitFor();
  const line = (await details(page, 'white.mrc')).locator('.line');
  await line.filter({ hasText: /of the information lost, about 3\d % of the pixels clipped/ }).waitFor();
  await choose(page, { bits: 0 });
  // What is kept as well: of floats that are clipped, as between these choices and those before, it is not known.
  const kept = row(page, 'white.mrc').and(page.locator(':has(.kept :text-is("100 %"))'));
  await kept.locator('.after').filter({ hasText: /^about \d/ }).waitFor();
  const promised = bytes(await row(page, 'white.mrc').locator('.after').innerText());
  await page.click('#start');
  await settled(page);
  const real = bytes(await row(page, 'white.mrc').locator('.after').innerText());
  assert.ok(Math.abs(promised / real - 1) < 0.03, `${real} of about ${promised} bytes`);
  assert.equal(await row(page, 'white.mrc').locator('.kept').innerText(), '100 %');
});

scenario('what cannot be read beyond its header, and pictures that would be lost, are told before the start', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 5 });
  const damaged = ['formats/eer/frame_cut.eer', 'formats/tiff/tiff_strip_cut.tif'].map((name) => join(DATA, name));
  await page.setInputFiles(INPUT, [join(DATA, 'auto-bits/hot_pixels.mrc'), join(DATA, 'auto-bits/white.mrc'), ...damaged]);
  const lost = row(page, 'hot_pixels.mrc');
  await lost.locator('.state').filter({ hasText: 'Picture lost expected' }).waitFor();
  await row(page, 'white.mrc').locator('.after').filter({ hasText: /\d/ }).waitFor();
  const reasons = new Map();
  for (const name of damaged.map((path) => basename(path))) {
    const line = row(page, name).locator('.line');
    await line.filter({ hasText: /^Cannot be read: ./ }).waitFor();
    reasons.set(name, (await line.innerText()).replace('Cannot be read: ', ''));
    assert.equal(await row(page, name).getAttribute('data-state'), 'waiting');
  }
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  const bad = await colour(page.locator('#lost'));
  assert.equal(await page.locator('#lost').innerText(), 'picture lost expected in 1 file');
  for (const part of ['.state', '.kept']) {
    assert.equal(await colour(lost.locator(part)), bad);
    assert.notEqual(await colour(row(page, 'white.mrc').locator(part)), bad);
  }
  assert.equal(await colour((await details(page, 'hot_pixels.mrc')).locator('.line')), bad);
  assert.match(await page.locator('#expected').innerText(), /^about .* expected of the 2 files waiting /);
  await choose(page, { bits: 16 });
  await page.waitForFunction(() => document.querySelector('#lost').textContent === '');
  await page.click('#start');
  await settled(page);
  for (const [name, reason] of reasons) assert.equal(await row(page, name).locator('.line').innerText(), `Failed: ${reason}`);
});

scenario('sums before the start follow files of any size', async ({ page, context }) => {
  const root = folder(context);
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 6 });
  // Small ones are mostly what is around the pixels, and come first, where they are seen.
  const paths = Array.from({ length: 150 }, (_, index) => {
    const path = join(root, `${index}.mrc`);
    return index < 90 ? small(path, index + 1) : image(path, { nx: 200 + 3 * index, ny: 300, nz: 1, mode: 1 });
  });
  await page.setInputFiles(INPUT, paths);
  const expected = page.locator('#expected');
  await expected.filter({ hasText: /^about [^,]* expected of the 150 files waiting/ }).waitFor();
  await page.waitForTimeout(3000); // until as many were looked at as are going to be
  const promised = bytes(await expected.innerText());
  await page.click('#start');
  await settled(page);
  const real = bytes((await page.locator('#sizes').innerText()).split(' -> ')[1]);
  assert.ok(Math.abs(promised / real - 1) < 0.03, `${promised} bytes expected, ${real} real`);
});

scenario('a file that is larger than all others counts in the sum, and nothing is said of it before', async ({ page, context }) => {
  const root = folder(context);
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 5 });
  // Kept as they are said, from the first on.
  await page.evaluate(() => {
    self.said = [];
    const place = document.querySelector('#expected');
    new MutationObserver(() => self.said.push(place.textContent)).observe(place, { childList: true });
  });
  const paths = Array.from({ length: 100 }, (_, index) => small(join(root, `${index}.mrc`), index + 1));
  const packed = join(root, 'zeros.mrc.gz');
  writeFileSync(packed, gzipSync(Buffer.concat([header({ nx: 4096, ny: 4096, nz: 4, mode: 1 }), Buffer.alloc(4096 * 4096 * 8)])));
  const large = image(join(root, 'large.mrc'), { nx: 3000, ny: 3000, nz: 1, mode: 1, noisy: 1 });
  await page.setInputFiles(INPUT, [...paths, large, packed]);
  await page.locator('#expected').filter({ hasText: /^about [^,]* expected of the 102 files waiting/ }).waitFor();
  const said = await page.evaluate(() => self.said);
  await page.click('#start');
  await settled(page);
  const real = bytes((await page.locator('#sizes').innerText()).split(' -> ')[1]);
  for (const words of said) {
    if (words === '' || /^size expected of the \d+ files waiting: not known yet$/.test(words)) continue;
    const doubt = Number(/, (\d+) % more or less,/.exec(words)?.[1] ?? 3) / 100;
    assert.ok(doubt <= 0.25 && Math.abs(bytes(words) - real) <= doubt * bytes(words), `${words}, ${real} bytes real`);
  }
});

/** Texts of amounts that lie beyond their cells, and rows whose cells have more than the row shows. */
function BEYOND() {
  const found = [];
  for (const row of document.querySelectorAll('#files .cells')) {
    const outer = row.getBoundingClientRect();
    for (const cell of row.querySelectorAll('.cell')) {
      const text = document.createRange();
      text.selectNodeContents(cell);
      const [words, box] = [text.getBoundingClientRect(), cell.getBoundingClientRect()];
      if (cell.querySelector('.unseen') || cell.textContent.trim() === '') continue;
      // Names and facts end with dots where they are cut; figures never do.
      const wide = cell.classList.contains('amount') && (words.left < box.left - 1 || words.right > box.right + 1);
      const high = words.top < outer.top - 1 || words.bottom > outer.bottom + 1;
      const cut = [...cell.querySelectorAll('.state')].some((part) => part.scrollHeight > part.clientHeight + 1);
      if (wide || high || cut || !cell.checkVisibility()) found.push(`${wide ? 'wide' : high ? 'high' : 'cut'}: ${cell.textContent}`);
    }
  }
  for (const cell of document.querySelectorAll('.look-bits :is(th, td)')) {
    const [words, box] = [document.createRange(), cell.getBoundingClientRect()];
    words.selectNodeContents(cell);
    const figure = cell.localName === 'td' && words.getClientRects().length > 1;
    const { right } = words.getBoundingClientRect();
    if (figure || right > box.right + 1 || box.right > innerWidth) found.push(`table: ${cell.textContent}`);
  }
  return found;
}

scenario('whatever the width, no figure lies over another cell or is cut', async ({ page, context }) => {
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 5 });
  const root = folder(context);
  const data = ['auto-bits/white.mrc', 'auto-bits/hot_pixels.mrc', 'f32_positive.mrc', 'u8_movie.mrcs', 'expected.json'].map((name) => join(DATA, name));
  const wide = image(join(root, 'a name that is long enough for any column.mrc'), { nx: 1000, ny: 1000, nz: 1, mode: 1 });
  const everywhere = async (when) => {
    for (const width of [1920, 1500, 1280, 1000, 840, 620, 480, 400, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      assert.deepEqual(await page.evaluate(BEYOND), [], `${when}, ${width} pixels wide`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  await page.setInputFiles(INPUT, [...data, wide]);
  await row(page, 'hot_pixels.mrc').locator('.state').filter({ hasText: 'expected' }).waitFor();
  await row(page, 'f32_positive.mrc').locator('.after').filter({ hasText: /\d/ }).waitFor();
  await page.locator('.look-bits tbody tr').first().waitFor();
  await everywhere('waiting');
  await page.click('#start');
  await settled(page);
  await everywhere('finished');
  await page.check('[name=atonce]');
  await running(page, context);
  await everywhere('running');
  await page.setViewportSize({ width: 360, height: 900 });
  await screenshot(page, 'list-narrow');
});

scenario('rows in sight have a small picture', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await page.setInputFiles(INPUT, [join(DATA, 'u16_micrograph.mrc'), join(DATA, 'expected.json')]);
  await page.waitForFunction(() => document.querySelector('.row .thumbnail')?.width > 1);
  const shades = (name) =>
    row(page, name).locator('canvas').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, height: canvas.height, shades: new Set(data.filter((_, index) => index % 4 === 0)).size };
    });
  const { width, height, shades: found } = await shades('u16_micrograph.mrc');
  assert.ok(Math.max(width, height) <= 64 && found > 16, `${width} x ${height}, ${found} shades`);
  assert.equal((await shades('expected.json')).width, 1, 'what is no image has none');
});
