// What is in view of the selected file, and what it waits for: sizes, units of axes, sections that take long, in Chromium.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { INPUT, running } from './actions.mjs';
import { DATA, ROOT } from './expected.mjs';
import { folder, header, image } from './inputs.mjs';
import { details, state } from './rows.mjs';
import { scenario } from './scenario.mjs';
import { drawn, soon } from './waits.mjs';

const overview = (page) => page.locator('.look-overview canvas');
const split = (page) => page.locator('.look-split canvas');
const section = (page, number, of) => page.locator(`.look-overview canvas[aria-label*=", section ${number} of ${of},"]`).waitFor();
const planned = (page) => page.locator('.look-bits .verdict:not(:empty)').waitFor();

/** CSS pixels along a side of a pixel, once that is drawn. */
async function scale(page) {
  await drawn(page);
  return Number(await split(page).getAttribute('data-scale'));
}

/** Keeps what is asked of workers, and what they say; `window.lost` drops questions that are to have no answer. */
const LISTEN = () => {
  const Real = Worker;
  Object.assign(self, { asked: [], told: [], lost: () => false });
  window.Worker = class extends Real {
    postMessage(message, ...others) {
      self.asked.push(message);
      if (!self.lost(message)) super.postMessage(message, ...others);
    }
    set onmessage(take) {
      super.onmessage = (event) => {
        self.told.push(event.data);
        take(event);
      };
    }
  };
};

async function listen(page) {
  await page.addInitScript(LISTEN);
  await page.reload();
  await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
}

const visitor = { visitor: true };

scenario(
  'small images fill the view, large ones start at full size, and 0 shows all of either',
  async ({ page, context }) => {
    await page.setViewportSize({ width: 1500, height: 1000 });
    const large = image(join(folder(context), 'large.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 1, noisy: 2 });
    await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), large]);
    await planned(page);
    const filled = (words) =>
      soon(async () => {
        const width = await split(page).evaluate(({ clientWidth }) => clientWidth);
        const label = await overview(page).getAttribute('aria-label');
        assert.match(label, /all of it in view$/);
        const extent = /(\d+) x (\d+); all/.exec(label);
        const found = await scale(page);
        assert.ok(Math.abs(found * Math.max(extent[1], extent[2]) - width) < 2, `${words}: ${found} of ${extent}, ${width}`);
        return width;
      });
    const width = await filled('enlarged as far as there is room');
    await split(page).press('-');
    await filled('and no smaller');
    await split(page).press('+');
    assert.ok(Number.isInteger(await scale(page)), 'other sizes have pixels of one size');

    await details(page, 'large.mrc');
    await page.locator('.look-overview canvas[aria-label^="large.mrc"]').waitFor();
    await planned(page);
    await soon(async () => assert.equal(await scale(page), 1));
    assert.doesNotMatch(await split(page).getAttribute('aria-label'), /within the frame/);
    await page.selectOption('[name=bits]', '4');
    await split(page).press('0');
    await page.locator('.look-split canvas[aria-label*="stored with 4 bits, within the frame;"]').waitFor();
    await soon(async () => assert.ok(Math.abs((await scale(page)) * 4096 - width) < 1));
    await soon(async () => assert.match(await overview(page).getAttribute('aria-label'), /; all of it in view$/));
    const box = await split(page).boundingBox();
    await page.mouse.move(box.x + 5, box.y + 5);
    await page.locator('.look-split output').filter({ hasText: /^x \d+, y \d+: \S+, mean of \d x \d$/ }).waitFor();
    await page.mouse.move(box.x + box.width / 2 + 18, box.y + box.height / 2);
    await page.locator('.look-split output').filter({ hasText: /^x \d+, y \d+: \S+, stored / }).waitFor();
    for (let times = 0; times < 12 && (await scale(page)) < 1; times++) await split(page).press('+');
    assert.equal(await scale(page), 1, 'full size is on the way');
  },
  visitor,
);

scenario(
  'frequencies are per Angstrom where pixels have one edge, else per pixel',
  async ({ page, context }) => {
    // Edges of the cell, along x and y; one unit for all directions needs pixels of one edge.
    const sides = { 'square.mrc': [1.5, 1.5], 'oblong.mrc': [1.5, 2] };
    const root = folder(context);
    for (const [name, edges] of Object.entries(sides)) {
      const bytes = readFileSync(join(ROOT, 'examples/micrograph.mrc'));
      for (const [axis, edge] of edges.entries()) {
        bytes.writeInt32LE(512, 28 + 4 * axis);
        bytes.writeFloatLE(512 * edge, 40 + 4 * axis);
      }
      writeFileSync(join(root, name), bytes);
    }
    await page.setInputFiles(INPUT, Object.keys(sides).map((name) => join(root, name)));
    for (const [name, unit, nyquist] of [
      ['square.mrc', '1/A', 1 / 3],
      ['oblong.mrc', '1/px', 0.5],
    ]) {
      await details(page, name);
      await page.locator(`.look-overview canvas[aria-label^="${name}"]`).waitFor();
      await page.locator('.look-spectra canvas[aria-label^="Power spectra"]').waitFor();
      const found = await soon(async () => {
        const label = await page.locator('.look-spectra canvas').getAttribute('aria-label');
        const found = / of the power of the image, at (\S+) (\S+)$/.exec(label);
        assert.equal(found?.[2], unit, `${name}: ${label}`);
        return found;
      });
      assert.ok(Number(found[1]) > 0 && Number(found[1]) <= nyquist + 0.005, `${name}: ${found[1]}`);
    }
    await page.check('[name=log-frequency]');
    await soon(async () => assert.equal(await page.locator('.look-keys .allowed').innerText(), '1 % of it'));
  },
  visitor,
);

