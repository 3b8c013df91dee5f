// What axe-core finds, in light and dark, wide and narrow, in each state.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { choose, open, screenshot, settled } from './chromium.mjs';
import { DATA } from './expected.mjs';
import { folder, image } from './inputs.mjs';
import { row } from './rows.mjs';
import { suite } from './scenario.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');


async function assertNothingFound(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => self.axe.run());
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, []);
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test(`${colorScheme}, ${width} pixels wide`, { timeout: 400_000 }, async (context) => {
      const page = await open(suite.browser.context, suite.server.address);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await assertNothingFound(page);
      await page.click('#settings summary');
      await assertNothingFound(page);
      await page.click('#settings summary');
      await choose(page, { limits: 'explicit', pair: ['', ''] });
      await assertNothingFound(page);
      await choose(page);
      const long = image(join(folder(context), 'long.mrc'), { nx: 8192, ny: 8192, nz: 24, mode: 1, noisy: 8 });
      const inputs = ['u16_micrograph.mrc', 'nan_pixel.mrc', 'expected.json'].map((name) => join(DATA, name));
      await page.setInputFiles('input[type=file]', [...inputs, long, join(DATA, 'u8_full.mrc')]);
      await row(page, 'long.mrc').filter({ hasText: /\d+ %/ }).waitFor();
      await assertNothingFound(page);
      await page.click('#cancel-all');
      await settled(page);
      await assertNothingFound(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} pixels wider than the screen`);
      await screenshot(page, `${colorScheme}-${width}`);
      await page.close();
    });
  }
}

test('what happens is said aloud', async () => {
  const page = await open(suite.browser.context, suite.server.address);
  const said = page.locator('[role=status]');
  await page.setInputFiles('input[type=file]', join(DATA, 'u8_full.mrc'));
  await said.filter({ hasText: 'u8_full.mrc is finished' }).waitFor();
  await page.setInputFiles('input[type=file]', join(DATA, 'expected.json'));
  await said.filter({ hasText: 'expected.json failed: this is a JSON document' }).waitFor();
  await page.close();
});

test('nothing is cut off: settings are on one line where there is room, and choices are as wide as their words', async () => {
  const page = await open(suite.browser.context, suite.server.address, { visitor: true });
  for (const width of [1600, 1200]) {
    await page.setViewportSize({ width, height: 800 });
    const tops = await page.locator('#settings .bar > :not(:disabled)').evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect()));
    const middles = tops.map(({ top, bottom }) => (top + bottom) / 2);
    assert.ok(Math.max(...middles) - Math.min(...middles) < 8, `${width}: ${middles}`);
  }
  await page.click('#settings summary');
  // Words of the choice that is shown, and room for an arrow beside them.
  const narrow = await page.locator('#settings select').evaluateAll((fields) => {
    const context = document.createElement('canvas').getContext('2d');
    const cut = [];
    for (const field of fields) {
      if (!field.checkVisibility()) continue;
      const style = getComputedStyle(field);
      context.font = style.font;
      for (const option of field.options) {
        field.value = option.value;
        const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        if (context.measureText(option.text).width > room) cut.push(`${field.name}: ${option.text}`);
      }
      field.selectedIndex = 0;
    }
    return cut;
  });
  assert.deepEqual(narrow, []);
  await page.close();
});
