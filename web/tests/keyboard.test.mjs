// From the first file to the saved output by keyboard alone, and what a screen reader is told on the way, in Chromium.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { settled } from './chromium.mjs';
import { ROOT } from './expected.mjs';
import { scenario } from './scenario.mjs';
import { drawn, soon } from './waits.mjs';

const AUTO = join(ROOT, 'tests/data/auto-bits');

/** What has the focus: its role, and its name as far as that is an attribute or its text. */
const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return element.getAttribute('aria-label') ?? (element.name || element.innerText.trim() || element.id);
  });

/** Presses Tab until something has the focus; fails when it comes round without that. */
async function tabTo(page, wanted) {
  const passed = [];
  for (let times = 0; times < 60; times++) {
    await page.keyboard.press('Tab');
    const found = await focused(page);
    if (wanted.test(found)) return passed;
    passed.push(found);
  }
  assert.fail(`${wanted} is not among ${passed.join(' | ')}`);
}

scenario(
  'from the first file to the saved output',
  async ({ page }) => {
    await tabTo(page, /^Choose files$/);
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(['gold.mrc', 'half_noisier.mrc'].map((name) => join(AUTO, name)));
    await page.locator('#files .row').nth(1).waitFor();
    await tabTo(page, /^Files$/);
    assert.match(await page.getAttribute('#files', 'aria-activedescendant'), /^file-\d+$/);
    await page.keyboard.press('End');
    await page.locator('#details .name').filter({ hasText: 'half_noisier.mrc' }).waitFor();
    await page.keyboard.press('Home');
    await page.locator('#details .name').filter({ hasText: 'gold.mrc' }).waitFor();
    await page.locator('.look-bits table').waitFor();
    await page.locator('.look-split canvas[data-bits]:not([data-bits=""])').waitFor();
    await drawn(page);

    // Pictures, the line between them, what is shown, greys, the slider of bits, plots and the table, in this order.
    const canvas = page.locator('.look-split canvas');
    await tabTo(page, /^gold\.mrc, 256 x 256; /);
    await tabTo(page, /^Left of the line the original, right of it stored with \d+ bits; /);
    const scale = () => canvas.getAttribute('data-scale').then(Number);
    const all = await scale();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await page.waitForFunction((all) => Number(document.querySelector('.look-split canvas').dataset.scale) > all, all);
    await page.keyboard.press('0');
    await page.waitForFunction((all) => Number(document.querySelector('.look-split canvas').dataset.scale) === all, all);
    for (const [key, mode] of [['4', 'difference'], ['1', 'split']]) {
      await page.keyboard.press(key);
      assert.equal(await canvas.getAttribute('data-mode'), mode);
    }
    await tabTo(page, /^Line between original and stored$/);
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('.look-line').getAttribute('aria-valuetext'), /^the original on 48 %/);
    await tabTo(page, /^shown$/);
    await tabTo(page, /^black$/);
    await tabTo(page, /^try$/);
    await page.keyboard.press('Home');
    await soon(async () => assert.match(await page.locator('[name=try]').getAttribute('aria-valuetext'), /^2 bits: step .*the picture is lost/));
    await tabTo(page, /^log$/);
    await tabTo(page, /^log-frequency$/);
    await tabTo(page, /^Use 2 bits$/);
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    assert.equal(await page.inputValue('[name=bits]'), '5');

    // Back to the top: starting and saving.
    await page.locator('h1').click();
    await page.locator('#start:enabled').waitFor(); // the settings are checked first
    await tabTo(page, /^Start$/);
    await page.keyboard.press('Enter');
    await settled(page);
    await page.locator('#said').filter({ hasText: /is finished/ }).waitFor({ state: 'attached' });
    await tabTo(page, /^Files$/);
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'Save gold.hdf');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'gold.hdf');
    await page.keyboard.press('Escape');
    assert.equal(await focused(page), 'Files', 'Escape leads back to the list');
    await page.keyboard.press('Delete');
    await page.locator('#details .name').filter({ hasText: 'half_noisier.mrc' }).waitFor();
  },
  { visitor: true },
);
