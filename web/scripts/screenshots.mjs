// The pictures of the page in the documents: docs/figures/page-*.png, always of the same file and size.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open, settled } from '../tests/chromium.mjs';
import { details } from '../tests/rows.mjs';
import { ROOT_FOLDER } from './cargo.mjs';
import { serve } from './server.mjs';

const FIGURES = join(ROOT_FOLDER, 'docs/figures');
const EXAMPLE = join(ROOT_FOLDER, 'examples/micrograph.mrc');
const SIZE = { width: 1280, height: 800 };

// Others of the tests' inputs, so that the list has images of several kinds.
const OTHERS = ['u8_movie.mrcs', 'f32_positive.mrc', 'f32_stack.mrcs', 'u16_micrograph.mrc'].map((name) => join(ROOT_FOLDER, 'tests/data', name));

async function picture(page, name, clip) {
  const bytes = await page.screenshot({ animations: 'disabled', caret: 'hide', ...(clip && { clip }) });
  writeFileSync(join(FIGURES, name), bytes);
  console.log(`docs/figures/${name}  ${bytes.length} bytes`);
}

/** Pixels of the original and of what would be stored differ: without a reader's hint the split would be empty. */
async function split(page) {
  const look = page.locator('#look');
  await look.locator('.look-split canvas').waitFor();
  await page.waitForFunction(() => document.querySelector('#look').dataset.shows !== 'nothing');
  await look.locator('.look-bits table').waitFor({ state: 'visible', timeout: 60_000 });
  // Four bits: few enough that the codes can be seen in the histogram.
  const row = look.locator('.look-bits tbody tr').filter({ hasText: /^\s*4\b/ });
  await row.first().click();
  await page.waitForTimeout(1000);
}

const server = await serve();
const browser = await launch({ context: { viewport: SIZE, deviceScaleFactor: 1, colorScheme: 'light' } });
try {
  const page = await open(browser.context, server.address);
  await page.selectOption('[name=bits]', 'auto');
  await page.setInputFiles('input[type=file]', [EXAMPLE, ...OTHERS]);
  await settled(page);
  await details(page, 'micrograph.mrc');
  await page.waitForTimeout(2000);
  await page.evaluate(() => document.activeElement?.blur());
  await picture(page, 'page-list.png');
  await split(page);
  const look = await page.locator('#look').boundingBox();
  if (!look) throw new Error('the page shows no look');
  await page.locator('.look-pictures').scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector('#details .name').scrollIntoView());
  await picture(page, 'page-look.png');
} finally {
  await browser.close();
  await server.close();
}