/** What of the look lies over something else, or beyond what it is in. */
function OVERLAPS() {
  const box = (element) => element.getBoundingClientRect();
  const parts = [...document.querySelectorAll('#look :is(input, button, select, output, canvas)')].filter((part) => part.checkVisibility() && box(part).width > 0);
  const found = [];
  for (const [index, one] of parts.entries()) {
    const [a, around] = [box(one), box(document.querySelector('#look'))];
    if (a.left < around.left - 1 || a.right > around.right + 1) found.push(`${one.name || one.className || one.localName} sticks out`);
    // What is on a picture on purpose is in one box with it.
    for (const other of parts.slice(index + 1).filter((other) => !one.closest('.look-stage, .look-overview')?.contains(other))) {
      const b = box(other);
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && along > 1) found.push(`${one.name || one.localName} and ${other.name || other.localName} by ${across} x ${along}`);
    }
  }
  return found;
}

scenario('whatever the width, nothing that is set lies over a picture', async ({ page }) => {
  await page.setInputFiles(INPUT, join(DATA, 'u16_micrograph.mrc'));
  await planned(page);
  for (let width = 1920; width >= 360; width -= 20) {
    await page.setViewportSize({ width, height: 900 });
    await drawn(page);
    assert.deepEqual(await page.evaluate(OVERLAPS), [], `${width} pixels wide`);
  }
});

scenario('a plan that waits for a run is given up when another file is selected', async ({ page, context }) => {
  await listen(page);
  await running(page, context);
  await details(page, 'long.mrc');
  await page.locator('.look-bits .state').filter({ hasText: /^Measuring/ }).waitFor();
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await details(page, 'u8_full.mrc');
  await planned(page);
  assert.equal(await state(page, 'long.mrc'), 'running');
  await page.click('#cancel-all');
  await page.waitForTimeout(1500); // three times as long as it takes to look whether something runs
  const plans = await page.evaluate(() => self.asked.filter(({ type }) => type === 'plan').map(({ file }) => file.name));
  assert.deepEqual(plans, ['u8_full.mrc']);
  await page.locator('.look-bits .verdict').waitFor();
});

scenario('sections of a compressed file are decoded on from the one before', async ({ page, context }) => {
  const extent = { nx: 512, ny: 512, nz: 40, mode: 0 };
  const pixels = Buffer.from(Uint8Array.from({ length: 512 * 512 * 40 }, (_, index) => (index * 2654435761) >>> 27));
  const path = join(folder(context), 'volume.mrc.gz');
  const bytes = gzipSync(Buffer.concat([header(extent), pixels]), { level: 1 });
  writeFileSync(path, bytes);
  await page.uncheck('[name=atonce]');
  await listen(page);
  await page.setInputFiles(INPUT, path);
  await section(page, 21, 40);
  await planned(page);
  for (const number of [22, 23]) {
    await page.evaluate(() => (self.told.length = 0));
    await overview(page).press('PageDown');
    await section(page, number, 40);
    const read = await page.evaluate(() => self.told.filter(({ type }) => type === 'progress').map(({ done }) => done));
    assert.ok(read.every((done) => done > bytes.length * 0.4), `read at ${read}`);
  }
});

scenario('a section that takes long is told, and left when another one is asked for', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await listen(page);
  await page.setInputFiles(INPUT, join(DATA, 'f32_volume.mrc'));
  const slider = page.locator('[name=section]');
  await planned(page);
  const [middle, last] = [Number(await slider.inputValue()), Number(await slider.getAttribute('max'))];
  await page.evaluate((last) => (self.lost = ({ type, section }) => type === 'picture' && section === last - 1), last);
  await slider.fill(String(last));
  await page.locator('.look-wait').filter({ hasText: `Reading section ${last} of ${last}`, visible: true }).waitFor();
  assert.match(await overview(page).getAttribute('aria-label'), new RegExp(`, section ${middle} of `), 'what is shown stays');
  await soon(async () => assert.equal(await page.locator('.look-sections output').last().innerText(), `${last} of ${last}`));
  await slider.fill('1');
  await section(page, 1, last);
  assert.equal(await page.locator('#look-problem').innerText(), '');
  await page.locator('.look-wait').waitFor({ state: 'hidden' });
  await page.locator('.look-histogram canvas[aria-label^="Histogram of "]').waitFor();
  await page.locator('.look-split canvas[data-bits]:not([data-bits=""])').waitFor();
});
